"""How a benchmark says what it measured: a column of a table for people, a file for machines."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / ".bench"


def spread(values: Sequence[float], digits: int) -> str:
    """Return ``median (min-max)``."""
    middle, least, most = (f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"{middle} ({least}-{most})"


def write(name: str, figures: dict[str, float], baseline: dict[str, float]) -> None:
    """Write ``.bench/<name>.json``: our figures, and those of what they are compared with."""
    body = {
        "name": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.platform()}",
        "figures": {key: round(value, 3) for key, value in figures.items()},
        "baseline": {key: round(value, 3) for key, value in baseline.items()},
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(body, indent=1) + "\n", "utf-8")

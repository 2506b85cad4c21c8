"""What ruff finds, in themes that people can read; it reads the code and runs none of it."""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ruff import find_ruff_bin

SECONDS = 10.0
MAX_FINDINGS = 300

THEMES: Mapping[str, tuple[str, ...]] = {
    "Bugs likely": ("F5", "F6", "F7", "B", "PLE", "PLW", "A", "RUF006", "RUF012", "RUF015", "E711", "E712", "E714"),
    "Names that are not there": ("F82",),
    "Unused": ("F401", "F811", "F841", "B007", "B018", "ARG", "ERA001"),
    "Error handling": ("E722", "BLE001", "S110", "S112", "TRY002", "TRY201", "TRY203", "TRY400", "TRY401", "B904"),
    "Complexity": ("C901", "PLR0911", "PLR0912", "PLR0913", "PLR0915", "PLR1702", "SIM102"),
    "Naming": ("N", "E741"),
    "Simpler or faster ways": ("SIM", "C4", "PERF", "RET", "PIE", "PLR1", "PLR5", "FURB", "UP0"),
    "Safety": ("S1", "S2", "S3", "S5", "S6"),
    "Style": ("E1", "E2", "E3", "E4", "E5", "E7", "W", "D1"),
}
"""Theme to rules; of several that fit, the longest beginning of a rule decides."""

_LEFT_OUT = ("S101", "S311", "E402", "E302", "E303", "E305", "W292", "W391", "D1", "E501", "B018", "PLW0603", "PLR2004")
"""Rules that a notebook breaks by being one, or that say nothing about a task of an hour."""

_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Finding:
    """One thing that ruff found.

    Attributes:
        rule: ruff's name of it, for example ``F841``.
        cell: number of the cell, from 1.
        line: of that cell, from 1.
    """

    theme: str
    rule: str
    says: str
    cell: int
    line: int


class RuffFailedError(Exception):
    """Ruff could not read the code."""


def find(cells: Sequence[tuple[int, bool, str]], unread: Iterable[str]) -> list[Finding]:
    """Return what there is to say about somebody's own cells, at most 300 findings.

    Args:
        cells: number, whether it is their own, and plain Python, in the order of the notebook.
        unread: cells that are no Python; names in them may be what another cell needs.

    Raises:
        RuffFailedError: it did not come to an end.
    """
    places: list[tuple[int, int, bool]] = []
    lines: list[str] = []
    for number, own, source in cells:
        for line, text in enumerate(source.split("\n"), 1):
            places.append((number, line, own))
            lines.append(text)
        # A blank line between two cells, which is no line of either.
        places.append((number, 0, False))
        lines.append("")
    known = {word for source in unread for word in _WORD.findall(source)}
    found = []
    for one in _ruff("\n".join(lines) + "\n"):
        number, line, own = _place(one, places)
        says = str(one.get("message", ""))[:300]
        if own and line and not (one.get("code") == "F821" and known & set(_WORD.findall(says))):
            rule = str(one.get("code") or "")
            found.append(Finding(theme_of(rule), rule, says, number, line))
    return found[:MAX_FINDINGS]


@cache
def theme_of(rule: str) -> str:
    """Return the theme of a rule."""
    fitting = [(len(start), theme) for theme, starts in THEMES.items() for start in starts if rule.startswith(start)]
    return max(fitting)[1] if fitting else "Style"


def _place(one: Mapping[str, Any], places: Sequence[tuple[int, int, bool]]) -> tuple[int, int, bool]:
    row = one.get("location", {}).get("row", 0)
    return places[row - 1] if isinstance(row, int) and 0 < row <= len(places) else (0, 0, False)


def _ruff(source: str) -> list[dict[str, Any]]:
    selected = sorted({start for starts in THEMES.values() for start in starts})
    options = ["--isolated", "--no-cache", "--quiet", "--exit-zero", "--output-format=json", "--target-version=py311"]
    options += [
        f"--select={','.join(selected)}",
        f"--ignore={','.join(_LEFT_OUT)}",
        "--line-length=120",
        "--no-preview",
    ]
    # Its output goes to a file: what is found can be far more than what was handed in.
    with tempfile.TemporaryFile() as out:
        try:
            done = subprocess.run(
                [find_ruff_bin(), "check", *options, "--stdin-filename=cells.py", "-"],
                input=source.encode("utf-8", "replace"),
                stdout=out,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
            )
        except (subprocess.TimeoutExpired, OSError) as error:
            raise RuffFailedError(f"ruff did not come to an end: {type(error).__name__}") from error
        out.seek(0)
        text = out.read(20_000_000)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise RuffFailedError(f"ruff ended with {done.returncode}") from error
    return [one for one in found if isinstance(one, dict)]

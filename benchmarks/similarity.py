"""How long 28, 280 and 1,120 submissions of one question take to be compared with each other.

Submissions are real solutions of the library's largest coding question, each changed by chance: lines in another order,
other names and numbers, and parts of other solutions; one in twenty is a renamed copy of another.
"""

import json
import platform
import random
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from assay_assignments.analysis.similarity import pairs_of, prints_of

ROOT = Path(__file__).parents[1]
SIZES = (28, 280, 1120)
COPIES = 20


def sources() -> list[str]:
    """Return the lines of the library's solutions, a function each."""
    found = []
    for path in sorted((ROOT / "assignments" / "library").glob("*/question.ipynb")):
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution"):
                found += re.split(r"\n(?=def )", "".join(cell["source"]))
    return [one for one in found if one.startswith("def ") and "    " in one]


def submission(functions: list[str], number: int) -> str:
    """Return the work of one person: eight functions, changed by chance."""
    seed = number // COPIES * COPIES if number % COPIES == 1 else number
    chance = random.Random(seed)  # noqa: S311  # made-up work
    chosen = [chance.choice(functions).split("\n") for _ in range(8)]
    for lines in chosen:
        for _ in range(len(lines) // 3):
            lines.insert(chance.randrange(1, len(lines) + 1), chance.choice(chance.choice(functions).split("\n")[1:]))
    text = "\n".join("\n".join(lines) for lines in chosen)
    return text.replace("result", f"result_{number}")


def main() -> None:
    """Measure, print, and keep the figures."""
    functions = sources()
    figures = {}
    for many in SIZES:
        works = {f"s{one:04}": submission(functions, one) for one in range(many)}
        lines = sum(text.count("\n") + 1 for text in works.values()) // many
        began = time.perf_counter()
        prints = {name: prints_of([(1, text)], functions[:1]) for name, text in works.items()}
        read = time.perf_counter()
        pairs = pairs_of(prints)
        ended = time.perf_counter()
        whole = ended - began
        print(
            f"{many:5} submissions of {lines} lines: {whole:6.2f} s, {read - began:.2f} s to read, {len(pairs)} pairs"
        )
        figures[f"seconds_{many}"] = round(whole, 3)
    kept = ROOT / ".bench" / "similarity.json"
    kept.parent.mkdir(exist_ok=True)
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    body = {"name": "similarity", "at": datetime.now(UTC).isoformat(), "machine": machine, "figures": figures}
    kept.write_text(json.dumps({**body, "baseline": {}}, indent=2))


if __name__ == "__main__":
    main()

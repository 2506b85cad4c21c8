"""A course that uses what nbgrader has, and students who answer in every honest way, chosen by a seed.

Two notebooks, a header, autotests plain and hashed, files beside the notebooks, manual answers, a task, partial and
extra credit, a date by which to hand in and a plug-in for who is late.
"""

import json
import random
from pathlib import Path
from typing import Any

import nbgrader as installed
from integration.course.rentals import answer, check, code, essay, markdown, nbgrader, notebook

ASSIGNMENT = "mixed"
DUE = "2026-03-01 12:00:00 UTC"
_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "mixture"
c.IncludeHeaderFooter.header = "source/header.ipynb"
c.AssignLatePenalties.plugin_class = "lateness.Lateness"
c.Autograde.exclude_overwriting = {"mixed": ["helper.txt"]}
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "harmless"
c.Execute.timeout = 20
"""
_PLUGIN = """
from nbgrader.plugins import BasePlugin

class Lateness(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1.5 if total_seconds_late < 7200 else score + 1
"""
POOL: dict[str, tuple[str, tuple[str, ...]]] = {
    "half": (
        "def half(x):\n    return x / 2",
        (
            "%%time\ndef half(x):\n    return x / 2",
            "def half(x):\n    return x // 2",
            "def half(x):\n    raise ValueError('no half')",
            "half = lambda x: x * 0.5",
            "def half(x):\n    print('halving', x)\n    return x / 2",
            "def half(x):\n    import sys\n    print('careful', file=sys.stderr)\n    return x / 2",
            "def half(x):\n    import sys\n    print('harmless', file=sys.stderr)\n    return x / 2",
            "def half(x)\n    return x / 2",
            "from functools import partial\nimport operator\nhalf = partial(operator.mul, 0.5)",
            "def half(x):\n    while True:\n        raise KeyError(x)",
        ),
    ),
    "table": (
        "table = {n: n * n for n in range(5)}",
        (
            "table = {}\nfor n in range(5):\n    table[n] = n ** 2\ntable",
            "table = {n: n + n for n in range(5)}",
            "table = [n * n for n in range(5)]",
            "!echo '[0, 1, 4, 9, 16]' > squares.json\ntable = dict(enumerate(eval(open('squares.json').read())))",
            "import asyncio\nasync def squares():\n    return {n: n * n for n in range(5)}\ntable = await squares()",
            "answer = input('squares? ')\ntable = {}",
            "table = {n: n * n for n in range(4)}\nprint('x' * 500)",
        ),
    ),
    "words": (
        "words = sorted(open('words.txt').read().split())",
        (
            "%%writefile mine.txt\nb a",
            "found = !sort words.txt\nwords = list(found)",
            "from IPython.display import HTML, display\ndisplay(HTML('<b>words</b>'))\nwords = ['a', 'b', 'c']",
            "words = ('a', 'b', 'c')",
            "with open('words.txt') as file:\n    words = sorted(line.strip() for line in file)",
            "words = sorted(open('missing.txt'))",
        ),
    ),
    "tidy": (
        "def tidy(values):\n    values.sort()",
        (
            "def tidy(values):\n    return sorted(values)",
            "def tidy(values):\n    values[:] = sorted(values, reverse=True)",
            "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\ndef tidy(values):\n    values.sort()",
            "def tidy(values):\n    del values[:]",
        ),
    ),
    "mean": (
        "mean = 2.5",
        (
            "mean = 5 / 2",
            "mean = 2",
            "mean = '2.5'",
            "mean = round(2.49999, 2)",
            "import numpy as np\nmean = np.float64(2.5)",
        ),
    ),
    "secret": ("secret = 'salt'", ("secret = 'sal' + 't'", "secret = 'pepper'", "secret = ['salt']")),
}
"""By the name of an answer: the right one, and others."""


def make_mixture(folder: Path, students: int, seed: int, *, completed: bool = False) -> Path:
    """Write the course with a gradebook and submissions; ``completed`` has missing cells put back."""
    source = folder / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    (source / "mixed.ipynb").write_text(json.dumps(notebook(_mixed())))
    (source / "second.ipynb").write_text(json.dumps(notebook(_second())))
    (source / "words.txt").write_text("c\na\nb\n")
    (source / "helper.txt").write_text("the author's")
    header = [markdown("# Rules of this course"), code("import math")]
    (folder / "source" / "header.ipynb").write_text(json.dumps(notebook(header)))
    (folder / "lateness.py").write_text(_PLUGIN)
    more = "c.OverwriteCells.add_missing_cells = True\n" if completed else ""
    (folder / "nbgrader_config.py").write_text(_CONFIG + more)
    tests = Path(installed.__file__).parent / "docs" / "source" / "user_guide" / "autotests.yml"
    (folder / "autotests.yml").write_bytes(tests.read_bytes())
    nbgrader(folder, "db", "assignment", "add", ASSIGNMENT, f"--duedate={DUE}")
    nbgrader(folder, "generate_assignment", ASSIGNMENT)
    for number in range(students):
        _hand_in(folder, f"student{number:02d}", random.Random(f"{seed}/{number}"))  # noqa: S311  # made up
    return folder


def _mixed() -> list[dict[str, Any]]:
    cells = [markdown("# A bit of everything"), code("import sys\nscale = 4", grade_id="setup", locked=True)]
    tests = {
        "half": [
            check("half-1", 2, "assert half(4) == 2", "assert half(7) == 3.5"),
            check("half-2", 4, "_score = 0\nfor n in range(scale):\n    _score += half(n) == n / 2\n_score"),
            check("half-3", 2, "half(3)"),
        ],
        "table": [
            check("table-1", 1, "assert table[2] == 4"),
            check("table-2", 3, "sum(table.get(n) == n * n for n in (1, 3, 4))"),
        ],
        "words": [check("words-1", 2, "assert words == ['a', 'b', 'c']"), check("words-2", 1, "len(words) == 3")],
        "tidy": [check("tidy-1", 1, "_values = [3, 1, 2]\ntidy(_values)\nassert _values == [1, 2, 3]")],
        "mean": [check("mean-1", 2, "# AUTOTEST mean; round(mean)")],
        "secret": [check("secret-1", 2, "# HASHED AUTOTEST secret; len(secret)")],
    }
    for name, (right, _) in POOL.items():
        cells += [markdown(f"## {name}"), answer(name, f"\n{right}"), *tests[name]]
    return cells


def _second() -> list[dict[str, Any]]:
    return [
        markdown("# Words"),
        essay("why", 3),
        code("# Sketch it", grade_id="sketch", grade=True, solution=True, points=2),
        markdown("Read a paper, and write below.", grade_id="read", task=True, locked=True, points=5),
        answer("add", "\ndef add(a, b):\n    return a + b"),
        check("add-1", 1, "assert add(1, 2) == 3"),
        check("bonus", 0, "assert add('a', 'b') == 'ab'"),
    ]


def _hand_in(folder: Path, student: str, chance: random.Random) -> None:
    place = folder / "submitted" / student / ASSIGNMENT
    place.mkdir(parents=True)
    released = folder / "release" / ASSIGNMENT
    mixed = json.loads((released / "mixed.ipynb").read_text())
    for cell in mixed["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in POOL and chance.random() < 0.95:
            right, others = POOL[name]
            cell["source"] = right if chance.random() < 0.3 else chance.choice(others)
    _disturb(mixed, chance)
    (place / "mixed.ipynb").write_text(json.dumps(mixed))
    second = json.loads((released / "second.ipynb").read_text())
    for cell in second["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in ("why", "sketch") and chance.random() < 0.6:
            cell["source"] = "# Because it is."
        elif name == "add":
            cell["source"] = chance.choice(("def add(a, b):\n    return a + b", "def add(a, b):\n    return 3", ""))
    if chance.random() < 0.85:
        (place / "second.ipynb").write_text(json.dumps(second))
    (place / "helper.txt").write_text(f"of {student}")
    (place / "words.txt").write_text("not these\n")
    hour = chance.choice(("11:59:59", "12:00:01", "13:30:00", "20:00:00"))
    zone = chance.choice((" UTC", "", " +0000", " Europe/Vienna"))
    if chance.random() < 0.9:
        (place / "timestamp.txt").write_text(f"2026-03-01 {hour}{zone}\n")


def _disturb(mixed: dict[str, Any], chance: random.Random) -> None:
    """Move, delete, add and change cells, as people do."""
    cells = mixed["cells"]
    own = {"cell_type": "code", "id": "own", "metadata": {}, "outputs": [], "execution_count": 3}
    if chance.random() < 0.5:
        cells.insert(chance.randrange(3, len(cells)), {**own, "source": "print('mine')\n1 / 0"})
    if chance.random() < 0.3:
        tests = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade")]
        cells.remove(chance.choice(tests))
    if chance.random() < 0.3:
        place = chance.randrange(3, len(cells) - 1)
        cells[place], cells[place + 1] = cells[place + 1], cells[place]
    if chance.random() < 0.3:
        for cell in cells:
            marks = cell["metadata"].get("nbgrader", {})
            if marks.get("grade"):
                cell["source"] = "pass"
                marks["points"] = 50
    if chance.random() < 0.2:
        mixed["nbformat_minor"] = 4
        for cell in cells:
            cell.pop("id", None)

"""A made-up course about bike rentals: an assignment with six tests and an essay, and as many submissions as wanted."""

import copy
import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ASSIGNMENT, NOTEBOOK = "ps1", "rentals"
HONEST = 28
_TIMESTAMP = "2026-03-01 09:00:00 UTC"
_ROWS, _STATIONS = 4_000, ("harbour", "market", "museum", "station", "university")
_ANSWERS = {
    "clean": (
        "def clean(rides):",
        """
    kept = rides.drop_duplicates("ride").dropna(subset=["minutes"])
    kept = kept[(kept["minutes"] > 0) & (kept["minutes"] < 24 * 60)]
    return kept.sort_values("ride").reset_index(drop=True)""",
        "\n    return rides.dropna()",
    ),
    "busiest": (
        "def busiest(rides, n=2):",
        """
    counts = rides.groupby("start").size().sort_values(ascending=False)
    return list(counts.head(n).index)""",
        "\n    return sorted(rides['start'].unique())[:n]",
    ),
    "hourly": (
        "def hourly(rides):",
        """
    hours = pd.to_datetime(rides["at"]).dt.hour
    return rides.groupby(hours)["minutes"].mean().reindex(range(24), fill_value=0.0)""",
        "\n    return rides.groupby('start')['minutes'].mean()",
    ),
    "price": (
        "def price(minutes):",
        """
    minutes = np.asarray(minutes, dtype=float)
    return 1.0 + 0.15 * np.clip(np.ceil(minutes) - 15, 0, None)""",
        "\n    return 1.0 + 0.15 * np.asarray(minutes)",
    ),
    "trips": (
        "def trips(rides):",
        """
    pairs = rides.pivot_table(index="start", columns="end", values="ride", aggfunc="count", fill_value=0)
    return pairs.astype(int)""",
        "\n    return rides.groupby(['start', 'end']).size()",
    ),
    "spread": (
        "def spread(values, rounds=500, seed=0):",
        """
    chance = np.random.default_rng(seed)
    values = np.asarray(values, dtype=float)
    means = chance.choice(values, (rounds, len(values))).mean(axis=1)
    return float(means.std())""",
        "\n    return float(np.std(values))",
    ),
}
_HIDDEN = {
    "clean": """
assert (_clean['minutes'].between(0, 1440, inclusive='neither')).all()  # HIDDEN_1
assert _clean['ride'].is_unique and len(_clean) == {kept}""",
    "busiest": """
_counts = clean(rides)['start'].value_counts()
assert busiest(clean(rides), 3) == list(_counts.index[:3])  # HIDDEN_2""",
    "hourly": """
_mean = clean(rides).groupby(pd.to_datetime(clean(rides)['at']).dt.hour)['minutes'].mean()
np.testing.assert_allclose(_hourly[list(_mean.index)], _mean)  # HIDDEN_3""",
    "price": """
np.testing.assert_allclose(price([15.2, 75]), [1.15, 10.0])  # HIDDEN_4""",
    "trips": """
assert trips(clean(rides)).to_numpy().sum() == {kept}  # HIDDEN_5""",
    "spread": """
_values = np.random.default_rng(3).normal(10, 2, 400)
_points = 0.0
_points += float(abs(spread(_values) - 0.1) < 0.03)
_points += float(spread(_values) == spread(_values))  # HIDDEN_6
_points""",
}
_TESTS: dict[str, tuple[float, str]] = {
    "clean": (2, "_clean = clean(rides)\nassert _clean['minutes'].notna().all()"),
    "busiest": (2, "assert len(busiest(clean(rides))) == 2"),
    "hourly": (2, "_hourly = hourly(clean(rides))\nassert len(_hourly) == 24"),
    "price": (1, "np.testing.assert_allclose(price([5, 15, 16]), [1.0, 1.0, 1.15])"),
    "trips": (1, "assert trips(clean(rides)).shape == (5, 5)"),
    "spread": (2, "assert spread([1, 2, 3]) > 0"),
}


def make_course(folder: Path, submissions: int = HONEST, *, seed: int = 7) -> Path:
    """Write a course with a gradebook and submissions, and return its folder."""
    source = folder / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    kept = _write_rides(source / "rides.csv", seed)
    (source / f"{NOTEBOOK}.ipynb").write_text(json.dumps(notebook(_source(kept)), indent=1))
    (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'rentals'\n")
    nbgrader(folder, "generate_assignment", ASSIGNMENT)
    released = json.loads((folder / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text())
    for number in range(submissions):
        name, answers = _variant(number, random.Random(f"{seed}/{number % HONEST}"))  # noqa: S311
        hand_in(folder, f"{name}{number:04d}", answered(released, answers))
    return folder


def nbgrader(folder: Path, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run nbgrader in a course folder."""
    bin_folder = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
    environment |= {"JUPYTER_PREFER_ENV_PATH": "1", "HOME": str(folder)}
    command = [sys.executable, "-m", "nbgrader", *words]
    return subprocess.run(command, cwd=folder, env=environment, check=check, capture_output=True, text=True)


def assay(folder: Path, *words: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``assay grade`` on a course folder."""
    command = [sys.executable, "-m", "assay_hub.cli", "grade", str(folder), *words]
    own = {**os.environ, "ASSAY_DATA": str(folder / ".assay"), **(environment or {})}
    return subprocess.run(command, env=own, check=False, capture_output=True, text=True)


def hand_in(folder: Path, student: str, handed_in: Mapping[str, Any] | bytes) -> Path:
    """Write a submission and return its folder."""
    place = folder / "submitted" / student / ASSIGNMENT
    place.mkdir(parents=True)
    content = handed_in if isinstance(handed_in, bytes) else json.dumps(handed_in, indent=1).encode()
    (place / f"{NOTEBOOK}.ipynb").write_bytes(content)
    (place / "rides.csv").write_bytes((folder / "source" / ASSIGNMENT / "rides.csv").read_bytes())
    (place / "timestamp.txt").write_text(_TIMESTAMP)
    return place


def answered(released: Mapping[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
    """Return a released notebook with answers in place of what stands there."""
    filled: dict[str, Any] = copy.deepcopy(dict(released))
    for cell in filled["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell["source"] = answers[name]
    return filled


def solutions(*wrong: str) -> dict[str, str]:
    """Return right answers to everything, but for these."""
    answers = {name: head + (bad if name in wrong else good) for name, (head, good, bad) in _ANSWERS.items()}
    return {**answers, "conclusion": "The harbour is busiest in the evening, so bikes should go there at noon."}


def _variant(number: int, chance: random.Random) -> tuple[str, dict[str, str]]:  # noqa: PLR0911  # one after the other
    """Return what a student of that number hands in: twelve of 28 are right, the others are not in every way."""
    place = number % HONEST
    answers = solutions()
    if place < 12:
        return "right", answers
    if place < 20:
        return "part", solutions(*chance.sample(sorted(_ANSWERS), chance.randint(1, 3)))
    if place < 23:
        return "raise", {
            **answers,
            chance.choice(sorted(_ANSWERS)): "def oops():\n    raise ValueError('oops')\noops()",
        }
    if place < 25:
        return "empty", {}
    if place == 25:
        return "syntax", {**answers, "hourly": "def hourly(rides)\n    return 1"}
    if place == 26:
        warned = _ANSWERS["price"][0] + "\n    import warnings\n    warnings.warn('careful')" + _ANSWERS["price"][1]
        return "stderr", {**answers, "price": warned}
    return "chatty", {**answers, "trips": "for line in range(5_000):\n    print('x' * 99)\n" + answers["trips"]}


def notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a notebook of these cells."""
    for place, cell in enumerate(cells):
        cell["id"] = f"c{place:03d}"
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}


def markdown(source: str, **marks: Any) -> dict[str, Any]:
    """Return a cell of text."""
    return {"cell_type": "markdown", "metadata": _marked(marks), "source": source}


def code(source: str, **marks: Any) -> dict[str, Any]:
    """Return a cell of code."""
    return {"cell_type": "code", "metadata": _marked(marks), "source": source, "outputs": [], "execution_count": None}


def check(name: str, points: float, source: str, hidden: str = "") -> dict[str, Any]:
    """Return a test."""
    region = f"\n### BEGIN HIDDEN TESTS\n{hidden.strip()}\n### END HIDDEN TESTS" if hidden else ""
    return code(source + region, grade_id=name, grade=True, locked=True, points=points)


def answer(name: str, source: str, head: str = "") -> dict[str, Any]:
    """Return a cell with a solution."""
    return code(f"{head}\n### BEGIN SOLUTION{source}\n### END SOLUTION".strip(), grade_id=name, solution=True)


def essay(name: str, points: float, source: str = "Say what you conclude.") -> dict[str, Any]:
    """Return a question that a person grades."""
    return markdown(source, grade_id=name, grade=True, solution=True, points=points)


def _marked(marks: Mapping[str, Any]) -> dict[str, Any]:
    usual = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**usual, **marks}} if marks else {}


def _source(kept: int) -> list[dict[str, Any]]:
    cells = [
        markdown("# Bike rentals\n\nThe rides of a month, as the stations report them. Answer all six questions."),
        code("import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd"),
        code("rides = pd.read_csv('rides.csv')\nrides.head()", grade_id="load", locked=True),
    ]
    for name, (head, good, _) in _ANSWERS.items():
        points, shown = _TESTS[name]
        cells.append(markdown(f"## `{name}`"))
        cells.append(answer(name, good, head))
        cells.append(check(f"test-{name}", points, shown, _HIDDEN[name].replace("{kept}", str(kept))))
        if name == "hourly":
            cells.append(code("hourly(clean(rides)).plot.bar()\nplt.show()"))
    return [*cells, essay("conclusion", 3)]


def _write_rides(path: Path, seed: int) -> int:
    """Write rides, some of them twice, broken off or without an end, and return how many are sound."""
    chance = random.Random(seed)  # noqa: S311  # made-up rides
    rows = []
    for ride in range(_ROWS):
        hour, minute = chance.choices(range(24), range(1, 25))[0], chance.randrange(60)
        at = f"2026-02-{1 + ride * 28 // _ROWS:02d} {hour:02d}:{minute:02d}"
        start, end = (chance.choices(_STATIONS, (9, 4, 2, 7, 5))[0] for _ in range(2))
        minutes = chance.choices((round(chance.gammavariate(2, 11) + 1, 1), "", -1.0, 2000.0), (95, 3, 1, 1))[0]
        rows.append((ride, at, start, end, minutes))
    kept = sum(1 for *_, minutes in rows if minutes != "" and 0 < float(minutes) < 1440)
    rows += chance.sample(rows, 100)
    chance.shuffle(rows)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("ride", "at", "start", "end", "minutes"), *rows])
    return kept

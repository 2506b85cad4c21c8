"""What a check finds: one fault each in a question that is sound without it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plain_runner import PlainRunner

from assay_assignments import cells as made
from assay_assignments.check import Report, check
from assay_assignments.exchange import Found, write_question
from assay_assignments.template import new_question

GENERATE = """import sys
from pathlib import Path

(Path(sys.argv[1]) / "rows.csv").write_text("n\\n1\\n")
"""
GROWTH = """FUNCTION = "total"
SIZES = (1, 2, 4, 8, 16)
EXPECTED = "O(n)"


def arguments(size):
    return (list(range(size)),)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An official question that passes, with data and inputs for growth."""
    files = {name: one.replace(b"TODO(author)", b"Done") for name, one in new_question("ask-me", "live coding").items()}
    changed = files["question.toml"].replace(b"official = false", b"official = true")
    files["question.toml"] = changed.replace(b"files = []", b'files = ["rows.csv"]')
    files |= {"rows.csv": b"n\n1\n", "generate.py": GENERATE.encode(), "growth.py": GROWTH.encode()}
    return write_question(Found("ask-me", files), tmp_path)


def rewrite(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def cells(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the notebook's cells by their ``grade_id``; the statement is ``""``."""
    path = folder / "question.ipynb"
    body = json.loads(path.read_text())
    named = {cell["metadata"].get("nbgrader", {}).get("grade_id", ""): cell for cell in reversed(body["cells"])}
    change(named)
    path.write_text(json.dumps(body))


def severe(report: Report) -> list[tuple[str, str, str]]:
    return [(one.rule, one.where, one.text) for one in report.findings if one.severe]


def test_a_sound_question_passes_and_the_report_says_what_was_proved(folder: Path):
    report = check(folder, PlainRunner(), workers=1)

    assert severe(report) == []
    assert report.passed
    assert report.points == 2
    assert list(report.proved) == [
        "the solution gets all 2 points of 1 test",
        "what is released gets no point",
        "each of 2 mistakes loses the points of the test it is for, 1 of the tests in their hidden part alone",
        "two runs of the solution agree",
        "generate.py writes the same bytes again: rows.csv",
        "the solution takes the inputs of every size in growth.py",
    ]
    assert json.loads(json.dumps(report.as_json()))["passed"] is True


FAULTS: dict[str, tuple[str, str, str, str, str, str]] = {
    # file, old, new, rule, where, a word of the text
    "manifest": ("question.toml", "minutes = 30", "minutes = -1", "manifest", "question.toml", "minutes is a positive"),
    "another id": ("question.toml", '"ask-me"', '"other"', "manifest", "question.toml", "the folder is called ask-me"),
    "kernel": (
        "question.toml",
        "packages =",
        'kernel = "ir"\npackages =',
        "notebook",
        "question.ipynb",
        "its kernel",
    ),
    "hints": ("hints.md", "3. ", "- ", "guidance", "hints.md", "3 to 5 numbered hints (1. …)"),
    "follow-ups": ("follow_ups.md", "- ", ". ", "guidance", "follow_ups.md", "none is there"),
    "rubric": ("rubric.toml", "weight = 1", "weight = 0", "guidance", "rubric.toml", "weight is a number above 0"),
    "anchors": ("rubric.toml", "3 = ", "4 = ", "guidance", "rubric.toml", "anchors says in words what 1, 3, 5"),
    "title": ("question.toml", '"Ask me"', '"Ask them"', "statement", "", "# Ask them"),
    "mutants": ("mutants.toml", "why = ", "because = ", "mutants", "mutants.toml", "it has breaks, cell, find"),
    "mutant's cell": ("mutants.toml", "solution-total", "nothing", "mutants", "nothing", "there is no solution cell"),
    "mutant's test": (
        "mutants.toml",
        "'''test-total",
        "'''nothing",
        "mutants",
        "solution-total",
        "no test nothing",
    ),
    "mutant's text": ("mutants.toml", "'''sum(", "'''amount ", "mutants", "solution-total", "there 3 times"),
    "generator": ("generate.py", "1\\\\n", "2\\\\n", "generator", "generate.py", "other bytes than those of rows.csv"),
    "generator's file": (
        "generate.py",
        "rows.csv",
        "more.csv",
        "generator",
        "generate.py",
        "which is not in",
    ),
    "generator raises": ("generate.py", "import sys", "import sus", "generator", "generate.py", "ModuleNotFoundError"),
    "growth": ("growth.py", "O(n)", "O(sure)", "growth", "growth.py", "EXPECTED is one of"),
    "growth's function": ("growth.py", '"total"', '"nothing"', "growth", "growth.py", "FUNCTION is the name"),
    "growth's sizes": ("growth.py", "8, 16", "8, 8", "growth", "growth.py", "SIZES are 5 to 7 growing"),
    "growth by chance": ("growth.py", "list(range(size))", "object()", "growth", "growth.py", "raises"),
    "to do": ("hints.md", "1. ", "1. TODO(author): ", "words", "hints.md", "still to be done"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_a_file_is_found_and_told_in_plain_words(folder: Path, name: str):
    file, old, new, rule, where, words = FAULTS[name]
    rewrite(folder, file, old.replace("\\\\", "\\"), new.replace("\\\\", "\\"))

    report = check(folder, PlainRunner())

    assert any(one[:2] == (rule, where) and words in one[2] for one in severe(report)), severe(report)


def _wrong_solution(named: dict[str, Any]) -> None:
    named["solution-total"]["source"] = named["solution-total"]["source"].replace("is not None", "is None")


def _test_without_teeth(named: dict[str, Any]) -> None:
    named["test-total"]["source"] = "total"


def _hidden_in_the_middle(named: dict[str, Any]) -> None:
    named[""]["source"] += ' For example: assert total([]) == 0, "no amounts"'


def _outdated(named: dict[str, Any]) -> None:
    named["test-total"]["metadata"]["nbgrader"]["schema_version"] = 2


def _without_points(named: dict[str, Any]) -> None:
    named["test-total"]["metadata"]["nbgrader"]["points"] = 0


def _without_about(named: dict[str, Any]) -> None:
    del named["test-total"]["metadata"]["assay"]


def _long(named: dict[str, Any]) -> None:
    named[""]["source"] += "\n" * 70


def _by_chance(named: dict[str, Any]) -> None:
    named["solution-total"]["source"] += "\nimport uuid\n"
    named["test-total"]["source"] += "\nassert uuid.uuid4().int % 2**64 < 0, 'by chance'"


CELL_FAULTS: dict[Callable[[dict[str, Any]], None], tuple[str, str, str]] = {
    _wrong_solution: ("reference", "test-total", "the solution gets 0 of its 2 points: "),
    _test_without_teeth: ("starter", "test-total", "it gives 2 points for the notebook as it is released"),
    _hidden_in_the_middle: ("release", "question.ipynb", "is released"),
    _outdated: ("notebook", "question.ipynb", "Outdated schema version"),
    _without_points: ("notebook", "test-total", "a graded cell has points"),
    _without_about: ("words", "test-total", 'its metadata have no "assay": {"about": …}'),
    _long: ("statement", "", "60 at most"),
    _by_chance: ("reference", "test-total", "by chance"),
}


@pytest.mark.parametrize("change", CELL_FAULTS, ids=lambda change: change.__name__)
def test_a_fault_in_the_notebook_is_found_with_its_cell(folder: Path, change: Callable[[dict[str, Any]], None]):
    cells(folder, change)
    rule, where, words = CELL_FAULTS[change]

    report = check(folder, PlainRunner())

    assert any(one[:2] == (rule, where) and words in one[2] for one in severe(report)), severe(report)


def test_a_mutant_that_survives_is_told_of_and_a_test_without_one_as_well(folder: Path):
    rewrite(folder, "mutants.toml", "'''max('''", "'''0 + sum('''")
    rewrite(folder, "mutants.toml", "''' if amount is not None'''", "'''amount for amount'''")

    report = check(folder, PlainRunner())

    texts = [text for _, where, text in severe(report) if where == "test-total"]
    assert texts[0] == ("it does not find mutant 2 (the largest instead of the sum): it keeps all its points")


def test_a_test_whose_hidden_part_nothing_fails_is_told_of(folder: Path):
    rewrite(folder, "mutants.toml", "''' if amount is not None'''", "''' is not None'''")
    rewrite(folder, "mutants.toml", "replace = ''''''", "replace = ''' is None'''")

    report = check(folder, PlainRunner())

    assert [text for _, _, text in severe(report)] == [
        "no mutant gets through its visible part and fails in the hidden one"
    ]


def test_a_second_run_that_differs_is_told_of(folder: Path):
    class Moody(PlainRunner):
        def run(self, *arguments: Any) -> Any:
            found = super().run(*arguments)
            if self.runs == 2:
                found.results[-1]["status"] = "failed"
                found.results[-1]["outputs"][:] = [
                    {"output_type": "error", "ename": "AssertionError", "evalue": "now and then", "traceback": []}
                ]
            return found

    report = check(folder, Moody(), workers=1)

    assert ("repeat", "test-total") in [one[:2] for one in severe(report)]


def test_files_that_nobody_expects_and_data_that_are_too_large_are_told_of(folder: Path):
    (folder / "notes.txt").write_text("x")
    (folder / "rows.csv").write_bytes(b"n\n" + b"1\n" * 150_000)

    report = check(folder, PlainRunner())

    assert ("files", "notes.txt") in [one[:2] for one in severe(report)]
    assert any(where == "rows.csv" and "300 kB" in text for _, where, text in severe(report))


@pytest.mark.parametrize("inside", ["solution-total", "test-total"])
def test_a_hidden_line_or_a_whole_solution_in_a_data_file_is_a_leak(folder: Path, inside: str):
    body = json.loads((folder / "question.ipynb").read_text())
    named = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell["source"] for cell in body["cells"]}
    (folder / "rows.csv").write_text(named[inside])

    report = check(folder, PlainRunner())

    assert ("release", "question.ipynb") in [one[:2] for one in severe(report)]


def test_code_that_is_to_be_mended_shares_lines_with_its_solution(tmp_path: Path):
    mended = made.solution(
        "solve", "### BEGIN SOLUTION\ndef f(n):\n    total = n\n    return total + 1\n### END SOLUTION"
    )
    tests = made.test("try", 1, "t", "a", "assert f(1) == 2, 'f'")
    files = new_question("mend", "debugging")
    files["question.toml"] = files["question.toml"].replace(b"files = []", b'files = ["code.py"]')
    files["code.py"] = b"def f(n):\n    total = n\n    return total\n"
    files["question.ipynb"] = made.notebook("mend", [made.markdown("# Mend"), mended, tests])
    folder = write_question(Found("mend", files), tmp_path)

    report = check(folder, PlainRunner())

    assert [one for one in severe(report) if one[0] == "release"] == []


def test_what_the_house_asks_of_official_questions_is_advice_for_others(folder: Path):
    rewrite(folder, "question.toml", "official = true", "official = false")
    for name in ("hints.md", "follow_ups.md", "rubric.toml", "mutants.toml"):
        (folder / name).unlink()

    report = check(folder, PlainRunner())

    assert report.passed
    assert {one.where for one in report.findings} >= {"hints.md", "follow_ups.md", "rubric.toml", "test-total"}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"cells": 3}', b"\xff", b"{" * 100_000])
def test_a_notebook_that_is_none_is_a_finding_and_nothing_runs(folder: Path, content: bytes):
    (folder / "question.ipynb").write_bytes(content)
    runner = PlainRunner()

    report = check(folder, runner)

    assert ("notebook", "question.ipynb") in [one[:2] for one in severe(report)]
    assert runner.runs == 0


def test_a_question_whose_kernel_is_not_there_is_told_of(folder: Path):
    rewrite(folder, "question.toml", "packages =", 'kernel = "bash"\npackages =')
    rewrite(folder, "question.ipynb", '"name": "python3"', '"name": "bash"')
    rewrite(folder, "question.ipynb", '"language": "python"', '"language": "bash"')
    rewrite(folder, "question.toml", "files =", 'stub = "return 1"\nfiles =')
    cells(folder, lambda named: named["test-total"].update(source='[ "$(total 1 2)" = 3 ]'))

    report = check(folder, PlainRunner())

    assert ("reference", "question.ipynb") in [one[:2] for one in severe(report)]
    assert any("the kernel bash cannot be had here" in text for _, _, text in severe(report))
    assert not any(one.rule in {"notebook", "release"} for one in report.findings)

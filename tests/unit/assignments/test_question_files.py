"""Questions as files, and what is released of them."""

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest

from assay_assignments.check import check_question, hidden_lines
from assay_assignments.guidance import follow_ups, hints, load_rubric
from assay_assignments.library import BadQuestionError, Question, load_library, load_question
from assay_assignments.release import release, source_notebook, statement

LIBRARY = Path(__file__).parents[3] / "assignments" / "library"
OFFICIAL = {question.id: question for question in load_library(LIBRARY)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LIBRARY / "late-deliveries", tmp_path / "late-deliveries"))


@pytest.mark.parametrize("question", OFFICIAL.values(), ids=OFFICIAL)
def test_an_official_question_is_complete(question: Question):
    check_question(question)

    assert question.official
    assert question.folder.name == question.id
    assert statement(question).startswith(f"# {question.title}\n")
    graded = [cell for cell in source_notebook(question).cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert all(cell.metadata.assay.title for cell in graded)
    assert any("BEGIN HIDDEN TESTS" in cell.source for cell in graded) or question.kind == "system design"
    assert load_rubric(question)
    assert hints(question)
    assert follow_ups(question)


@pytest.mark.parametrize("question", OFFICIAL.values(), ids=OFFICIAL)
def test_no_hidden_line_is_in_any_released_byte(question: Question):
    cells = source_notebook(question).cells
    open_lines = {line.strip() for cell in cells for line in cell.source.splitlines()}
    hidden = {line for cell in cells for line in hidden_lines(cell.source)}
    # The debugging question's solution repeats lines of the code that is to be mended.
    repeated = {
        line
        for cell in cells
        for line in map(str.strip, cell.source.partition("### BEGIN SOLUTION")[0].splitlines())
        if "### BEGIN HIDDEN" not in cell.source
    }
    released = b"\n".join(file.content for file in release(question)).decode()

    secret = [line for line in hidden - repeated if len(line) > 12]

    assert secret
    assert open_lines >= set(secret)
    assert [line for line in secret if json.dumps(line, ensure_ascii=False)[1:-1] in released] == []
    assert not any(word in released for word in ("BEGIN SOLUTION", "BEGIN HIDDEN", "MARK SCHEME", "rubric"))


@pytest.mark.parametrize("question", OFFICIAL.values(), ids=OFFICIAL)
def test_a_release_is_a_valid_notebook_and_the_same_each_time(question: Question):
    first, *files = release(question)

    notebook = nbformat.reads(first.content.decode(), as_version=4)
    nbformat.validate(notebook)
    source = source_notebook(question)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in source.cells]
    assert release(question) == (first, *files)
    assert b'"trusted"' not in first.content
    assert first.path == f"{question.id}.ipynb"
    assert [file.path for file in files] == list(question.files)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    locked = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("locked")]
    assert locked
    assert all(cell.metadata.editable is False and cell.metadata.nbgrader.checksum for cell in locked)


def test_only_listed_files_are_released(folder: Path):
    for name in ("rubric.toml", "solution.py", ".secret", "deliveries.csv~"):
        (folder / name).write_text("x")

    paths = [file.path for file in release(load_question(folder))]

    assert paths == ["late-deliveries.ipynb", "deliveries.csv"]


def test_the_digest_changes_with_every_byte_and_name(folder: Path):
    first = load_question(folder).digest
    (folder / "rubric.toml").write_text("another word")
    second = load_question(folder).digest
    (folder / "rubric.toml").rename(folder / "rubric.toml~")

    assert len({first, second, load_question(folder).digest, OFFICIAL["late-deliveries"].digest}) == 3
    assert first == OFFICIAL["late-deliveries"].digest


BAD = {
    "no toml": "id = ",
    "unknown": 'surprise = "x"',
    "id": 'id = "../x"',
    "version": 'version = "1"',
    "type": 'type = "riddle"',
    "difficulty": 'difficulty = "impossible"',
    "minutes": "minutes = 0",
    "minutes text": 'minutes = "20"',
    "official": 'official = "yes"',
    "topics": 'topics = "pandas"',
    "topics numbers": "topics = [1]",
    "both spellings": 'kind = "debugging"',
    "title": "title = 3",
    "files elsewhere": 'files = ["../on-call-shifts/question.ipynb"]',
    "files hidden": 'files = [".secret"]',
    "files missing": 'files = ["nothing.csv"]',
    "files source": 'files = ["question.ipynb"]',
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_manifest_is_refused_with_the_name_of_the_file(folder: Path, name: str):
    key = BAD[name].partition(" =")[0]
    lines = [line for line in (folder / "question.toml").read_text().splitlines() if not line.startswith(f"{key} =")]
    (folder / "question.toml").write_text("\n".join([*lines, BAD[name]]))
    (folder / ".secret").write_text("x")

    with pytest.raises(BadQuestionError, match=r"question\.toml"):
        load_question(folder)


@pytest.mark.parametrize("name", ["question.toml", "question.ipynb", "deliveries.csv"])
def test_a_question_without_one_of_its_files_is_refused(folder: Path, name: str):
    (folder / name).unlink()

    with pytest.raises(BadQuestionError):
        load_question(folder)


def _spoil(cells: list[Any], how: str) -> None:
    tests = [cell for cell in cells if cell.get("metadata", {}).get("nbgrader", {}).get("grade")]
    if how == "twice":
        tests[1]["metadata"]["nbgrader"]["grade_id"] = tests[0]["metadata"]["nbgrader"]["grade_id"]
    elif how == "magic":
        tests[0]["source"] = "%time 1"
    elif how == "statement":
        del cells[0]
    elif how == "points":
        del tests[0]["metadata"]["nbgrader"]["points"]
    elif how == "unended":
        tests[1]["source"] = "### BEGIN HIDDEN TESTS\nassert clean\n"


@pytest.mark.parametrize("how", ["twice", "magic", "statement", "points", "unended"])
def test_a_notebook_that_cannot_be_asked_is_refused(folder: Path, how: str):
    path = folder / "question.ipynb"
    notebook = json.loads(path.read_text())
    _spoil(notebook["cells"], how)
    path.write_text(json.dumps(notebook))

    with pytest.raises(BadQuestionError, match=r"question\.ipynb"):
        check_question(load_question(folder))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"cells": []}'])
def test_a_notebook_that_is_none_is_refused(folder: Path, content: bytes):
    (folder / "question.ipynb").write_bytes(content)

    with pytest.raises(BadQuestionError):
        check_question(load_question(folder))

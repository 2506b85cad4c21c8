"""Questions that come and go: courses of nbgrader and single notebooks, without a loss."""

import json
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay_assignments import cells
from assay_assignments.check import check_question
from assay_assignments.exchange import (
    Found,
    Given,
    NotExportableError,
    Refused,
    import_questions,
    pack,
    to_course,
    write_question,
)
from assay_assignments.library import load_library, load_question
from assay_assignments.manifest import DIFFICULTIES, OWN_FILES, TYPES, written
from assay_assignments.release import release

LIBRARY = Path(__file__).parents[3] / "assignments" / "library"

sources = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ids = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
file_names = st.from_regex(r"[a-zA-Z0-9_][a-zA-Z0-9_. -]{0,7}\.(csv|txt|py|sql)", fullmatch=True)


@st.composite
def notebooks(draw: st.DrawFn) -> bytes:
    """Return a source notebook as people write them; its tests need not make sense."""
    made = [cells.markdown("# " + draw(sources)), cells.locked("load", draw(sources))]
    for number in range(draw(st.integers(0, 3))):
        made.append(cells.solution(f"answer-{number}", draw(sources)))
        made.append(cells.test(f"test-{number}", draw(st.integers(1, 5)), "t", "a", draw(sources)))
        made.append(cells.manual(f"words-{number}", 2, "w", draw(sources)))
    for cell in made:
        cell["metadata"] |= draw(st.dictionaries(st.sampled_from(["tags", "colour"]), st.just(["x"]), max_size=1))
    content = cells.notebook("draft", made)
    return content if draw(st.booleans()) else json.dumps(json.loads(content)).encode()


@st.composite
def questions(draw: st.DrawFn) -> Found:
    """Return a question with everything that its folder may have."""
    name = draw(ids)
    beside = draw(st.dictionaries(file_names, st.binary(max_size=20), max_size=3))
    once = {file.casefold(): file for file in beside if file not in OWN_FILES}.values()
    beside = {file: beside[file] for file in once}
    body = {
        "id": name,
        "version": "1.2.3",
        "type": draw(st.sampled_from(TYPES)),
        "title": "x" + draw(sources),
        "difficulty": draw(st.sampled_from(DIFFICULTIES)),
        "minutes": draw(st.integers(1, 500)),
        "topics": draw(st.lists(sources.filter(str.strip), max_size=2, unique=True)),
        "skills": [],
        "packages": ["numpy"],
        "author": "x" + draw(sources),
        "licence": "BSD-3-Clause",
        "official": draw(st.booleans()),
        "files": sorted(beside),
    }
    own = draw(st.dictionaries(st.sampled_from(["hints.md", "growth.py", "rubric.toml"]), st.binary(max_size=20)))
    return Found(name, {"question.toml": written(body).encode(), "question.ipynb": draw(notebooks()), **own, **beside})


def _distinct(listed: list[Found]) -> list[Found]:
    return list({one.id: one for one in listed}.values())


def _there(found: list[Found | Refused]) -> dict[str, dict[str, bytes]]:
    assert [one for one in found if isinstance(one, Refused)] == []
    return {one.id: dict(one.files) for one in found if isinstance(one, Found)}


@settings(max_examples=40)
@given(st.lists(questions(), min_size=1, max_size=3).map(_distinct))
def test_questions_come_back_from_a_course_as_they_were(tmp_path_factory: pytest.TempPathFactory, listed: list[Found]):
    root = tmp_path_factory.mktemp("library")
    for one in listed:
        write_question(one, root)

    course = to_course(load_library(root))

    assert _there(import_questions("course.zip", pack(course))) == {one.id: one.files for one in listed}
    hidden = {name for one in listed for name in one.files} & OWN_FILES
    assert not any(path.startswith("source/") and path.rsplit("/", 1)[-1] in hidden for path in course)


names = st.from_regex(r"[A-Za-z][A-Za-z0-9 _-]{0,6}[A-Za-z0-9]", fullmatch=True)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes]:
    """Return the ``source`` tree of a course that nbgrader's users made."""
    tree = {}
    folders = draw(st.lists(names, min_size=1, max_size=3, unique_by=_plain))
    for folder in folders:
        for notebook in draw(st.lists(names, min_size=1, max_size=2, unique_by=_plain)):
            tree[f"source/{folder}/{notebook}.ipynb"] = draw(notebooks())
        beside = draw(st.dictionaries(file_names, st.binary(max_size=20), max_size=2))
        tree |= {f"source/{folder}/{name}": content for name, content in beside.items() if name not in OWN_FILES}
    return tree


def _plain(name: str) -> str:
    return name.lower().replace(" ", "-").replace("_", "-").strip("-")


@settings(max_examples=40)
@given(trees())
def test_a_course_comes_back_from_questions_as_it_was(tmp_path_factory: pytest.TempPathFactory, tree: dict[str, bytes]):
    folded = [path.casefold() for path in tree]
    found = import_questions("course.zip", pack(tree)) if len(set(folded)) == len(folded) else []
    if any(isinstance(one, Refused) for one in found):
        # Two ids that are the same when they are written plainly; nothing else is a reason here.
        assert {one.reason for one in found if isinstance(one, Refused)} == {
            "another question of the file has the same id"
        }
        return
    root = tmp_path_factory.mktemp("library")
    for one in found:
        assert isinstance(one, Found)
        write_question(one, root)

    course = to_course(load_library(root))

    assert {path: one for path, one in course.items() if path.startswith("source/")} == (tree if found else {})


def test_the_official_questions_come_back_from_a_course_as_they_are():
    listed = load_library(LIBRARY)

    found = _there(import_questions("course.zip", pack(to_course(listed))))

    assert found == {one.id: {path.name: path.read_bytes() for path in _files(one.folder)} for one in listed}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()]


def question_of(tmp_path: Path, found: list[Found | Refused]) -> Any:
    (one,) = found
    assert isinstance(one, Found), one
    return load_question(write_question(one, tmp_path))


def test_a_course_may_be_in_a_folder_and_have_much_that_is_no_source(tmp_path: Path):
    content = cells.notebook("ps1", [cells.markdown("Words"), cells.markdown("## Problem *one*")])
    tree = {
        "cs101/source/ps1/problem1.ipynb": content,
        "cs101/source/ps1/data.csv": b"n\n",
        "cs101/source/header.ipynb": content,
        "cs101/release/ps1/problem1.ipynb": content,
        "cs101/submitted/ada/ps1/problem1.ipynb": content,
        "cs101/gradebook.db": b"x",
        "cs101/nbgrader_config.py": b"x",
    }

    question = question_of(tmp_path, import_questions("cs101.zip", pack(tree)))

    assert (question.id, question.title, question.files) == ("ps1", "Problem *one*", ("data.csv",))
    assert set(to_course([question])) == {
        "source/ps1/problem1.ipynb",
        "source/ps1/data.csv",
        "assay/ps1/question.toml",
        "assay/ps1/origin.toml",
    }


def test_a_single_notebook_becomes_a_question_with_what_can_be_read_off_it(tmp_path: Path):
    code = "import numpy as np, os\nfrom pandas.io import sql\nfrom . import x\n%time 1\nimport late_cell"
    content = cells.notebook("x", [cells.markdown("# Three things #"), cells.locked("load", code)])
    given_words = Given("sql", "hard", 25, "Ada", "MIT")

    question = question_of(tmp_path, import_questions("../../My Notebook.ipynb", content, given_words))

    assert (question.id, question.title, question.kernel) == ("my-notebook", "Three things", "python3")
    assert (question.kind, question.difficulty, question.minutes, question.author) == ("sql", "hard", 25, "Ada")
    assert question.packages == ("late_cell", "numpy", "pandas")
    assert not question.official
    assert question.notebook.read_bytes() == content
    check_question(question)


def test_notebooks_of_older_formats_are_brought_to_today_s(tmp_path: Path):
    marks = {"grade": True, "solution": False, "grade_id": "t", "points": 1, "schema_version": 1, "locked": True}
    old: dict[str, Any] = {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# Old\n", "words"]},
            {
                "cell_type": "code",
                "metadata": {"nbgrader": marks},
                "source": "assert True",
                "outputs": [],
                "execution_count": None,
            },
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 0,
    }

    question = question_of(tmp_path, import_questions("old.ipynb", json.dumps(old).encode()))

    check_question(question)
    read = nbformat.read(question.notebook, as_version=4)
    assert (read.nbformat_minor, [cell.id for cell in read.cells]) == (5, ["cell-000-0", "cell-001-1"])
    assert read.cells[1].metadata.nbgrader.schema_version == 3
    assert read.cells[1].source == "assert True"
    assert b'"checksum"' in release(question)[0].content


def test_a_notebook_with_an_id_twice_gets_another(tmp_path: Path):
    body = json.loads(cells.notebook("x", [cells.markdown("# One"), cells.markdown("two"), cells.markdown("three")]))
    for cell in body["cells"]:
        cell["id"] = "same"

    question = question_of(tmp_path, import_questions("x.ipynb", json.dumps(body).encode()))

    assert len({cell["id"] for cell in json.loads(question.notebook.read_bytes())["cells"]}) == 3


GOOD = cells.notebook("x", [cells.markdown("# One")])
REFUSED: dict[str, tuple[dict[str, bytes], str]] = {
    "a file in a folder": ({"source/a/a.ipynb": GOOD, "source/a/data/x.csv": b"x"}, "is in a folder of its own"),
    "a name of the author's": ({"source/a/a.ipynb": GOOD, "source/a/hints.md": b"x"}, "keeps for its author"),
    "no JSON": ({"source/a/a.ipynb": b"{"}, "cannot be read as JSON"),
    "deep JSON": ({"source/a/a.ipynb": b"[" * 200_000}, "cannot be read as JSON"),
    "no notebook": ({"source/a/a.ipynb": b"[1]"}, "no notebook of Jupyter"),
    "not valid": ({"source/a/a.ipynb": GOOD.replace(b'"markdown"', b'"riddle"')}, "is not valid"),
    "a format to come": ({"source/a/a.ipynb": GOOD.replace(b'"nbformat": 4', b'"nbformat": 5')}, "format 4.5"),
    "a bad manifest": ({"source/a/a.ipynb": GOOD, "assay/a/question.toml": b"id = 3"}, "question.toml: "),
    "a file that is gone": (
        {
            "source/a/a.ipynb": GOOD,
            "assay/a/question.toml": (LIBRARY / "late-deliveries/question.toml")
            .read_bytes()
            .replace(b'"late-deliveries"', b'"a"'),
        },
        "deliveries.csv is listed in files and not there",
    ),
    "a folder": (
        {"a/question.toml": b"", "a/question.ipynb": GOOD, "a/b/c": b""},
        "in a folder of its own",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_a_question_is_refused_with_a_reason_and_the_rest_is_taken(name: str):
    files, reason = REFUSED[name]
    more = {"b/question.toml": written({**MANIFEST}).encode(), "b/question.ipynb": GOOD}
    files = files | (more if "a/question.toml" in files else {"source/b/b.ipynb": GOOD})

    found = import_questions("course.zip", pack(files))

    (refused,) = [one for one in found if isinstance(one, Refused)]
    assert reason in refused.reason
    assert [one.id for one in found if isinstance(one, Found)] == ["b"]


MANIFEST: dict[str, Any] = {
    "id": "b",
    "version": "1.0.0",
    "type": "sql",
    "title": "B",
    "difficulty": "easy",
    "minutes": 5,
    "topics": [],
    "skills": [],
    "packages": [],
    "author": "Ada",
    "licence": "MIT",
    "official": False,
}


def test_a_zip_file_of_a_library_is_taken_as_it_is():
    files = {f"library/{path.relative_to(LIBRARY)}": path.read_bytes() for path in LIBRARY.glob("sensor-pipeline/*")}

    (found,) = import_questions("library.zip", pack(files))

    assert isinstance(found, Found)
    assert found.files == {path.name: path.read_bytes() for path in LIBRARY.glob("sensor-pipeline/*")}


def test_an_id_out_of_the_library_is_never_a_path():
    manifest = written({**MANIFEST, "id": "b"}).replace('"b"', '"../../b"')
    files = {"source/b/b.ipynb": GOOD, "assay/b/question.toml": manifest.encode()}

    (refused,) = import_questions("course.zip", pack(files))

    assert isinstance(refused, Refused)
    assert "id has letters" in refused.reason


def test_a_question_is_never_written_over_another(tmp_path: Path):
    (found,) = import_questions("b.ipynb", GOOD)
    assert isinstance(found, Found)
    write_question(found, tmp_path)

    with pytest.raises(FileExistsError):
        write_question(found, tmp_path)


def test_two_questions_that_need_the_same_place_are_not_exported(tmp_path: Path):
    for name, content in (("one", b"1"), ("two", b"2")):
        body = {**MANIFEST, "id": name, "files": ["x.csv"]}
        origin = f'assignment = "ps1"\nnotebook = "{name}"\n'
        files = {"question.toml": written(body).encode(), "question.ipynb": GOOD, "x.csv": content}
        write_question(Found(name, {**files, "origin.toml": origin.encode()}), tmp_path)

    with pytest.raises(NotExportableError, match=r"source/ps1/x\.csv"):
        to_course(load_library(tmp_path))


@pytest.mark.parametrize(
    "origin", [b'assignment = "../x"', b'assignment = ".x"', b"assignment = 3", b"assignment", b"\xff"]
)
def test_an_origin_that_leads_out_of_the_course_is_not_followed(tmp_path: Path, origin: bytes):
    files = {"question.toml": written(MANIFEST).encode(), "question.ipynb": GOOD}
    write_question(Found("b", {**files, "origin.toml": origin}), tmp_path)

    assert "source/b/b.ipynb" in to_course(load_library(tmp_path))


def test_the_manifest_of_an_imported_question_reads_as_it_was_written():
    (found,) = import_questions("b.ipynb", GOOD.replace(b"# One", b'# \\"One\\"'))

    assert isinstance(found, Found)
    assert tomllib.loads(found.files["question.toml"].decode())["title"] == '"One"'

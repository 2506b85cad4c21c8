"""New questions: what a template begins with is sound, and says itself what is left to do."""

import tomllib
from pathlib import Path

import pytest
from plain_runner import PlainRunner

from assay_assignments.check import check
from assay_assignments.exchange import Found, write_question
from assay_assignments.library import load_question
from assay_assignments.manifest import TYPES
from assay_assignments.template import BadNameError, new_question

MARK = b"TODO(author)"


@pytest.mark.parametrize("kind", TYPES)
def test_of_a_new_question_only_what_is_marked_is_left_to_do(tmp_path: Path, kind: str):
    folder = write_question(Found("ask-me", new_question("ask-me", kind)), tmp_path)

    report = check(folder, PlainRunner())

    assert not report.passed
    left = [one for one in report.findings if one.severe]
    assert {one.rule for one in left} == {"words"}
    assert all(one.text.startswith("still to be done: ") for one in left)
    marked = {path.name for path in folder.iterdir() if MARK in path.read_bytes()}
    assert {one.where for one in left} == marked >= {"question.ipynb", "question.toml", "hints.md", "rubric.toml"}


@pytest.mark.parametrize("kind", TYPES)
def test_a_question_passes_when_the_marks_are_filled_in_also_as_an_official_one(tmp_path: Path, kind: str):
    files = {name: content.replace(MARK, b"Done") for name, content in new_question("ask-me", kind).items()}
    files["question.toml"] = files["question.toml"].replace(b"official = false", b"official = true")
    folder = write_question(Found("ask-me", files), tmp_path)

    report = check(folder, PlainRunner())

    assert [one for one in report.findings if one.severe] == []
    assert load_question(folder).kind == kind
    assert "what is released gets no point" in report.proved
    assert any("mistakes loses the points" in text for text in report.proved)


def test_a_question_has_the_title_and_the_author_that_are_given():
    files = new_question("ask-me", "sql", 'What "sells"?', "Ada \\ Bob")

    body = tomllib.loads(files["question.toml"].decode())
    assert (body["title"], body["author"]) == ('What "sells"?', "Ada \\ Bob")
    assert b'# What \\"sells\\"?' in files["question.ipynb"]


@pytest.mark.parametrize(("name", "kind"), [("ask me", "sql"), ("../x", "sql"), ("", "sql"), ("ask-me", "riddle")])
def test_what_cannot_be_a_question_is_refused(name: str, kind: str):
    with pytest.raises(BadNameError):
        new_question(name, kind)

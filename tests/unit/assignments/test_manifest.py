"""What a manifest may say: the loader, the JSON Schema and the writer agree on it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_assignments.library import BadQuestionError, load_question
from assay_assignments.manifest import (
    DIFFICULTIES,
    MEMBERS,
    PAGE,
    SCHEMA,
    TYPES,
    completed,
    documented,
    problems,
    schema,
    written,
)

VALIDATOR = jsonschema.Draft202012Validator(schema())
GOOD: dict[str, Any] = {
    "id": "ask-me",
    "version": "1.0.0",
    "type": "sql",
    "title": "Ask me",
    "difficulty": "easy",
    "minutes": 20,
    "topics": ["joins"],
    "skills": [],
    "packages": ["pandas"],
    "author": "Ada",
    "licence": "BSD-3-Clause",
    "official": False,
    "files": ["shop.sql"],
}
WORDS = [
    *("", " ", "a", "a b", "1.0.0", "٣.0.0", "1.0", "../x", ".x", "a/b", "a\\b", "question.toml", "rubric.toml"),
    *("shop.sql", "pandas", "os.path", "1x", "x" * 101, *TYPES, *DIFFICULTIES),
]
# A dollar sign of Python's also ends before a last newline, one of JSON Schema's does not.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(lambda text: not text.endswith("\n"))
words = st.sampled_from(WORDS)
anything = st.one_of(
    words,
    texts,
    st.booleans(),
    st.integers(-2, 3),
    st.floats(allow_nan=False).filter(lambda value: not value.is_integer()),
    st.lists(st.one_of(words, st.integers(0, 1)), max_size=3),
    st.dictionaries(words, st.integers(), max_size=1),
)
changes = st.dictionaries(st.sampled_from([*MEMBERS, "kind", "colour"]), anything, max_size=3)
left_out = st.sets(st.sampled_from(sorted(GOOD)), max_size=2)


def test_the_schema_that_is_checked_in_is_the_code_s():
    assert json.loads(SCHEMA.read_text("utf-8")) == schema()
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_page_on_questions_has_every_member():
    page = PAGE.read_text("utf-8")

    assert documented(page) == page
    assert all(f"| `{name}` |" in page for name in MEMBERS)


@given(changes, left_out)
def test_the_schema_and_the_loader_agree_on_every_manifest(changed: dict[str, Any], gone: set[str]):
    body = {name: value for name, value in GOOD.items() if name not in gone} | changed

    found = problems(body)

    assert (not found) == VALIDATOR.is_valid(body), found


@pytest.mark.parametrize("name", ["id", "version", "kernel", "type"])
def test_a_newline_ends_no_name(name: str):
    assert problems({**GOOD, name: f"{GOOD.get(name, 'python3')}\n"})


@given(changes.filter(lambda body: "kind" not in body))
def test_what_is_written_reads_the_same(changed: dict[str, Any]):
    body = GOOD | {name: value for name, value in changed.items() if not problems(GOOD | {name: value})}

    assert tomllib.loads(written(body)) == body


def test_the_older_spelling_of_the_type_is_read():
    body = {"kind" if name == "type" else name: value for name, value in GOOD.items()}

    assert problems(body) == []
    assert VALIDATOR.is_valid(body)
    assert completed(body)["type"] == "sql"
    assert "kind" not in completed(body)


def test_every_fault_is_named_at_once():
    found = problems({**GOOD, "minutes": 0, "id": "a b", "colour": "red", "files": ["hints.md"]})

    assert [text.split()[0] for text in found] == ["colour", "id", "minutes", "files"]


@pytest.mark.parametrize("name", ["shop.sql", "question.ipynb"])
def test_a_link_is_no_file_of_a_question(tmp_path: Path, name: str):
    (tmp_path / "question.toml").write_text(written(GOOD))
    for one in ("shop.sql", "question.ipynb"):
        (tmp_path / one).write_text("{}")
    assert load_question(tmp_path).files == ("shop.sql",)
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("/etc/passwd")

    with pytest.raises(BadQuestionError, match=name):
        load_question(tmp_path)


def test_the_released_notebook_s_name_is_no_file_of_a_question(tmp_path: Path):
    (tmp_path / "question.toml").write_text(written({**GOOD, "files": ["ask-me.ipynb"]}))
    for one in ("ask-me.ipynb", "question.ipynb"):
        (tmp_path / one).write_text("{}")

    with pytest.raises(BadQuestionError, match=r"ask-me\.ipynb"):
        load_question(tmp_path)

"""The official questions as files, and what a candidate gets of them."""

import ast
from pathlib import Path

import nbformat
import pytest

from assay_assignments.library import BadQuestionError, load_library, load_question
from assay_assignments.release import release, source_notebook, statement

LIBRARY = Path(__file__).parents[3] / "assignments" / "library"
QUESTIONS = {question.id: question for question in load_library(LIBRARY)}


@pytest.fixture(params=sorted(QUESTIONS))
def question(request):
    return QUESTIONS[request.param]


def hidden_lines(question):
    """Return every line between the markers of solutions, hidden tests and mark schemes."""
    found = set()
    for cell in source_notebook(question).cells:
        inside = False
        for line in cell.source.splitlines():
            if "### BEGIN" in line or "### END" in line:
                inside = "### BEGIN" in line
            elif inside and line.strip():
                found.add(line.strip())
    return found


def visible_lines(question):
    """Return every line that stands outside the markers somewhere: it is no secret when it stands inside as well."""
    found = set()
    for cell in source_notebook(question).cells:
        inside = False
        for line in cell.source.splitlines():
            if "### BEGIN" in line or "### END" in line:
                inside = "### BEGIN" in line
            elif not inside:
                found.add(line.strip())
    return found


def test_a_release_leaks_no_solution_and_no_hidden_test(question):
    secrets = hidden_lines(question) - visible_lines(question)
    released = {file.path: file.content.decode() for file in release(question)}

    assert secrets
    notebook = nbformat.reads(released[f"{question.id}.ipynb"], as_version=4)
    lines = {line.strip() for cell in notebook.cells for line in cell.source.splitlines()}
    assert not secrets & lines
    assert not any("###" in text for path, text in released.items() if path.endswith(".ipynb"))


def test_a_release_is_the_same_every_time_and_valid(question):
    first, second = release(question), release(question)

    assert first == second
    notebook = nbformat.reads(first[0].content.decode(), as_version=4)
    nbformat.validate(notebook)
    assert not any("trusted" in cell.metadata for cell in notebook.cells)
    for cell in notebook.cells:
        if cell.cell_type == "code" and question.kernel == "python3":
            ast.parse(cell.source)


def test_a_release_has_data_and_nothing_that_is_for_authors():
    assert [file.path for file in release(QUESTIONS["late-deliveries"])] == ["late-deliveries.ipynb", "deliveries.csv"]
    assert [file.path for file in release(QUESTIONS["on-call-shifts"])] == ["on-call-shifts.ipynb"]


def test_the_statement_is_the_first_thing_in_the_notebook(question):
    assert statement(question).startswith("# ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version = "1.1.0"', 'version = "one"'),
        ("minutes = 25", "minutes = 0"),
        ('type = "live coding"', 'type = "riddle"'),
        ('id = "on-call-shifts"', 'id = "../x"'),
        ("official = true", "official = 1"),
        ("official = true", "colour = 1"),
        ('title = "Who was on call?"', "title = ["),
    ],
)
def test_a_manifest_that_is_wrong_is_refused_with_its_place(tmp_path, old, new):
    folder = tmp_path / "q"
    folder.mkdir()
    text = (LIBRARY / "on-call-shifts" / "question.toml").read_text()
    (folder / "question.toml").write_text(text.replace(old, new))
    (folder / "question.ipynb").write_text("{}")

    with pytest.raises(BadQuestionError, match=r"question\.toml"):
        load_question(folder)

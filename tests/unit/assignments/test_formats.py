"""The empty editors: released and stated like questions, with nothing that is graded."""

import json
from pathlib import Path

import pytest

from assay_assignments.check import check_question
from assay_assignments.grading import ProcessSandbox, grade, prepare
from assay_assignments.library import Question, load_library
from assay_assignments.release import release, source_notebook, statement

FORMATS = {one.id: one for one in load_library(Path(__file__).parents[3] / "assignments" / "formats")}


def test_there_is_one_for_coding_and_one_for_system_design():
    assert sorted(FORMATS) == ["blank-coding", "blank-system-design"]


@pytest.mark.parametrize("editor", FORMATS.values(), ids=FORMATS)
def test_an_empty_editor_has_a_prompt_and_nothing_graded(editor: Question):
    check_question(editor)

    cells = source_notebook(editor).cells
    assert statement(editor).startswith(f"# {editor.title}\n")
    assert len(cells) > 1
    assert not any("nbgrader" in cell.metadata for cell in cells)


@pytest.mark.parametrize("editor", FORMATS.values(), ids=FORMATS)
def test_grading_one_ends_well_with_nothing_of_nothing(editor: Question):
    notebook = json.loads(release(editor)[0].content)
    notebook["cells"][-1]["source"] = "print('anything')"
    files = {f"{editor.id}.ipynb": json.dumps(notebook).encode()}

    found = grade(prepare(editor), files, ProcessSandbox(5, 60))

    assert (found.outcome, found.points, found.max_points, found.cells) == ("graded", 0, 0, ())

"""nbgrader's rules, written anew so that nbgrader need not be imported for each notebook, beside nbgrader's own."""

import copy
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader import preprocessors
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import compute_checksum, determine_grade, is_locked

from assay_assignments.course import configuration
from assay_assignments.course.configuration import CourseError, read_course
from assay_assignments.grading import notebook
from assay_assignments.grading.notebook import MalformedError, checksum, read_cells
from assay_assignments.grading.outputs import Trim, trimmed
from assay_assignments.grading.scoring import points_of

texts = st.text(max_size=40)
kinds = st.sampled_from(["code", "markdown"])


@st.composite
def author_s_cells(draw: st.DrawFn) -> Any:
    marks = {
        "grade_id": draw(st.sampled_from(["a", "b-1", "c_2"])),
        "grade": draw(st.booleans()),
        "solution": draw(st.booleans()),
        "locked": draw(st.booleans()),
        "points": draw(st.sampled_from([0, 1, 2.5, 10])),
        "schema_version": 3,
    }
    new = nbformat.v4.new_code_cell if draw(kinds) == "code" else nbformat.v4.new_markdown_cell
    return new(draw(texts), metadata={"nbgrader": marks})


@given(author_s_cells())
def test_a_checksum_and_a_lock_are_nbgrader_s(cell: Any):
    assert checksum(cell) == compute_checksum(cell)
    assert notebook.is_locked(cell) == bool(is_locked(cell))


outputs = st.one_of(
    st.builds(
        lambda name, text: nbformat.v4.new_output("stream", name=name, text=text),
        st.sampled_from(["stdout", "stderr"]),
        st.text(max_size=20) | st.integers(0, 8).map(lambda lines: "line\n" * lines),
    ),
    st.builds(
        lambda text: nbformat.v4.new_output("execute_result", data={"text/plain": text}),
        st.sampled_from(["0", "1", "2.5", "2", "'words'", "None", "-1", "True", "[1]", "nan"]),
    ),
    st.builds(
        lambda lines: nbformat.v4.new_output("error", ename="E", evalue="v", traceback=["x"] * lines), st.integers(0, 9)
    ),
)


@given(st.lists(outputs, max_size=4), st.booleans(), st.booleans())
def test_points_are_nbgrader_s(found: list[Any], solution: bool, touched: bool):  # noqa: FBT001
    marks = {"grade_id": "a", "grade": True, "solution": solution, "locked": True, "points": 2.5, "schema_version": 3}
    cell = nbformat.v4.new_code_cell("pass", metadata={"nbgrader": marks})
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    cell.source = "other" if touched else "pass"
    cell.outputs = found

    ours = points_of(cell)

    assert ours == determine_grade(cell)[0]


@given(st.lists(outputs, max_size=5), st.sampled_from([-1, 1, 3, 5, 10]), st.sampled_from([-1, 3, 6]))
def test_long_outputs_are_cut_as_nbgrader_cuts_them(found: list[Any], lines: int, traceback: int):
    cell = nbformat.v4.new_code_cell("pass")
    cell.outputs = copy.deepcopy(found)
    step = preprocessors.LimitOutput()
    step.max_lines, step.max_traceback = lines, traceback

    ours = trimmed(found, Trim(lines=lines, traceback=traceback))

    assert ours == step.preprocess_cell(cell, {}, 0)[0].outputs


@given(st.lists(outputs, max_size=5))
def test_what_may_be_said_on_stderr_is_left_out_as_by_nbgrader(found: list[Any]):
    cell = nbformat.v4.new_code_cell("pass")
    cell.outputs = copy.deepcopy(found)
    step = preprocessors.IgnorePattern()
    step.pattern = "li.e"

    ours = trimmed(found, Trim(ignored="li.e"))

    assert ours == step.preprocess_cell(cell, {}, 0)[0].outputs


def test_options_that_are_not_set_are_nbgrader_s(tmp_path: Any):
    theirs = CourseDirectory(root=str(tmp_path))
    course = read_course(tmp_path)

    for name in configuration._OPTIONS:
        if name != "db_url":
            assert course.option(name) == getattr(theirs, name), name
    assert course.db_url == theirs.db_url
    assert course.folder("submitted", "zoe", "ps1") == tmp_path / "submitted" / "zoe" / "ps1"
    assert (course.max_lines, course.max_traceback) == (
        preprocessors.LimitOutput().max_lines,
        preprocessors.LimitOutput().max_traceback,
    )
    assert course.cell_seconds == preprocessors.Execute().timeout
    assert preprocessors.OverwriteCells().missing_cell_notification == configuration._NOTIFICATION
    assert course.notice is None
    assert course.ignored == ""
    hidden, scheme = preprocessors.ClearHiddenTests(), preprocessors.ClearMarkScheme()
    assert course.delimiters.regions == (
        (hidden.begin_test_delimeter, hidden.end_test_delimeter),
        (scheme.begin_mark_scheme_delimeter, scheme.end_mark_scheme_delimeter),
    )


def test_a_configuration_is_read_under_new_and_old_names(tmp_path: Any):
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.NbGrader.course_id = 'old'\nc.CourseDirectory.submitted_directory = 'in'\n"
        "c.OverwriteCells.add_missing_cells = True\nc.LimitOutput.max_lines = 5\n"
        "c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'\n"
        "c.CourseDirectory.groupshared = True\n"
    )

    course = read_course(tmp_path)

    assert course.option("course_id") == "old"
    assert course.folder("submitted", "zoe", "ps1") == tmp_path / "in" / "ps1" / "zoe"
    assert course.pattern("submitted", "ps1").fullmatch(str(tmp_path / "in" / "ps1" / "zoe"))["student"] == "zoe"
    assert "was missing" in course.notice
    assert course.max_lines == 5
    assert course.permissions == 0o664


@pytest.mark.parametrize("text", ["c = get_config(", "1 / 0", "raise SystemError('x')"])
def test_a_configuration_that_does_not_run_is_said(tmp_path: Any, text: str):
    (tmp_path / "nbgrader_config.py").write_text(text)

    with pytest.raises(CourseError, match="nbgrader_config"):
        read_course(tmp_path)


def old_notebook() -> dict[str, Any]:
    cell = {"cell_type": "code", "language": "python", "metadata": {}, "outputs": [], "input": "x = 1"}
    sheet = {"cells": [cell, {"cell_type": "heading", "level": 2, "metadata": {}, "source": "Title"}], "metadata": {}}
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [sheet]}


def test_a_notebook_of_format_3_is_read():
    import json  # noqa: PLC0415

    cells = read_cells(json.dumps(old_notebook()).encode())

    assert [(cell["cell_type"], cell["source"]) for cell in cells] == [("code", "x = 1"), ("markdown", "## Title")]


@pytest.mark.parametrize("minor", range(6))
def test_notebooks_of_every_format_4_are_read(minor: int):
    cell = '{"cell_type": "code", "metadata": {}, "source": ["a\\n", "b"], "outputs": [], "execution_count": null}'
    text = f'{{"nbformat": 4, "nbformat_minor": {minor}, "metadata": {{}}, "cells": [{cell}]}}'

    assert read_cells(text.encode()) == [{"cell_type": "code", "metadata": {}, "source": "a\nb"}]


def test_images_of_an_answer_are_kept_and_nothing_else_of_it():
    cell = (
        '{"cell_type": "markdown", "metadata": {"x": 1}, "source": "![](attachment:a.png)", "more": 1,'
        ' "attachments": {"a.png": {"image/png": ["QUJD", "REVG"], "bad": 7}, "b": 3}}'
    )

    cells = read_cells(f'{{"nbformat": 4, "metadata": {{}}, "cells": [{cell}]}}'.encode())

    assert cells[0]["attachments"] == {"a.png": {"image/png": "QUJDREVG"}}
    assert set(cells[0]) == {"cell_type", "metadata", "source", "attachments"}


@pytest.mark.parametrize(
    "cell", ["{}", '{"cell_type": []}', '{"cell_type": "code"}', '{"cell_type": "code", "source": 7}']
)
def test_a_cell_that_is_none_makes_a_notebook_malformed(cell: str):
    with pytest.raises(MalformedError):
        read_cells(f'{{"nbformat": 4, "metadata": {{}}, "cells": [{cell}]}}'.encode())

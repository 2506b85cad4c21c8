"""Grading without a sandbox: what is malformed, what is mended, how outputs become points."""

import copy
import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay_assignments.grading import Grade, Verdict, prepare
from assay_assignments.grading import grade as grade_prepared
from assay_assignments.grading.conversation import Cell, Run
from assay_assignments.grading.outputs import output_of
from assay_assignments.grading.prepared import imports_of, modules_in
from assay_assignments.grading.scoring import settle, verdict_on
from assay_assignments.library import Question, load_library
from assay_assignments.release import release

LIBRARY = Path(__file__).parents[3] / "assignments" / "library"
QUESTION = {question.id: question for question in load_library(LIBRARY)}["on-call-shifts"]
DATA = {question.id: question for question in load_library(LIBRARY)}["late-deliveries"]


class SilentSandbox:
    """Runs nothing: every cell ends as it is told to."""

    isolated = False

    def __init__(self, status: str = "error", ended: str = "") -> None:
        self.status = status
        self.ended = ended
        self.cells: list[Cell] = []
        self.files: dict[str, bytes] = {}
        self.imports = ""
        self.kernel = ""
        self.own: set[str] = set()

    def run(
        self,
        imports: str,
        cells: Sequence[Cell],
        files: Mapping[str, bytes],
        kernel: str = "python3",
        own: Collection[str] = (),
    ) -> Run:
        self.cells, self.files, self.imports, self.kernel = list(cells), dict(files), imports, kernel
        self.own = set(own)
        results = () if self.ended else tuple({"status": self.status, "outputs": []} for _ in cells)
        return Run(results, (), self.ended)


prepared = lru_cache(prepare)


def grade(question: Question, submission: Mapping[str, bytes], sandbox: SilentSandbox) -> Grade:
    return grade_prepared(prepared(question), submission, sandbox)


def graded(content: bytes | None, sandbox: SilentSandbox | None = None, question: Question = QUESTION) -> Grade:
    files = {} if content is None else {f"{question.id}.ipynb": content}
    return grade(question, files, sandbox or SilentSandbox())


def released(question: Question = QUESTION) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(release(question)[0].content)
    return notebook


MALFORMED = {
    "nothing": None,
    "empty": b"",
    "no json": b"{",
    "no utf-8": b'{"cells": "\xff"}',
    "a list": b"[]",
    "a number": b"1",
    "an old format": b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": 7}',
    "a format to come": b'{"nbformat": 9, "nbformat_minor": 0, "metadata": {}, "cells": []}',
    "cells that are none": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [7]}',
    "too many cells": json.dumps(
        {**nbformat.v4.new_notebook(), "cells": [dict(nbformat.v4.new_markdown_cell("x")) for _ in range(2_001)]}
    ).encode(),
    "too long a cell": json.dumps(
        {**nbformat.v4.new_notebook(), "cells": [dict(nbformat.v4.new_code_cell("x" * 1_000_001))]}
    ).encode(),
    "deep": b"[" * 100_000,
    "deep metadata": b'{"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": '
    + b'{"x":' * 5_000
    + b"1"
    + b"}" * 5_001,
    "a huge number": b'{"nbformat": ' + b"4" * 10_000 + b"}",
    "too large": b" " * 50_000_001,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_notebook_is_malformed_with_a_reason(name: str):
    sandbox = SilentSandbox()

    found = graded(MALFORMED[name], sandbox)

    assert found.outcome == "malformed"
    assert (found.points, found.max_points) == (0.0, 8.0)
    assert {cell.verdict for cell in found.cells} == {Verdict.MALFORMED}
    assert found.message
    assert sandbox.cells == [], "nothing runs"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(st.data())
def test_no_notebook_makes_grading_raise(data: st.DataObject):
    notebook = released()
    for _ in range(data.draw(st.integers(1, 4))):
        cell = data.draw(st.sampled_from(notebook["cells"] or [{}]))
        where = data.draw(st.sampled_from(["cell", "metadata", "nbgrader", "delete", "double", "order"]))
        if where == "delete" and cell in notebook["cells"]:
            notebook["cells"].remove(cell)
        elif where == "double":
            notebook["cells"].append(copy.deepcopy(cell))
        elif where == "order":
            notebook["cells"].reverse()
        else:
            target = {"cell": cell, "metadata": cell.get("metadata"), "nbgrader": cell.get("metadata")}[where]
            if isinstance(target, dict):
                keys = [*target, "nbgrader", "assay", "tags", "source", "grade_id", "points", "x"]
                target[data.draw(st.sampled_from(keys))] = data.draw(json_values)

    found = graded(json.dumps(notebook).encode())

    assert found.points == 0.0
    assert found.max_points == 8.0
    assert len(found.cells) == 5
    assert found.autograded.decode() is not None


def test_tests_come_from_the_source_and_own_cells_lose_their_metadata():
    notebook = released()
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = "pass"
    notebook["cells"].append({**dict(nbformat.v4.new_code_cell("1")), "metadata": {"nbgrader": {"grade": True}}})
    sandbox = SilentSandbox()

    graded(json.dumps(notebook).encode(), sandbox)

    tests = [cell.source for cell in sandbox.cells if cell.kind == "test"]
    assert len(tests) == 5
    assert all("assert" in source for source in tests)
    assert sandbox.cells[-1] == Cell("candidate", "1")


def test_the_author_s_data_and_imports_win():
    content = json.dumps(released(DATA)).encode()
    submission = {"late-deliveries.ipynb": content, "deliveries.csv": b"forged", "../x": b"", "mine.txt": b"m"}
    sandbox = SilentSandbox()

    found = grade(DATA, submission, sandbox)

    assert set(sandbox.files) == {"deliveries.csv", "mine.txt"}
    assert sandbox.files["deliveries.csv"] == (DATA.folder / "deliveries.csv").read_bytes()
    assert next(iter(sandbox.files)) == "deliveries.csv", "placed first"
    assert sandbox.own == {"deliveries.csv"}, "of the files, what the tests have of their own"
    assert sandbox.imports.splitlines() == ["import numpy as np", "import pandas as pd"]
    assert "outside the folder" in found.message


def test_imports_of_the_author_s_own_modules_are_for_the_tests():
    setup = ["import rules\nfrom helpers.deep import look\nimport theirs\nimport unused"]
    own = modules_in(["rules.py", "helpers/deep.py", "unused.py", "theirs.csv"])

    found = imports_of(setup, ["assert rules.LIMIT == look(theirs)"], own)

    assert own == {"rules", "helpers", "unused"}
    assert found.splitlines() == ["import rules", "from helpers.deep import look"]


@pytest.mark.parametrize(("ended", "verdict"), [("timeout", Verdict.TIMEOUT), ("killed", Verdict.KILLED)])
def test_a_run_that_ended_early_gives_no_points_and_asks_for_review(ended: str, verdict: Verdict):
    found = graded(json.dumps(released()).encode(), SilentSandbox(ended=ended))

    assert {cell.verdict for cell in found.cells} == {verdict}
    assert (found.points, found.outcome) == (0.0, "needs-review")
    assert ended in found.message


@pytest.mark.parametrize("status", ["failed", "error", "timeout", "killed", "killed: what", "out-of-memory"])
def test_a_status_without_an_output_still_gives_no_points(status: str):
    found = graded(json.dumps(released()).encode(), SilentSandbox(status=status))

    assert found.points == 0.0
    assert all(cell.message for cell in found.cells)


def scored(outputs: list[Any], status: str = "ok", source: str = "pass", **assay: Any) -> Any:
    marks = {"grade": True, "solution": False, "grade_id": "t", "points": 4, "schema_version": 3, "locked": True}
    cell = nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks, "assay": assay})
    cell.outputs = outputs
    settle(cell, status)
    return verdict_on(cell, status)


def result(text: str) -> Any:
    return nbformat.v4.new_output("execute_result", data={"text/plain": text}, execution_count=None)


@pytest.mark.parametrize(
    ("text", "points", "verdict"),
    [
        ("2.5", 2.5, Verdict.FAILED),
        ("0", 0.0, Verdict.FAILED),
        ("4", 4.0, Verdict.PASSED),
        ("'words'", 4.0, Verdict.PASSED),
        ("", 4.0, Verdict.PASSED),
        ("nan", 0.0, Verdict.ERROR),
        ("-1", 0.0, Verdict.ERROR),
        ("4.5", 0.0, Verdict.ERROR),
        ("inf", 0.0, Verdict.ERROR),
    ],
)
def test_the_last_value_of_a_test_is_its_partial_credit(text: str, points: float, verdict: Verdict):
    found = scored([result(text)])

    assert (found.points, found.verdict) == (points, verdict)


def test_standard_error_gives_no_points():
    found = scored([nbformat.v4.new_output("stream", name="stderr", text="careful\x1b[0m\x00"), result("4")])

    assert (found.points, found.verdict, found.message) == (0.0, Verdict.FAILED, "careful")


def test_what_a_hidden_test_says_is_for_reviewers_only():
    said = nbformat.v4.new_output("error", ename="AssertionError", evalue="expected 7", traceback=[])

    hidden = scored([said], "failed", "### BEGIN HIDDEN TESTS\nx\n### END HIDDEN TESTS")
    visible = scored([said], "failed", "assert x")

    assert (hidden.message, hidden.candidate_message) == ("AssertionError: expected 7", "")
    assert visible.candidate_message == visible.message == "AssertionError: expected 7"


@pytest.mark.parametrize("mark", ["shared", "objects"])
def test_a_weaker_test_says_so(mark: str):
    found = scored([], **{mark: True})

    assert found.verdict is Verdict.PASSED
    assert "submission" in found.message


@given(json_values)
def test_a_claimed_output_is_made_valid_or_left_out(found: Any):
    for claim in (found, {"output_type": "display_data", "data": found, "metadata": found}, {"output_type": found}):
        output = output_of(claim)

        assert output is None or json.dumps(output, allow_nan=False).encode()


def test_outputs_lose_half_characters_and_numbers_that_json_does_not_have():
    claim = {"output_type": "display_data", "data": {"application/json": {"x": float("nan")}, "text/plain": "\ud800"}}

    assert output_of(claim)["data"] == {"application/json": {"x": None}, "text/plain": "�"}

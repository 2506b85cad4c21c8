"""Feedback for students: nbgrader's page, without what is hidden, and without a script of what was handed in.

nbgrader's own ``generate_feedback`` shows hidden tests, with the tracebacks that quote them, and runs whatever HTML an
output holds. This is its converter with one step more and its sanitiser switched on.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from assay_assignments.course.configuration import Course, CourseError, Delimiters
from assay_assignments.grading.notebook import is_locked, marks_of
from assay_assignments.grading.scoring import is_test, option, title_of

_SAFE = ("text/plain", "text/html", "text/markdown", "image/png", "image/jpeg")
_IMAGE = re.compile(r"[A-Za-z0-9+/=\s]*")


class Show(StrEnum):
    """What a student sees of the tests."""

    NOTHING = "nothing"
    """No page at all."""
    POINTS = "points"
    """What each was worth, and what was reached."""
    TESTS = "tests"
    """And the tests that are not hidden, with what they said."""
    WORDS = "words"
    """And the words that the author has for whoever misses points: ``feedback`` in a test's ``assay`` metadata."""


def generate(course: Course, assignment: str, students: str, show: Show) -> None:
    """Write the feedback of students whose name matches a pattern.

    Raises:
        CourseError: there is nothing to give feedback on, or some could not be written; the text names them.
    """
    if show is Show.NOTHING:
        raise CourseError("This course shows students nothing: no feedback was written.")
    # nbgrader takes two seconds to import.
    from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor, Preprocessor  # noqa: PLC0415
    from nbgrader.converters import GenerateFeedback  # noqa: PLC0415
    from nbgrader.converters.base import NbGraderException  # noqa: PLC0415
    from nbgrader.coursedir import CourseDirectory  # noqa: PLC0415
    from nbgrader.preprocessors import GetGrades  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    class Veil(Preprocessor):
        """Takes away what a student does not see."""

        enabled = True

        def preprocess(self, nb: Any, resources: Any) -> Any:
            """Veil each cell."""
            for cell, shown in zip(nb.cells, veiled_cells(nb.cells, show, course.delimiters), strict=True):
                cell.update(shown)
            return nb, resources

    config = Config(course.config)
    config.HTMLExporter.sanitize_html = True
    config.CourseDirectory.root = str(course.root)
    directory = CourseDirectory(config=config, assignment_id=assignment, student_id=students)
    converter = GenerateFeedback(coursedir=directory, config=config)
    converter.preprocessors = [GetGrades, Veil, CSSHTMLHeaderPreprocessor]
    converter.force = True
    try:
        converter.start()
    except NbGraderException as error:
        raise CourseError(str(error)) from error


def veiled_cells(cells: Sequence[Mapping[str, Any]], show: Show, delimiters: Delimiters) -> list[dict[str, Any]]:
    """Return what of each cell of a graded notebook is shown instead.

    A hidden test that ran in the submission's own process may have been read there: later outputs are left out.
    """
    found = []
    read = False
    for cell in cells:
        shown = veiled(cell, show, delimiters)
        if read and "outputs" in shown:
            shown["outputs"] = []
        read = read or (
            is_test(cell) and option(cell, "shared") and delimiters.revealed(cell["source"]) != cell["source"]
        )
        found.append(shown)
    return found


def veiled(cell: Mapping[str, Any], show: Show, delimiters: Delimiters) -> dict[str, Any]:
    """Return what of a cell is shown instead."""
    source = delimiters.revealed(cell["source"]) if is_locked(cell) else cell["source"]
    shown: dict[str, Any] = {"source": source}
    if cell["cell_type"] != "code":
        return shown
    outputs = [_safe(output) for output in cell["outputs"]]
    if is_test(cell):
        hides = source != cell["source"]
        if show is not Show.TESTS:
            shown["source"] = f"# {title_of(cell)}"
        if show is Show.WORDS and _missed(cell):
            words = cell["metadata"].get("assay", {}).get("feedback", "")
            shown["source"] = "\n".join([shown["source"], *(f"# {line}" for line in str(words).splitlines())])
        outputs = outputs if show is Show.TESTS and not hides else []
    return {**shown, "outputs": [output for output in outputs if output is not None]}


def _missed(cell: Mapping[str, Any]) -> bool:
    marks = marks_of(cell)
    return float(marks.get("score") or 0) < float(marks.get("points") or 0)


def _safe(output: Any) -> Any:
    """Return an output without kinds that a sanitiser does not know."""
    if "data" in output:
        kept = {kind: output["data"][kind] for kind in _SAFE if kind in output["data"]}
        output["data"] = type(output["data"])({kind: text for kind, text in kept.items() if _is_fit(kind, text)})
        output["metadata"] = type(output["data"])()
    return output


def _is_fit(kind: str, text: Any) -> bool:
    return not kind.startswith("image/") or bool(_IMAGE.fullmatch("".join(text)))

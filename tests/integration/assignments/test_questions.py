"""What single official questions are about, in a real container; ``test_library.py`` proves that each is sound."""

import pytest
from integration.assignments.papers import changed, grade, handed_in, reference, starter, texts

from assay_assignments.grading import Verdict
from assay_assignments.grading.sandbox import Runner
from assay_assignments.library import Question


def test_a_written_answer_waits_for_a_person(library: dict[str, Question], opened: Runner):
    question = library["late-deliveries"]
    written = changed(
        reference(question),
        lambda cell, mark: mark["grade_id"] == "conclusion" and cell.update(source="Wien is slow, Graz is not."),
    )

    found = grade(question, handed_in(question, written), opened)

    conclusion = found.cells[-1]
    assert (conclusion.grade_id, conclusion.points, conclusion.verdict) == ("conclusion", None, Verdict.NEEDS_REVIEW)
    assert (found.outcome, found.points, found.max_points) == ("needs-review", 9.0, 12.0)


def test_the_exploration_shows_a_slider(library: dict[str, Question], opened: Runner):
    question = library["late-deliveries"]

    found = grade(question, handed_in(question, reference(question)), opened)

    shown = texts(found.autograded)
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_partial_credit_counts_each_thing_that_is_right(library: dict[str, Question], opened: Runner):
    question = library["late-deliveries"]
    # Forgets the allowance for distance, and gives a number of numpy.
    half = "def late_share(tidy):\n    return ((tidy['minutes'] > 45) | tidy['minutes'].isna()).mean()"
    notebook = changed(reference(question), lambda cell, mark: mark["grade_id"] == "late" and cell.update(source=half))

    found = grade(question, handed_in(question, notebook), opened)

    assert next(cell for cell in found.cells if cell.grade_id == "test-late-share").points == 2.0


WHOLE = ("int(float(parts[2]))", "float(parts[2])")
MENDED = {
    "test-degrees": [WHOLE],
    "test-second-run": [WHOLE, ("by_sensor={}):", "by_sensor=None):\n    by_sensor = {}")],
    "test-last-value": [("len(values) - width)", "len(values) - width + 1)")],
}


@pytest.mark.parametrize("test", MENDED)
def test_each_mistake_that_is_mended_gives_its_points(library: dict[str, Question], opened: Runner, test: str):
    question = library["sensor-pipeline"]
    notebook = starter(question)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "pipeline":
            for wrong, right in MENDED[test]:
                assert wrong in "".join(cell["source"])
                cell["source"] = "".join(cell["source"]).replace(wrong, right)

    found = grade(question, handed_in(question, notebook), opened)

    assert test in [cell.grade_id for cell in found.cells if cell.verdict is Verdict.PASSED]
    assert found.points < found.max_points

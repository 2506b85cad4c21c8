"""What an interviewer has beside a question, and the mistakes that its tests have to find."""

from pathlib import Path

import pytest

from assay_assignments.guidance import follow_ups, hints, load_rubric
from assay_assignments.library import BadQuestionError, Question, load_library
from assay_assignments.mutants import Mutant, load_mutants

LIBRARY = Path(__file__).parents[3] / "assignments" / "library"
OFFICIAL = {question.id: question for question in load_library(LIBRARY)}
CRITERION = """[[criteria]]
id = "care"
title = "Care"
weight = 1
anchors = { 1 = "none", 3 = "some", 5 = "much" }
"""
MUTANT = """[[mutant]]
breaks = "test"
cell = "answer"
find = "a"
replace = "b"
why = "because"
"""


@pytest.fixture
def question(tmp_path: Path) -> Question:
    """A question whose folder is empty but for what a test writes."""
    return Question(**{**vars(OFFICIAL["sensor-pipeline"]), "folder": tmp_path})


def test_a_rubric_says_what_scores_look_like_and_what_the_interviewer_should_know():
    rubric = load_rubric(OFFICIAL["sensor-pipeline"])

    assert rubric is not None
    assert [one.id for one in rubric.criteria] == ["way", "explanation", "care"]
    assert [one.weight for one in rubric.criteria] == [2.0, 1.0, 1.0]
    assert rubric.criteria[0].anchors["5"] == "Predicts what a change will do before running it."
    assert "whole degrees" in rubric.notes


def test_hints_and_follow_ups_are_lists_also_over_several_lines(question: Question):
    (question.folder / "hints.md").write_text("# Hints\n\n1. Look\n   twice.\n2. Then `again`\n")
    (question.folder / "follow_ups.md").write_text("# More\n\n- One\n- Two\n  lines\n")

    assert hints(question) == ("Look twice.", "Then `again`")
    assert follow_ups(question) == ("One", "Two lines")


def test_a_question_may_have_none_of_it(question: Question):
    assert (load_rubric(question), hints(question), follow_ups(question), load_mutants(question)) == (None, (), (), ())


@pytest.mark.parametrize(
    "text",
    [
        "criteria = ",
        "colour = 1",
        "criteria = []",
        "criteria = [1]",
        CRITERION + "colour = 1",
        CRITERION.replace("weight = 1", "weight = -1"),
        CRITERION.replace("weight = 1", "weight = inf"),
        CRITERION.replace("weight = 1", "weight = true"),
        CRITERION.replace('"care"', '"care!"'),
        CRITERION.replace('"Care"', '" "'),
        CRITERION.replace("5 =", "6 ="),
        CRITERION.replace('"much"', "5"),
        CRITERION * 2,
        "notes = 1\n" + CRITERION,
    ],
)
def test_a_rubric_that_is_wrong_is_refused_with_its_place(question: Question, text: str):
    (question.folder / "rubric.toml").write_text(text)

    with pytest.raises(BadQuestionError, match=r"rubric\.toml"):
        load_rubric(question)


@pytest.mark.parametrize(
    "text",
    [
        "mutant = ",
        "mutants = []",
        "mutant = [1]",
        MUTANT + "colour = 1",
        MUTANT.replace('"test"', "[]"),
        MUTANT.replace('"test"', "[1]"),
        MUTANT.replace('"because"', '" "'),
        MUTANT.replace('find = "a"', 'find = ""'),
        MUTANT.replace('replace = "b"', 'replace = "a"'),
    ],
)
def test_mutants_that_are_wrong_are_refused_with_their_place(question: Question, text: str):
    (question.folder / "mutants.toml").write_text(text)

    with pytest.raises(BadQuestionError, match=r"mutants\.toml"):
        load_mutants(question)


def test_a_mutant_may_break_several_tests(question: Question):
    (question.folder / "mutants.toml").write_text(MUTANT + MUTANT.replace('"test"', '["test", "more"]'))

    assert [one.breaks for one in load_mutants(question)] == [("test",), ("test", "more")]


SOURCE = """def f(n):
    return n / 2
### BEGIN SOLUTION
def f(n):
    return n / 2 + 1
### END SOLUTION"""


def mutant(find: str) -> Mutant:
    return Mutant(("test",), "answer", find, "!", "because")


def test_a_mutant_changes_the_solution_rather_than_what_stands_around_it():
    assert mutant("n / 2").apply(SOURCE) == SOURCE.replace("n / 2 + 1", "! + 1")
    assert mutant("n / 2\n#").apply(SOURCE) == SOURCE.replace("n / 2\n#", "!")


@pytest.mark.parametrize(("find", "often"), [("n", "there 3 times"), ("m", "not there")])
def test_a_mutant_whose_text_is_not_there_once_is_refused(find: str, often: str):
    with pytest.raises(ValueError, match=f"{often} in answer"):
        mutant(find).apply(SOURCE)

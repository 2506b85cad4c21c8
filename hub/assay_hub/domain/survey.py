"""The questionnaire about fairness: what candidates may answer of their own accord, after they have handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay_hub.domain.errors import BadInputError


@dataclass(frozen=True)
class SurveyItem:
    """One question of the questionnaire.

    Attributes:
        options: what can be answered; not answering needs no option of its own.
    """

    id: str
    text: str
    options: tuple[str, ...]


USUAL_ITEMS = (
    SurveyItem("gender", "Which describes you?", ("Woman", "Man", "Another gender")),
    SurveyItem("age", "How old are you?", ("Under 40", "40 or older")),
)
"""What is asked unless the settings say otherwise."""


def checked_answers(items: Sequence[SurveyItem], given: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that were given; an empty one is none.

    Raises:
        BadInputError: an answer is none of the options.
    """
    known = {item.id: item.options for item in items}
    answers = {name: value for name, value in given.items() if name in known and value}
    if any(value not in known[name] for name, value in answers.items()):
        raise BadInputError("One of these answers is not among those that can be given.")
    return answers

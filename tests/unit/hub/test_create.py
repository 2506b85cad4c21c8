"""Creating an interview."""

import pytest

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import State
from assay_protocol.names import is_interview_id


def test_a_new_interview_pins_its_questions_in_their_order(world):
    interview = world.interview()

    assert is_interview_id(interview.id)
    assert interview.state is State.CREATED
    assert [(ref.id, ref.pinned) for ref in interview.questions] == [
        ("first", "pinned-first"),
        ("second", "pinned-second"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "x" * 201},
        {"title": "a\x00b"},
        {"candidate_name": ""},
        {"minutes": 4},
        {"minutes": 481},
        {"question_ids": []},
        {"question_ids": ["first", "first"]},
        {"question_ids": ["../../etc"]},
    ],
)
def test_bad_input_is_refused_and_nothing_is_stored(world, wrong):
    good = {"title": "Talk", "candidate_name": "Sam", "minutes": 60, "question_ids": ["first"]}

    with pytest.raises(BadInputError):
        world.create(world.staff, **{**good, **wrong})

    assert world.review.list(world.staff) == []

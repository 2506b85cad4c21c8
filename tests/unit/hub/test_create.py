"""Creating an interview."""

from datetime import UTC, datetime, timedelta

import pytest

from assay_hub.domain.access import TeamRole
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.interview import State
from assay_hub.domain.plan import Plan
from assay_hub.domain.search import Search
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
        {"title": "turned \u202e round"},
        {"candidate_name": ""},
        {"candidate_email": "nobody"},
        {"candidate_email": "a@b.c\r\nBcc: everybody@b.c"},
        {"duration": timedelta(minutes=4)},
        {"duration": timedelta(minutes=481)},
        {"time_zone": "Mars/Olympus"},
        {"scheduled_at": datetime(1999, 1, 1, tzinfo=UTC)},
        {"internal_notes": "x" * 20_001},
        {"internal_notes": "\ud800"},
        {"tags": ("x" * 51,)},
        {"tags": tuple(str(number) for number in range(21))},
        {"position": "nosuchrole"},
        {"interviewers": ("nobody",)},
        {"observers": ("nobody",)},
        {"viewers": ("nobody",)},
        {"questions": ("first", "first")},
        {"questions": ("../../etc",)},
    ],
)
def test_bad_input_is_refused_and_nothing_is_stored(world, wrong):
    with pytest.raises(BadInputError):
        world.interview(**wrong)

    assert world.find(world.staff, Search()).interviews == ()


@pytest.mark.parametrize("title", ["👩‍💻 Data", "مقابلة عمل", "=HYPERLINK(1)", "<b>bold</b>", "  two\n lines "])
def test_any_readable_title_is_kept(world, title):
    assert world.interview(title=title).title == " ".join(title.split())


def test_an_interview_without_questions_is_fine(world):
    assert world.interview(questions=()).questions == ()


def test_a_viewer_cannot_create_interviews_and_not_hold_them(world):
    viewer = world.member("vic", TeamRole.VIEWER)

    with pytest.raises(NotFoundError):
        world.create(viewer, Plan("Talk", "Sam"))
    with pytest.raises(BadInputError) as refusal:
        world.interview(interviewers=("ada", "vic"))

    assert set(refusal.value.fields) == {"interviewers"}


def test_a_copy_has_the_plan_and_nothing_of_how_it_went(world):
    original = world.live_interview()

    copy = world.create.copy(world.staff, original.id)

    assert copy.plan == original.plan
    assert (copy.state, copy.started_at) == (State.CREATED, None)

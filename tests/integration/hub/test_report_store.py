"""What reports are made of, in the store of each engine."""

from datetime import timedelta

import pytest
from fakes import START

from assay_hub.adapters.survey import SecretSurveyKeys
from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.activity import Activity, Landmark, Spent
from assay_hub.domain.decision import Choice, Decision
from assay_hub.domain.errors import ConflictError
from assay_hub.domain.feedback import Feedback, FeedbackQuestion, FeedbackTest, Part, Sharing
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.services.report import ReportInterviews

ADA = Person("ada", "Ada", TeamRole.INTERVIEWER)
EVE = Person("eve", "Eve", TeamRole.INTERVIEWER)


def interview(number: int, state: State = State.CLOSED, **changes) -> Interview:
    return Interview(
        **{
            "id": f"aaaaaaaaa{'abcdefgh'[number]}",
            "title": "Talk",
            "candidate_name": "Sam",
            "state": state,
            "created_by": "ada",
            "created_at": START + timedelta(hours=number),
            "duration": timedelta(hours=1),
            "interviewers": ("ada",),
            "questions": (),
            "started_at": START,
            "ended_at": START + timedelta(hours=1),
            "position": "role",
            **changes,
        }
    )


@pytest.fixture
def three(database) -> list[Interview]:
    found = [interview(0), interview(1, viewers=("ada",)), interview(2)]
    with database.write() as records:
        for one in (*found, interview(3, State.CANCELLED), interview(4, position="other")):
            records.add_interview(one)
    return found


def test_the_interviews_of_a_role_are_those_that_somebody_may_see(database, three):
    first, hidden, last = (one.id for one in three)

    with database.read() as records:
        assert [one.id for one in records.of_position("role", ADA, 9)] == [first, hidden, last]
        assert [one.id for one in records.of_position("role", ADA, 2)] == [hidden, last]
        assert [one.id for one in records.of_position("role", EVE, 9)] == [first, last]


def test_time_at_work_is_measured_once_and_again_after_the_interview_was_reopened(database, three):
    one = three[0]
    found = Activity(7, Spent(5, 1, 9), {"a": Spent(4, 1, 9)}, (Landmark(1, "a", "first-edit"),))

    with database.write() as records:
        assert len(records.unmeasured(9)) == 4
        records.save_activity(one.id, found, one.ended_at)
        assert one.id not in records.unmeasured(9)
        assert (records.activity(one.id), records.activity(three[1].id)) == (found, None)
        records.save_interview(interview(0, ended_at=START + timedelta(hours=2)))
        assert one.id in records.unmeasured(9)


def test_the_last_decision_counts_and_each_stays(database, three):
    one = three[0].id
    report = ReportInterviews(database, FixedClock(), lambda _: Activity(), lambda *_: [])

    report.decide(ADA, one, Choice.HOLD, "first", 0)
    report.decide(ADA, one, Choice.REJECT, "second", 1)
    with pytest.raises(ConflictError):
        report.decide(ADA, one, Choice.ADVANCE, "late", 1)

    with database.read() as records:
        assert [one.choice for one in records.decisions(one)] == [Choice.HOLD, Choice.REJECT]
        assert records.decisions(one)[0] == Decision(one, 1, Choice.HOLD, "first", "ada", START)
        assert records.choices_among([one, three[1].id]) == {one: Choice.REJECT}


class FixedClock:
    def now(self):
        return START


def test_what_was_shared_is_kept_as_it_was(database, three):
    one = three[0].id
    questions = (FeedbackQuestion("Fi\u0301rst", 1.5, 2, (FeedbackTest("An empty log", "passed"),), 90),)
    sharing = Sharing(one, 1, Feedback((Part.POINTS, Part.TESTS), "Thank you", questions, ("good",)), "ada", START)

    with database.write() as records:
        records.add_sharing(sharing)
        assert records.sharings(one) == [sharing]
        assert (records.revoke_sharings(one, START), records.revoke_sharings(one, START)) == (1, 0)
        assert records.sharings(one)[0].revoked_at == START
        assert records.usual_sharing("role") == ()
        records.save_usual_sharing("role", (Part.TIME,))
        assert records.usual_sharing("role") == (Part.TIME,)


def test_answers_are_replaced_and_forgotten_under_a_key_that_names_nobody(database):
    keys = SecretSurveyKeys(b"k" * 32)
    key = keys.key("aaaaaaaaaa")

    with database.write() as records:
        records.save_answers(key, keys.seal("first"))
        records.save_answers(key, keys.seal("second"))
        assert [keys.unseal(one) for one in records.answers_among([key, "other"]).values()] == ["second"]
        records.delete_answers(key)
        assert records.answers_among([key]) == {}
        assert records.impact("role") is None
        records.save_impact("role", keys.seal("a table"))
        assert keys.unseal(records.impact("role")) == "a table"


def test_what_happened_in_several_interviews_is_read_at_once(database, three):
    one, other = three[0].id, three[1].id
    grade = Grade(one, "first", GradingState.DONE, "graded", 1, 2, (CellResult("t", "T", 1, 2, "passed", ""),))

    with database.write() as records:
        records.save_grade(grade)
        assert records.grades_among([one, other]) == {one: [grade]}
        assert records.invited_among([one, other]) == set()
        assert records.submitted_among([one]) == set()

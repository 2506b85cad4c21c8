"""Create an interview: check its plan, pin its questions, name its people."""

from dataclasses import dataclass, replace

from assay_hub.domain.access import Action, Person, TeamAction, require, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.plan import Plan
from assay_hub.domain.team import require_fit
from assay_hub.ports import Clock, Database, Library, Records
from assay_hub.services.ids import new_id


@dataclass(frozen=True)
class CreateInterview:
    """Creates interviews."""

    database: Database
    library: Library
    clock: Clock

    def __call__(self, by: Person, plan: Plan, *, copied_from: str = "") -> Interview:
        """Create an interview; whoever creates it holds it unless the plan names others.

        Args:
            by: a member who may create interviews.
            plan: as it was entered.
            copied_from: the interview it is a copy of, for the history.

        Raises:
            NotFoundError: this person may not create interviews.
            BadInputError: something in the plan cannot be used; ``fields`` says what.
        """
        require_team(by, TeamAction.CREATE)
        plan = replace(plan, interviewers=plan.interviewers or (by.account,)).checked()
        questions = tuple(self.library.pin(question_id) for question_id in plan.questions)
        now = self.clock.now()
        interview = Interview(
            id=new_id(),
            title=plan.title,
            candidate_name=plan.candidate_name,
            state=State.CREATED,
            created_by=by.account,
            created_at=now,
            duration=plan.duration,
            interviewers=plan.interviewers,
            questions=questions,
            candidate_email=plan.candidate_email,
            position=plan.position,
            kind=plan.kind,
            scheduled_at=plan.scheduled_at,
            time_zone=plan.time_zone,
            internal_notes=plan.internal_notes,
            tags=plan.tags,
            observers=plan.observers,
            viewers=plan.viewers,
        )
        details = {"copied_from": copied_from} if copied_from else {}
        with self.database.write() as records:
            positions = records.positions()
            require_fit(plan, records.members(), positions)
            position = next((one for one in positions if one.id == plan.position), None)
            signals = position.signals if position else interview.signals
            interview = replace(interview, signals=signals, blind=_is_blind(records, plan))
            records.add_interview(interview)
            records.log(Entry(now, by.account, Deed.CREATED, interview.id, details))
        return interview

    def copy(self, by: Person, interview_id: str) -> Interview:
        """Create an interview like another, for the same candidate, with nothing of how that one went and no date."""
        with self.database.read() as records:
            original = require(by, Action.SEE_DETAILS, records.interview(interview_id))
        return self(by, replace(original.plan, scheduled_at=None), copied_from=original.id)


def _is_blind(records: Records, plan: Plan) -> bool:
    """Whether the role says so now; a later change of the role changes nothing for this interview."""
    position = records.position(plan.position) if plan.position else None
    return position is not None and position.blind

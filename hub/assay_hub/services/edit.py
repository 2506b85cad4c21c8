"""Edit an interview: change its plan, call it off, open it again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from assay_hub.domain.access import Action, Person, require
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import ConflictError
from assay_hub.domain.interview import Interview, QuestionRef
from assay_hub.domain.plan import Plan
from assay_hub.domain.team import require_fit
from assay_hub.ports import Clock, Database, Library


@dataclass(frozen=True)
class EditInterview:
    """Changes interviews; nothing of somebody else's change is overwritten unseen."""

    database: Database
    library: Library
    clock: Clock

    def __call__(self, by: Person, interview_id: str, plan: Plan, revision: int | None = None) -> Interview:
        """Give an interview another plan; questions that stay keep the version that was pinned.

        Args:
            by: somebody who may edit it.
            interview_id: the interview.
            plan: the whole new plan.
            revision: of the interview that the plan was made from; ``None`` to change whatever is there.

        Raises:
            NotFoundError: no such interview for this person.
            ConflictError: the interview has another revision by now.
            BadInputError: something in the plan cannot be used; ``fields`` says what.
            WrongStateError: this cannot be changed in its state.
        """
        plan = plan.checked()
        with self.database.read() as records:
            asked = {ref.id: ref for ref in require(by, Action.EDIT, records.interview(interview_id)).questions}
        pinned = {one: asked.get(one) or self.library.pin(one) for one in plan.questions}

        def change(interview: Interview) -> Interview:
            kept: dict[str, QuestionRef] = {**pinned, **{ref.id: ref for ref in interview.questions}}
            return interview.revise(plan, tuple(kept[one] for one in plan.questions))

        return self._change(by, Action.EDIT, interview_id, revision, Deed.EDITED, change, plan)

    def add_question(self, by: Person, interview_id: str, question_id: str) -> Interview:
        """Ask one more question, also while the interview is live."""
        with self.database.read() as records:
            interview = require(by, Action.EDIT, records.interview(interview_id))
        plan = interview.plan
        return self(by, interview_id, replace(plan, questions=(*plan.questions, question_id)), interview.revision)

    def cancel(self, by: Person, interview_id: str, revision: int | None = None) -> Interview:
        """Call an interview off."""
        now = self.clock.now()
        return self._change(by, Action.CANCEL, interview_id, revision, Deed.CANCELLED, lambda one: one.cancel(now))

    def reopen(self, by: Person, interview_id: str, revision: int | None = None) -> Interview:
        """Let work go on in an interview that was submitted, ended or called off."""
        now = self.clock.now()
        return self._change(by, Action.CANCEL, interview_id, revision, Deed.REOPENED, lambda one: one.reopen(now))

    def _change(
        self,
        by: Person,
        action: Action,
        interview_id: str,
        revision: int | None,
        deed: Deed,
        change: Callable[[Interview], Interview],
        plan: Plan | None = None,
    ) -> Interview:
        with self.database.write() as records:
            before = require(by, action, records.interview(interview_id))
            if revision is not None and revision != before.revision:
                raise ConflictError
            if plan is not None:
                if not before.plan.changes(plan):
                    return before
                require_fit(plan, records.members(), records.positions())
            after = change(before)
            if after.position != before.position:
                position = records.position(after.position) if after.position else None
                after = replace(after, blind=position is not None and position.blind)
            records.save_interview(after)
            changes = {
                name: [plain(here), plain(there)] for name, (here, there) in before.plan.changes(after.plan).items()
            }
            records.log(Entry(self.clock.now(), by.account, deed, interview_id, changes))
        return after


def plain(value: object) -> Any:
    """Return a value of a plan as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return value

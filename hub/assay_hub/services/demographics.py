"""Ask candidates about fairness after they have handed in, and show what can be shown: never one person's answer."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assay_hub.domain.access import Action, Person, TeamAction, require, require_team
from assay_hub.domain.adverse_impact import SMALLEST_CELL, Impact, ImpactTable, impact_table
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.decision import Choice
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.interview import State
from assay_hub.domain.position import Position
from assay_hub.domain.survey import SurveyItem, checked_answers
from assay_hub.ports import Clock, Database, Records
from assay_hub.ports.reports import SurveyKeys

_INTERVIEWS = 10_000
_ENDED = frozenset({State.SUBMITTED, State.CLOSED})


@dataclass(frozen=True)
class KeepDemographics:
    """Keeps answers apart from interviews; the only way back from an answer are the tables of a role.

    A table, once made, stays as it is until five answers or decisions in it have changed: else whoever looks before and
    after one change would know whose it was. No page tells anybody whether somebody answered, and nothing is logged of
    it: staff can open a candidate's link.

    Attributes:
        items: the questionnaire; empty when nothing is asked.
    """

    database: Database
    clock: Clock
    keys: SurveyKeys
    items: tuple[SurveyItem, ...]

    def asks(self, person: Person, interview_id: str) -> tuple[SurveyItem, ...]:
        """Return what a candidate is asked after handing in; empty while nothing is.

        Raises:
            NotFoundError: no such interview for this person; only its candidate is asked.
        """
        with self.database.read() as records:
            interview = require(person, Action.ANSWER_SURVEY, records.interview(interview_id))
        return self.items if interview.state in _ENDED else ()

    def answer(self, person: Person, interview_id: str, given: Mapping[str, str]) -> None:
        """Keep a candidate's answers in place of earlier ones; with none, earlier ones are forgotten.

        Raises:
            NotFoundError: this person is not asked.
            BadInputError: an answer is none of the options.
        """
        if not self.asks(person, interview_id):
            raise NotFoundError
        answers = checked_answers(self.items, given)
        key = self.keys.key(interview_id)
        with self.database.write() as records:
            if answers:
                records.save_answers(key, self.keys.seal(json.dumps(answers)))
            else:
                records.delete_answers(key)

    def withdraw(self, person: Person, interview_id: str) -> None:
        """Forget a candidate's answers, also when nothing is asked any more."""
        with self.database.write() as records:
            require(person, Action.ANSWER_SURVEY, records.interview(interview_id))
            records.delete_answers(self.keys.key(interview_id))

    def tables(self, person: Person, position_id: str) -> tuple[Position, list[ImpactTable]]:
        """Return the adverse-impact tables of a role; the audit log tells of the reading, and of no interview.

        Raises:
            NotFoundError: no such role, or not for this person.
        """
        require_team(person, TeamAction.SEE_IMPACT)
        with self.database.write() as records:
            position = records.position(position_id) if "\0" not in position_id else None
            if position is None:
                raise NotFoundError
            details = {"position": position_id}
            records.log(Entry(self.clock.now(), person.account, Deed.READ_IMPACT, "", details))
            return position, self._kept(records, position_id, self._counted(records, person, position_id))

    def _counted(self, records: Records, person: Person, position_id: str) -> dict[str, tuple[dict[str, str], bool]]:
        """Return answers and outcome under keys; on hold, and not decided, is no outcome."""
        ids = [one.id for one in records.of_position(position_id, person, _INTERVIEWS)]
        selected = {
            self.keys.key(one): choice is Choice.ADVANCE
            for one, choice in records.choices_among(ids).items()
            if choice is not Choice.HOLD
        }
        sealed = records.answers_among(list(selected))
        return {key: (json.loads(self.keys.unseal(text)), selected[key]) for key, text in sealed.items()}

    def _kept(
        self, records: Records, position_id: str, counted: Mapping[str, tuple[dict[str, str], bool]]
    ) -> list[ImpactTable]:
        marks = {_mark(key, *one) for key, one in counted.items()}
        kept = records.impact(position_id)
        before: dict[str, Any] = json.loads(self.keys.unseal(kept)) if kept else {"marks": [], "tables": []}
        asked = [asdict(item) for item in self.items]
        same_items = before.get("items") == json.loads(json.dumps(asked))
        if same_items and len(marks ^ set(before["marks"])) < SMALLEST_CELL:
            return _read(before["tables"])
        made = [
            impact_table(
                item.id, item.options, ((said[item.id], yes) for said, yes in counted.values() if item.id in said)
            )
            for item in self.items
        ]
        body = {"marks": sorted(marks), "items": asked, "tables": [asdict(one) for one in made]}
        records.save_impact(position_id, self.keys.seal(json.dumps(body)))
        return made


def _mark(key: str, answers: Mapping[str, str], selected: bool) -> str:  # noqa: FBT001  # a part of what is hashed
    return hashlib.sha256(json.dumps([key, sorted(answers.items()), selected]).encode()).hexdigest()


def _read(tables: Sequence[Mapping[str, Any]]) -> list[ImpactTable]:
    return [
        ImpactTable(one["item"], tuple(Impact(**row) for row in one["shown"]), tuple(one["hidden"])) for one in tables
    ]

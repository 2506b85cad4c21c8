"""Read how the people of a role did: to compare one of them, and for the role's summary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, TeamAction, may, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.decision import Choice
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.performance import Performance, TooFew, performance
from assay_hub.domain.position import Position
from assay_hub.domain.result import FINAL, Grade
from assay_hub.domain.role_summary import Course, RoleSummary, Step, role_summary
from assay_hub.ports import Clock, Database, Records

INTERVIEWS = 2_000
"""So many of the latest interviews of a role are looked at."""


@dataclass(frozen=True)
class ReadCohort:
    """Adds up the interviews of a role; nobody learns from it of one whose report they may not see.

    Two people may therefore see different numbers: whoever could compare the numbers over all interviews with those
    that they may see would know the rest.
    """

    database: Database
    clock: Clock

    def performances(self, person: Person, position_id: str) -> list[Performance]:
        """Return the numbers of each interview of a role that has ended and whose report the person may see."""
        with self.database.read() as records:
            ended = [one for one in _seen(records, person, position_id) if one.state in {State.SUBMITTED, State.CLOSED}]
            return _performances(records, ended, records.grades_among([one.id for one in ended]))

    def summary(self, person: Person, position_id: str, tags: Sequence[str] = ()) -> "Summarised":
        """Return a role at a glance; the audit log tells of the reading.

        Args:
            person: who asks.
            position_id: the role.
            tags: only interviews with all of these count.

        Raises:
            NotFoundError: no such role, or not for this person.
        """
        require_team(person, TeamAction.SEE_SUMMARIES)
        return self._summary(person, position_id, tags, Deed.READ_SUMMARY)

    def export(self, person: Person, position_id: str, tags: Sequence[str] = ()) -> "Summarised":
        """Return the same for a file that leaves the house."""
        require_team(person, TeamAction.SEE_SUMMARIES)
        return self._summary(person, position_id, tags, Deed.EXPORTED, what="summary", form="csv")

    def _summary(self, person: Person, position_id: str, tags: Sequence[str], deed: Deed, **said: str) -> "Summarised":
        with self.database.write() as records:
            position = records.position(position_id) if "\0" not in position_id else None
            if position is None:
                raise NotFoundError
            details = {"position": position_id, **said}
            records.log(Entry(self.clock.now(), person.account, deed, "", details))
        with self.database.read() as records:
            everything = _seen(records, person, position_id)
            fitting = [one for one in everything if set(tags) <= set(one.tags)]
            known = sorted({tag for one in everything for tag in one.tags})
            return Summarised(position, tuple(tags), tuple(known), role_summary(_courses(records, fitting)))


@dataclass(frozen=True)
class Summarised:
    """A role at a glance, as somebody asked for it.

    Attributes:
        tags: only interviews with all of these count.
        known_tags: those that there are.
    """

    position: Position
    tags: tuple[str, ...]
    known_tags: tuple[str, ...]
    summary: RoleSummary | TooFew


def _seen(records: Records, person: Person, position_id: str) -> list[Interview]:
    found = records.of_position(position_id, person, INTERVIEWS)
    return [one for one in found if may(person, Action.SEE_REPORT, one)]


def _performances(
    records: Records, interviews: Sequence[Interview], grades: Mapping[str, Sequence[Grade]]
) -> list[Performance]:
    measured = records.activities_among([one.id for one in interviews])
    return [performance(one, grades.get(one.id, ()), measured.get(one.id)) for one in interviews]


def _courses(records: Records, interviews: Sequence[Interview]) -> list[Course]:
    ids = [one.id for one in interviews]
    invited, submitted = records.invited_among(ids), records.submitted_among(ids)
    grades, choices = records.grades_among(ids), records.choices_among(ids)
    numbers = _performances(records, interviews, grades)
    return [
        Course(one, number, frozenset(_steps(one, invited, submitted, grades.get(one.id, ()), choices.get(one.id))))
        for one, number in zip(interviews, numbers, strict=True)
    ]


def _steps(
    interview: Interview, invited: set[str], submitted: set[str], grades: Sequence[Grade], choice: Choice | None
) -> Iterable[Step]:
    reached = {
        Step.INVITED: interview.id in invited,
        Step.STARTED: interview.started_at is not None,
        Step.SUBMITTED: interview.id in submitted,
        Step.GRADED: bool(grades) and all(grade.state in FINAL for grade in grades),
        Step.DECIDED: choice is not None,
        Step.ADVANCED: choice is Choice.ADVANCE,
    }
    return (step for step, there in reached.items() if there)

"""Report: everything that is known of an interview, put together for those who decide; and their decision."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from assay_hub.domain.access import Action, Person, Role, is_blind_to, require, role_of
from assay_hub.domain.activity import Activity
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.decision import Choice, Decision, checked_reason
from assay_hub.domain.errors import ConflictError, WrongStateError
from assay_hub.domain.interview import Interview
from assay_hub.domain.performance import CohortComparison, Performance, against_cohort, performance
from assay_hub.domain.report import Evidence, Report, report
from assay_hub.ports import Clock, Database


def _everybody(_person: Person, _interview_id: str) -> bool:
    return True


@dataclass(frozen=True)
class ReportInterviews:
    """Puts reports together, anew each time.

    Attributes:
        measure: returns how long a candidate worked.
        performances: returns the numbers of a role's interviews that somebody may see.
        may_see_opinions: whether a reviewer may read what others think; they score alone before.
    """

    database: Database
    clock: Clock
    measure: Callable[[Interview], Activity]
    performances: Callable[[Person, str], list[Performance]]
    may_see_opinions: Callable[[Person, str], bool] = field(default=_everybody)

    def __call__(self, person: Person, interview_id: str, tags: tuple[str, ...] = ()) -> Report:
        """Return a report; the audit log tells of the reading.

        Args:
            person: who reads it.
            interview_id: the interview.
            tags: of the interview; the cohort is narrowed to interviews with all of these.

        Raises:
            NotFoundError: no such interview for this person.
        """
        return self._read(person, interview_id, tags, Deed.READ_REPORT)

    def export(self, person: Person, interview_id: str, form: str, tags: tuple[str, ...] = ()) -> Report:
        """Return a report that leaves the house; the audit log tells of it.

        Args:
            person: who takes it.
            interview_id: the interview.
            form: ``json``, ``csv`` or ``pdf``.
            tags: as above.
        """
        return self._read(person, interview_id, tags, Deed.EXPORTED, what="report", form=form)

    def _read(self, person: Person, interview_id: str, tags: tuple[str, ...], deed: Deed, **details: str) -> Report:
        with self.database.write() as records:
            interview = require(person, Action.SEE_REPORT, records.interview(interview_id))
            records.log(Entry(self.clock.now(), person.account, deed, interview_id, details))
        evidence = self._evidence(interview)
        if role_of(person, interview) is Role.REVIEWER and not self.may_see_opinions(person, interview_id):
            evidence = replace(evidence, decisions=(), withheld=True)
        elif is_blind_to(person, interview):
            untold = [replace(one, reason="") for one in evidence.decisions]  # people write names into reasons
            evidence = replace(evidence, decisions=untold)
        kept = tuple(tag for tag in interview.tags if tag in tags)
        return report(evidence, self._compared(person, evidence, kept), self.clock.now())

    def alone(self, person: Person, interview_id: str) -> Report:
        """Return a report without anybody else's numbers, for those who choose what the candidate gets of it.

        The audit log tells of this reading too.
        """
        with self.database.write() as records:
            interview = require(person, Action.SHARE_REPORT, records.interview(interview_id))
            details = {"what": "sharing"}
            records.log(Entry(self.clock.now(), person.account, Deed.READ_REPORT, interview_id, details))
        return report(self._evidence(interview), None, self.clock.now())

    def _evidence(self, interview: Interview) -> Evidence:
        measured = self.measure(interview)
        with self.database.read() as records:
            decisions = records.decisions(interview.id)
            return Evidence(
                interview=interview,
                position=records.position(interview.position) if interview.position else None,
                submission=records.submission(interview.id),
                grades=records.grades(interview.id),
                measured=measured,
                decisions=decisions,
                names=records.names({*interview.interviewers, *(one.account for one in decisions)}),
            )

    def _compared(self, person: Person, evidence: Evidence, tags: tuple[str, ...]) -> CohortComparison | None:
        interview = evidence.interview
        if not interview.position:
            return None
        everybody = self.performances(person, interview.position)
        return against_cohort(performance(interview, evidence.grades, evidence.measured), everybody, tags)

    def decide(self, person: Person, interview_id: str, choice: Choice, reason: str, seen: int) -> Decision:
        """Keep what a person decided; earlier decisions stay beside it.

        Args:
            person: who decides.
            interview_id: the interview.
            choice: what was decided.
            reason: why, in their words.
            seen: number of the decision that they saw as the last one; 0 for none.

        Raises:
            NotFoundError: no such interview for this person.
            WrongStateError: it is not over.
            ConflictError: somebody else decided meanwhile.
            BadInputError: there is no reason, or it is too long.
        """
        with self.database.write() as records:
            interview = require(person, Action.DECIDE, records.interview(interview_id))
            if interview.is_open:
                raise WrongStateError("This interview is not over.", "Decide when the work has been handed in.")
            decision = Decision(
                interview_id, seen + 1, choice, checked_reason(reason), person.account, self.clock.now()
            )
            if len(records.decisions(interview_id)) != seen:
                raise ConflictError
            records.add_decision(decision)
            # The log is read by people who may not see the report: it tells that, not what, was decided.
            details = {"number": decision.number}
            records.log(Entry(decision.at, person.account, Deed.DECIDED, interview_id, details))
        return decision

"""Accommodate: what is different for one candidate, kept by those who hold the interview and known to nobody else."""

from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, require
from assay_hub.domain.accommodation import Accommodation
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import ConflictError, WrongStateError
from assay_hub.domain.interview import Interview
from assay_hub.ports import Clock, Database


@dataclass(frozen=True)
class KeepAccommodations:
    """Keeps accommodations. What a candidate was told before starting holds: nothing more is observed afterwards."""

    database: Database
    clock: Clock

    def of(self, person: Person, interview_id: str) -> tuple[Interview, Accommodation]:
        """Return an interview and what is different in it.

        Raises:
            NotFoundError: no such interview, or this person may not know of accommodations.
        """
        with self.database.read() as records:
            interview = require(person, Action.ACCOMMODATE, records.interview(interview_id))
            return interview, records.accommodation(interview_id)

    def save(self, person: Person, interview_id: str, wanted: Accommodation, expected: Accommodation) -> None:
        """Keep what is different.

        Args:
            person: who does it.
            interview_id: the interview.
            wanted: as it is to be.
            expected: what this was made from.

        Raises:
            NotFoundError: no such interview, or this person may not know of accommodations.
            BadInputError: something in it cannot be used.
            ConflictError: it is no longer the expected one.
            WrongStateError: a signal would be observed of which the candidate was told that it is not.
        """
        checked = wanted.checked()
        now = self.clock.now()
        with self.database.write() as records:
            interview = require(person, Action.ACCOMMODATE, records.interview(interview_id))
            known = records.accommodation(interview_id)
            if known != expected:
                raise ConflictError
            if interview.started_at is not None and not known.muted <= checked.muted:
                raise WrongStateError(
                    "The candidate was told that this is not observed.", "It can be muted, but not observed after all."
                )
            records.save_accommodation(interview_id, checked)
            changed = [name for name in ("muted", "note", "time_factor") if vars(known)[name] != vars(checked)[name]]
            records.log(Entry(now, person.account, Deed.ACCOMMODATED, interview_id, {"changed": changed}))

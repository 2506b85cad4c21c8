"""What reports need from the store and from the world."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from assay_hub.domain.access import Person
from assay_hub.domain.activity import Activity
from assay_hub.domain.decision import Choice, Decision
from assay_hub.domain.feedback import Part, Sharing
from assay_hub.domain.interview import Interview
from assay_hub.domain.result import Grade


class ReportRecords(Protocol):
    """What reports are made of."""

    def of_position(self, position_id: str, person: Person, rows: int) -> list[Interview]:
        """Return the latest interviews for a role that somebody may see, the earliest first; no cancelled ones."""

    def grades_among(self, interview_ids: Sequence[str]) -> dict[str, list[Grade]]:
        """Return the gradings of interviews that have any."""

    def invited_among(self, interview_ids: Sequence[str]) -> set[str]:
        """Return those interviews whose candidate was given a link."""

    def submitted_among(self, interview_ids: Sequence[str]) -> set[str]:
        """Return those interviews in which something was handed in."""

    def save_activity(self, interview_id: str, found: Activity, now: datetime) -> None:
        """Store how long a candidate worked, in place of what was there."""

    def activity(self, interview_id: str) -> Activity | None:
        """Return how long a candidate worked, if that was measured."""

    def activities_among(self, interview_ids: Sequence[str]) -> dict[str, Activity]:
        """Return the same for several interviews."""

    def unmeasured(self, rows: int) -> list[str]:
        """Return interviews that ended after their candidate's time was measured, or without that."""

    def add_decision(self, decision: Decision) -> None:
        """Store a decision beside the earlier ones."""

    def decisions(self, interview_id: str) -> list[Decision]:
        """Return the decisions about an interview, the first first."""

    def choices_among(self, interview_ids: Sequence[str]) -> dict[str, Choice]:
        """Return what was decided last, for interviews about which anything was."""

    def add_sharing(self, sharing: Sharing) -> None:
        """Store what was shared."""

    def sharings(self, interview_id: str) -> list[Sharing]:
        """Return what was shared of an interview, the last first."""

    def revoke_sharings(self, interview_id: str, now: datetime) -> int:
        """Take back what a candidate can read; return how much that was."""

    def save_usual_sharing(self, position_id: str, parts: Sequence[Part]) -> None:
        """Store what is usually shared with the candidates of a role."""

    def usual_sharing(self, position_id: str) -> tuple[Part, ...]:
        """Return what is usually shared with the candidates of a role: nothing, unless somebody said so."""


class SurveyRecords(Protocol):
    """Answers about fairness, under keys that name nobody."""

    def save_answers(self, key: str, sealed: str) -> None:
        """Store somebody's answers in place of earlier ones."""

    def delete_answers(self, key: str) -> None:
        """Forget somebody's answers; nothing happens if there are none."""

    def answers_among(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the sealed answers under these keys."""

    def save_impact(self, position_id: str, sealed: str) -> None:
        """Store the table of a role as it is shown, in place of the earlier one."""

    def impact(self, position_id: str) -> str | None:
        """Return the table of a role as it is shown."""


class SurveyKeys(Protocol):
    """Hides whose answers are whose, with a secret that is not in the database."""

    def key(self, interview_id: str) -> str:
        """Return the key of the answers of an interview's candidate."""

    def seal(self, text: str) -> str:
        """Return what may be stored: neither its content, nor its length, nor its time can be read."""

    def unseal(self, sealed: str) -> str:
        """Return what was sealed.

        Raises:
            ValueError: it was sealed with another key.
        """


class Printer(Protocol):
    """Makes PDF files."""

    def pdf(self, page: str) -> bytes:
        """Return a page of HTML, which needs nothing else, as a PDF.

        Raises:
            PrintFailedError: the detail says why, and what to do.
        """

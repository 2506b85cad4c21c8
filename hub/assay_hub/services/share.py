"""Share with a candidate what the team chooses of their report: looked at before, and taken back at any time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, TeamAction, require, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.debrief import ScoreCards, Withheld
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError, WrongStateError
from assay_hub.domain.feedback import Feedback, Part, Sharing, feedback
from assay_hub.domain.report import Report
from assay_hub.ports import Clock, Database


def _comments(cards: ScoreCards | Withheld) -> Sequence[str]:
    """Return what score cards say, without names; nothing to somebody who has to score alone before."""
    if isinstance(cards, Withheld):
        return ()
    said = ((title, one.score_of(key)) for _, key, title in cards.rows for one in cards.cards)
    return [f"{title}: {score.comment}" for title, score in said if score.comment]


@dataclass(frozen=True)
class Offer:
    """What somebody chooses from who shares a report.

    Attributes:
        usual: what is usually shared for the role.
        sharings: what was shared so far, the last first.
        names: of those who shared it.
    """

    report: Report
    usual: tuple[Part, ...]
    sharings: tuple[Sharing, ...]
    names: Mapping[str, str]


@dataclass(frozen=True)
class ShareReports:
    """Keeps what candidates get.

    Attributes:
        report: returns a report without anybody else's numbers.
        cards: returns the locked score cards of an interview, or why somebody does not see them.
    """

    database: Database
    clock: Clock
    report: Callable[[Person, str], Report]
    cards: Callable[[Person, str], ScoreCards | Withheld]

    def offered(self, person: Person, interview_id: str) -> Offer:
        """Return what there is to choose from."""
        found = self.report(person, interview_id)
        with self.database.read() as records:
            sharings = records.sharings(interview_id)
            names = records.names({one.shared_by for one in sharings})
            return Offer(found, records.usual_sharing(found.interview.position), tuple(sharings), names)

    def preview(self, person: Person, interview_id: str, parts: Sequence[Part], message: str) -> Feedback:
        """Return what the candidate would get."""
        comments = _comments(self.cards(person, interview_id)) if Part.COMMENTS in parts else ()
        return feedback(self.report(person, interview_id), parts, message, comments)

    def share(self, person: Person, interview_id: str, parts: Sequence[Part], message: str, digest: str) -> Sharing:
        """Share exactly what was looked at; it takes the place of what was shared before.

        Args:
            person: who shares.
            interview_id: the interview.
            parts: what is shared.
            message: to the candidate.
            digest: of the preview.

        Raises:
            NotFoundError: no such interview for this person.
            WrongStateError: it is not over.
            ConflictError: it is no longer what was looked at.
            BadInputError: there is nothing to share.
        """
        chosen = self.preview(person, interview_id, parts, message)
        if chosen.empty:
            raise BadInputError("There is nothing to share.", "Choose a part, or write a message.")
        if chosen.digest != digest:
            raise ConflictError
        with self.database.write() as records:
            interview = require(person, Action.SHARE_REPORT, records.interview(interview_id))
            if interview.is_open:
                raise WrongStateError("This interview is not over.", "Share when the work has been handed in.")
            now, earlier = self.clock.now(), records.sharings(interview_id)
            records.revoke_sharings(interview_id, now)
            sharing = Sharing(interview_id, len(earlier) + 1, chosen, person.account, now)
            records.add_sharing(sharing)
            details = {"number": sharing.number, "parts": [part.value for part in chosen.parts]}
            records.log(Entry(now, person.account, Deed.SHARED, interview_id, details))
        return sharing

    def revoke(self, person: Person, interview_id: str) -> None:
        """Take back what was shared; nothing happens if nothing is."""
        with self.database.write() as records:
            require(person, Action.SHARE_REPORT, records.interview(interview_id))
            now = self.clock.now()
            if records.revoke_sharings(interview_id, now):
                records.log(Entry(now, person.account, Deed.UNSHARED, interview_id))

    def feedback(self, person: Person, interview_id: str) -> Feedback | None:
        """Return what a candidate can read; ``None`` while nothing is shared."""
        with self.database.read() as records:
            require(person, Action.SEE_FEEDBACK, records.interview(interview_id))
            last = next(iter(records.sharings(interview_id)), None)
        return last.feedback if last and last.revoked_at is None else None

    def usual(self, person: Person, position_id: str) -> tuple[Part, ...]:
        """Return what is usually shared for a role."""
        require_team(person, TeamAction.MANAGE_ROLES)
        with self.database.read() as records:
            return records.usual_sharing(position_id) if "\0" not in position_id else ()

    def save_usual(self, person: Person, position_id: str, parts: Sequence[Part]) -> None:
        """Keep what is usually shared for a role: what the form offers first, never shared by itself."""
        require_team(person, TeamAction.MANAGE_ROLES)
        with self.database.write() as records:
            position = records.position(position_id) if "\0" not in position_id else None
            if position is None:
                raise NotFoundError
            kept = [part for part in Part if part in parts]
            records.save_usual_sharing(position_id, kept)
            details = {"position": position_id, "name": position.name, "usually shared": [one.value for one in kept]}
            records.log(Entry(self.clock.now(), person.account, Deed.POSITION_CHANGED, "", details))

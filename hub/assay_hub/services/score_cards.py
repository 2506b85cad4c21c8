"""Score cards: each reviewer scores alone and locks; then those who did see all locked cards, and talk."""

from collections.abc import Mapping
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, TeamAction, gives_card, may, require, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.debrief import OwnCard, RoleAgreement, ScoreCards, ShownCard, Withheld, agreed, severities
from assay_hub.domain.errors import ConflictError, NotAllowedError, NotFoundError, WrongStateError
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.rubric import LIVE, ROLE, Rubric, Section
from assay_hub.domain.score_card import Score, ScoreCard, ScoreChange, change_score, suggested_level
from assay_hub.domain.search import AuditSearch
from assay_hub.ports import Clock, Database, Library, Records

_INTERVIEWS = 2_000
_NOT_BEGUN = frozenset({State.CREATED, State.CANCELLED})


@dataclass(frozen=True)
class KeepScoreCards:
    """Keeps score cards; who may fill one in sees no other, and no word of a machine, before theirs is locked."""

    database: Database
    library: Library
    clock: Clock

    # One's own

    def open(self, by: Person, interview_id: str) -> OwnCard:
        """Return one's own card; the first that is opened pins the rubric. The audit log tells of the reading.

        Raises:
            NotFoundError: no such interview, or no card for this person in it.
            WrongStateError: it has not begun, or was called off.
            NotAllowedError: the person has seen the others' cards without one of their own.
        """
        with self.database.write() as records:
            interview = _scored(by, records.interview(interview_id))
            card = self._own(records, by, interview)
            rubric = self._pinned(records, by, interview)
            records.log(Entry(self.clock.now(), by.account, Deed.READ_CARD, interview_id))
            return OwnCard(interview, rubric, card, records.head(interview_id).seq > 0)

    def save(
        self, by: Person, interview_id: str, scores: Mapping[str, Score], revision: int | None, page: str = ""
    ) -> ScoreCard:
        """Keep what was given so far.

        Args:
            by: the reviewer.
            interview_id: the interview.
            scores: by key of the criterion, all of them.
            revision: of the card that they were made from; ``None`` to replace whatever is there.
            page: the open page that saves, which may do so again without knowing the new revision.

        Raises:
            ConflictError: another window saved it meanwhile.
            WrongStateError: it is locked.
            BadInputError: something cannot be used; ``fields`` says what, by criterion.
        """
        with self.database.write() as records:
            interview = _scored(by, records.interview(interview_id))
            card = self._own(records, by, interview)
            rubric = self._pinned(records, by, interview)
            if card.locked_at is None:
                card.require_same(revision, page)
            saved = card.save(scores, rubric, self.clock.now(), page)
            records.save_card(saved)
        return saved

    def lock(self, by: Person, interview_id: str, revision: int | None, page: str = "") -> ScoreCard:
        """Lock one's own card as it was saved last; from then on the others' can be seen.

        Raises:
            ConflictError: another window saved it meanwhile.
            WrongStateError: it is locked already.
            BadInputError: it is not complete; ``fields`` says what is missing, by criterion.
        """
        now = self.clock.now()
        with self.database.write() as records:
            interview = _scored(by, records.interview(interview_id))
            card = self._own(records, by, interview)
            if card.locked_at is None:
                card.require_same(revision, page)
            locked = card.lock(self._pinned(records, by, interview), now)
            records.save_card(locked)
            records.log(Entry(now, by.account, Deed.CARD_LOCKED, interview_id))
        return locked

    def change(
        self, by: Person, interview_id: str, criterion: str, after: Score, why: str, known: int | None = None
    ) -> ScoreChange:
        """Change a score of one's own locked card; the first score, the time and the reason stay beside it.

        Args:
            by: the reviewer.
            interview_id: the interview.
            criterion: its key.
            after: the score from now on.
            why: what the others are told of it.
            known: how many changes of the card the person had seen; ``None`` for whatever is there.

        Raises:
            ConflictError: another window changed the card meanwhile.
            WrongStateError: the card is not locked.
            BadInputError: nothing changes, no reason is given, or the score cannot be used.
        """
        now = self.clock.now()
        with self.database.write() as records:
            interview = _scored(by, records.interview(interview_id))
            card = self._own(records, by, interview)
            changes = _of(card, records.score_changes(interview_id))
            if known not in (None, len(changes)):
                raise ConflictError
            rubric = self._pinned(records, by, interview)
            change = change_score(card, changes, criterion, after, rubric, now, why)
            records.add_score_change(interview_id, change)
            records.log(Entry(now, by.account, Deed.CARD_CHANGED, interview_id, {"criterion": criterion}))
        return change

    # All of them

    def of(self, person: Person, interview_id: str) -> ScoreCards | Withheld:
        """Return the locked cards of an interview side by side, or why this person does not see them.

        The audit log tells of the reading.

        Raises:
            NotFoundError: no such interview for this person, or no score cards for them.
        """
        with self.database.write() as records:
            interview = require(person, Action.SEE_SCORES, records.interview(interview_id))
            cards = records.cards(interview_id)
            if not _may_see_all(person, interview, cards):
                reason = "You score alone: lock your own score card, then you see the others'."
                return Withheld(reason, sum(1 for card in cards if card.locked_at))
            if any(card.locked_at for card in cards):
                records.log(Entry(self.clock.now(), person.account, Deed.READ_CARDS, interview_id))
            return self._side_by_side(records, interview, cards)

    def may_see_suggestions(self, person: Person, interview_id: str) -> bool:
        """Whether the person may see what a machine says of an interview, beside which they could score.

        Raises:
            NotFoundError: no such interview for this person.
        """
        with self.database.read() as records:
            interview = require(person, Action.SEE_DETAILS, records.interview(interview_id))
            return _may_see_all(person, interview, records.cards(interview_id))

    def agreement(self, person: Person, position_id: str) -> RoleAgreement:
        """Return how far reviewers agree over the latest 2,000 interviews for a role whose cards the person may see.

        First scores alone count: those after a debrief are no longer given alone. The audit log tells of the reading.

        Raises:
            NotFoundError: there is no such role, or this person may not.
        """
        require_team(person, TeamAction.SEE_AGREEMENT)
        with self.database.write() as records:
            position = records.position(position_id)
            if position is None:
                raise NotFoundError
            given = []
            for interview in records.scored_for(position_id, person, _INTERVIEWS):
                cards, rubric = records.cards(interview.id), records.pinned_rubric(interview.id)
                if rubric and may(person, Action.SEE_SCORES, interview) and _may_see_all(person, interview, cards):
                    given.append((rubric, [card for card in cards if card.locked_at]))
            severe = severities(given) if person.may(TeamAction.SEE_SEVERITY) else []
            records.log(Entry(self.clock.now(), person.account, Deed.READ_AGREEMENT, "", {"position": position_id}))
            names = records.names(one.account for one in severe)
        return RoleAgreement(position, len(given), tuple(agreed(given)), tuple(severe), names)

    def _own(self, records: Records, by: Person, interview: Interview) -> ScoreCard:
        if interview.state in _NOT_BEGUN:
            raise WrongStateError("There is nothing to score: this interview did not take place, or not yet.")
        known = records.card(interview.id, by.account)
        seen = AuditSearch(account=by.account, deed=Deed.READ_CARDS.value, interview=interview.id, rows=1)
        if (known is None or known.locked_at is None) and records.audit(seen):
            raise NotAllowedError(
                "You have seen the others' score cards of this interview.", "A card of yours would not be given alone."
            )
        return known or ScoreCard(interview.id, by.account)

    def _pinned(self, records: Records, by: Person, interview: Interview) -> Rubric:
        """Return the interview's own copy of the rubric, which is made when it is first needed."""
        found = records.pinned_rubric(interview.id)
        if found is not None:
            return found
        position = records.position(interview.position) if interview.position else None
        role = Section(ROLE, position.name if position else "The interview", (position and position.rubric) or LIVE)
        asked = [Section(ref.id, ref.title, tuple(self.library.rubric(ref))) for ref in interview.questions]
        rubric = Rubric((role, *(section for section in asked if section.criteria)))
        now = self.clock.now()
        records.pin_rubric(interview.id, rubric, now)
        records.log(Entry(now, by.account, Deed.RUBRIC_PINNED, interview.id))
        return rubric

    def _side_by_side(self, records: Records, interview: Interview, cards: list[ScoreCard]) -> ScoreCards:
        locked = [card for card in cards if card.locked_at]
        rubric = records.pinned_rubric(interview.id) or Rubric(())
        changes, names = records.score_changes(interview.id), records.names(card.account for card in locked)
        shown = []
        for card in locked:
            own = tuple(_of(card, changes))
            shown.append(ShownCard(card, names[card.account], own, card.after(own), card.mean(rubric)))
        grades = records.grades(interview.id)
        suggestions = {one.question: level for one in grades if (level := suggested_level(one)) is not None}
        return ScoreCards(interview.id, rubric, tuple(shown), len(cards) - len(locked), suggestions)


def _scored(by: Person, interview: Interview | None) -> Interview:
    """Return an interview to somebody who gives a score card in it."""
    found = require(by, Action.SCORE, interview)
    if not gives_card(by, found):
        raise NotFoundError
    return found


def _of(card: ScoreCard, changes: list[ScoreChange]) -> list[ScoreChange]:
    return [change for change in changes if change.account == card.account]


def _may_see_all(person: Person, interview: Interview, cards: list[ScoreCard]) -> bool:
    """Whether the person sees all locked cards: one who may give a card, once theirs is locked."""
    if not gives_card(person, interview):
        return True
    return any(card.account == person.account and card.locked_at for card in cards)

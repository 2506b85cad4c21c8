"""Keep drafts: forms of new interviews and of changes to one, until they are saved as what they describe."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from assay_hub.domain.access import Action, Person, TeamAction, require, require_team
from assay_hub.domain.audit import Deed
from assay_hub.domain.draft import (
    BASE,
    COPIED,
    GIVEN,
    PAGE,
    SAVED,
    TOGETHER,
    Conflict,
    Draft,
    Window,
    changed_elsewhere,
    differs,
    fillable,
    for_position,
    given,
    of_template,
    stamp,
)
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError, OtherWindowError, TooLargeError
from assay_hub.domain.form import FIELDS, Form, form_of, plan_of, text
from assay_hub.domain.interview import Interview
from assay_hub.domain.plan import MAX_QUESTIONS, Plan
from assay_hub.domain.position import Template
from assay_hub.domain.search import Order, Search
from assay_hub.ports import Clock, Database, Library, Records
from assay_hub.services.ids import new_id

KEPT = timedelta(days=30)
"""How long a draft is kept after it was last saved."""

MAX_DRAFTS = 50
_FORM_CHARACTERS = 200_000
_ID_CHARACTERS = 16

_ONE = Window()
_REVISIONS = frozenset({Deed.EDITED, Deed.CANCELLED, Deed.REOPENED})


class _Creates(Protocol):
    def __call__(self, by: Person, plan: Plan, *, copied_from: str = "") -> Interview: ...


class _Edits(Protocol):
    def __call__(self, by: Person, interview_id: str, plan: Plan, revision: int | None = None) -> Interview: ...


@dataclass(frozen=True)
class Saved:
    """What became of a draft.

    Attributes:
        created: whether it is a new interview, made just now.
    """

    interview: str
    created: bool


@dataclass(frozen=True)
class KeepDrafts:
    """Knows what people have entered and not saved yet; a draft belongs to one account."""

    database: Database
    library: Library
    clock: Clock
    create: _Creates
    edit: _Edits
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    # Beginning

    def new(self, by: Person, *, template: str = "", position: str = "", copy_of: str = "") -> Draft:
        """Begin a new interview: empty, or from a template, for a role, or like another interview.

        Raises:
            NotFoundError: this person may not create interviews, or there is no such template, role or interview.
        """
        require_team(by, TeamAction.CREATE)
        with self.database.write() as records:
            self._tidy(records, by)
            latest = records.find(by, Search(interviewer=by.account, order=Order.LATEST_CREATED, rows=1)).interviews
            zone = latest[0].time_zone if latest else "UTC"
            form = form_of(Plan("", "", time_zone=zone, interviewers=(by.account,)))
            form["questions"] = []
            if copy_of:
                original = require(by, Action.SEE_DETAILS, records.interview(copy_of))
                form = self._shown(replace(original.plan, scheduled_at=None), started=False)
                form[COPIED] = [original.id]
            elif template:
                form = {**form, **of_template(_template(records, template))}
            form[GIVEN] = [json.dumps({} if copy_of else {**fillable(form), "time_zone": form["time_zone"]})]
            if position:
                found = records.position(position)
                if found is None:
                    raise NotFoundError
                form = for_position(found, {**form, "position": [position]})
            return self._begun(records, by, form)

    def change(self, by: Person, interview_id: str) -> Draft:
        """Begin to change an interview, or go on with a change of it that was left.

        Raises:
            NotFoundError: no such interview that this person may change.
        """
        with self.database.write() as records:
            self._tidy(records, by)
            interview = require(by, Action.EDIT, records.interview(interview_id))
            for draft in _unfinished(records, by):
                if draft.interview == interview.id:
                    return draft
            form = self._shown(interview.plan, started=interview.started_at is not None)
            form |= {BASE: [json.dumps(form)], GIVEN: ["{}"]}
            return self._begun(records, by, form, interview)

    # Filling in

    def open(self, by: Person, draft_id: str) -> Draft:
        """Return one's own draft.

        Raises:
            NotFoundError: there is none, or the person may not do any more what it is for.
        """
        with self.database.read() as records:
            return self._own(records, by, draft_id)

    def unfinished(self, by: Person) -> list[Draft]:
        """Return one's own drafts that were not saved yet, the latest first."""
        require_team(by, TeamAction.LIST)
        with self.database.read() as records:
            return _unfinished(records, by)

    def fill_in(self, by: Person, draft_id: str, entered: Form, window: Window = _ONE) -> Draft:
        """Keep what was entered, right or wrong; a newly chosen role fills in what nobody touched.

        Raises:
            NotFoundError: no such draft of this person.
            OtherWindowError: another window has filled in something else meanwhile; ``fields`` says where.
            TooLargeError: it is more than is kept; what was kept before stays.
        """
        entered = {name: values for name, values in entered.items() if name in FIELDS}

        def change(records: Records, form: dict[str, list[str]]) -> dict[str, list[str]]:
            lost = changed_elsewhere(form, entered, window)
            if lost:
                raise OtherWindowError(lost)
            chosen = text(entered, "position")
            filled = form | dict(entered) | {PAGE: [window.page]}
            if chosen and chosen != text(form, "position"):
                filled = for_position(records.position(chosen), filled)
            if "time_zone" in entered:
                filled[GIVEN] = [json.dumps({**given(filled), "time_zone": None})]
            return filled

        return self._change(by, draft_id, change)

    def forget(self, by: Person, draft_id: str) -> None:
        """Throw one's own draft away."""
        with self.database.write() as records:
            self._own(records, by, draft_id)
            records.delete_draft(draft_id, by.account)

    # Questions

    def add_question(self, by: Person, draft_id: str, question_id: str) -> Draft:
        """Put a question at the end; one that is there already stays where it is.

        Raises:
            BadInputError: there is no such question, or there are too many.
        """
        known = {card.id for card in (*self.library.cards(), *self.library.formats())}
        if question_id not in known:
            raise BadInputError("There is no such question in the library.")
        return self._arrange(by, draft_id, lambda chosen: [*chosen, question_id])

    def remove_question(self, by: Person, draft_id: str, question_id: str) -> Draft:
        """Take a question out."""
        return self._arrange(by, draft_id, lambda chosen: [one for one in chosen if one != question_id])

    def move_question(self, by: Person, draft_id: str, question_id: str, places: int) -> Draft:
        """Move a question down by so many places, or up by a negative number; it stops at either end."""

        def move(chosen: list[str]) -> list[str]:
            if question_id not in chosen:
                return chosen
            place = min(max(chosen.index(question_id) + places, 0), len(chosen) - 1)
            rest = [one for one in chosen if one != question_id]
            return [*rest[:place], question_id, *rest[place:]]

        return self._arrange(by, draft_id, move)

    def order_questions(self, by: Person, draft_id: str, order: list[str]) -> Draft:
        """Put the questions in this order; what the order does not name stays behind the others."""
        return self._arrange(
            by,
            draft_id,
            lambda chosen: sorted(chosen, key=lambda one: order.index(one) if one in order else len(order)),
        )

    def take_questions(self, by: Person, draft_id: str, interview_id: str) -> Draft:
        """Put the questions of an earlier interview, which the person may see, behind those that are chosen."""
        with self.database.read() as records:
            asked = require(by, Action.SEE_DETAILS, records.interview(interview_id)).plan.questions
        known = {card.id for card in self.library.cards()}
        return self._arrange(by, draft_id, lambda chosen: [*chosen, *(one for one in asked if one in known)])

    # Saving

    def confirm(self, by: Person, draft_id: str, seen: str = "") -> Saved:
        """Create the interview that a draft describes, or change the one that it is about; a second time does nothing.

        Args:
            by: whose draft it is.
            draft_id: the draft.
            seen: stamp of the form that the person looked at; empty when nobody knows.

        Raises:
            NotFoundError: no such draft of this person, or they may not do this any more.
            OtherWindowError: another window has changed the draft after that.
            BadInputError: something in it cannot be used; ``fields`` says what.
            ConflictError: somebody else changed the interview meanwhile.
            WrongStateError: this cannot be changed in the interview's state.
        """
        with self._one_at_a_time:
            draft = self.open(by, draft_id)
            if before := text(draft.form, SAVED):
                return Saved(before, created=False)
            if seen and seen != stamp(draft.form):
                raise OtherWindowError
            plan = plan_of(draft.form)
            if draft.interview:
                interview = self.edit(by, draft.interview, plan, draft.revision)
            else:
                interview = self.create(by, plan, copied_from=text(draft.form, COPIED))
            with self.database.write() as records:
                records.save_draft(
                    replace(draft, interview=interview.id, form={SAVED: [interview.id]}, saved_at=self.clock.now())
                )
            return Saved(interview.id, created=not draft.interview)

    def saved_as(self, draft: Draft) -> str:
        """Return the interview that a draft was saved as, empty if it was not."""
        return text(draft.form, SAVED)

    def conflict(self, by: Person, draft_id: str) -> Conflict:
        """Return what differs between the change in a draft and what somebody else made of the interview.

        Raises:
            NotFoundError: no such draft, or it is for a new interview.
            BadInputError: the draft itself cannot be used.
        """
        with self.database.read() as records:
            draft = self._own(records, by, draft_id)
            interview = require(by, Action.EDIT, records.interview(draft.interview))
            edits = [entry for entry in records.history(interview.id) if entry.deed in _REVISIONS]
        mine, theirs, base = plan_of(draft.form), interview.plan, plan_of(json.loads(text(draft.form, BASE)))
        names = tuple(name for name in TOGETHER if differs(name, theirs, mine))
        who = edits[0] if edits else None
        return Conflict(interview, base, theirs, mine, who.account if who else "", who.at if who else None, names)

    def resolve(self, by: Person, draft_id: str, revision: int, choices: Mapping[str, str]) -> None:
        """Settle a conflict: what the draft holds afterwards is theirs with what was chosen of mine.

        Args:
            by: whose draft it is.
            draft_id: the draft.
            revision: of the interview that the choice was made against.
            choices: name in ``TOGETHER`` to ``mine`` or ``theirs``.

        Raises:
            ConflictError: the interview has changed again.
            BadInputError: something was not chosen; ``fields`` says what.
        """
        found = self.conflict(by, draft_id)
        if found.interview.revision != revision:
            raise ConflictError
        open_names = [name for name in found.names if choices.get(name) not in {"mine", "theirs"}]
        if open_names:
            raise BadInputError(
                "Choose a version of everything that both of you changed.",
                fields=dict.fromkeys(open_names, "Choose one."),
            )
        chosen = [part for name in found.names if choices[name] == "mine" for part in TOGETHER[name]]
        merged = replace(found.theirs, **{part: getattr(found.mine, part) for part in chosen})
        started = found.interview.started_at is not None
        form = self._shown(merged, started=started)
        form |= {BASE: [json.dumps(self._shown(found.theirs, started=started))], GIVEN: ["{}"]}
        with self.database.write() as records:
            draft = self._own(records, by, draft_id)
            records.save_draft(replace(draft, form=form, revision=revision, saved_at=self.clock.now()))

    # Parts

    def _arrange(self, by: Person, draft_id: str, change: Callable[[list[str]], list[str]]) -> Draft:
        def arranged(_records: Records, form: dict[str, list[str]]) -> dict[str, list[str]]:
            chosen = list(dict.fromkeys(change(list(form.get("questions", [])))))
            if len(chosen) > MAX_QUESTIONS:
                raise BadInputError(f"An interview has at most {MAX_QUESTIONS} questions.", "Remove one first.")
            return {**form, "questions": chosen}

        return self._change(by, draft_id, arranged)

    def _change(
        self, by: Person, draft_id: str, change: Callable[[Records, dict[str, list[str]]], dict[str, list[str]]]
    ) -> Draft:
        with self.database.write() as records:
            draft = self._own(records, by, draft_id)
            form = change(records, dict(draft.form))
            if sum(len(value) for values in form.values() for value in values) > _FORM_CHARACTERS:
                raise TooLargeError("This is more than a draft can hold.", "What was kept before is still there.")
            draft = replace(draft, form=form, saved_at=self.clock.now())
            records.save_draft(draft)
        return draft

    def _own(self, records: Records, by: Person, draft_id: str) -> Draft:
        fits = draft_id.isascii() and draft_id.isalnum() and len(draft_id) <= _ID_CHARACTERS
        draft = records.draft(draft_id, by.account) if fits else None
        if draft is None or draft.saved_at < self.clock.now() - KEPT:
            raise NotFoundError
        if not draft.interview:
            require_team(by, TeamAction.CREATE)
        elif SAVED not in draft.form:
            require(by, Action.EDIT, records.interview(draft.interview))
        return draft

    def _begun(
        self, records: Records, by: Person, form: dict[str, list[str]], interview: Interview | None = None
    ) -> Draft:
        draft = Draft(
            id=new_id(),
            account=by.account,
            interview=interview.id if interview else "",
            revision=interview.revision if interview else 0,
            form=form,
            saved_at=self.clock.now(),
        )
        records.save_draft(draft)
        return draft

    def _tidy(self, records: Records, by: Person) -> None:
        records.delete_drafts_before(self.clock.now() - KEPT)
        for draft in records.drafts(by.account)[MAX_DRAFTS - 1 :]:
            # Opening a page begins a draft, so a foreign page can begin many: none pushes out one with something in it.
            if not draft.interview and not text(draft.form, "title") and not text(draft.form, "candidate_name"):
                records.delete_draft(draft.id, by.account)

    def _shown(self, plan: Plan, *, started: bool) -> dict[str, list[str]]:
        """Return the form of a plan; an empty editor that nobody has seen yet is shown as the lack of questions."""
        form = form_of(plan)
        formats = {card.id for card in self.library.formats()}
        if not started and len(plan.questions) == 1 and plan.questions[0] in formats:
            form |= {"questions": [], "format": [plan.questions[0]]}
        return form


def _unfinished(records: Records, by: Person) -> list[Draft]:
    return [draft for draft in records.drafts(by.account) if SAVED not in draft.form]


def _template(records: Records, template_id: str) -> Template:
    template = records.template(template_id) if template_id.isascii() and template_id.isalnum() else None
    if template is None:
        raise NotFoundError
    return template

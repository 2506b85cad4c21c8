"""Do one thing with many interviews: tag them, call them off, take them along; each on its own, each answered for."""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import IO, Protocol

from assay_hub.domain.access import Action, Person, TeamAction, may, require, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import AssayError, BadInputError, NotAllowedError, TooLargeError
from assay_hub.domain.interview import Interview
from assay_hub.domain.plan import TAG_CHARACTERS, Plan, one_line
from assay_hub.domain.result import Submission
from assay_hub.domain.search import MAX_PAGE_ROWS
from assay_hub.ports import Artefacts, Clock, Database


class Edits(Protocol):
    """Changes of one interview."""

    def __call__(self, by: Person, interview_id: str, plan: Plan, revision: int | None = None) -> Interview:
        """Give an interview another plan."""

    def cancel(self, by: Person, interview_id: str, revision: int | None = None) -> Interview:
        """Call an interview off."""


@dataclass(frozen=True)
class Outcome:
    """What became of one interview.

    Attributes:
        title: empty for an interview that this person may not know of.
        refusal: why nothing was done with it; empty when it was done.
    """

    id: str
    title: str
    refusal: str = ""


@dataclass(frozen=True)
class ChangeMany:
    """Does the same with each of many interviews; where it cannot be done, that interview stays as it was."""

    database: Database
    edits: Edits
    artefacts: Artefacts
    clock: Clock
    max_bytes: int

    def tag(self, by: Person, ids: Sequence[str], tag: str) -> list[Outcome]:
        """Add a tag to each.

        Raises:
            BadInputError: there is no such tag, nothing was chosen, or too much.
        """
        return self._tags(by, ids, tag, lambda tags, one: tags if one in tags else (*tags, one))

    def untag(self, by: Person, ids: Sequence[str], tag: str) -> list[Outcome]:
        """Take a tag away from each that has it.

        Raises:
            BadInputError: there is no such tag, nothing was chosen, or too much.
        """
        return self._tags(by, ids, tag, lambda tags, one: tuple(each for each in tags if each != one))

    def _tags(
        self, by: Person, ids: Sequence[str], tag: str, change: Callable[[tuple[str, ...], str], tuple[str, ...]]
    ) -> list[Outcome]:
        tag = one_line(tag)
        if not 0 < len(tag) <= TAG_CHARACTERS:
            raise BadInputError(f"A tag needs 1 to {TAG_CHARACTERS} characters.", fields={"tag": "1 to 50 characters"})

        def do(interview: Interview) -> None:
            plan = interview.plan
            tags = change(plan.tags, tag)
            if tags != plan.tags:
                self.edits(by, interview.id, replace(plan, tags=tags), interview.revision)

        return self._each(by, ids, Action.EDIT, do)

    def cancel(self, by: Person, ids: Sequence[str]) -> list[Outcome]:
        """Call each off.

        Raises:
            BadInputError: nothing was chosen, or too much.
        """
        return self._each(by, ids, Action.CANCEL, lambda one: self.edits.cancel(by, one.id, one.revision))

    def pack(self, by: Person, ids: Sequence[str], into: IO[bytes]) -> list[Outcome]:
        """Write a zip file of each interview's details, and of its receipt and submission for those who may see them.

        What could not be packed stands in ``not-packed.json`` in it. The audit log tells of each interview.

        Raises:
            BadInputError: nothing was chosen, or too much.
        """
        with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
            packed = 0

            def add(interview: Interview) -> None:
                nonlocal packed
                parts = self._parts(by, interview, self.max_bytes - packed)
                packed += sum(map(len, parts.values()))
                for name, content in parts.items():
                    stored = zipfile.ZIP_STORED if name.endswith(".zip") else zipfile.ZIP_DEFLATED
                    archive.writestr(f"{interview.id}/{name}", content, stored)

            outcomes = self._each(by, ids, Action.SEE_DETAILS, add)
            refused = {one.id: one.refusal for one in outcomes if one.refusal}
            if refused:
                archive.writestr("not-packed.json", json.dumps(refused, indent=1, ensure_ascii=False))
        return outcomes

    def _parts(self, by: Person, interview: Interview, left: int) -> dict[str, bytes]:
        """Return the files of one interview, at most ``left`` bytes of them; the audit log tells of it."""
        parts = {"details.json": json.dumps(_described(interview), indent=1, ensure_ascii=False).encode()}
        submission: Submission | None = None
        if may(by, Action.SEE_RESULT, interview):
            with self.database.read() as records:
                submission = records.submission(interview.id)
        if submission is not None:
            parts["receipt.json"] = submission.receipt.to_json().encode()
        if sum(map(len, parts.values())) + (submission.receipt.size if submission else 0) > left:
            raise TooLargeError("It does not fit into this file any more.", "Choose fewer at once.")
        if submission is not None:
            try:
                parts["submission.zip"] = self.artefacts.get(submission.artefact)
            except KeyError as error:
                raise AssayError("Its submission is not where it was kept.", "Ask an administrator.") from error
        deed = Deed.READ_SUBMISSION if submission else Deed.READ_DETAILS
        with self.database.write() as records:
            records.log(Entry(self.clock.now(), by.account, deed, interview.id, {"file": True}))
        return parts

    def _each(self, by: Person, ids: Sequence[str], action: Action, do: Callable[[Interview], object]) -> list[Outcome]:
        require_team(by, TeamAction.LIST)
        chosen = list(dict.fromkeys(ids))
        if not 0 < len(chosen) <= MAX_PAGE_ROWS:
            raise BadInputError(
                "Choose interviews first." if not chosen else f"At most {MAX_PAGE_ROWS} interviews at once."
            )
        return [self._one(by, one, action, do) for one in chosen]

    def _one(self, by: Person, interview_id: str, action: Action, do: Callable[[Interview], object]) -> Outcome:
        title = ""
        try:
            with self.database.read() as records:
                interview = require(by, Action.SEE_DETAILS, records.interview(interview_id))
            title = interview.title
            if not may(by, action, interview):
                raise NotAllowedError("You may see this interview, but not change it.")
            do(interview)
        except AssayError as error:
            return Outcome(interview_id, title, " ".join(filter(None, (error.title, error.detail))))
        return Outcome(interview_id, title)


def _described(interview: Interview) -> dict[str, object]:
    """Return an interview as JSON has it; the pins of its questions say nothing to anybody outside."""
    here = {field.name: getattr(interview, field.name) for field in fields(interview)}
    here["duration"] = int(interview.duration.total_seconds())
    here["paused"] = interview.paused.total_seconds()
    here["questions"] = [{"id": ref.id, "version": ref.version, "title": ref.title} for ref in interview.questions]
    here |= {"state": interview.state.value, "kind": interview.kind.value}
    moments = ("created_at", "started_at", "ended_at", "scheduled_at")
    return here | {name: here[name] and getattr(interview, name).isoformat() for name in moments}

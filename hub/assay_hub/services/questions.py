"""Keep the team's own questions: begin them, describe them, save versions, and say what changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError
from assay_hub.domain.library import LibrarySearch, Preview
from assay_hub.domain.plan import fits, one_line
from assay_hub.domain.question import (
    NOTE_CHARACTERS,
    About,
    CheckState,
    Editing,
    Files,
    Incoming,
    Step,
    Version,
    changes,
    is_question_id,
    next_version,
    question_id,
)
from assay_hub.ports import Clock, Database, Records, Workspaces
from assay_hub.ports.questions import OwnLibrary, QuestionFiles
from assay_protocol.names import question_account

FIRST = "0.1.0"
_COPIES = 100


@dataclass(frozen=True)
class Opened:
    """One of the team's own questions, as somebody who may write it sees it.

    Attributes:
        newest: its newest version, which a change starts from.
        about: what describes it.
        files: names of its files.
        editing: the workspace in which it is edited, if there is one.
    """

    newest: Version
    about: About
    files: tuple[str, ...]
    editing: Editing | None


@dataclass(frozen=True)
class Taken:
    """What became of a part of an upload.

    Attributes:
        version: the question that it is now; ``None`` if it was refused.
    """

    incoming: Incoming
    version: Version | None = None


@dataclass(frozen=True)
class KeepQuestions:
    """Writes the team's own library.

    Attributes:
        max_bytes: bound of all files of a question together, unpacked.
    """

    database: Database
    library: OwnLibrary
    files: QuestionFiles
    workspaces: Workspaces
    clock: Clock
    max_bytes: int

    # Beginning

    def kinds(self, by: Person) -> Sequence[str]:
        """Return the types that a new question can have."""
        require_team(by, TeamAction.WRITE_QUESTIONS)
        return self.files.kinds()

    def begin(self, by: Person, kind: str, title: str, wanted_id: str = "") -> Version:
        """Begin a question from the template of its type; nobody can be asked it before it was saved once more.

        Raises:
            NotFoundError: this person may not write questions.
            BadInputError: there is no such type, the title cannot be used, or something has this id already.
        """
        require_team(by, TeamAction.WRITE_QUESTIONS)
        title = one_line(title)
        if not fits(title):
            reason = "Give a title."
            raise BadInputError("A question needs a title.", reason, fields={"title": reason})
        chosen = question_id(wanted_id or title)
        files = self.files.begin(kind, chosen, title, by.name)
        files = self.files.described(files, chosen, FIRST, replace(self.files.about(files), title=title))
        return self._first(by, chosen, files, f"begun from the template “{kind}”", CheckState.UNCHECKED)

    def duplicate(self, by: Person, source_id: str) -> Version:
        """Copy a question, official or own, into the team's own library.

        Raises:
            NotFoundError: this person may not write questions, or there is no such question.
        """
        require_team(by, TeamAction.WRITE_QUESTIONS)
        files = self.library.source(source_id) if _is_any_id(source_id) else None
        if files is None:
            raise NotFoundError
        about = self.files.about(files)
        about = replace(about, title=f"{about.title} (copy)")
        chosen = self._free(question_id(f"{source_id}-copy"))
        files = self.files.described(files, chosen, FIRST, about)
        return self._first(by, chosen, files, f"copied from {source_id}", CheckState.QUEUED)

    def take_in(self, by: Person, name: str, content: bytes) -> list[Taken]:
        """Take the questions of an upload into the team's own library, each under an id that is free.

        Raises:
            NotFoundError: this person may not write questions.
            BadInputError: the upload cannot be read, or there is no question in it.
        """
        require_team(by, TeamAction.WRITE_QUESTIONS)
        return [self._taken(by, name, incoming) for incoming in self.files.imported(name, content, by.name)]

    # Changing

    def open(self, by: Person, own_id: str) -> Opened:
        """Return a question with what describes it; the audit log tells that solutions were within reach.

        Raises:
            NotFoundError: this person may not write questions, or the team has no such question.
        """
        require_team(by, TeamAction.WRITE_QUESTIONS)
        with self.database.write() as records:
            newest = self._newest(records, by, own_id)
            editing = records.editing(own_id)
            self._log(records, by, Deed.READ_SOLUTION, newest)
        files = self.library.kept(newest.artefact)
        return Opened(newest, self.files.about(files), tuple(sorted(files)), editing)

    def save(self, by: Person, own_id: str, about: About, step: Step, note: str, base: int) -> Version:
        """Save a new version: what lies in its workspace, if there is one, and this description.

        The same files once more make no new version. Its check is queued; it can be asked when that has passed.

        Args:
            by: who saves.
            own_id: the question.
            about: what describes it from now on.
            step: how much it differs from the version before.
            note: what changed, for the history.
            base: number of the version that the person has seen.

        Raises:
            NotFoundError: this person may not write questions, or the team has no such question.
            ConflictError: somebody else saved a version meanwhile.
            BadInputError: the description or the files cannot be used; nothing is saved.
            WorkspaceUnreachableError: the workspace does not answer; nothing is saved.
        """
        require_team(by, TeamAction.WRITE_QUESTIONS)
        with self.database.read() as records:
            before = self._known(records, own_id)
            editing = records.editing(own_id)
        if before.number != base:
            raise ConflictError
        kept = self.library.kept(before.artefact)
        version = next_version(before.version, step)
        files = self.files.described(self._in_work(editing, kept), own_id, version, about.checked())
        if before.state is not CheckState.UNCHECKED and self._same(kept, files, before):
            return before
        card = self.files.card(files)
        artefact = self.library.keep(own_id, files)
        with self.database.write() as records:
            if self._known(records, own_id).number != base:
                raise ConflictError
            return self._added(records, by, before, artefact=artefact, card=card, version=version, note=note)

    def close(self, by: Person, own_id: str) -> Editing | None:
        """Forget the workspace of a question with what was not saved; return it, so that it can be stopped."""
        require_team(by, TeamAction.WRITE_QUESTIONS)
        with self.database.write() as records:
            self._known(records, own_id)
            editing = records.editing(own_id)
            if editing is not None:
                records.delete_editing(editing.id)
        return editing

    def check_again(self, by: Person, own_id: str) -> None:
        """Queue the check of the newest version once more, as after the machine was at fault."""
        require_team(by, TeamAction.WRITE_QUESTIONS)
        with self.database.write() as records:
            newest = self._known(records, own_id)
            if newest.state in {CheckState.FAILED, CheckState.UNCHECKED}:
                records.save_version(replace(newest, state=CheckState.QUEUED, findings=()))
                self._log(records, by, Deed.QUESTION_CHANGED, newest, what="check again")

    def export(self, by: Person, any_id: str) -> bytes:
        """Return a zip file with the question as an nbgrader course has it, with solutions; the audit log tells of it.

        Raises:
            NotFoundError: this person may not write questions, or there is no such question.
        """
        require_team(by, TeamAction.WRITE_QUESTIONS)
        with self.database.write() as records:
            versions = records.versions(any_id) if is_question_id(any_id) else []
            files = self.library.source(any_id) if _is_any_id(any_id) and not versions else None
            if not versions and files is None:
                raise NotFoundError
            details = {"question": any_id, "version": versions[0].version if versions else ""}
            records.log(Entry(self.clock.now(), by.account, Deed.EXPORTED, "", details))
        return self.files.exported(files or self.library.kept(versions[0].artefact))

    # Reading

    def drafts(self, by: Person, search: LibrarySearch) -> list[Version]:
        """Return the newest versions with which no interview can be held yet, among what is looked for."""
        require_team(by, TeamAction.SEE_LIBRARY)
        with self.database.read() as records:
            newest = records.newest_versions()
        return [one for one in newest if not one.usable and search.finds(one.card)]

    def versions(self, by: Person, any_id: str) -> list[Version]:
        """Return the versions of a question, the newest first; none of an official one.

        What checks found is left out for those who may not write questions.
        """
        require_team(by, TeamAction.SEE_LIBRARY)
        if not is_question_id(any_id):
            return []
        with self.database.read() as records:
            found = records.versions(any_id)
        return found if by.may(TeamAction.WRITE_QUESTIONS) else [replace(one, findings=()) for one in found]

    def history(self, by: Person, any_id: str) -> list[Version]:
        """Return the same for a question that there is.

        Raises:
            NotFoundError: this person may not see the library, or there is no such question.
        """
        found = self.versions(by, any_id)
        if not found and not (_is_any_id(any_id) and self.library.is_taken(any_id)):
            raise NotFoundError
        return found

    def preview(self, by: Person, version: Version) -> Preview | None:
        """Return a version as a candidate would get it; the audit log tells of the reading."""
        require_team(by, TeamAction.SEE_LIBRARY)
        with self.database.write() as records:
            self._log(records, by, Deed.READ_QUESTION, version)
        return self.library.preview_of(version.artefact)

    def changes(self, by: Person, own_id: str) -> dict[int, list[str]]:
        """Return what each version changed, in words, by its number; nothing of a solution or a test is quoted."""
        versions = self.versions(by, own_id)
        outlines = {one.number: self.files.outline(self.library.kept(one.artefact)) for one in versions}
        return {
            number: changes(outlines[number - 1], outlines[number]) for number in outlines if number - 1 in outlines
        }

    # Parts

    def _taken(self, by: Person, upload: str, incoming: Incoming) -> Taken:
        if incoming.refusal:
            return Taken(incoming)
        try:
            chosen = self._free(question_id(incoming.name))
            files = self.files.described(incoming.files, chosen, FIRST, self.files.about(incoming.files))
            version = self._first(by, chosen, files, f"imported from {one_line(upload)[:200]}", CheckState.QUEUED)
        except BadInputError as error:
            return Taken(replace(incoming, refusal=f"{error.title} {error.detail}".strip()))
        return Taken(incoming, version)

    def _first(self, by: Person, own_id: str, files: Files, note: str, state: CheckState) -> Version:
        card = self.files.card(files)
        artefact = self.library.keep(own_id, files)
        now = self.clock.now()
        with self.database.write() as records:
            if self.library.is_taken(own_id) or records.versions(own_id):
                reason = f"There is a question {own_id!r} already. Choose another title or id."
                raise BadInputError("This id is taken.", reason, fields={"id": reason})
            version = Version(own_id, 1, card.version, artefact, by.account, now, note, card, state)
            records.add_version(version)
            self._log(records, by, Deed.QUESTION_CHANGED, version, what=note)
        return version

    def _added(self, records: Records, by: Person, before: Version, **changed: object) -> Version:
        note = one_line(str(changed.pop("note")))[:NOTE_CHARACTERS]
        saved = replace(
            before,
            number=before.number + 1,
            saved_by=by.account,
            saved_at=self.clock.now(),
            note=note,
            state=CheckState.QUEUED,
            findings=(),
            **changed,  # type: ignore[arg-type]
        )
        records.add_version(saved)
        self._log(records, by, Deed.QUESTION_CHANGED, saved, what=note)
        return saved

    def _in_work(self, editing: Editing | None, kept: Files) -> Files:
        """Return what is in work: the workspace's files with the manifest that was kept, whatever lies there as one."""
        if editing is None:
            return kept
        snapshot = self.workspaces.snapshot(question_account(editing.id), self.max_bytes)
        manifest = {name: content for name, content in kept.items() if name == "question.toml"}
        return {**self.files.workspace_files(snapshot.archive, self.max_bytes), **manifest}

    def _same(self, kept: Files, files: Files, before: Version) -> bool:
        """Whether nothing but the number would change."""
        again = self.files.described(files, before.question, before.version, self.files.about(files))
        return {name: _plain(name, content) for name, content in again.items()} == {
            name: _plain(name, content) for name, content in kept.items()
        }

    def _known(self, records: Records, own_id: str) -> Version:
        versions = records.versions(own_id) if is_question_id(own_id) else []
        if not versions:
            raise NotFoundError
        return versions[0]

    def _newest(self, records: Records, by: Person, own_id: str) -> Version:
        """Return the newest version; a folder that somebody put into the library by hand becomes the first one."""
        if not is_question_id(own_id):
            raise NotFoundError
        versions = records.versions(own_id)
        if versions:
            return versions[0]
        files = self.library.source(own_id) if self.library.is_own(own_id) else None
        if files is None:
            raise NotFoundError
        card = self.files.card(files)
        artefact = self.library.keep(own_id, files)
        now = self.clock.now()
        version = Version(own_id, 1, card.version, artefact, by.account, now, "found in the folder", card)
        version = replace(version, state=CheckState.QUEUED)
        records.add_version(version)
        self._log(records, by, Deed.QUESTION_CHANGED, version, what=version.note)
        return version

    def _free(self, wanted: str) -> str:
        """Return the id, or the id with the first number that is free."""
        with self.database.read() as records:
            for number in range(1, _COPIES):
                found = wanted if number == 1 else question_id(f"{wanted[:50]}-{number}")
                if not self.library.is_taken(found) and not records.versions(found):
                    return found
        raise BadInputError("There are too many questions of this name.", f"Rename some that begin with {wanted}.")

    def _log(self, records: Records, by: Person, deed: Deed, version: Version, **more: str) -> None:
        details = {"question": version.question, "version": version.version, **more}
        records.log(Entry(self.clock.now(), by.account, deed, "", details))


def _plain(name: str, content: bytes) -> object:
    """Return the content of a file as it compares: two notebooks can differ in their spaces alone."""
    if not name.endswith(".ipynb"):
        return content
    try:
        return json.loads(content)
    except ValueError:
        return content


def _is_any_id(text: str) -> bool:
    """Whether a text can be the id of any question, and so is safe to look for."""
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()

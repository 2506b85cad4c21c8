"""Upload a batch: look through what a zip file holds, put the match with people right, and keep it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import BinaryIO

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.batch import Batch, BatchState, BatchSubmission
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError, WrongStateError
from assay_hub.domain.handed import Corrections, Entrant, Layout, Match, Pattern, match, people_in
from assay_hub.domain.plan import MAX_QUESTIONS, TEXT_CHARACTERS, fits, one_line
from assay_hub.ports import Artefacts, Clock, Database, Library
from assay_hub.ports.batches import Uploads
from assay_hub.services.archive import pack
from assay_hub.services.ids import new_id

PREPARED_FOR = timedelta(days=7)
"""How long an upload is held of which nothing has been kept."""


@dataclass(frozen=True)
class NewBatch:
    """What somebody enters for a new batch.

    Attributes:
        people: list of people as CSV: id, name, e-mail.
    """

    title: str
    questions: tuple[str, ...]
    layout: Layout = Layout.AUTO
    pattern: str = ""
    people: str = ""
    anonymous: bool = False


@dataclass(frozen=True)
class UploadBatches:
    """Takes what instructors got from elsewhere.

    Args:
        max_bytes: most bytes of one person's files.
    """

    database: Database
    library: Library
    artefacts: Artefacts
    uploads: Uploads
    clock: Clock
    max_bytes: int

    def prepare(self, by: Person, new: NewBatch, file: BinaryIO) -> Batch:
        """Hold an upload for a new batch; nothing of it is kept yet.

        Raises:
            NotFoundError: this person may not.
            BadInputError: a title, question, pattern, list or file cannot be used; ``fields`` says which.
        """
        require_team(by, TeamAction.MANAGE_BATCHES)
        title = one_line(new.title)
        if not fits(title):
            reason = f"The title needs 1 to {TEXT_CHARACTERS} characters."
            raise BadInputError(reason, fields={"title": reason})
        chosen = tuple(dict.fromkeys(new.questions))
        if not 0 < len(chosen) <= MAX_QUESTIONS:
            reason = f"Choose 1 to {MAX_QUESTIONS} questions."
            raise BadInputError(reason, fields={"questions": reason})
        people_in(new.people)
        if new.pattern:
            Pattern.read(new.pattern)
        refs = tuple(self.library.pin(one) for one in chosen)
        self._let_go_of_old()
        now = self.clock.now()
        upload = self.uploads.put(file)
        batch = Batch(
            new_id(), title, BatchState.PREPARING, refs, by.account, now, new.anonymous, upload, new.layout.value
        )
        batch = replace(batch, pattern=new.pattern.strip(), people=new.people)
        with self.database.write() as records:
            records.save_batch(batch)
            records.log(Entry(now, by.account, Deed.BATCH_CHANGED, "", {"batch": batch.id, "uploaded": title}))
        return batch

    def match(self, by: Person, batch_id: str, corrections: Corrections | None = None) -> tuple[Batch, Match]:
        """Return who handed in what, as far as names and corrections tell.

        Raises:
            NotFoundError: this person may not, or nothing of the kind is prepared.
        """
        batch = self._prepared(by, batch_id)
        try:
            found = self.uploads.files(batch.upload)
        except KeyError:
            raise NotFoundError from None
        questions = [ref.id for ref in batch.questions]
        people = people_in(batch.people)
        matched = match(found.files, questions, Layout(batch.layout), batch.pattern, people, corrections)
        return batch, replace(matched, refused=found.refused)

    def read_as(self, by: Person, batch_id: str, layout: Layout, pattern: str) -> None:
        """Read the file names another way from now on.

        Raises:
            NotFoundError: this person may not, or nothing of the kind is prepared.
            BadInputError: the pattern cannot be used.
        """
        batch = self._prepared(by, batch_id)
        if pattern:
            Pattern.read(pattern)
        with self.database.write() as records:
            records.save_batch(replace(batch, layout=layout.value, pattern=pattern.strip()))

    def keep(self, by: Person, batch_id: str, corrections: Corrections) -> Batch:
        """Keep the work of all people who were matched, and queue its grading.

        Raises:
            NotFoundError: this person may not, or there is no such batch.
            WrongStateError: it was kept already.
            ConflictError: a batch with the same work was deleted meanwhile.
            BadInputError: something of the match has to be put right first.
        """
        batch, found = self.match(by, batch_id, corrections)
        if found.problems or found.unplaced:
            left = [f"{one.path} belongs to nobody or to no question." for one in found.unplaced[:5]]
            raise BadInputError("This match is not complete.", " ".join([*found.problems[:5], *left]))
        if not found.kept:
            raise BadInputError("There is nothing to grade.", "No notebook belongs to a person and a question.")
        numbers = list(range(1, len(found.kept) + 1))
        secrets.SystemRandom().shuffle(numbers)
        kept = [self._kept(batch, one, number) for one, number in zip(found.kept, numbers, strict=True)]
        opened = replace(batch, state=BatchState.OPEN, upload="", people="")
        with self.database.write() as records:
            known = records.batch(batch.id)
            if known is None or known.state is not BatchState.PREPARING:
                raise WrongStateError("This upload has been kept already.")
            records.save_batch(opened)
            records.add_batch_submissions(sorted(kept, key=lambda one: one.number), [ref.id for ref in batch.questions])
            if not all(self.artefacts.has(one.artefact) for one in kept):
                # A batch with the same work was deleted meanwhile.
                raise ConflictError
            details = {"batch": batch.id, "people": len(kept), "questions": [ref.id for ref in batch.questions]}
            records.log(Entry(self.clock.now(), by.account, Deed.BATCH_CHANGED, "", details))
        self.uploads.delete(batch.upload)
        return opened

    def discard(self, by: Person, batch_id: str) -> None:
        """Let go of an upload of which nothing was kept.

        Raises:
            NotFoundError: this person may not, or nothing of the kind is prepared.
        """
        batch = self._prepared(by, batch_id)
        with self.database.write() as records:
            records.delete_batch(batch.id)
            details = {"batch": batch.id, "discarded": True}
            records.log(Entry(self.clock.now(), by.account, Deed.BATCH_CHANGED, "", details))
        self.uploads.delete(batch.upload)

    def _prepared(self, by: Person, batch_id: str) -> Batch:
        require_team(by, TeamAction.MANAGE_BATCHES)
        with self.database.read() as records:
            batch = records.batch(batch_id)
        if batch is None or batch.state is not BatchState.PREPARING:
            raise NotFoundError
        return batch

    def _kept(self, batch: Batch, entrant: Entrant, number: int) -> BatchSubmission:
        files = self._files(batch, entrant)
        artefact = self.artefacts.put(pack(files))
        return BatchSubmission(new_id(), batch.id, number, entrant.person, entrant.name, entrant.email, artefact)

    def _files(self, batch: Batch, entrant: Entrant) -> Mapping[str, bytes]:
        """Return a person's files as grading expects them: each notebook by its question, the rest beside it."""
        if sum(file.size for file in entrant.files) > self.max_bytes:
            reason = f"The files of {entrant.name or entrant.person} are larger than {self.max_bytes} bytes."
            raise BadInputError("Somebody handed in too much.", reason)
        read = self.uploads.read(batch.upload, [file.path for file in entrant.files])
        notebooks = {f"{file.question}.ipynb": read[file.path] for file in entrant.notebooks if file.question}
        folder = _common_folder([file.inner for file in entrant.notebooks if file.question])
        beside = {f.inner.removeprefix(folder): read[f.path] for f in entrant.files if not f.is_notebook}
        return beside | notebooks

    def _let_go_of_old(self) -> None:
        before = self.clock.now() - PREPARED_FOR
        with self.database.write() as records:
            old = [one for one in records.batches() if one.state is BatchState.PREPARING and one.created_at < before]
            for one in old:
                records.delete_batch(one.id)
        for one in old:
            self.uploads.delete(one.upload)


def _common_folder(paths: Sequence[str]) -> str:
    """Return the folder that all notebooks of a person lie in, with a slash; empty for none."""
    folders = {path.rpartition("/")[0] for path in paths}
    return f"{folders.pop()}/" if len(folders) == 1 and "" not in folders else ""

"""The questions in a folder, and the versions of them that interviews have pinned."""

import io
import json
import logging
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from assay_assignments.check import check_question
from assay_assignments.library import MANIFEST, BadQuestionError, Question, load_question
from assay_assignments.release import release, statement
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.library import Preview, QuestionCard, ShownCell
from assay_hub.ports import Artefacts
from assay_protocol.manifest import ReleasedFile

_log = logging.getLogger(__name__)

_ID_CHARACTERS = 100
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class FolderLibrary:
    """Questions as plain files.

    Args:
        folder: one subfolder a question.
        formats: one subfolder an empty editor; they can be asked like questions, but are not listed among them.
        artefacts: keeps a pinned question as a zip file of its folder.
        unpacked: where pinned questions are unpacked to be read; may be emptied at any time.
    """

    def __init__(self, folder: Path, formats: Path, artefacts: Artefacts, unpacked: Path) -> None:
        self._folder = folder
        self._formats = formats
        self._artefacts = artefacts
        self._unpacked = unpacked
        self._lock = threading.Lock()
        self._question = lru_cache(maxsize=64)(self._open)
        self._released = lru_cache(maxsize=64)(lambda pinned: tuple(release(self._question(pinned))))
        self._previewed = lru_cache(maxsize=64)(_previewed)

    def all(self) -> list[QuestionRef]:
        """Return the questions that can be asked, by title; nothing is pinned.

        A question that cannot be read is left out, and the log says why.
        """
        return [QuestionRef(card.id, card.version, card.title, "") for card in self.cards()]

    def pin(self, question_id: str) -> QuestionRef:
        """Keep a question as it is now.

        It is checked as far as reading and releasing it show, which takes some 10 ms; nothing of it runs, so a solution
        that fails its own tests is not noticed here.

        Raises:
            BadInputError: there is no such question, or it cannot be read, released or graded.
        """
        folder = self._find(question_id)
        if folder is None:
            reason = f"There is no question {question_id!r} in the library."
            raise BadInputError(reason, fields={"questions": reason})
        try:
            question = load_question(folder)
            check_question(question)
        except BadQuestionError as error:
            raise BadInputError(f"The question {question_id!r} cannot be used.", str(error)) from error
        return QuestionRef(question.id, question.version, question.title, self._artefacts.put(_packed(folder)))

    def cards(self) -> list[QuestionCard]:
        """Return the same questions with what there is to know of each."""
        return sorted(map(_card, _readable(self._folder)), key=lambda card: card.title)

    def formats(self) -> list[QuestionCard]:
        """Return the empty editors."""
        return [replace(_card(one), format=True) for one in _readable(self._formats)]

    def preview(self, question_id: str) -> Preview | None:
        """Return a question or an empty editor as a candidate gets it; ``None`` if there is none that can be read."""
        folder = self._find(question_id)
        if folder is None:
            return None
        try:
            question = load_question(folder)
        except BadQuestionError:
            return None
        found = self._previewed(question, question.digest)
        return replace(found, card=replace(found.card, format=folder.parent == self._formats))

    def release(self, ref: QuestionRef) -> Sequence[ReleasedFile]:
        """Return the files that a candidate gets."""
        return self._released(ref.pinned)

    def statement(self, ref: QuestionRef) -> str:
        """Return the task in Markdown."""
        return statement(self._question(ref.pinned))

    def question(self, ref: QuestionRef) -> Question:
        """Return a pinned question with everything that grading needs."""
        return self._question(ref.pinned)

    def _find(self, question_id: str) -> Path | None:
        if not question_id.replace("-", "").replace("_", "").isalnum() or not question_id.isascii():
            return None
        if len(question_id) > _ID_CHARACTERS:
            return None
        return next((one for one in (self._folder / question_id, self._formats / question_id) if one.is_dir()), None)

    def _open(self, pinned: str) -> Question:
        folder = self._unpacked / pinned
        with self._lock:
            if not folder.is_dir():
                fresh = folder.with_name(f".{pinned}")
                with zipfile.ZipFile(io.BytesIO(self._artefacts.get(pinned))) as archive:
                    archive.extractall(fresh)
                fresh.rename(folder)
        return load_question(next(folder.iterdir()))


def _card(question: Question) -> QuestionCard:
    notebook = json.loads(question.notebook.read_bytes())
    kernel = notebook.get("metadata", {}).get("kernelspec", {})
    return QuestionCard(
        id=question.id,
        version=question.version,
        title=question.title,
        kind=question.kind,
        difficulty=question.difficulty,
        minutes=question.minutes,
        topics=question.topics,
        skills=question.skills,
        language=str(kernel.get("language", "python")),
        official=question.official,
    )


def _previewed(question: Question, _digest: str) -> Preview:
    """Return what is released of a question: solutions and hidden tests are taken out by the release itself."""
    notebook, *files = release(question)
    cells = [ShownCell(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(notebook.content)["cells"]]
    beside = tuple((file.path, len(file.content)) for file in files)
    return Preview(_card(question), statement(question), tuple(cells[1:]), beside)


def _readable(folder: Path) -> Iterator[Question]:
    for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
        try:
            yield load_question(manifest.parent)
        except BadQuestionError as error:
            _log.warning("Left out of the library: %s", error)


def _packed(folder: Path) -> bytes:
    """Return a zip file of a folder, the same bytes for the same content; the folder's own name stays."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = zipfile.ZipInfo(str(path.relative_to(folder.parent)), _EARLIEST)
                archive.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()

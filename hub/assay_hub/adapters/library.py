"""The questions in a folder, and the versions of them that interviews have pinned."""

import io
import logging
import threading
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from assay_assignments.check import check_question
from assay_assignments.library import MANIFEST, BadQuestionError, Question, load_question
from assay_assignments.release import release, statement
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import QuestionRef
from assay_hub.ports import Artefacts
from assay_protocol.manifest import ReleasedFile

_log = logging.getLogger(__name__)

_EARLIEST = (1980, 1, 1, 0, 0, 0)


class FolderLibrary:
    """Questions as plain files.

    Args:
        folder: one subfolder a question.
        artefacts: keeps a pinned question as a zip file of its folder.
        unpacked: where pinned questions are unpacked to be read; may be emptied at any time.
    """

    def __init__(self, folder: Path, artefacts: Artefacts, unpacked: Path) -> None:
        self._folder = folder
        self._artefacts = artefacts
        self._unpacked = unpacked
        self._lock = threading.Lock()
        self._question = lru_cache(maxsize=64)(self._open)
        self._released = lru_cache(maxsize=64)(lambda pinned: tuple(release(self._question(pinned))))

    def all(self) -> list[QuestionRef]:
        """Return the questions that can be asked, by title; nothing is pinned.

        A question that cannot be read is left out, and the log says why.
        """
        found = []
        for manifest in sorted(self._folder.glob(f"*/{MANIFEST}")):
            try:
                one = load_question(manifest.parent)
            except BadQuestionError as error:
                _log.warning("Left out of the library: %s", error)
            else:
                found.append(QuestionRef(one.id, one.version, one.title, ""))
        return sorted(found, key=lambda ref: ref.title)

    def pin(self, question_id: str) -> QuestionRef:
        """Keep a question as it is now.

        It is checked as far as reading and releasing it show, which takes some 10 ms; nothing of it runs, so a solution
        that fails its own tests is not noticed here.

        Raises:
            BadInputError: there is no such question, or it cannot be read, released or graded.
        """
        folder = self._folder / question_id
        if not question_id.replace("-", "").replace("_", "").isalnum() or not folder.is_dir():
            raise BadInputError(f"There is no question {question_id!r} in the library.")
        try:
            question = load_question(folder)
            check_question(question)
        except BadQuestionError as error:
            raise BadInputError(f"The question {question_id!r} cannot be used.", str(error)) from error
        return QuestionRef(question.id, question.version, question.title, self._artefacts.put(_packed(folder)))

    def release(self, ref: QuestionRef) -> Sequence[ReleasedFile]:
        """Return the files that a candidate gets."""
        return self._released(ref.pinned)

    def statement(self, ref: QuestionRef) -> str:
        """Return the task in Markdown."""
        return statement(self._question(ref.pinned))

    def question(self, ref: QuestionRef) -> Question:
        """Return a pinned question with everything that grading needs."""
        return self._question(ref.pinned)

    def _open(self, pinned: str) -> Question:
        folder = self._unpacked / pinned
        with self._lock:
            if not folder.is_dir():
                fresh = folder.with_name(f".{pinned}")
                with zipfile.ZipFile(io.BytesIO(self._artefacts.get(pinned))) as archive:
                    archive.extractall(fresh)
                fresh.rename(folder)
        return load_question(next(folder.iterdir()))


def _packed(folder: Path) -> bytes:
    """Return a zip file of a folder, the same bytes for the same content; the folder's own name stays."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = zipfile.ZipInfo(str(path.relative_to(folder.parent)), _EARLIEST)
                archive.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()

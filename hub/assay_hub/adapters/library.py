"""The questions in a folder, and the versions of them that interviews have pinned."""

import io
import json
import logging
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from assay_assignments import guidance
from assay_assignments.check import check_question
from assay_assignments.guidance import load_rubric
from assay_assignments.library import MANIFEST, BadQuestionError, Question, load_question
from assay_assignments.release import release, statement
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.library import Preview, QuestionCard, ShownCell
from assay_hub.domain.rubric import LEVELS, Criterion
from assay_hub.ports import Artefacts
from assay_protocol.manifest import ReleasedFile

_log = logging.getLogger(__name__)

_ID_CHARACTERS = 100
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class FolderLibrary:
    """Questions as plain files.

    Args:
        folder: one subfolder a question; only read.
        formats: one subfolder an empty editor; they can be asked like questions, but are not listed among them.
        own: the team's own questions, one subfolder each; none of them stands for one with the same id in the others.
        artefacts: keeps a pinned question as a zip file of its folder.
        unpacked: where pinned questions are unpacked to be read; may be emptied at any time.
    """

    def __init__(self, folder: Path, formats: Path, own: Path, artefacts: Artefacts, unpacked: Path) -> None:
        self._folder = folder
        self._own = own
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
            BadInputError: there is no such question, or it cannot be read, released or graded; or one of the team's own
                has the id of an official one.
        """
        if question_id in self.shadowing():
            reason = f"Two questions are called {question_id!r}: an official one and one of your team's own."
            raise BadInputError(reason, f"Rename the folder of your own: {self._own / question_id}")
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
        own = [replace(card_of(one), official=False) for one in _readable(self._own) if not self._is_official(one.id)]
        return sorted([*map(card_of, _readable(self._folder)), *own], key=lambda card: card.title)

    def shadowing(self) -> list[str]:
        """Return the ids of own questions that are left out, because official ones or empty editors have them."""
        return [
            path.parent.name for path in sorted(self._own.glob(f"*/{MANIFEST}")) if self._is_official(path.parent.name)
        ]

    def formats(self) -> list[QuestionCard]:
        """Return the empty editors."""
        return [replace(card_of(one), format=True) for one in _readable(self._formats)]

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
        official = found.card.official and folder.parent != self._own
        return replace(found, card=replace(found.card, format=folder.parent == self._formats, official=official))

    def release(self, ref: QuestionRef) -> Sequence[ReleasedFile]:
        """Return the files that a candidate gets."""
        return self._released(ref.pinned)

    def statement(self, ref: QuestionRef) -> str:
        """Return the task in Markdown."""
        return statement(self._question(ref.pinned))

    def rubric(self, ref: QuestionRef) -> Sequence[Criterion]:
        """Return what a pinned question is scored by; none where its author said nothing, or it cannot be read."""
        try:
            found = load_rubric(self._question(ref.pinned))
        except (BadQuestionError, KeyError) as error:
            _log.warning("The rubric of %s is left out: %s", ref.id, error)
            return ()
        return [_criterion(one) for one in found.criteria] if found else ()

    def question(self, ref: QuestionRef) -> Question:
        """Return a pinned question with everything that grading needs."""
        return self._question(ref.pinned)

    # The team's own questions

    def is_taken(self, question_id: str) -> bool:
        """Whether a question or an empty editor has this id, official or own."""
        return self._find(question_id) is not None

    def is_own(self, question_id: str) -> bool:
        """Whether the team's own library has a question of this id that interviews can be held with."""
        folder = self._find(question_id)
        return folder is not None and folder.parent == self._own

    def source(self, question_id: str) -> dict[str, bytes] | None:
        """Return the files of a question as interviews would be held with it now, solutions included."""
        folder = self._find(question_id)
        return (
            None
            if folder is None
            else {path.name: path.read_bytes() for path in _files(folder) if path.parent == folder}
        )

    def publish(self, question_id: str, artefact: str) -> None:
        """Have interviews be held with this version from now on; the folder is there before and after, always whole.

        Raises:
            BadInputError: an official question has this id.
        """
        if self._is_official(question_id) or self._find(question_id) not in {None, self._own / question_id}:
            raise BadInputError(f"There is an official question {question_id!r}.", "Give yours another id.")
        self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._own, prefix=".publishing-") as making:
            with zipfile.ZipFile(io.BytesIO(self._artefacts.get(artefact))) as archive:
                archive.extractall(making)
            target = self._own / question_id
            if target.exists():
                target.rename(Path(making, ".before"))
            Path(making, question_id).rename(target)

    def keep(self, question_id: str, files: Mapping[str, bytes]) -> str:
        """Keep files and return the artefact key; the same that pinning them gives."""
        return self._artefacts.put(_zipped({f"{question_id}/{name}": content for name, content in files.items()}))

    def kept(self, artefact: str) -> dict[str, bytes]:
        """Return files that were kept."""
        with zipfile.ZipFile(io.BytesIO(self._artefacts.get(artefact))) as archive:
            return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}

    def preview_of(self, artefact: str) -> Preview | None:
        """Return files that were kept as a candidate would get them; ``None`` if they cannot be released."""
        try:
            return self._previewed(self._question(artefact), artefact)
        except BadQuestionError:
            return None

    def _is_official(self, question_id: str) -> bool:
        return any((root / question_id / MANIFEST).is_file() for root in (self._folder, self._formats))

    def _find(self, question_id: str) -> Path | None:
        if not question_id.replace("-", "").replace("_", "").isalnum() or not question_id.isascii():
            return None
        if len(question_id) > _ID_CHARACTERS:
            return None
        roots = (self._folder, self._formats, self._own)
        return next((root / question_id for root in roots if (root / question_id).is_dir()), None)

    def _open(self, pinned: str) -> Question:
        folder = self._unpacked / pinned
        with self._lock:
            if not folder.is_dir():
                fresh = folder.with_name(f".{pinned}")
                with zipfile.ZipFile(io.BytesIO(self._artefacts.get(pinned))) as archive:
                    archive.extractall(fresh)
                fresh.rename(folder)
        return load_question(next(folder.iterdir()))


def card_of(question: Question) -> QuestionCard:
    """Return a question as the library shows it."""
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


def _criterion(one: guidance.Criterion) -> Criterion:
    return Criterion(one.id, one.title, tuple(one.anchors.get(str(level), "") for level in LEVELS), one.weight)


def _previewed(question: Question, _digest: str) -> Preview:
    """Return what is released of a question: solutions and hidden tests are taken out by the release itself."""
    notebook, *files = release(question)
    cells = [ShownCell(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(notebook.content)["cells"]]
    beside = tuple((file.path, len(file.content)) for file in files)
    return Preview(card_of(question), statement(question), tuple(cells[1:]), beside)


def _readable(folder: Path) -> Iterator[Question]:
    for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
        try:
            yield load_question(manifest.parent)
        except BadQuestionError as error:
            _log.warning("Left out of the library: %s", error)


def _packed(folder: Path) -> bytes:
    """Return a zip file of a folder, the same bytes for the same content; the folder's own name stays."""
    return _zipped({str(path.relative_to(folder.parent)): path.read_bytes() for path in _files(folder)})


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]


def _zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files, key=lambda path: path.split("/")):
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), files[name], zipfile.ZIP_DEFLATED)
    return packed.getvalue()

"""A batch over the fakes of the world, for tests of what is done with one."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fakes import zipped

from assay_hub.adapters.uploads import FolderUploads
from assay_hub.domain.batch import GridSearch
from assay_hub.domain.handed import Corrections
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.ports.batches import GraderGoneError
from assay_hub.services.batch_again import RegradeBatches
from assay_hub.services.batch_change import ChangeBatches
from assay_hub.services.batch_find import FindBatches
from assay_hub.services.batch_grade import GradeBatches
from assay_hub.services.batch_mark import MarkBatches
from assay_hub.services.batch_upload import NewBatch, UploadBatches

MOST_BYTES = 1_000_000


class FakeBatchGrader:
    """Gives two points by test and leaves three to a person; keeps what it was asked, and breaks when told to."""

    def __init__(self) -> None:
        self.graded: list[tuple[str, bytes]] = []
        self.opened: list[tuple[str, ...]] = []
        self.gone = 0
        self.breaks_on = b""
        self.points = 2.0

    @contextmanager
    def open(self, refs: Sequence[QuestionRef], workers: int) -> Iterator["FakeBatchGrader"]:  # noqa: ARG002
        self.opened.append(tuple(ref.id for ref in refs))
        yield self

    def grade(self, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Grade, bytes]:
        if self.gone:
            self.gone -= 1
            raise GraderGoneError("the engine is away")
        notebook = files.get(ref.notebook)
        self.graded.append((ref.id, notebook or b""))
        if notebook is not None and notebook == self.breaks_on:
            raise RuntimeError("what a submission")
        if notebook is None:
            cells = (CellResult("test", "Test", 0.0, 2.0, "malformed", ""),)
            return Grade("", ref.id, GradingState.DONE, "malformed", 0.0, 2.0, cells), b""
        cells = (
            CellResult("test", "Test", self.points, 2.0, "passed", ""),
            CellResult("essay", "Essay", None, 3.0, "needs-review", ""),
        )
        return Grade("", ref.id, GradingState.DONE, "needs-review", self.points, 5.0, cells), b"ran: " + notebook


class Batches:
    """The use cases of batches over a world."""

    def __init__(self, world, folder: Path) -> None:
        self.world = world
        self.grader = FakeBatchGrader()
        self.uploads = FolderUploads(folder / "uploads", MOST_BYTES, 4 * MOST_BYTES)
        database, clock, artefacts = world.database, world.clock, world.artefacts
        self.upload = UploadBatches(database, world.browse.library, artefacts, self.uploads, clock, MOST_BYTES)
        self.grade = GradeBatches(database, artefacts, self.grader, clock, MOST_BYTES, 2)
        self.find = FindBatches(database, artefacts, clock, MOST_BYTES)
        self.mark = MarkBatches(database, clock)
        self.again = RegradeBatches(database, clock)
        self.change = ChangeBatches(database, world.browse.library, artefacts, clock)

    def prepared(self, files: Mapping[str, bytes], **changes):
        new = NewBatch(**{"title": "Exercise", "questions": ("first", "second"), **changes})
        return self.upload.prepare(self.world.staff, new, io.BytesIO(zipped(files)))

    def kept(self, files: Mapping[str, bytes] | None = None, **changes):
        batch = self.prepared(files or FILES, **changes)
        return self.upload.keep(self.world.staff, batch.id, Corrections())

    def graded(self, files: Mapping[str, bytes] | None = None, **changes):
        batch = self.kept(files, **changes)
        while self.grade.work(lambda: False):
            pass
        return batch

    def rows(self, batch):
        """Return who there is, by name."""
        with self.world.database.read() as records:
            return {row.submission.name: row for row in records.grid(batch, GridSearch(rows=200)).rows}

    def one(self, batch, name):
        return self.rows(batch)[name].submission


FILES = {
    f"{person}/{question}.ipynb": f"{person} {question}".encode()
    for person in ("ada", "bob", "cleo")
    for question in ("first", "second")
}

"""Small classes that meet the hub's ports, for unit tests of the use cases."""

import hashlib
import io
import itertools
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from assay_hub.domain.errors import BadInputError, MailFailedError, WorkspaceUnreachableError
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.library import Preview, QuestionCard, ShownCell
from assay_hub.domain.mail import Letter
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.domain.rubric import Criterion
from assay_hub.ports import Snapshot
from assay_protocol.manifest import Manifest, ReleasedFile
from assay_protocol.names import WORKSPACE_PREFIX

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class FakeClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def pass_by(self, **parts: float) -> None:
        self.time += timedelta(**parts)


class FakeArtefacts:
    """Artefacts in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        key = hashlib.sha256(content).hexdigest()
        self.kept[key] = content
        return key

    def get(self, key: str) -> bytes:
        return self.kept[key]

    def has(self, key: str) -> bool:
        return key in self.kept

    def delete(self, key: str) -> None:
        self.kept.pop(key, None)


class FakeLibrary:
    """Two questions and two empty editors."""

    def all(self) -> list[QuestionRef]:
        return [QuestionRef("first", "1.0.0", "First", ""), QuestionRef("second", "1.0.0", "Second", "")]

    def cards(self) -> list[QuestionCard]:
        return [
            QuestionCard("first", "1.0.0", "First", "live coding", "easy", 20, ("loops",), ("speed",), official=True),
            QuestionCard("second", "1.0.0", "Second", "debugging", "hard", 40, ("loops", "io"), ("care",), "r"),
        ]

    def formats(self) -> list[QuestionCard]:
        return [QuestionCard(f"blank-{name}", "1.0.0", name, format=True) for name in ("coding", "system-design")]

    def preview(self, question_id: str) -> Preview | None:
        found = next((card for card in (*self.cards(), *self.formats()) if card.id == question_id), None)
        return found and Preview(found, f"# {found.title}", (ShownCell("code", "x = 1"),), ())

    def pin(self, question_id: str) -> QuestionRef:
        for card in (*self.cards(), *self.formats()):
            if card.id == question_id:
                return QuestionRef(card.id, card.version, card.title, f"pinned-{question_id}")
        reason = f"There is no question {question_id!r} in the library."
        raise BadInputError(reason, fields={"questions": reason})

    def release(self, ref: QuestionRef) -> list[ReleasedFile]:
        return [ReleasedFile(ref.notebook, b"{}")]

    def statement(self, ref: QuestionRef) -> str:
        return f"# {ref.title}"

    def rubric(self, ref: QuestionRef) -> list[Criterion]:
        anchors = ("Handles the example.", "", "Sorts once.", "", "Says why it is right.")
        return [Criterion("solution", f"Solution of {ref.title}", anchors, 2)] if ref.id == "first" else []


class FakeHub:
    """A hub that starts workspaces at once and remembers what it was asked."""

    def __init__(self) -> None:
        self.accounts: set[str] = set()
        self.running: set[str] = set()
        self.stopping: set[str] = set()
        self.shares: dict[str, set[str]] = {}

    def ensure_account(self, account: str) -> None:
        self.accounts.add(account)

    def delete_account(self, account: str) -> None:
        self.accounts.discard(account)

    def start_workspace(self, account: str) -> None:
        if account not in self.stopping:
            self.running.add(account)

    def is_ready(self, account: str) -> bool:
        self.stopping.discard(account)
        return account in self.running

    def stop_workspace(self, account: str) -> None:
        self.running.discard(account)

    def running_workspaces(self, prefix: str = WORKSPACE_PREFIX) -> list[str]:
        return sorted(account for account in self.running if account.startswith(prefix))

    def share(self, account: str, people: Sequence[str]) -> None:
        self.shares[account] = set(people)

    def agent_token(self, account: str) -> str:
        return f"token-of-{account}"


class FakeWorkspaces:
    """Workspaces whose files a test sets."""

    def __init__(self) -> None:
        self.files: Mapping[str, bytes] = {"first.ipynb": b"{}"}
        self.manifests: dict[str, Manifest] = {}
        self.disconnected: list[tuple[str, str]] = []
        self.reachable = True
        self.snapshots = itertools.count(1)

    def put_manifest(self, account: str, manifest: Manifest) -> None:
        self.manifests[account] = manifest

    def snapshot(self, account: str, max_bytes: int) -> Snapshot:  # noqa: ARG002
        if not self.reachable:
            raise WorkspaceUnreachableError("The workspace does not answer.")
        next(self.snapshots)
        return Snapshot(zipped(self.files), 0)

    def disconnect(self, account: str, person: str) -> None:
        self.disconnected.append((account, person))


class FakeMailer:
    """Keeps letters; breaks when told to."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []
        self.breaks = False

    def send(self, letter: Letter) -> None:
        if self.breaks:
            raise MailFailedError("The mail server does not answer.")
        self.sent.append(letter)


class FakeGrader:
    """Gives one point for each file that was handed in; raises when told to."""

    def __init__(self) -> None:
        self.breaks = False

    def grade(self, interview_id: str, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Grade, bytes]:
        if self.breaks:
            raise RuntimeError("the sandbox is gone")
        cell = CellResult("test", "Test", float(len(files)), 1.0, "passed", "")
        grade = Grade(interview_id, ref.id, GradingState.DONE, "graded", float(len(files)), 1.0, (cell,))
        return grade, b"notebook"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()

"""Small classes that meet the hub's ports, for unit tests of the use cases."""

import copy
import hashlib
import io
import itertools
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from assay_hub.domain.errors import BadInputError, WorkspaceUnreachableError, WrongStateError
from assay_hub.domain.interview import Interview, QuestionRef
from assay_hub.domain.link import Link
from assay_hub.domain.recording import Gap, Head, StoredLine
from assay_hub.domain.result import CellResult, Grade, GradingState, Submission
from assay_hub.ports import Snapshot
from assay_protocol.manifest import Manifest, ReleasedFile
from assay_protocol.recording import genesis

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class FakeClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def pass_by(self, **parts: float) -> None:
        self.time += timedelta(**parts)


class FakeRecords:
    """Everything that is stored, in dictionaries."""

    def __init__(self) -> None:
        self.stored_interviews: dict[str, Interview] = {}
        self.stored_links: dict[str, Link] = {}
        self.stored_notes: dict[tuple[str, str], str] = {}
        self.recording: dict[str, list[StoredLine]] = {}
        self.stored_gaps: dict[str, list[Gap]] = {}
        self.submissions: dict[str, Submission] = {}
        self.stored_grades: dict[tuple[str, str], Grade] = {}

    def add_interview(self, interview: Interview) -> None:
        self.stored_interviews[interview.id] = interview

    save_interview = add_interview

    def interview(self, interview_id: str) -> Interview | None:
        return self.stored_interviews.get(interview_id)

    def interviews(self, account: str | None) -> list[Interview]:
        found = self.stored_interviews.values()
        return [one for one in found if account is None or account in one.interviewers]

    def add_link(self, link: Link) -> None:
        self.stored_links[link.id] = link

    save_link = add_link

    def link(self, secret_hash: str) -> Link | None:
        return next((link for link in self.stored_links.values() if link.secret_hash == secret_hash), None)

    def links(self, interview_id: str, account: str) -> list[Link]:
        return [one for one in self.stored_links.values() if (one.interview, one.account) == (interview_id, account)]

    def note(self, interview_id: str, account: str) -> str:
        return self.stored_notes.get((interview_id, account), "")

    def save_note(self, interview_id: str, account: str, text: str, now: datetime) -> None:  # noqa: ARG002
        self.stored_notes[interview_id, account] = text

    def head(self, interview_id: str) -> Head:
        lines = self.recording.get(interview_id)
        return Head(lines[-1].seq, lines[-1].digest) if lines else Head(0, genesis(interview_id))

    def append(self, interview_id: str, lines: Sequence[StoredLine]) -> None:
        self.recording.setdefault(interview_id, []).extend(lines)

    def lines(self, interview_id: str) -> Iterator[StoredLine]:
        return iter(self.recording.get(interview_id, []))

    def add_gap(self, interview_id: str, gap: Gap) -> None:
        self.stored_gaps.setdefault(interview_id, []).append(gap)

    def gaps(self, interview_id: str) -> list[Gap]:
        return self.stored_gaps.get(interview_id, [])

    def add_submission(self, submission: Submission) -> None:
        if submission.interview in self.submissions:
            raise WrongStateError("This interview has been submitted already.")
        self.submissions[submission.interview] = submission

    def submission(self, interview_id: str) -> Submission | None:
        return self.submissions.get(interview_id)

    def save_grade(self, grade: Grade) -> None:
        self.stored_grades[grade.interview, grade.question] = grade

    def grades(self, interview_id: str) -> list[Grade]:
        return [grade for (interview, _), grade in self.stored_grades.items() if interview == interview_id]

    def take_queued_grade(self) -> Grade | None:
        for key, grade in self.stored_grades.items():
            if grade.state is GradingState.QUEUED:
                self.stored_grades[key] = replace(grade, state=GradingState.RUNNING)
                return grade
        return None

    def requeue_running_grades(self) -> int:
        left = [key for key, grade in self.stored_grades.items() if grade.state is GradingState.RUNNING]
        for key in left:
            self.stored_grades[key] = replace(self.stored_grades[key], state=GradingState.QUEUED)
        return len(left)


class FakeDatabase:
    """Transactions over one ``FakeRecords``; an error undoes what the block did."""

    def __init__(self) -> None:
        self.records = FakeRecords()

    @contextmanager
    def read(self) -> Iterator[FakeRecords]:
        yield copy.deepcopy(self.records)

    @contextmanager
    def write(self) -> Iterator[FakeRecords]:
        before = copy.deepcopy(self.records)
        try:
            yield self.records
        except BaseException:
            self.records = before
            raise


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


class FakeLibrary:
    """Two questions."""

    def all(self) -> list[QuestionRef]:
        return [QuestionRef("first", "1.0.0", "First", ""), QuestionRef("second", "1.0.0", "Second", "")]

    def pin(self, question_id: str) -> QuestionRef:
        for ref in self.all():
            if ref.id == question_id:
                return replace(ref, pinned=f"pinned-{question_id}")
        raise BadInputError(f"There is no question {question_id!r} in the library.")

    def release(self, ref: QuestionRef) -> list[ReleasedFile]:
        return [ReleasedFile(ref.notebook, b"{}")]

    def statement(self, ref: QuestionRef) -> str:
        return f"# {ref.title}"


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

    def running_workspaces(self) -> list[str]:
        return sorted(self.running)

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

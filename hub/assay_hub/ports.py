"""What the use cases need from the world, as small protocols."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assay_hub.domain.interview import Interview, QuestionRef
from assay_hub.domain.link import Link
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.recording import Gap, Head, StoredLine
from assay_hub.domain.result import Grade, Submission
from assay_protocol.manifest import Manifest, ReleasedFile


class Clock(Protocol):
    """The server's clock, the only one that counts."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""


class Records(Protocol):
    """Everything that is stored, inside one transaction."""

    def add_interview(self, interview: Interview) -> None:
        """Store a new interview."""

    def interview(self, interview_id: str) -> Interview | None:
        """Return an interview."""

    def interviews(self, account: str | None) -> list[Interview]:
        """Return the interviews of an interviewer, newest first; ``None``: everybody's."""

    def save_interview(self, interview: Interview) -> None:
        """Store the state and the times of an interview."""

    def add_link(self, link: Link) -> None:
        """Store a new link."""

    def link(self, secret_hash: str) -> Link | None:
        """Return the link with this hash."""

    def links(self, interview_id: str, account: str) -> list[Link]:
        """Return the links that sign an account into an interview, newest first."""

    def save_link(self, link: Link) -> None:
        """Store the use or revocation of a link."""

    def note(self, interview_id: str, account: str) -> str:
        """Return somebody's private note, empty without one."""

    def save_note(self, interview_id: str, account: str, text: str, now: datetime) -> None:
        """Store somebody's private note."""

    def head(self, interview_id: str) -> Head:
        """Return the end of the recording."""

    def append(self, interview_id: str, lines: Sequence[StoredLine]) -> None:
        """Store events that follow the head."""

    def lines(self, interview_id: str) -> Iterator[StoredLine]:
        """Return the recording from its start."""

    def add_gap(self, interview_id: str, gap: Gap) -> None:
        """Store that something is missing."""

    def gaps(self, interview_id: str) -> list[Gap]:
        """Return what is missing, in order."""

    def add_submission(self, submission: Submission) -> None:
        """Store a submission; an interview has at most one."""

    def submission(self, interview_id: str) -> Submission | None:
        """Return the submission of an interview."""

    def save_grade(self, grade: Grade) -> None:
        """Store the grading of one question, in place of what was there."""

    def grades(self, interview_id: str) -> list[Grade]:
        """Return the gradings of a submission in the order of its questions."""

    def take_queued_grade(self) -> Grade | None:
        """Mark one queued grading as running and return it, so that no second worker gets it."""

    def requeue_running_grades(self) -> int:
        """Put gradings that a dead worker left behind back into the queue; return how many."""


class Database(Protocol):
    """Short transactions: committed at the end of the block, rolled back by an error."""

    def read(self) -> AbstractContextManager[Records]:
        """Open a transaction that only reads."""

    def write(self) -> AbstractContextManager[Records]:
        """Open a transaction that writes."""


class Artefacts(Protocol):
    """Bytes that are kept under the hash of their content."""

    def put(self, content: bytes) -> str:
        """Keep the bytes and return their key."""

    def get(self, key: str) -> bytes:
        """Return the bytes under a key."""


class Signer(Protocol):
    """Signs receipts."""

    @property
    def public_key(self) -> str:
        """Ed25519 public key, hexadecimal."""

    def sign(self, text: bytes) -> str:
        """Return the hexadecimal signature."""


class LinkSigner(Protocol):
    """Signs the secrets inside links, so that a made-up link never reaches the database."""

    def sign(self, secret: str) -> str:
        """Return the signed form that stands in a link."""

    def secret(self, signed: str) -> str | None:
        """Return the secret inside, ``None`` when the signature is not ours."""


class Hub(Protocol):
    """What the service asks of JupyterHub."""

    def ensure_account(self, account: str) -> None:
        """Create an account if it is not there."""

    def delete_account(self, account: str) -> None:
        """Delete an account with all its tokens and sessions; nothing happens if it is not there."""

    def start_workspace(self, account: str) -> None:
        """Ask for the workspace to be started; nothing happens if it runs or is on its way."""

    def is_ready(self, account: str) -> bool:
        """Whether the workspace answers."""

    def stop_workspace(self, account: str) -> None:
        """Stop the workspace and wait until it is gone."""

    def running_workspaces(self) -> list[str]:
        """Return the accounts whose workspace runs."""

    def share(self, account: str, people: Sequence[str]) -> None:
        """Let exactly these people into a started workspace."""

    def agent_token(self, account: str) -> str:
        """Return a token that is good for this one workspace for a short time, and for nothing else."""


@dataclass(frozen=True)
class Snapshot:
    """What lay in a workspace at one moment.

    Attributes:
        archive: zip file.
        seq: number of the last recorded event before it.
    """

    archive: bytes
    seq: int


class Workspaces(Protocol):
    """The running workspaces, called by their accounts."""

    def put_manifest(self, account: str, manifest: Manifest) -> None:
        """Tell a workspace its people and files."""

    def snapshot(self, account: str, max_bytes: int) -> Snapshot:
        """Flush the shared documents and take a snapshot."""

    def disconnect(self, account: str, person: str) -> None:
        """Close the person's connections and refuse new ones."""


class Library(Protocol):
    """The questions."""

    def pin(self, question_id: str) -> QuestionRef:
        """Keep a question as it is now.

        Raises:
            BadInputError: there is no such question.
        """

    def all(self) -> list[QuestionRef]:
        """Return the questions that can be asked, by title; nothing is pinned."""

    def release(self, ref: QuestionRef) -> Sequence[ReleasedFile]:
        """Return the files that a candidate gets."""

    def statement(self, ref: QuestionRef) -> str:
        """Return the task in Markdown."""


class Grader(Protocol):
    """Runs the hidden tests of a question against what was handed in."""

    def grade(self, interview_id: str, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Grade, bytes]:
        """Return the grade and the executed notebook; bad submissions give verdicts, never an error."""


class Verifier(Protocol):
    """Checks the signature of a receipt."""

    def verify(self, receipt: Receipt) -> bool:
        """Whether the signature fits the receipt's text and public key."""

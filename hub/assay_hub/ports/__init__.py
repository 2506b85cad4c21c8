"""What the use cases need from the world, as small protocols."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assay_hub.domain.calendar import Event as CalendarEvent
from assay_hub.domain.calendar import Method
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.library import Preview, QuestionCard
from assay_hub.domain.mail import Letter
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.result import Grade
from assay_hub.domain.rubric import Criterion
from assay_hub.domain.timeline import Segment
from assay_hub.domain.webhook import Answer
from assay_hub.ports.store import Database, Records
from assay_protocol.manifest import Manifest, ReleasedFile
from assay_protocol.names import WORKSPACE_PREFIX
from assay_protocol.recording import Event

__all__ = [
    "Artefacts",
    "CalendarWriter",
    "Clock",
    "Courier",
    "Database",
    "Grader",
    "Hub",
    "Library",
    "LinkSigner",
    "Mailer",
    "Records",
    "Sealer",
    "Signer",
    "Snapshot",
    "Timeline",
    "Verifier",
    "Workspaces",
]


class Clock(Protocol):
    """The server's clock, the only one that counts."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""


class Artefacts(Protocol):
    """Bytes that are kept under the hash of their content."""

    def put(self, content: bytes) -> str:
        """Keep the bytes and return their key."""

    def get(self, key: str) -> bytes:
        """Return the bytes under a key."""

    def has(self, key: str) -> bool:
        """Whether there is something under a key."""

    def delete(self, key: str) -> None:
        """Let go of the bytes under a key; nothing happens if there are none."""


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


class Sealer(Protocol):
    """Keeps secrets that have to be read again, so that a copy of the database alone gives none away."""

    def seal(self, secret: str) -> str:
        """Return what may be stored."""

    def unseal(self, sealed: str) -> str:
        """Return the secret.

        Raises:
            ValueError: it was sealed with another key, or by somebody else.
        """


class Courier(Protocol):
    """Calls other systems; never anything on a network that is ours, unless the settings allow it."""

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST") -> Answer:
        """Send something and return what came of it; nothing that the receiver does is an error."""


class Mailer(Protocol):
    """Sends letters."""

    def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises:
            MailFailedError: it was not sent; the detail says why.
        """


class CalendarWriter(Protocol):
    """Writes calendars (RFC 5545)."""

    def write(self, events: Sequence[CalendarEvent], method: Method, now: datetime) -> bytes:
        """Return a calendar with these events and the time zones that they name."""


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

    def running_workspaces(self, prefix: str = WORKSPACE_PREFIX) -> list[str]:
        """Return the accounts of interviews, or of questions, whose workspace runs."""

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

    def cards(self) -> list[QuestionCard]:
        """Return the same questions with what there is to know of each."""

    def formats(self) -> list[QuestionCard]:
        """Return the empty editors: they are pinned and released like questions, but not listed among them."""

    def preview(self, question_id: str) -> Preview | None:
        """Return a question or an empty editor as a candidate gets it; ``None`` if there is none."""

    def release(self, ref: QuestionRef) -> Sequence[ReleasedFile]:
        """Return the files that a candidate gets."""

    def statement(self, ref: QuestionRef) -> str:
        """Return the task in Markdown."""

    def rubric(self, ref: QuestionRef) -> Sequence[Criterion]:
        """Return what a pinned question is scored by; none where its author said nothing, or it cannot be read."""


class Grader(Protocol):
    """Runs the hidden tests of a question against what was handed in."""

    def grade(self, interview_id: str, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Grade, bytes]:
        """Return the grade and the executed notebook; bad submissions give verdicts, never an error."""


class Timeline(Protocol):
    """Makes the timeline of one recording from its events.

    Attributes:
        seq: the last event that was taken.
    """

    seq: int

    def take(self, event: Event) -> Iterable[Segment]:
        """Take the next event; return the segment that it made full, if it did."""

    def segment(self) -> Segment:
        """Return the segment that is being filled, as far as it is."""


class Verifier(Protocol):
    """Checks the signature of a receipt."""

    def verify(self, receipt: Receipt) -> bool:
        """Whether the signature fits the receipt's text and public key."""

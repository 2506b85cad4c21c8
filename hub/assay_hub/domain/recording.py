"""Where the stored recording of an interview stands."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Head:
    """The end of the stored recording.

    Attributes:
        seq: number of the last stored event, 0 when there is none.
        digest: of the hash chain after it, 32 bytes.
    """

    seq: int
    digest: bytes


@dataclass(frozen=True)
class StoredLine:
    """One event as it is kept: the workspace's own bytes, and the chain's digest after it."""

    seq: int
    line: bytes
    digest: bytes
    received_at: datetime


@dataclass(frozen=True)
class Gap:
    """A place where the recording is not whole, said aloud.

    Attributes:
        after_seq: the last event before it.
        reason: what happened, in words.
    """

    after_seq: int
    noticed_at: datetime
    reason: str

"""Where a workspace keeps what: the files that people see, and the record that only the server reads."""

import os
from dataclasses import dataclass
from pathlib import Path

VOLUME_VARIABLE = "ASSAY_VOLUME"
ANCESTORS_VARIABLE = "ASSAY_FRAME_ANCESTORS"
DEFAULT_VOLUME = "/srv/interview"


@dataclass(frozen=True)
class Volume:
    """The volume of one interview."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Volume":
        """Return the volume named by ``ASSAY_VOLUME``, ``/srv/interview`` by default."""
        return cls(Path(os.environ.get(VOLUME_VARIABLE, DEFAULT_VOLUME)))

    @property
    def notebooks(self) -> Path:
        """The folder that people see: notebooks, files and what cells write."""
        return self.root / "notebooks"

    @property
    def record(self) -> Path:
        """The folder that only the server's account may read."""
        return self.root / "record"

    @property
    def recording(self) -> Path:
        """The events, one per line."""
        return self.record / "recording.jsonl"

    @property
    def people(self) -> Path:
        """Who takes part."""
        return self.record / "people.json"

    @property
    def placed(self) -> Path:
        """Which released files were placed."""
        return self.record / "placed.json"

    @property
    def known(self) -> Path:
        """What each shared document's file last held."""
        return self.record / "known"

    def prepare(self) -> None:
        """Make the folders that are missing; the record with mode 0700."""
        self.notebooks.mkdir(parents=True, exist_ok=True)
        self.record.mkdir(mode=0o700, exist_ok=True)
        self.record.chmod(0o700)
        self.known.mkdir(mode=0o700, exist_ok=True)


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace a file of the record so that a reader after a crash finds the old or the new content, never a part.

    Args:
        path: the file.
        content: its new content.
        durable: whether it must survive a power cut as well as a killed server.
    """
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    temporary.replace(path)

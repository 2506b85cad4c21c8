"""What the service tells a workspace: who takes part and which released files to place."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

MAX_FILE_BYTES = 32 * 1024 * 1024


class BadManifestError(ValueError):
    """A manifest that cannot be read, or that would place a file outside the workspace."""


@dataclass(frozen=True)
class ReleasedFile:
    """A file as the candidate first gets it: a released notebook or its data; never a hidden test or a solution.

    Attributes:
        path: POSIX path relative to the workspace's root, without ``.`` or ``..`` or a hidden part.
        content: the bytes of the file.
    """

    path: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Participant:
    """A person as others see them in the notebook.

    Attributes:
        account: hub account.
        display_name: shown at the cursor.
        color: CSS colour of the cursor, ``#rrggbb``.
        may_edit: whether what this person types and runs is accepted; an observer only watches.
    """

    account: str
    display_name: str
    color: str
    may_edit: bool = True

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> "Participant":
        """Read a participant; one who is not said to edit may only watch, until a manifest says more.

        Raises:
            BadManifestError: a member is no text.
            KeyError: a member is missing.
        """
        account, name, color = _text(body["account"]), _text(body["display_name"]), _text(body["color"])
        return cls(account, name, color, may_edit=body.get("may_edit") is True)


@dataclass(frozen=True)
class Manifest:
    """Everything that a workspace knows of its interview.

    Attributes:
        unreported: names of what pages report that is not recorded, because this candidate was told that it is not
            observed.
    """

    interview: str
    participants: tuple[Participant, ...]
    files: tuple[ReleasedFile, ...]
    unreported: frozenset[str] = frozenset()

    def to_json(self) -> bytes:
        """Return the manifest as UTF-8 JSON."""
        body = {
            "interview": self.interview,
            "participants": [vars(person) for person in self.participants],
            "files": [
                {"path": file.path, "content": base64.b64encode(file.content).decode("ascii")} for file in self.files
            ],
            "unreported": sorted(self.unreported),
        }
        return json.dumps(body).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Read a manifest.

        Raises:
            BadManifestError: not UTF-8 JSON of this form, a path that leaves the workspace or a file over 32 MiB.
        """
        try:
            body = json.loads(text)
            manifest = cls(
                interview=_text(body["interview"]),
                participants=tuple(Participant.from_dict(person) for person in body["participants"]),
                files=tuple(
                    ReleasedFile(_path(file["path"]), base64.b64decode(file["content"], validate=True))
                    for file in body["files"]
                ),
                unreported=frozenset(_text(name) for name in body.get("unreported", [])),
            )
        except BadManifestError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
            raise BadManifestError(f"{type(error).__name__}: {error}") from error
        too_large = [file.path for file in manifest.files if len(file.content) > MAX_FILE_BYTES]
        if too_large:
            raise BadManifestError(f"over {MAX_FILE_BYTES} bytes: {', '.join(too_large)}")
        return manifest


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadManifestError(f"text expected, not {type(value).__name__}")
    return value


def _path(value: Any) -> str:
    path = PurePosixPath(_text(value))
    hidden = any(part.startswith(".") for part in path.parts)
    if path.is_absolute() or hidden or not path.parts or "\\" in value or "\0" in value or str(path) != value:
        raise BadManifestError(f"not a path inside the workspace: {value!r}")
    return str(path)

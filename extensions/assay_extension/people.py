"""Who takes part in the interview of this workspace, kept over restarts."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assay_protocol.manifest import Participant

from .volume import write_atomically


class People:
    """The participants of the last manifest, less the accounts that were disconnected since.

    Args:
        path: the file that keeps them.

    Raises:
        ValueError, KeyError, TypeError: the file is not one that this class wrote.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.interview = ""
        self._participants: dict[str, Participant] = {}
        self._disconnected: set[str] = set()
        if path.exists():
            kept = json.loads(path.read_bytes())
            self.interview = kept["interview"]
            self._participants = {one["account"]: Participant.from_dict(one) for one in kept["participants"]}
            self._disconnected = set(kept["disconnected"])

    def replace(self, interview: str, participants: Iterable[Participant]) -> frozenset[str]:
        """Take over the participants of a manifest and return the accounts that no longer take part.

        A manifest is the newest word: an account that was disconnected before is admitted again when it is listed.
        """
        before = frozenset(self._participants)
        self.interview = interview
        self._participants = {person.account: person for person in participants}
        self._disconnected.clear()
        self._keep()
        return before - self._participants.keys()

    def disconnect(self, account: str) -> None:
        """Refuse an account until a later manifest lists it."""
        self._disconnected.add(account)
        self._keep()

    def find(self, account: str) -> Participant | None:
        """Return a participant, or None for whoever takes no part or was disconnected."""
        return None if account in self._disconnected else self._participants.get(account)

    def may_edit(self, account: str) -> bool:
        """Whether what this account types is accepted now."""
        person = self.find(account)
        return person is not None and person.may_edit

    def _keep(self) -> None:
        body = {
            "interview": self.interview,
            "participants": [vars(person) for person in self._participants.values()],
            "disconnected": sorted(self._disconnected),
        }
        write_atomically(self._path, json.dumps(body).encode())


def identity(person: Participant) -> dict[str, Any]:
    """Return a participant in the form of Jupyter's identity model, as pages show it at cursors."""
    words = person.display_name.split()
    return {
        "username": person.account,
        "name": person.display_name,
        "display_name": person.display_name,
        "initials": "".join(word[0] for word in words[:2]).upper(),
        "avatar_url": None,
        "color": person.color,
    }

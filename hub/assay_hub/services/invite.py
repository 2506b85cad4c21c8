"""Links: make one, open one, take one back."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from assay_hub.domain.access import Action, Person, require
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import HubRefusedError, LinkRefusedError, NotFoundError, WorkspaceUnreachableError
from assay_hub.domain.link import Link
from assay_hub.ports import Clock, Database, Hub, LinkSigner, Records, Workspaces


@dataclass(frozen=True)
class MakeLinks:
    """Makes links; the address with the secret is returned once and kept nowhere."""

    database: Database
    signer: LinkSigner
    clock: Clock
    address: str
    candidate_days: int
    sign_in_minutes: int

    def for_candidate(self, by: Person, interview_id: str) -> str:
        """Return the address of a new link into one interview; earlier links stay good until revoked."""
        _, address = self.candidate_link(by, interview_id)
        return address

    def candidate_link(self, by: Person, interview_id: str) -> tuple[Link, str]:
        """Make a link into one interview and return it with its address; earlier links stay good until revoked."""
        with self.database.write() as records:
            interview = require(by, Action.MAKE_LINKS, records.interview(interview_id))
            secret, link = self._link(interview.candidate, interview.candidate_name, interview.id, self.candidate_days)
            records.add_link(link)
            records.log(Entry(link.created_at, by.account, Deed.LINK_MADE, interview.id, {"link": link.id}))
        return link, self.address + self.signer.sign(secret)

    def made(self, by: Person, interview_id: str) -> list[Link]:
        """Return the candidate's links, the newest first."""
        with self.database.read() as records:
            interview = require(by, Action.MAKE_LINKS, records.interview(interview_id))
            return records.links(interview.id, interview.candidate)

    def for_staff(self, account: str, interview_id: str = "") -> str:
        """Return the address of a link that signs a member of staff in once; for the administrator's shell.

        Args:
            account: who is signed in.
            interview_id: the interview whose room opens; empty for the list.
        """
        secret, link = self._link(account, account.capitalize(), interview_id, 0)
        with self.database.write() as records:
            records.add_link(link)
        return self.address + self.signer.sign(secret)

    def _link(self, account: str, name: str, interview: str, days: int) -> tuple[str, Link]:
        secret = secrets.token_urlsafe(24)
        now = self.clock.now()
        link = Link(
            id=secrets.token_hex(8),
            secret_hash=_hash(secret),
            account=account,
            display_name=name,
            interview=interview,
            created_at=now,
            expires_at=now + (timedelta(days=days) if days else timedelta(minutes=self.sign_in_minutes)),
            one_time=not days,
        )
        return secret, link


@dataclass(frozen=True)
class OpenLink:
    """Opens a link, in the hub's login."""

    database: Database
    signer: LinkSigner
    clock: Clock

    def __call__(self, signed: str) -> Link:
        """Return the link that was opened, marked as used.

        Raises:
            LinkRefusedError: unknown, expired, revoked or used up; all look the same.
        """
        with self.database.write() as records:
            link = self._usable(records, signed)
            records.save_link(link.use(self.clock.now()))
        return link

    def look(self, signed: str) -> Link:
        """Return the link without opening it.

        Raises:
            LinkRefusedError: it could not be opened.
        """
        with self.database.read() as records:
            return self._usable(records, signed)

    def _usable(self, records: Records, signed: str) -> Link:
        secret = self.signer.secret(signed)
        link = None if secret is None else records.link(_hash(secret))
        if link is None or not link.is_usable(self.clock.now()):
            raise LinkRefusedError
        return link


@dataclass(frozen=True)
class RevokeLink:
    """Takes the candidate's links back and ends the session that one of them opened."""

    database: Database
    hub: Hub
    workspaces: Workspaces
    clock: Clock

    def __call__(self, by: Person, interview_id: str, link_id: str) -> bool:
        """Revoke one link, and return whether it was the last: with it the candidate's session ends.

        The candidate's hub account goes first, and with it every token and login. Then the extension closes the open
        connections, and the workspace is stopped: code that the candidate left running could keep a door open. What
        is on its volume stays, and an interviewer can start it again.
        """
        now = self.clock.now()
        with self.database.write() as records:
            interview = require(by, Action.MAKE_LINKS, records.interview(interview_id))
            links = records.links(interview_id, interview.candidate)
            link = next((link for link in links if link.id == link_id), None)
            if link is None:
                raise NotFoundError
            records.save_link(link.revoke(now))
            records.log(Entry(now, by.account, Deed.LINK_REVOKED, interview_id, {"link": link_id}))
            others = any(other.is_usable(now) for other in links if other.id != link_id)
        if others:
            return False
        self.hub.delete_account(interview.candidate)
        with suppress(WorkspaceUnreachableError, HubRefusedError):
            self.workspaces.disconnect(interview.workspace, interview.candidate)
        self.hub.stop_workspace(interview.workspace)
        return True


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

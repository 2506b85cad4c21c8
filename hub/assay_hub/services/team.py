"""Keep the team: who is in it, as what; and what roles and templates new interviews start from."""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from assay_hub.domain.access import Person, TeamAction, TeamRole, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import (
    BadInputError,
    ConflictError,
    HubRefusedError,
    NotFoundError,
    WorkspaceUnreachableError,
)
from assay_hub.domain.interview import Interview
from assay_hub.domain.plan import TEXT_CHARACTERS, fits, is_address, one_line
from assay_hub.domain.team import Member
from assay_hub.ports import Clock, Database, Hub, Workspaces
from assay_protocol.names import is_machine_account

_ACCOUNT = re.compile(r"[^\s/]{1,255}")


@dataclass(frozen=True)
class KeepTeam:
    """Knows who is in the team.

    Attributes:
        admins: accounts that are admins whatever the store says.
        joins_as: what somebody becomes who signs in for the first time; ``None``: nothing until an admin says so.
        hub: takes former members out of workspaces, as ``workspaces`` does.
    """

    database: Database
    clock: Clock
    admins: tuple[str, ...]
    joins_as: TeamRole | None
    hub: Hub
    workspaces: Workspaces

    def person(self, account: str) -> Person:
        """Return who an account is; a new member of staff joins the team with this."""
        if is_machine_account(account):
            return Person(account, account)
        with self.database.read() as records:
            member = records.member(account)
        if member is None:
            member = self._join(account)
        elif account in self.admins and (member.role is not TeamRole.ADMIN or not member.active):
            member = replace(member, role=TeamRole.ADMIN, active=True)
        return member.person if member else Person(account, account.capitalize())

    def members(self, by: Person) -> list[Member]:
        """Return the members by name, former ones included."""
        require_team(by, TeamAction.SEE_PEOPLE)
        with self.database.read() as records:
            return records.members()

    def member(self, by: Person, account: str) -> Member:
        """Return a member to an admin who is about to change them."""
        require_team(by, TeamAction.MANAGE_PEOPLE)
        with self.database.read() as records:
            member = records.member(account) if "\0" not in account else None
        if member is None:
            raise NotFoundError
        return member

    def add(self, by: Person, account: str, name: str, email: str, role: TeamRole) -> Member:
        """Add a member in advance, by the account with which they will sign in.

        Raises:
            NotFoundError: this person may not.
            BadInputError: nobody can sign in with such an account, it is in the team, or a name cannot be used.
        """
        require_team(by, TeamAction.MANAGE_PEOPLE)
        account = account.strip().lower()
        if not _is_account(account):
            raise _wrong("account", "Nobody can sign in with such an account name.")
        with self.database.read() as records:
            if records.member(account) is not None:
                raise _wrong("account", "This account is in the team already, perhaps as a former member.")
        joined_at = self.clock.now()
        return self.change(by, Member(account, name or account.capitalize(), email, role, True, joined_at))  # noqa: FBT003

    def change(self, by: Person, member: Member, expected: Member | None = None) -> Member:
        """Store a member as an admin wants them; a former member loses open rooms and workspaces as well.

        Args:
            by: the admin.
            member: as they are to be.
            expected: the member that this was made from; ``None`` to replace whatever is there.

        Raises:
            ConflictError: it is no longer the expected one.
            NotFoundError: this person may not, or it is an account that nobody can sign in with.
            BadInputError: a name is empty or too long, or no admin would be left.
        """
        require_team(by, TeamAction.MANAGE_PEOPLE)
        if not _is_account(member.account):
            raise NotFoundError
        changed = replace(member, name=one_line(member.name), email=one_line(member.email))
        if not fits(changed.name):
            raise _wrong("name", f"A name needs 1 to {TEXT_CHARACTERS} characters.")
        if not is_address(changed.email):
            raise _wrong("email", "This is no e-mail address.")
        if changed.account in self.admins and (changed.role is not TeamRole.ADMIN or not changed.active):
            raise _wrong("role", "The settings (login.admins) name this account as admin. Change them first.")
        with self.database.write() as records:
            before = records.member(member.account)
            if expected not in (None, before):
                raise ConflictError
            records.save_member(changed)
            if not any(one.active and one.role is TeamRole.ADMIN for one in records.members()) and not self.admins:
                raise BadInputError("Somebody has to be admin.", "Make somebody else admin first.")
            details = {
                "member": changed.account,
                "role": changed.role.value,
                "active": changed.active,
                "new": before is None,
            }
            records.log(Entry(self.clock.now(), by.account, Deed.MEMBER_CHANGED, "", details))
            open_now = [] if changed.active else records.open_with(changed.account)
            gone = {one.account for one in records.members() if not one.active}
        if open_now:
            self._put_out(changed.account, open_now, gone)
        return changed

    def _put_out(self, account: str, interviews: Sequence[Interview], gone: Collection[str]) -> None:
        """Close running workspaces to somebody; their session of the service ends by itself, with the next request."""
        with suppress(HubRefusedError):
            running = set(self.hub.running_workspaces())
            for interview in interviews:
                if interview.workspace in running:
                    with suppress(WorkspaceUnreachableError, HubRefusedError):
                        self.workspaces.disconnect(interview.workspace, account)
                    staff = {*interview.interviewers, *interview.observers}.difference(gone)
                    self.hub.share(interview.workspace, [interview.candidate, *sorted(staff)])

    def _join(self, account: str) -> Member | None:
        role = TeamRole.ADMIN if account in self.admins else self.joins_as
        if role is None:
            return None
        now = self.clock.now()
        member = Member(account, account.capitalize(), "", role, active=True, joined_at=now)
        with self.database.write() as records:
            known = records.member(account)
            if known is not None:
                return known
            records.save_member(member)
            records.log(_entry(now, account, member, new=True))
        return member


def _is_account(text: str) -> bool:
    """Whether somebody can sign in with this name."""
    return _ACCOUNT.fullmatch(text) is not None and text.isprintable() and not is_machine_account(text)


def _wrong(field: str, reason: str) -> BadInputError:
    return BadInputError("This cannot be saved.", reason, fields={field: reason})


def _entry(at: datetime, by: str, member: Member, *, new: bool) -> Entry:
    details = {"member": member.account, "role": member.role.value, "active": member.active, "new": new}
    return Entry(at, by, Deed.MEMBER_CHANGED, "", details)

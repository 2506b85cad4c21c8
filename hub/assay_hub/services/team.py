"""Keep the team: who is in it, as what; and what roles and templates new interviews start from."""

from dataclasses import dataclass, replace
from datetime import datetime

from assay_hub.domain.access import Person, TeamAction, TeamRole, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.plan import TEXT_CHARACTERS, fits, is_address, one_line
from assay_hub.domain.team import Member
from assay_hub.ports import Clock, Database
from assay_protocol.names import is_machine_account

_ACCOUNT_CHARACTERS = 255


@dataclass(frozen=True)
class KeepTeam:
    """Knows who is in the team.

    Attributes:
        admins: accounts that are admins whatever the store says.
        joins_as: what somebody becomes who signs in for the first time; ``None``: nothing until an admin says so.
    """

    database: Database
    clock: Clock
    admins: tuple[str, ...]
    joins_as: TeamRole | None

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

    def change(self, by: Person, member: Member) -> Member:
        """Store a member as an admin wants them.

        Raises:
            NotFoundError: this person may not, or it is an account that nobody can sign in with.
            BadInputError: a name is empty or too long, or no admin would be left.
        """
        require_team(by, TeamAction.MANAGE_PEOPLE)
        if is_machine_account(member.account) or not _is_account(member.account):
            raise NotFoundError
        changed = replace(member, name=one_line(member.name), email=one_line(member.email))
        wrong = {
            **({} if fits(changed.name) else {"name": f"A name needs 1 to {TEXT_CHARACTERS} characters."}),
            **({} if is_address(changed.email) else {"email": "This is no e-mail address."}),
        }
        if wrong:
            raise BadInputError("Some of this cannot be used.", " ".join(wrong.values()), fields=wrong)
        with self.database.write() as records:
            before = records.member(member.account)
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
        return changed

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
    return 0 < len(text) <= _ACCOUNT_CHARACTERS and text.isprintable()


def _entry(at: datetime, by: str, member: Member, *, new: bool) -> Entry:
    details = {"member": member.account, "role": member.role.value, "active": member.active, "new": new}
    return Entry(at, by, Deed.MEMBER_CHANGED, "", details)

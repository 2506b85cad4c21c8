"""The people who work here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from assay_hub.domain.access import Person, TeamAction, TeamRole
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.plan import Plan
from assay_hub.domain.position import Position


@dataclass(frozen=True)
class Member:
    """One member of the team.

    Attributes:
        account: hub account.
        name: as others read it.
        email: where invitations come from and calendars point; may be empty.
        role: what they are in the team.
        active: whether they still work here; a former member sees nothing, and their name stays.
        joined_at: when they first came.
    """

    account: str
    name: str
    email: str
    role: TeamRole
    active: bool
    joined_at: datetime

    @property
    def person(self) -> Person:
        """The member as somebody who is signed in."""
        return Person(self.account, self.name, self.role if self.active else None)


def require_fit(plan: Plan, members: Iterable[Member], positions: Iterable[Position]) -> None:
    """Check that the team has the people and the role that a plan names.

    Raises:
        BadInputError: somebody in it is no active member, or may not hold interviews; or there is no such role.
    """
    active = {member.account: member for member in members if member.active}
    wrong: dict[str, str] = {}
    for field in ("interviewers", "observers", "viewers"):
        strangers = [account for account in getattr(plan, field) if account not in active]
        if strangers:
            wrong[field] = f"Nobody in the team is called {', '.join(strangers)}."
    named = [active[account] for account in plan.interviewers if account in active]
    unfit = [member.name for member in named if not member.person.may(TeamAction.CREATE)]
    if unfit:
        wrong["interviewers"] = f"{', '.join(unfit)} may watch and review, but not hold interviews."
    if plan.position and plan.position not in {position.id for position in positions}:
        wrong["position"] = "There is no such role."
    if wrong:
        raise BadInputError("Some of this cannot be used.", " ".join(wrong.values()), fields=wrong)

"""``assay people``: who is in the team, and as what."""

import argparse
from dataclasses import replace
from typing import Any

from assay_hub.cli.acting import Acting, acting, options, print_json, print_table
from assay_hub.domain.access import TeamRole
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.team import Member
from assay_hub.representations.models import MemberList
from assay_hub.representations.render import member as shown

_ROLES = [role.value for role in TeamRole]


def add(commands: Any) -> None:
    """Add the commands to the parser's."""
    parser = commands.add_parser("people", help="see and change who is in the team")
    parts = parser.add_subparsers(required=True, metavar="COMMAND")

    says = "list the team, former members included"
    command = parts.add_parser("list", parents=[options()], help=says, description=says)
    command.set_defaults(command=_list)

    says = "add a member before they sign in for the first time"
    command = parts.add_parser("add", parents=[options()], help=says, description=says)
    command.add_argument("account", help="hub account")
    command.add_argument("--name", help="as others read it; else the account's")
    command.add_argument("--email", default="", help="where invitations come from")
    command.add_argument("--role", required=True, choices=_ROLES)
    command.set_defaults(command=_add)

    says = "change what is given of a member and leave the rest"
    command = parts.add_parser("change", parents=[options()], help=says, description=says)
    command.add_argument("account", help="hub account")
    command.add_argument("--name")
    command.add_argument("--email")
    command.add_argument("--role", choices=_ROLES)
    active = command.add_mutually_exclusive_group()
    active.add_argument("--active", action="store_true", default=None, help="they work here")
    active.add_argument("--inactive", dest="active", action="store_false", help="they left: they see nothing")
    command.set_defaults(command=_change)


def _list(chosen: argparse.Namespace) -> int:
    here = acting(chosen)
    members = here.application.team.members(here.person)
    if chosen.json:
        print_json(MemberList(items=[shown(one) for one in members], next=None))
        return 0
    rows = [(one.account, one.role.value if one.active else "left", one.email, one.name) for one in members]
    print_table(("account", "role", "e-mail", "name"), rows)
    return 0


def _add(chosen: argparse.Namespace) -> int:
    here = acting(chosen)
    if _known(here, chosen.account) is not None:
        raise BadInputError(f"{chosen.account} is there already.", "Use `assay people change`.")
    now = here.application.clock.now()
    name = chosen.name or chosen.account.capitalize()
    new = Member(chosen.account, name, chosen.email, TeamRole(chosen.role), active=True, joined_at=now)
    return _saved(here, chosen, new)


def _change(chosen: argparse.Namespace) -> int:
    here = acting(chosen)
    before = _known(here, chosen.account)
    if before is None:
        raise BadInputError(f"Nobody in the team is called {chosen.account!r}.", "Use `assay people add`.")
    given = {name: getattr(chosen, name) for name in ("name", "email", "active") if getattr(chosen, name) is not None}
    role = TeamRole(chosen.role) if chosen.role else before.role
    return _saved(here, chosen, replace(before, role=role, **given))


def _known(here: Acting, account: str) -> Member | None:
    return next((one for one in here.application.team.members(here.person) if one.account == account), None)


def _saved(here: Acting, chosen: argparse.Namespace, member: Member) -> int:
    saved = here.application.team.change(here.person, member)
    if chosen.json:
        print_json(shown(saved))
    else:
        print(f"{saved.account}: {saved.role.value if saved.active else 'left'}")
    return 0

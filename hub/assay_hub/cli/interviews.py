"""``assay interview``: the desk in a shell."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from assay_hub.cli.acting import Acting, acting, options, print_json, print_table
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.plan import Plan, local_moment
from assay_hub.domain.search import MAX_PAGE_ROWS, PAGE_ROWS, Order, Search
from assay_hub.representations.models import InterviewList
from assay_hub.representations.render import link_made, shown, summary

_TEXTS = {
    "title": "title",
    "candidate": "candidate_name",
    "email": "candidate_email",
    "position": "position",
    "time_zone": "time_zone",
    "notes": "internal_notes",
}
_LISTS = {
    "tag": "tags",
    "interviewer": "interviewers",
    "observer": "observers",
    "viewer": "viewers",
    "question": "questions",
}


def add(commands: Any) -> None:
    """Add the commands to the parser's."""
    parser = commands.add_parser("interview", help="create, find, change and share interviews")
    parts = parser.add_subparsers(required=True, metavar="COMMAND")

    command = _command(parts, "create", "create an interview and print its id", _create)
    _add_plan(command, required=True)
    command = _command(parts, "list", "list interviews", _list)
    _add_filters(command)
    _named(parts, "show", "print an interview", _show)
    command = _named(parts, "edit", "change what is given and leave the rest", _edit)
    _add_plan(command, required=False)
    command.add_argument("--revision", type=int, help="refuse if it has another revision by now")
    _named(parts, "cancel", "call an interview off", _cancel)
    _named(parts, "reopen", "let work go on in an interview that is over", _reopen)
    _named(parts, "link", "make a link for the candidate and print it, this once", _link)


def _command(
    parts: Any, name: str, says: str, do: Callable[[Acting, argparse.Namespace], None]
) -> argparse.ArgumentParser:
    def command(chosen: argparse.Namespace) -> int:
        do(acting(chosen), chosen)
        return 0

    parser: argparse.ArgumentParser = parts.add_parser(name, parents=[options()], help=says, description=says)
    parser.set_defaults(command=command)
    return parser


def _named(
    parts: Any, name: str, says: str, do: Callable[[Acting, argparse.Namespace], None]
) -> argparse.ArgumentParser:
    parser = _command(parts, name, says, do)
    parser.add_argument("id", help="id of the interview")
    return parser


def _add_plan(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--title", required=required)
    parser.add_argument("--candidate", required=required, metavar="NAME", help="name of the candidate")
    parser.add_argument("--email", help="the candidate's e-mail address")
    parser.add_argument("--position", metavar="ID", help="id of the role that somebody is hired for")
    parser.add_argument("--at", metavar="MOMENT", help='"2026-12-01 14:30" in the time zone, or with an offset')
    parser.add_argument("--time-zone", metavar="ZONE", help="IANA name, such as Europe/Berlin")
    parser.add_argument("--minutes", type=int, help="planned length; 60 for a new interview")
    parser.add_argument("--notes", metavar="TEXT", help="internal notes; they never reach the candidate")
    for name, says in (
        ("tag", "a tag"),
        ("interviewer", "account that holds it; you, if there is none"),
        ("observer", "account that may watch"),
        ("viewer", "account that may see it; without any, the whole team"),
        ("question", "id of a question, in the order in which they are asked"),
    ):
        parser.add_argument(
            f"--{name}", action="append", metavar="ONE", help=f"{says}; as often as needed, and '' for none at all"
        )


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="*", help="words in title, candidate, e-mail or tags")
    parser.add_argument("--tag", action="append", default=[])
    parser.add_argument("--position", action="append", default=[], metavar="ID")
    parser.add_argument("--state", action="append", default=[], choices=[state.value for state in State])
    parser.add_argument("--interviewer", default="", metavar="ACCOUNT")
    parser.add_argument("--since", metavar="MOMENT", help='"2026-12-01" or "2026-12-01 14:30", in UTC unless it says')
    parser.add_argument("--until", metavar="MOMENT", help="before this")
    parser.add_argument("--sort", default=Order.NEWEST.value, choices=[order.value for order in Order])
    parser.add_argument("--limit", type=int, default=PAGE_ROWS, help=f"most rows, at most {MAX_PAGE_ROWS}")
    parser.add_argument("--cursor", default="", help="begin after the page before, which printed this")


def _create(here: Acting, chosen: argparse.Namespace) -> None:
    plan = _planned(chosen, Plan("", "", interviewers=(here.person.account,)))
    interview = here.application.create_interview(here.person, plan)
    if chosen.json:
        print_json(shown(interview, here.person))
    else:
        print(interview.id)


def _list(here: Acting, chosen: argparse.Namespace) -> None:
    if not 0 < chosen.limit <= MAX_PAGE_ROWS:
        raise BadInputError(f"--limit lies between 1 and {MAX_PAGE_ROWS}.")
    search = Search(
        text=" ".join(chosen.text),
        tags=tuple(chosen.tag),
        positions=tuple(chosen.position),
        states=tuple(State(name) for name in chosen.state),
        interviewer=chosen.interviewer,
        since=_moment(chosen.since, "UTC") if chosen.since else None,
        until=_moment(chosen.until, "UTC") if chosen.until else None,
        order=Order(chosen.sort),
        rows=chosen.limit,
        cursor=chosen.cursor,
    )
    page = here.application.find_interviews(here.person, search)
    if chosen.json:
        print_json(InterviewList(items=[summary(one) for one in page.interviews], next=page.next or None))
        return
    rows = [(one.id, _date(one), one.state.value, one.candidate_name, one.title) for one in page.interviews]
    print_table(("id", "date", "state", "candidate", "title"), rows)
    if page.next:
        print(f"There are more: --cursor {page.next}")


def _show(here: Acting, chosen: argparse.Namespace) -> None:
    _print(here, chosen, here.application.review.details(here.person, chosen.id).interview)


def _edit(here: Acting, chosen: argparse.Namespace) -> None:
    before = here.application.review.details(here.person, chosen.id).interview
    revision = before.revision if chosen.revision is None else chosen.revision
    after = here.application.edit_interview(here.person, before.id, _planned(chosen, before.plan), revision)
    _print(here, chosen, after)


def _cancel(here: Acting, chosen: argparse.Namespace) -> None:
    _print(here, chosen, here.application.edit_interview.cancel(here.person, chosen.id))


def _reopen(here: Acting, chosen: argparse.Namespace) -> None:
    _print(here, chosen, here.application.edit_interview.reopen(here.person, chosen.id))


def _link(here: Acting, chosen: argparse.Namespace) -> None:
    made, address = here.application.make_links.candidate_link(here.person, chosen.id)
    if chosen.json:
        print_json(link_made(made, address))
    else:
        print(address)


def _print(here: Acting, chosen: argparse.Namespace, interview: Interview) -> None:
    body = shown(interview, here.person)
    if chosen.json:
        print_json(body)
        return
    for name, value in body.model_dump(mode="json", exclude={"links"}).items():
        text = ", ".join(value) if isinstance(value, list) else value
        if isinstance(value, dict):
            text = ", ".join(f"{key} {version}" for key, version in value.items())
        print(f"{name.replace('_', ' ') + ':':20}{'–' if text in {None, ''} else text}")


def _planned(chosen: argparse.Namespace, plan: Plan) -> Plan:
    """Return a plan with what was given on the command line in place of what it had."""
    given: dict[str, Any] = {
        field: getattr(chosen, name) for name, field in _TEXTS.items() if getattr(chosen, name) is not None
    }
    for name, field in _LISTS.items():
        if getattr(chosen, name) is not None:
            given[field] = tuple(one for one in getattr(chosen, name) if one)
    if chosen.minutes is not None:
        given["duration"] = _minutes(chosen.minutes)
    if chosen.at is not None:
        given["scheduled_at"] = _moment(chosen.at, given.get("time_zone", plan.time_zone)) if chosen.at else None
    return replace(plan, **given)


def _minutes(minutes: int) -> timedelta:
    try:
        return timedelta(minutes=minutes)
    except OverflowError as error:
        raise BadInputError("No interview takes so long.") from error


def _moment(text: str, zone: str) -> datetime:
    """Return a moment: with its own offset, or in a time zone; a date alone means its first minute."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInputError(f"There is no moment {text!r}.", "Write it as 2026-12-01 14:30.") from error
    date, _, time = text.replace("T", " ").partition(" ")
    return local_moment(date, time or "00:00", zone)


def _date(interview: Interview) -> str:
    return interview.date.strftime("%Y-%m-%d %H:%M")

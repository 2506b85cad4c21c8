"""Who a command acts as, and how it prints."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from assay_config import settings
from assay_hub.adapters.database import migrate
from assay_hub.bootstrap import Application
from assay_hub.domain.access import Person
from assay_hub.domain.errors import AssayError, BadInputError


@dataclass(frozen=True)
class Acting:
    """The use cases, and the person who calls them."""

    application: Application
    person: Person


def options() -> argparse.ArgumentParser:
    """Return the options of every command that acts as somebody, to be a parent of its parser."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--json", action="store_true", help="print JSON, as the API gives it")
    parser.add_argument("--as", dest="acting", metavar="ACCOUNT", default="", help="act as this member, not the admin")
    return parser


def acting(chosen: argparse.Namespace) -> Acting:
    """Return the use cases with the person that ``--as`` names, or the first administrator of the settings.

    Raises:
        BadInputError: there is no such member.
    """
    read = settings.read()
    migrate(read.database_url)
    application = Application(read)
    if not chosen.acting:
        if not read.login.admins:
            raise BadInputError("The settings name no administrator.", "Say who acts: --as ACCOUNT.")
        return Acting(application, application.team.person(read.login.admins[0]))
    with application.database.read() as records:
        member = records.member(chosen.acting) if chosen.acting.isprintable() else None
    if member is None or not member.person.staff:
        raise BadInputError(f"Nobody in the team is called {chosen.acting!r}.", "`assay people list` shows who is.")
    return Acting(application, application.team.person(member.account))


def print_json(shown: BaseModel) -> None:
    """Print a representation."""
    print(shown.model_dump_json(indent=2))


def print_json_object(shown: Mapping[str, Any]) -> None:
    """Print an object."""
    print(json.dumps(shown, indent=2, ensure_ascii=False))


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns as wide as they need to be; the last is as long as it is."""
    table = [tuple(head), *(tuple(cell or "–" for cell in row) for row in rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(head) - 1)]
    for row in table:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[-1]]))


def print_error(error: AssayError | OSError) -> None:
    """Print what went wrong and what to do about it, field by field."""
    print(f"assay: {error}", file=sys.stderr)
    if isinstance(error, AssayError):
        lines = [f"{name}: {text}" for name, text in error.fields.items()] or [error.detail]
        for line in filter(None, lines):
            print(f"  {line}", file=sys.stderr)

"""``assay question``: the library in a shell."""

import argparse
from typing import Any

from assay_hub.cli import authoring
from assay_hub.cli.acting import acting, options, print_json, print_table
from assay_hub.domain.library import LibrarySearch
from assay_hub.representations.models import QuestionList
from assay_hub.representations.render import question, question_shown


def add(commands: Any) -> None:
    """Add the commands to the parser's."""
    parser = commands.add_parser("question", help="find and read questions of the library")
    parts = parser.add_subparsers(required=True, metavar="COMMAND")

    says = "list questions by title"
    command = parts.add_parser("list", parents=[options()], help=says, description=says)
    command.add_argument("text", nargs="*", help="words in title, topics or skills")
    command.set_defaults(command=_list)

    says = "print a question as a candidate gets it, without solutions and hidden tests"
    command = parts.add_parser("show", parents=[options()], help=says, description=says)
    command.add_argument("id", help="id of the question")
    command.set_defaults(command=_show)

    authoring.add(parts)


def _list(chosen: argparse.Namespace) -> int:
    here = acting(chosen)
    found = here.application.browse_library(here.person, LibrarySearch(text=" ".join(chosen.text)))
    if chosen.json:
        print_json(QuestionList(items=[question(one) for one in found], next=None))
        return 0
    rows = [(one.id, one.version, one.difficulty, f"{one.minutes} min", one.title) for one in found]
    print_table(("id", "version", "difficulty", "length", "title"), rows)
    return 0


def _show(chosen: argparse.Namespace) -> int:
    here = acting(chosen)
    found = here.application.browse_library.preview(here.person, chosen.id)
    if chosen.json:
        print_json(question_shown(found))
        return 0
    card = found.card
    print(f"{card.title}\n{card.id} {card.version}, {card.kind}, {card.difficulty}, {card.minutes} minutes\n")
    print(found.statement.strip())
    for cell in found.cells:
        print(f"\n[{cell.kind}]\n{cell.source}")
    return 0

"""Writes who may do what into docs/access.md: ``python -m assay_hub.cli.documentation``."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from assay_hub.domain.access import ALLOWED, TEAM_ALLOWED, Role, TeamRole

PAGE = Path(__file__).parents[3] / "docs" / "access.md"

_TEXT = """# Who may do what

Written from `hub/assay_hub/domain/access.py` by `make docs`: change the tables there, not here. Whoever may not do
something gets the same answer as for what does not exist.

## In the team

A member of the team has one of these roles. An administrator gives it on the page “People”.

{team}
## With one interview

Whoever is named in an interview is what they are named as: its candidate, one of its interviewers, one of its
observers. An administrator may do everything but be examined. Everybody else in the team sees an interview that names
no viewers, and one that names them: interviewers and reviewers as its reviewer, viewers as its viewer. To all others it
does not exist.

{interview}"""


def page() -> str:
    """Return the page."""
    return _TEXT.format(team=_table(TeamRole, TEAM_ALLOWED), interview=_table(Role, ALLOWED))


def _table(roles: type[StrEnum], allowed: Mapping[Any, Collection[Any]]) -> str:
    head = [f"| | {' | '.join(role.value for role in roles)} |", f"|---{'|:-:' * len(roles)}|"]
    rows = [
        f"| {action.value} | {' | '.join('yes' if role in those else '–' for role in roles)} |"
        for action, those in allowed.items()
    ]
    return "\n".join([*head, *rows]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

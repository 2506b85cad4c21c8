"""The audit log, for administrators."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import QueryParams

from assay_hub.domain.access import TeamAction, require_team
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.search import MAX_PAGE_ROWS, PAGE_ROWS, AuditSearch
from assay_hub.web import sheets
from assay_hub.web.context import InContext, SignedIn
from assay_hub.web.listing import day
from assay_hub.web.pages import COMMON_HEADERS
from assay_protocol.names import is_interview_id

router = APIRouter()

_FIELDS = ("account", "deed", "interview", "since", "until", "before", "after")
_TEXT_CHARACTERS = 255
_PLACE_DIGITS = 9
_SHOWN = 5
_SHEET_HEAD = ("number", "at", "account", "deed", "interview", "details")


@dataclass(frozen=True)
class Asked:
    """What the address of the log asks for, as it was entered."""

    account: str = ""
    deed: str = ""
    interview: str = ""
    since: str = ""
    until: str = ""
    before: str = ""
    after: str = ""

    @classmethod
    def read(cls, params: QueryParams) -> "Asked":
        """Return what the query of an address says."""
        return cls(**{name: params.get(name, "").strip() for name in _FIELDS})

    def query(self, **changes: str) -> str:
        """Return the query of the address of this page, with changes."""
        asked = replace(self, **changes)
        return urlencode([(name, getattr(asked, name)) for name in _FIELDS if getattr(asked, name)])

    def search(self, rows: int) -> AuditSearch:
        """Return the search, for one row more than a page holds.

        Raises:
            BadInputError: something cannot be looked for; ``fields`` says what.
        """
        since, until = day(self.since, "since"), day(self.until, "until")
        places_fit = all(
            not one or (one.isdecimal() and len(one) <= _PLACE_DIGITS) for one in (self.before, self.after)
        )
        wrong = {
            "account": "There is no such account." if not _is_account(self.account) else "",
            "deed": "There is no such deed." if self.deed and self.deed not in set(Deed) else "",
            "interview": "The id of an interview has ten characters, a–z and 2–7."
            if self.interview and not is_interview_id(self.interview)
            else "",
            "before": "" if places_fit else "This page of the log cannot be found.",
        }
        wrong = {name: reason for name, reason in wrong.items() if reason}
        if wrong:
            raise BadInputError("This search cannot be done.", " ".join(wrong.values()), fields=wrong)
        return AuditSearch(
            account=self.account,
            deed=self.deed,
            interview=self.interview,
            since=since,
            until=until + timedelta(days=1) if until else None,
            before=int(self.before or 0),
            after=int(self.after or 0),
            rows=rows,
        )


@router.get("/audit")
def audit(request: Request, here: InContext, session: SignedIn) -> Response:
    """Show a page of the log; that it was read stands in it afterwards."""
    require_team(session.person, TeamAction.SEE_AUDIT)
    asked = Asked.read(request.query_params)
    found: list[Entry] = []
    error = None
    try:
        found = here.application.review.audit(session.person, asked.search(PAGE_ROWS + 1))
        if asked.after and len(found) <= PAGE_ROWS:  # there is no whole page before this one: it is the first
            asked = replace(asked, after="", before="")
            found = here.application.review.audit(session.person, asked.search(PAGE_ROWS + 1))
    except BadInputError as refusal:
        error = refusal
    more = len(found) > PAGE_ROWS
    shown = found[-PAGE_ROWS:] if asked.after else found[:PAGE_ROWS]
    response = here.pages.render(
        request,
        "audit.html",
        status=error.status if error else 200,
        asked=asked,
        entries=[(entry, said(entry)) for entry in shown],
        before=str(shown[-1].id) if shown and (more or asked.after) else "",
        after=str(shown[0].id) if shown and (asked.before or asked.after) else "",
        members={one.account: one.name for one in here.application.team.members(session.person)},
        deeds=list(Deed),
        error=error,
    )
    response.headers["HX-Push-Url"] = f"{here.prefix}audit?{asked.query()}".rstrip("?")
    return response


@router.get("/audit.csv")
def export(request: Request, here: InContext, session: SignedIn) -> Response:
    """Give everything that matches as a file, which leaves page by page."""
    require_team(session.person, TeamAction.SEE_AUDIT)
    search = Asked.read(request.query_params).search(MAX_PAGE_ROWS)

    def pages() -> Iterator[list[tuple[object, ...]]]:
        here_on = search
        while found := here.application.review.audit(session.person, here_on):
            yield [
                (one.id, one.at, one.account, one.deed.value, one.interview, json.dumps(dict(one.details)))
                for one in found
            ]
            if len(found) < MAX_PAGE_ROWS:
                return
            here_on = replace(search, before=found[-1].id)

    headers = {**COMMON_HEADERS, "Content-Disposition": 'attachment; filename="assay-audit.csv"'}
    return StreamingResponse(sheets.sheet(_SHEET_HEAD, pages()), media_type=sheets.MEDIA_TYPE, headers=headers)


def said(entry: Entry) -> str:
    """Return the details of an entry in one line of text."""
    changes = entry.deed in {Deed.EDITED, Deed.CANCELLED, Deed.REOPENED}
    said = {
        name: f"{_value(value[0])} → {_value(value[1])}" if changes and isinstance(value, list) else _value(value)
        for name, value in entry.details.items()
    }
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in said.items())


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value[:_SHOWN])) + (f" … ({len(value)})" if len(value) > _SHOWN else "")
    return "–" if value in (None, "") else str(value)


def _is_account(text: str) -> bool:
    return len(text) <= _TEXT_CHARACTERS and "\0" not in text

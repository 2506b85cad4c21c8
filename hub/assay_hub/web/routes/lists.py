"""Finding interviews and doing something with many of them: the list, its file, saved searches, tags."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.datastructures import QueryParams

from assay_hub.domain.access import Action, Person, TeamAction, may, require_team
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.interview import Interview, State
from assay_hub.domain.plan import Kind
from assay_hub.domain.position import Position
from assay_hub.domain.search import MAX_PAGE_ROWS, Order
from assay_hub.domain.team import Member
from assay_hub.services.bulk import Outcome
from assay_hub.web import sheets
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.listing import Asked
from assay_hub.web.pages import COMMON_HEADERS

router = APIRouter()

ORDERS = {
    Order.NEWEST: "Date, latest first",
    Order.OLDEST: "Date, earliest first",
    Order.TITLE: "Title, A to Z",
    Order.TITLE_DOWN: "Title, Z to A",
    Order.CANDIDATE: "Candidate, A to Z",
    Order.CANDIDATE_DOWN: "Candidate, Z to A",
    Order.LATEST_CREATED: "Created last",
    Order.FIRST_CREATED: "Created first",
}
_SHEET_HEAD = (
    *("id", "title", "candidate", "candidate_email", "state", "kind", "role", "date", "time_zone", "duration_minutes"),
    *("tags", "interviewers", "created_by", "created_at", "started_at", "ended_at"),
)
_MEMORY_BYTES = 10_000_000


@dataclass(frozen=True)
class Around:
    """What the list needs besides interviews: by id the roles, by account the people."""

    positions: dict[str, Position]
    members: dict[str, Member]


@router.get("/")
@router.get("/interviews")
def home(request: Request, here: InContext, session: SignedIn) -> Response:
    """List the interviews that this person may see; somebody who is not in the team yet reads what to do."""
    person = session.person
    if not person.staff and not person.candidate:
        return here.pages.render(request, "waiting.html", status=403)
    require_team(person, TeamAction.LIST)
    asked = Asked.read(request.query_params)
    around = _around(here, person)
    page, total, error = None, None, None
    try:
        search = asked.search(around.positions, around.members)
        page = here.application.find_interviews(person, search)
        total = here.application.find_interviews.total(person, search, page)
    except BadInputError as refusal:
        error = refusal
    response = here.pages.render(
        request,
        "home.html",
        status=error.status if error else 200,
        asked=asked,
        page=page,
        total=total,
        error=error,
        done=_done(request),
        saved=here.application.find_interviews.saved(person),
        **words(around, asked.order),
    )
    # htmx puts this into the address bar, in place of every field of the form.
    response.headers["HX-Push-Url"] = f"{here.prefix}?{asked.query()}".rstrip("?")
    return response


@router.get("/interviews.csv")
def export(request: Request, here: InContext, session: SignedIn) -> Response:
    """Give the whole search as a file; it leaves page by page, and each page stands in the audit log."""
    asked = Asked.read(request.query_params)
    require_team(session.person, TeamAction.LIST)
    around = _around(here, session.person)
    search = asked.search(around.positions, around.members, rows=MAX_PAGE_ROWS)
    pages = here.application.find_interviews.export(session.person, search)
    rows = ([_row(one, around) for one in page.interviews] for page in pages)
    headers = {**COMMON_HEADERS, "Content-Disposition": 'attachment; filename="assay-interviews.csv"'}
    return StreamingResponse(sheets.sheet(_SHEET_HEAD, rows), media_type=sheets.MEDIA_TYPE, headers=headers)


@router.get("/tags")
def tags(request: Request, here: InContext, session: SignedIn) -> Response:
    """Suggest how a field of tags, with commas between them, may go on."""
    before, comma, beginning = request.query_params.get("tags", "").rpartition(",")
    found = here.application.find_interviews.tags(session.person, beginning.strip().replace("\0", ""))
    chosen = f"{before.strip()}{comma} " if comma else ""
    return here.pages.render(request, "tags.html", tags=[chosen + tag for tag in found if "," not in tag])


@router.post("/searches")
def save_search(
    here: InContext, session: Submitting, name: Annotated[str, Form()] = "", query: Annotated[str, Form()] = ""
) -> Response:
    """Keep a search under a name."""
    here.application.find_interviews.save(session.person, name, query)
    return RedirectResponse(f"{here.prefix}?{_address(query)}", 303)


@router.post("/searches/delete")
def delete_search(here: InContext, session: Submitting, name: Annotated[str, Form()] = "") -> Response:
    """Forget a search."""
    here.application.find_interviews.forget(session.person, name)
    return RedirectResponse(here.prefix, 303)


@router.post("/bulk")
async def bulk(request: Request, here: InContext, session: Submitting) -> Response:
    """Do one thing with the chosen interviews, and say with which of them it could not be done."""
    form = await request.form()
    ids = [str(one) for one in form.getlist("shown" if form.get("all") else "id")]
    deed, back = str(form.get("deed", "")), _address(str(form.get("back", "")))
    many = here.application.change_many
    if deed == "download":
        return await run_in_threadpool(_download, request, here, session.person, ids, back)
    if deed in {"tag", "untag"}:
        change = many.tag if deed == "tag" else many.untag
        outcomes = await run_in_threadpool(change, session.person, ids, str(form.get("tag", "")))
    elif deed == "cancel":
        outcomes = await run_in_threadpool(many.cancel, session.person, ids)
    else:
        raise NotFoundError
    done = sum(1 for one in outcomes if not one.refusal)
    if done == len(outcomes):
        return RedirectResponse(f"{here.prefix}?{back}{'&' if back else ''}done={deed}-{done}", 303)
    return _report(request, here, outcomes, f"{_count(done)} {_DEEDS[deed]}.", back)


_DEEDS = {"tag": "tagged", "untag": "left without the tag", "cancel": "cancelled", "download": "packed"}


def _download(request: Request, here: Context, person: Person, ids: list[str], back: str) -> Response:
    packed = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # noqa: SIM115  # closed when it has been sent
    try:
        outcomes = here.application.change_many.pack(person, ids, packed)
    except BaseException:
        packed.close()
        raise
    if all(one.refusal for one in outcomes):
        packed.close()
        return _report(request, here, outcomes, "Nothing could be packed.", back)
    packed.seek(0)
    headers = {**COMMON_HEADERS, "Content-Disposition": 'attachment; filename="assay-interviews.zip"'}
    return StreamingResponse(_pieces(packed), media_type="application/zip", headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 16):
            yield piece


def _report(request: Request, here: Context, outcomes: list[Outcome], done: str, back: str) -> Response:
    return here.pages.render(request, "bulk.html", status=409, outcomes=outcomes, done=done, back=back)


def _around(here: Context, person: Person) -> Around:
    positions = here.application.positions.positions(person)
    members = here.application.team.members(person)
    return Around({one.id: one for one in positions}, {one.account: one for one in members})


def words(around: Around, order: str) -> dict[str, Any]:
    """Return what the template needs to put a page into words."""

    def aria_sort(column: str) -> str:
        sorted_by, down = order.removeprefix("-"), order.startswith("-")
        return f" aria-sort={'descending' if down else 'ascending'}" if sorted_by == column else ""

    return {
        "positions": around.positions,
        "members": around.members,
        "orders": {order.value: words for order, words in ORDERS.items()},
        "states": list(State),
        "kinds": list(Kind),
        "may": may,
        "Action": Action,
        "aria_sort": aria_sort,
    }


def _done(request: Request) -> str:
    """Return what was just done, for the list that is shown after it."""
    deed, _, number = request.query_params.get("done", "").partition("-")
    if deed not in _DEEDS or not number.isdecimal() or len(number) > 3:  # noqa: PLR2004
        return ""
    return f"{_count(int(number))} {_DEEDS[deed]}."


def _count(number: int) -> str:
    return f"{number} interview{'' if number == 1 else 's'}"


def _address(query: str) -> str:
    """Return the query of one of our lists, whatever was sent as one."""
    return Asked.read(QueryParams(query)).query()


def _row(interview: Interview, around: Around) -> list[object]:
    position = around.positions.get(interview.position)
    people = (around.members.get(account) for account in interview.interviewers)
    return [
        interview.id,
        interview.title,
        interview.candidate_name,
        interview.candidate_email,
        interview.state.value,
        interview.kind.value,
        position.name if position else "",
        interview.date,
        interview.time_zone,
        int(interview.duration.total_seconds() // 60),
        ", ".join(interview.tags),
        ", ".join(one.name for one in people if one),
        interview.created_by,
        interview.created_at,
        interview.started_at,
        interview.ended_at,
    ]

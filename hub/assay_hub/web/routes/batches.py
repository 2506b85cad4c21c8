"""Batches: the list with its progress, a new one from an upload, the grid of people and questions, and files."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import IO, Annotated, Any, BinaryIO
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.datastructures import FormData, QueryParams, UploadFile

from assay_hub.domain.access import TeamAction, require_team
from assay_hub.domain.batch import Batch, BatchState, GridOrder, GridPage, GridRow, GridSearch, Show
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.handed import DEFAULT_PATTERN, UNDECIDED, Corrections, Layout
from assay_hub.domain.plan import is_broken, one_line
from assay_hub.services.batch_upload import NewBatch
from assay_hub.web import sheets, workbooks
from assay_hub.web.context import Changing, Context, InContext, SignedIn, Uploading
from assay_hub.web.pages import COMMON_HEADERS

router = APIRouter()

LAYOUTS = {
    Layout.AUTO: "Find out",
    Layout.FOLDERS: "A folder for each person",
    Layout.PATTERN: "File names after a pattern",
    Layout.NBGRADER: "nbgrader: submitted/person/assignment/",
    Layout.MOODLE: "Moodle: all submissions, downloaded",
    Layout.CANVAS: "Canvas: all submissions, downloaded",
}
SHOWN = {
    Show.ALL: "Everyone",
    Show.REVIEW: "Needs review",
    Show.FAILED: "Could not be graded",
    Show.UNGRADED: "Not graded yet",
}
ORDERS = {
    GridOrder.NAME: "Name, A to Z",
    GridOrder.NAME_DOWN: "Name, Z to A",
    GridOrder.POINTS: "Points, fewest first",
    GridOrder.POINTS_DOWN: "Points, most first",
}
_WORDS_CHARACTERS = 100


@dataclass(frozen=True)
class Asked:
    """What the address of a grid asks for; what makes no sense there is left out."""

    q: str = ""
    show: Show = Show.ALL
    question: str = ""
    order: GridOrder = GridOrder.NAME
    cursor: str = ""

    @classmethod
    def read(cls, params: QueryParams, batch: Batch) -> "Asked":
        """Return what the query of an address asks of a batch's grid."""
        text = one_line(params.get("q", ""))[:_WORDS_CHARACTERS]
        question = params.get("question", "")
        return cls(
            "" if is_broken(text) else text,
            show_in(params),
            question if batch.question(question) else "",
            next((one for one in GridOrder if one.value == params.get("order")), GridOrder.NAME),
            params.get("cursor", ""),
        )

    def search(self) -> GridSearch:
        """Return the search."""
        return GridSearch(self.q, self.show, self.question, self.order, cursor=self.cursor)

    def query(self, **changes: Any) -> str:
        """Return the query of the address of this grid, with changes; what is not asked for is left out."""
        asked = replace(self, **changes)
        pairs = {"q": asked.q, "show": asked.show.value, "question": asked.question}
        pairs |= {"order": "" if asked.order is GridOrder.NAME else asked.order.value, "cursor": asked.cursor}
        return urlencode({name: value for name, value in pairs.items() if value})


def show_in(params: QueryParams) -> Show:
    """Return which work the query of an address asks for."""
    return next((one for one in Show if one.value == params.get("show")), Show.ALL)


@router.get("/batches")
def batches(request: Request, here: InContext, session: SignedIn) -> Response:
    """List all batches with their progress."""
    found = here.application.find_batches.all(session.person)
    running = any(progress.counts.left and not batch.paused for batch, progress in found)
    return here.pages.render(request, "batches/list.html", found=found, running=running, BatchState=BatchState)


@router.get("/batches/new")
def new(request: Request, here: InContext, session: SignedIn) -> Response:
    """Show the form for a new batch."""
    require_team(session.person, TeamAction.MANAGE_BATCHES)
    return _new(request, here, NewBatch("", ()), None)


@router.post("/batches/new")
async def upload(request: Request, here: InContext, session: Uploading) -> Response:
    """Hold an upload, and show how it matches people."""
    form = await request.form()
    entered = NewBatch(
        title=str(form.get("title", "")),
        questions=tuple(map(str, form.getlist("question"))),
        layout=_layout(form),
        pattern=str(form.get("pattern", "")),
        people=str(form.get("people", "")),
        anonymous=bool(form.get("anonymous")),
    )
    try:
        prepare = here.application.upload_batches.prepare
        batch = await run_in_threadpool(prepare, session.person, entered, _file(form))
    except BadInputError as error:
        return await run_in_threadpool(_new, request, here, entered, error)
    return RedirectResponse(f"{here.prefix}batches/new/{batch.id}", 303)


@router.get("/batches/new/{batch_id}")
def look_through(request: Request, here: InContext, session: SignedIn, batch_id: str) -> Response:
    """Show who handed in what, before anything is kept."""
    return _match(request, here, session, batch_id, Corrections(), None)


@router.post("/batches/new/{batch_id}")
async def put_right(request: Request, here: InContext, session: Uploading, batch_id: str) -> Response:
    """Look at the match again with corrections, or keep it and grade."""
    form = await request.form()
    corrections, uploads = _corrections(form), here.application.upload_batches
    try:
        if form.get("then") == "read":
            layout, pattern = _layout(form), str(form.get("pattern", ""))
            await run_in_threadpool(uploads.read_as, session.person, batch_id, layout, pattern)
            return RedirectResponse(f"{here.prefix}batches/new/{batch_id}", 303)
        if form.get("then") != "keep":
            return await run_in_threadpool(_match, request, here, session, batch_id, corrections, None)
        await run_in_threadpool(uploads.keep, session.person, batch_id, corrections)
    except BadInputError as error:
        return await run_in_threadpool(_match, request, here, session, batch_id, corrections, error)
    here.batches.wake()
    return RedirectResponse(f"{here.prefix}batches/{batch_id}", 303)


@router.post("/batches/new/{batch_id}/discard")
def discard(here: InContext, session: Changing, batch_id: str) -> Response:
    """Let go of an upload."""
    here.application.upload_batches.discard(session.person, batch_id)
    return RedirectResponse(f"{here.prefix}batches", 303)


@router.get("/batches/{batch_id}")
def grid(request: Request, here: InContext, session: SignedIn, batch_id: str) -> Response:
    """Show people and questions with their grades."""
    find = here.application.find_batches
    batch, _ = find.one(session.person, batch_id)
    asked = Asked.read(request.query_params, batch)
    batch, progress, page = find.grid(session.person, batch_id, asked.search())
    return here.pages.render(
        request,
        "batches/grid.html",
        batch=batch,
        progress=progress,
        page=page,
        asked=asked,
        shown={one.value: words for one, words in SHOWN.items()},
        orders={one.value: words for one, words in ORDERS.items()},
        done=_done(request),
        live=False,
    )


@router.get("/batches/{batch_id}/progress")
def progress(request: Request, here: InContext, session: SignedIn, batch_id: str) -> Response:
    """Show how far grading is and the grid as it is now, as pieces of the grid's page."""
    find = here.application.find_batches
    batch, _ = find.one(session.person, batch_id)
    asked = Asked.read(request.query_params, batch)
    batch, found, page = find.grid(session.person, batch_id, asked.search(), live=True)
    return here.pages.render(
        request, "batches/_progress.html", batch=batch, progress=found, page=page, asked=asked, live=True
    )


@router.post("/batches/{batch_id}/again")
def again(
    here: InContext,
    session: Changing,
    batch_id: str,
    question: Annotated[str, Form()] = "",
    failed: Annotated[str, Form()] = "",
) -> Response:
    """Run the tests again on all work, on all of one question, or on what could not be graded."""
    queued = here.application.regrade_batches.again(session.person, batch_id, "", question, failed=bool(failed))
    here.batches.wake()
    return RedirectResponse(f"{here.prefix}batches/{batch_id}?done=again-{queued}", 303)


@router.post("/batches/{batch_id}/names")
def names(here: InContext, session: Changing, batch_id: str, anonymous: Annotated[str, Form()] = "") -> Response:
    """Hide the names of a batch, or show them."""
    here.application.regrade_batches.show_names(session.person, batch_id, anonymous=bool(anonymous))
    return RedirectResponse(f"{here.prefix}batches/{batch_id}", 303)


@router.post("/batches/{batch_id}/pause")
def pause(here: InContext, session: Changing, batch_id: str, paused: Annotated[str, Form()] = "") -> Response:
    """Have nothing more graded, or let it go on."""
    here.application.change_batches.pause(session.person, batch_id, paused=bool(paused))
    here.batches.wake()
    return RedirectResponse(f"{here.prefix}batches/{batch_id}", 303)


@router.get("/batches/{batch_id}/version/{question}")
def version(request: Request, here: InContext, session: SignedIn, batch_id: str, question: str) -> Response:
    """Ask whether to grade a question again as the library has it now."""
    batch, ref, latest = here.application.change_batches.versions(session.person, batch_id, question)
    return here.pages.render(request, "batches/version.html", batch=batch, ref=ref, latest=latest)


@router.post("/batches/{batch_id}/version/{question}")
def change_version(here: InContext, session: Changing, batch_id: str, question: str) -> Response:
    """Grade a question again as the library has it now."""
    here.application.change_batches.newer(session.person, batch_id, question)
    here.batches.wake()
    return RedirectResponse(f"{here.prefix}batches/{batch_id}", 303)


@router.get("/batches/{batch_id}/delete")
def ask_to_delete(request: Request, here: InContext, session: SignedIn, batch_id: str) -> Response:
    """Ask whether to delete a batch."""
    return _delete(request, here, session, batch_id, None)


@router.post("/batches/{batch_id}/delete")
def delete(
    request: Request, here: InContext, session: Changing, batch_id: str, sure: Annotated[str, Form()] = ""
) -> Response:
    """Delete a batch."""
    try:
        here.application.change_batches.delete(session.person, batch_id, sure=bool(sure))
    except BadInputError as error:
        return _delete(request, here, session, batch_id, error)
    return RedirectResponse(f"{here.prefix}batches", 303)


@router.get("/batches/{batch_id}/grades.csv")
def as_csv(here: InContext, session: SignedIn, batch_id: str) -> Response:
    """Give all grades as CSV."""
    batch, pages = here.application.find_batches.export(session.person, batch_id)
    sheet = sheets.sheet(_head(batch), _rows(batch, pages))
    return StreamingResponse(sheet, media_type=sheets.MEDIA_TYPE, headers=_attached(batch, "csv"))


@router.get("/batches/{batch_id}/grades.xlsx")
def as_workbook(here: InContext, session: SignedIn, batch_id: str) -> Response:
    """Give all grades as a workbook."""
    batch, pages = here.application.find_batches.export(session.person, batch_id)
    book = workbooks.workbook("Grades", _head(batch), _rows(batch, pages))
    return Response(book, media_type=workbooks.MEDIA_TYPE, headers=_attached(batch, "xlsx"))


@router.get("/batches/{batch_id}/gradebook.zip")
def as_course(here: InContext, session: SignedIn, batch_id: str) -> Response:
    """Give the batch as a course folder of nbgrader."""
    return _zipped(
        lambda file: here.application.export_batches.gradebook(session.person, batch_id, file),
        f"assay-gradebook-{batch_id}.zip",
    )


def _delete(request: Request, here: Context, session: SignedIn, batch_id: str, error: BadInputError | None) -> Response:
    require_team(session.person, TeamAction.MANAGE_BATCHES)
    batch, progress = here.application.find_batches.one(session.person, batch_id)
    status = error.status if error else 200
    return here.pages.render(
        request, "batches/delete.html", status=status, batch=batch, counts=progress.counts, error=error
    )


def _new(request: Request, here: Context, entered: NewBatch, error: BadInputError | None) -> Response:
    return here.pages.render(
        request,
        "batches/new.html",
        status=error.status if error else 200,
        entered=entered,
        questions=here.application.library.all(),
        layouts=LAYOUTS,
        default_pattern=DEFAULT_PATTERN,
        most=here.application.settings.limits.upload_bytes,
        error=error,
    )


def _match(
    request: Request,
    here: Context,
    session: SignedIn,
    batch_id: str,
    corrections: Corrections,
    error: BadInputError | None,
) -> Response:
    batch, found = here.application.upload_batches.match(session.person, batch_id, corrections)
    return here.pages.render(
        request,
        "batches/match.html",
        status=error.status if error else 200,
        batch=batch,
        match=found,
        corrections=corrections,
        undecided=UNDECIDED,
        layouts=LAYOUTS,
        default_pattern=DEFAULT_PATTERN,
        error=error,
    )


def _file(form: FormData) -> BinaryIO:
    file = form.get("file")
    if isinstance(file, UploadFile) and file.filename:
        return file.file
    reason = "Choose a zip file."
    raise BadInputError(reason, fields={"file": reason})


def _layout(form: FormData) -> Layout:
    return next((one for one in Layout if one.value == form.get("layout")), Layout.AUTO)


def _corrections(form: FormData) -> Corrections:
    """Return what somebody put right; the fields of a row come in the order of the rows."""

    def column(name: str) -> list[str]:
        return [str(value) for value in form.getlist(name)]

    leave = bool(form.get("leave"))
    people = zip(column("who"), column("person"), column("name"), column("email"), strict=False)
    files = zip(column("path"), column("of"), column("question"), strict=False)
    return Corrections(
        {who: (person, name, email) for who, person, name, email in people},
        {path: ("", "") if leave and question == UNDECIDED else (of, question) for path, of, question in files},
    )


def _done(request: Request) -> str:
    """Return what was just done, for the grid that is shown after it."""
    deed, _, number = request.query_params.get("done", "").partition("-")
    if deed != "again" or not number.isdecimal() or len(number) > 6:  # noqa: PLR2004
        return ""
    return f"The tests run again on {int(number)} notebook{'' if int(number) == 1 else 's'}."


def _zipped(write: Callable[[IO[bytes]], object], name: str) -> Response:
    """Return a zip file that is written to the disk first: what goes wrong is told, and nothing is sent in half."""
    packed = tempfile.TemporaryFile()  # noqa: SIM115  # closed when it has been sent
    try:
        write(packed)
    except BaseException:
        packed.close()
        raise
    packed.seek(0)
    headers = {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_pieces(packed), media_type="application/zip", headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 16):
            yield piece


def _attached(batch: Batch, ending: str) -> dict[str, str]:
    return {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="assay-grades-{batch.id}.{ending}"'}


def _head(batch: Batch) -> list[str]:
    who = ["person"] if batch.anonymous else ["person", "name", "email"]
    asked = [f"{ref.title} ({part})" for ref in batch.questions for part in ("points", "of", "state")]
    return [*who, "points", "of", *asked]


def _rows(batch: Batch, pages: Iterable[GridPage]) -> Iterator[list[list[object]]]:
    for page in pages:
        yield [_row(batch, row) for row in page.rows]


def _row(batch: Batch, row: GridRow) -> list[object]:
    one = row.submission
    who: list[object] = [one.person] if batch.anonymous else [one.person, one.name, one.email]
    grades: list[object] = []
    for ref in batch.questions:
        grade = row.grades.get(ref.id)
        if grade is None:
            grades += [None, None, None]
            continue
        state = "needs-review" if grade.review else grade.outcome or grade.state.value
        grades += [grade.points, grade.max_points, state]
    return [*who, one.points, one.max_points, *grades]

"""Grading a batch by hand: one piece of work after the other, rubrics, undo, and requests to grade again."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, QueryParams

from assay_hub.domain.batch import Show
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.marking import Change, ChangeKind, Mark, RubricItem, state_of
from assay_hub.services.batch_find import Work
from assay_hub.web.context import Changing, Context, InContext, SignedIn
from assay_hub.web.outputs import ShownCell, shown_cells
from assay_hub.web.pages import COMMON_HEADERS
from assay_hub.web.routes.batches import SHOWN, show_in

router = APIRouter()

_CHANGED = {"saved": "Saved.", "undone": "Taken back.", "again": "The tests run on it again.", "noted": "Noted."}


def way(params: QueryParams) -> dict[str, str]:
    """Return how somebody goes through the work: by person or by question, and through which of it."""
    found = {"by": "person"} if params.get("by") == "person" else {}
    show = show_in(params)
    return found | ({"show": show.value} if show is not Show.ALL else {})


@router.get("/batches/{batch_id}/begin")
def begin(request: Request, here: InContext, session: SignedIn, batch_id: str, question: str = "") -> Response:
    """Go to the first piece of work of the kind that is looked for."""
    show = show_in(request.query_params)
    find = here.application.find_batches
    by_person = request.query_params.get("by") == "person"
    found = find.first(session.person, batch_id, show, "" if by_person else question)
    if found is None:
        return RedirectResponse(f"{here.prefix}batches/{batch_id}?{urlencode({'show': show.value})}", 303)
    return RedirectResponse(_address(here, batch_id, found, way(request.query_params)), 303)


@router.get("/batches/{batch_id}/work/{submission_id}/{question}")
def work(
    request: Request, here: InContext, session: SignedIn, batch_id: str, submission_id: str, question: str
) -> Response:
    """Show what one person handed in for one question, and the form that grades it."""
    return _page(request, here, session, (batch_id, submission_id, question), None)


@router.post("/batches/{batch_id}/work/{submission_id}/{question}")
async def give(
    request: Request, here: InContext, session: Changing, batch_id: str, submission_id: str, question: str
) -> Response:
    """Store what was given, and stay or go on."""
    form, at = await request.form(), (batch_id, submission_id, question)
    try:
        await run_in_threadpool(
            here.application.mark_batches.give,
            session.person,
            *at,
            _marks(form),
            reviewed=bool(form.get("reviewed")) or form.get("then") == "reviewed",
            seen=str(form.get("seen", "")),
        )
    except BadInputError as error:
        return await run_in_threadpool(_page, request, here, session, at, error, form)
    on = way(request.query_params)
    if form.get("then") in {"next", "reviewed"}:
        find, show = here.application.find_batches, show_in(request.query_params)
        found = await run_in_threadpool(find.after, session.person, *at, show, by_person=on.get("by") == "person")
        if found is None:
            return RedirectResponse(f"{here.prefix}batches/{batch_id}?{urlencode({'show': show.value})}", 303)
        return RedirectResponse(_address(here, batch_id, found, on), 303)
    return RedirectResponse(_address(here, batch_id, at[1:], {**on, "done": "saved"}), 303)


@router.get("/batches/{batch_id}/work/{submission_id}/{question}/notebook")
def handed_in(here: InContext, session: SignedIn, batch_id: str, submission_id: str, question: str) -> Response:
    """Give the notebook as it was handed in, to be opened where it can do no harm."""
    content = here.application.find_batches.handed_in(session.person, batch_id, submission_id, question)
    headers = {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="{submission_id}.ipynb"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/batches/{batch_id}/work/{submission_id}/{question}/again")
def again(
    request: Request, here: InContext, session: Changing, batch_id: str, submission_id: str, question: str
) -> Response:
    """Run the tests on one piece of work again."""
    here.application.regrade_batches.again(session.person, batch_id, submission_id, question)
    here.batches.wake()
    on = {**way(request.query_params), "done": "again"}
    return RedirectResponse(_address(here, batch_id, (submission_id, question), on), 303)


@router.post("/batches/{batch_id}/work/{submission_id}/{question}/request")
def ask(
    request: Request,
    here: InContext,
    session: Changing,
    batch_id: str,
    submission_id: str,
    question: str,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Note that somebody asked for another look at their grade."""
    here.application.regrade_batches.ask(session.person, batch_id, submission_id, question, reason)
    on = {**way(request.query_params), "done": "noted"}
    return RedirectResponse(_address(here, batch_id, (submission_id, question), on), 303)


@router.post("/batches/{batch_id}/undo")
def undo(request: Request, here: InContext, session: Changing, batch_id: str) -> Response:
    """Take back the last thing that this person did, and show where that was."""
    change = here.application.mark_batches.undo(session.person, batch_id)
    return RedirectResponse(_place_of(here, change, way(request.query_params)), 303)


@router.get("/batches/{batch_id}/rubric/{question}")
def rubric(request: Request, here: InContext, session: SignedIn, batch_id: str, question: str) -> Response:
    """Show the rubric of a question."""
    batch, items, cells = here.application.find_batches.rubric(session.person, batch_id, question)
    return here.pages.render(
        request,
        "batches/rubric.html",
        batch=batch,
        question=batch.question(question),
        items=items,
        cells=cells,
        back=_back(here, request.query_params, batch_id),
        done=_CHANGED.get(request.query_params.get("done", ""), ""),
    )


@router.post("/batches/{batch_id}/rubric/{question}")
async def change_rubric(request: Request, here: InContext, session: Changing, batch_id: str, question: str) -> Response:
    """Add an item to a rubric, change one, or take one out."""
    form, mark = await request.form(), here.application.mark_batches
    item_id = str(form.get("item", ""))
    if form.get("then") == "remove":
        await run_in_threadpool(mark.remove_item, session.person, batch_id, item_id)
    else:
        item = RubricItem(
            item_id,
            batch_id,
            question,
            str(form.get("cell", "")),
            str(form.get("text", "")),
            _number(str(form.get("points", ""))) or 0.0,
        )
        await run_in_threadpool(mark.save_item, session.person, item)
    if back := _back(here, form, batch_id):
        return RedirectResponse(back, 303)
    return RedirectResponse(f"{here.prefix}batches/{batch_id}/rubric/{question}?done=saved", 303)


@router.get("/batches/{batch_id}/requests")
def requests(request: Request, here: InContext, session: SignedIn, batch_id: str) -> Response:
    """List the requests to grade again."""
    batch, found = here.application.find_batches.requests(session.person, batch_id)
    people = {one.account: one.name for one in here.application.team.members(session.person)}
    return here.pages.render(request, "batches/requests.html", batch=batch, found=found, people=people)


@router.post("/batches/{batch_id}/requests/{request_id}")
def answer(
    here: InContext, session: Changing, batch_id: str, request_id: str, answer: Annotated[str, Form()] = ""
) -> Response:
    """Answer a request."""
    here.application.regrade_batches.answer(session.person, batch_id, request_id, answer)
    return RedirectResponse(f"{here.prefix}batches/{batch_id}/requests", 303)


def _page(
    request: Request,
    here: Context,
    session: SignedIn,
    at: tuple[str, str, str],
    error: BadInputError | None,
    entered: FormData | None = None,
) -> Response:
    on = way(request.query_params)
    show = show_in(request.query_params)
    found = here.application.find_batches.work(session.person, *at, show, by_person=on.get("by") == "person")
    shown, after = _shown(found)
    return here.pages.render(
        request,
        "batches/work.html",
        status=error.status if error else 200,
        work=found,
        shown=shown,
        after=after,
        seen=state_of(found.cells, reviewed=found.grade.reviewed),
        on=on,
        way=f"?{urlencode(on)}" if on else "",
        other_way=urlencode({**on, "by": "question" if on.get("by") == "person" else "person"}),
        show_words=SHOWN[show],
        done=_CHANGED.get(request.query_params.get("done", ""), ""),
        entered=entered,
        error=error,
    )


def _shown(found: Work) -> tuple[list[ShownCell], dict[str, int]]:
    """Return the cells of the notebook, and by ``grade_id`` where each graded one stands."""
    cells = shown_cells(found.notebook) if found.notebook else []
    return cells, {cell.grade_id: place for place, cell in enumerate(cells, 1) if cell.grade_id}


def _marks(form: FormData) -> dict[str, Mark]:
    """Return what was given for the cells of a form, by ``grade_id``."""
    marks = {}
    for one in map(str, form.getlist("cell")):
        marks[one] = Mark(
            _number(str(form.get(f"points:{one}", ""))),
            _number(str(form.get(f"extra:{one}", ""))) or 0.0,
            str(form.get(f"comment:{one}", "")),
            tuple(map(str, form.getlist(f"item:{one}"))),
        )
    return marks


def _number(text: str) -> float | None:
    """Return a number as people write it; ``None`` for nothing.

    Raises:
        BadInputError: it is none.
    """
    plain = text.strip().replace(",", ".").replace("\N{MINUS SIGN}", "-")
    if not plain:
        return None
    try:
        return float(plain)
    except ValueError:
        raise BadInputError(f"“{text[:20]}” is no number.", "Give points as 2 or 2.5.") from None


def _address(here: Context, batch_id: str, at: tuple[str, ...], on: dict[str, str]) -> str:
    return f"{here.prefix}batches/{batch_id}/work/{'/'.join(at)}" + (f"?{urlencode(on)}" if on else "")


def _place_of(here: Context, change: Change, on: dict[str, str]) -> str:
    if change.kind is ChangeKind.RUBRIC:
        return f"{here.prefix}batches/{change.batch}/rubric/{change.question}?done=undone"
    return _address(here, change.batch, (change.submission, change.question), {**on, "done": "undone"})


def _back(here: Context, given: QueryParams | FormData, batch_id: str) -> str:
    """Return the piece of work that somebody came from, whatever was sent as one."""
    submission, _, question = str(given.get("from", "")).partition("/")
    if not (submission.isalnum() and question.replace("-", "").replace("_", "").isalnum()):
        return ""
    return _address(here, batch_id, (submission, question), {})

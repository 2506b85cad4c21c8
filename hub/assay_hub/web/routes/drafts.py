"""The steps of creating and changing an interview: basics, questions, confirm; and conflicts between two people."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from assay_hub.domain.access import Person, TeamAction
from assay_hub.domain.draft import BASICS, TOGETHER, Draft, Window, stamp, touched
from assay_hub.domain.errors import (
    AssayError,
    BadInputError,
    ConflictError,
    OtherWindowError,
    TooLargeError,
    WrongStateError,
)
from assay_hub.domain.form import PEOPLE, TEXTS, Form, plan_of, text
from assay_hub.domain.search import Search
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.routes.library import query_of, search_in
from assay_hub.web.session import Session
from assay_hub.web.statement import rendered
from assay_hub.web.words import LABELS, Words

router = APIRouter()

_EARLIER_ROWS = 8
_TAG_ROWS = 50
_PLACES = {"scheduled_at": "date", "duration": "minutes"}
"""Where a plan's field stands in the form, if under another name."""

_ZONES = ("UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))


async def _sent(request: Request) -> FormData:
    return await request.form()


Sent = Annotated[FormData, Depends(_sent)]


@router.get("/new")
def new(
    here: InContext,
    session: SignedIn,
    template: Annotated[str, Query()] = "",
    role: Annotated[str, Query()] = "",
    copy: Annotated[str, Query()] = "",
) -> Response:
    """Begin a new interview."""
    draft = here.application.drafts.new(session.person, template=template, position=role, copy_of=copy)
    return _to(here, draft.id, "basics")


@router.get("/interviews/{interview_id}/edit")
def edit(here: InContext, session: SignedIn, interview_id: str, step: Annotated[str, Query()] = "basics") -> Response:
    """Begin to change an interview, or go on with it."""
    draft = here.application.drafts.change(session.person, interview_id)
    return _to(here, draft.id, step if step in {"basics", "questions", "confirm"} else "basics")


@router.get("/drafts/{draft_id}/basics")
def basics(request: Request, here: InContext, session: SignedIn, draft_id: str) -> Response:
    """Show the first step, filled in as it was left."""
    draft = here.application.drafts.open(session.person, draft_id)
    wrong = _wrong(draft) if "check" in request.query_params else {}
    return _elsewhere(here, draft) or _basics(request, here, session.person, draft, wrong)


@router.post("/drafts/{draft_id}/basics")
async def save_basics(request: Request, here: InContext, session: Submitting, draft_id: str, sent: Sent) -> Response:
    """Keep the first step and go where the person wants; ``next`` goes on only if all of it can be used."""
    entered = {name: [str(sent[name])] for name in TEXTS if name in sent}
    if "step" in sent:
        entered |= {name: [str(value) for value in sent.getlist(name)] for name in PEOPLE}
    action = str(sent.get("action", "next"))
    window = Window(str(sent.get("page", "")), str(sent.get("seen", "")))
    try:
        draft = await run_in_threadpool(here.application.drafts.fill_in, session.person, draft_id, entered, window)
    except (TooLargeError, OtherWindowError) as error:
        if action == "keep":
            raise
        draft = await run_in_threadpool(here.application.drafts.open, session.person, draft_id)
        return await run_in_threadpool(_refused, request, here, session.person, draft, entered, error)
    if action == "keep":
        return Response(status_code=204)
    if action == "next" and _wrong(draft):
        # Not shown as the answer to this very request: loading such a page again would send the old entries again.
        return RedirectResponse(f"{here.prefix}drafts/{draft.id}/basics?check=yes", 303)
    return _to(here, draft.id, {"next": "questions", "role": "basics"}.get(action, action))


@router.get("/drafts/{draft_id}/questions")
def questions(request: Request, here: InContext, session: SignedIn, draft_id: str) -> Response:
    """Show the second step: what is chosen, and the library."""
    draft = here.application.drafts.open(session.person, draft_id)
    return _elsewhere(here, draft) or _questions(request, here, session.person, draft)


@router.post("/drafts/{draft_id}/questions")
async def save_questions(request: Request, here: InContext, session: Submitting, draft_id: str, sent: Sent) -> Response:
    """Do one thing with the list of questions, or go on; afterwards the page says what was done and keeps the place."""
    drafts, by = here.application.drafts, session.person
    action, about = str(sent.get("action", "next")), str(sent.get("question", ""))
    if ":" in action:
        action, _, about = action.partition(":")
    if "format" in sent:
        await run_in_threadpool(drafts.fill_in, by, draft_id, {"format": [str(sent["format"])]})
    try:
        if action == "add":
            await run_in_threadpool(drafts.add_question, by, draft_id, about)
        elif action == "remove":
            await run_in_threadpool(drafts.remove_question, by, draft_id, about)
        elif action in {"up", "down"}:
            await run_in_threadpool(drafts.move_question, by, draft_id, about, -1 if action == "up" else 1)
        elif action == "order":
            order = [str(value) for value in sent.getlist("order")]
            await run_in_threadpool(drafts.order_questions, by, draft_id, order)
        elif action == "take":
            await run_in_threadpool(drafts.take_questions, by, draft_id, about)
        else:
            await run_in_threadpool(drafts.open, by, draft_id)
            if action == "keep":
                return Response(status_code=204)
            return _to(here, draft_id, {"next": "confirm"}.get(action, action))
    except BadInputError as error:
        draft = await run_in_threadpool(drafts.open, by, draft_id)
        return await run_in_threadpool(_questions, request, here, by, draft, error)
    kept = {name: value for name, value in request.query_params.items() if name != "preview"}
    back = urlencode({**kept, "done": action, "about": about})
    return RedirectResponse(f"{here.prefix}drafts/{draft_id}/questions?{back}", 303)


@router.get("/drafts/{draft_id}/confirm")
def confirm(request: Request, here: InContext, session: SignedIn, draft_id: str) -> Response:
    """Show everything that was entered on one page."""
    draft = here.application.drafts.open(session.person, draft_id)
    return _elsewhere(here, draft) or _confirm(request, here, session.person, draft)


@router.post("/drafts/{draft_id}/confirm")
async def save(request: Request, here: InContext, session: Submitting, draft_id: str, sent: Sent) -> Response:
    """Make the interview, or change it."""
    return await _saved(request, here, session, draft_id, str(sent.get("seen", "")))


@router.get("/drafts/{draft_id}/conflict")
def conflict(request: Request, here: InContext, session: SignedIn, draft_id: str) -> Response:
    """Show what somebody else changed beside what this person did."""
    draft = here.application.drafts.open(session.person, draft_id)
    return _elsewhere(here, draft) or _conflict(request, here, session.person, draft, {}, {})


@router.post("/drafts/{draft_id}/conflict")
async def settle(request: Request, here: InContext, session: Submitting, draft_id: str, sent: Sent) -> Response:
    """Save what was chosen of the two versions."""
    choices = {name: str(sent.get(f"choice-{name}", "")) for name in TOGETHER}
    seen = str(sent.get("revision", ""))
    revision = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0  # noqa: PLR2004
    drafts = here.application.drafts
    try:
        await run_in_threadpool(drafts.resolve, session.person, draft_id, revision, choices)
    except ConflictError:
        return _to(here, draft_id, "conflict")
    except BadInputError as error:
        draft = await run_in_threadpool(drafts.open, session.person, draft_id)
        return await run_in_threadpool(
            _conflict, request, here, session.person, draft, choices, error.fields, error.status
        )
    return await _saved(request, here, session, draft_id)


@router.post("/drafts/{draft_id}/discard")
def discard(here: InContext, session: Submitting, draft_id: str) -> Response:
    """Throw a draft away."""
    interview = here.application.drafts.open(session.person, draft_id).interview
    here.application.drafts.forget(session.person, draft_id)
    return RedirectResponse(here.prefix + (f"interviews/{interview}" if interview else ""), 303)


# Pages


def _refused(
    request: Request, here: Context, by: Person, draft: Draft, entered: Form, error: TooLargeError | OtherWindowError
) -> Response:
    """Show the first step with what was entered, and what is kept where that is something else."""
    shown = replace(draft, form={**draft.form, **entered})
    large = isinstance(error, TooLargeError)
    wrong = {**_wrong(shown), "": f"{error.title} {error.detail}"} if large else {}
    kept = {name: draft.form.get(name, []) for name in error.fields}
    seen = stamp(draft.form, BASICS)
    return _basics(request, here, by, shown, wrong, status=error.status, seen=seen, kept=kept)


def _basics(
    request: Request, here: Context, by: Person, draft: Draft, wrong: Mapping[str, str], **changes: Any
) -> Response:
    application = here.application
    members = application.team.members(by)
    named = {account for field in PEOPLE for account in draft.form.get(field, ())}
    positions = application.positions.positions(by)
    usual: dict[str, Any] = {"seen": stamp(draft.form, BASICS), "kept": {}}
    return here.pages.render(
        request,
        "new/basics.html",
        draft=draft,
        form=draft.form,
        words=words_for(here, by),
        page=secrets.token_hex(8),
        wrong={_PLACES.get(field, field): reason for field, reason in wrong.items()},
        labels=LABELS,
        members=[one for one in members if one.active or one.account in named],
        may_hold={one.account for one in members if one.person.may(TeamAction.CREATE)},
        positions=[one for one in positions if not one.archived or one.id == text(draft.form, "position")],
        templates=[] if draft.interview else application.positions.templates(by),
        zones=_ZONES,
        zone_is_ours=not draft.interview and not touched(draft, "time_zone"),
        tags=application.find_interviews.tags(by, rows=_TAG_ROWS),
        others=[one for one in application.drafts.unfinished(by) if one.id != draft.id and _has_words(one)],
        **{**usual, **changes},
    )


def _questions(request: Request, here: Context, by: Person, draft: Draft, error: AssayError | None = None) -> Response:
    browse, search = here.application.browse_library, search_in(request)
    known = browse.named(by)
    wanted = request.query_params.get("preview", "") if request.method == "GET" else ""
    preview = browse.preview(by, wanted) if wanted else None
    earlier = request.query_params.get("earlier")
    found = here.application.find_interviews(by, Search(text=earlier[:200], rows=_EARLIER_ROWS)) if earlier else None
    done, about = request.query_params.get("done", ""), request.query_params.get("about", "")
    chosen = draft.form.get("questions", [])
    place = chosen.index(about) + 1 if about in chosen else 0
    query = query_of(search) + (f"&{urlencode({'earlier': earlier})}" if earlier else "")
    return here.pages.render(
        request,
        "new/questions.html",
        status=error.status if error else 200,
        draft=draft,
        form=draft.form,
        error=error,
        chosen=chosen,
        known=known,
        cards=browse(by, search),
        facets=browse.facets(by),
        formats=browse.formats(by),
        search=search,
        query=query,
        preview=preview,
        statement=rendered(preview.statement) if preview else "",
        markdown=rendered,
        earlier=earlier or "",
        found=[one for one in found.interviews if one.id != draft.interview] if found else None,
        done=done,
        about=about,
        said=_said(done, known[about].title if about in known else "", place, len(chosen)),
    )


def _said(done: str, title: str, place: int, length: int) -> str:
    where = f"It is number {place} of {length} now."
    return {
        "add": f"Added “{title}”. {where}",
        "remove": f"Removed “{title}”. {length} left.",
        "up": f"Moved “{title}” up. {where}",
        "down": f"Moved “{title}” down. {where}",
        "order": "The order is changed.",
        "take": f"Took over the questions. There are {length} now.",
    }.get(done, "")


def _confirm(request: Request, here: Context, by: Person, draft: Draft, error: AssayError | None = None) -> Response:
    wrong = _wrong(draft)
    return here.pages.render(
        request,
        "new/confirm.html",
        status=error.status if error else 200,
        draft=draft,
        form=draft.form,
        error=error,
        seen=stamp(draft.form),
        wrong={**wrong, **(error.fields if error else {})},
        fields_at=_PLACES,
        labels=LABELS,
        plan=None if wrong else plan_of(draft.form),
        words=words_for(here, by),
    )


def _conflict(
    request: Request,
    here: Context,
    by: Person,
    draft: Draft,
    choices: dict[str, str],
    wrong: Any,
    status: int = 200,
) -> Response:
    found = here.application.drafts.conflict(by, draft.id)
    if found.interview.revision == draft.revision:
        return _to(here, draft.id, "confirm")
    return here.pages.render(
        request,
        "new/conflict.html",
        status=status,
        draft=draft,
        conflict=found,
        choices=choices,
        wrong=wrong,
        labels=LABELS,
        together=TOGETHER,
        words=words_for(here, by),
    )


async def _saved(request: Request, here: Context, session: Session, draft_id: str, seen: str = "") -> Response:
    drafts = here.application.drafts
    try:
        saved = await run_in_threadpool(drafts.confirm, session.person, draft_id, seen)
    except ConflictError:
        return _to(here, draft_id, "conflict")
    except (BadInputError, OtherWindowError, WrongStateError) as error:
        draft = await run_in_threadpool(drafts.open, session.person, draft_id)
        return await run_in_threadpool(_confirm, request, here, session.person, draft, error)
    answer = RedirectResponse(f"{here.prefix}interviews/{saved.interview}", 303)
    if saved.created:
        make = here.application.make_links.for_candidate
        link = await run_in_threadpool(make, session.person, saved.interview)
        here.sessions.hand_over(answer, session, f"{saved.interview} {link}")
    else:
        await here.workspaces.refresh(saved.interview)
        await here.rooms.tell(saved.interview)
    return answer


def words_for(here: Context, by: Person) -> Words:
    """Return the names of everything that a plan may hold."""
    application = here.application
    return Words(
        {one.account: one.name for one in application.team.members(by)},
        {one.id: one.name for one in application.positions.positions(by)},
        {card.id: card.title for card in (*application.library.cards(), *application.library.formats())},
    )


def _elsewhere(here: Context, draft: Draft) -> Response | None:
    """Lead somebody who goes back to a draft that was saved to what it was saved as."""
    saved = here.application.drafts.saved_as(draft)
    return RedirectResponse(f"{here.prefix}interviews/{saved}", 303) if saved else None


def _wrong(draft: Draft) -> dict[str, str]:
    try:
        plan_of(draft.form)
    except BadInputError as error:
        return dict(error.fields)
    return {}


def _has_words(draft: Draft) -> bool:
    return bool(text(draft.form, "title") or text(draft.form, "candidate_name"))


def _to(here: Context, draft_id: str, step: str) -> Response:
    if step == "leave":
        return RedirectResponse(here.prefix, 303)
    known = step if step in {"basics", "questions", "confirm", "conflict"} else "basics"
    return RedirectResponse(f"{here.prefix}drafts/{draft_id}/{known}", 303)

"""The pages on which the team writes its own questions: begin, describe, edit in a workspace, save, check, take out."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from assay_hub.domain.access import Person, TeamAction, require_team
from assay_hub.domain.errors import BadInputError, NotFoundError
from assay_hub.domain.library import Preview
from assay_hub.domain.question import CHECKING, About, CheckState, Step, Version
from assay_hub.services.questions import Opened
from assay_hub.web.background.workspaces import Status
from assay_hub.web.context import Changing, Context, InContext, SignedIn, Submitting
from assay_hub.web.pages import COMMON_HEADERS
from assay_hub.web.session import Session
from assay_hub.web.statement import rendered
from assay_protocol.names import question_account

router = APIRouter()

_LISTS = ("topics", "skills", "packages", "files")
_TEXTS = ("title", "kind", "difficulty", "stub", "author", "licence")
_NUMBER_DIGITS = 6
_COVERS = "covers-"

UPLOAD_BYTES = 64_000_000
"""Largest course or notebook that is imported."""


@dataclass(frozen=True)
class Entered:
    """A description as it was entered: it may be wrong, and is shown again as it is."""

    texts: Mapping[str, str]
    minutes: str
    lists: Mapping[str, str]
    covers: Mapping[str, str]
    step: str
    note: str

    @classmethod
    def of(cls, about: About) -> "Entered":
        """Return a description as a form shows it."""
        lists = {name: ", ".join(getattr(about, name)) for name in _LISTS}
        return cls(
            {name: getattr(about, name) for name in _TEXTS},
            str(about.minutes),
            lists,
            about.covers,
            Step.CORRECTION,
            "",
        )

    @classmethod
    def read(cls, form: FormData) -> "Entered":
        """Return what a form holds."""
        texts = {name: str(form.get(name, "")) for name in _TEXTS}
        lists = {name: str(form.get(name, "")) for name in _LISTS}
        covers = {name.removeprefix(_COVERS): str(text) for name, text in form.items() if name.startswith(_COVERS)}
        step, note = str(form.get("step", "")), str(form.get("note", ""))
        return cls(texts, str(form.get("minutes", "")), lists, covers, step, note)

    def about(self) -> About:
        """Return the description.

        Raises:
            BadInputError: the length is no number.
        """
        digits = self.minutes.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _NUMBER_DIGITS):
            reason = "Give the length in whole minutes."
            raise BadInputError("This cannot be saved.", reason, fields={"minutes": reason})
        given: dict[str, Any] = {name: tuple(text.split(",")) for name, text in self.lists.items()}
        return About(**{**self.texts, **given}, minutes=int(digits), covers=self.covers)


# Beginning


@router.get("/questions/new")
def new(request: Request, here: InContext, session: SignedIn) -> Response:
    """Show the ways to begin a question."""
    return _new(request, here, session.person, {}, None)


@router.post("/questions/new")
async def begin(request: Request, here: InContext, session: Submitting) -> Response:
    """Begin a question from a template."""
    form = await request.form()
    sent = {name: str(form.get(name, "")) for name in ("kind", "title", "id")}
    keep = here.application.questions
    try:
        begun = await run_in_threadpool(keep.begin, session.person, sent["kind"], sent["title"], sent["id"])
    except BadInputError as error:
        return await run_in_threadpool(_new, request, here, session.person, sent, error)
    return RedirectResponse(f"{here.prefix}questions/{begun.question}/edit", 303)


async def _bringing(request: Request, here: InContext) -> Session:
    """Let nobody send a large file who may not: the form is read only after that has been asked."""
    session = request.state.session = await here.sessions.session(request)
    require_team(session.person, TeamAction.WRITE_QUESTIONS)
    here.sessions.check_origin(request)
    return await here.sessions.changing_session(request)


@router.post("/questions/import")
async def take_in(request: Request, here: InContext, session: Annotated[Session, Depends(_bringing)]) -> Response:
    """Take in the questions of a course's zip file, or a notebook."""
    upload = (await request.form()).get("upload")
    name, content = (upload.filename or "", await upload.read()) if isinstance(upload, UploadFile) else ("", b"")
    if not name:
        missing = BadInputError("Choose a file.", fields={"upload": "Choose a file."})
        return await run_in_threadpool(_new, request, here, session.person, {}, missing)
    keep = here.application.questions
    try:
        taken = await run_in_threadpool(keep.take_in, session.person, name, content)
    except BadInputError as error:
        return await run_in_threadpool(_new, request, here, session.person, {}, error)
    here.checks.wake()
    return here.pages.render(request, "questions/imported.html", upload=name, taken=taken)


@router.post("/questions/{question_id}/duplicate")
def duplicate(here: InContext, session: Changing, question_id: str) -> Response:
    """Copy a question into the team's own library."""
    copy = here.application.questions.duplicate(session.person, question_id)
    here.checks.wake()
    return RedirectResponse(f"{here.prefix}questions/{copy.question}/edit", 303)


def _new(
    request: Request, here: Context, person: Person, sent: Mapping[str, str], error: BadInputError | None
) -> Response:
    kinds = here.application.questions.kinds(person)
    status = error.status if error else 200
    return here.pages.render(request, "questions/new.html", status=status, kinds=kinds, sent=sent, error=error)


# Reading


@router.get("/questions/{question_id}")
def question(request: Request, here: InContext, session: SignedIn, question_id: str) -> Response:
    """Show a question without its solutions and hidden tests, its versions, where it was used and how people scored."""
    browse, keep = here.application.browse_library, here.application.questions
    versions = keep.versions(session.person, question_id)
    shown, found = _shown(here, session.person, question_id, versions, request.query_params.get("version", ""))
    return here.pages.render(
        request,
        "question.html",
        id=question_id,
        preview=found,
        statement=rendered(found.statement),
        markdown=rendered,
        shown=shown,
        versions=versions,
        changes=keep.changes(session.person, question_id),
        names=_names(here, versions),
        said=here.checks.said(versions[0]) if versions else "",
        checking=bool(versions) and versions[0].state in CHECKING,
        own=bool(versions) or here.application.library.is_own(question_id),
        asked=browse.asked(session.person, question_id),
        scored=here.application.read_scores(session.person, question_id),
    )


@router.get("/questions/{question_id}/export")
def export(here: InContext, session: SignedIn, question_id: str) -> Response:
    """Give a question as the zip file of an nbgrader course, with its solutions."""
    content = here.application.questions.export(session.person, question_id)
    headers = {**COMMON_HEADERS, "Content-Disposition": f'attachment; filename="{question_id}.zip"'}
    return Response(content, media_type="application/zip", headers=headers)


def _shown(
    here: Context, person: Person, question_id: str, versions: list[Version], wanted: str
) -> tuple[Version | None, Preview]:
    """Return the version that was asked for; without one, what interviews are held with, or else the newest draft."""
    chosen = next((one for one in versions if one.version == wanted), None)
    if chosen is None and versions and not any(one.usable for one in versions):
        chosen = versions[0]
    if chosen is None:
        found = here.application.browse_library.preview(person, question_id)
        usable = next((one for one in versions if one.version == found.card.version), None)
        return usable, found
    preview = here.application.questions.preview(person, chosen)
    if preview is None:
        raise NotFoundError
    return chosen, preview


def _names(here: Context, versions: list[Version]) -> dict[str, str]:
    with here.application.database.read() as records:
        return records.names({one.saved_by for one in versions})


# Editing


@router.post("/questions/{question_id}/edit")
async def open_workspace(here: InContext, session: Changing, question_id: str) -> Response:
    """Open the workspace of a question."""
    await run_in_threadpool(here.application.questions.open, session.person, question_id)
    editing = await run_in_threadpool(here.application.author_questions.open, session.person, question_id)
    await here.question_workspaces.visit(editing.id, session.person.account)
    return RedirectResponse(f"{here.prefix}questions/{question_id}/edit", 303)


@router.get("/questions/{question_id}/edit")
def edit(request: Request, here: InContext, session: SignedIn, question_id: str) -> Response:
    """Show the form that describes a question, and its workspace if it is open."""
    opened = here.application.questions.open(session.person, question_id)
    return _edit(request, here, session.person, opened, Entered.of(opened.about), None)


@router.get("/questions/{question_id}/workspace")
async def workspace(request: Request, here: InContext, session: SignedIn, question_id: str) -> Response:
    """Say how the workspace is, for the part of the page that shows it; whoever asks counts as there."""
    editing = await run_in_threadpool(here.application.author_questions.find, session.person, question_id)
    state = await here.question_workspaces.visit(editing.id, session.person.account)
    if state.status is Status.READY and request.query_params.get("shown"):
        return Response(status_code=204)
    return here.pages.render(
        request,
        "questions/_workspace.html",
        id=question_id,
        state=state,
        address=_address(here, editing.id) + "notebooks/question.ipynb",
    )


@router.post("/questions/{question_id}/versions")
async def save(request: Request, here: InContext, session: Submitting, question_id: str) -> Response:
    """Save a new version, which is checked then."""
    require_team(session.person, TeamAction.WRITE_QUESTIONS)
    form = await request.form()
    entered = Entered.read(form)
    keep = here.application.questions
    try:
        base = int(str(form.get("base", ""))[:_NUMBER_DIGITS] or 0)
        step = Step(entered.step)
    except ValueError as error:
        raise BadInputError("This form is broken.", "Reload the page and try again.") from error
    try:
        await run_in_threadpool(
            lambda: keep.save(session.person, question_id, entered.about(), step, entered.note, base)
        )
    except BadInputError as error:
        opened = await run_in_threadpool(keep.open, session.person, question_id)
        return await run_in_threadpool(_edit, request, here, session.person, opened, entered, error)
    here.checks.wake()
    return RedirectResponse(f"{here.prefix}questions/{question_id}/edit", 303)


@router.get("/questions/{question_id}/check")
def check(request: Request, here: InContext, session: SignedIn, question_id: str) -> Response:
    """Say how the check of the newest version stands, for the part of the page that shows it."""
    require_team(session.person, TeamAction.WRITE_QUESTIONS)
    versions = here.application.questions.versions(session.person, question_id)
    if not versions:
        raise NotFoundError
    newest = versions[0]
    return here.pages.render(request, "questions/_check.html", id=question_id, **_checked(here, newest))


@router.post("/questions/{question_id}/check")
def check_again(here: InContext, session: Changing, question_id: str) -> Response:
    """Check the newest version once more."""
    here.application.questions.check_again(session.person, question_id)
    here.checks.wake()
    return RedirectResponse(f"{here.prefix}questions/{question_id}", 303)


@router.post("/questions/{question_id}/close")
async def close(here: InContext, session: Changing, question_id: str) -> Response:
    """Close the workspace, with what was not saved."""
    editing = await run_in_threadpool(here.application.questions.close, session.person, question_id)
    if editing is not None:
        await asyncio.shield(here.question_workspaces.end(editing.id))
    return RedirectResponse(f"{here.prefix}questions/{question_id}", 303)


def _edit(
    request: Request, here: Context, person: Person, opened: Opened, entered: Entered, error: BadInputError | None
) -> Response:
    settings = here.application.settings
    editing = opened.editing
    origin = settings.origin(question_account(editing.id)) if editing else ""
    return here.pages.render(
        request,
        "questions/edit.html",
        status=error.status if error else 200,
        frames=f"{origin} {settings.url}" if editing else "'none'",
        id=opened.newest.question,
        opened=opened,
        entered=entered,
        error=error,
        kinds=here.application.questions.kinds(person),
        steps=list(Step),
        workspace=_address(here, editing.id) if editing else "",
        names=_names(here, [opened.newest]),
        **_checked(here, opened.newest),
    )


def _checked(here: Context, version: Version) -> dict[str, Any]:
    return {
        "version": version,
        "checking": version.state in CHECKING,
        "unchecked": version.state is CheckState.UNCHECKED,
        "said": here.checks.said(version),
    }


def _address(here: Context, editing_id: str) -> str:
    account = question_account(editing_id)
    return f"{here.application.settings.origin(account)}/user/{account}/"

"""What the routes hand to each template, with every text hostile; and the pages rendered from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from unit.web import outside

from assay_hub.domain.access import Person, Role, TeamRole
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import Interview, QuestionRef, State
from assay_hub.domain.link import Link
from assay_hub.domain.mail import Invitation
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.recording import Gap, Head
from assay_hub.domain.result import CellResult, Grade, GradingState, Submission
from assay_hub.services.review import Details
from assay_hub.web.outputs import ShownCell
from assay_hub.web.pages import Pages
from assay_hub.web.session import Session
from assay_hub.web.statement import rendered
from assay_protocol.problem import Problem

PREFIX = "/services/assay/"
HOSTILE = "\"><script>hostile()</script><img src=x onerror='hostile()'>{{ 7*7 }}"
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
ID = "abcdefghij"
WORKSPACE = "http://iv-abcdefghij.assay.localhost:1"
TASK = "Write `busiest(log)`.\n\n| input | result |\n|---|---|\n| `[]` | `None` |\n\n```python\nbusiest([3, 1])\n```\n"
PICTURE = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

STAFF = Session(Person("ada", "Ada", TeamRole.INTERVIEWER), "token-of-ada")
CANDIDATE = Session(Person(f"cand-{ID}", HOSTILE), "token-of-candidate")


def interview(state: State = State.LIVE, text: str = HOSTILE, questions: int = 2) -> Interview:
    started = None if state is State.CREATED else NOW - timedelta(minutes=12)
    ended = NOW if state in {State.SUBMITTED, State.CLOSED} else None
    refs = (
        QuestionRef("busiest", "1.2", text if text == HOSTILE else "Busiest hour", "pin"),
        QuestionRef("sales", "1.0", "Sales per region", "pin"),
    )
    name = text if text == HOSTILE else "Mia Brandt"
    return Interview(
        ID, text, name, state, "ada", NOW, timedelta(minutes=60), ("ada", "grace"), refs[:questions], started, ended
    )


def submission() -> Submission:
    receipt = Receipt(ID, "ab" * 32, 18_233, NOW.isoformat(), 1204, "cd" * 32, "ef" * 32, "12" * 64)
    return Submission(ID, NOW, "artefact", receipt)


def grades(text: str = HOSTILE, state: GradingState = GradingState.DONE) -> tuple[Grade, ...]:
    cells = (
        CellResult("t1", "An empty log", 1, 1, "passed", ""),
        CellResult("t2", text, 0, 2, "failed", f"expected 3, got 4\n{text}"),
        CellResult("t3", "A long log", 0, 2, "timeout", "took more than 10 s"),
        CellResult("t4", "Explain", None, 3, "needs-review", "a person reads this"),
        CellResult("t5", "Odd", 0.5, 1, text, ""),
    )
    return (
        Grade(ID, "busiest", state, text, 1.5, 9, cells, "artefact", isolated=False, message=text),
        Grade(ID, "sales", GradingState.FAILED, message=text),
    )


def links(text: str = HOSTILE) -> tuple[Link, ...]:
    good = Link("l1", "h", f"cand-{ID}", text, ID, NOW, NOW + timedelta(days=3), one_time=False, used_at=NOW)
    return good, good.revoke(NOW), Link("l3", "h", good.account, text, ID, NOW, NOW, one_time=False)


def details(state: State = State.SUBMITTED, text: str = HOSTILE, grading: GradingState = GradingState.DONE) -> Details:
    gaps = (Gap(17, NOW, text if text == HOSTILE else "The workspace was killed."),)
    return Details(
        interview(state, text),
        Role.INTERVIEWER,
        None,
        {"ada": text, "grace": "Grace"},
        links(text),
        submission(),
        grades(text, grading),
        Head(1204, b""),
        gaps,
        text,
        (Entry(NOW, "ada", Deed.EDITED, ID, {"title": ["Earlier", text]}),),
    )


def room(role: Role, text: str = HOSTILE, questions: int = 2, workspace: str = WORKSPACE) -> dict[str, Any]:
    found = interview(State.LIVE, text, questions)
    urls = [f"{workspace}/user/{found.workspace}/notebooks/{ref.notebook}" for ref in found.questions]
    return {
        "session": STAFF if role is Role.INTERVIEWER else CANDIDATE,
        "interview": found,
        "role": role,
        "workspace_url": urls[0],
        "notebook_urls": urls,
        "statements": [(ref, rendered(TASK if text != HOSTILE else text)) for ref in found.questions],
        "note": text if role is Role.INTERVIEWER else "",
    }


def contexts(text: str = HOSTILE) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return for each page a name, its template and what its route hands over."""
    refs = list(interview(text=text).questions)
    entered = {"title": text, "candidate_name": text, "minutes": 45, "question": ["sales"]}
    cells = [
        ShownCell("markdown", text, "", (), ()),
        ShownCell("code", f"print(1)\n{text}", "t1", (text, "1\n"), (PICTURE,)),
    ]
    staff: dict[str, Any] = {"session": STAFF}
    candidate: dict[str, Any] = {"session": CANDIDATE}
    created = interview(State.CREATED, text)
    waiting = details(text=text, grading=GradingState.RUNNING)
    problem = Problem(409, "wrong-state", text, text)
    return {
        "home": ("home.html", {**staff, "interviews": [interview(state, text) for state in State]}),
        "home-empty": ("home.html", {**staff, "interviews": []}),
        "new": ("new.html", {**staff, "questions": refs, "entered": {}, "error": None}),
        "new-error": (
            "new.html",
            {**staff, "questions": refs, "entered": entered, "error": BadInputError(text, text)},
        ),
        "new-no-questions": ("new.html", {**staff, "questions": [], "entered": {}, "error": None}),
        "details": ("details.html", {**staff, "details": details(State.LIVE, text), "new_link": None, "now": NOW}),
        "details-new": (
            "details.html",
            {
                **staff,
                "details": replace(_fresh(created), links=links(text)[:1]),
                "new_link": f"http://assay.test/{text}",
                "now": NOW,
            },
        ),
        "details-closed": (
            "details.html",
            {**staff, "details": details(State.CLOSED, text), "new_link": None, "now": NOW},
        ),
        "details-dated": (
            "details.html",
            {
                **staff,
                "details": replace(
                    details(State.LIVE, text), interview=replace(interview(text=text), scheduled_at=NOW)
                ),
                "new_link": None,
                "invitation": Invitation(text, text, text, problem=text),
                "now": NOW,
            },
        ),
        "welcome": ("welcome.html", {**candidate, "interview": created}),
        "room-candidate": ("room.html", room(Role.CANDIDATE, text)),
        "room-interviewer": ("room.html", room(Role.INTERVIEWER, text)),
        "room-one-task": ("room.html", room(Role.CANDIDATE, text, questions=1)),
        "receipt": ("receipt.html", {**candidate, "interview_id": ID, "submission": submission()}),
        "receipt-none": ("receipt.html", {**staff, "interview_id": ID, "submission": None}),
        "result": ("result.html", {**staff, "details": details(text=text)}),
        "result-waiting": ("result.html", {**staff, "details": waiting}),
        "result-nothing": ("result.html", {**staff, "details": _fresh(created)}),
        "outputs": ("outputs.html", {**staff, "details": details(text=text), "grade": grades(text)[0], "cells": cells}),
        **outside.contexts(text, NOW, staff),
        "problem": ("problem.html", {"session": None, "status": 409, "problem": problem}),
        "problem-staff": ("problem.html", {**staff, "status": 409, "problem": problem}),
        "problem-candidate": ("problem.html", {**candidate, "status": 404, "problem": Problem(404, "x", text)}),
    }


def page(name: str, text: str = HOSTILE, *, isolated: bool = True, frames: str = "'none'") -> Any:
    """Return the response that the service would send for a page of ``contexts``."""
    template, context = contexts(text)[name]
    return render(template, context, isolated=isolated, frames=frames)


def render(template: str, context: dict[str, Any], *, isolated: bool = True, frames: str = "'none'") -> Any:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "state": {}})
    return Pages(PREFIX, isolated=isolated).render(request, template, frames=frames, **context)


def text_of(name: str, text: str = HOSTILE, *, isolated: bool = True) -> Markup:
    return Markup(page(name, text, isolated=isolated).body.decode())  # noqa: S704  # read by tests, never shown


def _fresh(created: Interview) -> Details:
    nothing = replace(details(), interview=created, links=(), submission=None, grades=(), gaps=(), note="", history=())
    return replace(nothing, head=Head(0, b""))

"""What the routes hand to each template, with every text hostile; and the pages rendered from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from unit.web import analysed, batch_samples, outside, report_samples, scored, signal_samples, written

from assay_hub.domain import library as question
from assay_hub.domain.access import ALLOWED, Action, Person, Role, TeamRole
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.draft import BASICS, TOGETHER, Conflict, Draft
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.form import TEXTS, form_of
from assay_hub.domain.interview import Interview, QuestionRef, State
from assay_hub.domain.library import LibrarySearch, Preview, QuestionCard, facets
from assay_hub.domain.link import Link
from assay_hub.domain.mail import Invitation
from assay_hub.domain.plan import Plan
from assay_hub.domain.position import Position, Template
from assay_hub.domain.receipt import Receipt
from assay_hub.domain.recording import Gap, Head
from assay_hub.domain.result import CellResult, Grade, GradingState, Submission
from assay_hub.domain.rubric import DEFAULTS
from assay_hub.domain.search import Page, SavedSearch, Total
from assay_hub.domain.signals import Level
from assay_hub.domain.team import Member
from assay_hub.services.bulk import Outcome
from assay_hub.services.review import Details
from assay_hub.web.listing import Asked
from assay_hub.web.outputs import ShownCell
from assay_hub.web.pages import Pages
from assay_hub.web.routes.audit import Asked as AuditAsked
from assay_hub.web.routes.audit import said
from assay_hub.web.routes.lists import Around
from assay_hub.web.routes.lists import words as words_around
from assay_hub.web.routes.positions import Entered, EnteredCriterion
from assay_hub.web.session import Session
from assay_hub.web.statement import rendered
from assay_hub.web.tasks import Task
from assay_hub.web.words import LABELS, Told, Words
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
    folder = f"{workspace}/user/{found.workspace}/notebooks"
    html = rendered(TASK if text != HOSTILE else text)
    return {
        "session": CANDIDATE if role is Role.CANDIDATE else STAFF,
        "interview": found,
        "role": role,
        "may": {action.name.lower() for action in Action if role in ALLOWED[action]},
        "tasks": [Task(ref.id, ref.title, f"{folder}/{ref.notebook}", html) for ref in found.questions],
        "library": [QuestionRef("extra", "1.0", text if text == HOSTILE else "One more", "")],
        "note": "" if role is Role.CANDIDATE else text,
        "observed": signal_samples.OBSERVED,
        "duration": found.duration,
    }


def _details_page(found: Details, text: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    history = [Told(NOW, text, "changed it", (("Title", text, text),))]
    context: dict[str, Any] = {
        "session": STAFF,
        "details": found,
        "new_link": "",
        "invitation": None,
        "now": NOW,
        "can": {action.name for action in Action},
        "gives_card": True,
        "may_create": True,
        "may_keep_templates": True,
        "words": words(text),
        "history": history if found.history else [],
        "when": "",
    }
    return "details.html", {**context, **changes}


def words(text: str) -> Words:
    return Words({"ada": text, "grace": text}, {"role": text}, {"busiest": text, "sales": text})


def wizard(text: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the pages of the steps in which an interview is made, and of the library."""
    card = QuestionCard("busiest", "1.2.0", text, "live coding", "easy", 20, (text,), (text,), text, official=True)
    editor = QuestionCard("blank-coding", "1.0.0", text, "live coding", "medium", 45, format=True)
    preview = Preview(
        card, text, (question.ShownCell("markdown", text), question.ShownCell("code", text)), ((text, 12),)
    )
    blank = form_of(Plan("", "", interviewers=("ada",))) | {"questions": []}
    filled = blank | {name: [text] for name in TEXTS} | {"questions": ["busiest", text]}
    draft = Draft("draftdraft", "ada", "", 0, blank, NOW)
    mine = Plan(text, text, internal_notes=text, tags=(text,), interviewers=("ada",), questions=("busiest",))
    theirs = Plan("x", "y", internal_notes="z", interviewers=("grace",), questions=("sales",))
    conflict = Conflict(interview(text=text), theirs, theirs, mine, "grace", NOW, tuple(TOGETHER))
    common: dict[str, Any] = {"session": STAFF, "draft": draft, "form": blank, "labels": LABELS, "words": words(text)}
    basics = {
        **common,
        "wrong": {},
        "kept": {},
        "page": "0" * 16,
        "seen": "0" * 16,
        "members": [Member("ada", text, "", TeamRole.INTERVIEWER, active=True, joined_at=NOW)],
        "may_hold": {"ada"},
        "positions": [Position("role", text, archived=True)],
        "templates": [Template("t1", text, text, "", (), timedelta(minutes=5), (), text)],
        "zones": ["UTC"],
        "zone_is_ours": True,
        "tags": [text],
        "others": [],
    }
    library = {
        **common,
        "cards": [card],
        "facets": facets([card]),
        "formats": [editor],
        "search": LibrarySearch(text, text, text, text, text, text, 20, text),
        "query": "text=x",
        "markdown": rendered,
        "preview": None,
        "statement": "",
    }
    questions = {
        **library,
        "error": None,
        "chosen": [],
        "known": {"busiest": card, "blank-coding": editor},
        "earlier": text,
        "found": None,
        "done": "",
        "about": "",
        "said": "",
    }
    wrong = dict.fromkeys(LABELS, text)
    confirm = {
        **common,
        "seen": "0" * 16,
        "wrong": {},
        "error": None,
        "fields_at": {"scheduled_at": "date"},
        "plan": mine,
    }
    choosing = {**common, "conflict": conflict, "choices": {}, "wrong": {}, "together": TOGETHER}
    return {
        "new": ("new/basics.html", basics),
        "new-error": (
            "new/basics.html",
            {**basics, "form": filled, "wrong": {**wrong, "date": text, "minutes": text, "": text}, "others": [draft]},
        ),
        "new-elsewhere": ("new/basics.html", {**basics, "kept": {name: [text] for name in BASICS}}),
        "new-questions": ("new/questions.html", questions),
        "new-questions-full": (
            "new/questions.html",
            {
                **questions,
                "form": filled,
                "chosen": ["busiest", "blank-coding"],
                "preview": preview,
                "statement": rendered(text),
                "found": [interview(text=text)],
                "said": text,
                "done": "add",
                "about": "busiest",
                "error": BadInputError(text, text),
            },
        ),
        "new-confirm": ("new/confirm.html", confirm),
        "new-confirm-error": ("new/confirm.html", {**confirm, "form": filled, "wrong": wrong, "plan": None}),
        "new-conflict": ("new/conflict.html", choosing),
        "new-conflict-error": ("new/conflict.html", {**choosing, "wrong": {"title": text}}),
        "questions": ("questions.html", {**library, "drafts": written.versions(text, NOW)[:2], "shadowing": [text]}),
        **written.contexts(
            text,
            NOW,
            {"session": STAFF},
            {**library, "preview": preview, "statement": rendered(text), "asked": [interview(text=text)]},
        ),
        "signed-out": (
            "again.html",
            {"session": None, "status": 401, "action": "/x", "sent": [("title", text)], "sign_in": "/sign-in"},
        ),
        "send-again": (
            "again.html",
            {"session": STAFF, "status": 403, "action": f"/x?{text}", "sent": [(text, text)], "sign_in": "/sign-in"},
        ),
    }


def contexts(text: str = HOSTILE) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return for each page a name, its template and what its route hands over."""
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
        **lists(text),
        **wizard(text),
        "details": _details_page(details(State.LIVE, text), text),
        "details-new": _details_page(
            replace(_fresh(created), links=links(text)[:1]), text, new_link=f"http://assay.test/{text}"
        ),
        "details-closed": _details_page(details(State.CLOSED, text), text),
        "details-viewer": _details_page(details(State.LIVE, text), text, can={"SEE_DETAILS"}, may_create=False),
        "details-dated": _details_page(
            replace(details(State.LIVE, text), interview=replace(interview(text=text), scheduled_at=NOW)),
            text,
            invitation=Invitation(text, text, text, problem=text),
        ),
        "welcome": (
            "welcome.html",
            {**candidate, "interview": created, "observed": signal_samples.OBSERVED, "duration": created.duration},
        ),
        "room-candidate": ("room.html", room(Role.CANDIDATE, text)),
        "room-interviewer": ("room.html", room(Role.INTERVIEWER, text)),
        "room-observer": ("room.html", room(Role.OBSERVER, text)),
        "room-one-task": ("room.html", room(Role.CANDIDATE, text, questions=1)),
        "receipt": ("receipt.html", {**candidate, **_receipt(more=True), "submission": submission()}),
        "receipt-none": ("receipt.html", {**staff, **_receipt(more=False), "submission": None}),
        "result": ("result.html", {**staff, "details": details(text=text)}),
        "result-waiting": ("result.html", {**staff, "details": waiting}),
        "result-nothing": ("result.html", {**staff, "details": _fresh(created)}),
        "outputs": ("outputs.html", {**staff, "details": details(text=text), "grade": grades(text)[0], "cells": cells}),
        **batch_samples.contexts(text, NOW, staff),
        **analysed.contexts(text, NOW, staff, interview(State.SUBMITTED, text)),
        **outside.contexts(text, NOW, staff),
        **report_samples.contexts(
            text, NOW, staff, candidate, (interview(State.SUBMITTED, text), grades(text), submission())
        ),
        **signal_samples.contexts(interview(text=text), NOW, staff, candidate),
        **scored.contexts(text, NOW, staff, interview(State.CLOSED, text)),
        "problem": ("problem.html", {"session": None, "status": 409, "problem": problem}),
        "problem-staff": ("problem.html", {**staff, "status": 409, "problem": problem}),
        "problem-candidate": ("problem.html", {**candidate, "status": 404, "problem": Problem(404, "x", text)}),
    }


ADMIN = Session(Person("root", "Root", TeamRole.ADMIN), "token-of-root")


def lists(text: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the contexts of the pages that list something."""
    position = Position("rolerolero", text, ("busiest", "gone"), tags=(text,))
    template = Template("templateid", text, text, "", ("sales",), timedelta(minutes=45), (text,), text)
    people = [
        Member("ada", text, "ada@example.org", TeamRole.INTERVIEWER, active=True, joined_at=NOW),
        Member(text, "Grace", "", TeamRole.VIEWER, active=False, joined_at=NOW),
    ]
    around = Around({position.id: position}, {member.account: member for member in people})
    found = [replace(interview(state, text), tags=(text, "a,b"), position=position.id) for state in State]
    asked = Asked(q=text, tags=(text, "a,b"), roles=(position.id,), interviewer="ada", since=text, order="title")
    refusal = BadInputError(text, text, fields={"q": text, "tags": text, "state": text, "since": text, "role": text})
    saved = [SavedSearch("ada", text, asked.query())]
    home: dict[str, Any] = {"session": STAFF, "error": None, "done": "", "saved": saved, "asked": asked}
    home |= {
        **words_around(around, "title"),
        "page": Page(tuple(found), "next", "before"),
        "total": Total(1_000, more=True),
    }
    nothing = Page((), "")
    rights = {role: [text] for role in TeamRole}
    team: dict[str, Any] = {"members": people, "entered": {}, "error": None, "rights": rights, "roles": list(TeamRole)}
    wrong = BadInputError(text, text, fields={"account": text, "name": text, "email": text, "role": text})
    criterion = EnteredCriterion(text, text, text, (text, "", text, "", text))
    entered = Entered("", text, text, text, ("busiest", "gone"), archived=False, blind=True)
    entered = replace(entered, id="rolerolero", criteria=(criterion, EnteredCriterion()))
    entry = Entry(NOW, text, Deed.EDITED, ID, {"title": [text, text]}, 7)
    read = Entry(NOW, "ada", Deed.EXPORTED, "", {"interviews": [ID] * 9}, 6)
    log: dict[str, Any] = {"session": ADMIN, "asked": AuditAsked(account=text), "members": {"ada": text}}
    log |= {
        "entries": [(one, said(one)) for one in (entry, read)],
        "before": "6",
        "after": "7",
        "deeds": list(Deed),
        "error": None,
    }
    parts = dict.fromkeys(
        ("title", "duration", "questions", "rubric", "rubric-0-title", "rubric-1-weight", "rubric-1-3"), text
    )
    role_wrong = BadInputError(text, text, fields=dict.fromkeys(parts, text))
    role: dict[str, Any] = {"session": STAFF, "entered": entered, "shipped": DEFAULTS, "error": None}
    role["levels"] = list(Level)
    role["questions"] = list(interview(text=text).questions)
    viewer = Session(Person("vic", "Vic", TeamRole.VIEWER), "token-of-vic")
    return {
        "home": ("home.html", home),
        "home-as-viewer": ("home.html", {**home, "session": viewer}),
        "home-empty": ("home.html", {**home, "page": nothing, "asked": Asked()}),
        "home-empty-as-viewer": ("home.html", {**home, "page": nothing, "asked": Asked(), "session": viewer}),
        "home-no-match": ("home.html", {**home, "page": nothing}),
        "home-error": ("home.html", {**home, "page": None, "error": refusal}),
        "bulk": (
            "bulk.html",
            {"session": STAFF, "outcomes": [Outcome(ID, text, text), Outcome(text, "", text)], "done": "", "back": ""},
        ),
        "waiting": ("waiting.html", {"session": Session(Person(text, text), "token")}),
        "leaving": ("leaving.html", {"session": STAFF, "onward": "http://assay.test/hub/logout"}),
        "left": ("signed-out.html", {"session": None}),
        "people": ("people.html", {**team, "session": STAFF}),
        "people-as-admin": ("people.html", {**team, "session": ADMIN}),
        "people-error": ("people.html", {**team, "session": ADMIN, "error": wrong, "entered": {"account": text}}),
        "member": ("member.html", {**team, "session": ADMIN, "member": people[1], "error": wrong}),
        "roles": (
            "roles.html",
            {
                "session": STAFF,
                "positions": [position, replace(position, id="other", archived=True)],
                "templates": [template],
                "titles": {"busiest": text},
            },
        ),
        "roles-empty": ("roles.html", {"session": STAFF, "positions": [], "templates": [], "titles": {}}),
        "role": ("role.html", {**role, "entered": replace(entered, id="", criteria=())}),
        "role-filled": ("role.html", role),
        "role-error": ("role.html", {**role, "error": role_wrong}),
        "audit": ("audit.html", log),
        "audit-error": ("audit.html", {**log, "error": refusal, "entries": []}),
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


def _receipt(*, more: bool) -> dict[str, Any]:
    return {"interview_id": ID, "may_read_feedback": more, "may_answer_survey": more}


def _fresh(created: Interview) -> Details:
    nothing = replace(details(), interview=created, links=(), submission=None, grades=(), gaps=(), note="", history=())
    return replace(nothing, head=Head(0, b""))

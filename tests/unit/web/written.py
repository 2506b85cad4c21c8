"""What the routes of the team's own questions hand to their templates."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.library import QuestionCard
from assay_hub.domain.question import About, CheckState, Distribution, Editing, Finding, Incoming, Step, Version
from assay_hub.services.questions import Opened, Taken
from assay_hub.services.scores import Scored
from assay_hub.web.routes.questions import Entered


def versions(text: str, now: datetime) -> list[Version]:
    """Return a version that can be asked, one that cannot, and a draft."""
    card = QuestionCard("own", "1.0.0", text, "debugging", "hard", 40, (text,), (text,))
    found = (Finding(text, True, text), Finding(text, False, text, "cell"), Finding(text, False, required=False))  # noqa: FBT003
    first = Version("own", 1, "1.0.0", "0" * 64, "ada", now, text, card, CheckState.PASSED, found)
    second = replace(first, number=2, version="1.0.1", state=CheckState.FAILED, saved_by="gone")
    return [replace(first, number=3, version="1.1.0", state=CheckState.RUNNING), second, first]


def contexts(
    text: str, now: datetime, staff: dict[str, Any], shown: dict[str, Any]
) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return for each page a name, its template and what its route hands over.

    Args:
        text: what people typed.
        now: the time.
        staff: the session.
        shown: what the page of every question gets.
    """
    newest, failed, usable = versions(text, now)
    about = About(text, "debugging", "hard", 40, (text,), (text,), (text,), (text,), text, text, text, {text: text})
    enough = Scored(Distribution(7, 0.5, 0.6, (0, 0, 1, 2, 4, 0, 0, 0, 0, 0)), {"1.0.0": None, text: None})
    official: dict[str, Any] = {
        **staff,
        **shown,
        "id": "own",
        "shown": None,
        "versions": [],
        "changes": {},
        "names": {"ada": text},
        "said": text,
        "checking": False,
        "own": False,
        "scored": Scored(None, {}),
    }
    own = official | {
        "versions": [newest, failed, usable],
        "changes": {3: [text], 2: []},
        "checking": True,
        "own": True,
        "shown": usable,
        "scored": enough,
    }
    opened = Opened(newest, about, ("question.toml", "question.ipynb", text), None)
    refusal = BadInputError(text, text, fields=dict.fromkeys(("title", "kind", "minutes", "stub", "id"), text))
    edit: dict[str, Any] = {
        **staff,
        "id": "own",
        "opened": opened,
        "entered": Entered.of(about),
        "error": None,
        "kinds": ["debugging", text],
        "steps": list(Step),
        "workspace": "",
        "names": {"ada": text},
        "version": newest,
        "checking": True,
        "unchecked": False,
        "said": text,
    }
    in_work = edit | {
        "workspace": "http://qs-abcdefghij.assay.localhost:1/user/qs-abcdefghij/",
        "opened": replace(opened, editing=Editing("abcdefghij", "own", "ada", now)),
        "version": failed,
        "checking": False,
    }
    taken = [
        Taken(Incoming(text, remarks=(text,)), usable),
        Taken(Incoming(text, refusal=text)),
    ]
    return {
        "question-imported": ("questions/imported.html", {**staff, "upload": text, "taken": taken}),
        "question": ("question.html", official),
        "question-own": ("question.html", own),
        "question-failed": ("question.html", own | {"versions": [failed, usable], "checking": False}),
        "question-new": (
            "questions/new.html",
            {**staff, "kinds": ["debugging", text], "sent": {}, "error": None},
        ),
        "question-new-error": (
            "questions/new.html",
            {**staff, "kinds": ["debugging"], "sent": {"title": text, "id": text}, "error": refusal},
        ),
        "question-edit": ("questions/edit.html", edit),
        "question-edit-error": ("questions/edit.html", edit | {"error": refusal}),
        "question-workspace": ("questions/edit.html", in_work),
    }

"""What the pages of batches are shown with."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData

from assay_hub.domain.batch import (
    Batch,
    BatchGrade,
    BatchState,
    BatchSubmission,
    Counts,
    GridPage,
    GridRow,
    Progress,
    RegradeRequest,
    RequestState,
    Show,
)
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.handed import Corrections, Entrant, Layout, Match, Placed
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.marking import Mark, MarkedCell, RubricItem
from assay_hub.domain.result import GradingState
from assay_hub.services.batch_find import Work
from assay_hub.services.batch_upload import NewBatch
from assay_hub.web.outputs import ShownCell
from assay_hub.web.routes.batches import LAYOUTS, ORDERS, SHOWN, Asked

ID = "batchbatch"


def contexts(text: str, now: datetime, staff: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return for each page a name, its template and what its route hands over."""
    refs = (QuestionRef("busiest", "1.2.0", text, "pin"), QuestionRef("sales", "1.0.0", text, "pin"))
    batch = Batch(ID, text, BatchState.OPEN, refs, "ada", now, anonymous=False, layout="auto", pattern=text)
    waiting = Batch("otherother", text, BatchState.PREPARING, refs, "ada", now, anonymous=True)
    running = Progress(Counts(queued=90, running=2, done=8, failed=1, review=3, people=50), 17.4)
    over = Progress(Counts(done=99, failed=1, review=1, people=50))
    one = BatchSubmission("submission", ID, 7, text, f"{text} II", text, "artefact", 3.5, 10)
    grades = {
        state.value: BatchGrade("submission", "busiest", state, outcome, 3.5, 5, 1, review=True, message=text)
        for state, outcome in (
            (GradingState.QUEUED, ""),
            (GradingState.RUNNING, ""),
            (GradingState.DONE, "graded"),
            (GradingState.FAILED, "failed"),
        )
    }
    grades["missing"] = BatchGrade("submission", "busiest", GradingState.DONE, "missing")
    rows = [
        GridRow(replace(one, id=f"of-{name}"), {"busiest": grade, "sales": grade}) for name, grade in grades.items()
    ]
    grid: dict[str, Any] = {**staff, "batch": batch, "progress": running, "page": GridPage(tuple(rows), "next", 77)}
    grid |= {"asked": Asked(q=text, cursor="x"), "done": "", "shown": {o.value: w for o, w in SHOWN.items()}}
    grid |= {"live": False, "orders": {o.value: w for o, w in ORDERS.items()}}
    error = BadInputError(text, text, fields=dict.fromkeys(("title", "questions", "file", "pattern", "people"), text))
    layouts = {"layouts": LAYOUTS, "default_pattern": "{person}.ipynb"}
    new = {**staff, **layouts, "questions": list(refs), "most": 5_000_000}
    entered = NewBatch(text, ("busiest",), Layout.MOODLE, text, text, anonymous=True)
    placed = Placed(text, 12, text, text, text, "busiest")
    nobodys = Placed(f"{text}.ipynb", 12, text, "", text)
    notebook = Placed("a.ipynb", 1, text, "", "a.ipynb", "busiest")
    people = (Entrant(text, text, text, text, (notebook, placed, nobodys)), Entrant("empty", ""))
    match = Match(Layout.FOLDERS, people, (nobodys,), (placed,), ((text, text),), (text,))
    fixed = Corrections({text: (text, text, text)}, {text: (text, "busiest")})
    matching = {**staff, **layouts, "batch": waiting, "match": match, "corrections": Corrections(), "error": None}
    matching |= {"undecided": "?"}
    requests = [
        RegradeRequest(f"request{state}", ID, "submission", "busiest", text, "ada", now, state, text, "ada", now)
        for state in RequestState
    ]
    return {
        "batches": (
            "batches/list.html",
            _listed(staff, [(batch, running), (waiting, over), (replace(batch, id="thirdthird"), over)]),
        ),
        "batches-none": ("batches/list.html", _listed(staff, [])),
        "batch-new": ("batches/new.html", {**new, "entered": NewBatch("", ()), "error": None}),
        "batch-new-error": ("batches/new.html", {**new, "entered": entered, "error": error}),
        "batch-match": ("batches/match.html", matching),
        "batch-match-error": ("batches/match.html", {**matching, "error": error, "corrections": fixed}),
        "batch-match-empty": ("batches/match.html", {**matching, "match": Match(Layout.AUTO, ())}),
        "batch": ("batches/grid.html", grid),
        "batch-paused": ("batches/grid.html", {**grid, "batch": replace(batch, state=BatchState.PAUSED)}),
        "batch-delete": ("batches/delete.html", {**staff, "batch": batch, "counts": over.counts, "error": None}),
        "batch-delete-error": ("batches/delete.html", {**staff, "batch": batch, "counts": over.counts, "error": error}),
        "batch-version": ("batches/version.html", {**staff, "batch": batch, "ref": refs[0], "latest": text}),
        "batch-version-none": ("batches/version.html", {**staff, "batch": batch, "ref": refs[0], "latest": ""}),
        "batch-over": ("batches/grid.html", {**grid, "progress": over, "done": text, "page": GridPage((), "", 0)}),
        "batch-requests": (
            "batches/requests.html",
            {**staff, "batch": batch, "found": [(r, one) for r in requests], "people": {"ada": text}},
        ),
        "batch-no-requests": ("batches/requests.html", {**staff, "batch": batch, "found": [], "people": {}}),
        **_marking(text, staff, batch, one, grades, tuple(requests)),
    }


def _listed(staff: dict[str, Any], found: list[Any]) -> dict[str, Any]:
    return {**staff, "found": found, "running": bool(found), "BatchState": BatchState}


def _marking(
    text: str,
    staff: dict[str, Any],
    batch: Batch,
    one: BatchSubmission,
    grades: dict[str, BatchGrade],
    requests: tuple[RegradeRequest, ...],
) -> dict[str, tuple[str, dict[str, Any]]]:
    item = RubricItem("itemitemit", ID, "busiest", "essay", text, -0.5)
    cells = (
        MarkedCell("test", 0, text, 1.0, 2.0, "failed", text, Mark(1.5, 0.5, text)),
        MarkedCell("essay", 1, "", None, 3.0, "needs-review", "", Mark(items=(item.id,))),
    )
    beside = ("submission", "sales")
    work = Work(
        batch=batch,
        question=batch.questions[0],
        submission=one,
        grade=grades["done"],
        cells=cells,
        rubric=(item,),
        grades={"busiest": grades["done"], "sales": grades["queued"]},
        before=beside,
        next=beside,
        place=3,
        of=9,
        can_undo=True,
        requests=requests,
        notebook=b"",
    )
    shown = [ShownCell("markdown", text, "essay", (), ()), ShownCell("code", text, "test", (text,), ())]
    page: dict[str, Any] = {**staff, "work": work, "shown": shown, "after": {"essay": 1, "test": 2}, "seen": "0"}
    page |= {"on": {"by": "person", "show": "review"}, "way": "?by=person&show=review", "other_way": "show=review"}
    page |= {"show_words": SHOWN[Show.REVIEW], "done": "", "entered": None, "error": None}
    sent = FormData([("points:test", text), ("comment:test", text), ("item:essay", "itemitemit"), ("reviewed", "1")])
    empty = Work(**{**vars(work), "cells": (), "rubric": (), "before": None, "next": None, "can_undo": False})
    empty = Work(**{**vars(empty), "grade": grades["queued"], "requests": ()})
    rubric: dict[str, Any] = {**staff, "batch": batch, "question": batch.questions[0], "items": [item], "back": ""}
    return {
        "work": ("batches/work.html", page),
        "work-error": ("batches/work.html", {**page, "error": BadInputError(text, text), "entered": sent}),
        "work-waiting": ("batches/work.html", {**page, "work": empty, "shown": [], "on": {}, "way": ""}),
        "rubric": ("batches/rubric.html", {**rubric, "cells": list(cells), "done": ""}),
        "rubric-empty": ("batches/rubric.html", {**rubric, "items": [], "cells": [], "done": text, "back": "/x"}),
    }

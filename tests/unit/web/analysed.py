"""What the pages of code analysis are shown with."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from assay_hub.domain.analysis import (
    Analysed,
    Analysis,
    AnalysisState,
    Code,
    Curve,
    Finding,
    Fit,
    Function,
    Growth,
    Moment,
    Point,
    Reading,
    Repeated,
    Runs,
    Spot,
    Unread,
)
from assay_hub.domain.batch import Batch, BatchState, BatchSubmission
from assay_hub.domain.interview import Interview
from assay_hub.domain.result import CellResult, Grade, GradingState
from assay_hub.domain.similarity import AlikeSearch, Beside, Line, Side, SimilarPair, Verdict
from assay_hub.services.analysis import AnalysedQuestion, AnalysisView, Pair
from assay_hub.services.similarity import InBatch, LookedAt, Party


def analysed(text: str) -> Analysed:
    """Return an analysis in which something of everything was found."""
    growth = Growth(
        "measured",
        text,
        "O(n log n)",
        tuple(Point(size, 7 * size, size / 1e6) for size in (1000, 2000, 4000, 8000)),
        Fit((Curve("n", 3.0, 7.0, 0.0, 0.0), Curve("n log n", 1.0, 2.0, 0.05, 19.0)), "n", "n", 1.0, 0.01),
        text,
        "as expected",
        hidden=False,
        seconds_slope=None,
        through=tuple((float(size), 7.0 * size) for size in (1000, 2000, 4000, 8000)),
    )
    reading = Reading(
        40,
        30,
        2,
        1,
        (
            Function(text, 2, 3, 8, 2, 3, 4, 6, documented=True),
            Function("", 2, 1, 3, 0, 1, 2, None, documented=False),
        ),
        tuple(Spot(kind, text, 2, 3) for kind in ("silent", "raise", "assert", "short name")),
        (Repeated(2, 1, 3, 1, 5),),
        (Finding("Bugs likely", "B006", text, 2, 3), Finding("Style", "E701", text, 2, 4)),
        "",
        (Unread(4, text, own=True),),
    )
    moments = tuple(Moment(at, text, at // 100, 1, 2, 3, at // 200, at % 2) for at in (0, 901, 2000))
    runs = Runs(1000, 61_000, 9, 3, 2, (70_000, 80_000))
    code = (Code(1, f"import os\n{text}", own=False), Code(2, f"{text}\n\nprint(1)\nx = 2", own=True))
    return Analysed("python3", "", code, reading, moments, growth, {"t1": text}, runs, recorded=True)


def contexts(
    text: str, now: datetime, staff: dict[str, Any], interview: Interview
) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return for each page a name, its template and what its route hands over."""
    refs = interview.questions
    pair = SimilarPair("pairpairpa", "", refs[0].id, "abcdefghij", "bbbbbbbbbb", 0.91, 0.5, now)
    judged = replace(pair, id="otherother", verdict=Verdict.CONCERNING, reason=text, decided_by="ada", decided_at=now)
    pairs = tuple(Pair(one, interview, 0.91, 0.5) for one in (pair, judged))
    done = Analysis(interview.id, refs[0].id, AnalysisState.DONE, 1, "artefact", "", now)
    cell = CellResult("t1", text, 0.0, 1.0, "failed", text)
    grade = Grade(interview.id, refs[0].id, GradingState.DONE, "graded", 0.0, 1.0, (cell,))
    whole = AnalysedQuestion(refs[0], done, analysed(text), grade, ((cell, text),), pairs)
    failed = AnalysedQuestion(refs[1], replace(done, state=AnalysisState.FAILED, message=text), None, None, (), ())
    other = replace(analysed(text), problem=text, reading=None, growth=None, moments=(), recorded=False)
    beyond = replace(whole, found=other, pairs=())
    waiting = AnalysedQuestion(refs[1], None, None, None, (), ())
    view = AnalysisView(interview, submitted=True, questions=(whole, failed), replays=True)
    sides = [
        Side(((2, (Line(1, text, 0), Line(2, text, 1), Line(3, text, 1), Line(4, text, 2))),)) for _ in ("one", "two")
    ]
    parties = [Party(name, text, text, 0.91) for name in ("abcdefghij", "bbbbbbbbbb")]
    looked = LookedAt(pair, refs[0], None, parties[0], parties[1], Beside(sides[0], sides[1], 2), "")
    form = {**staff, "wrong": {}, "verdict": "", "reason": ""}
    batch = Batch("batchbatch", text, BatchState.OPEN, refs, "ada", now)
    people = {
        name: BatchSubmission(name, batch.id, place, name, f"{text} {place}", "", "artefact")
        for place, name in enumerate(("abcdefghij", "bbbbbbbbbb", "cccccccccc"))
    }
    search = AlikeSearch(batch.id, refs[0].id, AnalysisState.DONE, 280, "", now)
    in_batch = replace(pair, batch=batch.id)
    inside = InBatch(batch, refs[0], search, (in_batch, replace(judged, batch=batch.id)), people, (tuple(people),))
    return {
        "analysis": ("analysis.html", {**staff, "analysis": view}),
        "analysis-waiting": ("analysis.html", {**staff, "analysis": replace(view, questions=(beyond, waiting))}),
        "analysis-nothing": ("analysis.html", {**staff, "analysis": replace(view, submitted=False, questions=())}),
        "analysis-code": (
            "analysis/code.html",
            {**staff, "analysis": view, "one": whole, "beside": {(2, 3): whole.found.reading.findings}},
        ),
        "analysis-pair": ("analysis/pair.html", {**form, "found": looked}),
        "analysis-pair-judged": (
            "analysis/pair.html",
            {
                **form,
                "found": replace(looked, pair=replace(judged, batch=batch.id), batch=batch, decided_by=text),
                "wrong": {"reason": text, "verdict": text},
                "verdict": "concerning",
                "reason": text,
            },
        ),
        "analysis-batch": ("analysis/batch.html", {**staff, "found": inside}),
        "analysis-batch-waiting": (
            "analysis/batch.html",
            {**staff, "found": replace(inside, search=replace(search, state=AnalysisState.QUEUED), pairs=())},
        ),
        "analysis-batch-new": ("analysis/batch.html", {**staff, "found": replace(inside, search=None, pairs=())}),
    }

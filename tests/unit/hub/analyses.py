"""Code analysis over the fakes of the world."""

import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from recorded import PATH, Session, cell

from assay_hub.adapters.analyser import SandboxAnalyser
from assay_hub.adapters.timeline import TimelineBuilder
from assay_hub.domain.analysis import Code, Frame
from assay_hub.domain.interview import Interview, QuestionRef
from assay_hub.services.analysis import AnalyseSubmissions
from assay_hub.services.similarity import CompareSubmissions
from assay_protocol.recording import Event, Kind

MOST_BYTES = 1_000_000
SHARED = "\n".join(f"table_{one} = load(path_{one}, strict=True)[{one} : 9 * total] or [rest]" for one in range(12))


class FakeAnalyser(SandboxAnalyser):
    """Compares as the real one, reads what is JSON without a sandbox, and breaks when told to."""

    def __init__(self) -> None:
        self._prepared = lambda _ref: SimpleNamespace(originals={})
        self.asked: list[tuple[QuestionRef, Sequence[Frame]]] = []
        self.breaks = False

    def analyse(self, ref: QuestionRef, files: Mapping[str, bytes], frames: Sequence[Frame]) -> dict[str, Any]:
        if self.breaks:
            raise RuntimeError("the sandbox is gone")
        self.asked.append((ref, frames))
        moments = [
            {
                "at": one.at,
                "run": one.run,
                "code_lines": len(one.cells),
                "functions": 0,
                "cyclomatic": 0,
                "cognitive": 0,
                "findings": 0,
                "unread": 0,
                "of a release to come": 1,
            }
            for one in frames
        ]
        code = [vars(one) for one in self.code(ref, files)]
        whole = {"kernel": "python3", "problem": "", "code": code, "reading": None, "growth": None}
        return {**whole, "moments": moments, "abouts": {"test": "It handles an empty list."}}

    def code(self, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Code, ...]:
        cells = json.loads(files.get(ref.notebook, b'{"cells": []}'))["cells"]
        return tuple(Code(number, one["source"], own=True) for number, one in enumerate(cells, 1))


def notebook(source: str) -> bytes:
    return json.dumps({"cells": [{"source": source}]}).encode()


class Analyses:
    """The use cases of analysis over a world."""

    def __init__(self, world) -> None:
        self.world = world
        self.analyser = FakeAnalyser()
        database, artefacts, clock = world.database, world.artefacts, world.clock
        self.analyse = AnalyseSubmissions(database, artefacts, self.analyser, clock, TimelineBuilder, MOST_BYTES)
        self.compare = CompareSubmissions(database, artefacts, self.analyser, clock, MOST_BYTES)

    def handed_in(self, source: str = SHARED, **plan: Any) -> Interview:
        """Have an interview with one submission, graded."""
        interview = self.world.interview(**{"questions": ("first",), **plan})
        self.world.clock.pass_by(minutes=1)
        self.world.enter(self.world.candidate(interview), interview.id)
        self.hand_in(interview, source)
        return interview

    def hand_in(self, interview: Interview, source: str) -> None:
        self.world.workspaces.files = {"first.ipynb": notebook(source)}
        self.world.submit.by_candidate(self.world.candidate(interview), interview.id)
        while self.world.grade.grade_next():
            pass

    def all(self) -> int:
        """Analyse what there is; return how many questions that were."""
        many = 0
        while self.analyse.work():
            many += 1
        return many

    def of(self, interview: Interview, person=None):
        return self.analyse.of(person or self.world.staff, interview.id)


def record(world, interview: Interview, runs: Sequence[str], document: str = PATH) -> None:
    """Record an interview in which the candidate typed and ran so often, with these endings."""
    account = interview.candidate
    session = Session(account, "ada")
    session.edit(account, lambda cells: cells.append(cell("a")))
    for number, ended in enumerate(runs):
        session.edit(account, lambda cells, number=number: cells[0]["source"].insert(0, f"x = {number}\n"))
        for kind, detail in ((Kind.RUN_STARTED, {"cell": "a"}), (Kind.RUN_FINISHED, {"cell": "a", **_ended(ended)})):
            session._record(kind, "ada" if ended == "by ada" else account, b"", detail)
    events = [
        Event(one.seq, 1000 + one.seq, one.kind, one.account, _document(one, document), one.update, one.detail)
        for one in session.events
    ]
    world.store(interview.id, [event.to_line() for event in events])


def _document(event: Event, document: str) -> str:
    """Return what a workspace writes: a run names its cell, and no notebook."""
    return "" if event.kind in {Kind.RUN_STARTED, Kind.RUN_FINISHED} else document


def _ended(ended: str) -> dict[str, Any]:
    return {"status": "error", "error": ended} if ended.endswith("Error") else {"status": "ok", "error": ""}

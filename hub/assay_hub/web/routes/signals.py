"""Signals: what was observed in an interview, what people say of it, accommodations, and on whom signals fall."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, StreamingResponse

from assay_hub.domain.accommodation import Accommodation
from assay_hub.domain.cohort import SMALLEST
from assay_hub.domain.errors import BadInputError, ConflictError
from assay_hub.domain.signal_rates import Rate
from assay_hub.domain.signals import OF_LEVEL, TOLD, SignalKind, Verdict
from assay_hub.web import sheets
from assay_hub.web.context import Context, InContext, SignedIn, Submitting
from assay_hub.web.pages import COMMON_HEADERS
from assay_hub.web.session import Session

router = APIRouter()

VERDICTS = {
    Verdict.EXPLAINED: "Explained",
    Verdict.CONCERNING: "Concerning",
    Verdict.IGNORE: "Ignore: not to stand in a report",
}
NAMES = {
    SignalKind.LEFT: "Left the page",
    SignalKind.DISCONNECTED: "Lost the connection",
    SignalKind.SECOND: "Second page of the room",
    SignalKind.PASTED: "Pasted from outside",
    SignalKind.INSERTED: "Large insertion",
    SignalKind.TASK_COPIED: "Copied the task",
    SignalKind.RHYTHM: "Change of the typing rhythm",
}


@dataclass(frozen=True)
class Said:
    """A verdict as it was entered."""

    signal: str = ""
    verdict: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Entered:
    """Accommodations as they were entered: they may be wrong, and are shown again as they are."""

    muted: tuple[str, ...]
    note: str
    time_factor: str

    @classmethod
    def of(cls, known: Accommodation) -> "Entered":
        """Return accommodations as a form shows them."""
        return cls(tuple(kind.value for kind in known.muted), known.note, f"{known.time_factor:g}")

    def accommodation(self, known: Accommodation, offered: frozenset[SignalKind]) -> Accommodation:
        """Return the accommodations; what the form did not offer stays.

        Raises:
            BadInputError: the time is no number.
        """
        try:
            factor = float(self.time_factor)
        except ValueError as error:
            reason = "Give a number, 1.5 for half as long again."
            raise BadInputError("This cannot be kept.", reason, fields={"time_factor": reason}) from error
        chosen = frozenset(kind for kind in offered if kind.value in self.muted)
        return Accommodation(chosen | (known.muted - offered), self.note, factor)


@router.get("/interviews/{interview_id}/signals")
def signals(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show what was observed, with the verdicts."""
    return _log(request, here, session, interview_id, Said(), None)


@router.post("/interviews/{interview_id}/signals/{signal_id}")
async def judge(
    request: Request,
    here: InContext,
    session: Submitting,
    interview_id: str,
    signal_id: str,
    verdict: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    after: Annotated[int, Form()] = 0,
) -> Response:
    """Keep a verdict on a signal."""
    keep = here.application.signals.judge
    try:
        await run_in_threadpool(keep, session.person, interview_id, signal_id, verdict, reason, after)
    except BadInputError as error:
        said = Said(signal_id, verdict, reason)
        return await run_in_threadpool(_log, request, here, session, interview_id, said, error)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}/signals#{signal_id}", 303)


@router.get("/interviews/{interview_id}/accommodations")
def accommodations(request: Request, here: InContext, session: SignedIn, interview_id: str) -> Response:
    """Show what is different for the candidate."""
    return _accommodations(request, here, session, interview_id, None, None)


@router.post("/interviews/{interview_id}/accommodations")
async def accommodate(request: Request, here: InContext, session: Submitting, interview_id: str) -> Response:
    """Keep what is different for the candidate."""
    form = await request.form()
    keep = here.application.accommodations
    muted = tuple(str(one) for one in form.getlist("muted"))
    entered = Entered(muted, str(form.get("note", "")), str(form.get("time_factor", "")))
    interview, known = await run_in_threadpool(keep.of, session.person, interview_id)
    if str(form.get("seen", "")) != _seen(known):
        raise ConflictError
    try:
        wanted = entered.accommodation(known, OF_LEVEL[interview.signals])
        await run_in_threadpool(keep.save, session.person, interview_id, wanted, known)
    except BadInputError as error:
        return await run_in_threadpool(_accommodations, request, here, session, interview_id, entered, error)
    await here.workspaces.refresh(interview_id)
    await here.rooms.tell(interview_id)
    return RedirectResponse(f"{here.prefix}interviews/{interview_id}", 303)


@router.get("/signals")
def rates(request: Request, here: InContext, session: SignedIn) -> Response:
    """Show on whom signals fall."""
    found = here.application.signals.rates(session.person)
    return here.pages.render(request, "signal_rates.html", found=found, names=NAMES, smallest=SMALLEST)


@router.get("/signals.csv")
def rates_sheet(here: InContext, session: SignedIn) -> Response:
    """Return the same as a file for spreadsheets; figures of too few people are empty."""
    found = here.application.signals.rates(session.person)
    head = ("signal", *(f"{group} {what}" for group in ("without", "with") for what in ("people", "fell on", "each")))
    rows = [(row.kind.value, *_figures(row.without), *_figures(row.accommodated)) for row in found.rows]
    headers = {**COMMON_HEADERS, "Content-Disposition": 'attachment; filename="signals.csv"'}
    return StreamingResponse(sheets.sheet(head, [rows]), media_type=sheets.MEDIA_TYPE, headers=headers)


def _figures(rate: Rate) -> tuple[object, object, object]:
    return rate.people, rate.fell_on, rate.signals


def _log(
    request: Request, here: Context, session: Session, interview_id: str, said: Said, error: BadInputError | None
) -> Response:
    return here.pages.render(
        request,
        "signals.html",
        status=error.status if error else 200,
        log=here.application.signals.review(session.person, interview_id),
        verdicts=VERDICTS,
        entered=said,
        error=error,
    )


def _accommodations(
    request: Request,
    here: Context,
    session: Session,
    interview_id: str,
    entered: Entered | None,
    error: BadInputError | None,
) -> Response:
    interview, known = here.application.accommodations.of(session.person, interview_id)
    return here.pages.render(
        request,
        "accommodations.html",
        status=error.status if error else 200,
        interview=interview,
        entered=entered or Entered.of(known),
        seen=_seen(known),
        kinds={kind: NAMES[kind] for kind in TOLD if kind in OF_LEVEL[interview.signals]},
        error=error,
    )


def _seen(known: Accommodation) -> str:
    """Return what a form carries to tell whether it was made from what is there; a digest of it."""
    parts = (sorted(kind.value for kind in known.muted), known.note, known.time_factor)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

"""What the routes of signals hand to their templates."""

from datetime import datetime, timedelta
from typing import Any

from assay_hub.domain.accommodation import Accommodation
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import Interview
from assay_hub.domain.signal_rates import Rate, RateRow
from assay_hub.domain.signals import TOLD, Judgement, LoggedSignal, Signal, SignalKind, Verdict
from assay_hub.services.signals import Log, Rates
from assay_hub.web.routes.signals import NAMES, VERDICTS, Entered, Said

OBSERVED = {kind.value: words for kind, words in TOLD.items()}


def contexts(
    interview: Interview, now: datetime, staff: dict[str, Any], candidate: dict[str, Any]
) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the contexts of the pages of signals, with hostile text wherever a person can write."""
    text = interview.candidate_name
    left = Signal("left-r1", SignalKind.LEFT, now, now + timedelta(seconds=70))
    pasted = Signal("pasted-5", SignalKind.PASTED, now, detail={"chars": 45})
    said = (
        Judgement(left.id, Verdict.CONCERNING, text, "ada", now, 1),
        Judgement(left.id, Verdict.EXPLAINED, text, "gone", now, 2),
    )
    logged = (LoggedSignal(left, 61_000, said), LoggedSignal(pasted, None))
    log = Log(interview, logged, tuple(TOLD.values()), {"ada": text})
    nothing = Log(interview, (), (), {})
    wrong = BadInputError(text, text, fields={"reason": text, "note": text, "time_factor": text})
    page = {**staff, "verdicts": VERDICTS, "entered": Said(), "error": None}
    kinds = {kind: NAMES[kind] for kind in TOLD}
    form = {**staff, "interview": interview, "seen": "0" * 16, "kinds": kinds, "error": None}
    row = RateRow(SignalKind.LEFT, Rate(12, 4, 0.5), Rate(3, None, None))
    rates = {**staff, "found": Rates((row,), 3), "names": NAMES, "smallest": 5}
    return {
        "signals": ("signals.html", {**page, "log": log}),
        "signals-none": ("signals.html", {**page, "log": nothing}),
        "signals-error": (
            "signals.html",
            {**page, "log": log, "error": wrong, "entered": Said(pasted.id, "explained", text)},
        ),
        "signals-own": ("signals_own.html", {**candidate, "log": log}),
        "signals-own-none": ("signals_own.html", {**candidate, "log": nothing}),
        "signal-rates": ("signal_rates.html", rates),
        "accommodations": ("accommodations.html", {**form, "entered": Entered.of(Accommodation(note=text))}),
        "accommodations-error": (
            "accommodations.html",
            {**form, "entered": Entered((text,), text, text), "error": wrong},
        ),
    }

"""The parts of a report that other use cases give: the code, what was observed, score cards."""

from typing import Any

from assay_hub.bootstrap import Application
from assay_hub.domain.access import Person
from assay_hub.domain.debrief import ScoreCards
from assay_hub.domain.errors import NotFoundError, WrongStateError
from assay_hub.representations.reports import Beside

PARTS = {"analysis": ("analyse", "of"), "signals": ("signals", "reviewed"), "cards": ("score_cards", "of")}
"""What the templates call each part, which use case gives it, and by which call."""


def parts_for(application: Application, person: Person, interview_id: str) -> dict[str, Any]:
    """Return all parts, as far as they are there and this person may see them; the audit log tells of the readings."""
    return {name: part_for(application, person, interview_id, name) for name in PARTS}


def part_for(application: Application, person: Person, interview_id: str, name: str) -> Any:
    """Return one part; ``None`` if it is not there, or not for this person."""
    use_case, call = PARTS[name]
    ask = getattr(getattr(application, use_case, None), call, None)
    try:
        return ask(person, interview_id) if ask else None
    except (NotFoundError, WrongStateError):
        return None


def beside(application: Application, person: Person, interview_id: str) -> Beside:
    """Return what others say in a report, for a file or a program."""
    parts = parts_for(application, person, interview_id)
    cards, analysis = parts["cards"], parts["analysis"]
    code = {one.question.id: one.found for one in analysis.questions if one.found} if analysis else {}
    return Beside(parts["signals"], cards if isinstance(cards, ScoreCards) else None, code)

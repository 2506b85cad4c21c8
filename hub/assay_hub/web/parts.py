"""The parts of a report that other use cases give: the code, what was observed, score cards."""

from typing import Any

from assay_hub.bootstrap import Application
from assay_hub.domain.access import Person
from assay_hub.domain.errors import NotFoundError, WrongStateError

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

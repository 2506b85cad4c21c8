"""What people decided about a candidate: the last decision counts, the earlier ones stay."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.plan import is_broken

REASON_CHARACTERS = 5_000


class Choice(StrEnum):
    """What can be decided. A stored name is never renamed."""

    ADVANCE = "advance"
    HOLD = "hold"
    REJECT = "reject"


@dataclass(frozen=True)
class Decision:
    """A decision that a person took about an interview.

    Attributes:
        number: 1 for the first.
        account: who took it.
    """

    interview: str
    number: int
    choice: Choice
    reason: str
    account: str
    at: datetime


def checked_reason(text: str) -> str:
    """Return a reason, tidied.

    Raises:
        BadInputError: there is none, or it is too long.
    """
    tidy = text.replace("\r\n", "\n").strip()
    if not 0 < len(tidy) <= REASON_CHARACTERS or is_broken(tidy):
        reason = f"Give a reason of 1 to {REASON_CHARACTERS} characters."
        raise BadInputError("A decision needs a reason.", reason, fields={"reason": reason})
    return tidy

"""A form that is being filled in, kept on the server so that going back, Esc and a new sign-in lose nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Draft:
    """What somebody has entered so far.

    Attributes:
        account: whose it is; nobody else can open it.
        interview: the interview that it changes; empty for a new one.
        revision: the revision of that interview that it started from; 0 for a new one.
        form: field to what was entered, as it was entered: it may be wrong or missing.
    """

    id: str
    account: str
    interview: str
    revision: int
    form: Mapping[str, list[str]]
    saved_at: datetime

"""An answer of the API that is kept, so that a request that is sent again changes nothing again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT = timedelta(hours=24)
"""How long an answer is given again."""


@dataclass(frozen=True)
class Answer:
    """The answer to a request that carried a key.

    Attributes:
        account: who asked.
        key: as they chose it; the same key of somebody else is another one.
        request: hexadecimal SHA-256 of what was asked.
        status: HTTP status code; 0 while the request is still worked on.
        headers: JSON object of the headers that are given again.
        body: sealed, since it may hold what is shown only once.
    """

    account: str
    key: str
    request: str
    at: datetime
    status: int = 0
    headers: str = "{}"
    body: str = ""

"""Problem details (RFC 9457), the one form in which every process of Assay reports an error over HTTP."""

from dataclasses import dataclass
from typing import Final

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """One error as its reader sees it.

    Attributes:
        status: HTTP status code.
        code: stable machine-readable name, for example ``snapshot-too-large``; never renamed.
        title: one sentence that says what happened.
        detail: what to do about it, or more about this occurrence.
    """

    status: int
    code: str
    title: str
    detail: str = ""

    def to_dict(self) -> dict[str, str | int]:
        """Return the members of the problem document."""
        body: dict[str, str | int] = {
            "type": f"urn:assay:problem:{self.code}",
            "status": self.status,
            "title": self.title,
        }
        if self.detail:
            body["detail"] = self.detail
        return body

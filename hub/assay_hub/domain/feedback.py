"""What a candidate gets of their report: what the team chose, as it was when they chose it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.plan import is_broken
from assay_hub.domain.report import QuestionReport, Report

MESSAGE_CHARACTERS = 5_000


class Part(StrEnum):
    """What can be shared. A stored name is never renamed."""

    POINTS = "points"
    TESTS = "tests"
    TIME = "time"
    COMMENTS = "comments"


@dataclass(frozen=True)
class FeedbackTest:
    """What a candidate reads of one test: what it covers, in the author's words, and how it went."""

    title: str
    verdict: str


@dataclass(frozen=True)
class FeedbackQuestion:
    """What a candidate reads of one question; what is not shared is ``None`` or empty.

    Attributes:
        active: milliseconds at work.
    """

    title: str
    points: float | None = None
    max_points: float | None = None
    tests: tuple[FeedbackTest, ...] = ()
    active: int | None = None


@dataclass(frozen=True)
class Feedback:
    """What a candidate reads.

    Attributes:
        message: in the team's words, for this candidate.
        comments: of score cards, without names.
    """

    parts: tuple[Part, ...]
    message: str
    questions: tuple[FeedbackQuestion, ...]
    comments: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to read."""
        return not (self.parts or self.message)

    def to_json(self) -> str:
        """Return it as it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @property
    def digest(self) -> str:
        """Tells whether what is shared is what was looked at before."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> "Feedback":
        """Return what was kept."""
        body: dict[str, Any] = json.loads(text)
        questions = tuple(
            FeedbackQuestion(**{**one, "tests": tuple(FeedbackTest(**test) for test in one["tests"])})
            for one in body["questions"]
        )
        return cls(tuple(map(Part, body["parts"])), body["message"], questions, tuple(body["comments"]))


@dataclass(frozen=True)
class Sharing:
    """That something was shared with a candidate.

    Attributes:
        number: 1 for the first.
        revoked_at: ``None`` while the candidate can read it.
    """

    interview: str
    number: int
    feedback: Feedback
    shared_by: str
    shared_at: datetime
    revoked_at: datetime | None = None


def feedback(report: Report, parts: Iterable[Part], message: str = "", comments: Sequence[str] = ()) -> Feedback:
    """Return what a candidate gets: nothing of other people, of signals, of the decision, and no test's own words.

    Raises:
        BadInputError: the message is too long.
    """
    tidy = message.replace("\r\n", "\n").strip()
    if len(tidy) > MESSAGE_CHARACTERS or is_broken(tidy):
        reason = f"At most {MESSAGE_CHARACTERS} characters are kept."
        raise BadInputError("This message cannot be shared.", reason, fields={"message": reason})
    chosen = tuple(part for part in Part if part in set(parts))
    about = {Part.POINTS, Part.TESTS, Part.TIME} & set(chosen)
    questions = tuple(_question(one, chosen) for one in report.questions) if about else ()
    return Feedback(chosen, tidy, questions, tuple(comments) if Part.COMMENTS in chosen else ())


def _question(one: QuestionReport, parts: Sequence[Part]) -> FeedbackQuestion:
    points = Part.POINTS in parts and one.points is not None
    return FeedbackQuestion(
        title=one.ref.title,
        points=one.points if points else None,
        max_points=one.max_points if points else None,
        tests=tuple(FeedbackTest(test.title, test.verdict) for test in one.tests) if Part.TESTS in parts else (),
        active=one.spent.active if Part.TIME in parts and one.spent else None,
    )

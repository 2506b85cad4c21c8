"""What a check found: things to mend, and what it has proved."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or could be better.

    Attributes:
        rule: what it is about: ``manifest``, ``notebook``, ``statement``, ``files``, ``guidance``, ``release``,
            ``reference``, ``starter``, ``mutants``, ``repeat``, ``generator``, ``growth`` or ``words``.
        where: the file or the ``grade_id``; empty for the question as a whole.
        text: what it is and what to do, in plain words.
        severe: whether the question should not be used like this; otherwise it is advice.
    """

    rule: str
    where: str
    text: str
    severe: bool = True


@dataclass(frozen=True)
class Report:
    """The outcome of a check.

    Attributes:
        question: its id; the folder's name when the manifest cannot be read.
        proved: what was seen to hold, in plain words.
        points: what a machine can give.
        seconds: how long the check took.
    """

    question: str
    version: str
    findings: tuple[Finding, ...]
    proved: tuple[str, ...]
    points: float = 0.0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing severe was found."""
        return not any(one.severe for one in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON can hold it."""
        return {
            "question": self.question,
            "version": self.version,
            "passed": self.passed,
            "findings": [vars(one) for one in self.findings],
            "proved": list(self.proved),
            "points": self.points,
            "seconds": round(self.seconds, 2),
        }

"""How people scored in a question, over the results that somebody may see."""

from collections.abc import Mapping
from dataclasses import dataclass

from assay_hub.domain.access import Action, Person, TeamAction, may, require_team
from assay_hub.domain.interview import Interview
from assay_hub.domain.question import Distribution, Score, by_version, distribution
from assay_hub.domain.result import Grade, GradingState
from assay_hub.ports import Database

_INTERVIEWS = 2_000


@dataclass(frozen=True)
class Scored:
    """How people scored in a question.

    Attributes:
        all: over all versions; ``None`` for too few people to say anything.
        versions: the same for each version that anybody was asked.
    """

    all: Distribution | None
    versions: Mapping[str, Distribution | None]


@dataclass(frozen=True)
class ReadScores:
    """Adds up grades; nobody learns from it of an interview whose result they may not see."""

    database: Database

    def __call__(self, person: Person, question_id: str) -> Scored:
        """Return how people scored in a question, over the latest 2,000 interviews with it.

        Raises:
            NotFoundError: this person may not see the library.
        """
        require_team(person, TeamAction.SEE_LIBRARY)
        with self.database.read() as records:
            asked = records.asked(question_id, person, _INTERVIEWS)
            seen = {one.id: one for one in asked if may(person, Action.SEE_RESULT, one)}
            grades = records.grades_of(question_id, list(seen))
        scores = [_score(seen[grade.interview], grade) for grade in grades if _counts(grade)]
        return Scored(distribution(scores), by_version(scores))


def _counts(grade: Grade) -> bool:
    return grade.state is GradingState.DONE and grade.max_points > 0


def _score(interview: Interview, grade: Grade) -> Score:
    version = next(ref.version for ref in interview.questions if ref.id == grade.question)
    return Score(interview.candidate_email.lower() or interview.id, version, grade.points / grade.max_points)

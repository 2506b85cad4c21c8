"""What code analysis and the search for similar submissions need from the world."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assay_hub.domain.analysis import Analysis, Code, Frame
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.similarity import AlikeSearch, Beside, SimilarPair


@dataclass(frozen=True)
class Alike:
    """Two works with code in common, and which part of each."""

    first: str
    second: str
    first_share: float
    second_share: float


class Analyser(Protocol):
    """Reads and measures code; nothing of it runs outside of the sandbox."""

    def analyse(self, ref: QuestionRef, files: Mapping[str, bytes], frames: Sequence[Frame]) -> dict[str, Any]:
        """Return what there is to say about a question of a submission, as JSON; see ``domain.analysis.analysed_of``.

        Args:
            ref: the question.
            files: everything that was handed in.
            frames: moments of the recording.
        """

    def code(self, ref: QuestionRef, files: Mapping[str, bytes]) -> tuple[Code, ...]:
        """Return the code of a submission; none when its notebook cannot be read."""

    def prints(self, ref: QuestionRef, code: Sequence[Code]) -> bytes:
        """Return the fingerprints of a submission, as they are kept."""

    def alike(self, works: Mapping[str, bytes], only: str = "") -> Sequence[Alike]:
        """Return the pairs that have much in common, from fingerprints by name; of one work, or all of them."""

    def beside(self, ref: QuestionRef, first: Sequence[Code], second: Sequence[Code]) -> Beside:
        """Return two submissions beside each other."""


class AnalysisRecords(Protocol):
    """What came of analyses, and what waits."""

    def save_analysis(self, analysis: Analysis) -> None:
        """Store the analysis of a question, in place of what was there."""

    def analyses(self, interview_id: str) -> list[Analysis]:
        """Return the analyses of a submission in the order of its questions."""

    def take_analysis(self) -> Analysis | None:
        """Mark what is to be analysed next as running and return it.

        That is what was asked for again, or a graded question of a submission that was not analysed yet.
        """

    def requeue_running_analyses(self) -> int:
        """Put what a dead worker left behind back into the queue; return how many."""

    def save_code_prints(self, interview_id: str, question: str, submission: int, prints: bytes) -> None:
        """Store the fingerprints of a submission, in place of those of an earlier one."""

    def code_prints(self, question: str, rows: int) -> dict[str, tuple[int, bytes]]:
        """Return number and fingerprints of the latest submissions of a question, by interview."""

    def replace_similar_pairs(
        self, batch: str, question: str, pairs: Iterable[SimilarPair], compared: Collection[str], only: str = ""
    ) -> None:
        """Store the pairs among some works, or those of one of them, in place of what was there.

        What a person said of a pair stays as long as its submissions are the same.
        """

    def similar_pairs(self, batch: str, question: str = "", work: str = "") -> list[SimilarPair]:
        """Return pairs of a batch, or of interviews for an empty one, the most alike first."""

    def similar_pair(self, pair_id: str) -> SimilarPair | None:
        """Return a pair."""

    def save_similar_pair(self, pair: SimilarPair) -> None:
        """Store what a person said of a pair."""

    def save_alike_search(self, search: AlikeSearch) -> None:
        """Store where the search in a question of a batch stands."""

    def alike_searches(self, batch: str) -> list[AlikeSearch]:
        """Return where searches stand, for a batch."""

    def take_alike_search(self) -> AlikeSearch | None:
        """Mark a search that waits as running and return it."""

    def batch_works(self, batch: str, question: str) -> dict[str, str]:
        """Return the artefact of everybody who handed something in for a question of a batch, by submission."""

"""Look at submissions that have code in common, and say what to make of them."""

import logging
from dataclasses import dataclass, replace
from typing import Any

from assay_hub.domain.access import Action, Person, TeamAction, require, require_team
from assay_hub.domain.analysis import AnalysisState, Code
from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.batch import Batch, BatchState, BatchSubmission
from assay_hub.domain.errors import NotFoundError
from assay_hub.domain.interview import QuestionRef
from assay_hub.domain.similarity import AlikeSearch, Beside, SimilarPair, groups_of, reason_of
from assay_hub.ports import Artefacts, Clock, Database, Records
from assay_hub.ports.analysis import Analyser
from assay_hub.services.analysis import require_scored
from assay_hub.services.archive import unpack
from assay_hub.services.ids import new_id

_log = logging.getLogger(__name__)

_FAILED = "The search itself failed; the hub's log says why. It can be asked for again."


@dataclass(frozen=True)
class Party:
    """One of the two of a pair.

    Attributes:
        id: interview, or submission of a batch.
        name: what this person may call them.
        title: of the interview; empty in a batch.
    """

    id: str
    name: str
    title: str
    share: float


@dataclass(frozen=True)
class LookedAt:
    """A pair with the code of both beside each other.

    Attributes:
        batch: the batch that both belong to; ``None`` for interviews.
        decided_by: the name of who gave the verdict.
    """

    pair: SimilarPair
    question: QuestionRef
    batch: Batch | None
    first: Party
    second: Party
    beside: Beside
    decided_by: str


@dataclass(frozen=True)
class InBatch:
    """What is alike in a question of a batch.

    Attributes:
        search: where the search stands; ``None`` when nobody asked for it.
        people: submissions by id, without names while the batch is anonymous.
        groups: three or more that hang together.
    """

    batch: Batch
    question: QuestionRef
    search: AlikeSearch | None
    pairs: tuple[SimilarPair, ...]
    people: dict[str, BatchSubmission]
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class CompareSubmissions:
    """Shows pairs, keeps verdicts on them, and searches batches.

    Args:
        max_bytes: of a submission, unpacked.
    """

    database: Database
    artefacts: Artefacts
    analyser: Analyser
    clock: Clock
    max_bytes: int

    def look(self, person: Person, pair_id: str) -> LookedAt:
        """Return a pair with the code of both; the audit log tells of it.

        Raises:
            NotFoundError: there is no such pair, or this person may not see both of its submissions.
        """
        with self.database.write() as records:
            pair, parties, batch, question, artefacts = self._found(records, person, pair_id)
            for work in () if batch else (pair.first, pair.second):
                records.log(Entry(self.clock.now(), person.account, Deed.READ_ANALYSIS, work, {"pair": pair.id}))
            if batch:
                details = {"batch": batch.id, "pair": pair.id}
                records.log(Entry(self.clock.now(), person.account, Deed.READ_BATCH, "", details))
            names = records.names([pair.decided_by] if pair.decided_by else [])
        first, second = (self._code(question, artefact) for artefact in artefacts)
        beside = self.analyser.beside(question, first, second)
        return LookedAt(pair, question, batch, *parties, beside, names.get(pair.decided_by, ""))

    def decide(self, person: Person, pair_id: str, verdict: str, reason: str) -> SimilarPair:
        """Keep what a person makes of a pair; the audit log tells of it.

        Raises:
            NotFoundError: there is no such pair, or this person may not see both of its submissions.
            BadInputError: the verdict is none, or has no reason.
        """
        with self.database.write() as records:
            pair, *_ = self._found(records, person, pair_id)
            found, text = reason_of(verdict, reason)
            now = self.clock.now()
            decided = replace(pair, verdict=found, reason=text, decided_by=person.account, decided_at=now)
            records.save_similar_pair(decided)
            details: dict[str, Any] = {
                "pair": pair.id,
                "verdict": [pair.verdict.value if pair.verdict else "", found.value],
            }
            # In no interview's history: whoever reads the one may know nothing of the other.
            details |= {"batch": pair.batch, "works": f"{pair.first} {pair.second}"}
            records.log(Entry(now, person.account, Deed.SIMILARITY_JUDGED, "", details))
        return decided

    def in_batch(self, person: Person, batch_id: str, question_id: str) -> InBatch:
        """Return what is alike in a question of a batch; the audit log tells of it.

        Raises:
            NotFoundError: this person may not, or there is no such question of such a batch.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        with self.database.write() as records:
            batch, question = _question(records, batch_id, question_id)
            details = {"batch": batch_id, "alike": question_id}
            records.log(Entry(self.clock.now(), person.account, Deed.READ_BATCH, "", details))
            search = next((one for one in records.alike_searches(batch_id) if one.question == question_id), None)
            pairs = records.similar_pairs(batch_id, question_id)
            works = {work for pair in pairs for work in (pair.first, pair.second)}
            people = {one.id: _veiled(batch, one) for one in records.batch_submissions(batch_id, works)}
        return InBatch(batch, question, search, tuple(pairs), people, tuple(groups_of(pairs)))

    def search(self, person: Person, batch_id: str, question_id: str) -> None:
        """Ask for a search in a question of a batch.

        Raises:
            NotFoundError: this person may not, or there is no such question of such a batch.
        """
        require_team(person, TeamAction.GRADE_BATCHES)
        with self.database.write() as records:
            _question(records, batch_id, question_id)
            details = {"batch": batch_id, "compared": question_id}
            records.log(Entry(self.clock.now(), person.account, Deed.READ_BATCH, "", details))
            searches = {one.question: one.state for one in records.alike_searches(batch_id)}
            if searches.get(question_id) not in {AnalysisState.QUEUED, AnalysisState.RUNNING}:
                records.save_alike_search(AlikeSearch(batch_id, question_id, AnalysisState.QUEUED))

    def work(self) -> bool:
        """Do one search that waits; return whether there was one."""
        with self.database.write() as records:
            taken = records.take_alike_search()
            if taken is None:
                return False
            batch = records.batch(taken.batch)
            works = records.batch_works(taken.batch, taken.question)
        try:
            pairs = self._alike(taken, _asked(batch, taken.question), works)
            done = replace(taken, state=AnalysisState.DONE, works=len(works), finished_at=self.clock.now())
        except Exception:  # noqa: BLE001  # the edge of the worker: one search must not stop the others
            _log.exception("The search in batch %s, question %s, failed", taken.batch, taken.question)
            pairs, done = None, replace(taken, state=AnalysisState.FAILED, message=_FAILED)
        with self.database.write() as records:
            if pairs is not None:
                records.replace_similar_pairs(taken.batch, taken.question, pairs, works)
            records.save_alike_search(done)
        return True

    def _alike(self, taken: AlikeSearch, question: QuestionRef, works: dict[str, str]) -> list[SimilarPair]:
        prints = {}
        for work, artefact in works.items():
            prints[work] = self.analyser.prints(question, self._code(question, artefact))
        now = self.clock.now()
        return [
            SimilarPair(
                new_id(),
                taken.batch,
                taken.question,
                one.first,
                one.second,
                one.first_share,
                one.second_share,
                now,
            )
            for one in self.analyser.alike(prints)
        ]

    def _code(self, question: QuestionRef, artefact: str) -> tuple[Code, ...]:
        try:
            files = unpack(self.artefacts.get(artefact), self.max_bytes)
        except ValueError:
            return ()
        return self.analyser.code(question, files)

    @staticmethod
    def _found(
        records: Records, person: Person, pair_id: str
    ) -> tuple[SimilarPair, tuple[Party, Party], Batch | None, QuestionRef, tuple[str, str]]:
        """Return a pair with all that belongs to it, for somebody who may see both sides.

        Raises:
            NotFoundError: one answer for what is not there and what is not theirs.
        """
        pair = records.similar_pair(pair_id)
        if pair is None:
            raise NotFoundError
        if pair.batch:
            require_team(person, TeamAction.GRADE_BATCHES)
            batch, question = _question(records, pair.batch, pair.question)
            people = {one.id: one for one in records.batch_submissions(batch.id, [pair.first, pair.second])}
            both = [people[work] for work in (pair.first, pair.second)]
            parties = [Party(one.id, _veiled(batch, one).name, "", pair.share_of(one.id)) for one in both]
            return pair, (parties[0], parties[1]), batch, question, (both[0].artefact, both[1].artefact)
        interviews = [records.interview(work) for work in (pair.first, pair.second)]
        seen = [require(person, Action.SEE_RESULT, one) for one in interviews]
        for one in seen:
            require_scored(records, person, one)
        asked = next((ref for ref in seen[0].questions if ref.id == pair.question), None)
        handed_in = [records.submission(one.id) for one in seen]
        if asked is None or handed_in[0] is None or handed_in[1] is None:
            raise NotFoundError
        first, second = (Party(one.id, one.candidate_name, one.title, pair.share_of(one.id)) for one in seen)
        return pair, (first, second), None, asked, (handed_in[0].artefact, handed_in[1].artefact)


def _question(records: Records, batch_id: str, question_id: str) -> tuple[Batch, QuestionRef]:
    batch = records.batch(batch_id)
    if batch is None or batch.state is not BatchState.OPEN:
        raise NotFoundError
    return batch, _asked(batch, question_id)


def _asked(batch: Batch | None, question_id: str) -> QuestionRef:
    question = batch.question(question_id) if batch else None
    if question is None:
        raise NotFoundError
    return question


def _veiled(batch: Batch, one: BatchSubmission) -> BatchSubmission:
    return one.veiled() if batch.anonymous else one

"""Reads and writes analyses of code, and pairs of submissions that are alike."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from assay_hub.adapters.database import analysis_tables as tables
from assay_hub.adapters.database import batch_tables
from assay_hub.adapters.database.tables import grades, questions, submissions
from assay_hub.adapters.database.writing import put
from assay_hub.domain.analysis import Analysis, AnalysisState
from assay_hub.domain.result import FINAL
from assay_hub.domain.similarity import AlikeSearch, SimilarPair, Verdict
from assay_protocol.names import is_interview_id

_here, _pairs, _searches = tables.analyses.c, tables.pairs.c, tables.searches.c

_AT_ONCE = 500


class Analyses:
    """The part of the store that holds what was found out about code."""

    _connection: Connection

    def save_analysis(self, analysis: Analysis) -> None:
        """Store the analysis of a question, in place of what was there."""
        key = {"interview": analysis.interview, "question": analysis.question}
        put(self._connection, tables.analyses, key, {**vars(analysis), "state": analysis.state.value})

    def analyses(self, interview_id: str) -> list[Analysis]:
        """Return the analyses of a submission in the order of its questions."""
        asked = and_(questions.c.interview == _here.interview, questions.c.question == _here.question)
        query = select(tables.analyses).join(questions, asked).where(_here.interview == interview_id)
        return [_analysis(row) for row in self._connection.execute(query.order_by(questions.c.position))]

    def take_analysis(self) -> Analysis | None:
        """Mark what is to be analysed next as running and return it.

        That is what was asked for again, or a graded question of a submission that was not analysed yet.
        """
        latest = (
            select(submissions.c.interview, func.max(submissions.c.number).label("number"))
            .group_by(submissions.c.interview)
            .subquery()
        )
        same = and_(_here.interview == grades.c.interview, _here.question == grades.c.question)
        waiting = or_(
            _here.interview.is_(None),
            _here.state == AnalysisState.QUEUED,
            and_(_here.submission < latest.c.number, _here.state != AnalysisState.RUNNING),
        )
        query = (
            select(grades.c.interview, grades.c.question, latest.c.number)
            .join(latest, latest.c.interview == grades.c.interview)
            .outerjoin(tables.analyses, same)
            .where(grades.c.state.in_([state.value for state in FINAL]), waiting)
            .limit(1)
        )
        row = self._connection.execute(query.with_for_update(skip_locked=True, of=grades)).first()
        if row is None:
            return None
        taken = Analysis(row.interview, row.question, AnalysisState.RUNNING, row.number)
        self.save_analysis(taken)
        return taken

    def requeue_running_analyses(self) -> int:
        """Put what a dead worker left behind back into the queue; return how many."""
        running = AnalysisState.RUNNING
        queued = {"state": AnalysisState.QUEUED}
        table = tables.analyses
        self._connection.execute(update(tables.searches).where(_searches.state == running).values(**queued))
        return self._connection.execute(update(table).where(_here.state == running).values(**queued)).rowcount

    def save_code_prints(self, interview_id: str, question: str, submission: int, prints: bytes) -> None:
        """Store the fingerprints of a submission, in place of those of an earlier one."""
        key = {"interview": interview_id, "question": question}
        put(self._connection, tables.prints, key, {**key, "submission": submission, "prints": prints})

    def code_prints(self, question: str, rows: int) -> dict[str, tuple[int, bytes]]:
        """Return number and fingerprints of the latest submissions of a question, by interview."""
        columns = tables.prints.c
        latest = and_(submissions.c.interview == columns.interview, submissions.c.number == columns.submission)
        query = select(tables.prints).join(submissions, latest).where(columns.question == question)
        query = query.order_by(submissions.c.at.desc()).limit(rows)
        return {row.interview: (row.submission, row.prints) for row in self._connection.execute(query)}

    def replace_similar_pairs(
        self, batch: str, question: str, pairs: Iterable[SimilarPair], compared: Collection[str], only: str = ""
    ) -> None:
        """Store the pairs among some works, or those of one of them, in place of what was there.

        What a person said of a pair stays as long as its submissions are the same.
        """
        about = and_(_pairs.batch == batch, _pairs.question == question)
        about = and_(about, or_(_pairs.first == only, _pairs.second == only)) if only else about
        rows = self._connection.execute(select(tables.pairs).where(about))
        known = {(row.first, row.second): row for row in rows if {row.first, row.second} <= set(compared)}
        gone = [row.id for row in known.values()]
        for start in range(0, len(gone), _AT_ONCE):
            ids = gone[start : start + _AT_ONCE]
            self._connection.execute(delete(tables.pairs).where(_pairs.id.in_(ids)))
        fresh = []
        for pair in pairs:
            values = {**vars(pair), "verdict": pair.verdict or ""}
            before = known.get((pair.first, pair.second))
            if before is not None:
                values["id"] = before.id
                if before.works == pair.works:
                    kept = ("verdict", "reason", "decided_by", "decided_at", "found_at")
                    values |= {name: getattr(before, name) for name in kept}
            fresh.append(values)
        if fresh:
            self._connection.execute(insert(tables.pairs), fresh)

    def similar_pairs(self, batch: str, question: str = "", work: str = "") -> list[SimilarPair]:
        """Return pairs of a batch, or of interviews for an empty one, the most alike first."""
        query = select(tables.pairs).where(_pairs.batch == batch)
        query = query.where(_pairs.question == question) if question else query
        query = query.where(or_(_pairs.first == work, _pairs.second == work)) if work else query
        found = [_pair(row) for row in self._connection.execute(query)]
        return sorted(found, key=lambda pair: (-pair.share, pair.id))

    def similar_pair(self, pair_id: str) -> SimilarPair | None:
        """Return a pair."""
        if not is_interview_id(pair_id):
            return None
        row = self._connection.execute(select(tables.pairs).where(_pairs.id == pair_id)).first()
        return None if row is None else _pair(row)

    def save_similar_pair(self, pair: SimilarPair) -> None:
        """Store what a person said of a pair."""
        values = {**vars(pair), "verdict": pair.verdict or ""}
        self._connection.execute(update(tables.pairs).where(_pairs.id == pair.id).values(**values))

    def save_alike_search(self, search: AlikeSearch) -> None:
        """Store where the search in a question of a batch stands."""
        key = {"batch": search.batch, "question": search.question}
        put(self._connection, tables.searches, key, {**vars(search), "state": search.state.value})

    def alike_searches(self, batch: str) -> list[AlikeSearch]:
        """Return where searches stand, for a batch."""
        query = select(tables.searches).where(_searches.batch == batch)
        return [_search(row) for row in self._connection.execute(query)]

    def take_alike_search(self) -> AlikeSearch | None:
        """Mark a search that waits as running and return it."""
        query = select(tables.searches).where(_searches.state == AnalysisState.QUEUED).limit(1)
        row = self._connection.execute(query.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        taken = AlikeSearch(row.batch, row.question, AnalysisState.RUNNING)
        self.save_alike_search(taken)
        return taken

    def batch_works(self, batch: str, question: str) -> dict[str, str]:
        """Return the artefact of everybody who handed something in for a question of a batch, by submission."""
        people, given = batch_tables.submissions.c, batch_tables.grades.c
        query = select(people.id, people.artefact).join(batch_tables.grades, given.submission == people.id)
        query = query.where(people.batch == batch, given.question == question).order_by(people.id)
        return {row.id: row.artefact for row in self._connection.execute(query)}


def _analysis(row: Row[Any]) -> Analysis:
    values = {name: value for name, value in row._mapping.items() if name in Analysis.__dataclass_fields__}
    return Analysis(**{**values, "state": AnalysisState(row.state)})


def _pair(row: Row[Any]) -> SimilarPair:
    return SimilarPair(**{**row._mapping, "verdict": Verdict(row.verdict) if row.verdict else None})


def _search(row: Row[Any]) -> AlikeSearch:
    return AlikeSearch(**{**row._mapping, "state": AnalysisState(row.state)})

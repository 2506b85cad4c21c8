"""The whole store inside one transaction, as domain objects."""

from sqlalchemy import Connection

from assay_hub.adapters.database.analyses import Analyses
from assay_hub.adapters.database.answers import Answers
from assay_hub.adapters.database.batches import Batches
from assay_hub.adapters.database.evidence import Evidence
from assay_hub.adapters.database.interviews import Interviews
from assay_hub.adapters.database.marks import Marks
from assay_hub.adapters.database.news import News
from assay_hub.adapters.database.partners import Partners
from assay_hub.adapters.database.people import People
from assay_hub.adapters.database.questions import Questions
from assay_hub.adapters.database.recordings import Recordings
from assay_hub.adapters.database.reports import Reports, Surveys
from assay_hub.adapters.database.score_cards import Scores
from assay_hub.adapters.database.signals import Signals
from assay_hub.adapters.database.team import Team


class SqlRecords(
    Interviews,
    Recordings,
    Evidence,
    Signals,
    People,
    Team,
    News,
    Partners,
    Answers,
    Questions,
    Batches,
    Marks,
    Reports,
    Surveys,
    Scores,
    Analyses,
):
    """The store inside one transaction of one connection.

    Args:
        connection: in a transaction.
        locks: whether an interview that is read stays as it is for everybody else until the end of the transaction.
    """

    def __init__(self, connection: Connection, *, locks: bool) -> None:
        self._connection = connection
        self._locks = locks

    @property
    def sql(self) -> Connection:
        """The connection, for what is no part of the store's port."""
        return self._connection

"""What the use cases need from the store."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from assay_hub.domain.access import Person
from assay_hub.domain.accommodation import Accommodation
from assay_hub.domain.answer import Answer
from assay_hub.domain.audit import Entry
from assay_hub.domain.draft import Draft
from assay_hub.domain.interview import Interview
from assay_hub.domain.link import Link
from assay_hub.domain.partner import Connection, Order
from assay_hub.domain.position import Position, Template
from assay_hub.domain.recording import Gap, Head, StoredLine
from assay_hub.domain.result import Grade, Submission
from assay_hub.domain.rubric import Rubric
from assay_hub.domain.score_card import ScoreCard, ScoreChange
from assay_hub.domain.search import AuditSearch, Page, SavedSearch, Search, Total
from assay_hub.domain.signal_rates import ObservedInterview
from assay_hub.domain.signals import Drawing, Judgement, Signal, Source
from assay_hub.domain.team import Member
from assay_hub.domain.timeline import Segment
from assay_hub.domain.webhook import Delivery, Webhook
from assay_hub.ports.analysis import AnalysisRecords
from assay_hub.ports.batches import BatchRecords, MarkRecords
from assay_hub.ports.questions import QuestionRecords
from assay_hub.ports.reports import ReportRecords, SurveyRecords


class InterviewRecords(Protocol):
    """The interviews."""

    def add_interview(self, interview: Interview) -> None:
        """Store a new interview with its people, tags and questions."""

    def interview(self, interview_id: str) -> Interview | None:
        """Return an interview; text that is no id at all, such as broken Unicode, never reaches the database.

        In a transaction that writes, nobody else changes it until the end.
        """

    def save_interview(self, interview: Interview) -> None:
        """Store an interview in place of what was there."""

    def find(self, person: Person, search: Search) -> Page:
        """Return one page of what somebody looks for among the interviews that they may see."""

    def count(self, person: Person, search: Search) -> Total:
        """Return how many interviews all pages of a search have together."""

    def open_with(self, account: str) -> list[Interview]:
        """Return the open interviews that somebody holds or watches."""

    def known_tags(self, person: Person, beginning: str, rows: int) -> list[str]:
        """Return tags, by name, on interviews that somebody may see."""

    def asked(self, question_id: str, person: Person, rows: int) -> list[Interview]:
        """Return the latest interviews with this question that somebody may see."""

    def scored_for(self, position_id: str, person: Person, rows: int) -> list[Interview]:
        """Return the latest interviews for a role with a locked score card that somebody may see."""

    def calendar_of(self, account: str, since: datetime, until: datetime, rows: int) -> list[Interview]:
        """Return interviews from ``since`` until ``until`` that somebody holds or watches, the last first."""


class RecordingRecords(Protocol):
    """What happened in interviews."""

    def head(self, interview_id: str) -> Head:
        """Return the end of the recording; before the first event its digest is the chain's start."""

    def append(self, interview_id: str, lines: Sequence[StoredLine]) -> None:
        """Store events that follow the head."""

    def lines(self, interview_id: str, after: int = 0) -> Iterator[StoredLine]:
        """Return the recording from its start, or what comes after an event."""

    def add_gap(self, interview_id: str, gap: Gap) -> None:
        """Store that something is missing."""

    def gaps(self, interview_id: str) -> list[Gap]:
        """Return what is missing, in order."""

    def save_segments(self, interview_id: str, segments: Sequence[Segment]) -> None:
        """Store segments of the timeline that are full, in place of those with the same numbers."""

    def segments(self, interview_id: str) -> list[Segment]:
        """Return the stored segments of the timeline in order, without their bodies."""

    def segment(self, interview_id: str, number: int) -> Segment | None:
        """Return one stored segment of the timeline."""


class EvidenceRecords(Protocol):
    """What was handed in, and what came of it."""

    def add_submission(self, submission: Submission) -> None:
        """Store a submission.

        Raises:
            WrongStateError: the interview has one already.
        """

    def submission(self, interview_id: str) -> Submission | None:
        """Return the submission of an interview; the latest, if it was reopened."""

    def save_grade(self, grade: Grade) -> None:
        """Store the grading of one question, in place of what was there."""

    def grades(self, interview_id: str) -> list[Grade]:
        """Return the gradings of a submission in the order of its questions."""

    def take_queued_grade(self) -> Grade | None:
        """Mark one queued grading as running and return it; a row that another worker holds is skipped."""

    def requeue_running_grades(self) -> int:
        """Put gradings that a dead worker left behind back into the queue; return how many."""


class SignalRecords(Protocol):
    """What was observed around the work, what people said of it, and for whom something is different."""

    def save_signals(self, interview_id: str, signals: Sequence[Signal]) -> None:
        """Store signals, each in place of the one with its id."""

    def signals(self, interview_id: str, source: Source | None = None) -> list[Signal]:
        """Return the signals of an interview as they happened, all of them or those from one source."""

    def signal(self, interview_id: str, signal_id: str) -> Signal | None:
        """Return one signal."""

    def drawn(self, interview_id: str) -> Drawing | None:
        """Return how far signals were drawn from the recording."""

    def save_drawn(self, interview_id: str, drawing: Drawing) -> None:
        """Store how far signals were drawn from the recording."""

    def add_judgement(self, interview_id: str, judgement: Judgement) -> None:
        """Store what somebody said of a signal, after what was said before."""

    def judgements(self, interview_id: str) -> list[Judgement]:
        """Return what was said of the signals of an interview, the first first."""

    def save_accommodation(self, interview_id: str, accommodation: Accommodation) -> None:
        """Store what is different for the candidate of an interview, in place of what was there."""

    def accommodation(self, interview_id: str) -> Accommodation:
        """Return what is different for the candidate of an interview."""

    def undrawn_interviews(self) -> list[str]:
        """Return the interviews that are over and whose recording has not been looked through since."""

    def observed_interviews(self) -> list[ObservedInterview]:
        """Return the interviews that began and are over, with how often each kind of signal fell."""


class PeopleRecords(Protocol):
    """What belongs to people."""

    def save_member(self, member: Member) -> None:
        """Store a member in place of what was there."""

    def member(self, account: str) -> Member | None:
        """Return a member, former ones included; in a transaction that writes, nobody else changes them."""

    def members(self) -> list[Member]:
        """Return all members by name, former ones included."""

    def names(self, accounts: Iterable[str]) -> dict[str, str]:
        """Return the names of accounts; whoever never came is called by their account."""

    def add_link(self, link: Link) -> None:
        """Store a new link."""

    def link(self, secret_hash: str) -> Link | None:
        """Return the link with this hash."""

    def links(self, interview_id: str, account: str) -> list[Link]:
        """Return the links that sign an account into an interview, newest first."""

    def save_link(self, link: Link) -> None:
        """Store the use or revocation of a link."""

    def note(self, interview_id: str, account: str) -> str:
        """Return somebody's private note, empty without one."""

    def save_note(self, interview_id: str, account: str, text: str, now: datetime) -> None:
        """Store somebody's private note."""

    def save_draft(self, draft: Draft) -> None:
        """Store a draft in place of what was there."""

    def draft(self, draft_id: str, account: str) -> Draft | None:
        """Return somebody's own draft.

        In a transaction that writes, nobody else changes it until the end.
        """

    def drafts(self, account: str) -> list[Draft]:
        """Return somebody's drafts, the last saved first."""

    def delete_draft(self, draft_id: str, account: str) -> None:
        """Forget a draft; nothing happens if it is not there."""

    def delete_drafts_before(self, moment: datetime) -> None:
        """Forget all drafts that were last saved before a moment."""

    def save_search(self, search: SavedSearch) -> None:
        """Store a search under its name, in place of one with the same name."""

    def saved_searches(self, account: str) -> list[SavedSearch]:
        """Return somebody's searches by name."""

    def delete_search(self, account: str, name: str) -> None:
        """Forget a search; nothing happens if it is not there."""

    def save_feed(self, account: str, secret_hash: str, now: datetime) -> None:
        """Store the feed of a member; an earlier one stops working."""

    def feed_owner(self, secret_hash: str) -> str | None:
        """Return whose feed has this hash."""

    def delete_feed(self, account: str) -> None:
        """End a member's feed; nothing happens if there is none."""

    def has_feed(self, account: str) -> bool:
        """Whether a member has a feed."""


class TeamRecords(Protocol):
    """What belongs to the whole team."""

    def save_position(self, position: Position) -> None:
        """Store a role in place of what was there."""

    def position(self, position_id: str) -> Position | None:
        """Return a role; in a transaction that writes, nobody else changes it until the end."""

    def positions(self) -> list[Position]:
        """Return all roles by name, archived ones included."""

    def save_template(self, template: Template) -> None:
        """Store a template in place of what was there."""

    def template(self, template_id: str) -> Template | None:
        """Return a template; in a transaction that writes, nobody else changes it until the end."""

    def templates(self) -> list[Template]:
        """Return all templates by name."""

    def delete_template(self, template_id: str) -> None:
        """Forget a template; nothing happens if it is not there."""

    def log(self, entry: Entry) -> None:
        """Append an entry to the audit log, and queue the news of it for every webhook that wants to hear of it."""

    def history(self, interview_id: str) -> list[Entry]:
        """Return the changes of an interview, the latest first."""

    def audit(self, search: AuditSearch) -> list[Entry]:
        """Return what matches in the audit log, the latest first."""


class ScoreRecords(Protocol):
    """What reviewers gave."""

    def pin_rubric(self, interview_id: str, rubric: Rubric, now: datetime) -> None:
        """Store what an interview is scored by, once and for all."""

    def pinned_rubric(self, interview_id: str) -> Rubric | None:
        """Return what an interview is scored by; ``None`` before anybody opened a card."""

    def save_card(self, card: ScoreCard) -> None:
        """Store a card in place of what was there."""

    def card(self, interview_id: str, account: str) -> ScoreCard | None:
        """Return somebody's own card."""

    def cards(self, interview_id: str) -> list[ScoreCard]:
        """Return all cards of an interview, those that are locked first, by the time at which they were."""

    def add_score_change(self, interview_id: str, change: ScoreChange) -> None:
        """Store a change of a locked card."""

    def score_changes(self, interview_id: str) -> list[ScoreChange]:
        """Return the changes of an interview's locked cards in order."""


class AnswerRecords(Protocol):
    """Answers of the API that are given again."""

    def take_key(self, answer: Answer) -> Answer | None:
        """Store that a request is worked on; return what is there under its key instead, if something is."""

    def save_answer(self, answer: Answer) -> None:
        """Store the answer under its key."""

    def free_key(self, account: str, key: str) -> None:
        """Forget a request that changed nothing."""

    def forget_answers_before(self, moment: datetime) -> None:
        """Forget answers that are older."""


class NewsRecords(Protocol):
    """What other systems hear of."""

    def save_webhook(self, webhook: Webhook) -> None:
        """Store a webhook in place of what was there."""

    def webhook(self, webhook_id: str) -> Webhook | None:
        """Return a webhook."""

    def webhooks(self) -> list[Webhook]:
        """Return all webhooks, the oldest first."""

    def delete_webhook(self, webhook_id: str) -> None:
        """Forget a webhook with its deliveries; nothing happens if it is not there."""

    def add_delivery(self, delivery: Delivery) -> None:
        """Store a new delivery."""

    def delivery(self, webhook_id: str, delivery_id: int) -> Delivery | None:
        """Return a delivery of a webhook."""

    def deliveries(self, webhook_id: str, before: int, rows: int) -> list[Delivery]:
        """Return deliveries of a webhook, the latest first.

        Args:
            webhook_id: the webhook.
            before: id of the delivery before which they were queued; 0 for the latest.
            rows: how many at most.
        """

    def save_delivery(self, delivery: Delivery) -> None:
        """Store what came of a delivery; nothing happens if it was deleted meanwhile."""

    def has_due_delivery(self, now: datetime) -> bool:
        """Whether a delivery to an active webhook waits for no later time than this."""

    def take_due_deliveries(self, now: datetime, until: datetime, busy: Iterable[str], rows: int) -> list[Delivery]:
        """Return due deliveries, at most one for each active webhook, and keep them from others for a while.

        Args:
            now: the time.
            until: when they are due again, should nobody say what came of them.
            busy: webhooks for which nothing is taken.
            rows: how many at most.
        """

    def delete_deliveries(self, before: datetime) -> int:
        """Forget deliveries that are over and were queued before this; return how many."""


class PartnerRecords(Protocol):
    """Applicant tracking systems and what they ordered."""

    def save_connection(self, connection: Connection) -> None:
        """Store a connection in place of what was there."""

    def connection(self, connection_id: str) -> Connection | None:
        """Return a connection."""

    def connection_of(self, key_hash: str) -> Connection | None:
        """Return the connection whose key has this hash."""

    def connections(self) -> list[Connection]:
        """Return all connections, the oldest first."""

    def save_order(self, order: Order) -> None:
        """Store an order in place of what was there."""

    def order(self, connection_id: str, order_id: str) -> Order | None:
        """Return an order of a connection."""

    def order_of(self, connection_id: str, key: str) -> Order | None:
        """Return the order of a connection for a candidate and a test."""

    def take_untold_orders(self, now: datetime, until: datetime, rows: int) -> list[Order]:
        """Return orders whose end has not been told, and keep them from others for a while."""


class Records(
    InterviewRecords,
    RecordingRecords,
    EvidenceRecords,
    SignalRecords,
    PeopleRecords,
    TeamRecords,
    NewsRecords,
    PartnerRecords,
    AnswerRecords,
    QuestionRecords,
    BatchRecords,
    MarkRecords,
    ReportRecords,
    SurveyRecords,
    ScoreRecords,
    AnalysisRecords,
    Protocol,
):
    """Everything that is stored, inside one transaction."""


class Database(Protocol):
    """Short transactions: committed at the end of the block, rolled back by an error."""

    def read(self) -> AbstractContextManager[Records]:
        """Open a transaction that only reads."""

    def write(self) -> AbstractContextManager[Records]:
        """Open a transaction that writes."""

"""Every use case, over a real store and one set of fakes."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from fakes import START, FakeArtefacts, FakeClock, FakeGrader, FakeHub, FakeLibrary, FakeMailer, FakeWorkspaces
from store import new_database

from assay_hub.adapters.calendar import IcalendarWriter
from assay_hub.adapters.signing import Ed25519Signer, FernetSealer, HmacLinkSigner
from assay_hub.adapters.survey import SecretSurveyKeys
from assay_hub.adapters.timeline import TimelineBuilder
from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.interview import Interview
from assay_hub.domain.plan import Plan
from assay_hub.domain.survey import SurveyItem
from assay_hub.domain.team import Member
from assay_hub.services.accommodate import KeepAccommodations
from assay_hub.services.browse import BrowseLibrary
from assay_hub.services.bulk import ChangeMany
from assay_hub.services.calendar import KeepCalendars
from assay_hub.services.cohort import ReadCohort
from assay_hub.services.create import CreateInterview
from assay_hub.services.demographics import KeepDemographics
from assay_hub.services.drafts import KeepDrafts
from assay_hub.services.edit import EditInterview
from assay_hub.services.find import FindInterviews
from assay_hub.services.grade import GradeSubmissions
from assay_hub.services.invite import MakeLinks, OpenLink, RevokeLink
from assay_hub.services.mail import InviteByMail
from assay_hub.services.measure import MeasureActivity
from assay_hub.services.notify import Deliver, KeepWebhooks
from assay_hub.services.observe import ObserveRoom
from assay_hub.services.positions import KeepPositions
from assay_hub.services.record import StoreRecording
from assay_hub.services.replay import ReplayInterviews
from assay_hub.services.report import ReportInterviews
from assay_hub.services.review import ReviewInterviews
from assay_hub.services.score_cards import KeepScoreCards
from assay_hub.services.share import ShareReports
from assay_hub.services.signals import KeepSignals
from assay_hub.services.start import EnterRoom, StartWorkspace
from assay_hub.services.submit import SubmitInterview
from assay_hub.services.team import KeepTeam


class World:
    """Every use case over a store in a folder and one set of fakes."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.database = new_database(folder)
        self.hub = FakeHub()
        self.workspaces = FakeWorkspaces()
        self.artefacts = FakeArtefacts()
        self.grader = FakeGrader()
        library = FakeLibrary()
        signer = HmacLinkSigner(b"k" * 32)
        self.create = CreateInterview(self.database, library, self.clock)
        self.make_links = MakeLinks(self.database, signer, self.clock, "http://x/hub/invite?token=", 14, 60)
        self.open_link = OpenLink(self.database, signer, self.clock)
        self.revoke_link = RevokeLink(self.database, self.hub, self.workspaces, self.clock)
        self.enter = EnterRoom(self.database, self.clock)
        self.store = StoreRecording(self.database, self.clock)
        self.submit = SubmitInterview(
            self.database, self.workspaces, self.artefacts, Ed25519Signer(b"s" * 32), self.clock, 1_000_000
        )
        self.grade = GradeSubmissions(self.database, self.artefacts, self.grader, self.clock, 1_000_000)
        self.review = ReviewInterviews(self.database, self.clock, note_characters=100)
        self.replay = ReplayInterviews(self.database, self.artefacts, self.clock, TimelineBuilder, 1_000_000)
        self.measure = MeasureActivity(self.database, self.clock)
        self.cohort = ReadCohort(self.database, self.clock)
        self.cards = KeepScoreCards(self.database, library, self.clock)
        self.report = ReportInterviews(
            self.database, self.clock, self.measure, self.cohort.performances, self.cards.may_see_suggestions
        )
        self.share = ShareReports(self.database, self.clock, self.report.alone, self.cards.of)
        self.survey_keys = SecretSurveyKeys(b"q" * 32)
        self.demographics = KeepDemographics(
            self.database, self.clock, self.survey_keys, (SurveyItem("group", "Which?", ("a", "b")),)
        )
        self.observe = ObserveRoom(self.database, self.clock)
        self.accommodations = KeepAccommodations(self.database, self.clock)
        self.signals = KeepSignals(self.database, self.clock, self.replay.whole)
        self.edit = EditInterview(self.database, library, self.clock)
        self.drafts = KeepDrafts(self.database, library, self.clock, self.create, self.edit)
        self.browse = BrowseLibrary(self.database, library, self.clock)
        self.find = FindInterviews(self.database, self.clock)
        self.many = ChangeMany(self.database, self.edit, self.artefacts, self.clock, 1_000_000)
        self.team = KeepTeam(self.database, self.clock, ("root",), TeamRole.INTERVIEWER, self.hub, self.workspaces)
        self.start = StartWorkspace(self.database, self.hub, self.workspaces, library, self.team.person)
        self.positions = KeepPositions(self.database, library, self.clock)
        self.sealer = FernetSealer(b"o" * 32)
        self.webhooks = KeepWebhooks(self.database, self.sealer, self.clock, allow_private=False)
        self.deliver = Deliver(self.database, self.sealer, self.clock)
        self.calendars = KeepCalendars(
            self.database, IcalendarWriter(), self.clock, "assay.example.org", "https://desk.assay.example.org/assay/"
        )
        self.mailer = FakeMailer()
        self.invite_by_mail = InviteByMail(
            self.database,
            self.make_links.for_candidate,
            IcalendarWriter(),
            self.mailer,
            self.clock,
            "assay.example.org",
        )
        self.admin = self.team.person("root")
        self.staff = self.team.person("ada")
        self.stranger = Person("eve", "Eve")

    def member(self, account: str, role: TeamRole) -> Person:
        """Return a member of the team."""
        with self.database.write() as records:
            records.save_member(Member(account, account.capitalize(), "", role, active=True, joined_at=START))
        return self.team.person(account)

    def interview(self, **changes: Any) -> Interview:
        return self.create(self.staff, replace(Plan("Talk", "Sam", questions=("first", "second")), **changes))

    def candidate(self, interview: Interview) -> Person:
        return Person(interview.candidate, "Sam")

    def live_interview(self) -> Interview:
        interview = self.interview()
        self.clock.pass_by(minutes=1)
        return self.enter(self.candidate(interview), interview.id)

    @staticmethod
    def token(address: str) -> str:
        return address.partition("token=")[2]

    @property
    def later(self) -> timedelta:
        return timedelta(days=15)

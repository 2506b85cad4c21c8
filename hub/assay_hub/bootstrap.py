"""Builds the adapters from the settings, once, and the use cases on top of them."""

import os
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from assay_assignments.grading import ContainerSandbox, ProcessSandbox
from assay_config.secrets import secret
from assay_config.settings import SERVICE_PREFIX, Settings
from assay_hub.adapters.analyser import SandboxAnalyser
from assay_hub.adapters.artefacts import FolderArtefacts
from assay_hub.adapters.calendar import IcalendarWriter
from assay_hub.adapters.checker import SandboxChecker
from assay_hub.adapters.clock import SystemClock
from assay_hub.adapters.course import NbgraderCourses, NotebookVeil
from assay_hub.adapters.database import SqlDatabase
from assay_hub.adapters.grader import SandboxGrader
from assay_hub.adapters.hub_api import JupyterHubApi
from assay_hub.adapters.library import FolderLibrary
from assay_hub.adapters.mail import SmtpMailer
from assay_hub.adapters.partners import PartnerTeller
from assay_hub.adapters.printing import ChromiumPrinter
from assay_hub.adapters.question_files import SourceFiles
from assay_hub.adapters.signing import Ed25519Signer, FernetSealer, HmacLinkSigner
from assay_hub.adapters.survey import SecretSurveyKeys
from assay_hub.adapters.timeline import TimelineBuilder
from assay_hub.adapters.uploads import FolderUploads
from assay_hub.adapters.webhooks import CheckedCourier, SignedPost
from assay_hub.adapters.workspaces import ProxiedWorkspaces
from assay_hub.domain.access import TeamRole
from assay_hub.domain.survey import USUAL_ITEMS, SurveyItem
from assay_hub.services.accommodate import KeepAccommodations
from assay_hub.services.analysis import AnalyseSubmissions
from assay_hub.services.authoring import AuthorQuestions
from assay_hub.services.batch_again import RegradeBatches
from assay_hub.services.batch_change import ChangeBatches
from assay_hub.services.batch_export import ExportBatches
from assay_hub.services.batch_find import FindBatches
from assay_hub.services.batch_grade import GradeBatches
from assay_hub.services.batch_mark import MarkBatches
from assay_hub.services.batch_upload import UploadBatches
from assay_hub.services.browse import BrowseLibrary
from assay_hub.services.bulk import ChangeMany
from assay_hub.services.calendar import KeepCalendars
from assay_hub.services.check import CheckQuestions
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
from assay_hub.services.partners import KeepConnections, ServePartners
from assay_hub.services.positions import KeepPositions
from assay_hub.services.questions import KeepQuestions
from assay_hub.services.record import StoreRecording
from assay_hub.services.replay import ReplayInterviews
from assay_hub.services.report import ReportInterviews
from assay_hub.services.review import ReviewInterviews
from assay_hub.services.score_cards import KeepScoreCards
from assay_hub.services.scores import ReadScores
from assay_hub.services.share import ShareReports
from assay_hub.services.signals import KeepSignals
from assay_hub.services.similarity import CompareSubmissions
from assay_hub.services.start import EnterRoom, StartWorkspace
from assay_hub.services.submit import SubmitInterview
from assay_hub.services.team import KeepTeam

DOWNLOAD_BYTES = 500_000_000
"""How much of many interviews fits into one download."""

UNPACKED = 4
"""How many times larger than the largest upload its files may be together."""


@dataclass(frozen=True)
class Application:
    """The use cases, ready to be called; each adapter is built when it is first needed.

    Args:
        settings: the one tree of settings.
        hub_token: the service's own token; empty where no call to the hub is made (login, command line).
    """

    settings: Settings
    hub_token: str = ""

    @cached_property
    def clock(self) -> SystemClock:
        """The server's clock."""
        return SystemClock()

    @cached_property
    def database(self) -> SqlDatabase:
        """Assay's database."""
        return SqlDatabase(self.settings.database_url)

    @cached_property
    def artefacts(self) -> FolderArtefacts:
        """Snapshots, pinned questions and executed notebooks."""
        return FolderArtefacts(self.settings.folder / "artefacts")

    @cached_property
    def library(self) -> FolderLibrary:
        """The questions."""
        kept = self.settings.folder / "questions"
        own = self.settings.own_folder
        return FolderLibrary(self.settings.library, self.settings.formats, own, self.artefacts, kept)

    @cached_property
    def sandbox(self) -> ContainerSandbox | ProcessSandbox:
        """Where submissions are graded; image and profile have been named by the hub's configuration."""
        limits = self.settings.grading
        if not self.settings.isolated:
            return ProcessSandbox(limits.cell_seconds, limits.wall_seconds)
        image = limits.image or self.settings.workspace.image
        return ContainerSandbox(image, limits.memory, limits.cell_seconds, limits.wall_seconds, limits.seccomp)

    @cached_property
    def hub(self) -> JupyterHubApi:
        """JupyterHub, over loopback."""
        return JupyterHubApi(f"http://127.0.0.1:{self.settings.hub_port}/hub/api", self.hub_token)

    @cached_property
    def workspaces(self) -> ProxiedWorkspaces:
        """The running workspaces, through the proxy."""
        return ProxiedWorkspaces(
            f"http://{self.settings.bind}:{self.settings.port}",
            lambda account: urlsplit(self.settings.origin(account)).netloc,
            self.hub.agent_token,
        )

    @cached_property
    def link_signer(self) -> HmacLinkSigner:
        """Signs links."""
        return HmacLinkSigner(secret(self.settings.folder, "links"))

    @cached_property
    def receipt_signer(self) -> Ed25519Signer:
        """Signs receipts."""
        return Ed25519Signer(secret(self.settings.folder, "receipts"))

    @cached_property
    def sealer(self) -> FernetSealer:
        """Keeps secrets of webhooks and of connected systems."""
        return FernetSealer(secret(self.settings.folder, "outside"))

    @cached_property
    def courier(self) -> CheckedCourier:
        """Calls other systems."""
        return CheckedCourier(allow_private=self.settings.webhooks.allow_private)

    @cached_property
    def post(self) -> SignedPost:
        """Sends news."""
        return SignedPost(self.courier)

    @cached_property
    def teller(self) -> PartnerTeller:
        """Tells applicant tracking systems how their orders stand."""
        return PartnerTeller(self.courier)

    @cached_property
    def connections(self) -> KeepConnections:
        """Notify: keep connections to applicant tracking systems."""
        return KeepConnections(self.database, self.sealer, self.clock)

    @cached_property
    def partners(self) -> ServePartners:
        """Notify: serve applicant tracking systems."""
        return ServePartners(
            self.database,
            self.sealer,
            self.clock,
            self.create_interview,
            self.edit_interview.cancel,
            self.invite_by_mail if self.mailer else None,
            self.settings.desk_url,
        )

    @cached_property
    def webhooks(self) -> KeepWebhooks:
        """Notify: keep webhooks."""
        return KeepWebhooks(self.database, self.sealer, self.clock, self.settings.webhooks.allow_private)

    @cached_property
    def deliver(self) -> Deliver:
        """Notify: deliver."""
        return Deliver(self.database, self.sealer, self.clock)

    @cached_property
    def calendars(self) -> KeepCalendars:
        """Notify: calendars."""
        host = urlsplit(self.settings.url).hostname or ""
        return KeepCalendars(self.database, IcalendarWriter(), self.clock, host, self.settings.desk_url)

    @cached_property
    def create_interview(self) -> CreateInterview:
        """Create."""
        return CreateInterview(self.database, self.library, self.clock)

    @cached_property
    def edit_interview(self) -> EditInterview:
        """Create: change it later."""
        return EditInterview(self.database, self.library, self.clock)

    @cached_property
    def drafts(self) -> KeepDrafts:
        """Create: the form that is being filled in."""
        return KeepDrafts(self.database, self.library, self.clock, self.create_interview, self.edit_interview)

    @cached_property
    def browse_library(self) -> BrowseLibrary:
        """Create: choose questions."""
        return BrowseLibrary(self.database, self.library, self.clock)

    @cached_property
    def questions(self) -> KeepQuestions:
        """The team's own questions."""
        most = self.settings.limits.submission_bytes
        return KeepQuestions(self.database, self.library, SourceFiles(), self.workspaces, self.clock, most)

    @cached_property
    def author_questions(self) -> AuthorQuestions:
        """The workspaces in which they are edited."""
        return AuthorQuestions(self.database, self.hub, self.workspaces, self.library, self.clock, self.team.person)

    @cached_property
    def check_questions(self) -> CheckQuestions:
        """Their checks."""
        return CheckQuestions(self.database, self.library, SandboxChecker(self.sandbox), self.clock)

    @cached_property
    def read_scores(self) -> ReadScores:
        """How people scored in a question."""
        return ReadScores(self.database)

    @cached_property
    def find_interviews(self) -> FindInterviews:
        """Find."""
        return FindInterviews(self.database, self.clock)

    @cached_property
    def change_many(self) -> ChangeMany:
        """Find: do something with many."""
        return ChangeMany(self.database, self.edit_interview, self.artefacts, self.clock, DOWNLOAD_BYTES)

    @cached_property
    def team(self) -> KeepTeam:
        """The people who work here."""
        login = self.settings.login
        joins_as = TeamRole(login.joins_as.value) if login.joins_as.value else None
        return KeepTeam(self.database, self.clock, login.admins, joins_as, self.hub, self.workspaces)

    @cached_property
    def positions(self) -> KeepPositions:
        """Roles and templates."""
        return KeepPositions(self.database, self.library, self.clock)

    @cached_property
    def make_links(self) -> MakeLinks:
        """Invite: make a link."""
        return MakeLinks(
            self.database,
            self.link_signer,
            self.clock,
            address=f"{self.settings.url}/hub/invite?token=",
            candidate_days=self.settings.links.candidate_days,
            sign_in_minutes=self.settings.links.sign_in_minutes,
        )

    @cached_property
    def mailer(self) -> SmtpMailer | None:
        """The mail server, if one is set up."""
        mail = self.settings.mail
        if not mail.host:
            return None
        return SmtpMailer(mail.host, mail.port, mail.starttls, mail.username, mail.password_file, mail.sender)

    @cached_property
    def invite_by_mail(self) -> InviteByMail:
        """Invite: send the link."""
        make_link, host = self.make_links.for_candidate, self.calendars.host
        return InviteByMail(self.database, make_link, self.calendars.writer, self.mailer, self.clock, host)

    @cached_property
    def open_link(self) -> OpenLink:
        """Invite: open a link."""
        return OpenLink(self.database, self.link_signer, self.clock)

    @cached_property
    def revoke_link(self) -> RevokeLink:
        """Invite: take a link back."""
        return RevokeLink(self.database, self.hub, self.workspaces, self.clock)

    @cached_property
    def start_workspace(self) -> StartWorkspace:
        """Start."""
        return StartWorkspace(self.database, self.hub, self.workspaces, self.library, self.team.person)

    @cached_property
    def enter_room(self) -> EnterRoom:
        """Start: the candidate goes in."""
        return EnterRoom(self.database, self.clock)

    @cached_property
    def store_recording(self) -> StoreRecording:
        """Record."""
        return StoreRecording(self.database, self.clock)

    @cached_property
    def submit_interview(self) -> SubmitInterview:
        """Submit."""
        return SubmitInterview(
            self.database,
            self.workspaces,
            self.artefacts,
            self.receipt_signer,
            self.clock,
            self.settings.limits.submission_bytes,
        )

    @cached_property
    def grade_submissions(self) -> GradeSubmissions:
        """Grade."""
        return GradeSubmissions(
            self.database,
            self.artefacts,
            SandboxGrader(self.library, self.sandbox),
            self.clock,
            self.settings.limits.submission_bytes,
        )

    @cached_property
    def upload_batches(self) -> UploadBatches:
        """Batches: upload."""
        limits, folder = self.settings.limits, self.settings.folder / "uploads"
        uploads = FolderUploads(folder, limits.submission_bytes, UNPACKED * limits.upload_bytes)
        return UploadBatches(self.database, self.library, self.artefacts, uploads, self.clock, limits.submission_bytes)

    @cached_property
    def grade_batches(self) -> GradeBatches:
        """Batches: grade."""
        grader, most = SandboxGrader(self.library, self.sandbox), self.settings.limits.submission_bytes
        return GradeBatches(self.database, self.artefacts, grader, self.clock, most, self.settings.grading.workers)

    @cached_property
    def find_batches(self) -> FindBatches:
        """Batches: find."""
        return FindBatches(self.database, self.artefacts, self.clock, self.settings.limits.submission_bytes)

    @cached_property
    def change_batches(self) -> ChangeBatches:
        """Batches: pause, go on, other versions, delete."""
        return ChangeBatches(self.database, self.library, self.artefacts, self.clock)

    @cached_property
    def export_batches(self) -> ExportBatches:
        """Batches: take one along."""
        courses, most = NbgraderCourses(self.library), self.settings.limits.submission_bytes
        return ExportBatches(self.database, self.artefacts, courses, NotebookVeil(), self.clock, most)

    @cached_property
    def mark_batches(self) -> MarkBatches:
        """Batches: grade by hand."""
        return MarkBatches(self.database, self.clock)

    @cached_property
    def regrade_batches(self) -> RegradeBatches:
        """Batches: grade again."""
        return RegradeBatches(self.database, self.clock)

    @cached_property
    def review(self) -> ReviewInterviews:
        """Review."""
        return ReviewInterviews(self.database, self.clock, self.settings.limits.note_characters)

    @cached_property
    def score_cards(self) -> KeepScoreCards:
        """Review: score cards."""
        return KeepScoreCards(self.database, self.library, self.clock)

    @cached_property
    def replay(self) -> ReplayInterviews:
        """Review: the recording."""
        return ReplayInterviews(
            self.database, self.artefacts, self.clock, TimelineBuilder, self.settings.limits.submission_bytes
        )

    @cached_property
    def measure(self) -> MeasureActivity:
        """Report: time at work."""
        return MeasureActivity(self.database, self.clock)

    @cached_property
    def cohort(self) -> ReadCohort:
        """Report: how others did, and the summary of a role."""
        return ReadCohort(self.database, self.clock)

    @cached_property
    def report(self) -> ReportInterviews:
        """Report."""
        may_see = self.score_cards.may_see_suggestions
        return ReportInterviews(self.database, self.clock, self.measure, self.cohort.performances, may_see)

    @cached_property
    def share_reports(self) -> ShareReports:
        """Report: what candidates get."""
        return ShareReports(self.database, self.clock, self.report.alone, self.score_cards.of)

    @cached_property
    def printer(self) -> ChromiumPrinter:
        """Makes PDF files."""
        wanted = self.settings.report
        return ChromiumPrinter(wanted.chromium, wanted.seconds, wanted.memory)

    @cached_property
    def demographics(self) -> KeepDemographics:
        """Report: fairness."""
        keys, asked = SecretSurveyKeys(secret(self.settings.folder, "survey")), self.settings.survey
        items = tuple(SurveyItem(one.id, one.text, one.options) for one in asked.items) or USUAL_ITEMS
        return KeepDemographics(self.database, self.clock, keys, items if asked.ask else ())

    @cached_property
    def observe_room(self) -> ObserveRoom:
        """Record: what the room's pages tell."""
        return ObserveRoom(self.database, self.clock)

    @cached_property
    def accommodations(self) -> KeepAccommodations:
        """Create: what is different for one candidate."""
        return KeepAccommodations(self.database, self.clock)

    @cached_property
    def signals(self) -> KeepSignals:
        """Review: what was observed."""
        return KeepSignals(self.database, self.clock, self.replay.whole)

    @cached_property
    def analyser(self) -> SandboxAnalyser:
        """Reads and measures code."""
        return SandboxAnalyser(self.library, self.sandbox)

    @cached_property
    def analyse(self) -> AnalyseSubmissions:
        """Review: the analysis of the code."""
        most = self.settings.limits.submission_bytes
        return AnalyseSubmissions(
            self.database, self.artefacts, self.analyser, self.clock, TimelineBuilder, max_bytes=most
        )

    @cached_property
    def compare_submissions(self) -> CompareSubmissions:
        """Review: submissions that are alike."""
        most = self.settings.limits.submission_bytes
        return CompareSubmissions(self.database, self.artefacts, self.analyser, self.clock, most)


def service_token() -> str:
    """Return the service's own token, which the hub hands to the process that it starts."""
    return os.environ["JUPYTERHUB_API_TOKEN"]


PREFIX = SERVICE_PREFIX

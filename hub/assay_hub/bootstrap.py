"""Builds the adapters from the settings, once, and the use cases on top of them."""

import os
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from assay_assignments.grading import ContainerSandbox, ProcessSandbox
from assay_config.secrets import secret
from assay_config.settings import SERVICE_PREFIX, Settings
from assay_hub.adapters.artefacts import FolderArtefacts
from assay_hub.adapters.clock import SystemClock
from assay_hub.adapters.database import SqlDatabase
from assay_hub.adapters.grader import SandboxGrader
from assay_hub.adapters.hub_api import JupyterHubApi
from assay_hub.adapters.library import FolderLibrary
from assay_hub.adapters.signing import Ed25519Signer, HmacLinkSigner
from assay_hub.adapters.workspaces import ProxiedWorkspaces
from assay_hub.services.create import CreateInterview
from assay_hub.services.grade import GradeSubmissions
from assay_hub.services.invite import MakeLinks, OpenLink, RevokeLink
from assay_hub.services.record import StoreRecording
from assay_hub.services.review import ReviewInterviews
from assay_hub.services.start import EnterRoom, StartWorkspace
from assay_hub.services.submit import SubmitInterview


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
        return FolderLibrary(self.settings.library, self.artefacts, self.settings.folder / "questions")

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
    def create_interview(self) -> CreateInterview:
        """Create."""
        return CreateInterview(self.database, self.library, self.clock)

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
        return StartWorkspace(self.database, self.hub, self.workspaces, self.library)

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
            self.settings.limits.submission_bytes,
        )

    @cached_property
    def review(self) -> ReviewInterviews:
        """Review."""
        return ReviewInterviews(self.database, self.clock, self.settings.limits.note_characters)


def service_token() -> str:
    """Return the service's own token, which the hub hands to the process that it starts."""
    return os.environ["JUPYTERHUB_API_TOKEN"]


PREFIX = SERVICE_PREFIX

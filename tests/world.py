"""Every use case, over one set of fakes."""

from datetime import timedelta

from fakes import FakeArtefacts, FakeClock, FakeDatabase, FakeGrader, FakeHub, FakeLibrary, FakeWorkspaces

from assay_hub.adapters.signing import Ed25519Signer, HmacLinkSigner
from assay_hub.domain.access import Person
from assay_hub.domain.interview import Interview
from assay_hub.services.create import CreateInterview
from assay_hub.services.grade import GradeSubmissions
from assay_hub.services.invite import MakeLinks, OpenLink, RevokeLink
from assay_hub.services.record import StoreRecording
from assay_hub.services.review import ReviewInterviews
from assay_hub.services.start import EnterRoom, StartWorkspace
from assay_hub.services.submit import SubmitInterview


class World:
    """Every use case over one set of fakes."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.database = FakeDatabase()
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
        self.start = StartWorkspace(self.database, self.hub, self.workspaces, library)
        self.enter = EnterRoom(self.database, self.clock)
        self.store = StoreRecording(self.database, self.clock)
        self.submit = SubmitInterview(
            self.database, self.workspaces, self.artefacts, Ed25519Signer(b"s" * 32), self.clock, 1_000_000
        )
        self.grade = GradeSubmissions(self.database, self.artefacts, self.grader, 1_000_000)
        self.review = ReviewInterviews(self.database, self.clock, note_characters=100)
        self.staff = Person("ada", "Ada", admin=False, staff=True)
        self.stranger = Person("eve", "Eve", admin=False, staff=True)

    def interview(self) -> Interview:
        return self.create(self.staff, title="Talk", candidate_name="Sam", minutes=60, question_ids=["first", "second"])

    def candidate(self, interview: Interview) -> Person:
        return Person(interview.candidate, "Sam", admin=False, staff=False)

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

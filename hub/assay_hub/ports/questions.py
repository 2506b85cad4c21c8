"""What the use cases around the team's own questions need from the world, and from the store."""

from collections.abc import Callable, Sequence
from typing import Protocol

from assay_hub.domain.library import Preview, QuestionCard
from assay_hub.domain.question import About, Editing, Files, Finding, Incoming, Outline, Version
from assay_hub.domain.result import Grade


class OwnLibrary(Protocol):
    """The team's own questions, beside the official ones."""

    def is_taken(self, question_id: str) -> bool:
        """Whether a question or an empty editor has this id, official or own."""

    def is_own(self, question_id: str) -> bool:
        """Whether the team's own library has a question of this id that interviews can be held with."""

    def source(self, question_id: str) -> Files | None:
        """Return the files of a question as interviews would be held with it now, solutions included."""

    def publish(self, question_id: str, artefact: str) -> None:
        """Have interviews be held with this version from now on."""

    def keep(self, question_id: str, files: Files) -> str:
        """Keep files and return the artefact key; the same that pinning them gives."""

    def kept(self, artefact: str) -> Files:
        """Return files that were kept."""

    def preview_of(self, artefact: str) -> Preview | None:
        """Return files that were kept as a candidate would get them; ``None`` if they cannot be released."""


class QuestionFiles(Protocol):
    """What can be made of the files of a question; nothing here runs any of it."""

    def kinds(self) -> Sequence[str]:
        """Return the types of questions, each of which has a template."""

    def begin(self, kind: str, question_id: str, title: str, author: str) -> Files:
        """Return the template of a type.

        Raises:
            BadInputError: there is no such type.
        """

    def about(self, files: Files) -> About:
        """Return what describes a question."""

    def described(self, files: Files, question_id: str, version: str, about: About) -> Files:
        """Return the files with another id, version and description."""

    def card(self, files: Files) -> QuestionCard:
        """Return a question as the library shows it.

        Raises:
            BadInputError: it cannot be read; the detail says what is wrong.
        """

    def outline(self, files: Files) -> Outline:
        """Return a question as a comparison needs it."""

    def workspace_files(self, archive: bytes, max_bytes: int) -> Files:
        """Return what belongs to a question among the files that were taken out of a workspace.

        Raises:
            BadInputError: it is no archive, unpacks to more than ``max_bytes`` bytes or holds no source notebook.
        """

    def imported(self, name: str, content: bytes, author: str) -> Sequence[Incoming]:
        """Return what an upload holds: a course's zip file, or a notebook.

        Args:
            name: of the file.
            content: of the file; it may be hostile.
            author: who wrote questions that do not say so.

        Raises:
            BadInputError: it cannot be read, or there is no question in it.
        """

    def exported(self, files: Files) -> bytes:
        """Return a zip file with the tree of an nbgrader course.

        Raises:
            BadInputError: a course cannot hold it.
        """


class QuestionChecker(Protocol):
    """Runs a question against itself, in the sandbox."""

    def check(self, files: Files, say: Callable[[str], None]) -> Sequence[Finding]:
        """Return what was found.

        Args:
            files: the question's.
            say: is told in a few words what is looked at, as it happens.
        """


class QuestionRecords(Protocol):
    """The team's own questions in the store."""

    def add_version(self, version: Version) -> None:
        """Store a new version."""

    def save_version(self, version: Version) -> None:
        """Store the state and the findings of a version."""

    def versions(self, question_id: str) -> list[Version]:
        """Return the versions of a question, the newest first."""

    def newest_versions(self) -> list[Version]:
        """Return the newest version of every question, by title."""

    def take_queued_check(self) -> Version | None:
        """Mark one queued check as running and return its version."""

    def requeue_running_checks(self) -> int:
        """Put checks that a dead worker left behind back into the queue; return how many."""

    def grades_of(self, question_id: str, interview_ids: Sequence[str]) -> list[Grade]:
        """Return the gradings of a question in these interviews, the earliest interview first."""

    def add_editing(self, editing: Editing) -> None:
        """Store that a question is edited."""

    def editing(self, question_id: str) -> Editing | None:
        """Return the workspace in which a question is edited."""

    def editings(self) -> list[Editing]:
        """Return all of them."""

    def delete_editing(self, editing_id: str) -> None:
        """Forget a workspace; nothing happens if it is not there."""

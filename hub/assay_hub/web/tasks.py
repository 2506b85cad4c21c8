"""The tasks of a room as its page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from assay_config.settings import Settings
from assay_hub.domain.interview import Interview, QuestionRef
from assay_hub.ports import Library
from assay_hub.web.statement import rendered


@dataclass(frozen=True)
class Task:
    """One question of an interview.

    Attributes:
        notebook: address of its notebook in the workspace.
        statement: HTML without anything that a browser would load or run.
    """

    id: str
    title: str
    notebook: str
    statement: Markup


class Tasks:
    """Renders the statements of questions, each version once."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self._settings = settings
        self._statement = lru_cache(maxsize=256)(lambda ref: rendered(library.statement(ref)))

    def of(self, interview: Interview, refs: Sequence[QuestionRef] | None = None) -> list[Task]:
        """Return the tasks of an interview: all, or those of its questions that are given."""
        folder = f"{self._settings.origin(interview.workspace)}/user/{interview.workspace}/notebooks"
        asked = interview.questions if refs is None else refs
        return [Task(ref.id, ref.title, f"{folder}/{ref.notebook}", self._statement(ref)) for ref in asked]

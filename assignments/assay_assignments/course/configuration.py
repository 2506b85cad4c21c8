"""Reads a course's ``nbgrader_config.py`` as nbgrader does, but without nbgrader, whose import takes two seconds."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

_FILE = "nbgrader_config"
_OPTIONS: dict[str, Any] = {
    "course_id": "",
    "db_url": "",
    "directory_structure": "{nbgrader_step}/{student_id}/{assignment_id}",
    "source_directory": "source",
    "release_directory": "release",
    "submitted_directory": "submitted",
    "autograded_directory": "autograded",
    "feedback_directory": "feedback",
    "groupshared": False,
    "ignore": [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"],
    "student_id_exclude": "",
}
"""Options of nbgrader's ``CourseDirectory``, with its defaults."""
_NOTIFICATION = "This cell (id:{cell_id}) was missing from the submission. It was added back by nbgrader.\n\n"
_MAX_LINES, _MAX_TRACEBACK = 1000, 100
_CELL_SECONDS = 30
_FEEDBACK = ("nothing", "points", "tests", "words")


DELIMITERS = (("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"), ("BEGIN MARK SCHEME", "END MARK SCHEME"))
"""nbgrader's own, of hidden tests and of mark schemes."""


class CourseError(Exception):
    """The course cannot be graded as it is; the text says what to do."""


@dataclass(frozen=True)
class Delimiters:
    """What stands at the beginning and at the end of a region that students do not see."""

    regions: tuple[tuple[str, str], ...]

    def revealed(self, source: str) -> str:
        """Return a cell without its hidden regions."""
        kept = []
        ending = ""
        for line in source.split("\n"):
            if ending:
                ending = "" if ending in line else ending
            elif not (ending := next((end for begin, end in self.regions if begin in line), "")):
                kept.append(line)
        return "\n".join(kept)


@dataclass(frozen=True)
class Course:
    """A course folder and what its ``nbgrader_config.py`` says.

    Attributes:
        root: the folder, absolute.
        config: of all nbgrader's classes.
    """

    root: Path
    config: Config

    def option(self, name: str) -> Any:
        """Return an option of ``CourseDirectory``; also under the name that it had in older versions of nbgrader."""
        for section in ("CourseDirectory", "NbGrader", "Exchange"):
            if section in self.config and name in self.config[section]:
                return self.config[section][name]
        return _OPTIONS[name]

    @cached_property
    def db_url(self) -> str:
        """Where the gradebook is."""
        return str(self.option("db_url") or f"sqlite:///{self.root / 'gradebook.db'}")

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Return the folder of a step: ``source``, ``release``, ``submitted``, ``autograded`` or ``feedback``."""
        return self.root / self._structure(self.option(f"{step}_directory"), student, assignment)

    def pattern(self, step: str, assignment: str) -> re.Pattern[str]:
        """Return what matches the folder of a step, with the student as a group."""
        literal = {"nbgrader_step": self.option(f"{step}_directory"), "assignment_id": assignment}
        parts = re.split(r"\{(\w+)\}", str(self.root / self.option("directory_structure")))
        found = [
            re.escape(part) if not place % 2 else re.escape(literal[part]) if part in literal else "(?P<student>[^/]+)"
            for place, part in enumerate(parts)
        ]
        return re.compile("".join(found))

    def _structure(self, step: str, student: str, assignment: str) -> str:
        structure: str = self.option("directory_structure")
        return structure.format(nbgrader_step=step, student_id=student, assignment_id=assignment)

    def trait(self, name: str, default: Any, *sections: str) -> Any:
        """Return an option of one of nbgrader's classes, the most special one first."""
        for section in sections:
            if section in self.config and name in self.config[section]:
                return self.config[section][name]
        return default

    @property
    def notice(self) -> str | None:
        """What stands above a cell that was missing, or ``None`` when none is put back."""
        if not self.trait("add_missing_cells", False, "OverwriteCells"):  # noqa: FBT003  # an option's default
            return None
        return str(self.trait("missing_cell_notification", _NOTIFICATION, "OverwriteCells"))

    @property
    def max_lines(self) -> int:
        """How many lines of output of a cell are kept."""
        return int(self.trait("max_lines", _MAX_LINES, "LimitOutput")) if self._enabled("LimitOutput") else -1

    @property
    def max_traceback(self) -> int:
        """How many lines of a traceback are kept."""
        return int(self.trait("max_traceback", _MAX_TRACEBACK, "LimitOutput")) if self._enabled("LimitOutput") else -1

    @property
    def ignored(self) -> str:
        """What stderr may say without a loss of points, as a regular expression."""
        return str(self.trait("pattern", "", "IgnorePattern")) if self._enabled("IgnorePattern", default=False) else ""

    @property
    def cell_seconds(self) -> float:
        """How long a cell may run."""
        return float(self.trait("timeout", _CELL_SECONDS, "Execute", "ExecutePreprocessor") or 10 * _CELL_SECONDS)

    @property
    def delimiters(self) -> Delimiters:
        """Of hidden tests and of mark schemes."""
        tests, scheme = "ClearHiddenTests", "ClearMarkScheme"
        return Delimiters(
            (
                # nbgrader spells it so.
                (
                    str(self.trait("begin_test_delimeter", "BEGIN HIDDEN TESTS", tests)),
                    str(self.trait("end_test_delimeter", "END HIDDEN TESTS", tests)),
                ),
                (
                    str(self.trait("begin_mark_scheme_delimeter", "BEGIN MARK SCHEME", scheme)),
                    str(self.trait("end_mark_scheme_delimeter", "END MARK SCHEME", scheme)),
                ),
            )
        )

    @property
    def permissions(self) -> int:
        """Of an autograded file."""
        default = 664 if self.option("groupshared") else 444
        return int(str(self.trait("permissions", default, "Autograde", "BaseConverter")), 8)

    @property
    def feedback(self) -> str:
        """What students see of the tests: ``nothing``, ``points``, ``tests`` or ``words``.

        Raises:
            CourseError: it is none of these.
        """
        found = str(self.trait("feedback", "points", "Assay"))
        if found not in _FEEDBACK:
            raise CourseError(f"c.Assay.feedback is one of {', '.join(_FEEDBACK)}, and not {found!r}.")
        return found

    def kept_files(self, assignment: str) -> frozenset[str]:
        """Return the files that stay as they were handed in though the author has one of that name."""
        excluded = self.trait("exclude_overwriting", {}, "Autograde")
        return frozenset(excluded.get(assignment, []))

    def _enabled(self, name: str, *, default: bool = True) -> bool:
        return bool(self.trait("enabled", default, name, "NbGraderPreprocessor"))


def read_course(root: Path) -> Course:
    """Read the configuration of a course folder, over that of the user and of the machine.

    Raises:
        CourseError: there is no such folder, or a file of the configuration does not run.
    """
    root = root.absolute()
    if not root.is_dir():
        raise CourseError(f"There is no folder {root}.")
    config = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        for loader in (JSONFileConfigLoader, PyFileConfigLoader):
            suffix = ".json" if loader is JSONFileConfigLoader else ".py"
            try:
                config.merge(loader(f"{_FILE}{suffix}", path=folder).load_config())
            except ConfigFileNotFound:
                continue
            except Exception as error:
                # The file is a program: whatever it raises is what is wrong with it.
                raise CourseError(f"{folder}/{_FILE}{suffix}: {type(error).__name__}: {error}") from error
    return Course(root, config)

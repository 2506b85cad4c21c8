"""Checks questions with their own means, in the sandbox in which submissions are graded."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from assay_assignments.check import Report, check
from assay_assignments.grading import Sandbox
from assay_assignments.grading.sandbox import Cell, Run, Runner
from assay_hub.adapters.question_files import in_a_folder, packages_of
from assay_hub.domain.question import Files, Finding

_ABOUT = {
    "manifest": "Description",
    "notebook": "Notebook",
    "statement": "Statement",
    "files": "Files",
    "guidance": "Hints, follow-ups and rubric",
    "release": "What candidates get",
    "reference": "Reference solution",
    "starter": "What candidates start with",
    "mutants": "Mistakes that a test should notice",
    "repeat": "The same result twice",
    "generator": "Generated data",
    "growth": "Growth with the input",
    "words": "Words",
}
"""What people call the rules of a check."""


class SandboxChecker:
    """Runs a question against itself.

    Args:
        sandbox: where its cells run.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def check(self, files: Files, say: Callable[[str], None]) -> Sequence[Finding]:
        """Return what was found, and after that what was proved."""
        say("reading it")
        with in_a_folder(files) as folder, self._sandbox.open(packages_of(files), 1) as runner:
            return _findings(check(folder, _Counting(runner, say)))


@dataclass
class _Counting:
    """Says how many notebooks have run; how many there will be is known to the check alone."""

    runner: Runner
    say: Callable[[str], None]
    done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self,
        imports: str,
        cells: Sequence[Cell],
        files: Mapping[str, bytes],
        kernel: str = "python3",
        own: Collection[str] = (),
    ) -> Run:
        """Run the cells of one notebook."""
        with self.lock:
            self.done += 1
            self.say(f"running its notebook with right and wrong answers, run {self.done}")
        return self.runner.run(imports, cells, files, kernel, own)


def _findings(report: Report) -> list[Finding]:
    wrong = [
        Finding(_ABOUT.get(one.rule, one.rule), passed=False, message=one.text, cell=one.where, required=one.severe)
        for one in sorted(report.findings, key=lambda one: not one.severe)
    ]
    return wrong + [Finding(text, passed=True) for text in report.proved]

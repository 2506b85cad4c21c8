"""Checks questions with their own means, in the sandbox in which submissions are graded."""

from collections.abc import Callable, Iterator, Sequence

from assay_assignments.grading import Sandbox, grade
from assay_assignments.library import Question
from assay_assignments.release import release
from assay_hub.adapters.question_files import laid_out
from assay_hub.domain.errors import BadInputError
from assay_hub.domain.question import Files, Finding


class SandboxChecker:
    """Runs a question against itself.

    Args:
        sandbox: where its cells run.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def check(self, files: Files, say: Callable[[str], None]) -> Sequence[Finding]:
        """Return what was found."""
        say("reading it")
        try:
            with laid_out(files) as question:
                return list(self._checked(question, say))
        except BadInputError as error:
            return [Finding("It can be read and released", passed=False, message=error.detail)]

    def _checked(self, question: Question, say: Callable[[str], None]) -> Iterator[Finding]:
        yield Finding("It can be read, and nothing hidden is released", passed=True)
        say("running the reference solution")
        source = grade(question, {f"{question.id}.ipynb": question.notebook.read_bytes()}, self._sandbox)
        for cell in source.cells:
            if cell.points is not None:
                right = cell.points >= cell.max_points
                yield Finding(f"The reference solution passes {cell.grade_id}", right, cell.message, cell.grade_id)
        say("running what a candidate starts with")
        start = {file.path: file.content for file in release(question)}
        starter = grade(question, start, self._sandbox)
        got = [cell.grade_id for cell in starter.cells if cell.points]
        yield Finding("What a candidate starts with gets no point", not got, ", ".join(got))

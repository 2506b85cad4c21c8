"""An assignment's notebooks, made ready to grade: cells from the gradebook, as for nbgrader, the rest from files."""

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assay_assignments.course.configuration import Course, CourseError
from assay_assignments.course.gradebook import Gradebook, NoGradebookError, SourceCell, SourceNotebook
from assay_assignments.course.submissions import read_author_s
from assay_assignments.grading.notebook import MalformedError, marks_of, read_cells
from assay_assignments.grading.outputs import Trim
from assay_assignments.grading.prepared import (
    Prepared,
    imports_in,
    imports_of,
    kernel_of,
    modules_in,
    original,
    shared_by,
)
from assay_assignments.grading.scoring import is_graded, is_test
from assay_assignments.library import imported

_PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}


@dataclass(frozen=True)
class Assignment:
    """An assignment whose submissions can be graded.

    Attributes:
        name: of the assignment.
        notebooks: by name, without ``.ipynb``.
    """

    name: str
    notebooks: Mapping[str, Prepared]

    @property
    def packages(self) -> tuple[str, ...]:
        """What its notebooks import beyond the standard library."""
        return tuple(sorted({name for notebook in self.notebooks.values() for name in notebook.packages}))

    @cached_property
    def digest(self) -> str:
        """Hexadecimal SHA-256 over everything that submissions are graded with."""
        found = hashlib.sha256()
        for name, one in self.notebooks.items():
            files = {path: hashlib.sha256(content).hexdigest() for path, content in one.files.items()}
            parts = [name, one.originals, one.imports, files, one.notice, vars(one.trim)]
            found.update(json.dumps(parts, sort_keys=True).encode())
        return found.hexdigest()


def open_gradebook(course: Course, assignment: str) -> tuple[Gradebook, Assignment]:
    """Return the gradebook and the assignment in it; ``nbgrader generate_assignment`` puts it there when it is not.

    Raises:
        CourseError: there is no such assignment, or it cannot be graded.
    """
    try:
        gradebook = Gradebook(course.db_url)
        found = gradebook.notebooks(assignment)
    except NoGradebookError:
        found = ()
    if not found:
        _generate(course, assignment)
        gradebook = Gradebook(course.db_url)
        found = gradebook.notebooks(assignment)
    files = read_author_s(course, assignment)
    return gradebook, Assignment(assignment, {one.name: _prepared(course, assignment, one, files) for one in found})


def _generate(course: Course, assignment: str) -> None:
    source = course.folder("source", ".", assignment)
    if not list(source.glob("*.ipynb")):
        raise CourseError(f"There is no assignment {assignment!r}: neither in the gradebook nor in {source}.")
    # nbgrader calls alembic, which is beside this Python.
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", assignment, "--force"]
    done = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CourseError(f"`nbgrader generate_assignment {assignment}` failed:\n{done.stderr[-2000:]}")


def _prepared(course: Course, assignment: str, notebook: SourceNotebook, files: Mapping[str, bytes]) -> Prepared:
    spec = json.loads(notebook.kernelspec or "{}") or _PYTHON
    kernel = kernel_of(spec)
    authored = _authored(course, assignment, notebook.name)
    ours = {marks_of(cell)["grade_id"]: cell["metadata"].get("assay") for cell in authored if _is_named(cell)}
    order = {name: place for place, name in enumerate(ours)}
    # The gradebook keeps no order, except that rows mostly come as they were written.
    cells = sorted(notebook.cells, key=lambda cell: order.get(cell.name, len(order)))
    originals = {
        # An answer that is put back comes as it was released, a test with everything that is hidden.
        cell.name: original(
            cell.kind,
            cell.source if cell.locked else course.delimiters.revealed(cell.source),
            shared_by(kernel, _metadata(cell, ours.get(cell.name))),
        )
        for cell in cells
    }
    tests = [cell["source"] for cell in originals.values() if is_test(cell)]
    setup = [cell["source"] for cell in authored if cell["cell_type"] == "code" and not is_graded(cell)]
    setup += [cell["source"] for cell in originals.values() if cell["cell_type"] == "code" and not is_graded(cell)]
    own = modules_in(files)
    packages = _packages(setup + tests, own)
    return Prepared(
        notebook=f"{notebook.name}.ipynb",
        originals=originals,
        metadata={"kernelspec": spec, "language_info": {"name": spec.get("language", "python")}},
        imports=imports_of(setup, tests, {*packages, *own}),
        packages=imported(packages, kernel),
        files=files,
        notice=course.notice,
        trim=Trim(course.ignored, course.max_lines, course.max_traceback),
        kernel=kernel,
    )


def _metadata(cell: SourceCell, ours: Any) -> dict[str, Any]:
    marks = {
        "grade": cell.grade,
        "solution": cell.solution,
        "task": cell.task,
        "locked": cell.locked,
        "grade_id": cell.name,
        "schema_version": 3,
        "cell_type": cell.kind,
        "checksum": cell.checksum,
    }
    if cell.points is not None:
        marks["points"] = cell.points
    return {"nbgrader": marks, **({"assay": ours} if isinstance(ours, dict) else {})}


def _authored(course: Course, assignment: str, name: str) -> list[dict[str, Any]]:
    """Return the cells of the source notebook, none when it is no longer there."""
    path = course.folder("source", ".", assignment) / f"{name}.ipynb"
    try:
        return read_cells(path.read_bytes())
    except (OSError, MalformedError):
        return []


def _is_named(cell: Mapping[str, Any]) -> bool:
    return isinstance(marks_of(cell).get("grade_id"), str)


def _packages(sources: list[str], own: set[str]) -> tuple[str, ...]:
    """Return the top-level packages that cells import, without the standard library and the author's own files."""
    found = set()
    for source in sources:
        for statement in imports_in(source):
            names = [one.name for one in statement.names] if isinstance(statement, ast.Import) else [statement.module]
            found |= {name.partition(".")[0] for name in names if name}
    return tuple(sorted(found - sys.stdlib_module_names - own))

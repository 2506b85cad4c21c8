"""What belongs to a notebook that is graded, made ready once for all of its submissions."""

import ast
import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay_assignments.grading.notebook import joined, marks_of
from assay_assignments.grading.outputs import Trim
from assay_assignments.grading.scoring import is_test
from assay_assignments.library import Question
from assay_assignments.release import release, source_notebook


@dataclass(frozen=True)
class Prepared:
    """A notebook whose submissions can be graded. It has hidden tests, and is never to be shown to a candidate.

    Attributes:
        notebook: the path in a submission.
        originals: the author's cells by ``grade_id``, in order: tests with what is hidden, answers as released with the
            checksum that they had then.
        metadata: of the executed notebook.
        imports: what the author imports for the tests: those names are not the submission's to give.
        packages: what is imported beyond the standard library.
        files: the author's files, which win over a submission's of the same path.
        notice: what stands above a cell that was missing; ``None`` when it is not put back.
        trim: what is left out of outputs before they are scored.
        kernel: name of the kernel; with another than ``python3`` every test is a shared one.
    """

    notebook: str
    originals: Mapping[str, dict[str, Any]]
    metadata: Mapping[str, Any]
    imports: str
    packages: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    notice: str | None = ""
    trim: Trim = field(default_factory=Trim)
    kernel: str = "python3"


def prepare(question: Question) -> Prepared:
    """Return what the submissions of a question are graded with.

    Raises:
        BadQuestionError: the question itself cannot be read.
    """
    source = json.loads(json.dumps(source_notebook(question)))
    released = json.loads(release(question)[0].content)["cells"]
    kernel = kernel_of(source["metadata"].get("kernelspec", {}))
    originals = {}
    for cell, handed_out in zip(source["cells"], released, strict=True):
        if marks := handed_out["metadata"].get("nbgrader"):
            kept = handed_out if marks.get("solution") else cell
            own = {**cell["metadata"]["nbgrader"]}
            own.pop("checksum", None)
            if "checksum" in marks:
                own["checksum"] = marks["checksum"]
            metadata = shared_by(kernel, {**cell["metadata"], "nbgrader": own})
            originals[marks["grade_id"]] = original(cell["cell_type"], joined(kept["source"]) or "", metadata)
    tests = [cell["source"] for cell in originals.values() if is_test(cell)]
    setup = [cell["source"] for cell in source["cells"] if cell["cell_type"] == "code" and _is_setup(cell)]
    files = {path.name: path.read_bytes() for path in question.attachments}
    return Prepared(
        notebook=f"{question.id}.ipynb",
        originals=originals,
        metadata=source["metadata"],
        imports=imports_of(setup, tests, {*question.packages, *modules_in(files)}),
        packages=question.imported,
        files=files,
        kernel=kernel,
    )


def original(kind: str, source: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return an author's cell."""
    return {"cell_type": kind, "source": source, "metadata": metadata}


def kernel_of(spec: Mapping[str, Any]) -> str:
    """Return the name of the kernel; whatever an author's own is called, for Python it is ``python3``."""
    name = str(spec.get("name", "python3"))
    return "python3" if spec.get("language", "python" if name.startswith("python") else "") == "python" else name


def shared_by(kernel: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of an author's cell, with the mark of a test that runs in the submission's own process."""
    if kernel == "python3" or not metadata["nbgrader"].get("grade"):
        return dict(metadata)
    return {**metadata, "assay": {**metadata.get("assay", {}), "shared": True}}


def modules_in(files: Iterable[str]) -> set[str]:
    """Return the names of the modules and packages that files make."""
    return {path.removesuffix(".py").partition("/")[0] for path in files if path.endswith(".py")}


def imports_of(setup: Sequence[str], tests: Sequence[str], packages: Collection[str]) -> str:
    """Return the import statements of the author's cells that tests use, if they import what is there for them."""
    used = {node.id for test in tests for node in ast.walk(_parsed(test)) if isinstance(node, ast.Name)}
    known = sys.stdlib_module_names | set(packages)
    found = []
    for source in setup:
        for statement in imports_in(source):
            names = {(one.asname or one.name).partition(".")[0] for one in statement.names}
            modules = [one.name for one in statement.names] if isinstance(statement, ast.Import) else [statement.module]
            if names & used and all(str(module).partition(".")[0] in known for module in modules):
                found.append(ast.unparse(statement))
    return "\n".join(dict.fromkeys(found))


def imports_in(source: str) -> list[Any]:
    """Return the import statements of a cell; of one that is no plain Python there are none."""
    return [one for one in _parsed(source).body if isinstance(one, ast.Import | ast.ImportFrom)]


def _is_setup(cell: Any) -> bool:
    marks = marks_of(cell)
    return bool(marks) and not marks.get("solution") and not marks.get("grade")


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        # A cell with magics; its imports are the submission's to give.
        return ast.Module(body=[], type_ignores=[])

"""What a candidate gets of a question: nbgrader's release of its notebook, and its data."""

from typing import Any

from assay_assignments.library import Question
from assay_protocol.manifest import ReleasedFile


def release(question: Question) -> tuple[ReleasedFile, ...]:
    """Return the released files, the notebook first; the same bytes at every call.

    Solutions, hidden tests and mark schemes are taken out by nbgrader's own preprocessors, in the order in which
    ``nbgrader generate_assignment`` runs them.
    """
    # nbgrader takes most of a second to import, and most processes that know questions never release one.
    import nbformat  # noqa: PLC0415
    from nbgrader import preprocessors  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    config = Config()
    notebook = source_notebook(question)
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if question.stub:
        config.ClearSolutions.code_stub = {language: question.stub}
    resources: dict[str, Any] = {"metadata": {"name": question.id}}
    for step in (
        preprocessors.ClearSolutions,
        preprocessors.LockCells,
        preprocessors.CheckCellMetadata,
        preprocessors.ClearOutput,
        preprocessors.ClearHiddenTests,
        preprocessors.ClearMarkScheme,
        preprocessors.ComputeChecksums,
        preprocessors.CheckCellMetadata,
    ):
        notebook, resources = step(config=config)(notebook, resources)
    text: str = nbformat.writes(notebook) + "\n"  # type: ignore[no-untyped-call]
    released = ReleasedFile(f"{question.id}.ipynb", text.encode())
    return (released, *(ReleasedFile(path.name, path.read_bytes()) for path in question.attachments))


def statement(question: Question) -> str:
    """Return the task in Markdown: the notebook's first cell."""
    return str(source_notebook(question).cells[0].source)


def source_notebook(question: Question) -> Any:
    """Return the source notebook, with solutions and hidden tests: never to be shown to a candidate."""
    import nbformat  # noqa: PLC0415  # see release

    return nbformat.read(question.notebook, as_version=4)  # type: ignore[no-untyped-call]

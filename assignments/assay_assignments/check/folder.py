"""What lies beside the notebook: hints, follow-ups, the rubric, and nothing that nobody expects."""

import re
from collections.abc import Iterator
from pathlib import Path

from assay_assignments.check.report import Finding
from assay_assignments.guidance import follow_ups, hints, load_rubric
from assay_assignments.library import BadQuestionError, Question
from assay_assignments.manifest import FOLLOW_UPS, GENERATOR, HINTS, OWN_FILES, RUBRIC

_HINTS = range(3, 6)
_FOLLOW_UPS = range(3, 6)
_CRITERIA = range(3, 6)
_MAX_BYTES = 200_000
_DATA = (".csv", ".json", ".sql")
_TO_DO = "TODO(author)"


def look_around(question: Question, *, strict: bool) -> list[Finding]:
    """Return what is missing or too much in the folder of a question.

    Args:
        question: which folder.
        strict: whether what the house asks of official questions is more than advice.
    """
    guidance, files = _guidance(question, strict=strict), _files(question, strict=strict)
    return [*_named(question), *guidance, *files, *_to_do(question)]


def _named(question: Question) -> Iterator[Finding]:
    if question.folder.name != question.id:
        yield Finding("manifest", "question.toml", f"the folder is called {question.folder.name}, the id {question.id}")


def _guidance(question: Question, *, strict: bool) -> Iterator[Finding]:
    if len(hints(question)) not in _HINTS:
        text = f"{_many(_HINTS)} numbered hints (1. …) go from a nudge to nearly the answer"
        yield Finding("guidance", HINTS, f"{text}; {_there(len(hints(question)))}", severe=strict)
    if len(follow_ups(question)) not in _FOLLOW_UPS:
        text = f"{_many(_FOLLOW_UPS)} bullets (- …) deepen the talk"
        yield Finding("guidance", FOLLOW_UPS, f"{text}; {_there(len(follow_ups(question)))}", severe=strict)
    try:
        rubric = load_rubric(question)
    except BadQuestionError as error:
        yield Finding("guidance", RUBRIC, str(error).removeprefix(f"{question.folder / RUBRIC}: "))
        return
    there = 0 if rubric is None else len(rubric.criteria)
    if there not in _CRITERIA:
        text = f"{_many(_CRITERIA)} [[criteria]] with anchors 1, 3 and 5 tell people what to look for"
        yield Finding("guidance", RUBRIC, f"{text}; {_there(there)}", severe=strict)


def _files(question: Question, *, strict: bool) -> Iterator[Finding]:
    folder = question.folder
    expected = {*OWN_FILES, *question.files}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if _counts(path)}
    for name in sorted(found - expected):
        text = "nobody expects this file: list it in files if candidates get it, else take it away"
        yield Finding("files", name, text, severe=strict)
    size = sum((folder / name).stat().st_size for name in question.files)
    if size > _MAX_BYTES:
        text = f"what candidates get beside the notebook has {size // 1000} kB: {_MAX_BYTES // 1000} kB are enough"
        yield Finding("files", ", ".join(question.files), text, severe=strict)
    made = any(name.endswith(_DATA) for name in question.files)
    if made and strict and not (folder / GENERATOR).is_file():
        yield Finding("files", GENERATOR, "the data have no generator", severe=False)


def _to_do(question: Question) -> Iterator[Finding]:
    for name in sorted({*OWN_FILES, *question.files}):
        path = question.folder / name
        lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
        if places := [line for line in lines if _TO_DO in line]:
            shown = re.split(r'["\\]', places[0].partition(_TO_DO)[2])[0].strip(" :.")[:80]
            more = f", and {len(places) - 1} more" if len(places) > 1 else ""
            yield Finding("words", name, f"still to be done: {shown}{more}")


def _counts(path: Path) -> bool:
    return not path.is_dir() and "__pycache__" not in path.parts


def _many(allowed: range) -> str:
    return f"{allowed[0]} to {allowed[-1]}"


def _there(count: int) -> str:
    return "none is there" if not count else f"{count} {'is' if count == 1 else 'are'} there"

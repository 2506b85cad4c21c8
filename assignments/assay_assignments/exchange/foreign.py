"""otter-grader's assignments in nbgrader's format, where the one says exactly what the other says.

The format is that of "Otter Assign" (its documentation, "Notebook Format", v1): raw cells in YAML begin and end
questions, solutions and tests. What has no exact counterpart is refused with the reason.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assay_assignments.exchange.doctests import NotExactError, as_asserts, as_call

__all__ = ["NotExactError", "Turned", "is_otter", "otter_to_nbgrader"]

STUB = "..."
_BOUNDARY = re.compile(r"^#\s*(BEGIN|END)\s+(QUESTION|SOLUTION|PROMPT|TESTS)\s*$", re.IGNORECASE)
_CONFIG = re.compile(r"^#\s*ASSIGNMENT\s+CONFIG\s*$", re.IGNORECASE)
_IGNORED_CELL = re.compile(r"^\s*#+\s*IGNORE\s*#*\s*$", re.IGNORECASE)
_LINE = re.compile(
    r"#\s*(SOLUTION NO PROMPT|SOLUTION|SEED|IGNORE|BEGIN SOLUTION NO PROMPT|BEGIN SOLUTION|END SOLUTION)\s*$"
)
_PROMPT = re.compile(r"""^\s*['"]{3}\s*;?\s*#\s*(BEGIN|END) PROMPT""")
_TEST_CONFIG = re.compile(
    r"""^(?:.\s*=\s*)?['"]{3}\s*#\s*BEGIN\s*TEST\s*CONFIG[^\n]*\n(.*?)\n['"]{3}\s*#\s*END\s*TEST\s*CONFIG[^\n]*\n?""",
    re.IGNORECASE | re.DOTALL,
)
_HIDDEN = re.compile(r"^\s*#.*\bhidden\b", re.IGNORECASE)
# What these say has nothing to do with points, or with what a candidate sees of the task.
_NO_MATTER = frozenset(
    {
        "name",
        "config_file",
        "requirements",
        "overwrite_requirements",
        "environment",
        "run_tests",
        "solutions_pdf",
        "template_pdf",
        "init_cell",
        "check_all_cell",
        "export_cell",
        "instructions",
        "show_question_points",
        "runs_on",
        "python_version",
        "title",
    }
)
_QUESTION_KEYS = frozenset({"name", "points", "manual", "export", "check_cell"})
_TEST_KEYS = frozenset({"hidden", "points", "success_message", "failure_message"})
_GENERATE_NO_MATTER = frozenset({"show_stdout", "show_hidden", "pdf", "filtering", "pagebreaks", "token", "zips"})


@dataclass(frozen=True)
class Turned:
    """A notebook in nbgrader's format.

    Attributes:
        stub: what stands where a solution was, as otter-grader writes it.
        remarks: what was left out without changing a point.
    """

    content: bytes
    stub: str
    remarks: tuple[str, ...]


@dataclass
class _Case:
    source: str
    points: float | None
    hidden: bool


@dataclass
class _Question:
    """A question while its cells are read."""

    name: str
    points: Any = None
    manual: bool = False
    cases: list[tuple[str, _Case]] = field(default_factory=list)
    answers: int = 0


def is_otter(notebook: Mapping[str, Any]) -> bool:
    """Whether a notebook is written for Otter Assign."""
    firsts = (_text(cell).split("\n", 1)[0].strip() for cell in notebook["cells"] if cell["cell_type"] == "raw")
    return any(_BOUNDARY.match(first) or _CONFIG.match(first) for first in firsts)


def otter_to_nbgrader(notebook: Mapping[str, Any], files: Sequence[str]) -> Turned:
    """Return the notebook in nbgrader's format.

    Args:
        notebook: of format 4.5.
        files: names of the files beside it.

    Raises:
        NotExactError: something in it has no exact counterpart.
    """
    language = notebook["metadata"].get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise NotExactError(f"it is written in {language}: only assignments in Python are read")
    if "nbgrader" in json.dumps([cell["metadata"] for cell in notebook["cells"]]):
        raise NotExactError("it is marked for nbgrader and for otter-grader at once")
    reader = _Reader(files)
    for cell in notebook["cells"]:
        reader.take(cell)
    cells = reader.end()
    kept = {key: one for key, one in notebook["metadata"].items() if key != "otter"}
    body = {"cells": cells, "metadata": kept, "nbformat": 4, "nbformat_minor": 5}
    return Turned(
        (json.dumps(body, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode(), STUB, reader.remarks
    )


class _Reader:
    """Reads the cells of an assignment in their order."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = set(files)
        self._cells: list[dict[str, Any]] = []
        self._question: _Question | None = None
        self._block = ""
        self._doctests = True
        self._names: set[str] = set()
        self._noted: dict[str, None] = {}

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(self._noted)

    def take(self, cell: dict[str, Any]) -> None:
        first, _, rest = _text(cell).partition("\n")
        if cell["cell_type"] == "raw" and _CONFIG.match(first.strip()):
            self._configure(_yaml(rest, "the assignment's config"))
        elif cell["cell_type"] == "raw" and (found := _BOUNDARY.match(first.strip())):
            self._cross(found[1].upper(), found[2].upper(), rest)
        elif _IGNORED_CELL.match(first):
            self._noted["cells that otter-grader ignores were left out"] = None
        elif self._block == "TESTS":
            self._test(cell)
        elif self._block == "SOLUTION":
            self._answer(cell)
        elif self._block != "PROMPT":
            self._cells.append(_plain(cell))

    def end(self) -> list[dict[str, Any]]:
        if self._question is not None or self._block:
            raise NotExactError("a block that begins in it does not end")
        if not self._names:
            raise NotExactError("there is no question in it")
        return self._cells

    def _configure(self, config: Mapping[str, Any]) -> None:
        for key, value in config.items():
            if key == "tests":
                tests = value if isinstance(value, dict) else {}
                self._doctests = tests.get("ok_format", True) is not False
            elif key == "files":
                self._attach(value)
            elif key == "generate":
                chosen = set(value) if isinstance(value, dict) else set()
                if odd := sorted(map(str, chosen - _GENERATE_NO_MATTER)):
                    raise NotExactError(f"generate: {odd[0]} changes how it is graded")
            elif key not in _NO_MATTER:
                raise NotExactError(f"the option {key} of its config has no counterpart")

    def _attach(self, value: Any) -> None:
        listed = [str(one) for one in value] if isinstance(value, list) else [str(value)]
        if missing := [name for name in listed if name not in self._files]:
            raise NotExactError(f"its file {missing[0]} is not beside it")

    def _cross(self, side: str, block: str, rest: str) -> None:
        if block == "QUESTION":
            self._cross_question(side, rest)
        elif side == "BEGIN" and not self._block and self._question is not None:
            self._block = block
        elif side == "END" and self._block == block:
            self._block = ""
        else:
            raise NotExactError(f"{side} {block} stands where it cannot")

    def _cross_question(self, side: str, rest: str) -> None:
        if self._block or (side == "BEGIN") != (self._question is None):
            raise NotExactError(f"{side} QUESTION stands where it cannot")
        if self._question is not None:
            self._close(self._question)
            self._question = None
            return
        config = _yaml(rest, "a question's config")
        if odd := sorted(map(str, set(config) - _QUESTION_KEYS)):
            raise NotExactError(f"the option {odd[0]} of a question has no counterpart")
        name = re.sub(r"[^a-zA-Z0-9_-]+", "-", str(config.get("name", ""))).strip("-")
        if not name or name in self._names:
            raise NotExactError("a question has no name of its own")
        self._names.add(name)
        self._question = _Question(name, config.get("points"), config.get("manual") is True)

    def _answer(self, cell: dict[str, Any]) -> None:
        question = self._asked()
        question.answers += 1
        name = question.name if question.answers == 1 else f"{question.name}-{question.answers}"
        if cell["cell_type"] == "raw":
            raise NotExactError(f"{question.name}: a raw cell is no answer")
        prose = cell["cell_type"] == "markdown"
        if prose and not question.manual:
            raise NotExactError(f"{question.name}: an answer in words is scored by a person: manual is true")
        source = (
            f"### BEGIN SOLUTION\n{_text(cell)}\n### END SOLUTION" if prose else _solution(_text(cell), question.name)
        )
        marks = _marks(name, solution=True)
        if question.manual:
            if question.answers > 1:
                raise NotExactError(f"{question.name}: a person scores one answer, not several")
            marks |= {
                "grade": True,
                "points": _number(1 if question.points is None else question.points, question.name),
            }
        self._cells.append(_plain(cell, source, {"nbgrader": marks}))

    def _test(self, cell: dict[str, Any]) -> None:
        question = self._asked()
        if cell["cell_type"] != "code":
            raise NotExactError(f"{question.name}: a test is a code cell")
        if question.manual:
            raise NotExactError(f"{question.name}: a person scores it, and tests do")
        source = _text(cell)
        hidden = bool(_HIDDEN.match(source.split("\n", 1)[0]))
        source = source.partition("\n")[2] if hidden else source
        config: Mapping[str, Any] = {}
        if found := _TEST_CONFIG.match(source):
            config, source = _yaml(found[1], f"a test's config of {question.name}"), source[found.end() :]
        if odd := sorted(map(str, set(config) - _TEST_KEYS)):
            raise NotExactError(f"{question.name}: the option {odd[0]} of a test has no counterpart")
        if {"success_message", "failure_message"} & set(config):
            self._noted["messages of tests that pass or fail were left out"] = None
        lines = "\n".join(line for line in source.splitlines() if not re.search(r"#\s*IGNORE\s*$", line))
        turned = as_asserts(lines, cell.get("outputs", [])) if self._doctests else as_call(lines)
        points = None if config.get("points") is None else _number(config["points"], question.name, least=0)
        case = _Case(turned, points, config.get("hidden", hidden) is True)
        name = f"{question.name}-test-{len(question.cases) + 1}"
        question.cases.append((name, case))
        text = f"### BEGIN HIDDEN TESTS\n{turned}\n### END HIDDEN TESTS" if case.hidden else turned
        title = {"title": f"{question.name}, test {len(question.cases)}"}
        marks = _marks(name, grade=True, locked=True, points=0)
        self._cells.append(_plain({**cell, "outputs": []}, text, {"assay": title, "nbgrader": marks}))

    def _close(self, question: _Question) -> None:
        if question.manual and not question.answers:
            raise NotExactError(f"{question.name}: there is no answer that a person could score")
        if not question.manual and not question.cases:
            raise NotExactError(f"{question.name}: there is no test, and no person scores it")
        worth = dict(zip((name for name, _ in question.cases), _shares(question), strict=True))
        for cell in self._cells:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            if name in worth:
                cell["metadata"]["nbgrader"]["points"] = worth[name]

    def _asked(self) -> _Question:
        assert self._question is not None  # noqa: S101  # a block begins inside a question only
        return self._question


def _shares(question: _Question) -> list[float]:
    """Return the points of each test by the rules of Otter Assign that leave no doubt."""
    own = [case.points for _, case in question.cases]
    if not own:
        return []
    points, name = question.points, question.name
    if isinstance(points, dict) and set(points) == {"each"} and own == [None] * len(own):
        shares = [_number(points["each"], name)] * len(own)
    elif isinstance(points, list) and len(points) == len(own) and own == [None] * len(own):
        shares = [_number(one, name) for one in points]
    elif own == [None] * len(own) and not isinstance(points, dict | list):
        shares = [_number(1 if points is None else points, name) / len(own)] * len(own)
    elif None not in own and points in (None, sum(one or 0 for one in own)):
        shares = [one or 0 for one in own]
    else:
        raise NotExactError(f"{name}: it is not clear how many points each test has")
    if not all(one > 0 for one in shares):
        raise NotExactError(f"{name}: a test without points has no counterpart")
    return shares


def _solution(source: str, name: str) -> str:
    """Return a solution cell with nbgrader's markers around what otter-grader takes away."""
    kept: list[str] = []
    inside = False
    for line in source.splitlines():
        found = _LINE.search(line)
        word = found[1] if found else ""
        indent = line[: len(line) - len(line.lstrip())]
        if _PROMPT.match(line) or word == "SEED":
            raise NotExactError(f"{name}: a prompt or a seed in code has no counterpart")
        if word.startswith("BEGIN SOLUTION") and not inside:
            inside = True
            kept.append(f"{indent}### BEGIN SOLUTION")
        elif word == "END SOLUTION" and inside:
            inside = False
            kept.append(f"{indent}### END SOLUTION")
        elif found and word in {"SOLUTION", "SOLUTION NO PROMPT"} and not inside:
            kept += _line(line[: found.start()].rstrip(), indent, prompt=word == "SOLUTION")
        elif not found or (word in {"SOLUTION", "SOLUTION NO PROMPT"} and inside):
            kept.append(line)
        elif word != "IGNORE":
            raise NotExactError(f"{name}: {word} stands where it cannot")
    if inside:
        raise NotExactError(f"{name}: a solution that begins in a cell does not end")
    if not any("### BEGIN SOLUTION" in line for line in kept):
        return "\n".join(["### BEGIN SOLUTION", *kept, "### END SOLUTION"])
    return "\n".join(kept)


def _line(code: str, indent: str, *, prompt: bool) -> Iterator[str]:
    """Yield one line of a solution in a region; of an assignment a candidate keeps the name."""
    target = re.match(r"^(\s*[A-Za-z_][\w, ]*=)(?!=)", code)
    if prompt and target:
        yield f"{target[1]} {STUB}"
    yield f"{indent}### BEGIN SOLUTION"
    yield code
    yield f"{indent}### END SOLUTION"


def _plain(
    cell: Mapping[str, Any], source: str | None = None, metadata: dict[str, Any] | None = None
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell_type": cell["cell_type"],
        "id": cell["id"],
        "metadata": dict(cell["metadata"]) if metadata is None else metadata,
        "source": _text(cell) if source is None else source,
    }
    if cell["cell_type"] == "code":
        made |= {"execution_count": None, "outputs": []}
    elif "attachments" in cell:
        made["attachments"] = cell["attachments"]
    return made


def _marks(grade_id: str, **more: Any) -> dict[str, Any]:
    usual = {"grade": False, "locked": False, "solution": False, "task": False}
    return {**usual, "grade_id": grade_id, "schema_version": 3, **more}


def _number(value: Any, name: str, least: float = 1e-9) -> float:
    if type(value) not in {int, float} or not least <= value <= 1e6:  # noqa: PLR2004  # more is a mistake
        raise NotExactError(f"{name}: its points are no number above 0")
    return float(value)


def _yaml(text: str, what: str) -> dict[str, Any]:
    import yaml  # noqa: PLC0415  # only here

    try:
        body = yaml.safe_load(text) or {}
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotExactError(f"{what} cannot be read") from error
    if not isinstance(body, dict):
        raise NotExactError(f"{what} is no list of options")
    return body


def _text(cell: Mapping[str, Any]) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])

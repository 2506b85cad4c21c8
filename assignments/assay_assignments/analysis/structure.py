"""What the syntax of a cell tells: its functions, how deep and how complex they are, errors, names and repetition."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from complexipy import code_complexity
from radon.complexity import ComplexityVisitor

MAX_FUNCTIONS = 200
MAX_PLACES = 50
REPEATED_LINES = 5
"""So many lines in a row that are there twice are called repeated."""

_NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match)
_BROAD = frozenset({"Exception", "BaseException"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """A function, or with an empty name what a cell has outside of functions.

    Attributes:
        lines: from its first to its last.
        arguments: how many it takes.
        depth: of its blocks inside each other.
        cyclomatic: independent ways through it (McCabe, as radon counts).
        cognitive: how hard it is to follow (SonarSource's measure, as complexipy counts); ``None`` when it is counted
            with the function around it.
        documented: whether it has a docstring.
    """

    name: str
    cell: int
    line: int
    lines: int
    arguments: int
    depth: int
    cyclomatic: int
    cognitive: int | None
    documented: bool


@dataclass(frozen=True)
class Spot:
    """Something at one place.

    Attributes:
        kind: what it is: ``bare``, ``broad``, ``silent``, ``specific``, ``raise``, ``assert`` or ``short name``.
        says: a word about it.
    """

    kind: str
    says: str
    cell: int
    line: int


@dataclass(frozen=True)
class Repeated:
    """Lines that are there twice."""

    cell: int
    line: int
    again_cell: int
    again_line: int
    lines: int


@dataclass
class Structure:
    """All of it, over the cells of one notebook.

    Attributes:
        code_lines: lines that hold more than a comment.
        spots: errors that are handled or raised, and names of one letter.
    """

    lines: int = 0
    code_lines: int = 0
    comment_lines: int = 0
    classes: int = 0
    functions: list[Function] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)


def look_at(structure: Structure, cell: int, source: str) -> None:
    """Add what a cell of plain Python tells.

    Raises:
        RecursionError: it is nested too deep.
    """
    texts = [line.strip() for line in source.split("\n")]
    structure.lines += len(texts)
    structure.comment_lines += sum(text.startswith("#") for text in texts)
    structure.code_lines += sum(bool(text) and not text.startswith("#") for text in texts)
    tree = ast.parse(source)
    structure.classes += sum(isinstance(node, ast.ClassDef) for node in ast.walk(tree))
    structure.functions += _functions(cell, source, tree)
    structure.spots += _spots(cell, tree)
    del structure.functions[MAX_FUNCTIONS:], structure.spots[MAX_PLACES:]


def look_for_repetition(cells: Sequence[tuple[int, str]]) -> list[Repeated]:
    """Return runs of five or more lines that are there twice, apart from blank lines and comments."""
    lines = [
        (text.strip(), cell, number)
        for cell, source in cells
        for number, text in enumerate(source.split("\n"), 1)
        if text.strip() and not text.strip().startswith(("#", "import ", "from "))
    ]
    seen: dict[tuple[str, ...], int] = {}
    found: list[Repeated] = []
    place = 0
    while place + REPEATED_LINES <= len(lines) and len(found) < MAX_PLACES:
        window = tuple(text for text, _, _ in lines[place : place + REPEATED_LINES])
        first = seen.setdefault(window, place)
        if first + REPEATED_LINES > place or len("".join(window)) < 10 * REPEATED_LINES:
            place += 1
            continue
        length = REPEATED_LINES
        while (
            place + length < len(lines)
            and first + length < place
            and lines[first + length][0] == lines[place + length][0]
        ):
            length += 1
        found.append(Repeated(*lines[first][1:], *lines[place][1:], length))
        place += length
    return found


def _functions(cell: int, source: str, tree: ast.Module) -> list[Function]:
    visitor = ComplexityVisitor.from_ast(tree)
    cyclomatic = dict(_counted(visitor.blocks))
    whole = code_complexity(source)
    cognitive = {(one.name.rpartition("::")[2], one.line_start): int(one.complexity) for one in whole.functions}
    found = [_function(cell, name, node, cyclomatic, cognitive) for name, node in _definitions(tree, "")]
    outside = int(visitor.complexity)
    left = int(whole.complexity) - sum(cognitive.values())
    if outside > 1 or left > 0:
        rest = [node for node in tree.body if not isinstance(node, (*_DEFINITIONS, ast.ClassDef))]
        lines = sum(_span(node) for node in rest)
        first = rest[0].lineno if rest else 1
        depth = max((_depth(node) for node in rest), default=0)
        found.append(Function("", cell, first, lines, 0, depth, outside, max(0, left), documented=False))
    return found


def _function(
    cell: int, name: str, node: _Definition, cyclomatic: dict[int, int], cognitive: dict[tuple[str, int], int]
) -> Function:
    taken = node.args
    count = len(taken.posonlyargs) + len(taken.args) + len(taken.kwonlyargs) + bool(taken.vararg) + bool(taken.kwarg)
    starts = [node.lineno, *(one.lineno for one in node.decorator_list)]
    followed = next((cognitive[node.name, start] for start in starts if (node.name, start) in cognitive), None)
    ways = cyclomatic.get(node.lineno, 1)
    depth = max((_depth(child) for child in node.body), default=0)
    documented = ast.get_docstring(node, clean=False) is not None
    return Function(name[:200], cell, node.lineno, _span(node), count, depth, ways, followed, documented)


def _counted(blocks: Sequence[object]) -> Iterator[tuple[int, int]]:
    """Yield line and cyclomatic complexity of radon's blocks, with those inside them."""
    for block in blocks:
        if not hasattr(block, "methods"):
            yield block.lineno, int(block.complexity)  # type: ignore[attr-defined]
        inner = [*getattr(block, "methods", ()), *getattr(block, "inner_classes", ()), *getattr(block, "closures", ())]
        yield from _counted(inner)


def _definitions(node: ast.AST, around: str) -> Iterator[tuple[str, _Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Definition):
            yield around + child.name, child
        inside = f"{around}{child.name}." if isinstance(child, (_Definition, ast.ClassDef)) else around
        yield from _definitions(child, inside)


def _depth(node: ast.AST) -> int:
    """Return how deep blocks are inside each other."""
    if isinstance(node, (*_DEFINITIONS, ast.ClassDef)):
        return 0
    inner = max((_depth(child) for child in ast.iter_child_nodes(node)), default=0)
    return inner + isinstance(node, _NESTING)


def _span(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _spots(cell: int, tree: ast.Module) -> Iterator[Spot]:
    short: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type)[:80] if node.type else ""
            silent = all(isinstance(one, ast.Pass | ast.Continue) for one in node.body)
            kind = "bare" if not caught else "broad" if caught in _BROAD else "specific"
            yield Spot("silent" if silent else kind, caught, cell, node.lineno)
        elif isinstance(node, ast.Raise):
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            yield Spot("raise", ast.unparse(raised)[:80] if raised else "", cell, node.lineno)
        elif isinstance(node, ast.Assert):
            yield Spot("assert", "", cell, node.lineno)
        elif isinstance(node, ast.arg) and len(node.arg) == 1:
            short.setdefault(node.arg, node.lineno)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and len(node.id) == 1 and node.id != "_":
            short.setdefault(node.id, node.lineno)
    for name, line in sorted(short.items()):
        yield Spot("short name", name, cell, line)

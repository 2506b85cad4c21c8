"""otter-grader's two kinds of tests as plain asserts: cells that show a value, and functions that raise."""

import ast
from collections.abc import Sequence
from typing import Any


class NotExactError(ValueError):
    """Something that nbgrader's format cannot say in exactly the same way; the text says what."""


def as_asserts(source: str, outputs: Sequence[Any]) -> str:
    """Return a test that passes when the cell would show again what it showed, as a doctest does.

    Args:
        source: of the cell.
        outputs: what it showed when the author ran it: that is what is expected.

    Raises:
        NotExactError: it showed something other than one value, or is no plain Python.
    """
    tree = _parsed(source)
    expected = _expected(outputs)
    if not tree.body:
        raise NotExactError("a test has nothing to test")
    last = tree.body[-1]
    if expected is not None and not isinstance(last, ast.Expr):
        raise NotExactError("a test shows a value that is not that of its last line")
    lines = []
    for statement in tree.body:
        text = ast.get_source_segment(source, statement) or ast.unparse(statement)
        if not isinstance(statement, ast.Expr):
            lines.append(_whole(source, statement, text))
        elif statement is last and expected is not None:
            lines.append(f"assert repr({_one_line(text)}) == {expected!r}, {_told(text, expected)!r}")
        else:
            # A doctest fails when a line shows a value that is not expected.
            lines.append(f"assert ({_one_line(text)}) is None")
    return "\n".join(lines)


def as_call(source: str) -> str:
    """Return a test that calls the function of an exception-based test with the names it asks for.

    Raises:
        NotExactError: it is not one function, or asks for more than names.
    """
    tree = _parsed(source)
    functions = [one for one in tree.body if isinstance(one, ast.FunctionDef)]
    if len(functions) != 1 or len(tree.body) != 1 or functions[0].decorator_list:
        raise NotExactError("a test is one function and nothing else")
    wanted = functions[0].args
    if wanted.vararg or wanted.kwarg or wanted.defaults or wanted.kw_defaults or wanted.posonlyargs:
        raise NotExactError("a test asks for its arguments by their names alone")
    names = [one.arg for one in wanted.args]
    if "env" in names:
        raise NotExactError("a test asks for env, all names of the submission at once")
    return f"{source.strip()}\n\n{functions[0].name}({', '.join(names)})"


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotExactError("a test is no plain Python") from error


def _expected(outputs: Sequence[Any]) -> str | None:
    """Return the text of the one value that was shown; ``None`` when nothing was."""
    if not outputs:
        return None
    first = outputs[0] if isinstance(outputs[0], dict) else {}
    shown = first.get("data", {}) if first.get("output_type") == "execute_result" else {}
    text = shown.get("text/plain")
    text = "".join(text) if isinstance(text, list) else text
    if len(outputs) != 1 or not isinstance(text, str):
        raise NotExactError("a test prints or draws something: only a value at its end can be compared")
    if "..." in text or "<BLANKLINE>" in text or " object at 0x" in text:
        raise NotExactError("a test shows a value that is another each time, or abbreviated")
    return text


def _whole(source: str, statement: ast.stmt, text: str) -> str:
    """Return a statement with what its decorators say, which a segment leaves out."""
    decorators = getattr(statement, "decorator_list", [])
    if not decorators:
        return text
    return "\n".join(source.splitlines()[decorators[0].lineno - 1 : statement.end_lineno])


def _one_line(text: str) -> str:
    return f"\n{text}\n" if "\n" in text or "#" in text else text


def _told(text: str, expected: str) -> str:
    return f"{' '.join(text.split())[:60]} is to be {' '.join(expected.split())[:60]}"

"""A sandbox that is none: cells run here, so that what is around them is checked quickly."""

import ast
import contextlib
import io
import os
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from assay_assignments.grading.sandbox import Cell, Run, SandboxError


class PlainRunner:
    """Meets the port of a runner: submission and tests share their names."""

    def __init__(self) -> None:
        self.runs = 0

    def run(
        self,
        imports: str,
        cells: Sequence[Cell],
        files: Mapping[str, bytes],
        kernel: str = "python3",
        own: Collection[str] = (),  # noqa: ARG002  # the port's
    ) -> Run:
        """Run the cells in a folder of their own."""
        if kernel != "python3":
            raise SandboxError(f"there is no kernel {kernel}")
        self.runs += 1
        names: dict[str, Any] = {"__name__": "__main__"}
        here = Path.cwd()
        with tempfile.TemporaryDirectory() as folder:
            for path, content in files.items():
                (Path(folder) / path).write_bytes(content)
            os.chdir(folder)
            try:
                exec(imports, names)  # noqa: S102  # cells of tests of ours
                return Run(tuple(_run(cell.source, names) for cell in cells), (), "")
            finally:
                os.chdir(here)


def _run(source: str, names: dict[str, Any]) -> dict[str, Any]:
    printed = io.StringIO()
    outputs: list[dict[str, Any]] = []
    status = "ok"
    try:
        with contextlib.redirect_stdout(printed):
            value = _value(ast.parse(source), names)
        if value is not None:
            shown = {"text/plain": repr(value)}
            outputs.append({"output_type": "execute_result", "data": shown, "metadata": {}, "execution_count": None})
    except Exception as error:  # noqa: BLE001  # whatever a cell raises is its result
        status = "failed" if isinstance(error, AssertionError) else "error"
        outputs.append({"output_type": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": []})
    text = printed.getvalue()
    return {"status": status, "outputs": [{"output_type": "stream", "name": "stdout", "text": text}, *outputs]}


def _value(tree: ast.Module, names: dict[str, Any]) -> Any:
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)  # noqa: S102  # see above
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307  # see above

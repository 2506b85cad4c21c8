"""What is done once for all notebooks: importing what questions import, and first uses, which cost more than later.

Nothing here may come from a question but the names of packages: every process of every submission is a fork of this.
"""

import importlib
import io
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout, suppress

import numpy as np
import pandas as pd
from IPython.core.interactiveshell import InteractiveShell

from .codec import CannotCrossError, decode, encode
from .shell import Screen

_CELLS = ("pass", "%time pass", "1 +", "1 / 0")
"""What a cell may do to its shell; the first traceback imports for longer than most notebooks run."""
_TABLE = "when,name,group,number\n" + "".join(f"2024-01-0{n},x{n},{n % 2},{n}.5\n" for n in range(1, 9))


def warm(packages: Iterable[str], shell: InteractiveShell, screen: Screen) -> None:
    """Import packages; one that is not there is the submission's to miss."""
    for name in packages:
        with suppress(Exception):
            importlib.import_module(name)
        if name == "matplotlib":
            _plot()
    _use_tables()
    _use_cells(shell)
    screen.clear()


def _plot() -> None:
    import matplotlib.pyplot as plt  # noqa: PLC0415  # only for questions that plot

    importlib.import_module("pandas.plotting._matplotlib")
    _, axes = plt.subplots()
    axes.plot([1, 2], label="x")
    axes.bar(["a", "b"], [1, 2])
    axes.legend()
    plt.show()
    plt.close("all")


def _use_cells(shell: InteractiveShell) -> None:
    before = set(shell.user_ns)
    with redirect_stdout(io.StringIO()):
        for cell in _CELLS:
            shell.run_cell(cell, store_history=False)  # type: ignore[no-untyped-call]
    # What came of it is not the submission's to find.
    for name in set(shell.user_ns) - before:
        del shell.user_ns[name]
    for name in ("last_type", "last_value", "last_traceback"):
        vars(sys).pop(name, None)


def _use_tables() -> None:
    table = pd.read_csv(io.StringIO(_TABLE), parse_dates=["when"])
    table = table.drop_duplicates().assign(twice=lambda found: found.number * 2, other=[1.0, None] * 4)
    table["other"] = table["other"].fillna(table["other"].median())
    grouped = table.groupby("group")["number"].sum().sort_values(ascending=False)
    table.merge(grouped.rename("total"), left_on="group", right_index=True).pivot_table("number", "name", "group")
    table[table["number"] > table["other"]].sort_values("name").reset_index(drop=True).describe()
    table.set_index("when")["number"].resample("D").mean().rolling(2).mean()
    repr(table), table._repr_html_()  # what a notebook shows of a table
    pd.testing.assert_frame_equal(table, decode(encode(table, _no_handle), _no_handle))
    np.percentile(np.random.default_rng(0).normal(size=9), [2.5, 97.5])
    np.testing.assert_allclose(np.cumsum(np.insert(np.ones(3), 0, 0)), [0, 1, 2, 3])


def _no_handle(found: object) -> dict[str, object]:
    raise CannotCrossError(type(found).__name__)

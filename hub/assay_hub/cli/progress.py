"""How far a batch has come: a bar with rate and time left on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_SECONDS = 10.0

Told = Callable[[Any], None]


@contextmanager
def progress(total: int) -> Iterator[Told]:
    """Show how many of so many are done; what is yielded is called after each."""
    if sys.stderr.isatty():
        yield from _bar(total)
    else:
        yield _lines(total)


def _bar(total: int) -> Iterator[Told]:
    from rich.console import Console  # noqa: PLC0415  # not wanted where there is no terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    rate = TextColumn("{task.speed:.1f}/s" if total else "")
    columns = (TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("", total=total)
        yield lambda _: shown.advance(task)


def _lines(total: int) -> Told:
    began = last = time.monotonic()
    done = 0

    def told(_: Any) -> None:
        nonlocal done, last
        done += 1
        now = time.monotonic()
        if now - last > _SECONDS:
            last = now
            left = (now - began) / done * (total - done)
            print(f"{done} of {total}, {done / (now - began):.1f}/s, {left:.0f} s left", file=sys.stderr, flush=True)

    return told

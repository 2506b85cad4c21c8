"""The command ``assay``."""

import argparse
import sys
from collections.abc import Sequence

from assay_hub.cli import grade

_LIGHT = frozenset({"feedback", "grade", "grade-worker"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; those that need nothing of the hub start without importing it."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and words[0] in _LIGHT:
        parser = argparse.ArgumentParser(prog="assay")
        grade.add(parser.add_subparsers(required=True, metavar="COMMAND"))
        chosen = parser.parse_args(words)
        code: int = chosen.command(chosen)
        return code
    from assay_hub.cli.main import main as main_of_all  # noqa: PLC0415  # see above

    return main_of_all(words)


__all__ = ["main"]

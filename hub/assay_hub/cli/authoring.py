"""``assay question check``: what an author's work needs of a shell."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from assay_assignments.check import CELL_SECONDS, Report, check
from assay_assignments.grading import SandboxError
from assay_assignments.library import BadQuestionError, load_question
from assay_assignments.manifest import MANIFEST
from assay_config import settings
from assay_hub.cli.sandboxes import Place, choose
from assay_hub.domain.errors import BadInputError

_WORKERS = 2


def add(parts: Any) -> None:
    """Add the commands to those of ``assay question``."""
    says = "run a question's solution, its mistakes and its data, and say what a candidate would stumble over"
    command = parts.add_parser("check", help=says, description=says)
    command.add_argument("question", nargs="*", help="id in the library, or a folder; all of the library without")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--sandbox", type=Place, choices=list(Place), default=Place.AUTO, help="where it runs")
    command.add_argument("--workers", type=int, default=_WORKERS, help="how many notebooks run at the same time")
    command.set_defaults(command=_check)


def _check(chosen: argparse.Namespace) -> int:
    read = settings.read()
    folders = [_folder(read, name) for name in chosen.question] or _all(read.library)
    place = choose(read, chosen.sandbox, CELL_SECONDS)
    if place.remark:
        print(f"assay: {place.remark}", file=sys.stderr)
    reports = []
    try:
        with place.sandbox.open(_packages(folders), chosen.workers) as runner:
            for folder in folders:
                reports.append(check(folder, runner, workers=chosen.workers))
                if not chosen.json:
                    _print(reports[-1])
    except SandboxError as error:
        raise BadInputError("The sandbox failed.", str(error)) from error
    if chosen.json:
        print(json.dumps([report.as_json() for report in reports], indent=2))
    elif len(reports) > 1:
        failed = [report.question for report in reports if not report.passed]
        print(f"{len(reports) - len(failed)} of {len(reports)} pass. {' '.join(failed)}".strip())
    return 0 if all(report.passed for report in reports) else 1


def _print(report: Report) -> None:
    print(f"{report.question} {report.version}: {'passes' if report.passed else 'FAILS'} ({report.seconds:.1f} s)")
    for shown in report.proved:
        print(f"  ok      {shown}")
    for one in sorted(report.findings, key=lambda one: not one.severe):
        print(f"  {'FAILS ' if one.severe else 'advice'}  {f'{one.where}: ' if one.where else ''}{one.text}")


def _folder(read: settings.Settings, name: str) -> Path:
    """Return the folder of a question by its path, or by its id in the library."""
    for folder in (Path(name), read.library / name, read.formats / name):
        if (folder / MANIFEST).is_file():
            return folder.resolve()
    if Path(name).is_dir():
        raise BadInputError(f"There is no {MANIFEST} in {name}.", "`assay question new` makes a folder to begin with.")
    known = ", ".join(path.name for path in _all(read.library))
    raise BadInputError(f"There is no question {name!r}.", f"The library has: {known}.")


def _all(library: Path) -> list[Path]:
    return [path.parent.resolve() for path in sorted(library.glob(f"*/{MANIFEST}"))]


def _packages(folders: Iterable[Path]) -> Sequence[str]:
    """Return what the questions import; one that cannot be read is told of later."""
    found: set[str] = set()
    for folder in folders:
        try:
            found.update(load_question(folder).packages)
        except BadQuestionError:
            continue
    return sorted(found)

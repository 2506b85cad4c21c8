"""``assay question new``, ``check``, ``import`` and ``export``: what an author's work needs of a shell."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from assay_assignments.check import CELL_SECONDS, Report, check
from assay_assignments.exchange import (
    BadArchiveError,
    Found,
    Given,
    NotExportableError,
    Refused,
    import_questions,
    pack,
    to_course,
    write_question,
)
from assay_assignments.grading import SandboxError
from assay_assignments.library import BadQuestionError, load_question
from assay_assignments.manifest import DIFFICULTIES, MANIFEST, TYPES
from assay_assignments.release import release
from assay_assignments.template import BadNameError, new_question
from assay_config import settings
from assay_hub.cli.sandboxes import Place, choose
from assay_hub.domain.errors import BadInputError

_WORKERS = 2
_ONE = "a folder, or an id of the official or of the team's own questions"
_ALL_WITHOUT = f"{_ONE}; all of these without"


def add(parts: Any) -> None:
    """Add the commands to those of ``assay question``."""
    _add_new(parts)
    _add_check(parts)
    _add_preview(parts)
    _add_exchange(parts)


def _add_new(parts: Any) -> None:
    says = "make a folder for a new question, with marks where its author has to write something"
    command = parts.add_parser("new", help=says, description=says)
    command.add_argument("id", help="letters, digits, - and _; the folder is called the same")
    command.add_argument("--type", choices=TYPES, default="live coding", help="sort of task")
    command.add_argument("--title", default="", help="what people call it; made of the id without")
    command.add_argument("--author", default="", help="who writes it")
    command.add_argument("--into", type=Path, default=Path(), help="folder in which it is made; this one without")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_new)


def _add_check(parts: Any) -> None:
    says = "run a question's solution, its mistakes and its data, and say what a candidate would stumble over"
    command = parts.add_parser("check", help=says, description=says)
    command.add_argument(
        "question",
        nargs="*",
        help=_ALL_WITHOUT,
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--sandbox", type=Place, choices=list(Place), default=Place.AUTO, help="where it runs")
    command.add_argument("--workers", type=int, default=_WORKERS, help="how many notebooks run at the same time")
    command.set_defaults(command=_check)


def _add_preview(parts: Any) -> None:
    says = "write what a candidate gets of a question into a folder, to be opened in Jupyter"
    command = parts.add_parser("preview", help=says, description=says)
    command.add_argument("question", help=_ONE)
    command.add_argument("folder", type=Path, help="where it is written; made if it is not there")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_preview)


def _add_exchange(parts: Any) -> None:
    says = "take questions from a course of nbgrader (zip or folder), or from a single notebook"
    command = parts.add_parser("import", help=says, description=says)
    command.add_argument("file", type=Path, help="a .zip, an .ipynb, or a folder")
    command.add_argument("--type", choices=TYPES, default=Given.type, help="sort of task, where it is not known")
    command.add_argument("--difficulty", choices=DIFFICULTIES, default=Given.difficulty, help="where it is not known")
    command.add_argument("--minutes", type=int, default=Given.minutes, help="where they are not known")
    command.add_argument("--author", default=Given.author, help="where it is not known")
    command.add_argument("--licence", default=Given.licence, help="where it is not known")
    command.add_argument("--into", type=Path, default=Path(), help="folder in which they are put; this one without")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_import)

    says = "write questions as a course of nbgrader, a zip file; `assay question import` reads it without a loss"
    command = parts.add_parser("export", help=says, description=says)
    command.add_argument("file", type=Path, help="the zip file to be written")
    command.add_argument(
        "question",
        nargs="*",
        help=_ALL_WITHOUT,
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=_export)


def _new(chosen: argparse.Namespace) -> int:
    folder = chosen.into.absolute() / chosen.id
    try:
        files = new_question(chosen.id, chosen.type, chosen.title, chosen.author)
    except BadNameError as error:
        raise BadInputError("This question cannot be made.", str(error)) from error
    if folder.exists():
        raise BadInputError(f"{folder} is there already.", "Choose another id, or another folder by --into.")
    write_question(Found(chosen.id, files), folder.parent)
    if chosen.json:
        print(json.dumps({"folder": str(folder), "files": sorted(files)}, indent=2))
        return 0
    print(f"{folder} is there: {', '.join(sorted(files))}.")
    print(f"Write something in place of each TODO(author), then: assay question check {folder}")
    return 0


def _preview(chosen: argparse.Namespace) -> int:
    try:
        files = release(load_question(_folder(settings.read(), chosen.question)))
    except BadQuestionError as error:
        raise BadInputError("The question cannot be read.", str(error)) from error
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if there := [file.path for file in files if (chosen.folder / file.path).exists()]:
        raise BadInputError(f"{chosen.folder / there[0]} is there already.", "Choose another folder.")
    for file in files:
        (chosen.folder / file.path).write_bytes(file.content)
    if chosen.json:
        print(json.dumps([{"path": file.path, "bytes": len(file.content)} for file in files], indent=2))
    else:
        print("\n".join(str(chosen.folder / file.path) for file in files))
    return 0


def _import(chosen: argparse.Namespace) -> int:
    given = Given(chosen.type, chosen.difficulty, chosen.minutes, chosen.author, chosen.licence)
    root = chosen.into.absolute()
    try:
        content = pack(_read_folder(chosen.file)) if chosen.file.is_dir() else chosen.file.read_bytes()
        found = import_questions(chosen.file.name, content, given)
    except BadArchiveError as error:
        raise BadInputError(f"{chosen.file} cannot be taken.", str(error)) from error
    outcome = [_put(one, root) for one in found]
    if chosen.json:
        print(json.dumps([vars(one) if isinstance(one, Refused) else _put_json(one) for one in outcome], indent=2))
    for one in outcome if not chosen.json else ():
        print(f"refused  {one.name}: {one.reason}" if isinstance(one, Refused) else f"taken    {root / one.id}")
        for remark in () if isinstance(one, Refused) else one.remarks:
            print(f"           {remark}")
    return 1 if any(isinstance(one, Refused) for one in outcome) else 0


def _put(one: Found | Refused, root: Path) -> Found | Refused:
    if isinstance(one, Refused):
        return one
    try:
        write_question(one, root)
    except FileExistsError:
        return Refused(one.id, f"{root / one.id} is there already")
    return one


def _put_json(one: Found) -> dict[str, Any]:
    return {"id": one.id, "files": sorted(one.files), "remarks": list(one.remarks)}


def _read_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a course's folder that a zip file of it would have; links are left where they point to."""
    kept = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    parts = {path: path.relative_to(folder).parts for path in kept}
    source = any(part[0] == "source" for part in parts.values())
    wanted = {path: one for path, one in parts.items() if not source or one[0] in {"source", "assay"}}
    return {"/".join(one): path.read_bytes() for path, one in wanted.items()}


def _export(chosen: argparse.Namespace) -> int:
    read = settings.read()
    folders = [_folder(read, name) for name in chosen.question] or _all(read)
    try:
        questions = [load_question(folder) for folder in folders]
        content = pack(to_course(questions))
    except (BadQuestionError, NotExportableError) as error:
        raise BadInputError("The questions cannot be exported.", str(error)) from error
    with chosen.file.open("xb") as file:
        file.write(content)
    if chosen.json:
        print(json.dumps({"file": str(chosen.file), "questions": [one.id for one in questions]}, indent=2))
    else:
        print(f"{chosen.file} has {len(questions)} questions: unpack it into a course folder of nbgrader.")
    return 0


def _check(chosen: argparse.Namespace) -> int:
    read = settings.read()
    folders = [_folder(read, name) for name in chosen.question] or _all(read)
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
    """Return the folder of a question by its path, or by its id among the official ones and the team's own."""
    for folder in (Path(name), read.library / name, read.own_folder / name, read.formats / name):
        if (folder / MANIFEST).is_file():
            return folder.resolve()
    if Path(name).is_dir():
        raise BadInputError(f"There is no {MANIFEST} in {name}.", "`assay question new` makes a folder to begin with.")
    known = ", ".join(path.name for path in _all(read))
    raise BadInputError(f"There is no question {name!r}.", f"There are: {known}.")


def _all(read: settings.Settings) -> list[Path]:
    """Return the folders of the official questions, then those of the team's own."""
    libraries = (read.library, read.own_folder)
    return [path.parent.resolve() for library in libraries for path in sorted(library.glob(f"*/{MANIFEST}"))]


def _packages(folders: Iterable[Path]) -> Sequence[str]:
    """Return what the questions import; one that cannot be read is told of later."""
    found: set[str] = set()
    for folder in folders:
        try:
            found.update(load_question(folder).imported)
        except BadQuestionError:
            continue
    return sorted(found)

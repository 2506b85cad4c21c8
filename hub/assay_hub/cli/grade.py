"""``assay grade``: grades the submissions of an nbgrader course folder.

It starts without the rest of Assay, whose import takes longer than grading a dozen submissions.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

_SHOWN = 20
_DONE, _REVIEW, _FAILED, _INTERRUPTED = 0, 1, 2, 130


def add(commands: Any) -> None:
    """Add the command to the parser's."""
    says = "grade the submissions of an nbgrader course folder, in a sandbox and all at once"
    command = commands.add_parser("grade", help=says, description=says, epilog=_EPILOG)
    command.add_argument("course", type=Path, help="the course folder, with nbgrader_config.py")
    command.add_argument("assignment", help="name of the assignment")
    command.add_argument("--student", metavar="GLOB", default="*", help="only students whose name matches")
    workers = os.cpu_count() or 1
    command.add_argument("--workers", type=int, default=workers, help=f"at the same time (here: {workers})")
    executor = "local, or a dask cluster: dask://127.0.0.1:8786, dasks://host:8786 with TLS"
    command.add_argument("--executor", default="local", help=executor)
    command.add_argument("--resume", action="store_true", help="leave out what has been graded and has not changed")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.set_defaults(command=_grade)

    says = "write the feedback of a graded assignment, for nbgrader to release"
    command = commands.add_parser("feedback", help=says, description=says)
    command.add_argument("course", type=Path, help="the course folder, with nbgrader_config.py")
    command.add_argument("assignment", help="name of the assignment")
    command.add_argument("--student", metavar="GLOB", default="*", help="only students whose name matches")
    shows = "what of the tests is shown: points (the default), those that are not hidden too, or the author's words"
    command.add_argument("--show", choices=("nothing", "points", "tests", "words"), help=shows)
    command.set_defaults(command=_feedback)

    says = "be a worker of a dask cluster, for assay grade --executor"
    command = commands.add_parser("grade-worker", help=says, description=says)
    command.add_argument("scheduler", help="its address: tcp://127.0.0.1:8786, or tls://host:8786")
    command.add_argument("--workers", type=int, default=workers, help=f"submissions at the same time (here: {workers})")
    command.set_defaults(command=_work)


_EPILOG = "Exit code: 0 all graded, 1 something needs a person's review, 2 it could not be done."


def _grade(chosen: argparse.Namespace) -> int:
    began = time.monotonic()
    place = _looking()
    # While another process looks for the sandbox, this one reads the course.
    from assay_assignments.course.configuration import CourseError  # noqa: PLC0415
    from assay_assignments.grading.conversation import SandboxError  # noqa: PLC0415

    try:
        entries = _graded(chosen, place)
    except (CourseError, SandboxError, OSError) as error:
        lines = [f"assay: {error}"]
        if isinstance(error, SandboxError | OSError):
            lines.append("  What had been graded is kept. When this is mended, go on with --resume.")
        print("\n".join(lines), file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print("assay: stopped. What had been graded is kept; --resume goes on.", file=sys.stderr)
        return _INTERRUPTED
    finally:
        with place:
            place.terminate()
    return _reported(chosen, entries, time.monotonic() - began)


def _graded(chosen: argparse.Namespace, place: "subprocess.Popen[str]") -> list[Any]:
    from assay_assignments.course import batch  # noqa: PLC0415  # see _grade
    from assay_assignments.course.configuration import CourseError, read_course  # noqa: PLC0415
    from assay_assignments.course.journal import Journal  # noqa: PLC0415
    from assay_assignments.course.penalties import penalty_of  # noqa: PLC0415
    from assay_assignments.course.sources import open_gradebook  # noqa: PLC0415
    from assay_assignments.course.submissions import find  # noqa: PLC0415
    from assay_hub.cli.progress import progress  # noqa: PLC0415

    course = read_course(chosen.course)
    gradebook, assignment = open_gradebook(course, chosen.assignment)
    folders = find(course, chosen.assignment, chosen.student)
    if not folders:
        where = course.folder("submitted", chosen.student, chosen.assignment)
        raise CourseError(f"There is no submission in {where}.")
    journal = Journal(course.root / ".assay" / "grading" / f"{assignment.name}.jsonl")
    opened = _graders(chosen, place, assignment, course.cell_seconds)
    with journal, opened as graders, progress(len(folders)) as told:
        work = batch.Batch(course, assignment, gradebook, journal, penalty_of(course), told)
        return batch.run(work, folders, graders, resume=chosen.resume)


def _graders(
    chosen: argparse.Namespace, place: "subprocess.Popen[str]", assignment: Any, cell_seconds: float
) -> AbstractContextManager[Any]:
    if chosen.executor != "local":
        from assay_assignments.course.cluster import Terms, cluster  # noqa: PLC0415  # see _grade

        return cluster(chosen.executor, assignment, Terms(cell_seconds))
    from assay_assignments.course.executors import local  # noqa: PLC0415  # see _grade

    return local(assignment, _sandbox(place)(cell_seconds), max(1, chosen.workers))


def _feedback(chosen: argparse.Namespace) -> int:
    from assay_assignments.course.configuration import CourseError, read_course  # noqa: PLC0415  # see _grade
    from assay_assignments.course.feedback import Show, generate  # noqa: PLC0415

    try:
        course = read_course(chosen.course)
        generate(course, chosen.assignment, chosen.student, Show(chosen.show or course.feedback))
    except CourseError as error:
        print(f"assay: {error}", file=sys.stderr)
        return _FAILED
    print(f"The feedback is in {course.folder('feedback', '*', chosen.assignment)}")
    return _DONE


def _work(chosen: argparse.Namespace) -> int:
    from assay_assignments.course.cluster import work  # noqa: PLC0415  # see _grade
    from assay_assignments.course.configuration import CourseError  # noqa: PLC0415

    with _looking() as place:
        try:
            work(chosen.scheduler, _sandbox(place), max(1, chosen.workers))
        except CourseError as error:
            print(f"assay: {error}", file=sys.stderr)
            return _FAILED
        except KeyboardInterrupt:
            return _INTERRUPTED
    return _DONE


def _looking() -> "subprocess.Popen[str]":
    """Start looking for the sandbox."""
    return subprocess.Popen([sys.executable, "-m", "assay_config.sandbox"], stdout=subprocess.PIPE, text=True)


def _sandbox(place: "subprocess.Popen[str]") -> Callable[[float], Any]:
    """Return what makes a sandbox whose cells have so many seconds."""
    from assay_assignments.course.configuration import CourseError  # noqa: PLC0415  # see _grade
    from assay_assignments.grading.sandbox import ContainerSandbox, ProcessSandbox  # noqa: PLC0415

    said = place.communicate()[0]
    if place.returncode:
        raise CourseError("There is no sandbox to grade in.")
    found = json.loads(said)
    if found["problem"]:
        raise CourseError(found["problem"])
    if found["remark"]:
        print(f"assay: {found['remark']}", file=sys.stderr)
    wall = found["wall_seconds"]
    if not found["image"]:
        return lambda cell_seconds: ProcessSandbox(cell_seconds, wall)
    profile = Path(found["seccomp"])
    return lambda cell_seconds: ContainerSandbox(found["image"], found["memory"], cell_seconds, wall, profile)


def _reported(chosen: argparse.Namespace, entries: Sequence[Any], seconds: float) -> int:
    review = [entry for entry in entries if _reasons(entry)]
    if chosen.json:
        found = [{"student": entry.student, **entry.result, "review": _reasons(entry)} for entry in entries]
        print(json.dumps({"assignment": chosen.assignment, "seconds": round(seconds, 3), "submissions": found}))
        return _REVIEW if review else _DONE
    notebooks = [one for entry in entries for one in entry.result["notebooks"].values()]
    verdicts = Counter(cell["verdict"] for one in notebooks for cell in one["cells"])
    print(f"\n{chosen.assignment}: {len(entries)} submissions in {seconds:.1f} s")
    for name, number in verdicts.most_common():
        print(f"  {name:<14} {number:>7} cells")
    points = [sum(one["points"] for one in entry.result["notebooks"].values()) for entry in entries]
    most = sum(one["max_points"] for one in entries[0].result["notebooks"].values())
    print(f"  points: {min(points):g} to {max(points):g} of {most:g}, on average {sum(points) / len(points):.2f}")
    if review:
        print(f"\n{len(review)} need a person's review:")
        for entry in review[:_SHOWN]:
            print(f"  {entry.student:<20} {'; '.join(_reasons(entry))[:150]}")
        if len(review) > _SHOWN:
            print(f"  … and {len(review) - _SHOWN} more")
    return _REVIEW if review else _DONE


def _reasons(entry: Any) -> list[str]:
    """Say why a person has to look at a submission."""
    found = list(entry.result["remarks"])
    for name, one in entry.result["notebooks"].items():
        found += [f"{name}: {one['message']}"] if one["message"] else []
        waiting = [cell["grade_id"] for cell in one["cells"] if cell["review"]]
        if waiting and one["outcome"] != "malformed":
            found.append(f"{name}: {', '.join(waiting)}")
    return found

"""Grading on the machines of a dask cluster: each worker has a sandbox of its own, and keeps it open.

Whoever reaches a dask scheduler can run what they like on its workers. So it is reached over loopback or over TLS with
certificates, as dask's own configuration has them, and over nothing else.
"""

import asyncio
import atexit
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from assay_assignments.course.batch import Graders, grade_submission
from assay_assignments.course.configuration import CourseError
from assay_assignments.course.executors import handing
from assay_assignments.course.sources import Assignment
from assay_assignments.course.submissions import Submission
from assay_assignments.grading.sandbox import Runner, Sandbox
from assay_assignments.grading.verdicts import Grade

_SECONDS = 10
_RETRIES = 3
_TRANSPORTS = {"dask": "tcp", "dasks": "tls", "tcp": "tcp", "tls": "tls"}
_PORT = 8786

_here = threading.Lock()
_sandbox: Callable[[float], Sandbox] | None = None
_workers = 1
_open: dict[str, tuple[Runner, ExitStack]] = {}


@dataclass(frozen=True)
class Terms:
    """How a cluster's worker grades.

    Attributes:
        cell_seconds: of a cell.
    """

    cell_seconds: float


@contextmanager
def cluster(address: str, assignment: Assignment, terms: Terms) -> Iterator[Graders]:
    """Grade on the workers of a cluster; a submission whose worker dies goes to another.

    Args:
        address: of the scheduler: ``dask://127.0.0.1:8786``, or ``dasks://host:8786`` for TLS.
        assignment: is sent to each worker once.
        terms: how to grade.

    Raises:
        CourseError: there is no such cluster, or it is reached in the open.
    """
    where = transport(address)
    client = _client(where)
    with client:
        cores = client.ncores()
        if not cores:
            raise CourseError(f"The cluster at {address} has no workers: `assay grade-worker {where}` starts one.")
        sent = client.scatter(assignment, broadcast=True)
        executor = client.get_executor(pure=False, retries=_RETRIES)
        try:
            yield handing(executor, sent, terms, sum(cores.values()), grade_there)
        finally:
            executor.shutdown(wait=False)


def transport(address: str) -> str:
    """Return where dask finds a scheduler.

    Raises:
        CourseError: this is no address, or one of another machine without TLS.
    """
    parts = urlsplit(address)
    kind = _TRANSPORTS.get(parts.scheme)
    if kind is None or not parts.hostname:
        raise CourseError(f"{address!r} is no address of a cluster; dask://127.0.0.1:8786 is one.")
    if kind == "tcp" and not _is_loopback(parts.hostname):
        raise CourseError(f"{address} is on another machine: that takes TLS, with dasks:// and dask's certificates.")
    return f"{kind}://{parts.hostname}:{parts.port or _PORT}"


def work(address: str, sandbox: Callable[[float], Sandbox], workers: int) -> None:
    """Be a worker of a cluster until its scheduler is gone.

    Args:
        address: of the scheduler.
        sandbox: returns one whose cells have so many seconds.
        workers: how many submissions at the same time.

    Raises:
        CourseError: there is no such cluster, or it is reached in the open.
    """
    global _sandbox, _workers  # a worker is a process, and dask hands tasks nothing else of ours
    _sandbox, _workers = sandbox, workers
    atexit.register(_close)
    asyncio.run(_work(transport(address), workers))


def grade_there(assignment: Assignment, submission: Submission, terms: Terms) -> dict[str, Grade]:
    """Grade a submission in a worker, in the sandbox that is open there."""
    return grade_submission(assignment, submission, _runner(assignment, terms))


async def _work(address: str, workers: int) -> None:
    from distributed import Worker  # noqa: PLC0415  # optional

    host = None if address.startswith("tls") else "127.0.0.1"
    try:
        async with Worker(address, nthreads=workers, host=host, security=_security(address)) as worker:
            await worker.finished()
    except (OSError, TimeoutError) as error:
        raise CourseError(f"There is no cluster at {address}: {error}") from error


def _runner(assignment: Assignment, terms: Terms) -> Runner:
    """Return the open sandbox for an assignment; that for another is closed."""
    key = f"{assignment.digest}/{terms.cell_seconds}"
    with _here:
        if key not in _open:
            if _sandbox is None:
                raise CourseError("This is no worker that grades: `assay grade-worker` starts one.")
            _close_all()
            stack = ExitStack()
            runner = stack.enter_context(_sandbox(terms.cell_seconds).open(assignment.packages, _workers))
            _open[key] = runner, stack
        return _open[key][0]


def _close() -> None:
    with _here:
        _close_all()


def _close_all() -> None:
    while _open:
        _open.popitem()[1][1].close()


def _client(address: str) -> Any:
    try:
        from distributed import Client  # noqa: PLC0415  # optional
    except ImportError as error:
        raise CourseError("A cluster takes dask: pip install 'assay[dask]'.") from error
    try:
        return Client(address, timeout=_SECONDS, security=_security(address))  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError) as error:
        raise CourseError(f"There is no cluster at {address}: {error}") from error


def _security(address: str) -> Any:
    from distributed import Security  # noqa: PLC0415  # optional

    return Security(require_encryption=True) if address.startswith("tls") else None  # type: ignore[no-untyped-call]


def _is_loopback(host: str) -> bool:
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise CourseError(f"There is no machine {host!r}: {error}") from error
    return all(ipaddress.ip_address(str(one)).is_loopback for one in found)

"""The desk with 100,000 interviews and a batch of 1,000 people with 6 questions each, on SQLite and on PostgreSQL.

A whole Assay is started on a database that ``assay bench data`` has filled. Requests go straight to the service, one
after the other, over a kept connection, with the session of somebody who signed in by link: an administrator, who sees
everything, and a member, for whom visibility has to be worked out. Times are those of a client on the same machine,
so they hold everything the server does, the hub's answer to who this is included. Of a batch there are the grid and
the next piece of work to grade by hand, with the notebook in it. Prints a table and writes ``.bench/desk.json``: the
95th percentile in ms of each kind of page, and as ``…_cpu_ms`` the mean processor time.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]

import postgresql  # noqa: E402 - found through the line above
from e2e.conftest import Installation  # noqa: E402
from visitor import Visitor  # noqa: E402

from assay_config.settings import Settings  # noqa: E402
from assay_hub.adapters.database.batch_filling import ID, fill_batch  # noqa: E402
from assay_hub.bootstrap import Application  # noqa: E402
from assay_hub.cli import main as assay  # noqa: E402
from assay_hub.domain.batch import GridSearch, Show  # noqa: E402
from assay_hub.domain.search import MAX_PAGE_ROWS, Search  # noqa: E402

MEMBERS = ("interviewer", "member000")
GRADED_CELLS = 5


@dataclass(frozen=True)
class Served:
    """A service with a filled database, and its clients by account."""

    application: Application
    clients: dict[str, httpx.Client]
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time that the service has used."""
        parts = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


class Filled(Installation):
    """An installation whose use cases are on the database that it was given."""

    def __init__(self, data: Path, database: str) -> None:
        super().__init__(data, ASSAY_WORKSPACE__ENGINE="process", ASSAY_DATABASE=database)
        self.application = Application(
            Settings(data=data, port=self.port, library=ROOT / "assignments" / "library", database=database)
        )


@contextmanager
def served(database: str, data: Path, sizes: argparse.Namespace) -> Iterator[Served]:
    """Run Assay on a database that is filled first."""
    os.environ.update(ASSAY_DATABASE=database, ASSAY_DATA=str(data))
    words = ["bench", "data", "--interviews", str(sizes.interviews), "--tags", str(sizes.tags)]
    assert assay([*words, "--members", str(sizes.members)]) == 0
    installation = Filled(data, database)
    application = installation.application
    fill_batch(application.database, sizes.people, sizes.questions, application.artefacts.put(executed()))
    with ExitStack() as stack:
        stack.callback(installation.end)
        installation.start()
        clients = {}
        for account in MEMBERS:
            visitor = Visitor(installation.port)
            assert visitor.get(installation.sign_in_link(account)).status_code == httpx.codes.OK
            jar = visitor.cookies[installation.desk_host]
            cookie = "; ".join(f"{name}={value}" for name, value in jar.items())
            headers = {"Host": installation.desk_host, "Cookie": cookie, "Accept": "text/html"}
            base = f"http://127.0.0.1:{installation.application.settings.service_port}/services/assay/"
            clients[account] = stack.enter_context(httpx.Client(base_url=base, headers=headers, timeout=60))
        yield Served(installation.application, clients, installation.pid_of("assay_hub.web"))


def executed() -> bytes:
    """Return a notebook of ordinary length with outputs, as it comes out of grading."""
    cells: list[dict[str, object]] = []
    for place in range(20):
        printed = "".join(f"row {row} of output {place}\n" for row in range(40))
        output = {"output_type": "stream", "name": "stdout", "text": printed}
        source = "\n".join(f"value_{row} = compute({row}, {place})" for row in range(15))
        marks = {"nbgrader": {"grade_id": f"cell-{place}", "grade": True}} if place < GRADED_CELLS else {}
        cell = {"cell_type": "code", "id": f"c{place}", "execution_count": place, "metadata": marks}
        cells += [{**cell, "source": source, "outputs": [output]}]
        cells += [{"cell_type": "markdown", "id": f"m{place}", "metadata": {}, "source": "Some words. " * 40}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def grids(served_by: Served) -> list[str]:
    """Return addresses of the grid: filtered, searched, sorted, and pages further on."""
    here = f"batches/{ID}"
    asked: list[dict[str, str]] = [
        {},
        *({"order": order} for order in ("-name", "points", "-points")),
        {"show": "review"},
        {"show": "review", "question": "question-3", "order": "points"},
        *({"q": text} for text in ("chloé", "s00512", "nobody", "example.org")),
    ]
    find, search = served_by.application.find_batches, GridSearch()
    cursors = []
    for _ in range(10):
        search = replace(search, cursor=find.grid(_admin(served_by), ID, search)[2].next)
        cursors.append({"cursor": search.cursor})
    return [f"{here}?{urlencode(one)}" for one in (*asked, *cursors)]


def following(served_by: Served) -> list[str]:
    """Return addresses of one piece of work after the other, as somebody grades them."""
    find, admin = served_by.application.find_batches, _admin(served_by)
    found = []
    for show, by_person in ((Show.REVIEW, False), (Show.ALL, True), (Show.ALL, False)):
        at = find.first(admin, ID, show, "" if by_person else "question-2")
        way = urlencode({"show": show.value, "by": "person" if by_person else "question"})
        for _ in range(20):
            assert at is not None
            found.append(f"batches/{ID}/work/{at[0]}/{at[1]}?{way}")
            at = find.after(admin, ID, *at, show, by_person=by_person)
    return found


def lists(served_by: Served) -> list[str]:
    """Return addresses of the list with several filters and orders."""
    positions = [one.id for one in served_by.application.positions.positions(_admin(served_by))]
    tags = served_by.application.find_interviews.tags(_admin(served_by), "", 1_000)
    dates = {"since": "2025-01-01", "until": "2025-01-14"}
    asked: list[dict[str, str]] = [
        {},
        *({"order": order} for order in ("date", "title", "-candidate", "-created")),
        *({"state": state} for state in ("live", "closed", "created")),
        *({"role": one} for one in positions[:4]),
        *({"role": one, "state": "live"} for one in positions[4:6]),
        *({"tag": tag} for tag in (tags[0], tags[len(tags) // 2], tags[-1])),
        {"tag": tags[3], "state": "closed", "order": "title"},
        *({"interviewer": f"member{number:03}"} for number in (4, 100)),
        {"interviewer": "member005", "state": "live"},
        dates,
        {**dates, "order": "title", "state": "closed"},
    ]
    return ["?" + urlencode(one) for one in asked]


def searches(_served_by: Served) -> list[str]:
    """Return addresses of searches in words: common, rare, none, and together with filters."""
    said = ("analyst", "Kowalska", "chloé fischer", "54321", "99999", "nobody is called so", "onsite", "e", "_", "100%")
    asked: list[dict[str, str]] = [{"q": text} for text in said]
    asked += [{"q": text, "order": "title"} for text in said[:6]]
    asked += [{"q": text, "state": "live"} for text in said[:4]]
    return ["?" + urlencode(one) for one in asked]


def details(served_by: Served) -> list[str]:
    """Return addresses of interviews that every member may see."""
    found = served_by.application.find_interviews(_admin(served_by), Search(rows=MAX_PAGE_ROWS)).interviews
    return [f"interviews/{one.id}" for one in found if not one.viewers][:60]


def _admin(served_by: Served):  # noqa: ANN202 - a person
    return served_by.application.team.person(MEMBERS[0])


PAGES: dict[str, Callable[[Served], list[str]]] = {
    "list": lists,
    "search": searches,
    "detail": details,
    "grid": grids,
    "next": following,
}


def measure(served_by: Served, requests: int, pages: list[str]) -> dict[str, tuple[list[float], float]]:
    """Return for each kind of page the times in ms, and the mean processor time in ms."""
    found = {}
    for kind in pages:
        addresses = PAGES[kind]
        asked = list(itertools.product(served_by.clients.items(), addresses(served_by)))
        times: dict[str, list[float]] = {}
        for (_, client), address in asked:  # what is met for the first time is read from the disk: not counted
            assert client.get(address).status_code == httpx.codes.OK, address
        begun = served_by.cpu_seconds()
        for (account, client), address in itertools.islice(itertools.cycle(asked), requests):
            start = time.perf_counter()
            answer = client.get(address)
            times.setdefault(f"{account} {address}", []).append((time.perf_counter() - start) * 1e3)
            assert answer.status_code == httpx.codes.OK, address
        used = (served_by.cpu_seconds() - begun) * 1e3 / requests
        slowest = max(times, key=lambda each: statistics.median(times[each]))
        print(f"    the slowest {kind}: {slowest}: {statistics.median(times[slowest]):.0f} ms", flush=True)
        found[kind] = ([one for some in times.values() for one in some], used)
    return found


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20)[18]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200, help="counted requests of each kind of page")
    parser.add_argument("--interviews", type=int, default=100_000)
    parser.add_argument("--tags", type=int, default=1_000)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES))
    parser.add_argument("--people", type=int, default=1_000, help="people of the batch")
    parser.add_argument("--questions", type=int, default=6, help="questions of the batch")
    chosen = parser.parse_args()
    figures = {}
    print(f"{'':22}{'p95, ms':>10}{'median':>10}{'max':>10}{'cpu':>10}")
    for engine in ("sqlite", "postgres"):
        with ExitStack() as stack:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-bench-")))
            url = f"sqlite:///{data / 'assay.sqlite'}"
            if engine == "postgres":
                url = stack.enter_context(postgresql.database(stack.enter_context(postgresql.server()), "bench"))
            for kind, (times, used) in measure(
                stack.enter_context(served(url, data, chosen)), chosen.requests, chosen.pages
            ).items():
                figures |= {f"{engine}_{kind}_p95_ms": p95(times), f"{engine}_{kind}_cpu_ms": used}
                middle = statistics.median(times)
                print(f"{engine + ' ' + kind:22}{p95(times):>10.1f}{middle:>10.1f}{max(times):>10.1f}{used:>10.1f}")
    for kind in {"grid", "next"} & set(chosen.pages):  # what the slower database makes of it
        figures[f"{kind}_p95_ms"] = max(figures[f"{engine}_{kind}_p95_ms"] for engine in ("sqlite", "postgres"))
    body = {
        "name": "desk",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.platform()}, load {os.getloadavg()[0]:.1f}",
        "figures": {name: round(value, 3) for name, value in figures.items()},
        "baseline": {},  # there is nothing of its kind beside which to measure; what is wanted is 100 ms
    }
    folder = ROOT / ".bench"
    folder.mkdir(exist_ok=True)
    (folder / "desk.json").write_text(json.dumps(body, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

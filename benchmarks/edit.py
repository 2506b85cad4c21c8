"""From a key press in one browser until the character stands in another's: stock jupyter-collaboration, beside ours.

Four pages of one Chromium: interviewer and candidate in the room of a recorded interview, and two people in the same
notebook on a stock hub. Both type in turns, so that a busy machine slows both. The page that is typed in notes when the
browser got the key, the other one when its editor holds the character; for 50 ms after a key nothing else talks to
them. Prints a table and writes ``.bench/edit.json``.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import SystemRandom

from playwright.sync_api import Browser, BrowserContext, Frame, Page, sync_playwright
from report import spread, write
from stock import ROOT, stock_hub

# isort: split
from conftest import CHROMIUM, CHROMIUM_FLAGS
from e2e.conftest import Installation, Person, wait_for
from e2e.test_interview import both_in_the_room
from integration.spawner.live_hub import PERSON, LiveHub

from assay_assignments.library import load_question
from assay_assignments.release import release
from assay_protocol.recording import Event, Kind

AWAKE = [
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]
QUESTION = "on-call-shifts"
NOTEBOOK = f"{QUESTION}.ipynb"
COLLEAGUE = "bob"
BURST = 10
"""Counted keys before it is the other one's turn."""
WARM_UP = 2
"""Keys of a burst that are not counted."""
PAUSE_SECONDS = (0.05, 0.2)

# What performance.now() and an event's timeStamp lack to the machine's clock, which all pages share.
_CLOCK = """() => Math.max(...Array.from({ length: 5 }, () => {
    const before = Date.now();
    while (Date.now() === before);
    return Date.now() - performance.now();
}))"""
_LISTEN = """() => {
    window.benchPressed = [];
    addEventListener("keydown", event => {
        if (/^[0-9]$/.test(event.key)) window.benchPressed.push(event.timeStamp);
    }, true);
}"""
# Names at cursors stand in the text as well, but hold no digit.
_WATCH = """editor => {
    const digits = () => editor.textContent.replace(/[^0-9]/g, "").length;
    const before = digits();
    window.benchWatch?.disconnect();
    window.benchSeen = [];
    window.benchWatch = new MutationObserver(() => {
        const now = performance.now();
        for (let more = digits() - before - window.benchSeen.length; more > 0; more--) window.benchSeen.push(now);
    });
    window.benchWatch.observe(editor, { subtree: true, childList: true, characterData: true });
}"""
_TAKE = "() => window.benchPressed.splice(0)"
_SEEN = "() => window.benchSeen"


class StockPerson(Person):
    """Somebody whose notebook is the page itself."""

    @property
    def notebook(self) -> Page:
        """The page."""
        return self.page

    def frame(self) -> Frame:
        """Return the page's frame."""
        return self.page.main_frame


@dataclass
class Pair:
    """Two people in one notebook.

    Attributes:
        latencies: milliseconds of each counted key.
    """

    writer: Person
    reader: Person
    latencies: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make room for a line of digits at the top of the first cell."""
        self.writer.frame().evaluate(_LISTEN)
        self.writer.cell(0).locator(".cm-content").click()
        self.writer.cell(0).locator(".cm-content:focus").wait_for()
        self._press("Control+Home", "Enter", "ArrowUp")
        self._wait_for_line("")

    def burst(self, random: SystemRandom) -> None:
        """Type a comment of digits, each after the reader has seen the last."""
        here, there = self.writer.frame(), self.reader.frame()
        self._press("Home", "Shift+End", "#", "Space")
        self._wait_for_line("# ")
        behind = there.evaluate(_CLOCK) - here.evaluate(_CLOCK)
        self.reader.cell(0).locator(".cm-content").evaluate(_WATCH)
        here.evaluate(_TAKE)
        for number in range(WARM_UP + BURST):
            self._press(str(number % 10))
            wait_for(
                lambda count=number: self._seen_after(random.uniform(*PAUSE_SECONDS)) > count,
                f"a key to be seen at {there.url}",
            )
        pressed, seen = here.evaluate(_TAKE), there.evaluate(_SEEN)
        self.latencies += [after - before + behind for before, after in zip(pressed, seen, strict=True)][WARM_UP:]

    def _press(self, *keys: str) -> None:
        for key in keys:
            self.writer.page.keyboard.press(key)

    def _wait_for_line(self, line: str) -> None:
        wait_for(lambda: self.reader.text_of(0).startswith(f"{line}\n"), f"a first line of {line!r}")

    def _seen_after(self, pause: float) -> int:
        time.sleep(pause)
        return len(self.reader.frame().evaluate(_SEEN))

    @property
    def median(self) -> float:
        """Milliseconds."""
        return statistics.median(self.latencies)

    @property
    def p95(self) -> float:
        """Milliseconds, of which 95 of 100 keys took no more."""
        return statistics.quantiles(self.latencies, n=20, method="inclusive")[-1]


@contextmanager
def browser() -> Iterator[Browser]:
    """Run one Chromium that slows no page, whether one looks at it or not."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=[*CHROMIUM_FLAGS, *AWAKE])
        yield launched
        launched.close()


def new_context(running: Browser) -> BrowserContext:
    """Return a browser context as the tests have them."""
    context = running.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    return context


def ours(stack: ExitStack, running: Browser) -> tuple[Installation, str, Pair]:
    """Start Assay with two people in a room; return it, the interview's id and the two."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-bench-")))
    installation = Installation(folder)
    stack.callback(installation.end)
    installation.start()
    interview = installation.new_interview("Typing", QUESTION)
    staff, candidate = both_in_the_room(installation, interview, lambda: Person(new_context(running)))
    return installation, interview.id, Pair(candidate, staff)


def stock(stack: ExitStack, running: Browser) -> Pair:
    """Start a stock hub with two people in the same notebook, on the server of one of them."""
    hub = stock_hub(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-bench-"))))
    hub.settings["people"].append(COLLEAGUE)
    stack.callback(hub.close)
    hub.start()
    hub.launch(PERSON)
    notebook = release(load_question(ROOT / "assignments" / "library" / QUESTION))[0]
    body = {"type": "notebook", "format": "json", "content": json.loads(notebook.content)}
    hub.workspace(PERSON, "PUT", f"api/contents/{notebook.path}", json=body).raise_for_status()
    owner, colleague = (enter(hub, name, new_context(running)) for name in (PERSON, COLLEAGUE))
    return Pair(owner, colleague)


def enter(hub: LiveHub, name: str, context: BrowserContext) -> StockPerson:
    """Sign somebody in and open the notebook in Notebook 7, as in a room."""
    person = StockPerson(context)
    person.open(f"http://127.0.0.1:{hub.port}/hub/login?next=/user/{PERSON}/notebooks/{NOTEBOOK}")
    person.page.get_by_label("Username").fill(name)
    person.page.get_by_label("Password").fill(name)
    person.page.get_by_role("button", name="Sign in").click()
    if name != PERSON:
        person.page.get_by_role("button", name="Authorize").click()
    person.wait_for_notebook()
    return person


def recorded_keys(installation: Installation, interview: str) -> int:
    """Return how many changes of the candidate the service has stored."""
    events = [Event.from_line(line) for line in installation.recorded(interview)]
    return sum(event.kind is Kind.EDIT and event.account == f"cand-{interview}" for event in events)


def measure(keys: int) -> dict[str, Pair]:
    """Return both pairs after at least ``keys`` counted keys each."""
    random = SystemRandom()
    with ExitStack() as stack:
        running = stack.enter_context(browser())
        installation, interview, room = ours(stack, running)
        pairs = {"stock": stock(stack, running), "assay": room}
        for number in range(-(-keys // BURST)):
            for name in sorted(pairs, reverse=bool(number % 2)):
                pairs[name].burst(random)
                print(
                    f"  burst {number + 1} {name:>5}: {statistics.median(pairs[name].latencies[-BURST:]):.1f} ms",
                    flush=True,
                )
        typed = len(room.latencies)
        wait_for(lambda: recorded_keys(installation, interview) >= typed, "every key in the recording")
        installation.stop()
    return pairs


def report(pairs: dict[str, Pair]) -> None:
    """Print the table and write the figures."""
    ratio = pairs["assay"].median / pairs["stock"].median
    print(f"\n{'':8}{'key to character, ms: median (min-max)':>40}{'p95':>8}")
    for name, pair in pairs.items():
        print(f"{name:8}{spread(pair.latencies, 1):>40}{pair.p95:>8.1f}")
    print(f"ours / stock: {ratio:.2f} of {len(pairs['assay'].latencies)} keys each")
    figures = {"median_ratio": ratio, "median_ms": pairs["assay"].median, "p95_ms": pairs["assay"].p95}
    write("edit", figures, baseline={"median_ms": pairs["stock"].median, "p95_ms": pairs["stock"].p95})


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=200, help="counted keys of each, at least")
    report(measure(parser.parse_args().keys))


if __name__ == "__main__":
    main()

"""Opening a recording of 1,000, 20,000 and 200,000 edits, beside replaying it from its start.

Two people type into a notebook of twelve cells; the recording goes through the use cases into a real SQLite database.
Then the timeline is opened as the player opens it: the index and the first segment, and, for a seek, any one segment
with its steps up to the middle. The baseline applies every update from the start, as a player without segments would.
Prints a table and writes ``.bench/replay.json``: milliseconds (medians), and bytes in the database for each recording,
timeline included. ``build`` is the first opening of a recording that nobody looked at while it ran.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

from pycrdt import Array, Doc, Map, Text  # noqa: E402 - found through the line above
from report import write  # noqa: E402
from sqlalchemy import text  # noqa: E402
from world import World  # noqa: E402

from assay_hub.adapters.replay import replay  # noqa: E402
from assay_hub.domain.timeline import as_of, unpack  # noqa: E402
from assay_protocol.recording import Event, Kind  # noqa: E402

CELLS = 12
KEY_SECONDS = 0.18
SIZES = {"1k": 1_000, "20k": 20_000, "200k": 200_000}
STORED = "SELECT SUM(payload) FROM dbstat WHERE name IN ('recording', 'recording_blocks', 'timeline')"
WORDS = (
    "def merge(shifts):\n    result = []\n    for start, end in sorted(shifts):\n        result.append([start, end])\n"
)


def typed(edits: int, seed: int) -> Iterator[Event]:
    """Yield a recording: mostly the candidate types, sometimes somebody corrects or goes elsewhere."""
    chance = random.Random(seed)  # noqa: S311 - made-up typing
    updates: list[bytes] = []
    server: Doc = Doc()
    cells = server.get("cells", type=Array)
    for number in range(CELLS):
        source, outputs = Text(""), Array()
        cells.append(Map({"id": f"c{number}", "cell_type": "code", "source": source, "outputs": outputs}))
    yield Event(1, 0.0, Kind.DOCUMENT, None, "first.ipynb", server.get_update(), {"room": "json:notebook:1"})
    people: dict[str, Doc] = {}
    held = []
    for account in ("cand", "ada"):
        people[account] = Doc()
        people[account].get("cells", type=Array)
        people[account].apply_update(server.get_update())
        held.append(people[account].observe(lambda event: updates.append(event.update)))
    who, here, place, key, at = "cand", 0, 0, 0, 0.0
    for seq in range(2, edits + 2):
        if chance.random() < 1 / 100:
            who, here = chance.choice(["cand", "cand", "cand", "ada"]), chance.randrange(CELLS)
            place = chance.randrange(len(people[who]["cells"][here]["source"]) + 1)
        source = people[who]["cells"][here]["source"]
        place = min(place, len(source))
        updates.clear()
        # Who writes also takes away: a notebook of an hour has some thousand characters.
        if place and (chance.random() < 1 / 12 or len(source) > 3_000):  # noqa: PLR2004
            del source[place - 1 : place]
            place -= 1
        else:
            source.insert(place, WORDS[key % len(WORDS)])
            place, key = place + 1, key + 1
        update = updates[0]
        for other, document in people.items():
            if other != who:
                document.apply_update(update)
        at += chance.expovariate(1 / KEY_SECONDS)
        yield Event(seq, at, Kind.EDIT, who, "first.ipynb", update)


def timed(act: Callable[[], object], rounds: int) -> float:
    """Return the median time in milliseconds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def measure(edits: int, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Return the figures of one recording, and those of the baseline."""
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        world = World(Path(folder))
        interview = world.live_interview()
        lines = [event.to_line() for event in typed(edits, seed=edits)]
        for start in range(0, len(lines), 100):
            world.store(interview.id, lines[start : start + 100])
        world.submit.end(world.staff, interview.id)
        build = timed(lambda: world.replay.open(world.staff, interview.id), 1)
        opened = world.replay.open(world.staff, interview.id)
        chance = random.Random(1)  # noqa: S311

        def segment(number: int) -> None:
            body = unpack(world.replay.segment(world.staff, interview.id, number).body)
            as_of(body, body["steps"][len(body["steps"]) // 2][0] if body["steps"] else 0)

        def first_frame() -> None:
            world.replay.open(world.staff, interview.id)
            segment(0)

        figures = {
            "build_ms": build,
            "open_ms": timed(first_frame, rounds),
            "seek_ms": timed(lambda: segment(chance.randrange(len(opened.segments))), rounds),
        }
        baseline = {"seek_ms": timed(lambda: replay(lines), 1)}
        with world.database.read() as records:
            figures["bytes"] = records.sql.execute(text(STORED)).scalar_one()
        baseline["bytes"] = sum(map(len, lines))
        world.database.close()
    return figures, baseline


def main() -> None:
    """Measure, print and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    chosen = parser.parse_args()
    figures: dict[str, float] = {}
    baseline: dict[str, float] = {}
    for size in chosen.sizes:
        ours, theirs = measure(SIZES[size], chosen.rounds)
        figures |= {f"{key}_{size}": round(value, 1) for key, value in ours.items()}
        baseline |= {f"{key}_{size}": round(value, 1) for key, value in theirs.items()}
        for key, value in ours.items():
            beside = f"  ({theirs[key]:,.1f} without segments and blocks)" if key in theirs else ""
            sys.stdout.write(f"{size:>5} edits  {key:<9} {value:>14,.1f}{beside}\n")
    write("replay", figures, baseline)


if __name__ == "__main__":
    main()

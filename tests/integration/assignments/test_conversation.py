"""What the engine does with a program that does not keep to the conversation; no container is needed for it."""

import sys
import time
from collections.abc import Iterator

import pytest

from assay_assignments.grading.batch import Batch, Place
from assay_assignments.grading.conversation import Program, SandboxError
from assay_assignments.grading.sandbox import Cell

# Answers each job by what the job's only cell tells it to do.
PROGRAM = """
import json, os, struct, sys, time
def say(line): os.write(1, json.dumps(line).encode() + b'\\n')
def read(size):
    found = b''
    while len(found) < size: found += os.read(0, size - len(found)) or os._exit(0)
    return found
read(6)
say({'warm': True})
while True:
    read(8)
    say({'ready': True})
    job = json.loads(read(struct.unpack('>Q', read(8))[0]))
    say({'refused': []})
    for cell in job['cells']: exec(cell['source'])
    say({'done': True, 'ended': ''})
    say({'free': True})
"""
GOOD = "say({'status': 'ok', 'outputs': []})"


class Started:
    """Starts programs and remembers how each ended."""

    def __init__(self, source: str = PROGRAM, late_seconds: float = 30.0) -> None:
        self.count = 0
        self.ended: list[bool] = []
        self._source = source
        self._late_seconds = late_seconds

    def __call__(self) -> Program:
        self.count += 1
        return Program([sys.executable, "-c", self._source], b"runner", self.ended.append, self._late_seconds)


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def batch(started: Started) -> Iterator[Batch]:
    batch = Batch([Place(started, isolated=False, wall_seconds=1.0)])
    batch.get_ready()
    yield batch
    batch.close()


BROKEN = {
    "ends": "os._exit(0)",
    "says what is no JSON": "os.write(1, b'{[\\n')",
    "says a list": "os.write(1, b'[]\\n')",
    "says what is nested too deep": "os.write(1, b'[' * 100_000 + b'\\n')",
    "never ends its line": "while True: os.write(1, b'x' * 65536)",
    "never ends its lines": "while True: say({'status': 'ok', 'outputs': ['x' * 65536]})",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_program_that_breaks_the_conversation_is_replaced_once(batch: Batch, started: Started, name: str):
    found = batch.run("", [Cell("candidate", GOOD), Cell("candidate", BROKEN[name])], {})

    assert found.ended == "killed"
    assert found.results[0] == {"status": "ok", "outputs": []}
    assert started.count == 2
    assert batch.run("", [Cell("candidate", GOOD)], {}).ended == ""


def test_what_it_complains_about_without_end_holds_nothing_up(batch: Batch):
    flood = "for _ in range(200): os.write(2, b'x' * 65536)"

    found = batch.run("", [Cell("candidate", flood), Cell("candidate", GOOD)], {})

    assert found.ended == ""


def test_a_job_that_is_larger_than_any_pipe_arrives_whole(batch: Batch):
    content = bytes(range(256)) * 20_000
    source = "say({'status': str(len(job['files'][0][1])), 'outputs': []})"

    found = batch.run("", [Cell("candidate", source)], {"large": content})

    assert found.results[0]["status"] == str(-(-len(content) // 3) * 4)


def test_a_program_that_says_nothing_in_time_is_ended_and_not_tried_again():
    started = Started(late_seconds=1.0)
    batch = Batch([Place(started, isolated=False, wall_seconds=1.0)])
    batch.get_ready()
    began = time.monotonic()

    found = batch.run("", [Cell("candidate", GOOD), Cell("candidate", "time.sleep(600)")], {})
    batch.close()

    assert (len(found.results), found.ended, started.count) == (1, "timeout", 1)
    assert time.monotonic() - began < 30
    assert started.ended == [False]


@pytest.mark.parametrize("source", ["import sys; sys.exit('no image')", "print('no JSON')", "print('{}')"])
def test_a_program_that_does_not_get_warm_is_an_error(source: str):
    started = Started(source)
    batch = Batch([Place(started, isolated=False, wall_seconds=1.0)])

    with pytest.raises(SandboxError, match="no image" if "image" in source else "it said nothing"):
        batch.get_ready()

    assert started.count == 1


def test_a_program_that_cannot_be_started_is_an_error():
    def start() -> Program:
        return Program(["/no/such/program"], b"", lambda _ended: None)

    with pytest.raises(SandboxError, match="no/such/program"):
        Batch([Place(start, isolated=False, wall_seconds=1.0)]).get_ready()

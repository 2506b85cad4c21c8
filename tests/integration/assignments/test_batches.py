"""A batch in warm containers: nothing of one submission reaches another, and nothing that happens to one ends it."""

import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assay_assignments.grading import ContainerSandbox, ProcessSandbox
from assay_assignments.grading.sandbox import Cell, Run, Runner


@dataclass(frozen=True)
class NamedSandbox(ContainerSandbox):
    """A sandbox that remembers the names of its containers."""

    names: list[str] = field(default_factory=list)

    def _command(self, name: str) -> list[str]:
        self.names.append(name)
        return super()._command(name)


@pytest.fixture(scope="module")
def place(image: str, seccomp: Path) -> NamedSandbox:
    return NamedSandbox(image, memory="768M", cell_seconds=2.0, wall_seconds=60.0, seccomp=seccomp)


@pytest.fixture(scope="module")
def alone(place: NamedSandbox) -> Iterator[Runner]:
    """One worker: a submission follows the other in the same container."""
    with place.open(["numpy", "pandas"], 1) as runner:
        yield runner


@pytest.fixture(scope="module")
def beside(image: str, seccomp: Path) -> Iterator[Runner]:
    """Two workers."""
    sandbox = ContainerSandbox(image, memory="768M", cell_seconds=2.0, wall_seconds=240.0, seccomp=seccomp)
    with sandbox.open(["numpy"], 2) as runner:
        yield runner


def run(runner: Runner, *sources: str, tests: tuple[str, ...] = ()) -> Run:
    cells = [*(Cell("candidate", source) for source in sources), *(Cell("test", source) for source in tests)]
    return runner.run("", cells, {})


def shown(found: Run) -> str:
    return "".join(
        str(output.get("text", "") or output.get("evalue", "")) for one in found.results for output in one["outputs"]
    )


def statuses(found: Run) -> list[str]:
    return [one["status"] for one in found.results]


ALTERED = """
import os, sys
from pathlib import Path
for path in ("numbers.csv", "rules.py", "/run/own/numbers.csv", "/run/own/rules.py", "/run/own/json.py"):
    for act in (lambda p: p.unlink(), lambda p: p.write_text("9"), lambda p: p.symlink_to("/tmp/9")):
        try: act(Path(path))
        except OSError as error: print(path, type(error).__name__) if "own" in path else None
try: print(os.listdir("/run/own"))
except OSError as error: print(type(error).__name__)
try: os.rename("/run/own", "/run/gone")
except OSError as error: print(type(error).__name__)
Path("json.py").write_text("9")
"""
OWN = {"numbers.csv": b"1,2", "rules.py": b"LIMIT = 3", "deep/more.csv": b"4"}


def test_tests_have_the_author_s_files_and_modules_whatever_the_submission_did_to_its_own(alone: Runner):
    cells = [
        Cell("candidate", ALTERED),
        Cell("candidate", "print(open('numbers.csv').read())"),
        Cell("test", "assert open('numbers.csv').read() == '1,2'\nassert open('deep/more.csv').read() == '4'"),
        Cell("test", "assert rules.LIMIT == 3"),
        Cell("test", "import os; assert sorted(os.listdir()) == ['deep', 'numbers.csv', 'rules.py'], os.listdir()"),
        Cell("test", "open('numbers.csv', 'w')"),
    ]

    found = alone.run(
        "import sys; sys.dont_write_bytecode = True\nimport rules", cells, {**OWN, "theirs.csv": b"5"}, own=OWN
    )
    after = alone.run("", [Cell("test", "import os; assert os.listdir() == [], os.listdir()")], OWN)

    assert statuses(found) == ["ok", "ok", "ok", "ok", "ok", "error"], shown(found)
    assert "own" in shown(found)
    assert {line.split()[-1] for line in shown(found).splitlines() if "own" in line} == {"PermissionError"}
    assert found.results[1]["outputs"][0]["text"] == "9\n"
    assert statuses(after) == ["ok"], shown(after)


LEFT = {
    "modules, builtins and the environment": """
import builtins, os, sys
import numpy as np
np.sum = builtins.sum = lambda *a: 'poisoned'
os.environ['LEFT'] = 'poisoned'
for name in [name for name in sys.modules if name.startswith('inside')]:
    for part in list(vars(sys.modules[name])):
        if callable(getattr(sys.modules[name], part)):
            setattr(sys.modules[name], part, lambda *a, **k: 'poisoned')
os._exit(0)
""",
    "files": """
import os, pathlib
for folder in ('/tmp', '/dev/shm', '.'):
    pathlib.Path(folder, 'left').write_text('poisoned')
os.makedirs('/tmp/deep/' + 'd/' * 200)
""",
    "a folder that cannot be read": "import os; os.makedirs('/tmp/closed/inner'); os.chmod('/tmp/closed', 0)",
    "shared memory of System V": "import ctypes; print(ctypes.CDLL(None).shmget(7, 4096, 0o1666))",
    "a semaphore of System V": "import ctypes; print(ctypes.CDLL(None).semget(7, 1, 0o1666))",
    "a message queue of System V": "import ctypes; print(ctypes.CDLL(None).msgget(7, 0o1666))",
    "a message queue of POSIX": "import ctypes; print(ctypes.CDLL('librt.so.1').mq_open(b'/left', 0o102, 0o666, None))",
    "daemons that write": """
import os, signal, time
for _ in range(5):
    if not os.fork():
        os.setsid()
        for number in (1, 2, 15, 24): signal.signal(number, signal.SIG_IGN)
        if os.fork(): os._exit(0)
        while True:
            for path in ('/tmp/left', '/tmp/work/left', '/dev/shm/left'):
                try: open(path, 'a').write('poisoned')
                except OSError: pass
""",
    "a bomb of processes": """
import os, time
until = time.monotonic() + 0.5
while time.monotonic() < until:
    try: os.fork()
    except OSError: pass
""",
    "a full disk": """
for folder in ('/tmp', '/dev/shm'):
    try:
        for n in range(1000): open(f'{folder}/f{n}', 'wb').write(b'x' * 10**6)
    except OSError: pass
""",
    "files without end": """
try:
    for n in range(10**6): open(f'/tmp/f{n}', 'w').close()
except OSError: pass
""",
}
LOOK = """
import glob, os, pathlib
import numpy as np
tables = [len(pathlib.Path('/proc/sysvipc', name).read_text().splitlines()) for name in ('shm', 'sem', 'msg')]
others = []
for path in glob.glob('/proc/[0-9]*/status'):
    try: uid = pathlib.Path(path).read_text().partition('Uid:')[2].split()[0]
    except OSError: continue
    if int(uid) not in (0, os.getuid()): others.append(uid)
open('/tmp/mine', 'wb').write(b'x' * 10**7)
found = (np.sum([1, 2]), sum([1, 2]), os.environ.get('LEFT'), sorted(os.listdir('/tmp')), os.listdir('.'))
print(*found, os.listdir('/dev/shm'), os.listdir('/dev/mqueue'), tables, others)
"""


def test_what_made_a_batch_warm_is_not_there_to_be_found(alone: Runner):
    found = run(alone, "import sys; print([n for n in dir() if n[0] != '_'], _, [n for n in dir(sys) if 'last' in n])")

    assert shown(found) == "['In', 'Out', 'exit', 'get_ipython', 'open', 'quit', 'sys']  []\n"


@pytest.mark.parametrize("name", LEFT)
def test_the_next_submission_finds_nothing_of_the_one_before(alone: Runner, name: str):
    run(alone, LEFT[name])

    found = run(alone, LOOK, tests=("assert found[0] == 3",))

    assert shown(found) == "3 3 None ['mine', 'work'] [] [] [] [1, 1, 1] []\n", found
    assert statuses(found) == ["ok", "ok"]


def test_each_submission_is_another_user_and_draws_other_numbers(alone: Runner):
    source = "import os, random, numpy as np; print(os.getuid(), random.random(), np.random.rand())"

    seen = [shown(run(alone, source)).split() for _ in range(2)]

    assert all(one != other for one, other in zip(*seen, strict=True)), seen


def test_a_submission_reaches_neither_parent_nor_trusted_process_nor_another_user(alone: Runner):
    source = """
import ctypes, os
libc, me = ctypes.CDLL(None), os.getpid()
done = []
for pid in map(int, filter(str.isdigit, os.listdir('/proc'))):
    if pid == me: continue
    acts = {
        'kill': lambda: os.kill(pid, 9), 'stop': lambda: os.kill(pid, 19), 'see': lambda: os.kill(pid, 0),
        'limit': lambda: __import__('resource').prlimit(pid, 7, (9, 9)), 'nice': lambda: os.setpriority(0, pid, 19),
        'processor': lambda: os.sched_setaffinity(pid, {0}), 'memory': lambda: open(f'/proc/{pid}/mem', 'rb+'),
        'files': lambda: os.listdir(f'/proc/{pid}/fd'), 'folder': lambda: os.listdir(f'/proc/{pid}/root/tmp'),
        'score': lambda: open(f'/proc/{pid}/oom_score_adj', 'w'),
    }
    for what, act in acts.items():
        try: act(); done.append(what)
        except OSError: pass
for uid in [0, 99_999, os.getuid() + 1, os.getuid() - 1]:
    for change in (os.setuid, os.seteuid, lambda uid: os.setresuid(-1, uid, -1), lambda uid: os.chown('.', uid, -1)):
        try: change(uid); done.append(f'became {uid}')
        except OSError: pass
print('done', done)
"""

    found = run(alone, source)

    assert shown(found) == "done []\n", found
    assert statuses(run(alone, "1")) == ["ok"]


def test_a_signal_to_everybody_meets_only_its_sender_s_own(alone: Runner, place: NamedSandbox):
    before = len(place.names)

    found = run(alone, "import os, signal\nsignal.signal(15, signal.SIG_IGN)\nos.kill(-1, 15); os.kill(-1, 9)", "1")

    assert statuses(found) == ["ok", "ok"], "a process does not meet itself"
    assert len(place.names) == before


@pytest.mark.parametrize(
    "source",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "import time; time.sleep(10**6)",
        "import signal\nfor n in (2, 15, 24): signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
        "import os, signal\nsignal.signal(2, signal.SIG_IGN)\nif not os.fork():\n    while True: pass\nos.wait()",
    ],
)
def test_the_clock_cannot_be_stopped(image: str, seccomp: Path, source: str):
    place = NamedSandbox(image, cell_seconds=1.0, wall_seconds=5.0, seccomp=seccomp)

    with place.open([], 1) as runner:
        found = run(runner, source, "1", tests=("assert True",))
        after = run(runner, "1")

    assert "timeout" in (*statuses(found), found.ended), found
    assert statuses(after) == ["ok"]
    assert len(place.names) == 1, "the container is used again"


def test_what_one_does_to_memory_processes_and_output_is_not_felt_beside_it(beside: Runner):
    hostile = [
        "import os\nfor _ in range(8): os.fork()\nkept = []\nwhile True: kept.append(b'x' * 10**7)",
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        "while True: print('x' * 10**6)",
        "import os\nfor n in range(3, 64):\n    try:\n        while os.write(n, b'x' * 9999): 0\n    except OSError: 0",
    ]
    honest = "total = sum(i * i for i in range(10**5)); print(total)"

    with ThreadPoolExecutor(2) as threads:
        bad = [threads.submit(run, beside, source) for source in hostile]
        good = [threads.submit(run, beside, honest, tests=("assert total == 333328333350000",)) for _ in range(12)]

    assert [statuses(one.result()) for one in good] == [["ok", "ok"]] * 12
    assert all(one.result().ended in ("", "killed", "timeout") for one in bad)


def test_ten_thousand_cells_have_ten_thousand_results(beside: Runner):
    found = run(beside, *["x = 1"] * 10_000)

    assert statuses(found) == ["ok"] * 10_000


def test_the_parent_of_all_processes_has_no_test_in_its_memory():
    """In plain processes: the program is the same, and its memory can be read without a debugger's rights."""
    secret = "SECRET_b47c"
    test = f"assert x == 1, '{secret}'\n" * 1000

    with ProcessSandbox(cell_seconds=5.0, wall_seconds=60.0).open([], 1) as runner:
        found = [run(runner, "x = 1", tests=(test,)) for _ in range(2)]
        parent = runner._places[0].ready()._process.pid  # type: ignore[attr-defined]
        held = _memory(parent)

    assert [statuses(one) for one in found] == [["ok", "ok"]] * 2
    assert b"never reads a test" in held, "the memory was read"
    assert secret.encode() not in held


def test_a_notebook_whose_container_ends_is_graded_again_and_its_neighbour_is_not(image: str, seccomp: Path):
    place = NamedSandbox(image, cell_seconds=30.0, wall_seconds=90.0, seccomp=seccomp)
    source = "import time; time.sleep(3); print('end')"

    with place.open([], 2) as runner, ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(run, runner, source) for _ in range(2)]
        _wait_for_candidate(place.names[0])
        subprocess.run(["docker", "kill", place.names[0]], check=True, capture_output=True)
        found = [one.result() for one in runs]

    assert [(shown(one), one.ended) for one in found] == [("end\n", "")] * 2
    assert len(place.names) == 3, "one of two was started again"


def test_a_container_that_ended_between_two_notebooks_is_not_missed(alone: Runner, place: NamedSandbox):
    subprocess.run(["docker", "kill", place.names[-1]], check=True, capture_output=True)

    assert shown(run(alone, "print('here')")) == "here\n"


def test_a_notebook_that_ends_its_container_twice_gets_its_verdict(image: str, seccomp: Path):
    place = NamedSandbox(image, cell_seconds=5.0, wall_seconds=60.0, seccomp=seccomp)

    with place.open([], 1) as runner:
        found = run(runner, "print('first')", tests=("import os; os._exit(3)",))
        after = run(runner, "print('next')")

    assert (shown(found), found.ended) == ("first\n", "killed")
    assert shown(after) == "next\n"
    assert len(place.names) == 3


def test_nothing_is_left_of_a_batch(image: str, seccomp: Path):
    place = NamedSandbox(image, cell_seconds=5.0, wall_seconds=60.0, seccomp=seccomp)

    def fail() -> None:
        with place.open([], 2) as runner:
            run(runner, "1")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    listed = subprocess.run(
        ["docker", "ps", "--all", "--format", "{{.Names}}"], capture_output=True, text=True, check=True
    )
    assert len(place.names) == 2
    assert not set(place.names) & set(listed.stdout.split())


def test_plain_processes_are_warm_in_the_same_way():
    before = {thread.name for thread in threading.enumerate()}

    with ProcessSandbox(cell_seconds=5.0, wall_seconds=60.0).open(["numpy"], 2) as runner:
        run(runner, LEFT["modules, builtins and the environment"], "open('left', 'w').close()")
        found = [
            run(runner, "import os, numpy as np; x = np.sum([1, 2]); print(os.listdir())", tests=("assert x == 3",))
            for _ in range(3)
        ]

    assert [(statuses(one), shown(one)) for one in found] == [(["ok", "ok"], "[]\n")] * 3
    assert {thread.name for thread in threading.enumerate()} == before


def _memory(pid: int) -> bytes:
    parts = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            with suppress(OSError, OverflowError, ValueError):
                memory.seek(start)
                parts.append(memory.read(end - start))
    return b"".join(parts)


def _wait_for_candidate(name: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        listed = subprocess.run(["docker", "top", name, "-eo", "pid,uid"], capture_output=True, text=True, check=False)
        if any(int(line.split()[1]) >= 100_000 for line in listed.stdout.splitlines()[1:]):
            return
    raise AssertionError("no notebook came")

"""Reading and measuring code that parses, that does not, that never ends, and that lies about itself."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from assay_assignments.analysis.code import CodeCell, NotPlain, Plain, as_python, cells_of
from assay_assignments.analysis.growth import State, measure
from assay_assignments.analysis.reading import read
from assay_assignments.analysis.whole import Frame, analyse
from assay_assignments.check.runs import Paper
from assay_assignments.grading import ContainerSandbox
from assay_assignments.grading.sandbox import Runner, SandboxError

GROWTH = b"""
FUNCTION = "work"
SIZES = (50, 100, 200, 400, 800)
EXPECTED = "O(n log n)"

def arguments(size):
    return (list(range(size, 0, -1)),)
"""
EXPECTED_OF_LIBRARY = {
    "aging-quotes": "O(n log n)",
    "closing-jobs": "O(n log n)",
    "design-delivery-promise": "O(n log n)",
    "design-rate-limiter": "O(n)",
    "night-lines": "O(n log n)",
    "on-call-shifts": "O(n log n)",
}


def cells(*sources: str) -> list[CodeCell]:
    return [CodeCell(number, source, own=True) for number, source in enumerate(sources, 1)]


@pytest.fixture(scope="module")
def runner(sandbox: ContainerSandbox) -> Iterator[Runner]:
    with replace(sandbox, cell_seconds=1.5, wall_seconds=60.0).open([], 1) as opened:
        yield opened


# Reading


def test_functions_errors_names_and_repetition_are_found_with_their_lines():
    source = (
        "import os\n\ndef find(x, log):\n    for one in log:\n        try:\n            if one == x:\n"
        "                return one\n        except:\n            pass\n    raise KeyError(x)\n"
    )

    (found,) = read([cells("limit = 3", source)])

    (function,) = found["functions"]
    assert (function["name"], function["cell"], function["line"], function["lines"]) == ("find", 2, 3, 8)
    assert (function["arguments"], function["depth"], function["cyclomatic"]) == (2, 3, 4)
    assert function["cognitive"] > function["depth"]
    assert {(spot["kind"], spot["line"]) for spot in found["spots"]} >= {
        ("silent", 8),
        ("raise", 10),
        ("short name", 3),
    }
    themes = {(one["theme"], one["rule"], one["cell"], one["line"]) for one in found["findings"]}
    assert ("Unused", "F401", 2, 1) in themes
    assert ("Error handling", "E722", 2, 8) in themes


def test_a_cell_that_is_no_python_leaves_the_others_analysed_and_its_names_known():
    (found,) = read([cells("def helper(:\n    pass", "result = helper(3)\nprint(other)", "x = ")])

    assert [(one["cell"], one["why"][:6]) for one in found["unread"]] == [(1, "line 1"), (3, "line 1")]
    assert [one["says"] for one in found["findings"] if one["rule"] == "F821"] == ["Undefined name `other`"]
    assert found["code_lines"] == 2


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("for one in x:\n    !rm -rf {one}\n    print(one)", "for one in x:\n    pass\n    print(one)"),
        ("files = !ls\nprint(files)", "files = None\nprint(files)"),
        ("len?\nprint(1)", "pass\nprint(1)"),
        ("%%time\nx = 1", "\nx = 1"),
        ('text = """\n%magic\n!ls\n"""\nrest = 7 \\\n % 4', 'text = """\n%magic\n!ls\n"""\nrest = 7 \\\n % 4'),
    ],
)
def test_magics_and_commands_are_left_out_line_by_line(source, plain):
    assert as_python(source) == Plain(plain)


def test_a_cell_in_another_language_says_which():
    assert as_python("%%bash\nrm -rf /") == NotPlain("a cell of %%bash, which is not Python")


def test_nothing_at_all_can_be_read():
    none, empty = read([[], cells("", "# only words")])

    assert none["functions"] == empty["functions"] == []
    assert (empty["code_lines"], empty["comment_lines"]) == (0, 1)


@pytest.mark.parametrize(
    "hostile",
    [
        "x=" + "-" * 150_000 + "1",
        "x=" + "(" * 90_000 + ")" * 90_000,
        "x=a" + ".b" * 90_000,
        "x=" + "+".join("1" * 90_000),
        "if x: pass\n" + "elif x: pass\n" * 15_000,
        "\n".join(" " * deep + "if x:" for deep in range(99)) + "\n" + " " * 99 + "pass",
        "x = 1\0",
        "y = 1\n" * 90_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_cell_that_breaks_parsers_breaks_neither_us_nor_the_other_cells(hostile):
    (found,) = read([cells(hostile, "def fine():\n    return 1")])

    assert found is not None
    assert "fine" in [one["name"] for one in found["functions"]]


def test_a_cell_that_kills_the_reader_is_left_out_and_named(monkeypatch, tmp_path):
    killer = tmp_path / "sitecustomize.py"
    killer.write_text(
        "import ast, os\nparse = ast.parse\n"
        "def dying(source, *more, **named):\n"
        "    if 'killer' in str(source): os.abort()\n"
        "    return parse(source, *more, **named)\n"
        "ast.parse = dying\n"
    )
    started = __import__("subprocess").Popen

    def with_killer(command, **options):
        options["env"] = {**options["env"], "PYTHONPATH": str(tmp_path)}
        return started([one for one in command if one != "-I"], **options)

    monkeypatch.setattr("assay_assignments.analysis.reading.subprocess.Popen", with_killer)

    first, second = read([cells("killer = 1", "def fine():\n    return 1"), cells("def also():\n    return 2")])

    assert [(one["cell"], one["why"]) for one in first["unread"]] == [
        (1, "reading it ended the analysis, so it was left out")
    ]
    assert [one["name"] for one in (*first["functions"], *second["functions"])] == ["fine", "also"]


# Measuring


@pytest.mark.parametrize("question", sorted(EXPECTED_OF_LIBRARY))
def test_the_reference_of_a_question_grows_as_the_question_expects(question, library, runner):
    one = library[question]
    paper = Paper(one)
    notebook = json.loads(paper.released)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        cell["source"] = paper.solutions.get(name, cell["source"])

    found = measure(
        cells_of(paper.prepared, json.dumps(notebook).encode()),
        (one.folder / "growth.py").read_bytes(),
        paper.prepared.files,
        runner,
    )

    assert (found.state, found.why) == (State.MEASURED, "")
    assert found.expected == EXPECTED_OF_LIBRARY[question]
    assert found.verdict == "as expected"
    # Sorting and heaps are built in and run no line, so what is expected to be n log n may count as n.
    assert {found.fit.low, found.fit.high} <= {"n", "n log n"}


def test_every_question_with_inputs_to_measure_is_measured_here(library):
    measured = {question.id for question in library.values() if (question.folder / "growth.py").is_file()}

    assert measured == set(EXPECTED_OF_LIBRARY)


def work(body: str) -> list[CodeCell]:
    return cells("def work(values):\n" + body)


LOOPS = """
    found = 0
    for one in values:
        for other in values:
            found += one < other
    return found
"""
SORTS = "    return sorted(values)\n"
BUILT_IN = "    return [one for one in values if values.index(one) >= 0]\n"


@pytest.mark.parametrize(
    ("body", "verdict"), [(LOOPS, "faster growing"), (SORTS, "as expected"), ("    return values[0]\n", "as expected")]
)
def test_brute_force_and_optimised_code_are_told_apart(body, verdict, runner):
    found = measure(work(body), GROWTH, {}, runner)

    assert (found.state, found.verdict) == (State.MEASURED, verdict)


def test_code_that_is_too_slow_for_the_inputs_is_measured_with_smaller_ones(library, runner):
    slow = """
def merge_shifts(shifts):
    try:
        return [(a, b) for a in shifts for b in shifts if (a < b) is None for _ in a]
    except:
        pass
    return []
"""

    found = measure(cells(slow), (library["on-call-shifts"].folder / "growth.py").read_bytes(), {}, runner)

    assert (found.state, found.verdict, found.fit.low) == (State.MEASURED, "faster growing", "n^2")
    assert "more than 10,000,000 lines" in found.why or "longer than it may" in found.why
    assert found.points[0].size < 1_000


def test_work_in_built_in_functions_shows_by_its_time(runner):
    found = measure(
        work(BUILT_IN), GROWTH.replace(b"(50, 100, 200, 400, 800)", b"(2_000, 4_000, 6_000, 9_000, 12_000)"), {}, runner
    )

    assert found.fit.slope < 1.3
    assert found.hidden
    assert found.verdict != "as expected"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("    while True:\n        pass\n", "With an input of size 50 it takes longer than it may."),
        ("    raise ValueError(values)\n", "With an input of size 50 it raises ValueError."),
        ("    return work(values)\n", "With an input of size 50 it raises RecursionError."),
        ("    import os\n    os._exit(0)\n", "With an input of size 50 it did not end as it should."),
    ],
)
def test_code_that_does_not_come_to_an_end_is_said_to(body, why, runner):
    found = measure(work(body), GROWTH, {}, runner)

    assert (found.state, found.why, found.points) == (State.NOT_MEASURED, why, ())


def test_what_could_be_measured_before_it_took_too_long_is_kept(runner):
    body = "    while len(values) > 250:\n        pass\n    return sum(one for one in values)\n"

    found = measure(work(body), GROWTH, {}, runner)

    assert [point.size for point in found.points] == [12, 25, 50, 100, 200]
    assert "400" in found.why


def test_a_missing_function_and_cells_that_never_end_are_survived(runner):
    found = measure(cells("while True: pass", "def other(): pass"), GROWTH, {}, runner)

    assert (found.state, found.why) == (State.NOT_MEASURED, "There is no function work.")


def test_a_fork_bomb_ends_with_its_sandbox_and_the_next_is_measured(runner):
    bomb = """
    import os
    while True:
        try:
            os.fork()
        except OSError:
            pass
"""

    found = measure(work(bomb), GROWTH, {}, runner)
    after = measure(work(SORTS), GROWTH, {}, runner)

    assert found.state is not State.MEASURED
    assert after.verdict == "as expected"


OFF = "    import sys\n    sys.settrace(None)\n" + LOOPS
LYING = """
import builtins, json
def work(values):
    return [(a, b) for a in values for b in values]
module = __import__("sys").modules["_assay_growth"]
held = [one.cell_contents for one in module.measure.__closure__]
mark = next(one for one in held if isinstance(one, str) and one.startswith("assay-growth-"))
SIZES = [50, 100, 200, 400, 800]
def measure(place):
    print(mark + json.dumps(CLAIM))
module.measure = measure
"""


def test_switching_the_counting_off_is_noticed(runner):
    found = measure(work(OFF), GROWTH, {}, runner)

    assert (found.state, found.verdict) == (State.UNRELIABLE, "")
    assert found.why == "The code changed how its lines are counted."


@pytest.mark.parametrize(
    "claim",
    [
        '{"size": SIZES[place], "lines": -5, "seconds": 0.1, "still": True, "error": ""}',
        '{"size": SIZES[place], "lines": True, "seconds": 0.1, "still": True, "error": ""}',
        '{"size": SIZES[place], "lines": 10**300, "seconds": 0.1, "still": True, "error": ""}',
        '{"size": SIZES[place], "lines": 7, "seconds": float("nan"), "still": True, "error": ""}',
        '{"size": SIZES[place], "lines": 7, "seconds": "x" * 90_000, "still": True, "error": ""}',
        '{"size": "<script>", "lines": [[[[]]]], "seconds": {}, "still": True, "error": ""}',
    ],
)
def test_a_claim_that_makes_no_sense_is_called_unreliable_and_harms_nothing(claim, runner):
    found = measure(cells(LYING.replace("CLAIM", claim)), GROWTH, {}, runner)

    assert (found.state, found.fit, found.verdict) == (State.UNRELIABLE, None, "")


def test_a_flood_of_output_is_survived(runner):
    flood = "    while True:\n        print('assay-growth-' * 1000)\n"

    found = measure(work(flood), GROWTH, {}, runner)

    assert found.state is State.NOT_MEASURED


# All of it


def test_a_whole_question_is_analysed_with_its_moments(library, runner):
    one = library["on-call-shifts"]
    paper = Paper(one)
    notebook = json.loads(paper.released)
    name = next(iter(paper.solutions))
    own = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)
    handed_out, own["source"] = own["source"], paper.solutions[name]
    frames = [
        Frame(at, run, [(cell["id"], cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]])
        for at, run in ((1000, "ok"),)
    ]
    shown = frames[0].cells
    early = [(one, kind, "def merge_shifts(" if one == own["id"] else text) for one, kind, text in shown]

    found = analyse(
        one,
        paper.prepared,
        {"on-call-shifts.ipynb": json.dumps(notebook).encode()},
        [Frame(10, "SyntaxError", early), *frames],
        runner,
    )

    assert handed_out != own["source"]
    assert [cell["own"] for cell in found["code"]].count(True) == 1
    assert [(one["at"], one["unread"], one["functions"]) for one in found["moments"]] == [(10, 1, 0), (1000, 0, 1)]
    assert found["growth"]["verdict"] == "as expected"
    assert set(found["abouts"]) == set(paper.tests)
    hidden = [line for test in paper.tests.values() for line in test.source.splitlines() if "assert" in line]
    assert not [line for line in hidden if json.dumps(line.strip())[1:-1] in json.dumps(found)]


class Broken:
    """A sandbox that does not work."""

    def run(self, *_: object, **__: object) -> None:
        raise SandboxError("no engine")


def test_without_a_sandbox_everything_that_is_read_is_there(library):
    one = library["on-call-shifts"]
    paper = Paper(one)

    found = analyse(one, paper.prepared, {paper.prepared.notebook: paper.released}, [], Broken())

    assert found["reading"]["unread"] == []
    assert (found["growth"]["state"], found["growth"]["fit"]) == ("not measured", None)


def test_what_is_no_notebook_and_what_is_no_python_say_so(library, runner):
    shell = next((one for one in library.values() if one.kernel != "python3"), None)
    one = library["on-call-shifts"]

    broken = analyse(one, Paper(one).prepared, {"on-call-shifts.ipynb": b"{"}, [], runner)

    assert broken["problem"] == "the notebook cannot be read: JSONDecodeError"
    assert broken["reading"] is None
    if shell is not None:
        paper = Paper(shell)
        other = analyse(shell, paper.prepared, {paper.prepared.notebook: paper.released}, [], runner)
        assert other["problem"] == f"Its kernel is {shell.kernel}; only Python is analysed."

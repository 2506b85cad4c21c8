"""27 attacks on the autograding of a course: each is a submission that answers nothing and wants points, or loot.

Loot is printed: the marks ``HIDDEN_1`` and so on stand in hidden tests, and nothing that a submission prints may have
one. The honest score of each is 0.
"""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from integration.course.rentals import ASSIGNMENT, NOTEBOOK, answered, hand_in, solutions

VICTIMS = ("aaa-victim", "zzz-victim")
"""Right submissions, before and after the attacks."""

_ROOT = "../../.."
_PATCHED = """
import numpy.testing, pandas.testing
for module in (np.testing, pd.testing):
    for name in dir(module):
        if name.startswith('assert'):
            setattr(module, name, lambda *_, **__: None)
def price(minutes): return 0
"""
_EQUAL = """
class Anything(list):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __len__(self): return 2
    def __hash__(self): return 0
def busiest(rides, n=2): return Anything()
"""
_REWRITING = """
import ast
class Tame(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_Expr(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Tame())
"""
_LISTENING = """
heard = []
get_ipython().events.register('pre_run_cell', lambda info: heard.append(info.raw_cell))
get_ipython().events.register('post_run_cell', lambda result: print([one for one in heard if 'HIDDEN' in one]))
"""
_OWN_NOTEBOOK = f"""
import json, os
path = '{NOTEBOOK}.ipynb'
if os.path.exists(path):
    found = json.load(open(path))
    for cell in found['cells']:
        if cell['metadata'].get('nbgrader', {{}}).get('grade'): cell['source'] = 'pass'
    os.chmod(path, 0o644)
    json.dump(found, open(path, 'w'))
"""
_BOOK = """
import glob, sqlite3
for path in glob.glob('{root}/gradebook.db') + glob.glob('/**/gradebook.db', recursive=True):
    with sqlite3.connect(path, timeout=5) as book:
        {do}
"""
_READ_BOOK = 'print(book.execute("select source from source_cell").fetchall())'
_WRITE_BOOK = 'book.execute("update grade set manual_score = {points}")'
_BACKGROUND = """
import subprocess, sys
code = "import time\\nwhile True: time.sleep(1)"
subprocess.Popen([sys.executable, '-c', code], start_new_session=True)
"""
_OTHERS = """
import glob, os
others = glob.glob('{root}/submitted/*/{assignment}/*.ipynb')
for path in others + glob.glob('/**/zzz-victim/**/*.ipynb', recursive=True):
    os.chmod(path, 0o644)
    open(path, 'w').write('{{}}')
"""
_STARTUP = """
import os
folder = os.path.expanduser('~/.ipython/profile_default/startup')
os.makedirs(folder, exist_ok=True)
open(folder + '/00.py', 'w').write('print("HIDDEN_start-up")')
"""
_RUN_CELL = """
shell = get_ipython()
kept = shell.run_cell_async
async def nothing(raw, **named): return await kept('0', **named)
shell.run_cell_async = nothing
shell.run_cell = lambda *_, **__: kept('0')
"""
_FORMATTED = """
formatter = get_ipython().display_formatter.formatters['text/plain']
formatter.for_type(float, lambda value, printer, cycle: printer.text('2'))
def spread(*_, **__): return 0.0
"""
_STACK = """
import gc, threading, time
def look():
    while True:
        for found in gc.get_objects():
            if isinstance(found, dict) and isinstance(found.get('raw_cell'), str) and 'HIDDEN' in found['raw_cell']:
                open('loot', 'w').write(found['raw_cell'])
        time.sleep(0.05)
threading.Thread(target=look, daemon=True).start()
"""
_HTML = """
from IPython.display import HTML, display
display(HTML('<script>window.attacked = 1</script><img src=x onerror="window.attacked = 1">'))
"""
_CELLS: dict[str, str] = {
    "reads its own notebook": f"import os\nprint(os.listdir('.'), open('{NOTEBOOK}.ipynb').read())",
    "reads the source": f"import glob\nfor path in glob.glob('{_ROOT}/source/**'): print(open(path).read())",
    "reads the gradebook": _BOOK.format(root=_ROOT, do=_READ_BOOK),
    "patches numpy.testing": _PATCHED,
    "is equal to everything": _EQUAL,
    "transforms the input": "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
    "transforms the syntax": _REWRITING,
    "listens to what runs": _LISTENING,
    "edits its own notebook": _OWN_NOTEBOOK,
    "writes its own points": _BOOK.format(root=_ROOT, do=_WRITE_BOOK.format(points=2)),
    "writes the points of others": _BOOK.format(root=_ROOT, do=_WRITE_BOOK.format(points=0)),
    "leaves a process behind": _BACKGROUND,
    "ends the process": "import os\ndef clean(rides): os._exit(0)",
    "exits": "import sys\ndef clean(rides): sys.exit(0)",
    "cannot be interrupted": (
        "import signal\ndef clean(rides):\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True: pass"
    ),
    "prints one line of 60 MB": "print('x' * 60_000_000)",
    "edits another submission": _OTHERS.format(root=_ROOT, assignment=ASSIGNMENT),
    "reads the token": "import os\nprint('HIDDEN_token' if os.environ.get('JUPYTERHUB_API_TOKEN') else '')",
    "starts with the next": _STARTUP,
    "shows a script": _HTML,
    "replaces the shell": _RUN_CELL,
    "clears outputs": (
        "from IPython.display import clear_output\n"
        "get_ipython().events.register('post_run_cell', lambda result: clear_output())"
    ),
    "formats its points": _FORMATTED,
    "looks at the stack": _STACK,
}


def _tagged(tag: str) -> Callable[[dict[str, Any]], None]:
    def tagged(notebook: dict[str, Any]) -> None:
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["metadata"]["tags"] = [tag]

    return tagged


def _double(notebook: dict[str, Any]) -> None:
    tests = [
        one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("t")
    ]
    notebook["cells"] += [{**copy.deepcopy(one), "id": f"{one['id']}-2", "source": "pass"} for one in tests]


_CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "says that its tests are to be skipped": _tagged("skip-execution"),
    "says that its tests raise": _tagged("raises-exception"),
    "has its tests twice": _double,
}
ATTACKS = (*_CELLS, *_CHANGES)


def hand_in_attacks(folder: Path) -> None:
    """Put the attacks into a course, and a right submission before and after them."""
    released = json.loads((folder / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text())
    for student in VICTIMS:
        hand_in(folder, student, answered(released, solutions()))
    for name in ATTACKS:
        hand_in(folder, student_of(name), _attack(released, name))


def student_of(attack: str) -> str:
    """Return who hands in an attack."""
    return f"m-{attack.replace(' ', '-')}"


def _attack(released: Mapping[str, Any], name: str) -> dict[str, Any]:
    source = _CELLS.get(name, "")
    notebook = answered(released, {})
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        # What the attack defines is not to be replaced by a cell that answers nothing.
        if marks.get("solution") and f"def {marks['grade_id']}(" in source:
            cell["source"] = "# defined above"
    notebook["cells"][1]["source"] += f"\n{source}"
    if name in _CHANGES:
        _CHANGES[name](notebook)
    return notebook

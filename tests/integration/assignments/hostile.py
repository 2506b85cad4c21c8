"""What hostile submissions do, as cells for the question that is attacked; expected without gain."""

from assay_assignments.grading import Verdict

# Name: a cell, run before an answer that answers nothing.
FORGERIES = {
    "an answer that equals everything": """
class Yes(list):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __len__(self): return 3
    def __hash__(self): return 0
def total(values): return Yes()
""",
    "a number that equals everything": """
class Yes(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __abs__(self): return 0.0
def total(values): return Yes()
share = lambda: Yes()
""",
    "an object whose methods always say yes": """
class Yes:
    def __getattr__(self, name): return lambda *a, **k: True
    def __call__(self, *a, **k): return True
    def __array__(self, *a, **k): return np.array(0.123456)
def table(): return Yes()
def share(): return Yes()
""",
    "a subclass of a table whose equals says yes": """
import pandas as pd
class Yes(pd.DataFrame):
    def equals(self, other): return True
def table(): return Yes()
""",
    "numpy and pandas rebound": """
class Yes:
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return True
    def equals(self, other): return True
def table(): return Yes()
def share(): return 5
""",
    "the helper of a hidden test, defined beforehand": """
def _check(found, expected): return None
def total(values): return 3
""",
    "builtins replaced": """
import builtins
builtins.int = builtins.sum = lambda *a: 3
builtins.AssertionError = builtins.Exception
def total(values): return 1
""",
    "the testing functions of numpy and pandas replaced": """
import numpy.testing, pandas.testing
for module in (np.testing, pd.testing):
    for name in dir(module):
        if name.startswith('assert'): setattr(module, name, lambda *a, **k: None)
pd.DataFrame.equals = lambda self, other: True
def share(): return 0
def table(): return pd.DataFrame({'other': [1]})
""",
    "transformers of IPython": """
import ast
ip = get_ipython()
ip.input_transformers_cleanup.append(lambda lines: [line.replace('assert', 'pass #') for line in lines])
class NoAssert(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
ip.ast_transformers.append(NoAssert())
def total(values): return 0
""",
    "a formatter that prints full points": """
get_ipython().display_formatter.formatters['text/plain'].for_type(int, lambda o, p, c: p.text('3'))
def total(values): return 0
""",
    "a result written where the runner writes": """
import os, json
forged = b''.join(json.dumps(line).encode() + b'\\n' for line in
    [{'ready': True}, {'refused': []}, *[{'status': 'ok', 'outputs': []}] * 40, {'done': True}])
for number in range(3, 64):
    try: os.write(number, forged + b' ' * 70_000_000)
    except OSError: pass
""",
    "answers sent before the questions": """
import json, os, stat, struct
body = json.dumps({'value': True, 'changed': {'0': [1, 2, 3]}, 'outputs': [], 'spoken': []}).encode()
sent = 0
for number in map(int, os.listdir('/proc/self/fd')):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            for _ in range(200): sent += os.write(number, struct.pack('>I', len(body)) + body) > 0
    except OSError: pass
assert sent == 200
""",
    "a claim to have changed and returned everything": """
import sys
Answers = sys.modules['inside.candidate'].Answers
Answers._done = lambda self, message: {'value': float('nan'), 'outputs': [], 'changed': {'0': 7}}
""",
    "points as not a number": """
class Never: pass
def total(values): return float('nan')
def share(): return float('nan')
""",
}

# Looks everywhere for the secret of the hidden tests, and for rights that it should not have.
STOLEN = """
import gc, glob, os, pathlib, re, socket, sys
loot = []
def note(what, content):
    # Written so that the words of this cell are not what is found.
    text = content if isinstance(content, str) else content.decode('latin-1')
    if re.search('SECRET_' + '7c1f', text): loot.append(what)
def look():
    for found in gc.get_objects():
        if isinstance(found, str): note('memory', found)
        if isinstance(found, dict):
            for value in list(found.values()):
                if isinstance(value, str) and 'BEGIN HIDDEN' + ' TESTS' in value: loot.append('memory')
    for pid in ['self', *filter(str.isdigit, os.listdir('/proc'))]:
        if pid == str(os.getpid()): continue
        for part in ('environ', 'cmdline', 'mem', 'fd/0', 'fd/1', 'cwd', 'root/tmp', 'maps', 'stack'):
            try: note(f'proc {pid} {part}', open(f'/proc/{pid}/{part}', 'rb').read(10**6))
            except OSError: pass
    for folder in ('/tmp', '/opt/grading', '/run', '/dev/shm', '/var/tmp', '/home', '/root', '/srv'):
        for path in pathlib.Path(folder).rglob('*'):
            try: note(str(path), path.read_bytes() if path.stat().st_size < 10**6 else b'')
            except OSError: pass
look()
secrets = [key for key in os.environ if re.search('TOKEN|SECRET|KEY|PASSWORD|JUPYTERHUB', key)]
opened = []
for family, address in ((2, ('1.1.1.1', 53)), (2, ('169.254.169.254', 80)), (2, ('172.17.0.1', 22))):
    try:
        with socket.socket(family) as s: s.settimeout(1); s.connect(address); opened.append(address)
    except OSError: pass
rights = []
for name, act in {
    'root': lambda: os.setuid(0), 'group': lambda: os.setgid(0),
    'parent': lambda: os.kill(os.getppid(), 9), 'first': lambda: os.kill(1, 9),
    'write': lambda: open('/opt/venv/x', 'w'), 'write etc': lambda: open('/etc/x', 'w'),
    'runner': lambda: open('/run/runner.zip', 'a'), 'rename': lambda: os.rename('/run/runner.zip', '/run/x'),
    'mount': lambda: os.mknod('/tmp/work/disk', 0o60666, os.makedev(8, 0)),
    'device': lambda: open('/dev/sda'), 'docker': lambda: open('/var/run/docker.sock'),
}.items():
    try: act(); rights.append(name)
    except OSError: pass
descriptors = []
for number in os.listdir('/proc/self/fd'):
    try: descriptors.append(os.readlink(f'/proc/self/fd/{number}').partition(':')[0])
    except OSError: pass
groups, user = os.getgroups(), os.getresuid()
status = open('/proc/self/status').read()
caps = re.findall(r'Cap(?:Eff|Prm|Inh|Amb):\\t0*([0-9a-f])', status)
print('found', loot, secrets, opened, rights, groups, user[0] == user[2] > 1000, sorted(descriptors), caps,
      re.findall(r'NoNewPrivs:\\t(.)', status))
import threading
def total(values): look(); return loot
"""

# Name: what is done to each cell of the author with its marks.
TAMPERED = {
    "tests that are skipped": lambda cell, _mark: cell["metadata"].update(tags=["skip-execution"]),
    "tests that may raise": lambda cell, _mark: cell["metadata"].update(tags=["raises-exception"]),
    "tests made empty": lambda cell, mark: mark.get("grade") and cell.update(source="pass"),
    "tests that are markdown": lambda cell, mark: (
        cell["cell_type"] == "code"
        and mark.get("grade")
        and (cell.update(cell_type="markdown"), cell.pop("outputs"), cell.pop("execution_count"))
    ),
    "tests that are answers": lambda _cell, mark: mark.update(solution=True, locked=False),
    "tests that are no tests": lambda _cell, mark: mark.update(grade=False),
    "tests of many points": lambda _cell, mark: "points" in mark and mark.update(points=1000),
    "tests without a name": lambda _cell, mark: mark.get("grade") and mark.pop("grade_id"),
    "tests with a number for a name": lambda _cell, mark: mark.update(grade_id=7),
    "tests with a list for metadata": lambda cell, _mark: cell["metadata"].update(nbgrader=[1]),
    "tests marked as shared": lambda cell, _mark: cell["metadata"].update(assay={"shared": True, "objects": True}),
}

# Name: a cell, the answer, and the verdict on the first test where it is the same each time.
ENDINGS: dict[str, tuple[str, str, Verdict | None]] = {
    "leaves the process": ("", "def total(values):\n    import os; os._exit(0)", Verdict.KILLED),
    "kills its process": ("", "def total(values):\n    import os; os.kill(os.getpid(), 9)", Verdict.KILLED),
    "exits": ("", "def total(values):\n    import sys; sys.exit(0)", Verdict.ERROR),
    "loops": ("", "def total(values):\n    while True: pass", Verdict.TIMEOUT),
    "loops and does not listen": (
        "import signal; signal.signal(2, signal.SIG_IGN)",
        "def total(values):\n    while True: pass",
        Verdict.TIMEOUT,
    ),
    "loops where it asked not to be looked at": (
        "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)",
        "def total(values):\n    while True: pass",
        Verdict.TIMEOUT,
    ),
    "takes all memory": ("", "def total(values):\n    return len([bytearray(10**7) for _ in range(10**4)])", None),
    "takes all memory in many processes": (
        """
import os, time
open('/proc/self/oom_score_adj', 'w').write('0')
for _ in range(12):
    if not os.fork():
        kept = []
        while True: kept.append(bytearray(b'x' * 10**6))
time.sleep(2)
""",
        "def total(values): return 0",
        None,
    ),
    "starts processes without end": (
        """
import os, time
until = time.monotonic() + 1
while time.monotonic() < until:
    try: os.fork()
    except OSError: pass
""",
        "def total(values): return 0",
        None,
    ),
    "fills the disk": (
        "for n in range(10**4):\n    open(f'f{n}', 'wb').write(b'x' * 10**7)",
        "def total(values): return 0",
        Verdict.FAILED,
    ),
    "says what is no message": (
        """
import os, stat
for number in map(int, os.listdir('/proc/self/fd')):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode): os.write(number, b'x' * 99)
    except OSError: pass
""",
        "",
        Verdict.KILLED,
    ),
    "answers with a whole number of ten million digits": ("", "def total(values): return 10**10_000_000", None),
    "answers with itself inside itself": (
        "",
        "def total(values):\n    found = []\n    found.append(found)\n    return found",
        Verdict.ERROR,
    ),
    "answers with ten million numbers": ("", "def total(values): return list(range(10**7))", None),
    "prints half characters and no numbers": (
        """
from IPython.display import display
print('\\ud800 \\x00 end')
display({'application/json': {'x': float('nan')}}, raw=True)
""",
        "def total(values): raise ValueError('\\ud800\\x00')",
        Verdict.ERROR,
    ),
    "shows what is no output": (
        """
import sys
Screen = sys.modules['inside.shell'].Screen
Screen.outputs = lambda self: [7, None, {'output_type': 'x'}, {'output_type': 'error'}, [[]]] * 50
Screen.spoken = lambda self: [7, None, ['stderr', 8], ['x']]
""",
        "",
        Verdict.ERROR,
    ),
}

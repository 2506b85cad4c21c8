"""What a new question of each type begins with: small tasks that work, to be replaced part by part."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_assignments.cells import locked, manual, markdown, solution, test
from assay_assignments.manifest import GENERATOR

_COUNTS = "A cell with a few checks follows each part; more checks run after you have submitted."


@dataclass(frozen=True)
class Part:
    """What is different from type to type.

    Attributes:
        files: what a candidate gets beside the notebook.
        programs: what stays with the author.
    """

    minutes: int
    statement: str
    cells: tuple[dict[str, Any], ...]
    mutants: tuple[Mapping[str, str], ...]
    packages: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)
    stub: str = ""


def _mutant(breaks: str, cell: str, find: str, replace: str, why: str) -> dict[str, str]:
    return {"breaks": breaks, "cell": cell, "find": find, "replace": replace, "why": why}


_TOTAL = solution(
    "solution-total",
    '''def total(amounts):
    """Return the sum of the amounts, without those that are missing (None)."""
    ### BEGIN SOLUTION
    return sum(amount for amount in amounts if amount is not None)
    ### END SOLUTION''',
)
_TEST_TOTAL = test(
    "test-total",
    2,
    "Adds amounts",
    "TODO(author): what this test covers, for the candidate: several amounts, none, and missing ones.",
    """assert total([1, 2, 3]) == 6, "three amounts"
### BEGIN HIDDEN TESTS
assert total([]) == 0, "no amounts"
assert total([1, None]) == 1, "a missing amount"
### END HIDDEN TESTS""",
)
_TOTAL_MUTANTS = (
    _mutant("test-total", "solution-total", " if amount is not None", "", "a missing amount stops it"),
    _mutant("test-total", "solution-total", "sum(", "max(", "the largest instead of the sum"),
)
_LIVE = Part(
    30,
    f"""TODO(author): where this comes from: a team, what they want to know. What is given, in which form.

TODO(author): what counts. Write one function. Talk while you work: say what you assume, and ask when something is
unclear. {_COUNTS}""",
    (markdown("## Part 1\n\nTODO(author): `total(amounts)` returns …, with an example."), _TOTAL, _TEST_TOTAL),
    _TOTAL_MUTANTS,
)
_TAKE_HOME = Part(
    120,
    f"""TODO(author): where this comes from, what is given, and what is wanted in the end.

TODO(author): how long it should take. Stop then: say where you are and what you would do next, that is a proper
submission. {_COUNTS}""",
    (
        markdown("## Part 1\n\nTODO(author): `total(amounts)` returns …, with an example."),
        _TOTAL,
        _TEST_TOTAL,
        markdown("## What you would do next\n\nTODO(author): what you would like to read, in how many sentences."),
        manual(
            "next-steps",
            3,
            "Says what is missing and what comes next",
            "TODO(author): a good answer, and what earns each point.",
        ),
    ),
    _TOTAL_MUTANTS,
)
_GENERATE = '''"""Writes {file}, the same file each time: ``python generate.py FOLDER``."""

import random
import sys
from pathlib import Path


def main(folder):
    chance = random.Random(1)
{body}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
'''
_SALES = _GENERATE.format(
    file="sales.csv",
    body="""    lines = ["city,amount"]
    for _ in range(20):
        lines.append(f"{chance.choice(['Graz', 'Linz'])},{chance.randrange(1, 100)}")
    (folder / "sales.csv").write_text("\\n".join(lines) + "\\n")""",
)
_ROWS = """\
city,amount
Graz,73
Graz,33
Graz,64
Linz,61
Linz,27
Graz,63
Graz,50
Linz,78
Graz,90
Linz,35
Graz,76
Graz,41
Graz,3
Graz,84
Graz,49
Graz,55
Graz,68
Graz,98
Linz,64
Graz,45
"""
_DATA = Part(
    40,
    f"""TODO(author): where `sales.csv` comes from, what each column holds, and who wants to know something.

TODO(author): what counts. {_COUNTS}""",
    (
        locked("load", 'import pandas as pd\n\nsales = pd.read_csv("sales.csv")\nsales.head()'),
        markdown("## Part 1\n\nTODO(author): `by_city(sales)` returns a Series: …"),
        solution(
            "solution-by-city",
            '''def by_city(sales):
    """Return the sum of the amounts of each city, the largest first."""
    ### BEGIN SOLUTION
    return sales.groupby("city")["amount"].sum().sort_values(ascending=False)
    ### END SOLUTION''',
        ),
        test(
            "test-by-city",
            2,
            "Sums by city",
            "TODO(author): what this test covers: two cities, and the order of them.",
            """_small = pd.DataFrame({"city": ["Graz", "Linz", "Graz"], "amount": [1, 9, 2]})
assert by_city(_small).to_dict() == {"Graz": 3, "Linz": 9}, "two cities"
### BEGIN HIDDEN TESTS
assert list(by_city(_small).index) == ["Linz", "Graz"], "the largest first"
### END HIDDEN TESTS""",
        ),
        markdown("## What would you say?\n\nTODO(author): to whom, and in how many sentences."),
        manual(
            "conclusion",
            3,
            "Says what was found, how sure it is, and what comes next",
            "TODO(author): a good answer, and what earns each point.",
        ),
    ),
    (
        _mutant(
            "test-by-city",
            "solution-by-city",
            ".sort_values(ascending=False)",
            "",
            "the cities are in the order of the alphabet",
        ),
    ),
    ("pandas",),
    {"sales.csv": _ROWS},
    {GENERATOR: _SALES},
)
_DESIGN = Part(
    45,
    """TODO(author): what is to be designed, for whom, and what is there already.

TODO(author): the numbers that matter: users, requests, sizes, delays. Ask for what is missing. What counts: that the
parts fit each other and the numbers, and that you say what you gave up for what.""",
    (
        markdown("## Part 1: how much is it?\n\nTODO(author): fill in the numbers; within a factor of three is fine."),
        solution(
            "solution-estimates",
            """# per second, at the busiest time
estimates = {"requests": 0}
### BEGIN SOLUTION
estimates = {"requests": 1_000}
### END SOLUTION""",
        ),
        test(
            "test-estimates",
            1,
            "Estimates the load",
            "TODO(author): which numbers are looked at, and how exactly.",
            """assert estimates["requests"] > 0, "requests is not filled in"
### BEGIN HIDDEN TESTS
assert 333 <= estimates["requests"] <= 3_000, "requests a second, within a factor of three"
### END HIDDEN TESTS""",
        ),
        markdown(
            "## Part 2: the parts\n\nTODO(author): what to write down: parts, what flows between them, what is stored."
        ),
        manual(
            "design", 6, "Designs parts that fit each other", "TODO(author): a good answer, and what earns each point."
        ),
        markdown("## Part 3: when something breaks\n\nTODO(author): what fails first, and what people notice."),
        manual("failures", 3, "Knows what fails first", "TODO(author): a good answer, and what earns each point."),
    ),
    (
        _mutant("test-estimates", "solution-estimates", "1_000", "86_400_000", "requests a day instead of a second"),
        _mutant("test-estimates", "solution-estimates", "1_000", "0", "nothing is filled in"),
    ),
    stub="# Replace the numbers above.",
)
_DEBUGGING = Part(
    25,
    """TODO(author): what the code below does, and what people complain about. Say how many mistakes there are.

Find the mistakes, mend them, and say how you found each. Change the code as you like, but keep the names of the
functions. The checks below show some of the symptoms; more run after you have submitted.""",
    (
        solution(
            "solution-code",
            '''def mean(values):
    """Return the mean of the values, or None when there are none."""
    return sum(values) // len(values)
### BEGIN SOLUTION
def mean(values):
    return sum(values) / len(values) if values else None
### END SOLUTION''',
        ),
        test(
            "test-mean",
            2,
            "Gives the mean",
            "TODO(author): which symptom this test shows.",
            """assert mean([1, 2]) == 1.5, "the mean of two numbers"
### BEGIN HIDDEN TESTS
assert mean([]) is None, "no values"
### END HIDDEN TESTS""",
        ),
    ),
    (
        _mutant("test-mean", "solution-code", " if values else None", "", "no values are divided by nothing"),
        _mutant("test-mean", "solution-code", "/ len", "// len", "whole numbers only"),
    ),
    stub="# Mend the functions above. They are all yours to change.",
)
_CHANGED = """def average(prices):
    total = 0
    for price in prices:
        total += price
    return total / len(prices)


def cheapest(prices):
    try:
        return min(prices)
    except Exception:
        return 0
"""
_DIFF = """--- a/prices.py
+++ b/prices.py
@@ -1,9 +1,12 @@
 def average(prices):
-    if not prices:
-        return None
-    return sum(prices) / len(prices)
+    total = 0
+    for price in prices:
+        total += price
+    return total / len(prices)


 def cheapest(prices):
-    return min(prices, default=None)
+    try:
+        return min(prices)
+    except Exception:
+        return 0
"""
_FINDING = """assert findings, "findings is empty"
assert all(len(_one) == 3 for _one in findings), "a finding is (file, line, comment)"
assert len(findings) <= 4, "4 findings at most"
### BEGIN HIDDEN TESTS
assert any(_file == "prices.py" and {first} <= _line <= {last} for _file, _line, _comment in findings), "{what}"
### END HIDDEN TESTS"""
_REVIEW = Part(
    30,
    """TODO(author): who wants to merge `change.diff`, and why. `prices.py` is the file as it is afterwards.

Review it. Write each finding as `(file, line, comment)`: the line in the new file (a few lines off is fine), and a
comment as you would write it to a colleague. At most 4 findings: choose what matters. Then say whether you would
merge it.""",
    (
        locked("show-diff", 'from pathlib import Path\n\nprint(Path("change.diff").read_text())'),
        locked(
            "show-file",
            'lines = Path("prices.py").read_text().splitlines()\n'
            'for number, line in enumerate(lines, 1):\n    print(f"{number:3} {line}")',
        ),
        solution(
            "solution-findings",
            """findings = []
### BEGIN SOLUTION
findings = [
    ("prices.py", 5, "No prices now raise ZeroDivisionError, where None came back before. Is that meant?"),
    ("prices.py", 11, "This swallows every mistake, and 0 looks like a price. What about min(prices, default=None)?"),
]
### END SOLUTION""",
        ),
        test(
            "test-finds-no-prices",
            1,
            "Finds what became of no prices",
            "TODO(author): where to look, without saying what is there: the function average.",
            _FINDING.format(first=3, last=7, what="division by the number of no prices"),
        ),
        test(
            "test-finds-swallowed",
            1,
            "Finds what is hidden",
            "TODO(author): where to look, without saying what is there: the function cheapest.",
            _FINDING.format(first=9, last=13, what="every exception is swallowed"),
        ),
        markdown("## Would you merge it?\n\nIn two or three sentences to the author of the change."),
        manual(
            "review-summary",
            3,
            "Says what has to change, and how",
            "TODO(author): a good answer, and what earns points.",
        ),
        markdown("## Your comments\n\nNothing to write here: a person reads the comments of your findings."),
        manual(
            "review-comments",
            3,
            "Comments help the author",
            "TODO(author): what good comments have, and what earns points.",
        ),
    ),
    (
        _mutant("test-finds-no-prices", "solution-findings", '"prices.py", 5', '"prices.py", 50', "looks elsewhere"),
        _mutant("test-finds-swallowed", "solution-findings", '"prices.py", 11', '"prices.py", 1', "looks elsewhere"),
    ),
    files={"change.diff": _DIFF, "prices.py": _CHANGED},
    stub="# Fill the list above, or assign it anew.",
)
_SHOP = """CREATE TABLE orders (id INTEGER PRIMARY KEY, city TEXT, amount INTEGER);
INSERT INTO orders VALUES (1, 'Graz', 18);
INSERT INTO orders VALUES (2, 'Linz', 73);
INSERT INTO orders VALUES (3, 'Graz', 98);
"""
_SHOP_GENERATE = _GENERATE.format(
    file="shop.sql",
    body="""    lines = ["CREATE TABLE orders (id INTEGER PRIMARY KEY, city TEXT, amount INTEGER);"]
    for number, city in enumerate(["Graz", "Linz", "Graz"], 1):
        lines.append(f"INSERT INTO orders VALUES ({number}, '{city}', {chance.randrange(1, 100)});")
    (folder / "shop.sql").write_text("\\n".join(lines) + "\\n")""",
)
_ASK = '''import sqlite3
from pathlib import Path


def ask(query, tables=None):
    """Return the rows of a query, asked in a fresh database: that of shop.sql, or one of other tables.

    tables is {"orders": (["id", "city", "amount"], [(1, "Graz", 5)])}: columns and rows by the name of the table.
    """
    connection = sqlite3.connect(":memory:")
    if tables is None:
        connection.executescript(Path("shop.sql").read_text())
    for name, (columns, rows) in (tables or {}).items():
        connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)
    return connection.execute(query).fetchall()


ask("SELECT * FROM orders")'''
_SQL = Part(
    30,
    f"""TODO(author): where `shop.sql` comes from, its tables and columns, and who wants to know something.

Write each query as a text; `ask(query)` runs it in SQLite. {_COUNTS}""",
    (
        locked("ask", _ASK),
        markdown("## Part 1\n\nTODO(author): `by_city` returns …, in this order: …"),
        solution(
            "solution-by-city",
            '''by_city = ""
### BEGIN SOLUTION
by_city = """
SELECT city, SUM(amount) FROM orders GROUP BY city ORDER BY SUM(amount) DESC, city
"""
### END SOLUTION''',
        ),
        test(
            "test-by-city",
            2,
            "Sums by city",
            "TODO(author): what this test covers: two cities, and two that are equal.",
            """_columns = ["id", "city", "amount"]
_orders = [(1, "Graz", 1), (2, "Linz", 9)]
assert ask(by_city, {"orders": (_columns, _orders)}) == [("Linz", 9), ("Graz", 1)], "two cities"
### BEGIN HIDDEN TESTS
_equal = [(1, "Linz", 5), (2, "Graz", 3), (3, "Graz", 2)]
assert ask(by_city, {"orders": (_columns, _equal)}) == [("Graz", 5), ("Linz", 5)], "two cities that are equal"
### END HIDDEN TESTS""",
        ),
    ),
    (
        _mutant(
            "test-by-city",
            "solution-by-city",
            "SUM(amount) DESC, city",
            "SUM(amount) DESC, city DESC",
            "ties go backwards",
        ),
        _mutant("test-by-city", "solution-by-city", "SELECT city, SUM", "SELECT city, COUNT", "counts instead of sums"),
    ),
    files={"shop.sql": _SHOP},
    programs={GENERATOR: _SHOP_GENERATE},
    stub="# Write the query above.",
)
PARTS: dict[str, Part] = {
    "live coding": _LIVE,
    "take-home": _TAKE_HOME,
    "data science": _DATA,
    "system design": _DESIGN,
    "debugging": _DEBUGGING,
    "code review": _REVIEW,
    "sql": _SQL,
}

"""Writes library.sql, the same bytes each time: ``python generate.py FOLDER``."""

import random
import sys
from datetime import date, timedelta
from pathlib import Path

TABLES = """CREATE TABLE books (book_id INTEGER PRIMARY KEY, title TEXT NOT NULL, shelf TEXT NOT NULL);
CREATE TABLE members (member_id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
CREATE TABLE loans (
    loan_id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES books,
    member_id INTEGER NOT NULL REFERENCES members,
    lent_on TEXT NOT NULL,
    due_on TEXT NOT NULL,
    returned_on TEXT
);
"""
FIRST = ["Slow", "Small", "Quiet", "Second", "Open", "Late", "Green", "Northern"]
LAST = ["Rivers", "Kitchen", "Machines", "Letters", "Gardens", "Bridges", "Weather", "Maps"]
SHELVES = ["nature", "novels", "technology", "travel"]
NAMES = "Ada Bo Cem Dana Eli Fay Gil Hana Ivo Jun Kai Lea Mio Noa Ola Pia"
CITIES = ["Arnsee", "Birkau", "Tollfurt"]


def literal(value):
    if value is None:
        return "NULL"
    return str(value) if type(value) is int else f"'{value}'"


def insert(table, *values):
    listed = ", ".join(map(literal, values))
    return f"INSERT INTO {table} VALUES ({listed});"


def lines():
    chance = random.Random(20260105)
    for number in range(1, 61):
        title = f"{FIRST[(number - 1) % 8]} {LAST[(number * 3 + (number - 1) // 8) % 8]}"
        yield insert("books", number, title, chance.choice(SHELVES))
    for number in range(1, 41):
        name = f"{NAMES.split()[(number * 7) % 16]} {chr(64 + 1 + number % 23)}."
        city = None if chance.random() < 0.1 else chance.choice(CITIES)
        yield insert("members", number, name, city)
    for number in range(1, 301):
        lent = date(2026, 1, 5) + timedelta(days=number * 120 // 300)
        due = lent + timedelta(days=21)
        back = lent + timedelta(days=chance.randrange(1, 40))
        returned = None if back > date(2026, 5, 4) or chance.random() < 0.02 else back
        book, member = 1 + int(52 * chance.random() ** 1.5), 1 + int(36 * chance.random() ** 1.3)
        yield insert("loans", number, book, member, lent, due, returned)


def main():
    script = TABLES + "\n".join(lines()) + "\n"
    (Path(sys.argv[1]) / "library.sql").write_text(script)


if __name__ == "__main__":
    main()

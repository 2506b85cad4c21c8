"""CSV files for spreadsheets, in which no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
MEDIA_TYPE = "text/csv; charset=utf-8"
BOM = "\ufeff"


def cell(value: object) -> str:
    """Return the text of a cell; what a spreadsheet would take for a formula begins with an apostrophe."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV (RFC 4180)."""
    written = io.StringIO()
    csv.writer(written).writerows([cell(value) for value in row] for row in rows)
    return written.getvalue()


def sheet(head: Iterable[str], pages: Iterable[Iterable[Iterable[object]]]) -> Iterator[bytes]:
    """Return a file piece by piece, one for each page of rows; spreadsheets know UTF-8 by its byte order mark."""
    yield (BOM + lines([head])).encode()
    for rows in pages:
        yield lines(rows).encode()

"""Spreadsheets in Excel's format, in which no cell is a formula."""

import io
from collections.abc import Iterable

import xlsxwriter

from assay_hub.web.sheets import STARTS_A_FORMULA

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name: str, head: Iterable[str], pages: Iterable[Iterable[Iterable[object]]]) -> bytes:
    """Return a workbook with one sheet; only a page of rows is held at a time.

    Text is written as text whatever it looks like, and marked so that it stays text where it would begin a formula.
    """
    written = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(written, options)
    sheet = book.add_worksheet(name)
    bold, plain = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(head):
        sheet.write_string(0, column, title, bold)
    at = 0
    for rows in pages:
        for row in rows:
            at += 1
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    sheet.write_number(at, column, value)
                elif value is not None:
                    text = str(value)
                    sheet.write_string(at, column, text, plain if text.startswith(STARTS_A_FORMULA) else None)
    book.close()
    return written.getvalue()

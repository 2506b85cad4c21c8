"""The address of a list, and files for spreadsheets."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.interview import State
from assay_hub.domain.search import Search
from assay_hub.web import sheets
from assay_hub.web.listing import Asked

text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(q=text, tags=st.lists(text), roles=st.lists(text), since=text, order=text, cursor=text)
def test_an_address_that_is_written_is_read_as_it_was(q, tags, roles, since, order, cursor):
    pairs = [("q", q), ("since", since), ("order", order), ("cursor", cursor)]
    pairs += [*(("tag", one) for one in tags), *(("role", one) for one in roles)]
    asked = Asked.read(QueryParams(pairs))

    assert Asked.read(QueryParams(asked.query())) == asked


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=lively", "state"),
        ("kind=x", "kind"),
        ("role=nosuchrole", "role"),
        ("interviewer=nobody", "interviewer"),
        ("since=2026-02-30", "since"),
        ("since=0001-01-01", "since"),
        ("until=9999-12-31", "until"),
        ("since=2026-02-02&until=2026-02-01", "until"),
        ("order=candidate_name", "order"),
        ("q=a%00b", "q"),
        ("q=" + "x" * 201, "q"),
        ("tag=a%00b", "tags"),
        ("&".join(f"tag={number}" for number in range(11)), "tags"),
        ("&".join(f"role=r{number}" for number in range(21)), "role"),
    ],
)
def test_what_cannot_be_looked_for_is_said(query, field):
    with pytest.raises(BadInputError) as refusal:
        Asked.read(QueryParams(query)).search({"rolerolero"}, {"ada"})

    assert set(refusal.value.fields) == {field}
    assert refusal.value.detail


def test_an_address_becomes_a_search():
    asked = Asked.read(QueryParams("q=+two++words&tags=python,+sql&tag=a,b&state=live&until=2026-02-01&unknown=1"))

    found = asked.search(set(), set())

    assert (found.text, found.tags, found.states) == ("two words", ("python", "sql", "a,b"), (State.LIVE,))
    assert found.until.isoformat() == "2026-02-02T00:00:00+00:00"
    assert Asked.read(QueryParams("")).search(set(), set()) == Search()


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(beginning):
    hostile = f'{beginning}HYPERLINK("http://x","y"),"'

    (row,) = csv.reader(io.StringIO(sheets.lines([[hostile, "plain", None, 7]]), newline=""))

    assert row == [f"'{hostile}", "plain", "", "7"]


def test_a_sheet_begins_with_the_byte_order_mark_and_leaves_page_by_page():
    taken = []

    def pages():
        for number in range(3):
            taken.append(number)
            yield [[number]]

    written = sheets.sheet(["Zoë"], pages())

    assert next(written) == "\ufeffZoë\r\n".encode()
    assert taken == []
    assert next(written) == b"0\r\n"
    assert taken == [0]

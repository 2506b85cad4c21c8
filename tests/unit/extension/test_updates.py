"""Reading a Y update's footprint, against the library that makes updates."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from assay_extension.updates import BadUpdateError, read_footprint, read_state

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 20), st.text(st.characters(exclude_categories=["Cs"]), min_size=1)),
        st.tuples(st.just("erase"), st.integers(0, 20), st.integers(1, 4)),
        st.tuples(st.just("put"), st.text("xyz", max_size=1), json_values),
        st.tuples(st.just("add"), st.just(0), json_values),
        st.tuples(st.just("nest"), st.just(0), st.just(0)),
    ),
    max_size=12,
)


def perform(document: "Doc[Any]", step: tuple[str, Any, Any]) -> None:
    text, table, row = (document.get(name, type=kind) for name, kind in (("t", Text), ("m", Map), ("a", Array)))
    kind, place, value = step
    length = len(text)
    if kind == "write":
        text.insert(min(place, length) if str(text).isascii() else length, value)
    elif kind == "erase" and length and str(text).isascii():
        start = min(place, length - 1)
        del text[start : min(length, start + value)]
    elif kind == "put":
        table[place] = value
    elif kind == "add":
        row.append(value)
    elif kind == "nest":
        row.append(Map({"source": Text("cell"), "outputs": Array([Map({"text": Text("x")})])}))


@given(steps, steps)
def test_the_footprint_says_what_applying_the_update_does(before: list[Any], after: list[Any]):
    author: Doc[Any] = Doc()
    for step in before:
        perform(author, step)
    reader: Doc[Any] = Doc()
    reader.apply_update(author.get_update())
    updates: list[bytes] = []
    author.observe(lambda event: updates.append(event.update))
    for step in after:
        perform(author, step)

    for update in updates:
        state = read_state(reader.get_state())
        footprint = read_footprint(update)
        reader.apply_update(update)
        now = read_state(reader.get_state())
        assert footprint.is_complete(state)
        assert footprint.authors(state) == {client for client in now if now[client] != state.get(client, 0)}
    whole = read_footprint(author.get_update())
    assert not whole.authors(read_state(reader.get_state()))


@given(steps)
def test_an_update_whose_beginning_is_missing_is_incomplete(after: list[Any]):
    author: Doc[Any] = Doc()
    perform(author, ("write", 0, "start"))
    updates: list[bytes] = []
    author.observe(lambda event: updates.append(event.update))
    perform(author, ("write", 5, "x"))
    for step in after:
        perform(author, step)

    assert not any(read_footprint(update).is_complete({}) for update in updates)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_footprint_or_a_bad_update(update: bytes):
    try:
        read_footprint(update)
    except BadUpdateError:
        return


@pytest.mark.parametrize("update", [b"", b"\1", b"\xff" * 40, b"\1\1\1\0\x09", b"\0\0\0"])
def test_garbage_is_a_bad_update(update: bytes):
    with pytest.raises(BadUpdateError):
        read_footprint(update)

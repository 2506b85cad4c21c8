"""Who typed what, whatever is typed."""

from hypothesis import given
from hypothesis import strategies as st

from assay_hub.domain.attribution import Attributed, Piece

TEXTS = st.text(alphabet=st.sampled_from("abc é漢😀\n"), max_size=6)
EDITS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), TEXTS, st.sampled_from(["ann", "bob"])), max_size=25)


def size(text: str) -> int:
    return len(text.encode())


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(EDITS)
def test_each_character_stays_whose_it_is_whatever_is_edited_around_it(edits):
    text, owners, found = "", "", Attributed()

    for at, (place, deleted, inserted, who) in enumerate(edits):
        start = min(place, len(text))
        stop = min(start + deleted, len(text))
        piece = Piece.of(who, at, at, inserted, "") if inserted else None
        gone = text[start:stop]
        where = found.splice(size(text[:start]), size(gone), piece)
        assert where == (units(text[:start]), units(gone))
        text = text[:start] + inserted + text[stop:]
        owners = owners[:start] + who[0] * len(inserted) + owners[stop:]

    assert found.text == text
    assert found.size == size(text)
    assert "".join((piece.account or "?")[0] * len(piece.text) for piece in found) == owners
    assert all(piece.units == units(piece.text) and piece.size == size(piece.text) for piece in found)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_what_two_versions_have_in_common_at_start_and_end_stays_whose_it_was(head, before, after, tail):
    found = Attributed()
    found.become(head + before + tail, "ann", 1.0)

    found.become(head + after + tail, None, 2.0)

    assert found.text == head + after + tail
    changed = sum(len(piece.text) for piece in found if piece.account is None)
    assert changed <= len(after)


def test_what_is_typed_without_a_pause_is_one_piece_and_a_pause_begins_another():
    found = Attributed()

    for at, letter in ((1.0, "a"), (2.0, "b"), (60.0, "c")):
        found.splice(found.size, 0, Piece.of("ann", at, at, letter, ""))

    assert [(piece.text, piece.since, piece.until) for piece in found] == [("ab", 1.0, 2.0), ("c", 60.0, 60.0)]

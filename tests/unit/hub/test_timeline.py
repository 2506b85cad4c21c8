"""The timeline of a recording, against the documents themselves."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Map, Text
from recorded import PATH, Session, cell

from assay_hub.adapters import timeline as adapter
from assay_hub.adapters.timeline import TimelineBuilder
from assay_hub.domain.timeline import Segment, as_of, unpack
from assay_protocol.recording import Event, Kind


def timeline(events: list[Event]) -> list[Segment]:
    builder = TimelineBuilder()
    found = [segment for event in events for segment in builder.take(event)]
    return [*found, builder.segment()]


def frame_at(segments: list[Segment], seq: int, at: int) -> list[tuple[str, str]]:
    """Return the cells; of two with one id, after it was moved on two pages at once, the second is told apart."""
    segment = next(one for one in segments if one.last_seq >= seq)
    return [(row[0].rstrip("'"), row[2]) for row in as_of(unpack(segment.body), at).get(PATH, [])]


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "move", "insert", "insert", "insert", "delete", "output"]),
        st.sampled_from(["ann", "bob", "cy"]),
        st.integers(0, 5),
        st.integers(0, 40),
        st.text(alphabet=st.sampled_from("ab\n 漢😀"), min_size=1, max_size=50),
        st.booleans(),
    ),
    max_size=30,
)


def act(session: Session, number: int, action: tuple[str, str, int, int, str, bool]) -> None:
    what, who, which, place, text, late = action

    def change(cells: Any) -> None:
        if what == "add" or len(cells) == 0:
            cells.insert(min(which, len(cells)), cell(f"c{number}"))
            return
        here = which % len(cells)
        source = cells[here]["source"]
        if what == "remove":
            del cells[here]
        elif what == "move":
            moved = cell(str(cells[here]["id"]))
            moved_text = str(source)
            del cells[here]
            cells.insert(which % (len(cells) + 1), moved)
            cells[which % len(cells)]["source"] += moved_text
        elif what == "insert":
            written = str(source)
            source.insert(len(written[: place % (len(written) + 1)].encode()), text)
        elif what == "delete":
            written = str(source)
            start = place % (len(written) + 1)
            gone = written[start : start + which]
            begin = len(written[:start].encode())
            if gone:
                del source[begin : begin + len(gone.encode())]
        else:
            cells[here]["outputs"].append(Map({"output_type": "stream", "name": "stdout", "text": Text(text)}))

    session.edit(who, change, late=late)


@given(ACTIONS)
def test_every_moment_of_a_timeline_is_the_document_as_it_was(actions):
    session = Session("ann", "bob", "cy")
    for number, action in enumerate(actions):
        act(session, number, action)
    before = adapter.SEGMENT_STEPS
    adapter.SEGMENT_STEPS = 4

    try:
        segments = timeline(session.events)
    finally:
        adapter.SEGMENT_STEPS = before

    for event, truth in zip(session.events, session.truth, strict=True):
        assert frame_at(segments, event.seq, round(1000 * (event.at - session.events[0].at))) == truth


@given(ACTIONS)
def test_text_belongs_to_the_account_whose_event_brought_it(actions):
    session = Session("ann", "bob", "cy")
    for number, action in enumerate(actions):
        act(session, number, action)

    (*_, last) = timeline(session.events)
    accounts = {step[2] for step in unpack(last.body)["steps"] if step[1] == "text"}

    assert accounts <= {"ann", "bob", "cy"}


def test_a_paste_is_marked_with_where_its_page_says_it_came_from():
    session = Session("ann")
    session.edit("ann", lambda cells: cells.append(cell("a")))
    pasted = "x = 1  # forty characters of somebody else"
    session.edit("ann", lambda cells: cells[0]["source"].insert(0, pasted + "!" * 8))
    session.say("ann", name="paste", chars=len(pasted), **{"from": "outside"})
    session.edit("ann", lambda cells: cells[0]["source"].insert(0, pasted))
    session.edit("ann", lambda cells: cells[0]["source"].insert(0, "typed"))
    session.edit("ann", lambda cells: cells[0]["source"].insert(0, "y" * 60))
    session.say("ann", name="paste", chars=60, **{"from": "page"})

    (segment,) = timeline(session.events)

    texts = [(step[7], step[8]) for step in unpack(segment.body)["steps"] if step[1] == "text"]
    assert texts == [(pasted + "!" * 8, "piece"), (pasted, "outside"), ("typed", ""), ("y" * 60, "page")]
    assert [(marker.kind, marker.account) for marker in segment.markers] == [("paste", "ann")] * 2


def test_bytes_that_are_no_update_are_marked_and_the_rest_goes_on():
    session = Session("ann")
    session.edit("ann", lambda cells: cells.append(cell("a")))
    bad = Event(len(session.events) + 1, 1001.0, Kind.EDIT, "ann", PATH, b"\xff\xff\xff no update")
    session.events.append(bad)
    session.truth.append(session.truth[-1])
    session.edit("ann", lambda cells: cells[0]["source"].insert(0, "after"))

    (segment,) = timeline(session.events)

    assert [marker.kind for marker in segment.markers] == ["unreadable"]
    assert frame_at([segment], 4, 10**9) == [("a", "after")]


def test_an_output_out_of_all_proportion_is_a_word_about_it():
    session = Session("ann")
    session.edit("ann", lambda cells: cells.append(cell("a")))
    large = "x" * (adapter.MAX_OUTPUT_CHARACTERS + 1)
    session.edit(
        "ann", lambda cells: cells[0]["outputs"].append(Map({"output_type": "stream", "name": "stdout", "text": large}))
    )

    (segment,) = timeline(session.events)

    assert len(unpack(segment.body)["steps"][-1][5][0]["text"]) < 200


def test_outputs_that_came_too_quickly_are_not_shown_below_a_cell_that_is_gone():
    session = Session("ann")
    session.edit("ann", lambda cells: cells.extend([cell("a"), cell("b")]))
    for text in ("first", "second"):
        printed = {"output_type": "stream", "name": "stdout", "text": Text(text)}
        session.edit("ann", lambda cells, printed=printed: cells[0]["outputs"].append(Map(printed)))
    session.edit("ann", lambda cells: cells.pop(0))
    for _ in range(5):
        session.edit("ann", lambda cells: cells[0]["source"].insert(0, "x"))

    (segment,) = timeline(session.events)

    assert frame_at([segment], len(session.events), 10**9) == [("b", "xxxxx")]

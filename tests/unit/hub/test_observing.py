"""What is drawn from recordings: pastes, text that came at once, and the rhythm of typing."""

from recorded import Session, cell, write

from assay_hub.adapters import timeline
from assay_hub.adapters.timeline import TimelineBuilder
from assay_hub.domain.observing import EARLIER_KEYS, WINDOW_KEYS, RecordingObserver, Rhythm
from assay_hub.domain.signals import MAX_OF_A_KIND, SignalKind
from assay_protocol.recording import Event

SAM, ADA = "cand-abcdefghij", "ada"
LONG = "total = sum(value for value in readings if value is not None and value > threshold) # 1"


def drawn(events: list[Event], *, over: bool = True):
    builder = TimelineBuilder()
    observer = RecordingObserver(SAM)
    segments = []
    for event in events:
        segments += builder.take(event)
    for segment in [*segments, builder.segment()]:
        observer.take(segment)
    return [(one.kind, one.detail.get("chars")) for one in observer.drawn(over=over)]


def begun() -> Session:
    session = Session(SAM, ADA)
    session.edit(SAM, lambda cells: cells.append(cell("a")))
    return session


def put(session: Session, account: str, text: str, place: int = 0) -> None:
    session.edit(account, lambda cells: cells[0]["source"].insert(place, text))


def test_a_paste_from_outside_is_one_signal_and_not_also_an_insertion():
    session = begun()
    put(session, SAM, LONG)
    session.say(SAM, name="paste", chars=len(LONG), **{"from": "outside"})

    assert drawn(session.events) == [(SignalKind.PASTED, len(LONG))]


def test_a_paste_from_the_notebook_itself_is_no_signal():
    session = begun()
    put(session, SAM, LONG)
    session.say(SAM, name="paste", chars=len(LONG), **{"from": "page"})

    assert drawn(session.events) == []


def test_text_that_comes_at_once_without_a_claim_is_seen_in_the_edits():
    session = begun()
    put(session, SAM, LONG)

    assert drawn(session.events) == [(SignalKind.INSERTED, len(LONG))]
    assert drawn(session.events, over=False) == []  # its claim may still come


def test_a_whole_cell_that_comes_at_once_is_seen_too():
    session = begun()

    def append(cells):
        cells.append(cell("b"))
        cells[1]["source"].insert(0, LONG)

    session.edit(SAM, append)

    assert drawn(session.events) == [(SignalKind.INSERTED, len(LONG))]


def test_typing_and_what_the_interviewer_does_are_no_signals():
    session = begun()
    write(session, SAM, LONG)
    put(session, ADA, "# from the interviewer: " + LONG)
    session.say(ADA, name="paste", chars=500, **{"from": "outside"})

    assert drawn(session.events) == []


def test_undoing_a_deletion_and_moving_text_are_no_insertions():
    session = begun()
    write(session, SAM, LONG)
    session.edit(SAM, lambda cells: cells[0]["source"].clear())
    put(session, SAM, LONG)
    session.edit(SAM, lambda cells: cells.append(cell("b")))
    session.edit(SAM, lambda cells: cells[1]["source"].insert(0, LONG))

    assert drawn(session.events) == []


def test_what_a_page_claims_is_bounded_and_never_breaks_anything():
    session = begun()
    for chars in ("many", None, -5, True, 1.5, [1], 10**30):
        session.say(SAM, name="paste", chars=chars, **{"from": "outside"})
    for _ in range(3 * MAX_OF_A_KIND):
        session.say(SAM, name="paste", chars=1, **{"from": "outside"})

    found = drawn(session.events)

    assert len(found) == MAX_OF_A_KIND
    assert found[0] == (SignalKind.PASTED, 10_000_000)


def test_the_same_recording_gives_the_same_signals_however_far_it_was_read_before(monkeypatch):
    monkeypatch.setattr(timeline, "SEGMENT_STEPS", 7)
    session = begun()
    for turn in range(5):
        write(session, SAM, "x = 1\n" * 10)
        put(session, SAM, f"{turn}{LONG}\n")

    whole = drawn(session.events)

    assert whole == [(SignalKind.INSERTED, len(LONG) + 2)] * 5
    assert drawn(session.events[: len(session.events) // 2]) == whole[:2]


def typed(rhythm: Rhythm, start: int, pauses: list[int]) -> int:
    for pause in pauses:
        start += pause
        rhythm.key(start)
    return start


def test_a_rhythm_that_stays_gives_no_signal():
    rhythm = Rhythm()

    typed(rhythm, 0, [150 + 30 * (turn % 5) for turn in range(3000)])

    assert rhythm.changes == []


def test_a_rhythm_twice_as_fast_is_said_once_with_both_medians():
    rhythm = Rhythm()

    now = typed(rhythm, 0, [240] * (EARLIER_KEYS + WINDOW_KEYS + 1))
    typed(rhythm, now, [80] * (3 * WINDOW_KEYS))

    (change,) = rhythm.changes
    assert change.detail == {"keys": WINDOW_KEYS, "now_ms": 80, "before_ms": 240}
    assert now - 80 <= change.at <= now


def test_pauses_for_thinking_do_not_count():
    rhythm = Rhythm()

    typed(rhythm, 0, [240] * (EARLIER_KEYS + WINDOW_KEYS) + [2500] * 1000)

    assert rhythm.changes == []

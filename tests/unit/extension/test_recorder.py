"""The recorder: append-only, without a hole, torn lines cut off, corrupt ones told."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_extension.recorder import CorruptRecordingError, Recorder, RecordingError
from assay_protocol.recording import MAX_LINE_BYTES, Event, Kind


def opened(folder: Path) -> Recorder:
    return Recorder(folder / "recording.jsonl", lambda: 1.0)


def events(folder: Path) -> list[Event]:
    return [Event.from_line(line) for line in (folder / "recording.jsonl").read_bytes().splitlines()]


def test_numbers_go_on_after_a_restart(tmp_path: Path):
    for _ in range(3):
        recorder = opened(tmp_path)
        recorder.append(Kind.JOINED, account="ann")
        recorder.close()

    assert [event.seq for event in events(tmp_path)] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "torn", [b"{", b'{"seq":3,"at":1.0,"kind":"joined","account":"ann"}', b"\0" * 50, b"\0\0\n\0\0\n"]
)
def test_what_a_crash_left_is_cut_off_and_counted(tmp_path: Path, torn: bytes):
    recorder = opened(tmp_path)
    recorder.append(Kind.JOINED, account="ann")
    recorder.close()
    with (tmp_path / "recording.jsonl").open("ab") as file:
        file.write(torn)

    opened(tmp_path).close()

    assert [event.seq for event in events(tmp_path)] == [1, 2, 3]
    assert events(tmp_path)[-1].detail == {"dropped_bytes": len(torn)}


@pytest.mark.parametrize("harm", [lambda text: text.replace(b'"seq":2', b'"seq":7'), lambda text: b"x\n" + text])
def test_a_corrupt_middle_is_not_passed_over(tmp_path: Path, harm):
    recorder = opened(tmp_path)
    recorder.append(Kind.JOINED, account="ann")
    recorder.append(Kind.LEFT, account="ann")
    recorder.close()
    path = tmp_path / "recording.jsonl"
    path.write_bytes(harm(path.read_bytes()))

    with pytest.raises(CorruptRecordingError):
        opened(tmp_path)


def test_two_servers_never_write_to_one_recording(tmp_path: Path):
    recorder = opened(tmp_path)

    with pytest.raises(CorruptRecordingError, match="another server"):
        opened(tmp_path)
    recorder.close()


def test_a_line_that_no_reader_takes_is_not_written(tmp_path: Path):
    recorder = opened(tmp_path)

    with pytest.raises(RecordingError):
        recorder.append(Kind.EDIT, document="a", update=b"x" * MAX_LINE_BYTES)
    recorder.append(Kind.JOINED, account="ann")
    recorder.close()

    assert [event.seq for event in events(tmp_path)] == [1, 2]


@given(st.integers(0, 700), st.integers(0, 700))
def test_a_reader_starts_at_any_event(tmp_path_factory: pytest.TempPathFactory, count: int, after: int):
    recorder = opened(tmp_path_factory.mktemp("recorder"))
    for number in range(count):
        recorder.append(Kind.BROWSER, account="ann", detail={"n": number})
    after = min(after, recorder.seq)

    rest = b""
    place = recorder.place_after(after)
    while chunk := recorder.read(place):
        rest += chunk
        place += len(chunk)
    recorder.close()

    assert [Event.from_line(line).seq for line in rest.splitlines()] == list(range(after + 1, count + 2))


def test_a_room_is_read_from_its_last_state_on(tmp_path: Path):
    recorder = opened(tmp_path)
    for update in (b"old", b"new"):
        recorder.append(Kind.DOCUMENT, document="a", update=update, detail={"room": "r"})
        recorder.append(Kind.DOCUMENT, document="b", update=update, detail={"room": "s"})
        recorder.append(Kind.EDIT, document="a", update=update + b" edit")
        recorder.append(Kind.EDIT, document="b", update=b"other")
    recorder.close()

    again = opened(tmp_path)

    assert [event.update for event in again.history("r")] == [b"new", b"new edit"]
    assert again.history("unknown") == []
    again.close()


def test_a_waiting_reader_is_woken_by_an_event(tmp_path: Path):
    async def scenario() -> tuple[bool, bool]:
        recorder = opened(tmp_path)
        place = recorder.size
        nothing = await recorder.grown(place, 0.01)
        waiting = asyncio.ensure_future(recorder.grown(place, 30))
        await asyncio.sleep(0)
        recorder.append(Kind.JOINED, account="ann")
        grown = await waiting
        recorder.close()
        return nothing, grown

    assert asyncio.run(scenario()) == (False, True)

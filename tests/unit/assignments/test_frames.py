"""Messages between the two processes."""

import json
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_assignments.grading.inside.frames import MAX_FRAME_BYTES, BadFrameError, GoneError, receive, send


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        yield ours, theirs


def test_a_large_message_arrives_whole(pair: tuple[socket.socket, socket.socket]):
    ours, theirs = pair
    message = {"x": "y" * 3_000_000, "half": "\ud800", "n": [1, None, 2.5]}
    sender = threading.Thread(target=send, args=(theirs, message))
    sender.start()

    found = receive(ours, lambda: None)

    sender.join()
    assert found == message


@pytest.mark.parametrize(
    "body",
    [
        struct.pack(">I", MAX_FRAME_BYTES + 1),
        struct.pack(">I", 0xFFFFFFFF) + b"x" * 100,
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", 4) + b"null",
        struct.pack(">I", 2) + b"\xff\xff",
        struct.pack(">I", 3) + b"{,}",
        struct.pack(">I", 100_000) + b"[" * 100_000,
        struct.pack(">I", 10_000) + b'{"x":' + b"9" * 9_994 + b"}",
        struct.pack(">I", 0),
    ],
)
def test_what_is_no_message_is_refused(pair: tuple[socket.socket, socket.socket], body: bytes):
    ours, theirs = pair
    theirs.sendall(body)

    with pytest.raises(BadFrameError):
        receive(ours)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_message_or_an_error_of_ours(body: bytes):
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(body)
        theirs.close()

        try:
            found = receive(ours)
        except (BadFrameError, GoneError):
            return

    assert isinstance(found, dict)


def test_the_end_of_the_other_side_is_told_from_a_bad_message(pair: tuple[socket.socket, socket.socket]):
    ours, theirs = pair
    theirs.sendall(struct.pack(">I", 50) + b'{"half"')
    theirs.close()

    with pytest.raises(GoneError):
        receive(ours)


def test_a_message_that_is_too_long_or_no_json_is_not_sent(pair: tuple[socket.socket, socket.socket]):
    ours, theirs = pair
    loop: dict[str, object] = {}
    loop["loop"] = loop

    for message in ({"x": "y" * MAX_FRAME_BYTES}, loop):
        with pytest.raises(BadFrameError):
            send(theirs, message)
    send(theirs, {"object": object()})

    assert json.dumps(receive(ours)) == '{"object": "<object>"}'

"""The line format of the recording, its chain, and the manifest's paths."""

import base64
import json
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_protocol.manifest import BadManifestError, Manifest, Participant, ReleasedFile
from assay_protocol.recording import BadLineError, Event, Kind, genesis, link

plain_text = st.text(st.characters(exclude_categories=["Cs"]))
details = st.dictionaries(plain_text, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | plain_text, max_size=4)
events = st.builds(
    Event,
    seq=st.integers(1, 2**53),
    at=st.floats(0, 4e9).map(lambda seconds: round(seconds, 6)),
    kind=st.sampled_from(Kind),
    account=st.none() | plain_text,
    document=plain_text,
    update=st.binary(max_size=200),
    detail=details,
)


@given(events)
def test_an_event_comes_back_from_its_line(event: Event):
    line = event.to_line()

    assert b"\n" not in line
    assert Event.from_line(line) == event


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_an_event_or_a_bad_line(line: bytes):
    try:
        event = Event.from_line(line)
    except BadLineError:
        return
    assert isinstance(event, Event)


@given(events, st.sampled_from(["seq", "at", "kind", "account"]), st.sampled_from([[], {}, True, "x", -1]))
def test_a_member_of_the_wrong_type_is_a_bad_line_or_still_an_event(event: Event, member: str, value: object):
    body = json.loads(event.to_line()) | {member: value}
    try:
        again = Event.from_line(json.dumps(body).encode())
    except BadLineError:
        return
    assert type(again.seq) is int
    assert again.account is None or isinstance(again.account, str)


@given(st.lists(st.binary(max_size=20), min_size=2, max_size=6, unique=True))
def test_the_chain_tells_when_lines_are_changed_swapped_or_dropped(lines: list[bytes]):
    def head(some: list[bytes]) -> bytes:
        digest = genesis("abcdefgh22")
        for line in some:
            digest = link(digest, line)
        return digest

    heads = {head(lines), head(lines[1:]), head(lines[:-1]), head(lines[::-1]), head([lines[0] + b"x", *lines[1:]])}
    assert len(heads) == 5
    assert genesis("abcdefgh22") != genesis("abcdefgh23")


@given(plain_text)
def test_a_path_of_a_manifest_stays_inside_the_workspace(path: str):
    body = {"interview": "x", "participants": [], "files": [{"path": path, "content": ""}]}
    try:
        manifest = Manifest.from_json(json.dumps(body).encode())
    except BadManifestError:
        return
    parts = PurePosixPath(manifest.files[0].path).parts
    assert parts
    assert not any(part.startswith(".") or part == "/" for part in parts)


@pytest.mark.parametrize("path", ["", "/x", "../x", "a/../x", "a/./x", "a//x", ".x", "a/.x", "a\\x", "a/", "a\0x"])
def test_a_path_that_leads_elsewhere_is_refused(path: str):
    body = {"interview": "x", "participants": [], "files": [{"path": path, "content": ""}]}

    with pytest.raises(BadManifestError):
        Manifest.from_json(json.dumps(body).encode())


@given(st.binary(max_size=300))
def test_a_manifest_comes_back_from_its_json(content: bytes):
    manifest = Manifest("i", (Participant("ann", "Ann", "#123456", may_edit=False),), (ReleasedFile("a/b", content),))
    manifest = replace(manifest, unreported=frozenset({"paste", "blur"}))

    assert Manifest.from_json(manifest.to_json()) == manifest
    assert base64.b64encode(content) in manifest.to_json()


@given(st.binary(max_size=100))
def test_any_bytes_are_a_manifest_or_a_bad_one(text: bytes):
    with pytest.raises(BadManifestError):
        Manifest.from_json(text)

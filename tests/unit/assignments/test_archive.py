"""Zip files from strangers: every trick is refused as a whole, with a reason, and nothing is written."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_assignments.exchange import archive
from assay_assignments.exchange.archive import BadArchiveError, pack, unpack
from assay_assignments.exchange.incoming import import_questions

names = st.text("abcXYZ019-_ äß", min_size=1, max_size=8).filter(lambda name: name.strip())
paths = st.lists(names, min_size=1, max_size=3).map("/".join)


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, mode: int = 0) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as made:
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = method
            entry.external_attr = mode << 16
            made.writestr(entry, content)
    return packed.getvalue()


def _twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return zipped(("source/a/a.ipynb", b"1"), ("source/a/a.ipynb", b"2"))


def _encrypted() -> bytes:
    content = bytearray(zipped(("a", b"x")))
    # The flag is in the entry's own head and in the directory at the end.
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(sign) + offset
        content[place : place + 2] = struct.pack("<H", 1)
    return bytes(content)


def _lying_about_its_size() -> bytes:
    content = bytearray(zipped(("a", b"\0" * 60_000_000)))
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 10)
    return bytes(content)


def _overlapping() -> bytes:
    """Return an archive whose two entries in the directory are one and the same in the file."""
    content = bytearray(zipped(("aa", b"x" * 100), ("bb", b"y" * 100)))
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(content)


TRAPS: dict[str, Callable[[], bytes]] = {
    "no zip": lambda: b"PK\x03\x04 and then nothing of the kind",
    "cut short": lambda: zipped(("a", b"x" * 1000))[:-30],
    "upwards": lambda: zipped(("../../etc/cron.d/x", b"x")),
    "upwards inside": lambda: zipped(("source/../../x", b"x")),
    "absolute": lambda: zipped(("/etc/passwd", b"x")),
    "drive": lambda: zipped(("source\\..\\x", b"x")),
    "dot": lambda: zipped(("./x", b"x")),
    "two slashes": lambda: zipped(("a//b", b"x")),
    "newline": lambda: zipped(("a\nb", b"x")),
    "long name": lambda: zipped(("x" * 300, b"x")),
    "deep": lambda: zipped(("/".join("abcdefghijkl"), b"x")),
    "link": lambda: zipped(("source/a/a.ipynb", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777),
    "device": lambda: zipped(("source/a/a.ipynb", b""), mode=stat.S_IFBLK | 0o666),
    "pipe": lambda: zipped(("source/a/a.ipynb", b""), mode=stat.S_IFIFO | 0o666),
    "twice": _twice,
    "twice but for case": lambda: zipped(("Source/a", b"1"), ("source/a", b"2")),
    "file and folder": lambda: zipped(("source/a", b"1"), ("source/a/b", b"2")),
    "encrypted": _encrypted,
    "odd compression": lambda: zipped(("a", b"x" * 100), method=zipfile.ZIP_LZMA),
    "many": lambda: zipped(*((f"{number}", b"") for number in range(archive.MAX_FILES + 1)), method=zipfile.ZIP_STORED),
    "bomb": lambda: zipped(("a", b"\0" * (archive.MAX_FILE_BYTES + 1))),
    "bombs": lambda: zipped(*((f"{number}", b"\0" * 41_000_000) for number in range(5))),
    "lying about its size": _lying_about_its_size,
    "overlapping": _overlapping,
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_refused_with_a_reason_and_nothing_is_written(name: str, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trap = TRAPS[name]()

    for read in (unpack, lambda content: import_questions("course.zip", content)):
        with pytest.raises(BadArchiveError) as refused:
            read(trap)
        assert len(str(refused.value)) > 10

    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_is_too_large_is_not_even_opened(monkeypatch):
    monkeypatch.setattr(archive, "MAX_ARCHIVE_BYTES", 10)

    with pytest.raises(BadArchiveError, match="larger than 10 bytes"):
        unpack(zipped(("a", b"x")))


@pytest.mark.parametrize("content", [zipped(), zipped(("notes.txt", b"x")), zipped((".hidden/a.ipynb", b"{}"))])
def test_an_archive_without_a_notebook_is_refused(content: bytes):
    with pytest.raises(BadArchiveError):
        import_questions("course.zip", content)


def test_what_systems_leave_behind_is_passed_over():
    content = zipped(
        ("ps1/a.txt", b"x"),
        ("__MACOSX/ps1/._a.txt", b"x"),
        ("ps1/.ipynb_checkpoints/b.ipynb", b"x"),
        (".DS_Store", b""),
    )

    assert unpack(content) == {"ps1/a.txt": b"x"}


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_unpacked_or_refused(content: bytes):
    for start in (b"", b"PK\x03\x04", zipped(("a", b"x"))[:-20]):
        try:
            found = unpack(start + content)
        except BadArchiveError:
            continue
        assert all(isinstance(one, bytes) for one in found.values())


@given(st.dictionaries(paths, st.binary(max_size=100), max_size=6))
def test_what_is_packed_is_unpacked_the_same_and_in_the_same_bytes(files: dict[str, bytes]):
    folded = [path.casefold() for path in files]
    parents = {parent for path in folded for parent in _parents(path)}
    if len(set(folded)) < len(folded) or parents & set(folded):
        with pytest.raises(BadArchiveError):
            unpack(pack(files))
        return

    assert unpack(pack(files)) == files
    assert pack(dict(reversed(files.items()))) == pack(files)


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]

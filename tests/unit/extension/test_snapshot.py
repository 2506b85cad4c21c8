"""Snapshots: the same bytes for the same files, bounded, no link followed."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from assay_extension.snapshot import SnapshotTooLargeError, take_snapshot


def fill(folder: Path) -> None:
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "b.txt").write_text("b")
    (folder / "a.txt").write_text("a")
    (folder / "deep" / "er" / "ü.csv").write_text("1")
    (folder / ".hidden").write_text("x")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to("/etc")
    os.mkfifo(folder / "pipe")


def names(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_only_visible_regular_files_are_taken_in_a_fixed_order(tmp_path: Path):
    fill(tmp_path)

    assert names(take_snapshot(tmp_path, {}, max_bytes=100)) == ["a.txt", "b.txt", "deep/er/ü.csv"]


def test_the_same_files_give_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        fill(tmp_path / name)
    os.utime(tmp_path / "two" / "a.txt", (1, 1))

    assert take_snapshot(tmp_path / "one", {}, max_bytes=100) == take_snapshot(tmp_path / "two", {}, max_bytes=100)


def test_a_shared_document_counts_more_than_its_file(tmp_path: Path):
    (tmp_path / "a.ipynb").write_text("what a cell wrote")

    content = take_snapshot(tmp_path, {"a.ipynb": b"shared", "gone.ipynb": b"deleted on disk"}, max_bytes=100)

    archive = zipfile.ZipFile(io.BytesIO(content))
    assert {name: archive.read(name) for name in archive.namelist()} == {
        "a.ipynb": b"shared",
        "gone.ipynb": b"deleted on disk",
    }


def test_too_many_bytes_or_files_are_refused_and_the_largest_named(tmp_path: Path):
    (tmp_path / "large").write_bytes(b"x" * 90)
    (tmp_path / "small").write_bytes(b"x" * 20)

    with pytest.raises(SnapshotTooLargeError) as bytes_error:
        take_snapshot(tmp_path, {}, max_bytes=100)
    with pytest.raises(SnapshotTooLargeError):
        take_snapshot(tmp_path, {}, max_bytes=1000, max_files=1)

    assert bytes_error.value.largest == (("large", 90), ("small", 20))

"""The locks: every package by its hash, from whatever registry the machine uses."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
_HOST = re.compile(r"://|[\w-]+\.(?:org|com|io|net|dev)\b/")


def test_the_lock_of_python_packages_names_no_registry_and_pins_each_by_hash():
    lock = (ROOT / "requirements.lock").read_text("utf-8")

    assert not _HOST.search(lock)
    assert "index" not in lock
    pinned = re.findall(r"^[a-z0-9._-]+==", lock, re.MULTILINE)
    assert len(pinned) > 100
    assert len(re.findall(r"^[a-z0-9._-]+==.*\\\n    --hash=sha256:", lock, re.MULTILINE)) == len(pinned)


def test_the_lock_of_npm_packages_names_no_registry_and_pins_each_by_hash():
    text = (ROOT / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]

    assert not _HOST.search(text)
    installed = {name: package for name, package in packages.items() if "node_modules/" in name}
    assert len(installed) > 100
    unpinned = [name for name, package in installed.items() if "integrity" not in package and "link" not in package]
    assert unpinned == []


def test_npm_is_told_to_leave_registries_out_of_its_lock():
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text("utf-8")

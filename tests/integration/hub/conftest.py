"""A real PostgreSQL server of the tests' own, and an empty database on each engine."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from assay_hub.adapters.database import SqlDatabase, migrate

_START_SECONDS = 30


def _program(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(versions[0]) if versions else shutil.which(name)
    assert found, f"{name} is missing: tests/prepare.py installs PostgreSQL"
    return found


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run PostgreSQL on a socket in a folder of its own; it refuses to run as root, so another user does."""
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-"))
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    cluster = folder / "cluster"
    subprocess.run(
        [_program("initdb"), "-A", "trust", "-U", "assay", "-N", "-D", cluster], check=True, **quiet, **as_user
    )
    server = subprocess.Popen(
        [_program("postgres"), "-D", cluster, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
        **quiet,
        **as_user,
    )
    url = f"postgresql+psycopg://assay@/postgres?host={folder}"
    try:
        _wait(url)
        yield url
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder)


def _wait(url: str) -> None:
    engine = create_engine(url)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with engine.connect():
                break
        except OperationalError:
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> Iterator[str]:
    """Give the address of an empty database, by turns on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'assay.sqlite'}"
        return
    server = create_engine(request.getfixturevalue("postgresql"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE assay_test"))
    try:
        yield request.getfixturevalue("postgresql").replace("/postgres?", "/assay_test?")
    finally:
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE assay_test WITH (FORCE)"))
        server.dispose()


@pytest.fixture
def database(database_url) -> Iterator[SqlDatabase]:
    """Give a database that the migrations built."""
    migrate(database_url)
    opened = SqlDatabase(database_url)
    yield opened
    opened.close()

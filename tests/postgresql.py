"""A real PostgreSQL server of the tests' own."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

_START_SECONDS = 30


def _program(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(versions[0]) if versions else shutil.which(name)
    assert found, f"{name} is missing: tests/prepare.py installs PostgreSQL"
    return found


@contextmanager
def server() -> Iterator[str]:
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
    running = subprocess.Popen(
        [_program("postgres"), "-D", cluster, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
        **quiet,
        **as_user,
    )
    url = f"postgresql+psycopg://assay@/postgres?host={folder}"
    try:
        _wait(url)
        yield url
    finally:
        running.terminate()
        running.wait(20)
        shutil.rmtree(folder)


@contextmanager
def database(url: str, name: str, like: str = "template1") -> Iterator[str]:
    """Have a database on a server, empty or a copy of another one that nobody uses, and its address."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
    try:
        yield url.replace("/postgres?", f"/{name}?")
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


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

"""A real PostgreSQL server of the tests' own, and an empty database on each engine."""

from collections.abc import Iterator

import postgresql as server_of_tests
import pytest

from assay_hub.adapters.database import SqlDatabase, migrate


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run PostgreSQL."""
    with server_of_tests.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> Iterator[str]:
    """Give the address of an empty database, by turns on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'assay.sqlite'}"
        return
    with server_of_tests.database(request.getfixturevalue("postgresql"), "assay_test") as url:
        yield url


@pytest.fixture
def database(database_url) -> Iterator[SqlDatabase]:
    """Give a database that the migrations built."""
    migrate(database_url)
    opened = SqlDatabase(database_url)
    yield opened
    opened.close()

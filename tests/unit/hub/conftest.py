"""The use cases on a store of their own and on fakes."""

from collections.abc import Iterator

import pytest
from world import World


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    opened = World(tmp_path)
    yield opened
    opened.database.close()

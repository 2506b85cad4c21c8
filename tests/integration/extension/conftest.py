"""A workspace server for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.extension.served import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path)
    running.start()
    try:
        yield running
    finally:
        running.stop()

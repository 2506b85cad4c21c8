"""A hub with our spawner and two workspaces, shared by the tests of a module."""

from collections.abc import Iterator

import pytest
from integration.spawner.live_hub import Kernel, LiveHub, new_account

from assay_spawner.image import build


@pytest.fixture(scope="session")
def image() -> str:
    """The image of a workspace as the working tree makes it; there already after ``tests/prepare.py``."""
    return build()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, image: str) -> Iterator[LiveHub]:
    """A running hub."""
    live = LiveHub(
        tmp_path_factory.mktemp("hub"),
        config={"AssaySpawner": {"image": image}, "Authenticator": {"admin_users": ["ann"]}},
    )
    try:
        live.start()
        yield live
    finally:
        live.close()


@pytest.fixture(scope="module")
def workspace(hub: LiveHub) -> str:
    """The account of a running workspace, the one that attacks."""
    account = new_account()
    hub.launch(account)
    return account


@pytest.fixture(scope="module")
def neighbour(hub: LiveHub) -> str:
    """The account of another running workspace on the same hub."""
    account = new_account()
    hub.launch(account)
    return account


@pytest.fixture
def kernel(hub: LiveHub, workspace: str) -> Iterator[Kernel]:
    """A new kernel in the attacking workspace."""
    with hub.kernel(workspace) as opened:
        yield opened

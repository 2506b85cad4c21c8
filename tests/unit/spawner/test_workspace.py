"""What every workspace has in common, whatever runs it."""

import pytest

from assay_spawner import AssaySpawner, LocalWorkspaceSpawner


@pytest.mark.parametrize("kind", [AssaySpawner, LocalWorkspaceSpawner])
def test_a_workspaces_own_token_can_do_nothing_beyond_its_start(kind):
    spawner = kind()

    assert spawner.server_token_scopes == ["users:activity!user"]
    assert spawner.disable_user_config
    assert spawner.default_url == "/tree"
    assert not spawner.delete_volumes


@pytest.mark.parametrize("kind", [AssaySpawner, LocalWorkspaceSpawner])
def test_logins_into_a_workspace_outlive_its_stop(kind):
    assert kind().will_resume

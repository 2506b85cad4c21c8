"""What a container may use, and that the programs inside the image agree with the spawner about users."""

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_protocol.names import is_workspace_account
from assay_spawner import limits
from assay_spawner.accounts import NoWorkspaceError, require_workspace
from assay_spawner.limits import Limits, host_config, kernel_environment, tmpfs

IMAGE = Path(__file__).parents[3] / "spawner" / "image"


def constants(program: str) -> dict[str, Any]:
    found = {}
    for node in ast.parse((IMAGE / program).read_text("utf-8")).body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(node.value, ast.Constant)
        ):
            found[node.target.id] = node.value.value
    return found


@pytest.mark.parametrize("name", ["SERVER_UID", "SERVER_GID", "WORKSPACE_GID"])
def test_the_image_and_the_spawner_mean_the_same_users(name: str) -> None:
    assert constants("entrypoint.py")[name] == getattr(limits, name)


def test_the_kernels_users_are_none_of_the_machines() -> None:
    assert constants("entrypoint.py")["LOWEST_KERNEL_UID"] <= limits.FIRST_KERNEL_UID


def test_the_programs_of_the_image_meet_at_the_same_socket() -> None:
    assert constants("entrypoint.py")["SOCKET"] == constants("kernel_client.py")["SOCKET"]
    assert constants("entrypoint.py")["LAUNCHER_FD"] == constants("launcher.py")["LAUNCHER_FD"]


@given(processes=st.integers(64, 10_000), cpus=st.floats(0.1, 64))
def test_the_server_keeps_a_reserve_of_processes(processes: int, cpus: float) -> None:
    of_a_workspace = Limits(processes=processes, cpus=cpus)

    assert 0 < of_a_workspace.kernel_processes <= processes - 16
    assert of_a_workspace.kernel_threads >= 1


def test_memory_has_no_swap_and_nothing_is_writable_but_what_is_named() -> None:
    config = host_config(Limits(memory=10**9), kernel_uid=200_003, volume="/v", seccomp="{}")

    assert config["memswap_limit"] == config["mem_limit"] == 10**9
    assert config["read_only"]
    assert set(config["tmpfs"]) == {"/tmp", "/run/assay", "/run/server", "/run/kernel"}  # noqa: S108
    assert [mount["Target"] for mount in config["mounts"]] == ["/srv/interview"]


def test_folders_in_memory_are_closed_to_the_other_user_and_bounded() -> None:
    folders = tmpfs(Limits(), 200_003)

    assert "mode=0700,uid=1000" in folders["/run/server"]
    assert "mode=0700,uid=200003" in folders["/run/kernel"]
    assert all("nosuid,nodev" in options and "size=" in options for options in folders.values())


def test_the_first_program_learns_about_its_kernels() -> None:
    assert kernel_environment(Limits(cpus=2.5), 200_003) == {
        "ASSAY_KERNEL_UID": "200003",
        "ASSAY_KERNEL_PROCESSES": "192",
        "ASSAY_KERNEL_THREADS": "2",
    }


@pytest.mark.parametrize(
    "account", ["ann", "iv-", "iv-UPPER67890", "iv-abcdefghij2", "cand-abcdefghij", "iv-../../etc", "qs-", "qs-abc"]
)
def test_an_account_without_a_workspace_is_refused(account: str) -> None:
    assert not is_workspace_account(account)
    with pytest.raises(NoWorkspaceError):
        require_workspace(account, "")


def test_an_interview_or_a_question_has_one_workspace() -> None:
    for account in ("iv-abcdefghij", "qs-abcdefghij"):
        require_workspace(account, "")
        with pytest.raises(NoWorkspaceError):
            require_workspace(account, "second")

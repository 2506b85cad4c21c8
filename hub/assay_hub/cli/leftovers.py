"""Leaves nothing behind: orphans of a hub that died come to us, containers are stopped, and disks are given back."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import docker
from docker.errors import DockerException

from assay_config.settings import Settings

_PR_SET_CHILD_SUBREAPER = 36
_GRACE_SECONDS = 5.0


def adopt_orphans() -> None:
    """Ask the kernel to make processes whose parent dies our children instead of init's."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans(ours: int) -> None:
    """Take note of orphans that have ended, so that a new hub does not take their remains for a running proxy.

    Args:
        ours: the child whose end somebody else waits for.
    """
    for child in _children():
        if child != ours:
            with suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)


def end_orphans() -> None:
    """End every child that is left, first politely."""
    deadline = time.monotonic() + _GRACE_SECONDS
    sign = signal.SIGTERM
    while children := _children():
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, sign)
        time.sleep(0.1)
        _reap()
        if time.monotonic() > deadline:
            sign = signal.SIGKILL


def stop_containers(settings: Settings) -> None:
    """Stop containers of this installation that no hub stopped; their volumes stay."""
    try:
        client = docker.from_env(timeout=30)
    except DockerException:
        return
    try:
        for container in client.containers.list(filters={"name": f"^/?assay-{settings.installation}-"}):
            container.stop(timeout=2)
    except DockerException as error:
        print(f"Could not stop a workspace: {error}", file=sys.stderr)
    finally:
        client.close()


def unmount_disks(folder: Path) -> None:
    """Give back disks below a folder that no hub gave back, such as one that ended while a workspace was starting."""
    for point in mounted_below(folder):
        done = subprocess.run(["umount", str(point)], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"A disk stays mounted: {done.stderr.strip()}", file=sys.stderr)


def mounted_below(folder: Path) -> list[Path]:
    """Return what is mounted below a folder, the innermost first."""
    listed = Path("/proc/mounts")
    lines = listed.read_text().splitlines() if listed.exists() else []
    points = [Path(line.split()[1].encode().decode("unicode_escape")) for line in lines]
    return [point for point in reversed(points) if folder.absolute() in point.parents]


def _children() -> list[int]:
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass

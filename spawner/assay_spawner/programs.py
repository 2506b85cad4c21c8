"""Programs that only root has on its PATH: iptables, mkfs.ext4, mount, debootstrap."""

import os
import shutil


def environment() -> dict[str, str]:
    """Return this process's environment with the folders of root's programs on its PATH."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"}


def find(program: str) -> str | None:
    """Return the path of a program, also where only root would look."""
    return shutil.which(program, path=environment()["PATH"])

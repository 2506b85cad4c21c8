"""The image below a workspace's: pulled from a registry, or made with debootstrap where none can be reached."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import docker
from docker.errors import APIError, ImageNotFound

from assay_spawner.programs import environment, find

PREFERRED: Final = "python:3.12-slim-bookworm"
BARE: Final = "assay/base:bookworm"
"""Debian 12 with its own Python 3.11, made on this machine."""

_SUITE: Final = "bookworm"
_PACKAGES: Final = "ca-certificates,python3,python3-venv"
_NEEDLESS: Final = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")

Say = Callable[[str], None]


class BaseImageError(Exception):
    """No base image can be had; the text says what to do."""


def present(client: docker.APIClient, image: str) -> bool:
    """Whether the engine holds ``image``."""
    try:
        client.inspect_image(image)
    except ImageNotFound:
        return False
    return True


def find_base(client: docker.APIClient, wanted: str | None, *, bare: bool, say: Say) -> str:
    """Return the name of a base image that the engine holds, after getting it in the first way that works.

    Args:
        client: the engine.
        wanted: a base to use and no other; ``None`` leaves the choice here.
        bare: make the base on this machine, without asking a registry.
        say: takes a line of progress.

    Raises:
        BaseImageError: no way worked.
    """
    if wanted:
        if not present(client, wanted):
            _pull(client, wanted, say)
        return wanted
    if not bare and present(client, PREFERRED):
        return PREFERRED
    if present(client, BARE):
        return BARE
    if not bare:
        try:
            _pull(client, PREFERRED, say)
        except BaseImageError as error:
            say(f"  {error}")
        else:
            return PREFERRED
    _bootstrap(client, say)
    return BARE


def _pull(client: docker.APIClient, image: str, say: Say) -> None:
    say(f"Pulling {image} …")
    try:
        repository, tag = image.rsplit(":", 1)
        client.pull(repository, tag)
    except APIError as error:
        raise BaseImageError(f"{image} cannot be pulled: {error.explanation or error}") from error


def _bootstrap(client: docker.APIClient, say: Say) -> None:
    if os.geteuid() != 0 or not find("debootstrap"):
        raise BaseImageError(
            f"Without {PREFERRED} the base is made here, which needs root and debootstrap"
            " (apt-get install debootstrap). Or name a base that this engine holds: --base IMAGE."
        )
    say("Making a base image with debootstrap (about a minute) …")
    with tempfile.TemporaryDirectory(prefix="assay-base-") as folder:
        root = Path(folder, "root")
        command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, str(root)]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment()
        )
        if done.returncode:
            last = "\n".join(done.stdout.splitlines()[-5:])
            raise BaseImageError(f"debootstrap failed; is a Debian mirror reachable?\n{last}")
        for needless in _NEEDLESS:
            shutil.rmtree(root / needless, ignore_errors=True)
        _import(client, root)


def _import(client: docker.APIClient, root: Path) -> None:
    repository, tag = BARE.split(":")
    command = ["tar", "-C", str(root), "--numeric-owner", "-c", "."]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tar:
        client.import_image_from_stream(tar.stdout, repository=repository, tag=tag, changes=['CMD ["python3"]'])
    if tar.returncode:
        raise BaseImageError("tar could not pack the base image; is the disk full?")

"""Builds the image of a workspace: ``python -m assay_spawner.image build`` or ``tag``.

The tag is a digest of everything that goes into the image, so a second build finds its result and returns at once.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any, Final

import docker
from docker.errors import APIError, DockerException
from docker.utils import kwargs_from_env

from assay_spawner.base import BaseImageError, find_base, present
from assay_spawner.context import FOLDER, ROOT, UV_VERSION, context_files, image_tag

_CERTIFICATES: Final = Path("/usr/local/share/ca-certificates")
_BUILD_SECONDS: Final = 1800
_INDEX_OPTIONS: Final = {
    "PIP_INDEX_URL": "global.index-url",
    "PIP_EXTRA_INDEX_URL": "global.extra-index-url",
    "PIP_TRUSTED_HOST": "global.trusted-host",
}


class BuildError(Exception):
    """The image cannot be built; the text says what to do."""


def say(line: str) -> None:
    """Print a line of progress at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _context(*, stock: bool) -> io.BytesIO:
    """Return the build context as a tar archive, with the further certificates that this machine trusts."""
    archive = io.BytesIO()
    certificates = [(f"ca/{path.name}", path.read_bytes()) for path in sorted(_CERTIFICATES.glob("*.crt"))]
    with tarfile.open(fileobj=archive, mode="w") as tar:
        # An empty folder would be lost, and COPY needs one.
        for name, content in [("ca/.keep", b""), *certificates, *context_files(stock=stock)]:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(content))
    archive.seek(0)
    return archive


def _index_arguments() -> dict[str, str]:
    """Return where this machine's pip finds packages, as build arguments; folders of this machine are left out."""
    found = {name: os.environ[name] for name in _INDEX_OPTIONS if os.environ.get(name)}
    for name, option in _INDEX_OPTIONS.items():
        if name not in found:
            command = [sys.executable, "-m", "pip", "config", "get", option]
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
            found[name] = answer.stdout.strip() if answer.returncode == 0 else ""
    return {
        name: " ".join(part for part in text.split() if not part.startswith("file:")) for name, text in found.items()
    }


def build(tag: str | None = None, *, base: str | None = None, bare: bool = False, stock: bool = False) -> str:
    """Make sure that the engine holds the image of the present inputs and return its name and tag.

    Args:
        tag: a further name for the image.
        base: the image to build on; by default the first that can be had (``assay_spawner.base``).
        bare: make the base on this machine, without asking a registry.
        stock: the image that the benchmark compares with, instead of ours.

    Raises:
        BuildError: there is no engine, no base, or a step failed.
    """
    wanted = image_tag(stock=stock, base=base, bare=bare)
    try:
        client = docker.APIClient(version="auto", timeout=_BUILD_SECONDS, **kwargs_from_env())
        if not present(client, wanted):
            started = time.monotonic()
            chosen = find_base(client, base, bare=bare, say=say)
            say(f"Building {wanted} on {chosen} (some minutes the first time) …")
            _run_build(client, wanted, chosen, stock=stock)
            say(f"Built {wanted} in {time.monotonic() - started:.0f} s")
        if tag:
            repository, name = tag.rsplit(":", 1)
            client.tag(wanted, repository, name)
    except (BaseImageError, APIError) as error:
        raise BuildError(str(error)) from error
    except DockerException as error:
        raise BuildError(f"No container engine answers ({error}). On Debian: apt-get install docker.io") from error
    return wanted


def _run_build(client: docker.APIClient, tag: str, base: str, *, stock: bool) -> None:
    arguments = {"BASE_IMAGE": base, "UV_VERSION": UV_VERSION} | _index_arguments()
    steps = client.build(
        fileobj=_context(stock=stock),
        custom_context=True,
        tag=tag,
        buildargs=arguments,
        network_mode="host",
        rm=True,
        forcerm=True,
        decode=True,
    )
    recent: list[str] = []
    for step in steps:
        recent = [*recent[-20:], *_report(step)]
        if "error" in step:
            raise BuildError(f"{step['error']}\n{''.join(recent)}\nIs the Python package index reachable?")


def _report(step: dict[str, Any]) -> list[str]:
    text = str(step.get("stream", ""))
    if text.startswith("Step "):
        say("  " + " ".join(text.split())[:110])
    return [text]


def _lock() -> None:
    """Resolve requirements.in at the versions of the root lock, for every Python that the image may have."""
    command = ["uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-header", "--no-annotate", "-c", str(ROOT / "requirements.lock")]
    command += [str(FOLDER / "requirements.in"), "-o", str(FOLDER / "requirements.lock")]
    subprocess.run(command, check=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m assay_spawner.image", description=__doc__)
    parser.add_argument(
        "action", choices=["build", "tag", "inputs", "lock"], help="inputs: what the tag is made of, as JSON"
    )
    parser.add_argument("--base", help="image to build on, and no other")
    parser.add_argument("--bare", action="store_true", help="make the base here with debootstrap, without a registry")
    parser.add_argument("--stock", action="store_true", help="the image that the benchmark compares with")
    parser.add_argument("--tag", help="a further NAME:TAG for the image")
    chosen = parser.parse_args(arguments)
    if chosen.action == "tag":
        say(image_tag(stock=chosen.stock, base=chosen.base, bare=chosen.bare))
    elif chosen.action == "inputs":
        say(json.dumps({name: len(content) for name, content in context_files(stock=chosen.stock)}, indent=1))
    elif chosen.action == "lock":
        _lock()
    else:
        try:
            say(build(chosen.tag, base=chosen.base, bare=chosen.bare, stock=chosen.stock))
        except BuildError as error:
            sys.stderr.write(f"The workspace image was not built. {error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Where a command runs what authors wrote: a container where an engine answers, else a plain process."""

import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum

from assay_assignments.grading import ContainerSandbox, ProcessSandbox
from assay_config.engine import engine_answers
from assay_config.settings import Settings
from assay_hub.domain.errors import BadInputError


class Place(StrEnum):
    """What ``--sandbox`` may say."""

    AUTO = "auto"
    CONTAINER = "container"
    PROCESS = "process"


@dataclass(frozen=True)
class Choice:
    """A sandbox.

    Attributes:
        remark: why nothing holds what runs in it, and what to do about it; empty in a container.
    """

    sandbox: ContainerSandbox | ProcessSandbox
    remark: str = ""


def choose(settings: Settings, place: Place, cell_seconds: float) -> Choice:
    """Choose a sandbox.

    Args:
        settings: name its image and its limits.
        place: what is asked for.
        cell_seconds: processor seconds of one cell.

    Raises:
        BadInputError: a container is asked for, and there can be none.
    """
    limits = settings.grading
    missing = "" if place is Place.PROCESS else _missing(image := _image(settings))
    if place is Place.CONTAINER and missing:
        raise BadInputError(f"There is no container to run in: {missing}.")
    if place is Place.PROCESS or missing:
        reason = f", because {missing}" if missing else ""
        remark = f"Questions run in a plain process WITHOUT ISOLATION{reason}: check only what you trust."
        return Choice(ProcessSandbox(cell_seconds, limits.wall_seconds), remark)
    kept = settings.folder / "seccomp.json"
    profile = limits.seccomp or (kept if kept.is_file() else None)
    return Choice(ContainerSandbox(image, limits.memory, cell_seconds, limits.wall_seconds, profile))


def _image(settings: Settings) -> str:
    """Return the sandbox's image; its tag is the spawner's to know, and that is another component."""
    named = settings.grading.image or settings.workspace.image
    if named:
        return named
    found = subprocess.run([sys.executable, "-m", "assay_spawner.image", "tag"], check=False, capture_output=True)
    return found.stdout.decode().strip()


def _missing(image: str) -> str:
    if not engine_answers():
        return "no container engine answers"
    found = subprocess.run(["docker", "image", "inspect", image], check=False, capture_output=True)
    return "" if found.returncode == 0 else f"the image {image} is not built (make run builds it)"

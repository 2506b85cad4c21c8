"""Says as JSON where submissions are graded: ``python -m assay_config.sandbox``, for programs that start quickly.

Reading the settings takes a third of a second and looking for the image a tenth; a program that grades has something
else to do meanwhile. The engine is asked through its client, which is what starts the containers; to import its library
takes longer than both.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass

from pydantic import ValidationError

from assay_config import settings
from assay_config.settings import Engine, Environment, Settings
from assay_spawner.context import image_tag
from assay_spawner.seccomp import profile_json

_SECONDS = 10


@dataclass(frozen=True)
class Place:
    """Where submissions are graded.

    Attributes:
        image: empty where there is no isolation.
        seccomp: path of the profile.
        remark: what somebody who grades has to know.
        problem: why there is no such place; empty when there is.
    """

    image: str
    memory: str
    cell_seconds: float
    wall_seconds: float
    seccomp: str
    remark: str = ""
    problem: str = ""


def place(read: Settings) -> Place:
    """Return where submissions are graded: in a container, or where that is allowed in a plain process."""
    limits = read.grading
    found = Place("", limits.memory, limits.cell_seconds, limits.wall_seconds, "")
    image = limits.image or read.workspace.image or image_tag()
    asked = read.workspace.engine is Engine.PROCESS
    answer = "" if asked else _answer(image)
    if asked or answer is None:
        missing = "the settings say so" if asked else "no container engine answers"
        if read.environment is Environment.PRODUCTION or read.workspace.engine is Engine.DOCKER:
            return Place(**{**asdict(found), "problem": f"Submissions are graded in containers, and {missing}."})
        return Place(**{**asdict(found), "remark": f"Submissions run WITHOUT ISOLATION, because {missing}."})
    if not answer:
        remedy = "python -m assay_spawner.image build"
        return Place(**{**asdict(found), "problem": f"The image {image} is not there. This makes it: {remedy}"})
    profile = limits.seccomp
    if profile is None:
        read.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        profile = read.folder / "seccomp.json"
        profile.write_text(profile_json())
    return Place(**{**asdict(found), "image": image, "seccomp": str(profile.absolute())})


def _answer(image: str) -> str | None:
    """Return the identity of an image, empty when there is no such image; ``None`` when no engine answers."""
    found = _said("image", "inspect", "--format={{.Id}}", image)
    return found or ("" if _said("version", "--format={{.Server.Version}}") else None)


def _said(*words: str) -> str:
    """Return what the engine's client says; nothing when it could not do what it was asked."""
    try:
        done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.strip()


def main() -> int:
    """Print the place, and return 1 when the settings cannot be used."""
    try:
        found = place(settings.read())
    except ValidationError as error:
        sys.stderr.write(f"the settings cannot be used: {error}\n")
        return 1
    sys.stdout.write(json.dumps(asdict(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Says as JSON where submissions are graded: ``python -m assay_config.sandbox``, for programs that start quickly.

Looking for the engine and the image takes a second and the settings half of one; a program that grades has something
else to do meanwhile.
"""

import json
import sys
from dataclasses import asdict, dataclass

import docker
from docker.errors import DockerException, ImageNotFound
from pydantic import ValidationError

from assay_config import settings
from assay_config.engine import engine_answers
from assay_config.settings import Engine, Environment, Settings
from assay_spawner.image import image_tag
from assay_spawner.seccomp import profile_json


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
    asked = read.workspace.engine is Engine.PROCESS
    if asked or not engine_answers():
        missing = "the settings say so" if asked else "no container engine answers"
        if read.environment is Environment.PRODUCTION or read.workspace.engine is Engine.DOCKER:
            return Place(**{**asdict(found), "problem": f"Submissions are graded in containers, and {missing}."})
        return Place(**{**asdict(found), "remark": f"Submissions run WITHOUT ISOLATION, because {missing}."})
    image = limits.image or read.workspace.image or image_tag()
    try:
        docker.from_env(timeout=10).images.get(image)
    except ImageNotFound:
        remedy = "python -m assay_spawner.image build"
        return Place(**{**asdict(found), "problem": f"The image {image} is not there. This makes it: {remedy}"})
    except DockerException as error:
        return Place(**{**asdict(found), "problem": f"The container engine does not answer: {error}"})
    profile = limits.seccomp
    if profile is None:
        read.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        profile = read.folder / "seccomp.json"
        profile.write_text(profile_json())
    return Place(**{**asdict(found), "image": image, "seccomp": str(profile.absolute())})


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

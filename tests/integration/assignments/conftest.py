"""The shipped questions, one to attack, and real sandboxes for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.assignments.papers import attacked_question

from assay_assignments.grading import ContainerSandbox
from assay_assignments.grading.sandbox import Runner
from assay_assignments.library import Question, load_library
from assay_spawner.image import build
from assay_spawner.seccomp import profile_json

LIBRARY = Path(__file__).parents[3] / "assignments" / "library"


@pytest.fixture(scope="session")
def image() -> str:
    """The image of a workspace as the working tree makes it; there already after ``tests/prepare.py``."""
    return build()


@pytest.fixture(scope="session")
def seccomp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile of a workspace in a file, as the hub's configuration hands it over."""
    path = tmp_path_factory.mktemp("profile") / "seccomp.json"
    path.write_text(profile_json())
    return path


@pytest.fixture(scope="session")
def sandbox(image: str, seccomp: Path) -> ContainerSandbox:
    """A sandbox as submissions meet it, with less patience."""
    return ContainerSandbox(image, memory="768M", cell_seconds=2.0, wall_seconds=90.0, seccomp=seccomp)


@pytest.fixture(scope="module")
def opened(sandbox: ContainerSandbox) -> Iterator[Runner]:
    """The sandbox, open for all tests of a module as for a batch: one submission follows the other."""
    with sandbox.open(("matplotlib", "numpy", "pandas"), 1) as runner:
        yield runner


@pytest.fixture(scope="session")
def library() -> dict[str, Question]:
    """The official questions by id."""
    return {question.id: question for question in load_library(LIBRARY)}


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Question:
    """A question that is worth attacking."""
    return attacked_question(tmp_path_factory.mktemp("questions"))

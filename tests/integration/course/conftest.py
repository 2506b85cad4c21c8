"""A course of a few honest submissions, made once, and copies of it to grade."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.course.rentals import make_course


@pytest.fixture(scope="session")
def course_to_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that no test changes; nbgrader takes seconds to make one."""
    return make_course(tmp_path_factory.mktemp("courses") / "rentals", 6)


@pytest.fixture
def course(course_to_copy: Path, tmp_path: Path) -> Path:
    """A course of six right submissions that have not been graded."""
    return Path(shutil.copytree(course_to_copy, tmp_path / "course"))


@pytest.fixture(scope="module")
def copied(course_to_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Copy the course for a whole module."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(course_to_copy, tmp_path_factory.mktemp(name) / "course"))

    return copy

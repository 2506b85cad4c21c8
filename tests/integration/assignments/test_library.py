"""Every question of the library is sound: what ``assay question check`` proves, for all of them in one open sandbox."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from integration.assignments.conftest import LIBRARY

from assay_assignments.check import CELL_SECONDS, check
from assay_assignments.grading import ContainerSandbox
from assay_assignments.grading.sandbox import Runner
from assay_assignments.library import load_library

FORMATS = LIBRARY.parent / "formats"
WORKERS = 2


@pytest.fixture(scope="module")
def runner(sandbox: ContainerSandbox) -> Iterator[Runner]:
    """One sandbox for all questions, as submissions meet it, with the time that a cell of a question may take."""
    packages = sorted({name for question in load_library(LIBRARY) for name in question.imported})
    with replace(sandbox, cell_seconds=CELL_SECONDS).open(packages, WORKERS) as opened:
        yield opened


@pytest.mark.parametrize("folder", sorted([*LIBRARY.glob("*/"), *FORMATS.glob("*/")]), ids=lambda folder: folder.name)
def test_a_question_passes_its_check(folder: Path, runner: Runner):
    report = check(folder, runner, workers=WORKERS)

    assert [one for one in report.findings if one.severe] == []

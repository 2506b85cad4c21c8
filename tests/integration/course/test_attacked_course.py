"""27 attacks in one batch, in containers: none gains a point or loot, and nothing outside is touched."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.assignments.conftest import image  # noqa: F401  # a fixture: the image has to be there
from integration.course.attacks import ATTACKS, VICTIMS, hand_in_attacks, student_of
from integration.course.rentals import ASSIGNMENT, NOTEBOOK, assay
from integration.course.test_batch import FULL, scores


class Attacked:
    """A course with the attacks, graded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder / "submitted")
        hand_in_attacks(folder)
        with (folder / "nbgrader_config.py").open("a") as config:
            config.write("c.Execute.timeout = 3\n")
        before = self.digests()
        self.done = assay(folder, ASSIGNMENT, "--json", "--workers", "2")
        self.changed = [path for path, digest in self.digests().items() if before[path] != digest]
        assert self.done.returncode == 1, self.done.stderr
        self.found = {one["student"]: one for one in json.loads(self.done.stdout)["submissions"]}
        self.scores = scores(folder)

    def digests(self) -> dict[Path, str]:
        """Return what must not change."""
        paths = [path for step in ("source", "release", "submitted") for path in (self.folder / step).rglob("*")]
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()}

    def said(self, student: str) -> str:
        """Return what the cells of the submission's own showed."""
        path = self.folder / "autograded" / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        cells = json.loads(path.read_text())["cells"]
        own = [cell for cell in cells if cell["cell_type"] == "code" and not _is_test(cell)]
        return json.dumps([cell["outputs"] for cell in own])


def _is_test(cell: dict) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("grade"))


@pytest.fixture(scope="module")
def attacked(copied: Callable[[str], Path], image: str) -> Attacked:  # noqa: ARG001, F811  # see above
    return Attacked(copied("attacked"))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_gains_nothing(attacked: Attacked, attack: str):
    student = student_of(attack)

    assert [points or 0 for points in attacked.scores[student]] == [0] * 7
    assert "HIDDEN" not in attacked.said(student)
    cells = attacked.found[student]["notebooks"][NOTEBOOK]["cells"]
    assert all(cell["message"] or cell["verdict"] in ("needs-review", "failed") for cell in cells)


def test_there_are_27_and_their_neighbours_have_what_they_earned(attacked: Attacked):
    assert len(ATTACKS) == 27
    assert {student: attacked.scores[student] for student in VICTIMS} == dict.fromkeys(VICTIMS, FULL)
    assert attacked.found.keys() == {*VICTIMS, *(student_of(attack) for attack in ATTACKS)}
    assert attacked.changed == []

"""The library as a folder: what is offered, pinned and refused."""

import json
import shutil
from pathlib import Path

import pytest

from assay_hub.adapters.artefacts import FolderArtefacts
from assay_hub.adapters.library import FolderLibrary
from assay_hub.domain.errors import BadInputError

OFFICIAL = Path(__file__).parents[3] / "assignments" / "library"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(OFFICIAL, tmp_path / "library"))


@pytest.fixture
def library(folder, tmp_path):
    artefacts = FolderArtefacts(tmp_path / "artefacts")
    return FolderLibrary(folder, tmp_path / "formats", tmp_path / "own", artefacts, tmp_path / "questions")


def test_a_pinned_question_stays_as_it_was(library, folder):
    ref = library.pin("on-call-shifts")
    before = library.release(ref)
    notebook = folder / "on-call-shifts" / "question.ipynb"
    notebook.write_text(notebook.read_text().replace("merge_shifts", "merge"))

    assert library.release(ref) == before
    assert library.pin("on-call-shifts").pinned != ref.pinned


def test_a_broken_question_is_refused_when_it_is_pinned(library, folder, tmp_path):
    path = folder / "on-call-shifts" / "question.ipynb"
    notebook = json.loads(path.read_text())
    test = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade"))
    test["source"] = "assert merge_shifts("
    path.write_text(json.dumps(notebook))

    with pytest.raises(BadInputError) as refused:
        library.pin("on-call-shifts")

    assert refused.value.title == "The question 'on-call-shifts' cannot be used."
    assert "is no plain Python" in refused.value.detail
    assert not list((tmp_path / "artefacts").rglob("*"))


def test_a_question_that_cannot_be_read_is_left_out_and_said(library, folder, caplog):
    before = {ref.id for ref in library.all()}
    (folder / "on-call-shifts" / "question.toml").write_text("id = ")

    offered = {ref.id for ref in library.all()}

    assert before - offered == {"on-call-shifts"}
    assert "on-call-shifts" in caplog.text

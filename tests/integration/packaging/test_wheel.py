"""What the wheel holds, built as a release is."""

import json
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assay_assignments.check import hidden_lines
from assay_assignments.library import load_library
from assay_assignments.release import source_notebook

ROOT = Path(__file__).parents[3]
LIBRARY = ROOT / "assignments" / "library"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Content of each file of the wheel, by its path."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_packages_and_no_question(wheel):
    tops = {name.split("/")[0] for name in wheel}

    packages = {"assay_hub", "assay_config", "assay_spawner", "assay_protocol", "assay_extension", "assay_assignments"}
    assert tops == {*packages, "assay-0.1.0.dist-info"}
    files = [path for path in LIBRARY.rglob("*") if path.is_file() and path.stat().st_size]
    names, contents = {path.name for path in files}, {path.read_bytes() for path in files}
    assert {"question.ipynb", "rubric.toml", "mutants.toml", "hints.md"} <= names
    of_its_own = {"growth.py"}  # the name of a module of ours too
    assert [name for name in wheel if name.rsplit("/", 1)[-1] in names - of_its_own] == []
    assert [name for name, content in wheel.items() if content in contents] == []


def test_the_wheel_holds_what_browsers_load(wheel):
    for name in ("room.js", "desk.js", "assay.css", "bootstrap.css"):
        assert len(wheel[f"assay_hub/web/static/dist/{name}"]) > 1000
    described = json.loads(wheel["assay_extension/labextension/@assay/workspace/package.json"])
    assert f"assay_extension/labextension/@assay/workspace/{described['jupyterlab']['_build']['load']}" in wheel
    assert [name for name in wheel if name.endswith((".ts", ".map"))] == []


@pytest.mark.parametrize("version", ["standard", "editable"])
def test_a_wheel_without_them_is_refused_and_an_installation_to_work_in_is_not(tmp_path, version):
    hook = runpy.run_path(str(ROOT / "hatch_build.py"))["BrowserAssets"](
        str(tmp_path), {}, None, None, "", "wheel", None
    )

    if version == "editable":
        hook.initialize(version, {})
    else:
        with pytest.raises(RuntimeError, match="make frontend"):
            hook.initialize(version, {})


def test_no_hidden_line_of_any_question_is_in_the_wheel(wheel):
    cells = [cell for question in load_library(LIBRARY) for cell in source_notebook(question).cells]
    lines = {line for cell in cells for line in hidden_lines(cell.source) if len(line) > 30}
    # What a solution imports, our own code may import too.
    hidden = {line.encode() for line in lines if not line.startswith(("import ", "from "))}

    assert len(hidden) > 50
    assert [(name, line) for name, content in wheel.items() for line in hidden if line in content] == []

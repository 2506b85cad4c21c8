"""``assay doctor`` as a process of its own: what it says, and its exit code."""

import json
import os
import socket
import subprocess
import sys

from e2e.conftest import free_ports


def doctor(tmp_path, *arguments, **environment):
    """Run the command on a data folder of its own and return what came of it."""
    port = str(free_ports())
    told = {**os.environ, "ASSAY_DATA": str(tmp_path / "data"), "ASSAY_PORT": port, **environment}
    command = [sys.executable, "-m", "assay_hub.cli", "doctor", *arguments]
    return subprocess.run(command, env=told, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)


def test_a_machine_that_has_everything_gets_no_advice(tmp_path):
    said = doctor(tmp_path)

    assert (said.returncode, said.stderr) == (0, "")
    assert all(line.startswith("ok ") for line in said.stdout.splitlines()), said.stdout
    assert "a container engine" in said.stdout
    assert not (tmp_path / "data").exists(), "looking changes nothing"


def test_what_is_needed_and_missing_is_said_with_its_remedy_and_ends_in_an_error(tmp_path):
    said = doctor(tmp_path, PATH=str(tmp_path / "nothing"))

    assert said.returncode == 1, said.stdout
    lines = said.stdout.splitlines()
    place = lines.index("MISSING  docker, which runs the grading sandbox")
    assert lines[place + 1] == "         → On Debian: apt-get install docker.io."
    place = lines.index("without  chromium, which prints reports")
    assert "apt-get install chromium" in lines[place + 1]


def test_a_taken_port_is_missing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = doctor(tmp_path, ASSAY_PORT=port)

    assert said.returncode == 1
    assert f"MISSING  ports {port} to" in said.stdout
    assert "Choose another by ASSAY_PORT." in said.stdout


def test_what_assay_can_do_without_is_no_error(tmp_path):
    said = doctor(tmp_path, DOCKER_HOST=f"unix://{tmp_path}/no.sock")

    assert said.returncode == 0, said.stdout
    assert "without  a container engine" in said.stdout
    assert "→ On Debian: apt-get install docker.io" in said.stdout
    assert "MISSING" not in said.stdout


def test_programs_read_the_same_as_json(tmp_path):
    said = doctor(tmp_path, "--json", PATH=str(tmp_path / "nothing"))

    findings = {finding.pop("name"): finding for finding in json.loads(said.stdout)}
    assert said.returncode == 1
    assert findings["docker, which runs the grading sandbox"] == {
        "there": False,
        "required": True,
        "remedy": "On Debian: apt-get install docker.io.",
    }
    assert findings["a container engine"] == {"there": True, "required": False, "remedy": ""}
    assert all(bool(finding["remedy"]) != finding["there"] for finding in findings.values())


def test_settings_that_cannot_be_used_are_an_error_of_their_own(tmp_path):
    said = doctor(tmp_path, ASSAY_PORT="seven")

    assert said.returncode == 2
    assert "the settings cannot be used" in said.stderr
    assert "port" in said.stderr

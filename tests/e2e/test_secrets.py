"""What a candidate must not have is nowhere in a running workspace."""

import subprocess

import docker
from e2e.conftest import ROOT, wait_for

from assay_assignments.check import hidden_lines
from assay_assignments.library import load_library
from assay_assignments.release import source_notebook
from assay_hub.domain.plan import MAX_QUESTIONS

FOLDERS = ("etc", "home", "mnt", "opt", "root", "run", "srv", "tmp", "var", "usr/local")


def secret_lines():
    """Return the hidden lines of all cells with hidden tests; short ones may stand anywhere."""
    cells = [
        cell
        for question in load_library(ROOT / "assignments" / "library")
        for cell in source_notebook(question).cells
        if "BEGIN HIDDEN TESTS" in cell.source
    ]
    return sorted({line for cell in cells for line in hidden_lines(cell.source) if len(line) > 30})


def test_no_hidden_test_is_in_a_running_workspace(installation):
    # As many as an interview can have; the one that is waited for below is among them.
    names = sorted(
        (ref.id for ref in installation.application.library.all()), key=lambda name: name != "on-call-shifts"
    )
    interview = installation.new_interview("Everything", *names[:MAX_QUESTIONS])
    visitor = installation.candidate(interview)
    room = f"{installation.desk}room/{interview.id}"
    visitor.post(f"{room}/enter", {"csrf": visitor.csrf(room)})
    client = docker.from_env()
    name = f"assay-{installation.application.settings.installation}-iv-{interview.id}"
    (container,) = wait_for(lambda: client.containers.list(filters={"name": name}), "the container")
    root = f"/proc/{container.attrs['State']['Pid']}/root"
    client.close()
    wait_for(lambda: found(root, ["def merge_shifts(shifts):"]), "the released notebooks", 60)

    assert len(secret_lines()) > 30
    assert found(root, secret_lines()) == []


def found(root, lines):
    """Return the files of a container in which one of the lines stands, as the container itself sees its disks."""
    command = ["grep", "--recursive", "--files-with-matches", "--no-messages", "--fixed-strings", "--file=-"]
    command += ["--exclude-dir=proc", *(f"{root}/{folder}" for folder in FOLDERS)]
    said = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=False)
    assert said.returncode in {0, 1, 2}, said.stderr
    return said.stdout.split()

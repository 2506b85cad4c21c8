"""Processes are killed while two people type: no acknowledged edit is lost, and the room recovers by itself."""

import os
import signal

import docker
import pytest
from e2e.conftest import wait_for

from assay_hub.adapters.replay import replay


def kill_container(installation, interview_id):
    """Kill the first process of the workspace's container."""
    client = docker.from_env()
    try:
        (container,) = client.containers.list(
            filters={"name": f"^/?assay-{installation.application.settings.installation}-"}
        )
        os.kill(container.attrs["State"]["Pid"], signal.SIGKILL)
    finally:
        client.close()
    assert interview_id


def kill_hub(installation, _interview_id):
    os.kill(installation.pid_of("-m jupyterhub"), signal.SIGKILL)


def kill_service(installation, _interview_id):
    os.kill(installation.pid_of("-m assay_hub.web"), signal.SIGKILL)


def kill_proxy(installation, _interview_id):
    os.kill(installation.pid_of("configurable-http-proxy"), signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_container, kill_hub, kill_service, kill_proxy])
@pytest.mark.timeout(600)
def test_nothing_typed_is_lost_when_a_process_is_killed(own_installation, person, kill):
    staff, candidate = person(), person()
    staff.open(own_installation.links["interviewer"])
    candidate.open(own_installation.links["candidate"])
    candidate.page.get_by_role("button", name="Enter the room").click()
    for somebody in (staff, candidate):
        somebody.wait_for_notebook()
    candidate.type_into(0, "\n# before: candidate ")
    staff.type_into(0, "\n# before: staff ")
    wait_for(lambda: "before: staff" in candidate.text_of(0), "the text of the other")

    kill(own_installation, own_installation.interview_id)
    candidate.type_into(0, "\n# during: candidate ")
    staff.type_into(0, "\n# during: staff ")

    expected = ["before: candidate", "before: staff", "during: candidate", "during: staff"]
    for somebody in (staff, candidate):
        wait_for(lambda who=somebody: all(text in who.text_of(0) for text in expected), "everybody's text", 90)
    candidate.type_into(0, "\n# after: candidate")
    wait_for(lambda: "after: candidate" in staff.text_of(0), "typing after the recovery")
    assert staff.text_of(0) == candidate.text_of(0)
    interview_id = own_installation.interview_id
    wait_for(lambda: replayed(own_installation, interview_id) == candidate.text_of(0), "the recording")


def replayed(installation, interview_id):
    """Return the text of the first code cell as the stored recording gives it."""
    found = replay(installation.recorded(interview_id))
    notebook = f"{installation.first_question}.ipynb"
    return next(cell.text for cell in found.cells(notebook) if "# before" in cell.text)

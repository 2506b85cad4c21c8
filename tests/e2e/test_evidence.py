"""Recordings of two people in real browsers: their replay, and what tampering inside the workspace does."""

import json
import logging

import docker
import pytest
from e2e.conftest import wait_for
from e2e.test_interview import both_in_the_room

from assay_hub.adapters.replay import replay
from assay_hub.domain.timeline import as_of, unpack
from assay_protocol.recording import Event, Kind

NOTEBOOK = "on-call-shifts.ipynb"
REWRITE = """
# The server's own user, which no candidate's code is: the most that a broken workspace could do.
import json, pathlib
path = pathlib.Path("/srv/interview/record/recording.jsonl")
lines = path.read_bytes().splitlines(keepends=True)
kept = lines[: len(lines) // 2]
for place, line in enumerate(kept):
    event = json.loads(line)
    if event["kind"] == "edit":
        event["account"] = "interviewer"
        kept[place] = json.dumps(event, separators=(",", ":")).encode() + b"\\n"
path.write_bytes(b"".join(kept))
print(len(lines), len(kept))
"""
SET_CLOCK = ["date", "-s", "2001-01-01"]
_log = logging.getLogger(__name__)


@pytest.fixture
def room(installation, person):
    interview = installation.new_interview("Evidence", "on-call-shifts")
    return interview, *both_in_the_room(installation, interview, person)


@pytest.fixture
def container(installation):
    """Return the container of an interview."""
    client = docker.from_env()

    def of(interview_id):
        name = f"^/?assay-{installation.application.settings.installation}-.*{interview_id}"
        (found,) = client.containers.list(filters={"name": name})
        return found

    yield of
    client.close()


def events(installation, interview):
    return [Event.from_line(line) for line in installation.recorded(interview.id)]


def keys(somebody, *names):
    for name in names:
        somebody.page.keyboard.press(name)


def shown(somebody):
    """Return the sources of the code cells as a page shows them."""
    return [somebody.text_of(place) for place in range(somebody.notebook.locator(".jp-Notebook .jp-CodeCell").count())]


def end_of_replay(installation, interview):
    segments = installation.application.replay.open(installation.admin, interview.id).segments
    last = installation.application.replay.segment(installation.admin, interview.id, segments[-1].number)
    return [cell[2] for cell in as_of(unpack(last.body), last.last_at)[NOTEBOOK] if cell[1] == "code"]


def test_all_that_two_people_do_in_their_browsers_replays_to_what_they_see(installation, room):
    interview, staff, candidate = room
    candidate.context.grant_permissions(["clipboard-read", "clipboard-write"])

    candidate.cell(0).locator(".cm-content").click()
    keys(candidate, "Control+End", "Enter")
    candidate.page.keyboard.type("first = 1  # naïve 漢 😀", delay=15)
    candidate.page.keyboard.insert_text("\npasted = 'forty characters that came at once'")
    candidate.page.keyboard.type("undone", delay=15)
    candidate.page.wait_for_timeout(600)
    candidate.page.keyboard.type(" too", delay=15)
    keys(candidate, "Control+z")
    staff.type_into(0, "\n# from staff")
    wait_for(lambda: "# from staff" in candidate.text_of(0), "both texts")
    keys(candidate, "Escape", "b", "Enter")
    candidate.page.keyboard.type("print('second')", delay=15)
    keys(candidate, "Control+Enter")
    staff.notebook.locator(".jp-OutputArea-output").get_by_text("second", exact=True).wait_for()
    keys(candidate, "Control+Shift+ArrowUp", "b", "Enter")
    candidate.page.keyboard.type("# deleted and brought back", delay=15)
    wait_for(lambda: "brought back" in "".join(shown(staff)), "the new cell")
    # What is done within half a second is undone together.
    candidate.page.wait_for_timeout(600)
    keys(candidate, "Escape", "d", "d")
    wait_for(lambda: "brought back" not in "".join(shown(staff)), "its end")
    keys(candidate, "z")
    wait_for(lambda: "brought back" in "".join(shown(staff)), "the cell that came back")
    candidate.context.set_offline(True)
    candidate.type_into(0, "\n# while away")
    staff.type_into(0, "\n# meanwhile")
    candidate.context.set_offline(False)
    wait_for(lambda: "# while away" in staff.text_of(0), "what was typed without a connection")
    wait_for(lambda: "# meanwhile" in candidate.text_of(0), "what the other typed in the meantime")
    staff.notebook.get_by_role("menuitem", name="Kernel").click()
    staff.notebook.get_by_role("menuitem", name="Restart Kernel…").click()
    staff.notebook.get_by_role("button", name="Confirm Kernel Restart").click()
    wait_for(lambda: any(e.kind is Kind.KERNEL for e in events(installation, interview)), "the restart")

    assert shown(staff) == shown(candidate)
    wait_for(lambda: end_of_replay(installation, interview) == shown(candidate), "the replay's end")
    cells = replay(installation.recorded(interview.id)).cells(NOTEBOOK)
    assert [cell.text for cell in cells if cell.kind == "code"] == shown(candidate)
    texts = {"interviewer": "", f"cand-{interview.id}": ""}
    for cell in cells:
        for run in cell.runs:
            texts[run.account] = texts.get(run.account, "") + run.text
    assert all(words in texts["interviewer"] for words in ("# from staff", "# meanwhile"))
    mine = ("naïve 漢 😀", "forty characters", "print('second')", "# while away")
    assert all(words in texts[f"cand-{interview.id}"] for words in mine)
    assert not any(words in texts["interviewer"] for words in mine)
    candidate.page.get_by_role("button", name="Submit …").click()
    candidate.page.get_by_role("button", name="Submit now").click()
    candidate.page.wait_for_url("**/receipt")
    compared = installation.application.replay.compare(installation.admin, interview.id)
    assert (compared.compared, compared.differing) == ((NOTEBOOK,), ())


def test_tampering_inside_the_workspace_leaves_the_evidence_and_shows_a_gap(installation, room, container):
    interview, staff, candidate = room
    candidate.type_into(0, "\n# before it was tampered with")
    wait_for(lambda: "before it was tampered" in "".join(end_of_replay(installation, interview)), "the recording")
    before = installation.recorded(interview.id)
    workspace = container(interview.id)

    clock = workspace.exec_run(SET_CLOCK, user="root")
    rewritten = workspace.exec_run(["python3", "-c", REWRITE], user="1000")
    workspace.kill()

    assert clock.exit_code != 0
    assert rewritten.exit_code == 0, rewritten.output
    _log.info("rewritten: %s", rewritten.output)
    wait_for(lambda: candidate.notebook.locator(".jp-Notebook .cm-content").count() > 0, "the room")
    candidate.type_into(0, "\n# afterwards")

    def stored():
        with installation.application.database.read() as records:
            return [one.line for one in records.lines(interview.id)], records.gaps(interview.id)

    wait_for(lambda: len(stored()[0]) > len(before) + 5, "the recording goes on")
    lines, gaps = stored()
    assert lines[: len(before)] == before, "what left the workspace stays as it was"
    assert any("own copy ended before" in gap.reason for gap in gaps)
    assert json.loads(lines[-1])["seq"] == len(lines)
    staff.open(f"{installation.desk}interviews/{interview.id}/replay")
    staff.page.get_by_text("own copy ended before").first.wait_for()

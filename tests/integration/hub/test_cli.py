"""The desk in a shell: the real program, as a process, on a database of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NEW = ("create", "--title", "x", "--candidate", "x")


class Shell:
    """A shell of the administrator."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "assay_hub.cli", *words],
            cwd=ROOT,
            env={**os.environ, "ASSAY_DATA": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    def json(self, *words: str):
        return json.loads(self(*words, "--json").stdout)


@pytest.fixture(scope="module")
def assay(tmp_path_factory) -> Shell:
    return Shell(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def interview(assay) -> str:
    return assay("interview", "create", "--title", "First", "--candidate", "Zoë", "--tag", "ml").stdout.strip()


def test_an_interview_is_created_changed_found_and_shared(assay):
    made = assay.json(
        *("interview", "create", "--title", "Talk", "--candidate", "Mia", "--at", "2026-12-01 14:30"),
        *("--time-zone", "Europe/Berlin", "--minutes", "45", "--question", "on-call-shifts", "--tag", "a"),
    )
    changed = assay.json("interview", "edit", made["id"], "--title", "Second talk", "--tag", "", "--revision", "1")
    found = assay.json("interview", "list", "second", "--state", "created")
    link = assay("interview", "link", made["id"]).stdout

    assert (made["scheduled_at"], made["duration_seconds"]) == ("2026-12-01T13:30:00Z", 2700)
    assert made["questions"] == ["on-call-shifts"]
    assert (changed["title"], changed["tags"], changed["revision"]) == ("Second talk", [], 2)
    assert [one["id"] for one in found["items"]] == [made["id"]]
    assert "/hub/invite?token=" in link
    assert assay.json("interview", "show", made["id"]) == changed


def test_an_interview_is_called_off_and_opened_again(assay, interview):
    cancelled = assay.json("interview", "cancel", interview)
    twice = assay("interview", "cancel", interview, code=2)
    reopened = assay.json("interview", "reopen", interview)

    assert (cancelled["state"], reopened["state"]) == ("cancelled", "created")
    assert "is cancelled" in twice.stderr


def test_a_list_says_how_it_goes_on(assay, interview):
    assay("interview", "create", "--title", "Another", "--candidate", "Kim")

    first = assay("interview", "list", "--sort", "title", "--limit", "1").stdout
    cursor = first.partition("--cursor ")[2].strip()
    second = assay("interview", "list", "--sort", "title", "--limit", "1", "--cursor", cursor).stdout

    assert "Another" in first
    assert "Another" not in second
    assert interview in assay("interview", "list", "--tag", "ml").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "nothing"), "There is nothing here."),
        (("create", "--title", "", "--candidate", "x"), "title: The title needs"),
        ((*NEW, "--at", "tomorrow"), "There is no moment 'tomorrow'"),
        ((*NEW, "--at", "2026-03-29 02:30", "--time-zone", "Europe/Berlin"), "skip"),
        ((*NEW, "--minutes", "9" * 30), "so long"),
        ((*NEW, "--question", "none"), "no question 'none'"),
        ((*NEW, "--interviewer", "nobody"), "Nobody in the team"),
        (("list", "--limit", "0"), "--limit lies between"),
        (("list", "--cursor", "x"), "cannot be found"),
        (("list", "--as", "nobody"), "Nobody in the team is called 'nobody'"),
        (("list", "--as", "no\udcffbody"), "Nobody in the team"),
        (("create", "--title", "no\udcff", "--candidate", "x"), "title: The title needs"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(assay, words, said):
    assert said in assay("interview", *words, code=2).stderr


def test_an_edit_from_an_older_revision_overwrites_nothing(assay, interview):
    refused = assay("interview", "edit", interview, "--title", "Mine", "--revision", "0", code=2)

    assert "Somebody else changed this" in refused.stderr
    assert assay.json("interview", "show", interview)["title"] == "First"


def test_people_are_added_and_changed_and_what_they_may_do_holds_in_the_shell(assay, interview):
    added = assay.json("people", "add", "vera", "--role", "viewer")
    seen = assay("interview", "list", "--as", "vera").stdout
    refused = assay("interview", "cancel", interview, "--as", "vera", code=2)
    changed = assay.json("people", "change", "vera", "--name", "Vera Lang", "--inactive")
    gone = assay("interview", "list", "--as", "vera", code=2)

    assert (added["name"], added["active"]) == ("Vera", True)
    assert interview in seen
    assert "There is nothing here." in refused.stderr
    assert (changed["name"], changed["role"], changed["active"]) == ("Vera Lang", "viewer", False)
    assert "Nobody in the team" in gone.stderr
    assert "left" in assay("people", "list").stdout
    assert "is there already" in assay("people", "add", "vera", "--role", "viewer", code=2).stderr
    assert "Nobody in the team" in assay("people", "change", "nobody", "--name", "x", code=2).stderr
    assert "nothing here" in assay("people", "add", "cand-aaaaaaaaaa", "--role", "admin", code=2).stderr
    assert "name: A name needs" in assay("people", "change", "vera", "--name", "\u202e", code=2).stderr


def test_questions_are_listed_and_shown_as_a_candidate_gets_them(assay):
    listed = assay.json("question", "list", "deliveries")
    shown = assay.json("question", "show", "late-deliveries")

    assert [one["id"] for one in listed["items"]] == ["late-deliveries"]
    assert shown["statement"]
    assert "BEGIN SOLUTION" not in json.dumps(shown)
    assert "BEGIN HIDDEN TESTS" not in json.dumps(shown)
    assert "late-deliveries" in assay("question", "list").stdout
    assert "nothing here" in assay("question", "show", "../../etc", code=2).stderr


@pytest.mark.parametrize(
    "words",
    [
        *(("interview", one) for one in ("create", "list", "show", "edit", "cancel", "reopen", "link")),
        *(("question", one) for one in ("list", "show")),
        *(("people", one) for one in ("list", "add", "change")),
    ],
)
def test_every_command_explains_itself_and_its_json(assay, words):
    text = assay(*words, "--help").stdout

    assert "--json" in text
    assert "--as ACCOUNT" in text
    assert f"assay {' '.join(words)}" in (ROOT / "docs" / "operations.md").read_text()

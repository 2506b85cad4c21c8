"""Writing questions in a shell: each command does its work, says it in JSON too, and says what to do when it cannot."""

import json
import zipfile
from pathlib import Path

import pytest

from assay_assignments.library import load_library
from assay_hub.cli.main import main

LIBRARY = Path(__file__).parents[3] / "assignments" / "library"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation without anything."""
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ASSAY_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("ASSAY_FORMATS", str(tmp_path / "formats"))
    (tmp_path / "library").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_a_new_question_is_made_filled_in_checked_and_previewed(here: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["question", "new", "ask-me", "--type", "sql", "--title", "Who asks?"]) == 0
    said = capsys.readouterr().out
    assert "Write something in place of each TODO(author)" in said
    assert str(here / "work" / "ask-me") in said

    assert main(["question", "check", "ask-me", "--sandbox", "process"]) == 1
    said = capsys.readouterr()
    assert "ask-me 0.1.0: FAILS" in said.out
    assert "FAILS   hints.md: still to be done: a nudge" in said.out
    assert "WITHOUT ISOLATION" in said.err

    for path in (here / "work" / "ask-me").iterdir():
        path.write_text(path.read_text().replace("TODO(author)", "Done"))
    assert main(["question", "check", str(here / "work" / "ask-me"), "--sandbox", "process", "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert (report["question"], report["passed"], report["points"]) == ("ask-me", True, 2.0)
    assert "generate.py writes the same bytes again: shop.sql" in report["proved"]

    assert main(["question", "preview", "ask-me", str(here / "look"), "--json"]) == 0
    assert {one["path"] for one in json.loads(capsys.readouterr().out)} == {"ask-me.ipynb", "shop.sql"}
    assert "HIDDEN" not in (here / "look" / "ask-me.ipynb").read_text()


def test_questions_go_out_as_a_course_and_come_back(here: Path, capsys: pytest.CaptureFixture[str]):
    ours = sorted(question.id for question in load_library(LIBRARY))
    course = here / "course.zip"

    assert main(["question", "export", str(course), *(str(LIBRARY / name) for name in ours), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["questions"] == ours
    assert main(["question", "import", str(course), "--json"]) == 0

    assert sorted(one["id"] for one in json.loads(capsys.readouterr().out)) == ours
    for question in load_library(LIBRARY):
        there = here / "work" / question.id
        assert {path.name: path.read_bytes() for path in there.iterdir()} == {
            path.name: path.read_bytes() for path in question.folder.iterdir() if path.is_file()
        }


def test_a_course_s_folder_is_taken_without_what_else_is_in_it(here: Path, capsys: pytest.CaptureFixture[str]):
    course = here / "course.zip"
    main(["question", "export", str(course), str(LIBRARY / "late-deliveries")])
    with zipfile.ZipFile(course) as archive:
        archive.extractall(here / "cs101")
    (here / "cs101" / "gradebook.db").write_bytes(b"x")
    (here / "cs101" / "source" / "late-deliveries" / "link.csv").symlink_to("/etc/passwd")
    capsys.readouterr()

    assert main(["question", "import", str(here / "cs101"), "--into", str(here / "more")]) == 0

    assert sorted(path.name for path in (here / "more").iterdir()) == ["late-deliveries"]
    assert not (here / "more" / "late-deliveries" / "link.csv").exists()


def test_neither_library_is_written_to_and_both_are_found(here: Path, capsys: pytest.CaptureFixture[str]):
    main(["question", "export", "course.zip", str(LIBRARY / "late-deliveries"), str(LIBRARY / "on-call-shifts")])
    main(["question", "import", "course.zip"])
    (here / "work" / "late-deliveries").rename(here / "library" / "late-deliveries")
    (here / "data").mkdir(exist_ok=True)
    (here / "data" / "own-questions").mkdir()
    (here / "work" / "on-call-shifts").rename(here / "data" / "own-questions" / "on-call-shifts")
    capsys.readouterr()

    assert main(["question", "new", "another"]) == 0
    assert main(["question", "preview", "on-call-shifts", "look"]) == 0
    assert main(["question", "export", "all.zip", "--json"]) == 0

    exported = capsys.readouterr().out
    assert '"on-call-shifts"' in exported
    assert '"late-deliveries"' in exported
    assert [path.name for path in (here / "library").iterdir()] == ["late-deliveries"]
    assert [path.name for path in (here / "data" / "own-questions").iterdir()] == ["on-call-shifts"]


def test_what_is_there_already_stays_and_the_rest_is_told(here: Path, capsys: pytest.CaptureFixture[str]):
    course = here / "course.zip"
    main(["question", "export", str(course), str(LIBRARY / "late-deliveries"), str(LIBRARY / "on-call-shifts")])
    (here / "work" / "late-deliveries").mkdir()
    capsys.readouterr()

    assert main(["question", "import", str(course)]) == 1

    said = capsys.readouterr().out
    assert "refused  late-deliveries: " in said
    assert "is there already" in said
    assert list((here / "work" / "late-deliveries").iterdir()) == []
    assert (here / "work" / "on-call-shifts" / "question.toml").is_file()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["check", "nothing"], "There is no question 'nothing'"),
        (["check", "."], "There is no question.toml in ."),
        (["new", "ask me"], "id has letters, digits, - and _ only"),
        (["new", ".."], "id has letters, digits, - and _ only"),
        (["preview", "nothing", "look"], "There is no question 'nothing'"),
        (["import", "nothing.zip"], "nothing.zip"),
        (["export", "x.zip", "nothing"], "There is no question 'nothing'"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], said: str
):
    monkeypatch.chdir(here)

    assert main(["question", *command]) == 2

    assert said in capsys.readouterr().err


def test_nothing_is_written_over(here: Path, capsys: pytest.CaptureFixture[str]):
    main(["question", "new", "ask-me"])
    main(["question", "export", str(here / "x.zip")])
    main(["question", "preview", "ask-me", str(here / "look")])

    again = [
        main(["question", "new", "ask-me"]),
        main(["question", "export", str(here / "x.zip")]),
        main(["question", "preview", "ask-me", str(here / "look")]),
    ]

    assert again == [2, 2, 2]
    assert capsys.readouterr().err.count("is there already") == 2


def test_a_zip_file_that_is_a_trap_is_refused(here: Path, capsys: pytest.CaptureFixture[str]):
    with zipfile.ZipFile(here / "trap.zip", "w") as archive:
        archive.writestr("source/../../../x", "x")

    assert main(["question", "import", str(here / "trap.zip")]) == 2

    assert "is no path that can be unpacked" in capsys.readouterr().err
    assert list((here / "work").iterdir()) == []

"""The team's own questions: versions, workspaces, checks and scores, over real files and a store of their own."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fakes import zipped
from world import World

from assay_hub.adapters.artefacts import FolderArtefacts
from assay_hub.adapters.library import FolderLibrary
from assay_hub.adapters.question_files import SourceFiles
from assay_hub.domain.access import Person, TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError, WrongStateError
from assay_hub.domain.interview import State
from assay_hub.domain.library import LibrarySearch
from assay_hub.domain.plan import Plan
from assay_hub.domain.question import CheckState, Files, Finding, Step, Version
from assay_hub.domain.result import Grade, GradingState
from assay_hub.domain.search import AuditSearch
from assay_hub.domain.team import Member
from assay_hub.services.authoring import AuthorQuestions
from assay_hub.services.check import CheckQuestions
from assay_hub.services.create import CreateInterview
from assay_hub.services.questions import KeepQuestions
from assay_hub.services.scores import ReadScores
from assay_protocol.names import question_account

ASSIGNMENTS = Path(__file__).parents[3] / "assignments"
SECRET = "only_the_author_knows_this"  # a name in a solution


class FakeChecker:
    """Finds what it is told to."""

    def __init__(self) -> None:
        self.passes = True
        self.breaks = False

    def check(self, files: Files, say: Callable[[str], None]) -> list[Finding]:
        assert "question.toml" in files
        say("looking")
        if self.breaks:
            raise RuntimeError("no engine")
        return [
            Finding("Reference solution", passed=self.passes, message="all points", cell="test-1"),
            Finding("Words", passed=False, required=False),
        ]


@dataclass
class Desk:
    """The use cases around own questions."""

    world: World
    library: FolderLibrary
    keep: KeepQuestions
    author: AuthorQuestions
    checker: FakeChecker
    check: CheckQuestions
    own: Path

    def begin(self, title: str = "Rate limits") -> Version:
        return self.keep.begin(self.world.staff, "live coding", title)

    def save(self, before: Version, **changes: object) -> Version:
        about = self.keep.open(self.world.staff, before.question).about
        return self.keep.save(
            self.world.staff, before.question, replace(about, **changes), Step.CHANGE, "better", before.number
        )

    def passed(self, title: str = "Rate limits") -> Version:
        self.save(self.begin(title), minutes=25)
        return self.check.check_next(lambda _version, _words: None)

    def deeds(self) -> list[tuple[str, Deed]]:
        with self.world.database.read() as records:
            return [(entry.account, entry.deed) for entry in records.audit(AuditSearch())]


@pytest.fixture
def desk(world, tmp_path) -> Desk:
    artefacts = FolderArtefacts(tmp_path / "artefacts")
    library = FolderLibrary(
        ASSIGNMENTS / "library", ASSIGNMENTS / "formats", tmp_path / "own", artefacts, tmp_path / "unpacked"
    )
    keep = KeepQuestions(world.database, library, SourceFiles(), world.workspaces, world.clock, 100_000)
    author = AuthorQuestions(world.database, world.hub, world.workspaces, library, world.clock, world.team.person)
    checker = FakeChecker()
    check = CheckQuestions(world.database, library, checker, world.clock)
    return Desk(world, library, keep, author, checker, check, tmp_path / "own")


# From a template to an interview


def test_a_new_question_is_a_draft_that_nobody_can_be_asked(desk):
    begun = desk.begin()

    assert (begun.question, begun.version, begun.state) == ("rate-limits", "0.1.0", CheckState.UNCHECKED)
    assert begun.question not in {card.id for card in desk.library.cards()}
    assert [one.question for one in desk.keep.drafts(desk.world.staff, LibrarySearch())] == ["rate-limits"]
    with pytest.raises(BadInputError, match="There is no question"):
        desk.library.pin("rate-limits")


def test_every_type_has_a_template_that_can_be_released(desk):
    kinds = desk.keep.kinds(desk.world.staff)

    begun = [desk.keep.begin(desk.world.staff, kind, f"Of {kind}") for kind in kinds]

    assert len(kinds) == 7
    assert [one.card.kind for one in begun] == list(kinds)
    assert all(desk.library.preview_of(one.artefact) for one in begun)


def test_a_version_that_passes_its_check_can_be_asked_and_is_pinned_as_it_was_saved(desk):
    passed = desk.passed()

    (card,) = [card for card in desk.library.cards() if not card.official]
    ref = desk.library.pin("rate-limits")

    assert passed.usable
    assert (card.id, card.version, card.minutes) == ("rate-limits", "0.2.0", 25)
    assert (ref.version, ref.pinned) == ("0.2.0", passed.artefact)
    assert desk.keep.drafts(desk.world.staff, LibrarySearch()) == []


def test_a_version_that_fails_takes_nothing_away(desk):
    passed = desk.passed()
    desk.checker.passes = False

    broken = desk.save(passed, title="Broken limits")
    checked = desk.check.check_next(lambda _version, _words: None)

    assert (checked.number, checked.state) == (broken.number, CheckState.FAILED)
    assert desk.library.pin("rate-limits").pinned == passed.artefact
    assert [one.card.title for one in desk.keep.drafts(desk.world.staff, LibrarySearch())] == ["Broken limits"]


def test_advice_alone_keeps_nobody_from_asking(desk):
    passed = desk.passed()

    assert [finding.required for finding in passed.findings if not finding.passed] == [False]


def test_an_interview_that_was_held_never_changes_with_its_question(desk):
    passed = desk.passed()
    create = CreateInterview(desk.world.database, desk.library, desk.world.clock)
    held = create(desk.world.staff, Plan("Talk", "Sam", questions=("rate-limits",)))
    before = desk.library.release(held.questions[0])

    desk.save(passed, title="Something else")
    desk.check.check_next(lambda _version, _words: None)
    later = create(desk.world.staff, Plan("Talk", "Kim", questions=("rate-limits",)))

    with desk.world.database.read() as records:
        again = records.interview(held.id)
    assert again.questions == held.questions
    assert desk.library.release(again.questions[0]) == before
    assert (held.questions[0].version, later.questions[0].version) == ("0.2.0", "0.3.0")


def test_a_check_that_ends_late_does_not_bring_back_an_older_version(desk):
    passed = desk.passed()
    desk.save(passed, minutes=26)
    with desk.world.database.write() as records:
        last = records.versions("rate-limits")[0]
        other = desk.library.keep("rate-limits", {**desk.library.kept(last.artefact), "more.txt": b"newer"})
        newest = replace(last, number=4, version="0.4.0", artefact=other, state=CheckState.PASSED)
        records.add_version(newest)
    desk.library.publish("rate-limits", newest.artefact)

    desk.check.check_next(lambda _version, _words: None)

    assert desk.library.pin("rate-limits").pinned == newest.artefact


def test_saving_the_same_once_more_makes_no_version(desk):
    passed = desk.passed()

    again = desk.save(passed)

    assert again.number == passed.number


def test_who_saves_over_a_version_that_they_have_not_seen_is_told(desk):
    begun = desk.begin()
    desk.save(begun, minutes=25)

    with pytest.raises(ConflictError):
        desk.save(begun, minutes=26)


def test_a_check_that_breaks_says_so_and_the_next_one_goes_on(desk):
    desk.save(desk.begin(), minutes=25)
    desk.checker.breaks = True
    broken = desk.check.check_next(lambda _version, _words: None)
    desk.checker.breaks = False

    desk.keep.check_again(desk.world.staff, "rate-limits")
    mended = desk.check.check_next(lambda _version, _words: None)

    assert (broken.state, broken.findings[0].passed) == (CheckState.FAILED, False)
    assert mended.usable


def test_a_half_done_check_is_done_again(desk):
    desk.save(desk.begin(), minutes=25)
    with desk.world.database.write() as records:
        records.take_queued_check()

    assert desk.check.check_next(lambda _version, _words: None) is None
    assert desk.check.resume() == 1
    assert desk.check.check_next(lambda _version, _words: None).usable


# Beside the official ones


def test_an_official_question_is_copied_and_stays_as_it_is(desk):
    copy = desk.keep.duplicate(desk.world.staff, "on-call-shifts")

    assert (copy.question, copy.state, copy.card.official) == ("on-call-shifts-copy", CheckState.QUEUED, False)
    assert desk.keep.duplicate(desk.world.staff, "on-call-shifts").question == "on-call-shifts-copy-2"
    assert next(card for card in desk.library.cards() if card.id == "on-call-shifts").official
    with pytest.raises(NotFoundError):
        desk.keep.open(desk.world.staff, "on-call-shifts")


@pytest.mark.parametrize("taken", ["on-call-shifts", "blank-coding", "rate-limits"])
def test_an_id_that_is_taken_is_refused(desk, taken):
    desk.begin()

    with pytest.raises(BadInputError, match="taken"):
        desk.keep.begin(desk.world.staff, "debugging", "Mine", taken)


def test_an_own_question_never_stands_for_an_official_one(desk):
    passed = desk.passed()
    official = desk.library.preview("on-call-shifts")
    (desk.own / "rate-limits").rename(desk.own / "on-call-shifts")

    assert desk.library.shadowing() == ["on-call-shifts"]
    assert desk.library.preview("on-call-shifts") == official
    assert [card.official for card in desk.library.cards() if card.id == "on-call-shifts"] == [True]
    with pytest.raises(BadInputError, match="Two questions are called"):
        desk.library.pin("on-call-shifts")
    with pytest.raises(BadInputError, match="There is an official question"):
        desk.library.publish("on-call-shifts", passed.artefact)


def test_a_folder_that_somebody_put_there_can_be_edited(desk):
    desk.passed()
    with desk.world.database.write() as records:
        for version in records.versions("rate-limits"):
            records.sql.exec_driver_sql("DELETE FROM question_versions WHERE number = ?", (version.number,))

    opened = desk.keep.open(desk.world.staff, "rate-limits")

    assert (opened.newest.number, opened.newest.version, opened.newest.state) == (1, "0.2.0", CheckState.QUEUED)


# In and out


def test_what_is_exported_can_be_imported_again_and_loses_nothing(desk):
    writer = desk.world.staff
    exported = desk.keep.export(writer, "late-deliveries")

    (taken,) = desk.keep.take_in(writer, "course.zip", exported)
    again = desk.keep.export(writer, taken.version.question)
    (back,) = desk.keep.take_in(writer, "course.zip", again)

    original, copy = desk.library.source("late-deliveries"), desk.library.kept(back.version.artefact)
    assert taken.version.question == "late-deliveries-2"
    assert taken.version.state is CheckState.QUEUED
    assert set(original) | {"origin.toml"} == set(copy) | {"origin.toml"}
    assert all(copy[name] == original[name] for name in original if name != "question.toml")
    assert replace(back.version.card, id="") == replace(taken.version.card, id="")


def test_a_single_notebook_is_taken_in_under_its_name(desk):
    notebook = desk.library.source("on-call-shifts")["question.ipynb"]

    (taken,) = desk.keep.take_in(desk.world.staff, "Homework 3.ipynb", notebook)

    assert taken.version.question == "homework-3"
    assert "imported from Homework 3.ipynb" in taken.version.note


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04nonsense", zipped({"../../evil.ipynb": b"{}"}), zipped({"a.txt": b""})]
)
def test_an_archive_without_a_question_is_refused_with_a_reason(desk, content):
    with pytest.raises(BadInputError) as refused:
        desk.keep.take_in(desk.world.staff, "course.zip", content)

    assert refused.value.fields["upload"]
    assert desk.keep.drafts(desk.world.staff, LibrarySearch()) == []


def test_a_part_of_an_upload_that_cannot_be_read_is_named_and_the_rest_is_taken(desk):
    notebook = desk.library.source("on-call-shifts")["question.ipynb"]
    content = zipped({"source/one/one.ipynb": notebook, "source/two/two.ipynb": b"no notebook"})

    taken = desk.keep.take_in(desk.world.staff, "course.zip", content)

    assert {one.incoming.name: bool(one.version) for one in taken} == {"one": True, "two/two": False}
    assert all(one.version or one.incoming.refusal for one in taken)


def test_what_a_test_covers_is_written_into_its_cell(desk):
    version = desk.begin()
    (name,) = desk.keep.open(desk.world.staff, version.question).about.covers

    saved = desk.save(version, covers={name: "Sums of several amounts.", "no-such-test": "x"})

    assert desk.keep.open(desk.world.staff, version.question).about.covers == {name: "Sums of several amounts."}
    told = desk.keep.changes(desk.world.staff, version.question)[saved.number]
    assert f"What candidates are told of the test {name} was changed." in told


# Who may


def _calls(desk: Desk, by: Person, version: Version) -> dict[str, Callable[[], object]]:
    about = desk.keep.open(desk.world.staff, version.question).about
    own = version.question
    return {
        "kinds": lambda: desk.keep.kinds(by),
        "begin": lambda: desk.keep.begin(by, "debugging", "Mine"),
        "duplicate": lambda: desk.keep.duplicate(by, "on-call-shifts"),
        "take in": lambda: desk.keep.take_in(by, "x.ipynb", b"{}"),
        "open": lambda: desk.keep.open(by, own),
        "save": lambda: desk.keep.save(by, own, about, Step.CHANGE, "", version.number),
        "close": lambda: desk.keep.close(by, own),
        "check": lambda: desk.keep.check_again(by, own),
        "export": lambda: desk.keep.export(by, own),
        "export official": lambda: desk.keep.export(by, "on-call-shifts"),
        "workspace": lambda: desk.author.open(by, own),
        "find workspace": lambda: desk.author.find(by, own),
    }


@pytest.mark.parametrize("who", ["reviewer", "viewer", "candidate", "stranger", "former"])
def test_nobody_else_writes_or_reads_a_source(desk, who):
    world = desk.world
    version = desk.begin()
    desk.author.open(world.staff, version.question)
    interview = world.interview()
    former = Member("fay", "Fay", "", TeamRole.INTERVIEWER, active=False, joined_at=world.clock.now())
    people = {
        "reviewer": world.member("rex", TeamRole.REVIEWER),
        "viewer": world.member("vic", TeamRole.VIEWER),
        "candidate": world.candidate(interview),
        "stranger": world.stranger,
        "former": former.person,
    }
    before = len(desk.deeds())

    for call in _calls(desk, people[who], version).values():
        with pytest.raises(NotFoundError):
            call()

    assert len(desk.deeds()) == before + 1  # our own look at what describes it


def test_a_reviewer_sees_versions_and_changes_but_not_what_checks_found(desk):
    desk.save(desk.begin(), minutes=25)
    desk.check.check_next(lambda _version, _words: None)
    reviewer = desk.world.member("rex", TeamRole.REVIEWER)

    versions = desk.keep.versions(reviewer, "rate-limits")

    assert [one.version for one in versions] == ["0.2.0", "0.1.0"]
    assert not any(one.findings for one in versions)
    assert desk.keep.versions(desk.world.staff, "rate-limits")[0].findings
    assert desk.keep.changes(reviewer, "rate-limits")[2]
    assert desk.keep.history(reviewer, "rate-limits") == versions
    assert desk.keep.history(reviewer, "on-call-shifts") == []
    with pytest.raises(NotFoundError):
        desk.keep.history(reviewer, "no-such-question")
    with pytest.raises(NotFoundError):
        desk.keep.versions(desk.world.member("vic", TeamRole.VIEWER), "rate-limits")


@pytest.mark.parametrize("odd", ["", "new", "../on-call-shifts", "Rate-Limits", "a\0b", "a" * 61, "\ud800"])
def test_a_text_that_is_no_id_is_nothing(desk, odd):
    with pytest.raises(NotFoundError):
        desk.keep.open(desk.world.staff, odd)
    with pytest.raises(NotFoundError):
        desk.author.open(desk.world.staff, odd)
    with pytest.raises(NotFoundError):
        desk.keep.duplicate(desk.world.staff, odd)


def test_the_log_tells_of_every_change_and_every_look_at_solutions(desk):
    desk.passed()
    desk.author.open(desk.world.staff, "rate-limits")

    deeds = desk.deeds()

    assert deeds[0] == ("ada", Deed.READ_SOLUTION)
    assert deeds.count(("ada", Deed.QUESTION_CHANGED)) == 2
    assert deeds.count(("assay", Deed.QUESTION_CHANGED)) == 1


# The workspace


def test_a_workspace_holds_the_sources_and_lets_in_visitors_who_may_write(desk):
    world = desk.world
    version = desk.begin()
    rex, interview = world.member("rex", TeamRole.REVIEWER), world.interview()
    editing = desk.author.open(world.staff, version.question)

    desk.author(editing.id, {"ada", "root", rex.account, interview.candidate})

    account = question_account(editing.id)
    manifest = world.workspaces.manifests[account]
    assert "question.ipynb" in {file.path for file in manifest.files}
    assert "question.toml" not in {file.path for file in manifest.files}
    assert b"BEGIN SOLUTION" in next(file.content for file in manifest.files if file.path == "question.ipynb")
    assert [person.account for person in manifest.participants] == ["ada", "root"]
    assert world.hub.shares[account] == {"ada", "root"}
    assert account not in world.hub.running_workspaces()


def test_who_may_not_write_any_more_is_put_out(desk):
    world = desk.world
    ida = world.member("ida", TeamRole.INTERVIEWER)
    editing = desk.author.open(ida, desk.begin().question)
    desk.author(editing.id, {"ida", "ada"})

    world.member("ida", TeamRole.REVIEWER)
    desk.author.tell(desk.author.due(editing.id, {"ida", "ada"}))

    assert world.hub.shares[question_account(editing.id)] == {"ada"}
    with pytest.raises(NotFoundError):
        desk.author.find(world.team.person("ida"), "rate-limits")


def test_a_workspace_that_was_closed_does_not_start_again_and_the_next_one_is_another(desk):
    version = desk.begin()
    first = desk.author.open(desk.world.staff, version.question)
    desk.keep.close(desk.world.staff, version.question)

    second = desk.author.open(desk.world.staff, version.question)

    assert second.id != first.id
    with pytest.raises(WrongStateError):
        desk.author(first.id, {"ada"})


def _notebook(desk: Desk, version: Version) -> dict[str, object]:
    return json.loads(desk.library.kept(version.artefact)["question.ipynb"])


def test_saving_takes_what_lies_in_the_workspace_and_drops_outputs(desk):
    version = desk.begin()
    desk.author.open(desk.world.staff, version.question)
    notebook = _notebook(desk, version)
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hello"}]
    notebook["cells"][0]["source"] = "# Rate limits\n\nWrite a limiter."
    desk.world.workspaces.files = {"question.ipynb": json.dumps(notebook).encode(), "notes.txt": b"mine"}

    saved = desk.save(version)

    kept = desk.library.kept(saved.artefact)
    assert set(kept) == {"question.toml", "question.ipynb", "notes.txt"}
    assert b"Write a limiter." in kept["question.ipynb"]
    assert b"hello" not in kept["question.ipynb"]


def test_what_a_workspace_smuggles_in_is_left_outside(desk):
    version = desk.begin()
    desk.author.open(desk.world.staff, version.question)
    manifest = desk.library.kept(version.artefact)["question.toml"]
    desk.world.workspaces.files = {
        "question.ipynb": json.dumps(_notebook(desk, version)).encode(),
        "question.toml": manifest.replace(b"official = false", b'official = true\nkernel = "bash"'),
        "../evil.txt": b"x",
        "/etc/evil": b"x",
        "folder/inside.txt": b"x",
        ".hidden": b"x",
        "a\\b": b"x",
    }

    saved = desk.save(version, minutes=25)

    kept = desk.library.kept(saved.artefact)
    assert set(kept) == {"question.toml", "question.ipynb"}
    assert b"official = false" in kept["question.toml"]
    assert b"bash" not in kept["question.toml"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"other.ipynb": b"{}"}, "There is no question.ipynb"),
        ({"question.ipynb": b"no JSON"}, "cannot be read"),
        ({"question.ipynb": b"[" * 20_000}, "cannot be read"),
        ({"question.ipynb": b'{"cells": 3}'}, "cannot be read"),
        ({"question.ipynb": b"{}", "large.csv": b"0" * 200_000}, "too large"),
    ],
)
def test_a_workspace_that_holds_no_question_is_refused_and_nothing_is_saved(desk, files, says):
    version = desk.begin()
    desk.author.open(desk.world.staff, version.question)
    desk.world.workspaces.files = files

    with pytest.raises(BadInputError) as refused:
        desk.save(version)

    assert says in f"{refused.value.title} {refused.value.detail}"
    assert [one.number for one in desk.keep.versions(desk.world.staff, version.question)] == [1]


def test_what_is_released_names_nothing_that_lies_beside_it_by_chance(desk):
    version = desk.begin()
    desk.author.open(desk.world.staff, version.question)
    files = {name: content for name, content in desk.library.kept(version.artefact).items() if name != "question.toml"}
    desk.world.workspaces.files = {**files, "solution.py": SECRET.encode()}

    desk.save(version, minutes=25)
    desk.check.check_next(lambda _version, _words: None)

    released = desk.library.release(desk.library.pin(version.question))
    assert "solution.py" not in {file.path for file in released}
    assert not any(SECRET.encode() in file.content for file in released)


# Changes in words


def test_changes_are_told_without_quoting_what_is_hidden(desk):
    version = desk.begin()
    desk.author.open(desk.world.staff, version.question)
    notebook = _notebook(desk, version)
    solution = next(cell for cell in notebook["cells"] if "### BEGIN SOLUTION" in "".join(cell["source"]))
    source = "".join(solution["source"])
    solution["source"] = source.replace("### BEGIN SOLUTION", f"### BEGIN SOLUTION\n    {SECRET} = 1", 1)
    test = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("points"))
    test["metadata"]["nbgrader"]["points"] += 3
    notebook["cells"].append({**notebook["cells"][0], "id": "added", "source": "One more thing"})
    files = {name: content for name, content in desk.library.kept(version.artefact).items() if name != "question.toml"}
    desk.world.workspaces.files = {**files, "question.ipynb": json.dumps(notebook).encode(), "more.csv": b"1"}

    desk.save(version, minutes=25, topics=("limits",))
    told = desk.keep.changes(desk.world.staff, version.question)[2]

    name = solution["metadata"]["nbgrader"]["grade_id"]
    assert f"The cell {name} was changed: a part that candidates do not see." in told
    assert any(" points instead of " in line for line in told)
    assert any("One more thing" in line and "was added" in line for line in told)
    assert "more.csv was added." in told
    assert any(line.startswith("Minutes: ") and line.endswith(" → 25.") for line in told)
    assert SECRET not in "".join(told)


# Scores


def _scored(world: World, number: int, share: float, **plan: object) -> str:
    interview = world.interview(candidate_email=f"c{number}@example.org", **plan)
    ended = replace(interview, state=State.SUBMITTED, started_at=world.clock.now(), ended_at=world.clock.now())
    with world.database.write() as records:
        records.save_interview(ended)
        records.save_grade(Grade(interview.id, "first", GradingState.DONE, "graded", share * 4, 4.0))
    return interview.id


def test_under_five_people_nothing_is_said_of_scores(world):
    for number in range(4):
        _scored(world, number, 0.5)
    _scored(world, 0, 1.0)

    assert ReadScores(world.database)(world.staff, "first").all is None


def test_five_people_are_told_of_each_by_their_last_score(world):
    for number, share in enumerate((0.0, 0.25, 0.5, 0.75, 0.5)):
        world.clock.pass_by(minutes=1)
        _scored(world, number, share)
    world.clock.pass_by(minutes=1)
    _scored(world, 4, 1.0)

    found = ReadScores(world.database)(world.staff, "first").all

    assert (found.people, found.mean, found.median) == (5, 0.5, 0.5)
    assert found.bins == (1, 0, 1, 0, 0, 1, 0, 1, 0, 1)


def test_a_score_that_somebody_may_not_see_does_not_count_for_them(world):
    world.member("grace", TeamRole.VIEWER)
    for number in range(4):
        _scored(world, number, 0.5)
    _scored(world, 4, 0.5, viewers=("grace",), interviewers=("ada",))
    ida = world.member("ida", TeamRole.INTERVIEWER)
    read = ReadScores(world.database)

    watched = _scored(world, 5, 0.5, observers=("ida",))

    assert read(world.staff, "first").all.people == 6
    assert read(ida, "first").all is None
    assert watched in {one.id for one in world.browse.asked(ida, "first")}
    with pytest.raises(NotFoundError):
        read(world.member("vic", TeamRole.VIEWER), "first")
    with pytest.raises(NotFoundError):
        read(world.stranger, "first")

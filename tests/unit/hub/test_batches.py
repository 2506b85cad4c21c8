"""Batches: what is uploaded, how it is graded, and who may see and do what."""

import io
import json
from dataclasses import replace

import pytest
from fakes import zipped
from unit.hub.batches import FILES, Batches

from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.batch import GridOrder, GridSearch, RequestState, Show
from assay_hub.domain.errors import BadInputError, ConflictError, NotFoundError, WrongStateError
from assay_hub.domain.handed import Corrections
from assay_hub.domain.marking import Mark, RubricItem
from assay_hub.domain.result import GradingState
from assay_hub.domain.search import AuditSearch
from assay_hub.ports.batches import GraderGoneError
from assay_hub.services.archive import unpack
from assay_hub.services.batch_grade import MAX_ATTEMPTS
from assay_hub.services.batch_upload import NewBatch


@pytest.fixture
def batches(world, tmp_path):
    return Batches(world, tmp_path)


def entries(world, deed):
    with world.database.read() as records:
        return list(records.audit(AuditSearch(deed=deed.value, rows=200)))


def never():
    return False


def test_what_was_uploaded_is_matched_kept_and_graded_once(world, batches):
    batch = batches.graded()

    rows = batches.rows(batch)
    assert sorted(rows) == ["ada", "bob", "cleo"]
    assert sorted(batches.grader.graded) == sorted(
        (name.partition("/")[2].removesuffix(".ipynb"), content) for name, content in FILES.items()
    )
    assert {grade.state for row in rows.values() for grade in row.grades.values()} == {GradingState.DONE}
    assert (rows["ada"].submission.points, rows["ada"].submission.max_points) == (4.0, 10.0)
    (ended,) = entries(world, Deed.BATCH_GRADED)
    assert ended.details == {"batch": batch.id, "graded": 6, "failed": 0, "review": 6}
    assert list((batches.uploads._folder).iterdir()) == []


def test_nothing_is_kept_before_somebody_says_so(world, batches):
    batch = batches.prepared(FILES)

    _, found = batches.upload.match(world.staff, batch.id)

    assert [one.person for one in found.kept] == ["ada", "bob", "cleo"]
    assert world.artefacts.kept == {}
    assert not batches.grade.work(never)
    batches.upload.discard(world.staff, batch.id)
    with pytest.raises(NotFoundError):
        batches.upload.match(world.staff, batch.id)
    assert list((batches.uploads._folder).iterdir()) == []


def test_an_upload_is_kept_once_whatever_is_clicked_twice(world, batches):
    batch = batches.prepared(FILES)
    batches.upload.keep(world.staff, batch.id, Corrections())

    with pytest.raises((NotFoundError, WrongStateError)):
        batches.upload.keep(world.staff, batch.id, Corrections())

    assert len(batches.rows(batch)) == 3


def test_corrections_name_merge_and_leave_out_people(world, batches):
    files = {"ada/first.ipynb": b"1", "ada2/second.ipynb": b"2", "bob/first.ipynb": b"3"}
    batch = batches.prepared(files)
    fixed = Corrections({"ada": ("s1", "Ada", ""), "ada2": ("s1", "Ada", ""), "bob": ("", "", "")})

    batches.upload.keep(world.staff, batch.id, fixed)

    (row,) = batches.rows(batch).values()
    assert (row.submission.person, row.submission.name) == ("s1", "Ada")
    kept = unpack(world.artefacts.get(row.submission.artefact), 1_000)
    assert kept == {"first.ipynb": b"1", "second.ipynb": b"2"}


@pytest.mark.parametrize(
    ("files", "corrections"),
    [
        ({"ada/first.ipynb": b"", "ada/what.ipynb": b""}, Corrections()),
        (FILES, Corrections({"ada": ("s", "x", ""), "bob": ("S", "y", "")})),
        (FILES, Corrections({"ada": ("s", "x", "no address")})),
        ({"ada/notes.txt": b""}, Corrections()),
    ],
)
def test_a_match_that_is_not_clear_is_not_kept(world, batches, files, corrections):
    batch = batches.prepared(files)

    with pytest.raises(BadInputError):
        batches.upload.keep(world.staff, batch.id, corrections)

    assert batches.rows(batch) == {}


def test_somebody_who_left_a_question_out_has_no_points_and_needs_no_review(batches):
    batch = batches.graded({"ada/first.ipynb": b"1"})

    grades = batches.rows(batch)["ada"].grades
    assert (grades["second"].outcome, grades["second"].review) == ("missing", False)
    assert grades["first"].review


def test_data_beside_a_notebook_lies_beside_it_when_it_is_graded(world, batches):
    batch = batches.kept({"hw/ada/ex/first.ipynb": b"1", "hw/ada/ex/data/a.csv": b"a", "hw/bob/ex/first.ipynb": b"2"})

    kept = unpack(world.artefacts.get(batches.one(batch, "ada").artefact), 1_000)

    assert kept == {"first.ipynb": b"1", "data/a.csv": b"a"}


# Grading that is killed, breaks or is overtaken


def test_a_worker_that_died_loses_nothing_and_doubles_nothing(world, batches):
    batch = batches.kept()
    with world.database.write() as records:
        taken = [records.take_batch_grade(batch.id) for _ in range(2)]
    assert all(taken)

    assert batches.grade.resume() == 2
    while batches.grade.work(never):
        pass

    assert len(batches.grader.graded) == 6
    assert all(row.submission.points == 4.0 for row in batches.rows(batch).values())


def test_what_a_worker_that_was_given_up_brings_later_is_thrown_away(world, batches):
    batch = batches.kept({"ada/first.ipynb": b"1"}, questions=("first",))
    with world.database.write() as records:
        late = records.take_batch_grade(batch.id)
    batches.grade.resume()
    while batches.grade.work(never):
        pass

    batches.grade._store(batch, late, replace(late, state=GradingState.DONE, outcome="graded", points=99.0), ())

    assert batches.one(batch, "ada").points == 2.0


def test_one_bad_submission_does_not_stop_the_batch(batches):
    batches.grader.breaks_on = b"bob first"

    batch = batches.graded()

    rows = batches.rows(batch)
    assert (rows["bob"].grades["first"].state, rows["bob"].grades["first"].review) == (GradingState.FAILED, True)
    assert rows["bob"].grades["second"].state is GradingState.DONE
    assert rows["cleo"].submission.points == 4.0


def test_a_sandbox_that_is_away_is_waited_for_and_given_up_at_last(batches):
    batch = batches.kept({"ada/first.ipynb": b"1"}, questions=("first",))
    grade = replace(batches.grade, workers=1)
    batches.grader.gone = 1
    with pytest.raises(GraderGoneError):
        grade.work(never)
    assert batches.rows(batch)["ada"].grades["first"].state is GradingState.QUEUED

    assert grade.work(never)
    assert batches.rows(batch)["ada"].grades["first"].state is GradingState.DONE

    batches.again.again(batches.world.staff, batch.id)
    batches.grader.gone = MAX_ATTEMPTS
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(GraderGoneError):
            grade.work(never)
    assert batches.rows(batch)["ada"].grades["first"].state is GradingState.FAILED


def test_stopping_leaves_the_rest_in_the_queue(batches):
    batch = batches.kept()

    assert not batches.grade.work(lambda: True)

    states = {grade.state for row in batches.rows(batch).values() for grade in row.grades.values()}
    assert states == {GradingState.QUEUED}


def test_grading_again_keeps_what_people_gave(world, batches):
    batch = batches.graded()
    ada = batches.one(batch, "ada")
    batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": Mark(3.0, 0.5, "good")}, reviewed=True)
    batches.grader.points = 1.0

    assert batches.again.again(world.staff, batch.id, ada.id, "first") == 1
    with pytest.raises(WrongStateError):
        batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": Mark(1.0)}, reviewed=True)
    while batches.grade.work(never):
        pass

    work = batches.find.work(world.staff, batch.id, ada.id, "first")
    assert work.grade.points == 1.0 + 3.5
    assert work.cells[1].mark.comment == "good"
    assert batches.again.again(world.staff, batch.id, question="second") == 3


# Grading by hand


def test_points_comments_and_extra_credit_are_given_and_taken_back(world, batches):
    batch = batches.graded()
    ada = batches.one(batch, "ada")
    marks = {"essay": Mark(2.5, 1.0, " well\r\nsaid "), "test": Mark()}

    batches.mark.give(world.staff, batch.id, ada.id, "first", marks, reviewed=True)

    work = batches.find.work(world.staff, batch.id, ada.id, "first")
    assert (work.grade.points, work.grade.waiting, work.grade.review, work.grade.reviewed) == (5.5, 0, False, True)
    assert work.cells[1].mark.comment == "well\nsaid"
    assert batches.one(batch, "ada").points == 7.5
    batches.mark.undo(world.staff, batch.id)
    work = batches.find.work(world.staff, batch.id, ada.id, "first")
    assert (work.grade.points, work.grade.waiting, work.grade.review, work.grade.reviewed) == (2.0, 1, True, False)
    assert batches.one(batch, "ada").points == 4.0
    with pytest.raises(WrongStateError):
        batches.mark.undo(world.staff, batch.id)


def test_an_item_counts_everywhere_it_is_applied_when_it_changes(world, batches):
    batch = batches.graded()
    item = batches.mark.save_item(world.staff, RubricItem("", batch.id, "first", "essay", " clear ", 2.0))
    for name in ("ada", "bob"):
        one = batches.one(batch, name)
        batches.mark.give(world.staff, batch.id, one.id, "first", {"essay": Mark(items=(item.id,))}, reviewed=False)

    def points():
        return {name: row.grades["first"].points for name, row in batches.rows(batch).items()}

    assert points() == {"ada": 4.0, "bob": 4.0, "cleo": 2.0}
    batches.mark.save_item(world.staff, replace(item, points=0.5))
    assert points() == {"ada": 2.5, "bob": 2.5, "cleo": 2.0}
    assert batches.one(batch, "ada").points == 4.5
    batches.mark.remove_item(world.staff, batch.id, item.id)
    assert points() == {"ada": 2.0, "bob": 2.0, "cleo": 2.0}
    assert batches.rows(batch)["ada"].grades["first"].waiting == 1
    batches.mark.undo(world.staff, batch.id)
    batches.mark.undo(world.staff, batch.id)
    assert points() == {"ada": 4.0, "bob": 4.0, "cleo": 2.0}


def test_removing_an_item_stays_undoable_after_other_points_were_given(world, batches):
    batch = batches.graded()
    ada = batches.one(batch, "ada")
    bob = world.team.person("bob")
    item = batches.mark.save_item(world.staff, RubricItem("", batch.id, "first", "essay", "x", 1.0))
    batches.mark.give(bob, batch.id, ada.id, "first", {"essay": Mark(items=(item.id,))}, reviewed=False)
    batches.mark.remove_item(world.staff, batch.id, item.id)
    batches.mark.give(bob, batch.id, ada.id, "first", {"essay": Mark(0.5)}, reviewed=False)

    batches.mark.undo(world.staff, batch.id)

    assert batches.rows(batch)["ada"].grades["first"].points == 3.5


def test_nobody_overwrites_what_somebody_else_gave(world, batches):
    batch = batches.graded()
    ada, bob = batches.one(batch, "ada"), world.team.person("bob")
    batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": Mark(1.0)}, reviewed=False)
    batches.mark.give(bob, batch.id, ada.id, "first", {"essay": Mark(2.0)}, reviewed=False)

    with pytest.raises(ConflictError):
        batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": Mark(3.0)}, reviewed=False, seen="0" * 16)
    with pytest.raises(ConflictError):
        batches.mark.undo(world.staff, batch.id)

    assert batches.rows(batch)["ada"].grades["first"].points == 4.0


@pytest.mark.parametrize(
    "mark",
    [
        Mark(-1.0),
        Mark(3.5),
        Mark(float("nan")),
        Mark(float("inf")),
        Mark(1.0, -0.5),
        Mark(1.0, 1e9),
        Mark(comment="x" * 10_001),
        Mark(comment="\0"),
        Mark(items=("nosuchitem",)),
    ],
)
def test_what_makes_no_sense_is_not_stored(world, batches, mark):
    batch = batches.graded({"ada/first.ipynb": b"1"}, questions=("first",))
    ada = batches.one(batch, "ada")

    with pytest.raises(BadInputError):
        batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": mark}, reviewed=False)

    assert batches.rows(batch)["ada"].grades["first"].waiting == 1


def test_an_item_of_another_cell_or_batch_is_refused(world, batches):
    batch, other = batches.graded(), batches.graded()
    ada = batches.one(batch, "ada")
    elsewhere = batches.mark.save_item(world.staff, RubricItem("", other.id, "first", "essay", "x", 1.0))
    beside = batches.mark.save_item(world.staff, RubricItem("", batch.id, "first", "test", "x", 1.0))

    for item in (elsewhere, beside):
        with pytest.raises(BadInputError):
            batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": Mark(items=(item.id,))}, reviewed=False)
    with pytest.raises(NotFoundError):
        batches.mark.remove_item(world.staff, batch.id, elsewhere.id)


# Going from one to the next


def test_everybody_is_met_once_by_question_and_by_person(world, batches):
    batch = batches.graded()
    staff = world.staff

    for by_person, expected in ((False, 3), (True, 6)):
        at = batches.find.first(staff, batch.id, Show.REVIEW, "" if by_person else "second")
        met = []
        while at:
            met.append(at)
            work = batches.find.work(staff, batch.id, *at, Show.REVIEW, by_person=by_person)
            assert work.before == (met[-2] if len(met) > 1 else None)
            at = work.next
        assert len(set(met)) == len(met) == expected

    assert (work.place, work.of) == (2, 3)


def test_what_is_done_is_not_met_among_what_needs_review(world, batches):
    batch = batches.graded()
    first = batches.find.first(world.staff, batch.id, Show.REVIEW, "first")
    batches.mark.give(world.staff, batch.id, *first, {"essay": Mark(1.0)}, reviewed=True)

    again = batches.find.first(world.staff, batch.id, Show.REVIEW, "first")

    assert again != first
    assert batches.find.after(world.staff, batch.id, *first, Show.REVIEW) == again


def test_the_grid_finds_sorts_and_pages(world, batches):
    files = {f"p{number:02}/first.ipynb": b"x" for number in range(23)}
    batch = batches.graded(files, questions=("first",), people="p07,Zoë Ångström,zoe@example.org\n")
    one = batches.one(batch, "p03")
    batches.mark.give(world.staff, batch.id, one.id, "first", {"essay": Mark(3.0)}, reviewed=True)

    def names(**search):
        found, cursor = [], ""
        while True:
            _, _, page = batches.find.grid(world.staff, batch.id, GridSearch(rows=7, cursor=cursor, **search))
            found += [row.submission.name for row in page.rows]
            cursor = page.next
            if not cursor:
                assert page.found == len(found)
                return found

    everybody = names()
    assert len(set(everybody)) == len(everybody) == 23
    assert names(order=GridOrder.NAME_DOWN) == everybody[::-1]
    assert names(order=GridOrder.POINTS_DOWN)[0] == "p03"
    assert names(text="ZOË ång") == names(text="p07") == ["Zoë Ångström"]
    assert len(names(show=Show.REVIEW)) == 22
    assert names(show=Show.UNGRADED) == names(text="nobody") == []
    with pytest.raises(BadInputError):
        batches.find.grid(world.staff, batch.id, GridSearch(cursor="bm9uZQ"))


# Anonymity


def test_no_name_is_told_while_a_batch_is_anonymous(world, batches):
    batch = batches.graded(anonymous=True, people="ada,Ada Abara,ada@example.org\nbob,Bob,\n")
    staff = world.staff
    batches.again.ask(staff, batch.id, batches.find.first(staff, batch.id, Show.ALL, "")[0], "first", "please")

    told = [
        batches.find.grid(staff, batch.id, GridSearch()),
        batches.find.grid(staff, batch.id, GridSearch(text="ada")),
        list(batches.find.export(staff, batch.id)[1]),
        *(batches.find.work(staff, batch.id, *at, by_person=True) for at in _all_work(batches, batch)),
        batches.find.requests(staff, batch.id),
        entries(world, Deed.BATCH_CHANGED),
        entries(world, Deed.READ_BATCH),
    ]
    shown = "".join(repr(one) for one in told).replace("ran: ada", "").replace("ran: bob", "").replace("ran: cleo", "")

    for secret in ("Abara", "ada@", "bob", "Bob", "cleo"):
        assert secret not in shown, secret
    assert batches.find.grid(staff, batch.id, GridSearch(text="ada"))[2].found == 0


def _all_work(batches, batch):
    at = batches.find.first(batches.world.staff, batch.id, Show.ALL, "")
    while at:
        yield at
        at = batches.find.after(batches.world.staff, batch.id, *at, Show.ALL, by_person=True)


def test_pseudonyms_stay_and_say_nothing(world, batches):
    files = {f"p{number:02}/first.ipynb": b"x" for number in range(30)}
    batch = batches.graded(files, questions=("first",))
    numbers = [row.submission.number for name, row in sorted(batches.rows(batch).items())]

    batches.again.show_names(world.staff, batch.id, anonymous=True)
    _, _, page = batches.find.grid(world.staff, batch.id, GridSearch(text="person 0007"))

    assert sorted(numbers) == list(range(1, 31))
    assert numbers != list(range(1, 31))
    assert [row.submission.name for row in page.rows] == ["Person 0007"]


# Requests


def test_a_request_is_noted_and_answered_once(world, batches):
    batch = batches.graded()
    ada = batches.one(batch, "ada")

    asked = batches.again.ask(world.staff, batch.id, ada.id, "first", "The test is wrong.")
    batches.again.answer(world.staff, batch.id, asked.id, "It was; two points more.")

    ((found, whose),) = batches.find.requests(world.staff, batch.id)[1]
    assert (found.state, found.answer, whose.name) == (RequestState.RESOLVED, "It was; two points more.", "ada")
    with pytest.raises(WrongStateError):
        batches.again.answer(world.staff, batch.id, asked.id, "Once more")
    with pytest.raises(BadInputError):
        batches.again.ask(world.staff, batch.id, ada.id, "first", "  ")


# Access


def test_whoever_may_not_gets_the_answer_of_what_does_not_exist(world, batches):
    batch, waiting = batches.graded(), batches.prepared(FILES)
    ada = batches.one(batch, "ada")
    item = batches.mark.save_item(world.staff, RubricItem("", batch.id, "first", "essay", "x", 1.0))
    asked = batches.again.ask(world.staff, batch.id, ada.id, "first", "why")
    before = json.dumps([repr(batches.rows(batch)), len(world.artefacts.kept)])
    find, mark, again, upload = batches.find, batches.mark, batches.again, batches.upload
    grades = {
        "all": find.all,
        "one": lambda p: find.one(p, batch.id),
        "grid": lambda p: find.grid(p, batch.id, GridSearch()),
        "work": lambda p: find.work(p, batch.id, ada.id, "first"),
        "first": lambda p: find.first(p, batch.id, Show.ALL, ""),
        "after": lambda p: find.after(p, batch.id, ada.id, "first", Show.ALL),
        "handed in": lambda p: find.handed_in(p, batch.id, ada.id, "first"),
        "rubric": lambda p: find.rubric(p, batch.id, "first"),
        "requests": lambda p: find.requests(p, batch.id),
        "give": lambda p: mark.give(p, batch.id, ada.id, "first", {"essay": Mark(1.0)}, reviewed=True),
        "item": lambda p: mark.save_item(p, replace(item, points=5.0)),
        "remove": lambda p: mark.remove_item(p, batch.id, item.id),
        "undo": lambda p: mark.undo(p, batch.id),
        "again": lambda p: again.again(p, batch.id),
        "ask": lambda p: again.ask(p, batch.id, ada.id, "first", "x"),
        "answer": lambda p: again.answer(p, batch.id, asked.id, "x"),
    }
    manages = {
        "export": lambda p: find.export(p, batch.id),
        "names": lambda p: again.show_names(p, batch.id, anonymous=True),
        "prepare": lambda p: upload.prepare(p, NewBatch("Mine", ("first",)), io.BytesIO(zipped(FILES))),
        "match": lambda p: upload.match(p, waiting.id),
        "keep": lambda p: upload.keep(p, waiting.id, Corrections()),
        "read": lambda p: upload.read_as(p, waiting.id, "auto", ""),
        "discard": lambda p: upload.discard(p, waiting.id),
    }
    viewer, reviewer = world.member("vic", TeamRole.VIEWER), world.member("rex", TeamRole.REVIEWER)

    for person, deeds in ((world.stranger, grades | manages), (viewer, grades | manages), (reviewer, manages)):
        for name, deed in deeds.items():
            with pytest.raises(NotFoundError) as refused:
                deed(person)
            assert str(refused.value) == str(NotFoundError()), name

    assert json.dumps([repr(batches.rows(batch)), len(world.artefacts.kept)]) == before


def test_nothing_of_another_batch_is_reached_through_ones_own(world, batches):
    batch, other = batches.graded(), batches.graded()
    theirs = batches.one(other, "ada")
    asked = batches.again.ask(world.staff, other.id, theirs.id, "first", "why")

    for deed in (
        lambda: batches.find.work(world.staff, batch.id, theirs.id, "first"),
        lambda: batches.find.work(world.staff, batch.id, "\0", "first"),
        lambda: batches.find.work(world.staff, batch.id, batches.one(batch, "ada").id, "third"),
        lambda: batches.find.handed_in(world.staff, batch.id, theirs.id, "first"),
        lambda: batches.mark.give(world.staff, batch.id, theirs.id, "first", {}, reviewed=True),
        lambda: batches.again.again(world.staff, batch.id, theirs.id),
        lambda: batches.again.ask(world.staff, batch.id, theirs.id, "first", "x"),
        lambda: batches.again.answer(world.staff, batch.id, asked.id, "x"),
    ):
        with pytest.raises(NotFoundError):
            deed()


def test_every_change_and_every_reading_stands_in_the_audit_log(world, batches):
    batch = batches.graded()
    ada = batches.one(batch, "ada")

    batches.find.grid(world.staff, batch.id, GridSearch())
    batches.find.work(world.staff, batch.id, ada.id, "first")
    batches.find.handed_in(world.staff, batch.id, ada.id, "first")
    batches.find.export(world.staff, batch.id)
    batches.mark.give(world.staff, batch.id, ada.id, "first", {"essay": Mark(1.0)}, reviewed=False)
    batches.mark.undo(world.staff, batch.id)
    batches.again.again(world.staff, batch.id, ada.id, "first")
    batches.again.show_names(world.staff, batch.id, anonymous=True)

    assert len(entries(world, Deed.READ_BATCH)) == 2
    assert len(entries(world, Deed.READ_SUBMISSION)) == 1
    assert entries(world, Deed.EXPORTED)[0].details == {"batch": batch.id}
    assert [bool(entry.details.get("undone")) for entry in entries(world, Deed.BATCH_MARKED)] == [True, False]
    changed = [set(entry.details) - {"batch"} for entry in entries(world, Deed.BATCH_CHANGED)]
    assert changed == [{"anonymous"}, {"submission", "question", "again"}, {"people", "questions"}, {"uploaded"}]

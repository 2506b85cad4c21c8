"""Score cards through pages and the API: kept, locked, and shown to nobody before their own is."""

from collections.abc import Iterator

import pytest
from unit.web.test_api import opened
from unit.web.test_blind import PREFIX, Desk, told

from assay_hub.domain.access import TeamRole
from assay_hub.domain.rubric import LIVE, RECOMMENDATION
from assay_hub.domain.score_card import Score, keys_of
from assay_hub.representations.render import API_PATH

SECRET = "The others must not read this before they lock."  # what a reviewer wrote
SUGGESTED = "s word, for comparison"


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    for service in opened(tmp_path_factory.mktemp("cards")):
        for account, role in (
            ("rea", TeamRole.REVIEWER),
            ("oto", TeamRole.INTERVIEWER),
            ("vic", TeamRole.VIEWER),
            ("cem", TeamRole.REVIEWER),
            ("dee", TeamRole.REVIEWER),
        ):
            service.member(account, role)
        made = Desk(service)
        give(made, "interviewer", 5)
        give(made, "cem", 2, lock=False)
        yield made


def give(desk: Desk, account: str, level: int, *, lock: bool = True) -> None:
    person, cards = desk.app.team.person(account), desk.app.score_cards
    own = cards.open(person, desk.interview.id)
    scores = {
        key: Score(min(level, 4) if key == RECOMMENDATION else level, comment=SECRET) for key in keys_of(own.rubric)
    }
    saved = cards.save(person, desk.interview.id, scores, own.card.revision)
    if lock:
        cards.lock(person, desk.interview.id, saved.revision)


@pytest.mark.parametrize("account", ["rea", "oto"])
def test_nothing_that_can_be_read_shows_another_card_before_the_own_is_locked(desk, account):
    read = 0
    for path in desk.paths():
        answer = desk.ask(account, "GET", path)
        said = told(answer)
        assert SECRET.lower() not in said, path
        assert SUGGESTED.lower() not in said, path
        assert "machine_suggestions" not in said, path
        read += answer.status_code == 200
    assert read > 25
    here = f"interviews/{desk.interview.id}"
    assert desk.ask(account, "GET", f"{API_PATH}/{here}/score-cards").status_code == 409
    assert desk.ask(account, "GET", f"{PREFIX}{here}/debrief.csv").status_code == 409
    assert "lock your own score card" in desk.ask(account, "GET", f"{PREFIX}{here}/debrief").text


def test_nothing_that_can_be_sent_shows_another_card_before_the_own_is_locked(desk):
    here = f"interviews/{desk.interview.id}"
    sent = [
        ("POST", f"{PREFIX}bulk", {"data": {"deed": "download", "id": desk.interview.id}}),
        ("POST", f"{PREFIX}{here}/debrief", {"data": {"criterion": RECOMMENDATION, "level": "4", "why": "so"}}),
        ("POST", f"{PREFIX}{here}/card", {"data": {"action": "lock", "revision": "0"}}),
        (
            "POST",
            f"{API_PATH}/{here}/score-card/changes",
            {"json": {"criterion": RECOMMENDATION, "level": 4, "why": "so"}},
        ),
        ("POST", f"{API_PATH}/{here}/copy", {}),
    ]

    for method, path, body in sent:
        answer = desk.ask("oto", method, path, **body)
        assert SECRET.lower() not in told(answer), path
        assert answer.status_code != 500, path


def test_whoever_gives_no_card_reads_locked_ones_and_never_a_draft(desk):
    here = f"interviews/{desk.interview.id}"

    page = desk.ask("vic", "GET", f"{PREFIX}{here}/debrief").text
    cards = desk.ask("vic", "GET", f"{API_PATH}/{here}/score-cards").json()

    assert SECRET in page
    assert [one["account"] for one in cards["cards"]] == ["interviewer"]
    assert cards["drafts"] >= 1
    assert desk.ask("vic", "GET", f"{PREFIX}{here}/card").status_code == 404


def test_a_card_is_kept_while_it_is_filled_in_and_locked_when_it_is_whole(desk):
    path = f"{PREFIX}interviews/{desk.interview.id}/card"
    rubric = desk.app.score_cards.open(desk.app.team.person("dee"), desk.interview.id).rubric
    half = {"revision": "0", "page": "one", f"level:role/{LIVE[0].id}": "4", f"comment:role/{LIVE[0].id}": "asked"}
    whole = {f"level:{key}": "0" for key in keys_of(rubric)} | half

    kept = desk.ask("dee", "POST", path, data={**half, "action": "keep"})
    again = desk.ask("dee", "POST", path, data={**half, "action": "keep", f"comment:role/{LIVE[0].id}": "asked why"})
    elsewhere = desk.ask("dee", "POST", path, data={**half, "page": "two", "action": "keep"})
    shown = desk.ask("dee", "POST", path, data={**half, "page": "two", "action": "save"})
    early = desk.ask("dee", "POST", path, data={**half, "action": "lock"})
    locked = desk.ask("dee", "POST", path, data={**whole, "action": "lock"})

    assert (kept.status_code, again.status_code, elsewhere.status_code) == (204, 204, 409)
    assert (shown.status_code, 'The other window holds: 4, “<span dir="auto">asked why' in shown.text) == (409, True)
    assert (early.status_code, "or say that it was not observed" in early.text) == (422, True)
    assert (locked.status_code, locked.headers["location"]) == (303, path.replace("/card", "/debrief"))
    assert desk.ask("dee", "GET", path).headers["location"].endswith("/debrief")
    assert SECRET in desk.ask("dee", "GET", path.replace("/card", "/debrief")).text


def test_a_score_is_changed_after_the_debrief_with_a_reason(desk):
    path = f"{PREFIX}interviews/{desk.interview.id}/debrief"
    change = {
        "criterion": "role/testing",
        "level": "3",
        "comment": "seen",
        "why": "The recording shows more.",
        "known": "0",
    }

    silent = desk.ask("interviewer", "POST", path, data={**change, "why": ""})
    done = desk.ask("interviewer", "POST", path, data=change)
    late = desk.ask("interviewer", "POST", path, data={**change, "level": "2"})

    assert (silent.status_code, done.status_code, late.status_code) == (422, 303, 412)
    page = desk.ask("interviewer", "GET", path).text
    assert "First 5" in page
    assert "The recording shows more." in page
    sheet = desk.ask("interviewer", "GET", f"{path}.csv").text
    assert "Testing,5,3,seen" in sheet


def test_the_api_writes_a_card_with_the_version_it_was_made_from(desk):
    path = f"{API_PATH}/interviews/{desk.interview.id}/score-card"
    read = desk.ask("oto", "GET", path)
    body = {"scores": {key: {"level": 3, "moments": ["0:05"]} for key in read.json()["keys"]}}

    def send(method: str, at: str, etag: str | None, **sent):
        return desk.ask_with("oto", method, at, {} if etag is None else {"If-Match": etag}, **sent)

    missing = send("PUT", path, None, json=body)
    saved = send("PUT", path, read.headers["etag"], json=body)
    stale = send("PUT", path, read.headers["etag"], json=body)
    locked = send("POST", f"{path}/lock", saved.headers["etag"])
    again = send("PUT", path, locked.headers["etag"], json=body)
    everything = desk.ask("oto", "GET", f"{path}s")

    assert (missing.status_code, saved.status_code, stale.status_code) == (428, 200, 412)
    assert (locked.status_code, again.status_code, everything.status_code) == (200, 409, 200)
    assert saved.json()["scores"]["role/testing"]["moments"] == ["0:05"]
    assert {"interviewer", "oto"} <= {one["account"] for one in everything.json()["cards"]}


def test_a_roles_rubric_is_edited_on_its_page_and_by_the_api(desk):
    path = f"{PREFIX}roles/{desk.role.id}"
    form = {"name": "Analyst", "minutes": "60", "tags": "", "blind": "1"}
    first = {
        f"rubric-0-{name}": text
        for name, text in (("title", "Care"), ("weight", "2"), ("1", "a"), ("3", "b"), ("5", "c"))
    }

    begun = desk.ask("oto", "POST", path, data={**form, "fill": "written"})
    more = desk.ask("oto", "POST", path, data={**form, **first, "fill": "add"})
    wrong = desk.ask("oto", "POST", path, data={**form, **first, "rubric-0-weight": "many", "rubric-0-3": ""})
    unsaid = desk.ask("oto", "POST", path, data={**form, **first, "rubric-0-3": ""})
    done = desk.ask("oto", "POST", path, data={**form, **first})
    read = desk.ask("oto", "GET", f"{API_PATH}/positions/{desk.role.id}")

    assert "Readability for someone who was not there" in begun.text
    assert 'id="rubric-1-title"' in more.text
    assert (wrong.status_code, "Give the weight as a number." in wrong.text) == (422, True)
    assert (unsaid.status_code, "Say what a 3 looks like." in unsaid.text) == (422, True)
    assert done.status_code == 303
    assert read.json()["rubric"] == [{"id": "care", "title": "Care", "anchors": ["a", "", "b", "", "c"], "weight": 2.0}]
    assert read.json()["blind"] is True


def test_a_roles_agreement_is_read_and_severity_by_admins_alone(desk):
    path = f"positions/{desk.role.id}/agreement"

    by_admin = desk.ask("interviewer", "GET", f"{API_PATH}/{path}")
    by_reviewer = desk.ask("cem", "GET", f"{API_PATH}/{path}")
    page = desk.ask("interviewer", "GET", f"{PREFIX}roles/{desk.role.id}/agreement").text

    assert by_admin.json()["interviews"] == 1
    assert by_admin.json()["criteria"][0]["words"].startswith("Too few to say")
    assert (by_reviewer.json()["interviews"], by_reviewer.json()["severity"]) == (0, [])
    assert desk.ask("vic", "GET", f"{API_PATH}/{path}").status_code == 404
    assert "How severe each reviewer is" in page

"""Bad input from people and programs: a clear answer, nothing lost, nothing half done."""

import json
import re

import pytest
from visitor import Visitor

UNKNOWN = "aaaaaaaaaa"


@pytest.fixture(scope="module")
def staff(installation):
    """The interviewer, signed in without a browser."""
    visitor = Visitor(installation.port)
    assert visitor.get(installation.sign_in_link("interviewer")).status_code == 200
    return visitor


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.json()


@pytest.mark.parametrize("path", ["interviews/{}", "interviews/{}/result", "room/{}", "room/{}/receipt"])
@pytest.mark.parametrize("name", [UNKNOWN, "x", "..%2f..%2fetc", "%00", "a" * 2000])
def test_an_unknown_interview_gives_a_plain_page(installation, staff, path, name):
    answer = staff.get(installation.desk + path.format(name))

    assert answer.status_code == 404
    assert "There is nothing here." in answer.text


def test_a_program_gets_a_problem_document(installation, staff):
    answer = staff.request("GET", f"{installation.desk}interviews/{UNKNOWN}", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert problem(answer)["type"] == "urn:assay:problem:not-found"


@pytest.fixture
def form(installation, staff):
    """Return the address of the first step of a new interview."""
    draft = re.search(r'action="([^"]+)/basics"', staff.get(f"{installation.desk}new").text)[1]
    return f"http://{installation.desk_host}{draft}/basics"


@pytest.mark.parametrize(
    "entered",
    [
        {"title": "", "candidate_name": "Sam", "minutes": "60"},
        {"title": "Talk", "candidate_name": "Sam", "minutes": "a lot"},
        {"title": "Talk", "candidate_name": "Sam", "minutes": "99999999999999999999"},
        {"title": "Talk", "candidate_name": "Sam", "minutes": "60", "position": "no-such-role"},
        {"title": "Talk", "candidate_name": "Sam", "minutes": "60", "time_zone": "../../etc/passwd"},
    ],
)
def test_a_form_that_cannot_be_used_says_why_and_creates_nothing(installation, staff, form, entered):
    before = staff.get(installation.desk).text.count("/room/")
    token = staff.csrf(form)

    staff.post(form, {**entered, "csrf": token})
    answer = staff.post(form.replace("basics", "confirm"), {"csrf": token})

    assert answer.status_code == 422
    assert staff.get(installation.desk).text.count("/room/") == before


@pytest.mark.parametrize("question", ["../../etc/passwd", "no-such-question", ""])
def test_a_question_that_is_not_in_the_library_is_refused(staff, form, question):
    page = form.replace("basics", "questions")

    answer = staff.post(page, {"action": "add", "question": question, "csrf": staff.csrf(page)})

    assert answer.status_code == 422


def test_an_oversized_body_is_refused_with_and_without_a_declared_length(installation, staff, form):
    url = form
    token = staff.csrf(url)

    declared = staff.post(url, {"title": "x" * 1_100_000, "csrf": token})
    streamed = staff.request(
        "POST",
        url,
        headers={
            "Origin": installation.desk.removesuffix("/services/assay/"),
            "X-CSRF-Token": token,
            "Content-Type": "application/x-www-form-urlencoded",
        },
        content=(b"title=" + b"x" * 65536 for _ in range(40)),
    )

    assert declared.status_code == 413
    assert streamed.status_code == 413


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"%", b"=" * 5000, b"&" * 100_000, json.dumps({"a": 1}).encode()])
def test_a_body_that_is_no_form_changes_nothing(installation, staff, form, body):
    url = form.replace("basics", "confirm")
    headers = {
        "Origin": installation.desk.removesuffix("/services/assay/"),
        "X-CSRF-Token": staff.csrf(url),
        "Content-Type": "application/x-www-form-urlencoded",
    }

    answer = staff.request("POST", url, headers=headers, content=body)

    assert answer.status_code in {400, 413, 422}


def test_a_note_that_is_too_long_leaves_the_kept_one_alone(installation, staff):
    room = f"{installation.desk}room/{installation.interview_id}"
    token = staff.csrf(room)
    kept = staff.post(f"{room}/notes", {"text": "kept", "csrf": token})

    refused = staff.post(f"{room}/notes", {"text": "x" * 60_000, "csrf": token})

    assert kept.status_code == 204
    assert refused.status_code == 413
    assert "kept" in staff.get(room).text

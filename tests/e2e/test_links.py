"""Links: a foreign, forged, used, expired or revoked one gives a plain page that tells nothing."""

import pytest
from e2e.conftest import wait_for
from visitor import Visitor

from assay_hub.web.routes import interviews, room

PLAIN = "This link does not work any more."
PASSWORD = "a long and strange password 7"


def open_with_new_visitor(installation, address):
    visitor = Visitor(installation.port)
    return visitor, visitor.get(address)


@pytest.mark.parametrize("token", ["", "x", "a.b", "%00", "%ff", "é", "A" * 3000])
def test_a_forged_link_gives_a_plain_page(installation, token):
    _, answer = open_with_new_visitor(installation, f"{installation.url}/hub/invite?token={token}")

    assert answer.status_code == 403
    assert PLAIN in answer.text
    assert "set-cookie" not in answer.headers


def test_a_staff_link_works_once(installation):
    address = installation.sign_in_link("interviewer")

    _, first = open_with_new_visitor(installation, address)
    _, second = open_with_new_visitor(installation, address)

    assert first.status_code == 200
    assert second.status_code == 403
    assert PLAIN in second.text


def test_a_link_is_not_used_up_by_somebody_who_only_looks_whether_it_is_there(installation):
    address = installation.sign_in_link("interviewer")

    looked = Visitor(installation.port).request("HEAD", address)
    _, opened = open_with_new_visitor(installation, address)

    assert looked.status_code == 200
    assert opened.status_code == 200


def test_a_candidates_link_opens_their_room_and_no_other(installation):
    first, second = installation.new_interview("First"), installation.new_interview("Second")
    candidate, page = open_with_new_visitor(installation, first.link)

    assert page.status_code == 200
    assert "Sam" in page.text
    own = f"interviews/{first.id}"
    for path in (f"room/{second.id}", own, f"{own}/result", f"{own}/result/on-call-shifts", "", "new"):
        assert candidate.get(installation.desk + path).status_code == 404


def test_a_member_of_staff_is_asked_before_a_link_signs_them_out(installation):
    staff, interview = installation.staff(), installation.new_interview("Asked")

    page = staff.get(interview.link)
    forged = staff.post(interview.link, {})
    still = staff.get(installation.desk)
    from_elsewhere = staff.post(interview.link, {"_xsrf": xsrf(page)}, Origin="http://iv-abcdefghij.assay.localhost")
    gone_on = staff.post(interview.link, {"_xsrf": xsrf(page)})
    staff.get(gone_on.headers["location"])

    assert "Go on as Sam?" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert forged.status_code == from_elsewhere.status_code == 403
    assert "Signed in as" in still.text
    assert "Sam" in staff.get(f"{installation.desk}room/{interview.id}").text
    assert staff.get(installation.desk).status_code == 404


def test_a_link_in_an_output_asks_whoever_follows_it(installation):
    interview = installation.new_interview("From an output")
    visitor = Visitor(installation.port)

    page = visitor.request("GET", interview.link, headers={"Sec-Fetch-Site": "same-site"})

    assert "Go on as Sam?" in page.text
    assert not any("hub-login" in cookie for jar in visitor.cookies.values() for cookie in jar)


def test_a_revoked_link_gives_a_plain_page_and_its_session_is_over(installation):
    interview = installation.new_interview("Revoked")
    candidate, page = open_with_new_visitor(installation, interview.link)
    assert page.status_code == 200
    staff = installation.staff()

    installation.revoke(staff, interview.id)

    _, again = open_with_new_visitor(installation, interview.link)
    assert again.status_code == 403
    assert PLAIN in again.text
    room = f"{installation.desk}room/{interview.id}"
    wait_for(lambda: candidate.request("GET", room).status_code == 302, "the end of the session")


@pytest.mark.parametrize("name", ["iv-abcdefghij", "cand-abcdefghij", "assay-agent", "interviewer"])
def test_accounts_that_mean_power_cannot_be_signed_up_or_entered_by_password(installation, name):
    visitor = sign_up(installation, name)

    answer = log_in(visitor, installation, name)

    assert answer.status_code != 302
    assert not any("hub-login" in cookie for jar in visitor.cookies.values() for cookie in jar)


def test_a_name_that_would_be_markup_on_the_page_of_accounts_cannot_be_signed_up(installation):
    sign_up(installation, "eve\x0cautofocus\x0ctabindex=1\x0confocus=alert(1)\x0cx")

    accounts = installation.staff().get(f"{installation.url}/hub/authorize")

    assert "Authorization area" in accounts.text
    assert "onfocus" not in accounts.text


def test_staff_sign_up_are_approved_and_log_in_by_password(installation):
    dana = sign_up(installation, "dana")

    too_early = log_in(dana, installation, "dana")
    approve(installation, "dana", Referer=f"{installation.url}/hub/authorize")
    approved = log_in(dana, installation, "dana")

    assert too_early.status_code == 200
    assert approved.status_code == 302
    assert "Signed in as" in dana.get(installation.desk).text


@pytest.mark.parametrize("page", ["", "http://iv-abcdefghij.{host}/hub/authorize", "{url}/hub/login", "{url}/hub/home"])
def test_no_page_but_that_of_accounts_makes_an_administrator_approve_somebody(installation, page):
    name = f"eve{len(page)}"
    eve = sign_up(installation, name)
    referer = page.format(url=installation.url, host=installation.url.removeprefix("http://"))

    answer = approve(installation, name, **({"Referer": referer} if referer else {}))

    assert answer.status_code == 403
    assert log_in(eve, installation, name).status_code == 200


def sign_up(installation, name):
    visitor = Visitor(installation.port)
    form = {"username": name, "signup_password": PASSWORD, "signup_password_confirmation": PASSWORD}
    visitor.post(f"{installation.url}/hub/signup", {**form, "_xsrf": hub_token(visitor, installation, "signup")})
    return visitor


def approve(installation, name, **headers):
    return installation.staff().request("GET", f"{installation.url}/hub/authorize/{name}", headers=headers)


def hub_token(visitor, installation, page):
    return xsrf(visitor.get(f"{installation.url}/hub/{page}"))


def xsrf(page):
    return page.text.partition('name="_xsrf" value="')[2].partition('"')[0]


def log_in(visitor, installation, name):
    form = {"username": name, "password": PASSWORD, "_xsrf": hub_token(visitor, installation, "login")}
    return visitor.post(f"{installation.url}/hub/login", form)


def test_a_request_with_two_sessions_is_refused(installation):
    staff = installation.staff()
    host = installation.desk_host
    ((name, value),) = [item for item in staff.cookies[host].items() if "assay-session" in item[0]]

    answer = staff.request("GET", installation.desk, headers={"Cookie": f"{name}=planted; {name}={value}"})

    assert answer.status_code == 403
    assert name.startswith("__Host-")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://iv-abcdefghij.assay.localhost"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_change_from_another_origin_is_refused_even_with_the_token(installation, headers):
    staff = installation.staff()
    room = f"{installation.desk}room/{installation.interview_id}"

    answer = staff.post(f"{room}/notes", {"text": "forged", "csrf": staff.csrf(room)}, **headers)

    assert answer.status_code == 403


def test_a_change_without_the_token_is_refused(installation):
    staff = installation.staff()
    room = f"{installation.desk}room/{installation.interview_id}"

    for form in ({"text": "forged"}, {"text": "forged", "csrf": "0" * 64}):
        assert staff.post(f"{room}/notes", form).status_code == 403


def test_the_services_pages_answer_on_their_own_host_only(installation):
    for host in ("assay.localhost", "iv-abcdefghij.assay.localhost", "evil.example"):
        with installation.http(host) as client:
            answer = client.get("/services/assay/")
        assert "Assay" not in answer.text or answer.status_code in {302, 404}
        assert answer.status_code != 200


def test_every_endpoint_needs_a_session(installation):
    visitor = Visitor(installation.port)
    for part in (interviews, room):
        for route in part.router.routes:
            path = route.path.replace("{interview_id}", "aaaaaaaaaa").replace("{question_id}", "q")
            path = path.replace("{link_id}", "l").lstrip("/")
            for method in getattr(route, "methods", None) or ():
                answer = visitor.request(method, installation.desk + path, headers={"Accept": "application/json"})
                assert answer.status_code == 401, (method, path)

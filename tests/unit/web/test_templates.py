"""Every page, rendered from what its route hands over, with hostile text in every place a person can fill."""

import re
from html.parser import HTMLParser

import pytest
from unit.web.samples import CANDIDATE, HOSTILE, PREFIX, STAFF, contexts, page, text_of

from assay_hub.web.pages import COMMON_HEADERS

PAGES = sorted(contexts())


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {key: value or "" for key, value in attrs}))


def elements(name: str, *, isolated: bool = True) -> list[tuple[str, dict[str, str]]]:
    parser = _Elements()
    parser.feed(text_of(name, isolated=isolated))
    return parser.found


@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_never_becomes_an_element_or_an_attribute(name: str):
    found = elements(name)

    scripts = [attributes for tag, attributes in found if tag == "script"]
    script = "room" if name.startswith("room-") else "desk"
    assert scripts == [{"src": f"{PREFIX}static/dist/{script}.js", "defer": ""}]
    assert not [tag for tag, attributes in found if tag == "img" and not attributes["src"].startswith("data:image/png")]
    assert not [key for _, attributes in found for key in attributes if key.startswith("on")]
    assert "49" not in re.findall(r"onerror[^\n]{0,80}", text_of(name))


@pytest.mark.parametrize("name", PAGES)
def test_no_page_needs_an_inline_script_or_style(name: str):
    found = elements(name)

    assert "style" not in {tag for tag, _ in found}
    assert not [attributes for _, attributes in found if "style" in attributes]
    assert not [attributes for _, attributes in found if attributes.get("href", "").startswith("javascript")]


@pytest.mark.parametrize("name", PAGES)
def test_every_form_that_changes_something_carries_the_token_of_the_session(name: str):
    text = text_of(name)
    session = contexts()[name][1]["session"]
    forms = re.findall(r"<form [^>]*method=\"post\".*?</form>", text, re.DOTALL)

    assert len(re.findall(r"<form\b(?![^>]*method=\"get\")", text)) == len(forms)
    for form in forms:
        token = f'<input type="hidden" name="csrf" value="{session.csrf}">' if session else ""
        assert token in form
        assert "csrf" in form or session is None


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique_and_every_reference_names_one(name: str):
    found = elements(name)
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]

    assert len(ids) == len(set(ids))
    for _, attributes in found:
        for key in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            assert set(attributes.get(key, "").split()) <= set(ids)


@pytest.mark.parametrize("name", PAGES)
def test_a_machine_without_isolation_says_so_on_every_page(name: str):
    words = "Workspaces on this machine are not isolated (they are local processes)."

    assert words in text_of(name, isolated=False)
    assert words not in text_of(name)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_leaves_with_the_strict_policy(name: str):
    headers = page(name).headers

    assert "script-src 'self'; style-src 'self';" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    for key, value in COMMON_HEADERS.items():
        assert headers[key] == value


def test_a_rejected_new_interview_keeps_what_was_typed():
    found = elements("new-error")
    fields = {attributes["name"]: attributes for tag, attributes in found if tag == "input" and "name" in attributes}
    checked = [attributes["value"] for tag, attributes in found if tag == "input" and "checked" in attributes]

    assert fields["title"]["value"] == HOSTILE
    assert fields["candidate_name"]["value"] == HOSTILE
    assert fields["minutes"]["value"] == HOSTILE
    assert checked == ["ada"]


def test_a_room_frames_nothing_before_the_workspace_is_ready_and_keeps_the_frame_in_its_sandbox():
    (frame,) = [attributes for tag, attributes in elements("room-candidate") if tag == "iframe"]

    assert "src" not in frame
    assert frame["title"] == "Notebook"
    assert "allow-top-navigation" not in frame["sandbox"]
    assert frame["allow"] == "clipboard-read; clipboard-write"


def test_the_candidate_gets_no_notes_and_cannot_end_or_restart():
    text = text_of("room-candidate")

    assert "textarea" not in text
    assert "/notes" not in text
    assert "/end" not in text
    assert "/restart" not in text
    assert f"{PREFIX}room/abcdefghij/submit" in text


def test_an_observer_gets_notes_and_nothing_that_changes_the_interview():
    text = text_of("room-observer")

    assert "You are watching." in text
    assert "/notes" in text
    for action in ("/end", "/restart", "/submit", "/questions"):
        assert action not in text
    assert "You are watching." not in text_of("room-interviewer")


def test_a_note_that_begins_with_a_line_break_keeps_it():
    text = text_of("room-interviewer", "\nsecond line")

    assert "\n\nsecond line</textarea>" in text


def test_a_verdict_is_said_in_words_beside_its_mark():
    text = text_of("result", "plain")

    for words in ("Passed", "Failed", "Out of time", "A person decides"):
        assert re.search(rf"</svg>\s*{words}", text)
    assert "without a sandbox" in text


def test_only_a_working_link_can_be_revoked():
    text = text_of("details")

    assert text.count("/revoke") == 1
    assert text.count("Revoked") == 1
    assert text.count("Expired") == 1


def test_the_new_link_is_shown_once_in_a_field_that_cannot_be_changed():
    (field,) = [attributes for _, attributes in elements("details-new") if attributes.get("id") == "new-link"]

    assert "readonly" in field
    assert field["value"] == f"http://assay.test/{HOSTILE}"
    assert "new-link" not in text_of("details").replace("assay-new-link", "")


def test_the_way_back_from_a_problem_fits_the_person():
    assert f'href="{PREFIX}"' in text_of("problem")
    assert f'href="{PREFIX}room/abcdefghij"' in text_of("problem-candidate")
    assert STAFF.csrf not in text_of("problem-staff")
    assert CANDIDATE.csrf not in text_of("problem-candidate")

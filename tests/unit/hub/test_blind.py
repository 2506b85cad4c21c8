"""What stands in place of everything that says who a candidate is."""

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes import START
from hypothesis import assume, given
from hypothesis import strategies as st

from assay_hub.domain.audit import Deed, Entry
from assay_hub.domain.blind import hidden, hidden_entry, pseudonym
from assay_hub.domain.interview import Interview, State

ID = "abcdefghij"
BLIND = Interview(
    ID, "Talk", "Sam Meyer", State.LIVE, "ada", START, timedelta(minutes=60), ("ada",), (), candidate_email="s.m@x.org"
)


def title_of(name: str, title: str, email: str = "") -> str:
    return hidden(replace(BLIND, candidate_name=name, title=title, candidate_email=email)).title


def test_a_pseudonym_is_stable_and_another_for_each_interview():
    names = {pseudonym(f"{number:010}") for number in range(200)}

    assert pseudonym(ID) == pseudonym(ID)
    assert len(names) > 190


def test_name_address_notes_and_naming_tags_are_gone():
    told = replace(BLIND, internal_notes="worked at X", tags=("python", "sam", "Round 2"), title="Sam Meyer, analyst")

    seen = hidden(told)

    assert seen.candidate_name == pseudonym(ID)
    assert (seen.candidate_email, seen.internal_notes, seen.tags) == ("", "", ("python", "Round 2"))
    assert seen.title == f"{pseudonym(ID)}, analyst"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("José Núñez", "Talk with JOSE"),
        ("Jose Nunez", "Núñez: second talk"),
        ("Sam Meyer", "sam.meyer's talk"),
        ("Sam Meyer", "Meyer (sam_meyer)"),
        ("Sam Meyer", "mail to s.m@x.org"),
        ("王伟", "王伟面试"),
        ("Straße", "STRASSE"),
        ("Anne-Marie O'Neill", "Talk: Marie"),
    ],
)
def test_a_title_loses_the_name_however_it_is_written(name, title):
    seen = title_of(name, title, "s.m@x.org")

    assert pseudonym(ID) in seen
    for part in (name, *name.replace("-", " ").split(), "s.m@x.org", "meyer"):
        assert folded(part) not in folded(seen)


def test_words_that_only_begin_like_a_name_stay():
    assert title_of("Mark Data", "Marketing database") == "Marketing database"


@given(
    st.text(st.characters(categories=["L", "M"]), min_size=3, max_size=12), st.text(max_size=10), st.text(max_size=10)
)
def test_no_title_has_the_name_after_it_was_hidden(name, before, after):
    assume(len(folded(name)) > 2 and folded(name) not in folded(pseudonym(ID)))

    seen = title_of(name, f"{before} {name} {after}")

    assert folded(name) not in folded(seen.replace(pseudonym(ID), "|"))


def test_a_history_says_what_was_done_and_nothing_of_who():
    details = {
        "candidate_name": ["Sam", "Max"],
        "title": ["a", "b"],
        "to": "s@x.org",
        "duration": [60, 90],
        "number": 1,
    }

    seen = hidden_entry(Entry(START, "ada", Deed.EDITED, ID, details))

    assert seen.details == {"duration": [60, 90], "number": 1}


def folded(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(one))

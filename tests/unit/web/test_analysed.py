"""Words and pictures for growth, and the partial that a report includes."""

from dataclasses import replace

import pytest
from unit.web.analysed import analysed, contexts
from unit.web.samples import HOSTILE, NOW, STAFF, interview

from assay_hub.domain.interview import State
from assay_hub.web.analysis import course_picture, curve_name, growth_picture, growth_words
from assay_hub.web.pages import Pages

GROWTH = replace(analysed("work").growth, why="")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "The lines that run grow like n; twice the input means 2.0 times the lines. Optimised"),
        (
            {"fit": replace(GROWTH.fit, low="n", high="n log n"), "verdict": "as expected"},
            "grow between n and n log n: these sizes do not tell. Optimised: the question expects n log n or better.",
        ),
        ({"fit": replace(GROWTH.fit, low="n^2", high="n^2"), "verdict": "faster growing"}, "like n²; twice the"),
        ({"verdict": "faster growing"}, "Brute force: the question expects n log n."),
        (
            {"verdict": "faster growing", "hidden": True, "seconds_slope": 2.0},
            "4.0 times for twice the input: so built-in",
        ),
        ({"verdict": "undecided", "hidden": True, "seconds_slope": 1.6}, "only the code itself tells more"),
        ({"fit": replace(GROWTH.fit, low="", high=""), "verdict": "undecided"}, "follow none of the curves"),
        ({"fit": replace(GROWTH.fit, low="1", high="1")}, "do not grow with the input"),
        ({"state": "unreliable", "fit": None, "why": "It lied."}, "This figure is not reliable. It lied."),
        ({"state": "not measured", "fit": None, "why": "Too slow."}, "It could not be measured. Too slow."),
    ],
)
def test_growth_is_told_in_words_with_its_uncertainty(changes, words):
    assert words in growth_words(replace(GROWTH, **changes))


def test_curves_are_written_as_people_write_them():
    assert [curve_name(one) for one in ("O(n^2)", "2^n", "1", "n log n", "sure")] == [
        "n²",
        "2ⁿ",
        "constant",
        "n log n",
        "sure",
    ]


def test_pictures_stay_in_their_frame_whatever_the_figures_are():
    flat = replace(GROWTH, points=tuple(replace(one, lines=7) for one in GROWTH.points), through=())
    moments = [replace(one, findings=0) for one in analysed("").moments]

    for picture in (growth_picture(GROWTH), growth_picture(flat), course_picture(moments, "findings")):
        assert all(0 <= left <= picture.width and 0 <= top <= picture.height for left, top in picture.dots)
    assert course_picture(moments, "findings").high == "0"
    assert growth_picture(replace(GROWTH, points=GROWTH.points[:1])) is None
    assert course_picture(moments[:1], "findings") is None


def test_a_report_shows_a_pair_only_after_a_persons_verdict_and_links_to_nobody_elses_work():
    staff = {"session": STAFF}
    _, given = contexts(HOSTILE, NOW, staff, interview(State.SUBMITTED))["analysis"]

    text = Pages("/services/assay/", isolated=True).text("_analysis.html", **given)

    assert "<script>hostile" not in text
    assert text.count("of this code is also in theirs") == 1
    assert "Concerning" in text
    assert "Nobody has looked at it yet" not in text
    assert "/similar/" not in text
    assert "<form" not in text

"""Reports that leave the house: as JSON, and as a sheet in which no cell is a formula."""

import csv
import io
import json
from dataclasses import replace

from unit.web import analysed, scored
from unit.web.report_samples import made
from unit.web.samples import HOSTILE, NOW, grades, interview, submission

from assay_hub.domain.interview import State
from assay_hub.domain.signals import ReviewedSignal, ReviewedSignals, SignalKind, Verdict
from assay_hub.representations.reports import COLUMNS, Beside, report_shown, rows
from assay_hub.web import charts, sheets


def report(text: str = HOSTILE, others: int = 7):
    return made((interview(State.SUBMITTED, text), grades(text), submission()), text, NOW, others)


def test_a_report_as_json_names_its_form_and_what_is_behind_each_percentile():
    body = json.loads(report_shown(report()).model_dump_json())

    assert body["format"] == "assay-report-1"
    assert body["points"] == 1.5
    first, second = body["questions"]
    assert first["active_seconds"] == 900
    assert first["moments"][1] == {
        "what": "first-run",
        "at_seconds": 64,
        "replay": "interviews/abcdefghij/replay?t=64000",
    }
    compared = first["compared"]
    assert len(compared["others"]) == compared["people"] == 7
    assert compared["percentile"] == 100 * (compared["below"] + compared["equal"] / 2) / 7
    assert (second["points"], second["compared"]) == (None, None)
    assert [one["choice"] for one in body["decisions"]] == ["advance", "hold"]


def test_signals_are_in_a_report_with_what_a_person_said_and_without_a_sum():
    said = ReviewedSignal(SignalKind.PASTED, NOW, "Pasted", 4_000, Verdict.EXPLAINED, "her own notes", "Ada", NOW)

    body = json.loads(report_shown(report(), Beside(ReviewedSignals("abcdefghij", (said,)))).model_dump_json())

    assert [(one["verdict"], one["reason"]) for one in body["signals"]] == [("explained", "her own notes")]
    assert body["signals"][0]["replay"] == "interviews/abcdefghij/replay?t=4000"
    assert json.loads(report_shown(report()).model_dump_json())["signals"] is None


def test_score_cards_and_code_are_in_a_report_as_people_and_machines_gave_them():
    held = interview(State.SUBMITTED, HOSTILE)
    cards = scored.contexts(HOSTILE, NOW, {}, held)["debrief"][1]["cards"]
    view = analysed.contexts(HOSTILE, NOW, {}, held)["analysis"][1]["analysis"]
    beside = Beside(None, cards, {one.question.id: one.found for one in view.questions if one.found})

    body = json.loads(report_shown(report(), beside).model_dump_json())
    sheet = list(rows(report(), beside))

    first = body["score_cards"]["cards"][0]
    assert first["changes"][0]["why"] == HOSTILE
    assert body["score_cards"]["machine_suggestions"]
    assert body["code"]
    assert all(one["findings"] or one["problem"] or one["code_lines"] is not None for one in body["code"].values())
    assert {"score", "code"} <= {row[0] for row in sheet}
    assert {len(row) for row in sheet} == {len(COLUMNS)}


def test_a_report_never_quotes_what_a_test_said():
    for text in (report_shown(report()).model_dump_json(), repr(list(rows(report())))):
        assert "expected 3, got 4" not in text
        assert "took more than 10 s" not in text


def test_too_few_others_give_a_count_and_nothing_else():
    active = report_shown(report(others=4)).cohort.active_seconds

    assert (active.people, active.others, active.percentile) == (4, None, None)


def test_a_sheet_has_a_row_for_each_number_and_no_formula():
    found = report("=cmd|' /C calc'!A0")
    found = replace(found, names={})

    text = b"".join(sheets.sheet(COLUMNS, [rows(found)])).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text)))

    assert {len(row) for row in read} == {len(COLUMNS)}
    assert not [cell for row in read for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert ["overall", "", "points", "1.5", "6", "points"] in read
    assert [row[2] for row in read if row[0] == "decision"] == ["advance", "hold"]


def test_dots_of_equal_values_are_stacked_and_lie_inside_the_chart():
    strip = charts.strip([0.5] * 3 + [0, 1, 2], 0.5, 1)

    assert len(set(strip.dots)) == 6
    assert all(0 <= x <= charts.WIDTH and 0 <= y <= strip.height for x, y in strip.dots)
    assert charts.strip([0, 0], 0, 0).own == charts.strip([0], 0, 1).own


def test_the_highest_bar_is_the_longest_count():
    bars = charts.histogram([0, 4, 2, 0, 0, 0, 0, 0, 0, 1])

    assert [bar.count for bar in bars] == [0, 4, 2, 0, 0, 0, 0, 0, 0, 1]
    assert max(bars, key=lambda bar: bar.height).count == 4
    assert bars[2].height == bars[1].height / 2

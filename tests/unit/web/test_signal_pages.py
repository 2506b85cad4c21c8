"""The part of a report that shows signals, and the page of the documentation."""

from dataclasses import replace
from pathlib import Path

from markupsafe import escape
from unit.web import samples

from assay_hub.domain.signals import OF_LEVEL, TOLD, Level, LoggedSignal, Verdict, reviewed

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "signals.md"


def report(logged: tuple[LoggedSignal, ...]) -> str:
    shown = reviewed(samples.ID, logged, {"gone": "Gone"})
    context = {"session": samples.STAFF, "signals": shown, "here": "/services/assay/interviews/x"}
    return samples.render("_signals.html", context).body.decode()


def test_a_report_shows_what_was_judged_with_its_reason_and_a_way_into_the_replay():
    logged = samples.contexts()["signals"][1]["log"].signals

    text = report(logged)

    assert "left the page for 1:10 minutes" in text
    assert "/services/assay/interviews/x/replay?t=61000" in text
    assert str(escape(samples.HOSTILE)) in text
    assert "<script>" not in text
    assert "pasted" not in text  # nobody has judged it


def test_a_report_without_judged_signals_says_so():
    logged = samples.contexts()["signals"][1]["log"].signals
    ignored = replace(logged[0].judgements[-1], verdict=Verdict.IGNORE)

    text = report((replace(logged[0], judgements=(*logged[0].judgements, ignored)), logged[1]))

    assert "no observation" in text
    assert "left the page" not in text


def test_the_documentation_says_which_signals_belong_to_which_level():
    levels = DOCUMENTATION.read_text("utf-8").split("## Levels")[1].split("\n## ")[0]
    light, full = levels.split("**full**")

    for kind, words in TOLD.items():
        assert words in (light if kind in OF_LEVEL[Level.LIGHT] else full), kind

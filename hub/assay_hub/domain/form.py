"""A plan as a form holds it, and back: every field is a list of texts, as it was entered."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from assay_hub.domain.errors import BadInputError
from assay_hub.domain.plan import MAX_LENGTH, MIN_LENGTH, Plan, is_time_zone, local_moment

Form = Mapping[str, list[str]]

TEXTS = (
    "title",
    "candidate_name",
    "candidate_email",
    "position",
    "date",
    "time",
    "time_zone",
    "minutes",
    "tags",
    "internal_notes",
)
"""Fields of one text."""

PEOPLE = ("interviewers", "observers", "viewers")
"""Fields of accounts."""

FIELDS = (*TEXTS, *PEOPLE, "questions", "format")

CODING = "blank-coding"
"""The empty editor that stands in for questions when nobody chose anything."""


def text(form: Form, field: str) -> str:
    """Return the one text of a field, empty if it is missing."""
    values = form.get(field) or [""]
    return values[0]


def form_of(plan: Plan) -> dict[str, list[str]]:
    """Return the form that a plan fills in, with its date and time as they are read in its zone."""
    when = plan.scheduled_at.astimezone(ZoneInfo(plan.time_zone)) if plan.scheduled_at else None
    return {
        "title": [plan.title],
        "candidate_name": [plan.candidate_name],
        "candidate_email": [plan.candidate_email],
        "position": [plan.position],
        "date": [when.strftime("%Y-%m-%d") if when else ""],
        "time": [when.strftime("%H:%M:%S" if when.second else "%H:%M") if when else ""],
        "time_zone": [plan.time_zone],
        "minutes": [minutes_of(plan.duration)],
        "tags": [", ".join(plan.tags)],
        "internal_notes": [plan.internal_notes],
        "interviewers": list(plan.interviewers),
        "observers": list(plan.observers),
        "viewers": list(plan.viewers),
        "questions": list(plan.questions),
        "format": [CODING],
    }


def plan_of(form: Form) -> Plan:
    """Return the plan that a form describes; without questions, its empty editor is the one that is asked.

    Raises:
        BadInputError: something in it cannot be used; ``fields`` says what, by the names of a plan's fields.
    """
    wrong: dict[str, str] = {}
    plan = Plan(
        title=text(form, "title"),
        candidate_name=text(form, "candidate_name"),
        candidate_email=text(form, "candidate_email"),
        position=text(form, "position"),
        time_zone=text(form, "time_zone"),
        internal_notes=text(form, "internal_notes"),
        tags=tags_in(text(form, "tags")),
        interviewers=tuple(form.get("interviewers", ())),
        observers=tuple(form.get("observers", ())),
        viewers=tuple(form.get("viewers", ())),
        questions=tuple(form.get("questions", ())) or (text(form, "format") or CODING,),
    )
    for parse in (_with_moment, _with_duration):
        try:
            plan = parse(plan, form)
        except BadInputError as error:
            wrong.update(error.fields)
    try:
        plan = plan.checked()
    except BadInputError as error:
        wrong = {**error.fields, **wrong}
    if wrong:
        raise BadInputError("Some of this cannot be used.", " ".join(wrong.values()), fields=wrong)
    return plan


def tags_in(entered: str) -> tuple[str, ...]:
    """Return tags that were entered with commas between them, or one in each line."""
    return tuple(tag.strip() for tag in re.split(r"[,\n]", entered) if tag.strip())


def minutes_of(duration: timedelta) -> str:
    """Return a length in minutes, with decimals only if it has some."""
    return f"{duration.total_seconds() / 60:g}"


def _with_moment(plan: Plan, form: Form) -> Plan:
    date, time = text(form, "date").strip(), text(form, "time").strip()
    if not date and not time:
        return plan
    if not is_time_zone(plan.time_zone):
        return plan  # the plan's own check says so
    if not date or not time:
        reason = "Give a date as well." if not date else "Give a time as well."
        raise BadInputError(reason, fields={"scheduled_at": reason})
    return _moved(plan, local_moment(date, time, plan.time_zone))


def _moved(plan: Plan, moment: datetime) -> Plan:
    return replace(plan, scheduled_at=moment)


def _with_duration(plan: Plan, form: Form) -> Plan:
    entered = text(form, "minutes").strip()
    bounds = f"{MIN_LENGTH.total_seconds() / 60:g} to {MAX_LENGTH.total_seconds() / 60:g}"
    reason = f"Give the length in whole minutes, {bounds}."
    if not re.fullmatch(r"[0-9]{1,4}", entered):
        raise BadInputError(reason, fields={"duration": reason})
    return replace(plan, duration=timedelta(minutes=int(entered)))

"""Roles that people are hired for, and templates: what a new interview starts with."""

from dataclasses import dataclass
from datetime import timedelta

from assay_hub.domain.rubric import Criterion
from assay_hub.domain.signals import Level


@dataclass(frozen=True)
class Position:
    """A role that somebody is hired for.

    Attributes:
        questions: ids in the library that an interview for it starts with.
        archived: not offered for new interviews any more; earlier ones keep it.
        signals: how much is observed in interviews that are created for it from now on.
        blind: whether new interviews for it are blind.
        rubric: what they are scored by, beside what their questions bring along; none: what is shipped.
    """

    id: str
    name: str
    questions: tuple[str, ...] = ()
    duration: timedelta = timedelta(minutes=60)
    tags: tuple[str, ...] = ()
    archived: bool = False
    signals: Level = Level.LIGHT
    blind: bool = False
    rubric: tuple[Criterion, ...] = ()


@dataclass(frozen=True)
class Template:
    """What a new interview takes over from an earlier one: all of its plan but the candidate, the time and the people.

    Attributes:
        name: as people choose it.
        position: id of the role; empty for none.
    """

    id: str
    name: str
    title: str
    position: str
    questions: tuple[str, ...]
    duration: timedelta
    tags: tuple[str, ...]
    internal_notes: str

"""How often signals fell on candidates with and without accommodations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assay_hub.domain.accommodation import Accommodation
from assay_hub.domain.cohort import SMALLEST
from assay_hub.domain.signals import Level, SignalKind


@dataclass(frozen=True)
class ObservedInterview:
    """An interview that is over.

    Attributes:
        counts: how many signals of each kind there are.
    """

    level: Level
    accommodation: Accommodation
    counts: Mapping[SignalKind, int]


@dataclass(frozen=True)
class Rate:
    """How often one kind of signal fell on one group, where it was observed.

    Attributes:
        people: candidates on whom it could fall.
        fell_on: those on whom it fell at least once; ``None`` when there are too few people.
        signals: how many there were for each of the people; ``None`` when there are too few.
    """

    people: int
    fell_on: int | None
    signals: float | None


@dataclass(frozen=True)
class RateRow:
    """One kind of signal, in both groups."""

    kind: SignalKind
    without: Rate
    accommodated: Rate


def rates(interviews: Iterable[ObservedInterview]) -> list[RateRow]:
    """Return how often each kind of signal fell on candidates without and with accommodations.

    A candidate counts for a kind only where it was observed. With fewer than five people in a group its figures would
    say more about them than about the signal: they are left out.
    """
    known = list(interviews)
    rows = []
    for kind in SignalKind:
        seen = [one for one in known if kind in one.accommodation.observed(one.level)]
        plain = [one.counts.get(kind, 0) for one in seen if not one.accommodation.given]
        given = [one.counts.get(kind, 0) for one in seen if one.accommodation.given]
        rows.append(RateRow(kind, _rate(plain), _rate(given)))
    return rows


def _rate(counts: list[int]) -> Rate:
    if len(counts) < SMALLEST:
        return Rate(len(counts), None, None)
    return Rate(len(counts), sum(count > 0 for count in counts), sum(counts) / len(counts))

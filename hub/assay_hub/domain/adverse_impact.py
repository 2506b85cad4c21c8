"""The adverse-impact table of a role: how often people of each group were selected, and nothing about one of them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

FOUR_FIFTHS = 0.8

SMALLEST_CELL = 5
"""A group is shown only if so many of it were selected and so many were not: else a count would tell of somebody."""

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Impact:
    """How often people of one group were selected, beside the group that was selected most often.

    Attributes:
        rate: share of the group that was selected.
        ratio: its rate over the highest; ``None`` when nobody was selected at all.
        low: lower end of the 95 % interval of the ratio; ``None`` where it cannot be said.
        high: upper end.
        below: whether the ratio is below four fifths.
        chance: how probable a difference from the highest group is that is at least as unlikely, if there is none
            (two-sided, Fisher's exact test).
    """

    group: str
    people: int
    selected: int
    rate: float
    ratio: float | None
    low: float | None
    high: float | None
    below: bool
    chance: float = 1.0


def impacts(groups: Mapping[str, tuple[int, int]]) -> list[Impact]:
    """Return the four-fifths table, from the highest rate to the lowest.

    The ratio is a group's selection rate over the highest group's: Uniform Guidelines on Employee Selection Procedures,
    29 CFR 1607.4 D. Its interval is that of a ratio of two shares on the logarithmic scale: D. Katz and others,
    Biometrics 34 (1978). Worked examples: Questions and Answers on the Uniform Guidelines (1979); A. Agresti,
    Categorical Data Analysis, the aspirin study.

    Args:
        groups: by name, how many people there are and how many of them were selected.
    """
    counted = {name: found for name, found in groups.items() if found[0] > 0}
    if not counted:
        return []
    by_rate = sorted(counted.items(), key=lambda item: (-item[1][1] / item[1][0], item[0]))
    top_people, top_selected = by_rate[0][1]
    return [_impact(name, people, selected, top_people, top_selected) for name, (people, selected) in by_rate]


def _impact(name: str, people: int, selected: int, top_people: int, top_selected: int) -> Impact:
    rate = selected / people
    if top_selected == 0:
        return Impact(name, people, selected, rate, None, None, None, below=False)
    ratio = rate / (top_selected / top_people)
    low: float | None = None
    high: float | None = None
    if selected:
        error = math.sqrt(1 / selected - 1 / people + 1 / top_selected - 1 / top_people)
        low, high = ratio * math.exp(-_Z * error), ratio * math.exp(_Z * error)
    chance = fisher_exact(selected, people - selected, top_selected, top_people - top_selected)
    return Impact(name, people, selected, rate, ratio, low, high, below=ratio < FOUR_FIFTHS, chance=chance)


def fisher_exact(first: int, second: int, third: int, fourth: int) -> float:
    """Return the two-sided probability of a table of two by two, its rows given first, by Fisher's exact test.

    The sum over all tables with the same margins that are no more probable. Source: R. Fisher, The Design of
    Experiments (1935); worked example: the tea taster, 3 of 4 cups right, 0.486 (A. Agresti, Categorical Data
    Analysis, 3.5.2).
    """
    row, column, total = first + second, first + third, first + second + third + fourth

    def probable(cell: int) -> float:
        return math.comb(column, cell) * math.comb(total - column, row - cell) / math.comb(total, row)

    here = probable(first)
    cells = range(max(0, row + column - total), min(row, column) + 1)
    return min(1.0, sum(one for one in map(probable, cells) if one <= here * (1 + 1e-9)))


@dataclass(frozen=True)
class ImpactTable:
    """What is shown of one item of the questionnaire.

    Attributes:
        item: its id.
        shown: the groups that can be shown.
        hidden: names of the groups that are too small to be shown.
    """

    item: str
    shown: tuple[Impact, ...]
    hidden: tuple[str, ...]


def impact_table(item: str, options: Iterable[str], answers: Iterable[tuple[str, bool]]) -> ImpactTable:
    """Return the table of one item; groups with a small cell are named and not counted.

    Neither totals nor the number of those who did not answer are given: with them, what is hidden could be computed.

    Args:
        item: id of the item.
        options: what can be answered; other answers are left out.
        answers: what each person answered, and whether they were selected.
    """
    counts = {option: [0, 0] for option in options}
    for option, selected in answers:
        if option in counts:
            counts[option][not selected] += 1
    large = {name: cells for name, cells in counts.items() if min(cells) >= SMALLEST_CELL}
    shown = impacts({name: (sum(cells), cells[0]) for name, cells in large.items()})
    return ImpactTable(item, tuple(shown), tuple(name for name in counts if name not in large))

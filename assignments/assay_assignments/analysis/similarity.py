"""Which submissions share code: winnowing over tokens, without what was handed out and what most people write.

Schleimer, Wilkerson and Aiken (2003), Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD. Names count as
one token, so renaming changes nothing; a shared run of ``GRAM + WINDOW - 1`` tokens or more is always noticed.
"""

import keyword
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations

GRAM = 12
WINDOW = 5
FEWEST_TOKENS = 40
"""Less code than this is not compared, and less in common is not told."""

THRESHOLD = 0.5
"""The part of one submission that has to be in the other for the pair to be told."""

MAX_PAIRS = 5_000
MAX_TOKENS = 30_000
_COMMON_PART = 0.6
_COMMON_LEAST = 10
_TRIED = 8

_TOKEN = re.compile(
    r"(?P<comment>\#[^\n]*)"
    r"|(?P<text>[A-Za-z]{0,2}(?:\"\"\"(?:[^\\]|\\.){0,2000}?\"\"\"|'''(?:[^\\]|\\.){0,2000}?'''"
    r"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'))"
    r"|(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>\*\*|//|[-+*/%<>=!]=|->|:=|[^\w\s])",
    re.DOTALL,
)
_KEYWORDS = frozenset({*keyword.kwlist, "print", "range", "len", "sorted"})


@dataclass(frozen=True)
class Prints:
    """The fingerprints of one submission.

    Attributes:
        tokens: cell and line of each token.
        prints: hash to the tokens at which a run of so many with that hash begins.
        own: how many of the tokens are in no run that was handed out.
        words: the tokens themselves, to find where a match ends; not kept.
    """

    tokens: tuple[tuple[int, int], ...]
    prints: Mapping[int, tuple[int, ...]]
    own: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """Lines of one submission that are also in the other: cell and line of the first and of the last one."""

    first: tuple[int, int, int, int]
    second: tuple[int, int, int, int]
    tokens: int


@dataclass(frozen=True)
class Pair:
    """Two submissions with code in common.

    Attributes:
        first: name of one; before ``second`` in their order.
        first_share: part of its own code that is also in the other, up to 1.
    """

    first: str
    second: str
    first_share: float
    second_share: float

    @property
    def share(self) -> float:
        """The larger of both parts."""
        return max(self.first_share, self.second_share)


def prints_of(cells: Iterable[tuple[int, str]], starter: Iterable[str]) -> Prints:
    """Return the fingerprints of a submission.

    Args:
        cells: number and source of each of its own cells.
        starter: the sources that were handed out.
    """
    known = {one for source in starter for one in _hashes([word for word, _ in _tokens(source)])}
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for number, source in cells:
        for word, line in _tokens(source)[: MAX_TOKENS - len(words)]:
            words.append(word)
            places.append((number, line))
    hashes = _hashes(words)
    covered = [False] * len(words)
    for place, one in enumerate(hashes):
        if one in known:
            covered[place : place + GRAM] = [True] * GRAM
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place in _winnowed(hashes):
        if hashes[place] not in known:
            found[hashes[place]].append(place)
    return Prints(
        tuple(places), {one: tuple(where) for one, where in found.items()}, covered.count(False), tuple(words)
    )


def pairs_of(works: Mapping[str, Prints], only: str = "") -> list[Pair]:
    """Return the pairs that have much in common, the most first, at most 5,000.

    What more than ten submissions share, and more than six in ten of all, is how the task is written: it counts for
    no pair.

    Args:
        works: fingerprints by name.
        only: the submission whose pairs are wanted; empty for all.
    """
    shared = _shared(works, only)
    found = [_pair(first, second, works, hashes) for (first, second), hashes in shared.items()]
    told = [one for one in found if one is not None and one.share >= THRESHOLD]
    return sorted(told, key=lambda one: (-one.share, one.first, one.second))[:MAX_PAIRS]


def matches_of(one: Prints, other: Prints) -> tuple[Match, ...]:
    """Return what two submissions have in common, the longest first; each place of the first once."""
    shared = set(one.prints) & set(other.prints)
    runs: list[list[int]] = []
    for place, name in sorted((where, each) for each in shared for where in one.prints[each]):
        if not runs or place >= runs[-1][1]:
            # The same tokens can be in the other more than once: the place that goes on longest is meant.
            tried = [_extended(one.words, other.words, place, again) for again in other.prints[name][:_TRIED]]
            runs.append(max(tried, key=lambda run: run[1] - run[0]))
    matches = [Match(_span(one, *run[:2]), _span(other, *run[2:]), run[1] - run[0]) for run in runs]
    return tuple(sorted(matches, key=lambda match: -match.tokens)[:50])


def _shared(works: Mapping[str, Prints], only: str) -> dict[tuple[str, str], list[int]]:
    """Return the fingerprints that pairs have in common."""
    most = max(_COMMON_LEAST, int(_COMMON_PART * len(works)))
    holders: defaultdict[int, list[str]] = defaultdict(list)
    for name in sorted(works):
        if works[name].own >= FEWEST_TOKENS:
            for one in works[name].prints:
                holders[one].append(name)
    shared: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for one, names in holders.items():
        if len(names) <= most:
            for first, second in combinations(names, 2):
                if only in {"", first, second}:
                    shared[first, second].append(one)
    return shared


def _pair(first: str, second: str, works: Mapping[str, Prints], hashes: Sequence[int]) -> Pair | None:
    one, other = works[first], works[second]
    # Most pairs have so little in common that the rest need not be looked at.
    if max(_most(one, hashes) / one.own, _most(other, hashes) / other.own) < THRESHOLD:
        return None
    covered = len(_covered(one, hashes))
    if covered < FEWEST_TOKENS:
        return None
    return Pair(first, second, min(1.0, covered / one.own), min(1.0, len(_covered(other, hashes)) / other.own))


def _most(prints: Prints, hashes: Iterable[int]) -> int:
    """Return how many tokens these fingerprints can cover at most."""
    return GRAM * sum(len(prints.prints[one]) for one in hashes)


def _covered(prints: Prints, hashes: Iterable[int]) -> set[int]:
    return {token for one in hashes for place in prints.prints[one] for token in range(place, place + GRAM)}


def _extended(one: Sequence[str], other: Sequence[str], place: int, again: int) -> list[int]:
    """Return a run as long as the tokens around it are the same: its beginning and end in both."""
    run = [place, place + GRAM, again, again + GRAM]
    while run[0] and run[2] and one[run[0] - 1] == other[run[2] - 1]:
        run[0], run[2] = run[0] - 1, run[2] - 1
    while run[1] < len(one) and run[3] < len(other) and one[run[1]] == other[run[3]]:
        run[1], run[3] = run[1] + 1, run[3] + 1
    return run


def _span(prints: Prints, start: int, end: int) -> tuple[int, int, int, int]:
    return (*prints.tokens[start], *prints.tokens[min(end, len(prints.tokens)) - 1])


def _tokens(source: str) -> list[tuple[str, int]]:
    """Return the tokens of a source with their lines; comments and blanks are none, names are all alike."""
    found = []
    line, seen = 1, 0
    for one in _TOKEN.finditer(source):
        line, seen = line + source.count("\n", seen, one.start()), one.start()
        if one.lastgroup == "name":
            found.append((one[0] if one[0] in _KEYWORDS else "V", line))
        elif one.lastgroup != "comment":
            found.append(({"text": "S", "number": "N"}.get(str(one.lastgroup), one[0]), line))
    return found


def _hashes(words: Sequence[str]) -> list[int]:
    """Return the hash of each run of so many tokens; the same on every machine and at every time."""
    grams = ("\0".join(words[place : place + GRAM]) for place in range(len(words) - GRAM + 1))
    return [int.from_bytes(blake2b(gram.encode("utf-8", "replace"), digest_size=8).digest()) for gram in grams]


def _winnowed(hashes: Sequence[int]) -> list[int]:
    """Return the places of the least hash of each window, of equal ones the last."""
    chosen: list[int] = []
    for start in range(max(1, len(hashes) - WINDOW + 1)):
        window = range(start, min(start + WINDOW, len(hashes)))
        if not window:
            break
        least = min(window, key=lambda place: (hashes[place], -place))
        if not chosen or chosen[-1] != least:
            chosen.append(least)
    return chosen

"""Winnowing: what is shared is noticed, what was handed out is not, and renaming changes nothing."""

import io
import re

from copydetect import CodeFingerprint, compare_files
from hypothesis import given
from hypothesis import strategies as st

from assay_assignments.analysis.similarity import GRAM, WINDOW, matches_of, pairs_of, prints_of

STARTER = 'def merge_shifts(shifts):\n    """Return what the shifts cover."""\n    raise NotImplementedError\n'
FIRST = """
def merge_shifts(shifts):
    merged = []
    for start, end in sorted(shift for shift in shifts if shift[0] < shift[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
"""
OTHER = """
def merge_shifts(shifts):
    events = []
    for begin, finish in shifts:
        events += [(begin, 1), (finish, -1)]
    events.sort(key=lambda event: (event[0], -event[1]))
    depth, result, since = 0, [], None
    while events:
        moment, change = events.pop(0)
        since = moment if depth == 0 else since
        depth += change
        if depth == 0 and since != moment:
            result.append((since, moment))
    return result
"""
RENAMED = re.sub(r"\bmerged\b", "zusammen", re.sub(r"\bstart\b", "von", FIRST)).replace(
    "    return", "    # mine\n\n    return"
)


def works(**sources):
    return {name: prints_of([(1, source)], [STARTER]) for name, source in sources.items()}


def test_a_renamed_copy_is_a_pair_and_another_solution_is_none():
    found = pairs_of(works(a=FIRST, b=RENAMED, c=OTHER))

    assert [(one.first, one.second) for one in found] == [("a", "b")]
    assert found[0].share > 0.9


def test_it_agrees_with_copydetect_on_what_is_a_copy():
    sources = {"a": FIRST, "b": RENAMED, "c": OTHER}

    theirs = {
        name: CodeFingerprint(f"{name}.py", 25, 6, fp=io.StringIO(source), language="python")
        for name, source in sources.items()
    }
    shares = {pair: max(compare_files(theirs[pair[0]], theirs[pair[1]])[1]) for pair in ("ab", "ac", "bc")}

    assert shares["ab"] > 0.9
    assert max(shares["ac"], shares["bc"]) < 0.5


def test_what_was_handed_out_makes_no_pair():
    long = STARTER + "\n".join(f"table_{one} = load('{one}', {one}, strict=True)[{one}:]" for one in range(30))

    mine, theirs = (prints_of([(1, long + f"\nresult = {end}")], [long]) for end in ("1", "[2, 3]"))

    assert pairs_of({"a": mine, "b": theirs}) == []
    assert pairs_of({"a": prints_of([(1, long)], []), "b": prints_of([(1, long)], [])}) != []


def test_a_few_lines_in_common_are_no_pair():
    assert pairs_of(works(a="x = [one for one in range(10)]", b="x = [one for one in range(10)]")) == []


def test_what_most_people_write_counts_for_no_pair():
    many = {f"w{one:02}": FIRST for one in range(20)}

    assert pairs_of(works(**many)) == []
    assert len(pairs_of(works(**dict(list(many.items())[:10])))) == 45


def test_a_match_names_the_lines_of_both():
    moved = "import math\n\n\nprint(math.pi)\n" + RENAMED

    (match, *_) = matches_of(*works(a=FIRST, b=moved).values())

    assert match.first[:2] == (1, 2)
    assert match.second[:2] == (1, 6)
    assert match.first[2:] == (1, 9)


def test_only_the_pairs_of_one_work_are_given_when_asked_for():
    found = works(a=FIRST, b=RENAMED, c=FIRST, d=OTHER)

    assert {(one.first, one.second) for one in pairs_of(found, "b")} == {("a", "b"), ("b", "c")}


WORDS = st.lists(st.sampled_from(["x", "1", "+", "(", ")", "if", "else", ":", "[", "]", "=", "'s'"]), max_size=60)


@given(WORDS, WORDS, WORDS, st.randoms())
def test_a_shared_run_that_is_long_enough_is_always_noticed(before, after, between, chance):
    shared = [chance.choice(["x", "1", "+", "(", "if", "=", "for", "return"]) for _ in range(GRAM + WINDOW - 1)]
    one, other = (" ".join([*head, *shared, *tail]) for head, tail in ((before, after), (between, before)))

    found = [prints_of([(1, source)], []) for source in (one, other)]

    assert set(found[0].prints) & set(found[1].prints)


@given(st.text(alphabet="'\"\\#\n abc(1)", max_size=200))
def test_any_text_has_fingerprints_whose_tokens_are_in_it(source):
    found = prints_of([(3, source)], [source[:50]])

    assert all(cell == 3 and 1 <= line <= source.count("\n") + 1 for cell, line in found.tokens)
    assert 0 <= found.own <= len(found.tokens)


def test_the_same_code_has_the_same_fingerprints_at_all_times():
    assert min(prints_of([(1, FIRST)], []).prints) == 83543425396568136

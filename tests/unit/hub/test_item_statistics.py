"""Difficulty and discrimination of questions, against published worked examples."""

import pytest

from assay_hub.domain.cohort import TooFewError
from assay_hub.domain.item_statistics import correlation_interval, item_statistics

ATTITUDE = {
    "rating": "43 63 71 61 81 43 58 71 72 67 64 67 69 68 77 81 74 65 65 50 50 64 53 40 63 66 78 48 85 82",
    "complaints": "51 64 70 63 78 55 67 75 82 61 53 60 62 83 77 90 85 60 70 58 40 61 66 37 54 77 75 57 85 82",
    "privileges": "30 51 68 45 56 49 42 50 72 45 53 47 57 83 54 50 64 65 46 68 33 52 52 42 42 66 58 44 71 39",
    "learning": "39 54 69 47 66 44 56 55 67 47 58 39 42 45 72 72 69 75 57 54 34 62 50 58 48 63 74 45 71 59",
    "raises": "61 63 76 54 71 54 66 70 71 62 58 59 55 59 79 60 79 55 75 64 43 66 63 50 66 88 80 51 77 64",
    "critical": "92 73 86 84 83 49 68 66 83 80 67 74 63 77 77 54 79 80 85 78 64 80 80 57 75 76 78 83 74 78",
    "advance": "45 47 48 35 47 34 35 41 31 41 34 41 25 35 46 36 63 60 46 52 33 41 37 49 33 72 49 38 55 39",
}
"""S. Chatterjee and B. Price, Regression Analysis by Example (1977); the data set ``attitude`` of R."""

PUBLISHED = {
    "rating": 0.67,
    "complaints": 0.74,
    "privileges": 0.56,
    "learning": 0.71,
    "raises": 0.79,
    "critical": 0.27,
    "advance": 0.46,
}
"""Column ``r.drop`` of ``alpha(attitude)`` in the manual of the R package psych (W. Revelle)."""


@pytest.mark.parametrize("item", PUBLISHED)
def test_discrimination_is_that_of_the_worked_example(item):
    columns = {name: [int(one) for one in text.split()] for name, text in ATTITUDE.items()}
    rest = [sum(row) for row in zip(*(column for name, column in columns.items() if name != item), strict=True)]

    found = item_statistics([one / 100 for one in columns[item]], rest)

    assert found.people == 30
    assert found.discrimination == pytest.approx(PUBLISHED[item], abs=0.005)
    assert found.low < found.discrimination < found.high


def test_the_interval_of_a_correlation_is_that_of_the_worked_example():
    assert correlation_interval(0.45, 28) == (pytest.approx(0.093, abs=0.0006), pytest.approx(0.705, abs=0.0006))
    assert correlation_interval(1, 10) == (1, 1)


def test_a_question_that_goes_with_the_rest_discriminates():
    shares, rest = [0, 0, 0.5, 1, 1], [0.1, 0.2, 0.5, 0.8, 0.9]

    found = item_statistics(shares, rest)

    assert found.difficulty == 0.5
    assert found.discrimination == pytest.approx(0.990, abs=0.01)
    assert item_statistics([1] * 5, rest).discrimination is None


def test_fewer_than_five_people_give_no_statistics():
    with pytest.raises(TooFewError):
        item_statistics([1, 0, 1, 0], [1, 0, 1, 0])

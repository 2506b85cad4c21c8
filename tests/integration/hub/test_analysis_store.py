"""Analyses and similar pairs on SQLite and on PostgreSQL: the same queue, nothing twice, verdicts kept."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from unit.hub.analyses import SHARED, Analyses, notebook
from unit.hub.batches import Batches
from world import World

from assay_hub.domain.analysis import AnalysisState
from assay_hub.domain.similarity import Verdict


@pytest.fixture
def world(database, tmp_path):
    (tmp_path / "world").mkdir()
    made = World(tmp_path / "world")
    own = made.database
    # Every use case holds the store that it was given; give all of them the one under test.
    for part in (made, *(one for one in vars(made).values() if hasattr(one, "database"))):
        object.__setattr__(part, "database", database)
    for account in ("root", "ada"):
        made.team.person(account)
    yield made
    own.close()


def test_the_queue_and_the_pairs_do_the_same_on_both_engines(world):
    analyses = Analyses(world)
    first, second = analyses.handed_in(), analyses.handed_in()

    with ThreadPoolExecutor(2) as pool:
        worked = [one.result() for one in [pool.submit(analyses.all) for _ in range(2)]]
    (pair,) = analyses.of(first).questions[0].pairs
    analyses.compare.decide(world.staff, pair.pair.id, "concerning", "The same words 漢")
    analyses.analyse.again(world.staff, second.id)
    with world.database.write() as records:
        records.take_analysis()
    again = (analyses.analyse.resume(), analyses.all())

    (kept,) = analyses.of(second).questions[0].pairs
    assert sum(worked) == 2
    assert again == (1, 1)
    assert analyses.of(second).questions[0].analysis.state is AnalysisState.DONE
    assert (kept.pair.verdict, kept.pair.reason) == (Verdict.CONCERNING, "The same words 漢")


def test_a_search_in_a_batch_does_the_same_on_both_engines(world, tmp_path):
    batch = Batches(world, tmp_path).kept({f"p{one}/first.ipynb": notebook(SHARED) for one in range(3)})
    compare = Analyses(world).compare

    for _ in range(2):
        compare.search(world.staff, batch.id, "first")
        assert compare.work()

    found = compare.in_batch(world.staff, batch.id, "first")
    assert (len(found.pairs), found.search.works, len(found.groups)) == (3, 3, 1)

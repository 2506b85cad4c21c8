"""Batches: what is uploaded, how it is graded, and who may see and do what."""

import pytest
from unit.hub.batches import FILES, Batches

from assay_hub.domain.audit import Deed
from assay_hub.domain.result import GradingState
from assay_hub.domain.search import AuditSearch


@pytest.fixture
def batches(world, tmp_path):
    return Batches(world, tmp_path)


def entries(world, deed):
    with world.database.read() as records:
        return list(records.audit(AuditSearch(deed=deed.value, rows=200)))


def test_what_was_uploaded_is_matched_kept_and_graded_once(world, batches):
    batch = batches.graded()

    rows = batches.rows(batch)
    assert sorted(rows) == ["ada", "bob", "cleo"]
    assert sorted(batches.grader.graded) == sorted(
        (name.partition("/")[2].removesuffix(".ipynb"), content) for name, content in FILES.items()
    )
    assert {grade.state for row in rows.values() for grade in row.grades.values()} == {GradingState.DONE}
    assert (rows["ada"].submission.points, rows["ada"].submission.max_points) == (4.0, 10.0)
    (ended,) = entries(world, Deed.BATCH_GRADED)
    assert ended.details == {"batch": batch.id, "graded": 6, "failed": 0, "review": 6}
    assert list((batches.uploads._folder).iterdir()) == []

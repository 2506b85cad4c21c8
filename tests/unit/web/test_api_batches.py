"""Batches through the API."""

import io
import zipfile

import pytest
from unit.web.test_api import READ, Service

from assay_hub.domain.access import TeamRole
from assay_hub.domain.audit import Deed
from assay_hub.domain.handed import Corrections
from assay_hub.domain.search import AuditSearch
from assay_hub.services.batch_upload import NewBatch


@pytest.fixture
def service(tmp_path):
    made = Service(tmp_path)
    yield made
    made.application.database.close()


@pytest.fixture
def batch(service):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(5):
            archive.writestr(f"p{number}/sensor-pipeline.ipynb", b"{}")
    uploads = service.application.upload_batches
    new = NewBatch("Exercise", ("sensor-pipeline",), people="p1,Ada Abara,ada@example.org\n")
    held = uploads.prepare(service.admin, new, io.BytesIO(packed.getvalue()))
    return uploads.keep(service.admin, held.id, Corrections())


def test_batches_are_listed_and_read(service, batch):
    (one,) = service.ask("GET", "/batches").json()["items"]

    assert (one["id"], one["people"], one["queued"], one["anonymous"]) == (batch.id, 5, 5, False)
    assert service.ask("GET", f"/batches/{batch.id}").json() == one


def test_people_come_page_by_page(service, batch):
    path = f"/batches/{batch.id}/people?limit=2"
    found = []
    while path:
        answer = service.ask("GET", path)
        found += [one["person"] for one in answer.json()["items"]]
        after = answer.json()["next"]
        assert ("link" in answer.headers) == bool(after)
        path = f"/batches/{batch.id}/people?limit=2&cursor={after}" if after else ""

    assert sorted(found) == ["p0", "p1", "p2", "p3", "p4"]
    (ada,) = service.ask("GET", f"/batches/{batch.id}/people?q=abara").json()["items"]
    assert (ada["name"], ada["email"], ada["grades"][0]["state"]) == ("Ada Abara", "ada@example.org", "queued")
    assert service.ask("GET", f"/batches/{batch.id}/people?question=none").status_code == 422
    assert service.ask("GET", f"/batches/{batch.id}/people?cursor=bm9uZQ").status_code == 422


def test_an_anonymous_batch_tells_no_name_and_its_export_is_logged(service, batch):
    service.application.regrade_batches.show_names(service.admin, batch.id, anonymous=True)

    answer = service.ask("GET", f"/batches/{batch.id}/export")

    assert len(answer.json()["people"]) == 5
    assert not [word for word in ("Ada", "ada@", '"p1"') if word in answer.text]
    with service.application.database.read() as records:
        assert len(records.audit(AuditSearch(deed=Deed.EXPORTED.value))) == 1


def test_whoever_may_not_gets_the_answer_of_what_does_not_exist(service, batch):
    viewer = service.member("vic", TeamRole.VIEWER)
    reviewer = service.member("rex", TeamRole.REVIEWER)
    nothing = service.ask("GET", "/batches/aaaaaaaaaa")

    for path in ("", f"/{batch.id}", f"/{batch.id}/people", f"/{batch.id}/export"):
        refused = service.ask("GET", f"/batches{path}", viewer)
        assert (refused.status_code, refused.text) == (404, nothing.text)
        assert service.ask("GET", f"/batches{path}", "").status_code == 401
    assert service.ask("GET", f"/batches/{batch.id}", reviewer).status_code == 200
    assert service.ask("GET", f"/batches/{batch.id}/export", reviewer).status_code == 404
    assert service.ask("GET", f"/batches/{batch.id}", service.hub.token("interviewer", READ)).status_code == 403

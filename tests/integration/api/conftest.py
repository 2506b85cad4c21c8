"""A whole Assay with workspaces as local processes, and tokens as its own hub gives them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from e2e.conftest import Installation, run
from sharing import Shared
from visitor import Visitor

from assay_hub.representations.render import API_PATH

ACCESS = "access:services!service=assay"
READ, WRITE, ADMIN = "custom:assay:read", "custom:assay:write", "custom:assay:admin"


class Desk(Installation):
    """An installation that other systems call."""

    def _clean(self) -> None:
        """Nothing outlives this hub: there are no containers."""

    def hub(self, visitor: Visitor, method: str, path: str, **request: Any) -> httpx.Response:
        """Call the hub's own API as its pages do, with somebody's session."""
        visitor.get(f"{self.url}/hub/token")
        xsrf = visitor.cookies[f"assay.localhost:{self.port}"]
        token = next(value for name, value in xsrf.items() if "_xsrf" in name)
        headers = {"Accept": "application/json", "X-XSRFToken": token, "Referer": f"{self.url}/hub/token"}
        return visitor.request(method, f"{self.url}/hub/api{path}", headers=headers, **request)

    def new_token(self, visitor: Visitor, account: str, *scopes: str, **request: Any) -> dict[str, Any]:
        """Ask the hub for a token, as the page for tokens does."""
        answer = self.hub(visitor, "POST", f"/users/{account}/tokens", json={"scopes": list(scopes), **request})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def call(self, method: str, path: str, token: str, scheme: str = "Bearer", **request: Any) -> httpx.Response:
        """Call our API with a token."""
        headers = {"Authorization": f"{scheme} {token}", **request.pop("headers", {})}
        with self.http("desk.assay.localhost") as client:
            return client.request(method, API_PATH + path, headers=headers, **request)


_shared: Shared[Desk] = Shared(__file__)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    _shared.after(nextitem)


def pytest_sessionfinish() -> None:
    _shared.end()


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Desk:
    return _shared.get(lambda: run(Desk(tmp_path_factory.mktemp("assay"), ASSAY_WORKSPACE__ENGINE="process")))


@pytest.fixture(scope="module")
def staff(desk) -> Visitor:
    return desk.staff()


@pytest.fixture(scope="module")
def token(desk, staff) -> Callable[..., str]:
    """Return a new token of the interviewer with these scopes."""
    return lambda *scopes, **request: desk.new_token(staff, "interviewer", *scopes, **request)["token"]

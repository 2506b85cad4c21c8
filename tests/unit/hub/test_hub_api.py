"""Calls to the hub's API, answered by what a hub would say."""

import httpx

from assay_hub.adapters.hub_api import JupyterHubApi


def test_a_workspace_that_was_started_again_meanwhile_has_been_stopped():
    hub = JupyterHubApi("http://hub/api", "token")
    starts = iter(["before", "before", "before", "after"])
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if request.method == "DELETE":
            return httpx.Response(202)
        return httpx.Response(200, json={"servers": {"": {"started": next(starts)}}})

    hub._client = httpx.Client(base_url="http://hub/api", transport=httpx.MockTransport(answer))

    hub.stop_workspace("iv-abcdefghij")

    assert asked == ["GET", "DELETE", "GET", "GET", "GET"]

"""Calls to the extension inside a running workspace, through the proxy, with a token good for that workspace only.

Whatever comes back was made by code that a candidate may have changed: sizes are bounded while reading, and nothing is
believed beyond its form.
"""

from collections.abc import Callable

import httpx

from assay_hub.domain.errors import TooLargeError, WorkspaceUnreachableError
from assay_hub.ports import Snapshot
from assay_protocol import routes
from assay_protocol.manifest import Manifest

ANSWER_BYTES = 1_000_000


class ProxiedWorkspaces:
    """The running workspaces.

    Args:
        proxy: address of the proxy on loopback, ``http://127.0.0.1:8000``.
        host_of: the public host name of a workspace account; the proxy routes by it.
        token_of: a token that is good for this one workspace.
    """

    def __init__(self, proxy: str, host_of: Callable[[str], str], token_of: Callable[[str], str]) -> None:
        self._client = httpx.Client(base_url=proxy, timeout=httpx.Timeout(30, connect=5))
        self._proxy = proxy
        self._host_of = host_of
        self._token_of = token_of

    def url(self, account: str, route: str) -> str:
        """Return the address of a route for those who stream by themselves."""
        return f"{self._proxy}/user/{account}/{route}"

    def headers(self, account: str) -> dict[str, str]:
        """Return the headers with which the proxy finds the workspace and the workspace knows the service."""
        return {"Host": self._host_of(account), "Authorization": f"token {self._token_of(account)}"}

    def put_manifest(self, account: str, manifest: Manifest) -> None:
        """Tell a workspace its people and files."""
        self._call("PUT", account, routes.MANIFEST, content=manifest.to_json())

    def snapshot(self, account: str, max_bytes: int) -> Snapshot:
        """Flush the shared documents and take a snapshot.

        Raises:
            TooLargeError: the files are larger than ``max_bytes`` together.
        """
        # A zip file is never larger than its content by more than its directory.
        bound = max_bytes + ANSWER_BYTES
        answer, body = self._call("POST", account, routes.SNAPSHOT, params={"max_bytes": str(max_bytes)}, bound=bound)
        seq = answer.headers.get("assay-seq", "")
        return Snapshot(body, int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 16 else 0)  # noqa: PLR2004

    def disconnect(self, account: str, person: str) -> None:
        """Close the person's connections and refuse new ones."""
        self._call("POST", account, routes.DISCONNECT, json={"account": person})

    def _call(
        self,
        method: str,
        account: str,
        route: str,
        *,
        bound: int = ANSWER_BYTES,
        content: bytes | None = None,
        json: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
    ) -> tuple[httpx.Response, bytes]:
        request = self._client.build_request(
            method, f"/user/{account}/{route}", headers=self.headers(account), content=content, json=json, params=params
        )
        body = bytearray()
        try:
            answer = self._client.send(request, stream=True)
            try:
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > bound:
                        raise TooLargeError(
                            "The workspace sends more than is accepted.", f"The bound is {bound} bytes."
                        )
            finally:
                answer.close()
        except httpx.HTTPError as error:
            raise WorkspaceUnreachableError("The workspace does not answer.", type(error).__name__) from error
        if answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            raise TooLargeError("The files in the workspace are too large to hand in.", _detail(bytes(body)))
        if not answer.is_success:
            raise WorkspaceUnreachableError("The workspace refuses.", f"{answer.status_code} {_detail(bytes(body))}")
        return answer, bytes(body)


def _detail(body: bytes) -> str:
    """Return what a problem document says, as text of at most 500 characters."""
    try:
        problem = httpx.Response(200, content=body).json()
    except ValueError:
        return ""
    detail = problem.get("detail", "") if isinstance(problem, dict) else ""
    return str(detail)[:500]

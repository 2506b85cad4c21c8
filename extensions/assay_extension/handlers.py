"""The routes of ``assay_protocol.routes``, and the identity that pages see."""

import asyncio
import json
import time
from hashlib import sha256
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.services.api.handlers import IdentityHandler
from tornado import web
from tornado.iostream import StreamClosedError

from assay_protocol import problem, routes
from assay_protocol.manifest import BadManifestError, Manifest
from assay_protocol.recording import MAX_EVENTS, Kind

from .access import AGENT_RESOURCE, PAGE_RESOURCE
from .browser_events import BadBatchError, Rate, read_batch
from .people import identity
from .placing import Placing
from .snapshot import SnapshotTooLargeError
from .workspace import workspace_of

DEFAULT_SNAPSHOT_BYTES = 64 * 1024 * 1024
YIELD_SECONDS = 0.05
"""How long an event waits before it leaves, so that what somebody types reaches the other people first."""


class ProblemError(web.HTTPError):
    """An error that is answered as a problem document."""

    def __init__(self, details: problem.Problem) -> None:
        super().__init__(details.status, details.title)
        self.problem = details


def _problem(error: BaseException | None, status: int) -> problem.Problem:
    if isinstance(error, ProblemError):
        return error.problem
    names = {401: "not-authenticated", 403: "not-allowed", 404: "not-found", 405: "wrong-method"}
    title = {403: "This account may not do that here.", 404: "There is no such address."}
    return problem.Problem(status, names.get(status, "workspace-error"), title.get(status, "The request failed."))


class AssayHandler(APIHandler):
    """A route of the extension; its errors are problem documents."""

    auth_resource = AGENT_RESOURCE

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with a problem document."""
        error = (kwargs.get("exc_info") or (None, None))[1]
        details = _problem(error, status_code)
        self.finish(json.dumps(details.to_dict()), set_content_type=problem.MEDIA_TYPE)


class ClosedHandler(JupyterHandler):
    """Answers for every address that is not open: there is no such address, whoever asks."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Answer before anything of the request is looked at."""
        self.set_status(404)
        self.set_header("Content-Type", problem.MEDIA_TYPE)
        self.finish(json.dumps(_problem(None, 404).to_dict()))


class StatusHandler(AssayHandler):
    """What this workspace is doing."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the status."""
        workspace = workspace_of(self)
        body = {
            "interview": workspace.people.interview,
            "seq": workspace.recorder.seq,
            "documents": sorted(workspace.documents.values()),
            "kernels": len(self.kernel_manager.list_kernel_ids()),
            "people": workspace.pages.accounts,
        }
        self.finish(json.dumps(body))


class ManifestHandler(AssayHandler):
    """Takes the manifest."""

    def initialize(self, placing: Placing) -> None:
        """Take what places the files."""
        self._placing = placing

    @web.authenticated
    @authorized
    async def put(self) -> None:
        """Place what is new and take over the participants."""
        try:
            manifest = Manifest.from_json(self.request.body)
        except BadManifestError as error:
            raise ProblemError(
                problem.Problem(400, "bad-manifest", "The manifest cannot be read.", str(error))
            ) from error
        workspace = workspace_of(self)
        if workspace.people.interview not in {"", manifest.interview}:
            raise ProblemError(problem.Problem(409, "other-interview", "This workspace belongs to another interview."))
        try:
            result = self._placing.place(manifest.files)
        except OSError as error:
            raise ProblemError(
                problem.Problem(507, "cannot-place-files", "The files could not be placed.", error.strerror or "")
            ) from error
        workspace.unreported = manifest.unreported
        for account in workspace.people.replace(manifest.interview, manifest.participants):
            workspace.close(account)
        self.finish(json.dumps({"placed": result.placed, "kept": result.kept}))


class RecordingHandler(AssayHandler):
    """Streams the recording, and lets it go on after what only the service still has."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Go on after the event that the body names."""
        after = (self.get_json_body() or {}).get("after")
        if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < MAX_EVENTS:
            raise ProblemError(problem.Problem(400, "bad-position", "There can be no such event."))
        recorder = workspace_of(self).recorder
        recorder.go_on_after(after)
        self.finish({"seq": recorder.seq})

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer every event after ``?after=SEQ``, then each as it happens, without end."""
        recorder = workspace_of(self).recorder
        after = self.get_query_argument("after", "0")
        if not after.isdecimal() or int(after) > recorder.seq:
            detail = f"The recording ends at {recorder.seq}."
            raise ProblemError(problem.Problem(400, "bad-position", "There is no such event.", detail))
        self.set_header("Content-Type", "application/x-ndjson")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        place = recorder.place_after(int(after))
        try:
            await self.flush()
            while not recorder.closed:
                chunk = recorder.read(place)
                if not chunk and await recorder.grown(place, routes.HEARTBEAT_SECONDS / 2):
                    await asyncio.sleep(YIELD_SECONDS)
                    continue
                self.write(chunk or b"\n")
                await self.flush()
                place += len(chunk)
        except StreamClosedError:
            return


class SnapshotHandler(AssayHandler):
    """Takes snapshots."""

    def initialize(self, snapshot: Any) -> None:
        """Take ``snapshot(max_bytes)``, a coroutine function that returns the zip."""
        self._snapshot = snapshot

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Answer a zip of the candidate's work as it is now."""
        text = self.get_query_argument("max_bytes", str(DEFAULT_SNAPSHOT_BYTES))
        if not text.isdecimal():
            raise ProblemError(problem.Problem(400, "bad-bound", "max_bytes is not a number of bytes."))
        recorder = workspace_of(self).recorder
        try:
            seq, content = await self._snapshot(int(text))
        except SnapshotTooLargeError as error:
            title = f"The work is larger than {text} bytes or has too many files."
            detail = f"The largest files: {error}"
            raise ProblemError(problem.Problem(413, "snapshot-too-large", title, detail)) from error
        digest = sha256(content).hexdigest()
        recorder.append(Kind.SNAPSHOT, detail={"sha256": digest, "bytes": len(content)})
        self.set_header("Assay-Sha256", digest)
        self.set_header("Assay-Seq", str(seq))
        self.finish(content, set_content_type="application/zip")


class DisconnectHandler(AssayHandler):
    """Ends an account's access."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Close the account's websockets and refuse it from now on."""
        try:
            account = json.loads(self.request.body)["account"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ProblemError(problem.Problem(400, "bad-request", "Name an account.")) from error
        if not isinstance(account, str):
            raise ProblemError(problem.Problem(400, "bad-request", "Name an account."))
        self.finish(json.dumps({"closed": workspace_of(self).disconnect(account)}))


class BrowserEventsHandler(AssayHandler):
    """Takes what participants' pages claim."""

    auth_resource = PAGE_RESOURCE

    def initialize(self, rate: Rate) -> None:
        """Take what bounds the batches."""
        self._rate = rate

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Record a batch under the authenticated account."""
        account = self.current_user.username
        if not self._rate.admits(account, time.monotonic()):
            raise ProblemError(problem.Problem(429, "too-many-batches", "This page reports too often."))
        try:
            events = read_batch(self.request.body)
        except BadBatchError as error:
            raise ProblemError(problem.Problem(400, "bad-batch", "The batch cannot be read.", str(error))) from error
        workspace = workspace_of(self)
        for event in events:
            if event["name"] not in workspace.unreported:
                workspace.recorder.append(Kind.BROWSER, account=account, detail=event)
        self.set_status(204)
        self.finish()


class NoExportsHandler(APIHandler):
    """Tells pages, which ask for it, that notebooks are exported to nothing here."""

    auth_resource = "api"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer the formats: none."""
        self.finish(json.dumps({}))


class ParticipantHandler(IdentityHandler):
    """Tells a page who its viewer is, with the name and colour of the manifest."""

    async def get(self) -> None:
        """Answer the identity and the permissions of the viewer."""
        person = workspace_of(self).people.find(self.current_user.username) if self.current_user else None
        if person is not None:
            for name, value in identity(person).items():
                setattr(self.current_user, name, value)
        answer: Any = super().get()
        await answer

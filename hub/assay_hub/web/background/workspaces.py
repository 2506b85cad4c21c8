"""Keeps the workspace of every occupied room running, and a pull on the recording of every workspace that runs."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from assay_hub.domain.errors import AssayError, WrongStateError
from assay_hub.ports import Hub
from assay_hub.services.record import StoreRecording
from assay_hub.services.start import StartWorkspace, Told
from assay_hub.web.background.recordings import Address, RecordingPull
from assay_protocol.names import WORKSPACE_PREFIX, workspace_account

_log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0


class Status(StrEnum):
    """How a workspace is, in the words that the room shows."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    RECONNECTING = "reconnecting"
    FAILED = "failed"


@dataclass(frozen=True)
class WorkspaceState:
    """The state of one workspace, with what went wrong if something did."""

    status: Status
    message: str = ""


class WorkspaceKeeper:
    """Owns the tasks of all workspaces.

    Args:
        occupied: returns the interviews with somebody in their room.
        visitors: returns the accounts that are in a room, or were a moment ago.
        on_change: called with an interview whose state changed.
    """

    def __init__(
        self,
        hub: Hub,
        start: StartWorkspace,
        store: StoreRecording,
        address: Address,
        occupied: Callable[[], set[str]],
        visitors: Callable[[str], set[str]],
        on_change: Callable[[str], None],
    ) -> None:
        self._hub = hub
        self._start = start
        self._store = store
        self._address = address
        self._occupied = occupied
        self._visitors = visitors
        self._on_change = on_change
        self._states: dict[str, WorkspaceState] = {}
        self._told: dict[str, Told] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._starts: dict[str, asyncio.Task[None]] = {}
        self._refreshes: dict[str, asyncio.Task[None]] = {}
        self._pulls: dict[str, tuple[RecordingPull, asyncio.Task[None]]] = {}
        self._look: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look after the workspaces."""
        self._look = asyncio.create_task(self._keep_looking())

    async def stop(self) -> None:
        """End all tasks; the workspaces themselves go on."""
        tasks = [
            self._look,
            *self._starts.values(),
            *self._refreshes.values(),
            *(task for _, task in self._pulls.values()),
        ]
        for task in tasks:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def state(self, interview_id: str) -> WorkspaceState:
        """Return how a workspace is."""
        state = self._states.get(interview_id, WorkspaceState(Status.STOPPED))
        pull = self._pulls.get(interview_id)
        if state.status is Status.READY and (pull is None or not pull[0].connected):
            return WorkspaceState(Status.RECONNECTING)
        return state

    def ensure(self, interview_id: str) -> None:
        """Start a workspace unless that is under way or done."""
        if interview_id not in self._starts:
            task = asyncio.create_task(self._bring_up(interview_id))
            self._starts[interview_id] = task
            task.add_done_callback(lambda _: self._starts.pop(interview_id, None))

    def told(self, interview_id: str) -> Told | None:
        """Return what a running workspace was last told; ``None`` while it is not ready."""
        return self._told.get(interview_id)

    async def refresh(self, interview_id: str) -> None:
        """Tell a running workspace at once what has changed of its people and questions.

        Call it after an interview was edited. Whoever forgets is helped out by the next look, two seconds later.
        """
        async with self._locks[interview_id]:
            if interview_id not in self._told:
                return
            try:
                due = await asyncio.to_thread(self._start.due, interview_id, self._visitors(interview_id))
                if due != self._told.get(interview_id):
                    await asyncio.to_thread(self._start.tell, due)
                    self._told[interview_id] = due
                    self._on_change(interview_id)
            except WrongStateError:
                await self._close(interview_id)
            except AssayError as error:  # tried again with the next look
                _log.warning("Workspace of %s: %s %s", interview_id, error.title, error.detail)

    async def let_go(self, interview_id: str) -> None:
        """Stop pulling from a workspace that is being stopped."""
        self._told.pop(interview_id, None)
        self._set(interview_id, WorkspaceState(Status.STOPPED))
        pull = self._pulls.pop(interview_id, None)
        if pull is not None:
            pull[1].cancel()
            with suppress(asyncio.CancelledError):
                await pull[1]

    async def _bring_up(self, interview_id: str) -> None:
        if self._states.get(interview_id, WorkspaceState(Status.STOPPED)).status is not Status.READY:
            self._set(interview_id, WorkspaceState(Status.STARTING))
        try:
            async with self._locks[interview_id]:
                told = await asyncio.to_thread(self._start, interview_id, self._visitors(interview_id))
                self._told[interview_id] = told
        except WrongStateError:
            await self._close_if_over(interview_id)
        except AssayError as error:
            _log.warning("Workspace of %s: %s %s", interview_id, error.title, error.detail)
            self._set(interview_id, WorkspaceState(Status.FAILED, f"{error.title} {error.detail}".strip()))
        except Exception:  # noqa: BLE001  # the edge of a background task
            _log.exception("Workspace of %s could not be started", interview_id)
            self._set(interview_id, WorkspaceState(Status.FAILED, "Something went wrong on our side."))
        else:
            self._set(interview_id, WorkspaceState(Status.READY))
            self._pull(interview_id)

    async def _close(self, interview_id: str) -> None:
        await self.let_go(interview_id)
        await asyncio.to_thread(self._start.stop, interview_id)

    async def _close_if_over(self, interview_id: str) -> None:
        """Stop a workspace that is still there although its interview was ended; one that was submitted goes on."""
        await self.let_go(interview_id)
        async with self._locks[interview_id]:
            try:
                await asyncio.to_thread(self._start.due, interview_id)
            except WrongStateError:
                await self._close(interview_id)

    def _pull(self, interview_id: str) -> None:
        if interview_id not in self._pulls:
            account = workspace_account(interview_id)
            pull = RecordingPull(interview_id, account, self._address, self._store, self._on_change)
            self._pulls[interview_id] = (pull, asyncio.create_task(pull.run()))

    async def _keep_looking(self) -> None:
        """Adopt what runs, bring back what should run, and let go of what is gone."""
        while True:
            try:
                accounts = await asyncio.to_thread(self._hub.running_workspaces)
            except AssayError as error:
                _log.warning("%s %s", error.title, error.detail)
            else:
                running = {account.removeprefix(WORKSPACE_PREFIX) for account in accounts}
                for interview_id in running - set(self._pulls):
                    self.ensure(interview_id)
                for interview_id in set(self._pulls) - running:
                    await self.let_go(interview_id)
                for interview_id in self._occupied() - running:
                    self.ensure(interview_id)
                for interview_id in running & set(self._told):
                    self._refresh_soon(interview_id)
            await asyncio.sleep(LOOK_SECONDS)

    def _refresh_soon(self, interview_id: str) -> None:
        if interview_id not in self._refreshes:
            task = asyncio.create_task(self.refresh(interview_id))
            self._refreshes[interview_id] = task
            task.add_done_callback(lambda _: self._refreshes.pop(interview_id, None))

    def _set(self, interview_id: str, state: WorkspaceState) -> None:
        if self._states.get(interview_id) != state:
            self._states[interview_id] = state
            self._on_change(interview_id)

"""Keeps the workspaces running in which questions are edited, as long as somebody looks at their page."""

import asyncio
import logging
import time
from collections import defaultdict
from contextlib import suppress

from assay_hub.domain.errors import AssayError, WrongStateError
from assay_hub.ports import Hub
from assay_hub.services.authoring import Admitted, AuthorQuestions
from assay_hub.web.background.workspaces import Status, WorkspaceState
from assay_protocol.names import QUESTION_PREFIX

_log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
VISIT_SECONDS = 60.0
"""How long somebody counts as there after their page last asked."""
PAUSE_SECONDS = 15 * 60.0
"""How long a workspace runs on after the last page was closed."""


class QuestionWorkspaces:
    """Owns the tasks of all of them; they hold solutions, so whoever may not write questions any more is put out."""

    def __init__(self, hub: Hub, author: AuthorQuestions) -> None:
        self._hub = hub
        self._author = author
        self._states: dict[str, WorkspaceState] = {}
        self._admitted: dict[str, Admitted] = {}
        self._visits: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self._begun = time.monotonic()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._starts: dict[str, asyncio.Task[None]] = {}
        self._look: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look after the workspaces."""
        self._look = asyncio.create_task(self._keep_looking())

    async def stop(self) -> None:
        """End all tasks; the workspaces themselves go on."""
        for task in (self._look, *self._starts.values()):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def state(self, editing_id: str) -> WorkspaceState:
        """Return how a workspace is."""
        return self._states.get(editing_id, WorkspaceState(Status.STOPPED))

    async def visit(self, editing_id: str, account: str) -> WorkspaceState:
        """Note that somebody looks at the page of a workspace, start it if it is not there, and return how it is."""
        self._visits[editing_id][account] = time.monotonic()
        state = self.state(editing_id)
        if state.status is not Status.READY:
            self._ensure(editing_id)
            return state
        if account not in {person.account for person in self._admitted[editing_id].participants}:
            await self._refresh(editing_id)
        return state

    async def end(self, editing_id: str) -> None:
        """Stop a workspace that was closed."""
        async with self._locks[editing_id]:
            self._forget(editing_id)
            await asyncio.to_thread(self._author.end, editing_id)

    def _ensure(self, editing_id: str) -> None:
        if editing_id not in self._starts:
            task = asyncio.create_task(self._bring_up(editing_id))
            self._starts[editing_id] = task
            task.add_done_callback(lambda _: self._starts.pop(editing_id, None))

    async def _bring_up(self, editing_id: str) -> None:
        self._states[editing_id] = WorkspaceState(Status.STARTING)
        try:
            async with self._locks[editing_id]:
                self._admitted[editing_id] = await asyncio.to_thread(
                    self._author, editing_id, self._visitors(editing_id)
                )
                self._states[editing_id] = WorkspaceState(Status.READY)
        except WrongStateError:
            self._forget(editing_id)
        except AssayError as error:
            _log.warning("Workspace of question %s: %s %s", editing_id, error.title, error.detail)
            self._states[editing_id] = WorkspaceState(Status.FAILED, f"{error.title} {error.detail}".strip())
        except Exception:  # noqa: BLE001  # the edge of a background task
            _log.exception("Workspace of question %s could not be started", editing_id)
            self._states[editing_id] = WorkspaceState(Status.FAILED, "Something went wrong on our side.")

    async def _refresh(self, editing_id: str) -> None:
        """Tell a running workspace who is let in now, if that has changed."""
        async with self._locks[editing_id]:
            if editing_id not in self._admitted:
                return
            try:
                due = await asyncio.to_thread(self._author.due, editing_id, self._visitors(editing_id))
                if due.participants != self._admitted[editing_id].participants:
                    await asyncio.to_thread(self._author.tell, due)
                    self._admitted[editing_id] = due
            except WrongStateError:
                self._forget(editing_id)
                await asyncio.to_thread(self._author.end, editing_id)
            except AssayError as error:  # tried again with the next look
                _log.warning("Workspace of question %s: %s %s", editing_id, error.title, error.detail)

    async def _keep_looking(self) -> None:
        """Let go of what is gone, stop what nobody looks at or was closed, and put out whoever lost the right."""
        ours = True  # somebody may have left one behind
        while True:
            try:
                open_ones = await asyncio.to_thread(self._author.open_ones)
                if ours or open_ones or self._admitted:
                    ours = await self._look_around(open_ones)
            except AssayError as error:
                _log.warning("%s %s", error.title, error.detail)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look_around(self, open_ones: set[str]) -> bool:
        """Look at what runs, and return whether anything does."""
        accounts = await asyncio.to_thread(self._hub.running_workspaces, QUESTION_PREFIX)
        running = {account.removeprefix(QUESTION_PREFIX) for account in accounts}
        for editing_id in set(self._admitted) - running:
            self._forget(editing_id)
        for editing_id in running - open_ones:
            await self.end(editing_id)
        for editing_id in running & open_ones:
            await self._look_at(editing_id)
        return bool(running)

    async def _look_at(self, editing_id: str) -> None:
        last = max(self._visits[editing_id].values(), default=self._begun)
        if time.monotonic() - last > PAUSE_SECONDS:
            async with self._locks[editing_id]:
                self._forget(editing_id)
                await asyncio.to_thread(self._author.pause, editing_id)
        elif editing_id in self._admitted:
            await self._refresh(editing_id)

    def _visitors(self, editing_id: str) -> set[str]:
        return {account for account, at in self._visits[editing_id].items() if time.monotonic() - at < VISIT_SECONDS}

    def _forget(self, editing_id: str) -> None:
        self._states.pop(editing_id, None)
        self._admitted.pop(editing_id, None)

"""For a machine without a container engine: the workspace of an interview as a plain process, without any isolation."""

import asyncio
import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets import Unicode, default

from assay_protocol.names import is_workspace_account
from assay_spawner.accounts import require_workspace
from assay_spawner.workspace import WorkspaceSpawner


class LocalWorkspaceSpawner(WorkspaceSpawner, SimpleLocalProcessSpawner):
    """Runs the workspace of an interview (``iv-<id>``) or a question (``qs-<id>``) as a process of the hub's user.

    Code in it can do whatever the hub can. The environment is the one of a container, the volume a folder.
    """

    volume_dir = Unicode("volumes", help="Folder for the volumes of the interviews.").tag(config=True)

    @property
    def volume(self) -> Path:
        """The folder of this interview."""
        return Path(self.volume_dir, self.user.name).absolute()

    @default("cmd")
    def _default_command(self) -> list[str]:
        return [sys.executable, "-m", "jupyterhub.singleuser"]

    @default("home_dir")
    def _default_home(self) -> str:
        return str(self.volume / "server")

    @default("notebook_dir")
    def _default_root(self) -> str:
        return str(self.volume / "notebooks")

    def get_args(self) -> list[str]:
        """Return the arguments of the server."""
        args = [*super().get_args(), "--ServerApp.terminals_enabled=False"]
        if os.geteuid() == 0:
            args.append("--allow-root")
        extension = importlib.util.find_spec("assay_extension")
        if extension and extension.origin:
            config = Path(extension.origin).with_name("jupyter_server_config.py")
            if config.is_file():
                args.append(f"--config={config}")
        return args

    def get_env(self) -> dict[str, str]:
        """Return the environment of the server."""
        env: dict[str, str] = super().get_env()
        runtime = str(self.volume / "server" / "runtime")
        return env | {"ASSAY_VOLUME": str(self.volume), "JUPYTER_RUNTIME_DIR": runtime}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up a server that ran when the hub ended."""
        super().load_state(state)
        if self.pid:
            self._skip_confirm_page()

    async def start(self) -> Any:
        """Start the workspace and return its address.

        Raises:
            NoWorkspaceError: the account is neither ``iv-<id>`` nor ``qs-<id>``.
        """
        require_workspace(self.user.name, self.name)
        self.log.warning(
            "NO ISOLATION: %s runs as a plain process. Its code can read and change whatever this user can.",
            self.user.name,
        )
        self._skip_confirm_page()
        for name in ("notebooks", "record", "server"):
            (self.volume / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        return await super().start()

    async def delete_forever(self) -> None:
        """Delete the contents of the volume if nothing needs them any more."""
        if self.deletes_volume and is_workspace_account(self.user.name) and self.volume.is_dir():
            await asyncio.to_thread(shutil.rmtree, self.volume)

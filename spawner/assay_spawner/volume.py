"""The disk of each interview: a file of fixed size with a file system of its own, so that nobody can fill the host's.

A folder holds ``<account>.ext4`` and, while in use, the mounted volume in ``mounts/<account>``. The container gets the
folder ``interview`` inside it: where the volume is not mounted that folder does not exist, and nothing starts.

    interview/            root, readable
      notebooks/          the server's; kernels may add files, but not remove or replace the server's (sticky)
      record/  server/    the server's alone
      home/               the kernels' alone
"""

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from assay_spawner.limits import SERVER_GID, SERVER_UID, WORKSPACE_GID
from assay_spawner.programs import environment

_MIN_BYTES: Final = 16 * 1024 * 1024
_MKFS: Final = (
    "mkfs.ext4 -q -F -m 5 -J size=4 -i 16384 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0"
)
# Symbolic links are not followed, so that the server cannot be led into its own record by one that a kernel made. The
# last five per cent of the blocks are the server's, so that it goes on recording when a kernel has filled the rest.
_OPTIONS: Final = f"loop,nosuid,nodev,noatime,nosymfollow,resuid={SERVER_UID}"


class VolumeError(Exception):
    """A volume could not be made or mounted; the text says why."""


@dataclass(frozen=True)
class Volume:
    """The disk of one interview.

    Attributes:
        folder: absolute path of the folder of all volumes on the host.
        account: hub account of the interview.
        size: bytes.
    """

    folder: Path
    account: str
    size: int

    @property
    def image(self) -> Path:
        """The file that holds the volume."""
        return self.folder / f"{self.account}.ext4"

    @property
    def mount_point(self) -> Path:
        """Where the host mounts it."""
        return self.folder / "mounts" / self.account

    @property
    def source(self) -> Path:
        """The folder that the container gets."""
        return self.mount_point / "interview"

    @property
    def mounted(self) -> bool:
        """Whether it is mounted."""
        return self.mount_point.is_mount()

    async def mount(self) -> None:
        """Make the volume if there is none yet and mount it; does nothing when it is mounted.

        Raises:
            VolumeError: no root, no loop devices, a damaged file system or a full disk.
        """
        if self.mounted:
            return
        self.mount_point.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.image.exists():
            await self._make()
        await _run("mount", "-t", "ext4", "-o", _OPTIONS, str(self.image), str(self.mount_point))

    async def _make(self) -> None:
        if self.size < _MIN_BYTES:
            raise VolumeError(f"A volume needs at least {_MIN_BYTES} bytes.")
        unfinished = self.image.with_suffix(".new")
        unfinished.touch(mode=0o600)
        os.truncate(unfinished, self.size)
        await _run(*_MKFS.split(), str(unfinished))
        unfinished.rename(self.image)

    async def unmount(self) -> None:
        """Unmount the volume; its contents stay.

        Raises:
            VolumeError: something still uses it.
        """
        if self.mounted:
            await _run("umount", str(self.mount_point))
        if self.mount_point.is_dir() and not any(self.mount_point.iterdir()):
            self.mount_point.rmdir()

    async def delete(self) -> None:
        """Unmount the volume and delete its contents for good.

        Raises:
            VolumeError: something still uses it.
        """
        await self.unmount()
        self.image.unlink(missing_ok=True)
        if self.mount_point.is_dir():
            await asyncio.to_thread(shutil.rmtree, self.mount_point)

    async def lay_out(self, kernel_uid: int) -> None:
        """Make the folders that the container expects, and hand the kernels' files over if their user has changed.

        Works on a plain folder as well, where volumes cannot be mounted.

        Raises:
            VolumeError: not root, or the disk is full.
        """
        try:
            await asyncio.to_thread(self._make_folders, kernel_uid)
        except OSError as error:
            raise VolumeError(f"The folders of {self.account} could not be made: {error}") from error
        former = (self.source / "home").stat().st_uid
        if former != kernel_uid:
            await _run("chown", "-hR", f"--from={former}", str(kernel_uid), str(self.source))

    def _make_folders(self, kernel_uid: int) -> None:
        folders = {
            "": (0, WORKSPACE_GID, 0o750),
            "notebooks": (SERVER_UID, WORKSPACE_GID, 0o3770),
            "record": (SERVER_UID, SERVER_GID, 0o700),
            "server": (SERVER_UID, SERVER_GID, 0o700),
            "home": (kernel_uid, WORKSPACE_GID, 0o700),
        }
        for name, (uid, gid, mode) in folders.items():
            path = self.source / name
            if not path.exists():
                path.mkdir(parents=True)
                os.chown(path, uid, gid)
                path.chmod(mode)


async def _run(*command: str) -> None:
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=pipe, stderr=asyncio.subprocess.STDOUT, env=environment()
        )
    except FileNotFoundError as error:
        raise VolumeError(f"{command[0]} is not installed (apt-get install e2fsprogs mount).") from error
    out, _ = await process.communicate()
    if process.returncode:
        raise VolumeError(f"{' '.join(command)}: {out.decode(errors='replace').strip()}")

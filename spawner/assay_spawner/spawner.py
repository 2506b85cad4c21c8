"""The JupyterHub spawner: one locked-down container per interview, on its own network, with its own disk."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from docker.errors import APIError, ImageNotFound, NotFound
from docker.types import IPAMConfig, IPAMPool
from dockerspawner import DockerSpawner
from jupyterhub.app import JupyterHub
from jupyterhub.traitlets import ByteSpecification
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from traitlets import Bool, Int, TraitError, Unicode, default, validate

from assay_protocol.names import is_workspace_account
from assay_spawner.accounts import require_workspace
from assay_spawner.context import image_tag
from assay_spawner.firewall import FirewallError, enforce
from assay_spawner.gateways import GatewayListeners, workspace_paths
from assay_spawner.limits import FIRST_KERNEL_UID, VOLUME, Limits, host_config, kernel_environment
from assay_spawner.network import (
    LABEL,
    Firewall,
    InterviewNetwork,
    allocate,
    bridge_options,
    check_bridge_prefix,
    locate,
    subnets_in_use,
)
from assay_spawner.seccomp import profile_json
from assay_spawner.volume import Volume, VolumeError
from assay_spawner.workspace import WorkspaceSpawner

_POLL_SECONDS: Final = 0.05
_START_ATTEMPTS: Final = 3
_CONFLICT: Final = 409


class WorkspaceFailedError(Exception):
    """A container could not be made or does not stay up; the text says what is known."""


class AssaySpawner(WorkspaceSpawner, DockerSpawner):
    """Runs the workspace of an interview or a question in a container that can reach nothing but the hub's API.

    The account is ``iv-<id>`` for an interview and ``qs-<id>`` for a question.

    A container lives from start to stop of its server; network and disk live until the account is deleted, and the
    disk's contents stay even then, unless ``delete_volumes`` is set or it is a question's.
    """

    disk_limit = ByteSpecification("1G", help="Size of the volume of a new interview.").tag(config=True)
    process_limit = Int(256, min=64, help="Processes and threads of one workspace.").tag(config=True)
    subnets = Unicode(
        "172.30.0.0/16", help="IPv4 pool, at least a /30; each interview gets four addresses of it until it is deleted."
    ).tag(config=True)
    bridge_prefix = Unicode(
        "asy",
        help="One to seven letters with which this hub's network interfaces start; one for each hub on a machine.",
    ).tag(config=True)
    volume_dir = Unicode("volumes", help="Folder on the host for the volumes of the interviews.").tag(config=True)
    strict = Bool(
        True,  # noqa: FBT003 - the default of a trait
        help="Refuse to start a workspace whose disk or network cannot be closed off; otherwise only warn.",
    ).tag(config=True)
    stop_seconds = Int(3, min=1, help="Time that a server gets to end by itself before it is killed.").tag(config=True)

    _listeners: ClassVar = GatewayListeners()
    _allocating: ClassVar = asyncio.Lock()
    _connecting: ClassVar = threading.Lock()
    _threads: ClassVar[ThreadPoolExecutor | None] = None
    _network: InterviewNetwork | None = None
    _to_adopt = False

    @default("image")
    def _default_image(self) -> str:
        return image_tag()

    @default("prefix")
    def _default_prefix(self) -> str:
        return "assay"

    @default("cmd")
    def _default_command(self) -> list[str]:
        return ["jupyterhub-singleuser"]

    @default("mem_limit")
    def _default_memory(self) -> int:
        return 1024**3

    @default("cpu_limit")
    def _default_cpus(self) -> float:
        return 1.0

    @default("notebook_dir")
    def _default_root(self) -> str:
        return f"{VOLUME}/notebooks"

    @default("object_name")
    def _object_name_default(self) -> str:
        return f"{self.prefix}-{self.user.name}"

    @validate("bridge_prefix")
    def _check_bridge_prefix(self, proposal: Any) -> str:
        try:
            return check_bridge_prefix(proposal.value)
        except ValueError as error:
            raise TraitError(str(error)) from error

    @property
    def executor(self) -> ThreadPoolExecutor:
        """Threads for calls of the engine: several interviews may start at once."""
        if AssaySpawner._threads is None:
            AssaySpawner._threads = ThreadPoolExecutor(4, thread_name_prefix="engine")
        return AssaySpawner._threads

    @property
    def client(self) -> Any:
        """The one connection to the engine; several threads may ask for it at the same time."""
        with self._connecting:
            return super().client

    @property
    def limits(self) -> Limits:
        """What this workspace may use."""
        return Limits(memory=self.mem_limit, cpus=self.cpu_limit, processes=self.process_limit)

    @property
    def volume(self) -> Volume:
        """The disk of this interview."""
        return Volume(Path(self.volume_dir).absolute(), self.user.name, self.disk_limit)

    @property
    def firewall(self) -> Firewall:
        """The rules that close the host to workspaces."""
        return Firewall(self.bridge_prefix, self.hub_port)

    @property
    def hub_port(self) -> int:
        """TCP port of the hub's API, the same on every gateway."""
        return urlsplit(self.hub.bind_url).port or 8081

    def template_namespace(self) -> dict[str, str]:
        """Return what may stand in templates; accounts of interviews need no escaping."""
        return {**super().template_namespace(), "username": self.user.name}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up a server that ran when the hub ended; the first poll opens the way to it again."""
        super().load_state(state)
        if self.object_id:
            self._skip_confirm_page()
            self._to_adopt = True

    def clear_state(self) -> None:
        """Forget the container, which is gone."""
        super().clear_state()
        self.object_id = ""
        self._to_adopt = False

    def get_env(self) -> dict[str, str]:
        """Return the environment of the container; its first program gives the kernels almost nothing of it."""
        env: dict[str, str] = super().get_env()
        return env | {"ASSAY_VOLUME": VOLUME, "ASSAY_STOP_SECONDS": str(self.stop_seconds)}

    async def start(self) -> tuple[str, int]:
        """Start the workspace and return its address when it answers.

        Raises:
            NoWorkspaceError: the account is neither ``iv-<id>`` nor ``qs-<id>``.
            VolumeError, FirewallError: the disk or the host's side of the network cannot be closed off (``strict``).
            WorkspaceFailedError: the server ends again and again.
        """
        require_workspace(self.user.name, self.name)
        self._to_adopt = False
        self._skip_confirm_page()
        network, _, _ = await asyncio.gather(self._make_network(), self._mount(), self._remove_container())
        self._network = network
        self.hub_connect_url = f"http://{network.gateway}:{self.hub_port}"
        await asyncio.gather(self._close_host(), self.volume.lay_out(self._kernel_uid))
        self._listen()
        self.object_id = (await self.create_object())[self.object_id_key]
        await self.start_object()
        await self._until_ready()
        return await self.get_ip_and_port()

    async def poll(self) -> Any:
        """Return ``None`` while the workspace runs or the engine is bringing it back, else how it ended."""
        if self._to_adopt:
            self._to_adopt = False
            await self._adopt()
        return await super().poll()

    async def stop(self, now: bool = False) -> None:  # noqa: FBT001, FBT002 - the hub's signature
        """End the workspace; its disk and its network stay."""
        seconds = 0 if now else self.stop_seconds + 1
        try:
            await self.docker("stop", self.object_name, timeout=seconds)
        except NotFound:
            self.log.info("%s has gone already", self.object_name)
        await self._remove_container()
        if self._network:
            self._listeners.close(str(self._network.gateway), self.hub_port)
        try:
            await self.volume.unmount()
        except VolumeError as error:
            self.log.warning("The volume of %s stays mounted: %s", self.user.name, error)
        self.clear_state()

    async def delete_forever(self) -> None:
        """Give back container, network and mount of an account, and its contents if nothing needs them any more."""
        if not is_workspace_account(self.user.name):
            return
        await self._remove_container()
        network = await self._find_network()
        if network:
            self._listeners.close(str(network.gateway), self.hub_port)
            await self.docker("remove_network", self.object_name)
        await (self.volume.delete() if self.deletes_volume else self.volume.unmount())

    async def create_object(self) -> Any:
        """Create the container and return what the engine says about it."""
        network = self._network
        if network is None:
            raise RuntimeError("A container needs its network first.")
        uid = self._kernel_uid
        host = host_config(self.limits, kernel_uid=uid, volume=str(self.volume.source), seccomp=profile_json())
        endpoint = self.client.create_endpoint_config(ipv4_address=str(network.container))
        try:
            return await self.docker(
                "create_container",
                image=self.image,
                command=[*self.cmd, *self.get_args()],
                name=self.object_name,
                hostname="workspace",
                environment=self.get_env() | kernel_environment(self.limits, uid),
                labels={LABEL: self.user.name},
                host_config=self.client.create_host_config(network_mode=self.object_name, **host),
                networking_config=self.client.create_networking_config({self.object_name: endpoint}),
            )
        except ImageNotFound as error:
            raise WorkspaceFailedError(
                f"There is no image {self.image}: python -m assay_spawner.image build makes it."
            ) from error

    async def get_ip_and_port(self) -> tuple[str, int]:
        """Return where the hub and its proxy reach the workspace."""
        network = self._network or await self._find_network()
        if network is None:
            raise WorkspaceFailedError(f"{self.object_name} has no network.")
        return str(network.container), self.port

    @property
    def _kernel_uid(self) -> int:
        if self._network is None:
            raise RuntimeError("The kernels' user follows from the network.")
        return FIRST_KERNEL_UID + self._network.index

    def _listen(self) -> None:
        if self._network is None:
            return
        hub = JupyterHub.instance()
        paths = workspace_paths(self.hub.base_url, self.user.escaped_name)
        self._listeners.listen(hub.tornado_application, str(self._network.gateway), self.hub_port, paths)

    async def _close_host(self) -> None:
        try:
            await enforce(self.firewall)
        except FirewallError as error:
            if self.strict:
                raise
            self.log.warning("WORKSPACES CAN REACH PORTS OF THIS MACHINE: %s", error)

    async def _mount(self) -> None:
        try:
            await self.volume.mount()
        except VolumeError as error:
            if self.strict:
                raise
            self.log.warning("WORKSPACES CAN FILL THE DISK OF THIS MACHINE: %s", error)

    async def _find_network(self) -> InterviewNetwork | None:
        try:
            found = await self.docker("inspect_network", self.object_name)
        except NotFound:
            return None
        used = subnets_in_use([found])
        return locate(IPv4Network(self.subnets), used[0]) if used and found["Internal"] else None

    async def _make_network(self) -> InterviewNetwork:
        found = await self._find_network()
        if found:
            return found
        async with self._allocating:
            used = subnets_in_use(await self.docker("networks"))
            network = allocate(IPv4Network(self.subnets), used)
            pool = IPAMPool(subnet=str(network.subnet), gateway=str(network.gateway))
            await self.docker(
                "create_network",
                self.object_name,
                driver="bridge",
                internal=True,
                ipam=IPAMConfig(pool_configs=[pool]),
                options=bridge_options(network, self.bridge_prefix),
                labels={LABEL: self.user.name},
            )
        return network

    async def _remove_container(self) -> None:
        try:
            await self.docker("remove_container", self.object_name, v=True, force=True)
        except NotFound:
            pass
        except APIError as error:
            if error.status_code != _CONFLICT:  # somebody else is removing it
                raise

    async def _adopt(self) -> None:
        """Open the way to a workspace that outlived the hub, and bring back one that a reboot ended."""
        self._network = await self._find_network()
        container = await self.get_object()
        if self._network is None or container is None:
            return
        self.hub_connect_url = f"http://{self._network.gateway}:{self.hub_port}"
        await self._close_host()
        if not container["State"]["Running"]:
            self.log.warning("%s stopped while the hub was away; starting it again", self.object_name)
            await self._mount()
            await self.start_object()
        self._listen()

    async def _until_ready(self) -> None:
        """Return as soon as the server answers: the hub's own way of waiting would look ever more seldom."""
        ip, port = await self.get_ip_and_port()
        request = HTTPRequest(
            f"http://{ip}:{port}{self.server.base_url}api", connect_timeout=1, request_timeout=2, follow_redirects=False
        )
        client = AsyncHTTPClient()
        look_at_container = time.monotonic() + 2
        while True:
            try:
                await client.fetch(request, raise_error=False)
            except (OSError, HTTPClientError):
                pass
            else:
                return
            if time.monotonic() > look_at_container:
                await self._check_container()
                look_at_container = time.monotonic() + 2
            await asyncio.sleep(_POLL_SECONDS)

    async def _check_container(self) -> None:
        container = await self.docker("inspect_container", self.object_id)
        if container["RestartCount"] >= _START_ATTEMPTS:
            last = await self.docker("logs", self.object_id, tail=10)
            raise WorkspaceFailedError(f"The workspace does not start:\n{last.decode(errors='replace')}")

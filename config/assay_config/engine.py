"""What runs the workspaces on this machine: containers, or local processes where that is allowed."""

from dataclasses import dataclass

import docker
from docker.errors import DockerException

from assay_config.settings import Engine, Environment, Settings

_NO_ENGINE = "no container engine answers. On Debian: apt-get install docker.io, start it, and run this again"
_NOT_ROOT = (
    "this is not root. Only root can close this machine's ports to containers and cap their disks: "
    "run this again as root, for example with sudo"
)


class NoContainersError(RuntimeError):
    """Workspaces must run in containers and cannot; the text says what to do."""


@dataclass(frozen=True)
class Choice:
    """What runs the workspaces.

    Attributes:
        engine: containers or processes; never ``AUTO``.
        remark: why there is no isolation, and what to do about it; empty with containers.
    """

    engine: Engine
    remark: str = ""


def choose(settings: Settings, *, answers: bool, root: bool) -> Choice:
    """Choose what runs the workspaces.

    Args:
        settings: what the administrator wants.
        answers: whether a container engine answers.
        root: whether the hub runs as root.

    Raises:
        NoContainersError: the settings want containers, or say production, and there can be none.
    """
    production = settings.environment is Environment.PRODUCTION
    if settings.workspace.engine is Engine.PROCESS and not production:
        return Choice(Engine.PROCESS, "Workspaces will be local processes WITHOUT ISOLATION, as the settings say.")
    if answers and root:
        return Choice(Engine.DOCKER)
    missing = _NOT_ROOT if answers else _NO_ENGINE
    if production:
        raise NoContainersError(f"Production needs containers, and {missing}.")
    if settings.workspace.engine is Engine.DOCKER:
        raise NoContainersError(f"The settings want containers (workspace.engine = docker), and {missing}.")
    return Choice(Engine.PROCESS, f"Workspaces will be local processes WITHOUT ISOLATION, because {missing}.")


def engine_answers() -> bool:
    """Return whether the container engine that the environment names answers within two seconds."""
    try:
        client = docker.from_env(timeout=2)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except DockerException:
        return False

"""Whether a container engine answers on this machine."""

import docker
from docker.errors import DockerException


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

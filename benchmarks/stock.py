"""What ours is compared with: a stock hub whose stock DockerSpawner starts the image that upstream documents."""

import sys
from ipaddress import IPv4Network
from pathlib import Path

import docker
from docker.utils import kwargs_from_env

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e")]

from integration.spawner.live_hub import LiveHub  # noqa: E402 - found through the line above

from assay_spawner.image import build  # noqa: E402


def stock_hub(folder: Path) -> LiveHub:
    """Return a stock hub that is not started yet."""
    engine = docker.APIClient(version="auto", **kwargs_from_env())
    subnet = IPv4Network(engine.inspect_network("bridge")["IPAM"]["Config"][0]["Subnet"])
    engine.close()
    image = build(stock=True)
    hub = LiveHub(folder, spawner="dockerspawner.DockerSpawner", config={"DockerSpawner": {"image": image}})
    # What upstream's documentation says: the hub listens where containers of the default network find it.
    hub.settings["config"]["JupyterHub"]["hub_bind_url"] = f"http://{subnet[1]}:{hub.hub_port}"
    return hub

"""From the API call that starts a workspace until it is ready: stock DockerSpawner with a stock image, beside ours.

Both hubs run at the same time and take turns, so that a busy machine slows both. Memory is that of a workspace in which
nobody has done anything yet. Prints a table and writes ``.bench/spawn.json``.
"""

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import docker
from docker.utils import kwargs_from_env
from report import spread, write
from stock import stock_hub

# isort: split
from integration.spawner.live_hub import LiveHub, new_account

from assay_spawner.image import build

IDLE_SECONDS = 5


def hubs(stack: ExitStack) -> dict[str, LiveHub]:
    """Start both hubs and have them taken away with ``stack``."""
    stock, ours = (Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assay-bench-"))) for _ in range(2))
    started = {"stock": stock_hub(stock), "assay": LiveHub(ours, config={"AssaySpawner": {"image": build()}})}
    for hub in started.values():
        stack.callback(hub.close)
        hub.start()
    return started


def idle_mb(hub: LiveHub, account: str) -> float:
    """Return the memory of a workspace in MB (10^6 bytes), without pages of files that could be dropped."""
    engine = docker.APIClient(version="auto", **kwargs_from_env())
    found = engine.containers(filters={"name": f"{hub.name}-"})
    container = next(each["Id"] for each in found if account.removeprefix("iv-") in each["Names"][0])
    memory = engine.stats(container, stream=False)["memory_stats"]
    engine.close()
    stats = memory["stats"]
    cached = stats.get("total_inactive_file", stats.get("inactive_file", 0))
    return float(memory["usage"] - cached) / 1e6


def measure(rounds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return the seconds of each start and the idle memory in MB, for stock and ours."""
    seconds: dict[str, list[float]] = {"stock": [], "assay": []}
    memory = {}
    with ExitStack() as stack:
        running = hubs(stack)
        for number in range(rounds + 1):
            for name, hub in running.items():
                account = new_account()
                took = hub.launch(account)
                if number == 0:
                    # The first start of each reads the image from the disk: not counted, and good for the memory.
                    time.sleep(IDLE_SECONDS)
                    memory[name] = idle_mb(hub, account)
                else:
                    seconds[name].append(took)
                    print(f"  round {number} {name:>5}: {took:.2f} s", flush=True)
                hub.stop(account)
    return seconds, memory


def report(seconds: dict[str, list[float]], memory: dict[str, float]) -> None:
    """Print the table and write the figures."""
    middle = {name: statistics.median(each) for name, each in seconds.items()}
    ratio = middle["assay"] / middle["stock"]
    print(f"\n{'':8}{'start, s: median (min-max)':>30}{'idle, MB':>12}")
    for name, each in seconds.items():
        print(f"{name:8}{spread(each, 2):>30}{memory[name]:>12.0f}")
    print(f"ours / stock: {ratio:.2f} of {len(seconds['stock'])} starts each")
    figures = {"start_ratio": ratio, "start_s": middle["assay"], "idle_mb": memory["assay"]}
    write("spawn", figures, baseline={"start_s": middle["stock"], "idle_mb": memory["stock"]})


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="counted starts of each")
    report(*measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()

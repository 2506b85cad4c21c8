"""Gets what the tests need, then runs them: ``python tests/prepare.py -- pytest …``; without a command, no more.

On Debian as root it installs missing packages. When no container engine answers it starts one, which ends with this
program, however that ends. What cannot be had is an error, never a skipped test.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import docker
from docker.errors import DockerException
from docker.utils import kwargs_from_env

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "iptables": ("iptables",),
    "debootstrap": ("debootstrap",),
    "e2fsprogs": ("mkfs.ext4",),
    "mount": ("mount",),
    "iproute2": ("ip",),
}
"""Debian package: programs of which one is enough."""

ENGINE_PACKAGE = "docker.io"
DATABASE_PACKAGE = "postgresql"
ENGINE_LOG = Path(".assay-test") / "dockerd.log"
ENGINE_SECONDS = 60


class PreparationError(Exception):
    """Something that the tests need cannot be had; the text says what to do."""


def say(line: str) -> None:
    """Print a line of progress at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def find_program(name: str) -> str | None:
    """Return the path of a program, also of one that only root has on its PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def missing_packages(*, engine: bool) -> list[str]:
    """Return the Debian packages that are not there; the engine's counts only when none answers."""
    missing = [package for package, names in PROGRAMS.items() if not any(find_program(name) for name in names)]
    if not engine and not find_program("dockerd"):
        missing.append(ENGINE_PACKAGE)
    if not find_program("postgres") and not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        missing.append(DATABASE_PACKAGE)
    return missing


def install(packages: list[str]) -> None:
    """Install Debian packages.

    Raises:
        PreparationError: not Debian, not root, or apt-get failed.
    """
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise PreparationError(f"The tests need these Debian packages, or what they hold: as root, {command}")
    say(f"Installing {', '.join(packages)} …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "-qq"], [*command.split(), "-qq"]):
        done = subprocess.run(step, env=environment, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise PreparationError(f"{' '.join(step)} failed; is a Debian mirror reachable?")


def engine_answers() -> bool:
    """Whether a container engine answers."""
    try:
        client = docker.APIClient(version="auto", timeout=5, **kwargs_from_env())
    except DockerException:
        return False
    with contextlib.closing(client):
        return bool(client.ping())


def start_engine(arguments: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """Start Debian's engine as a child that ends with this process, and return it at once."""
    dockerd = find_program("dockerd")
    if dockerd is None or os.geteuid() != 0:
        raise PreparationError("No container engine answers, and only root can start one: start Docker and try again.")
    ENGINE_LOG.parent.mkdir(exist_ok=True)
    say(f"Starting a container engine for the tests (its log: {ENGINE_LOG}) …")
    with ENGINE_LOG.open("wb") as log:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", dockerd, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextlib.contextmanager
def engine() -> Iterator[None]:
    """Have a container engine inside, and stop it afterwards if it was started here.

    Raises:
        PreparationError: none answers and none starts.
    """
    if engine_answers():
        yield
        return
    if os.environ.get("DOCKER_HOST"):
        raise PreparationError(f"DOCKER_HOST is {os.environ['DOCKER_HOST']}, where no container engine answers.")
    started = start_engine()
    try:
        deadline = time.monotonic() + ENGINE_SECONDS
        while not engine_answers():
            if started.poll() is not None or time.monotonic() > deadline:
                raise PreparationError(f"The container engine does not start; see {ENGINE_LOG}.")
            time.sleep(0.1)
        yield
    finally:
        stop(started)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started here."""
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def build_image() -> None:
    """Build the image of a workspace unless it is there.

    Raises:
        PreparationError: the build failed.
    """
    done = subprocess.run([sys.executable, "-m", "assay_spawner.image", "build"], check=False)
    if done.returncode:
        raise PreparationError("Without the image of a workspace the tests cannot run; see above.")


def run(command: list[str]) -> int:
    """Run the tests and return their exit status; an interrupt is theirs to handle."""
    if not command:
        return 0
    with subprocess.Popen(command) as tests:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: tests.terminate())
        return tests.wait()


def main(arguments: list[str]) -> int:
    """Prepare, run the command after ``--`` and return its exit status."""
    command = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    # Tests call root's programs as people do at root's prompt.
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    # SystemExit unwinds, so that an engine started here is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        missing = missing_packages(engine=engine_answers())
        if missing:
            install(missing)
        with engine():
            build_image()
            return run(command)
    except PreparationError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

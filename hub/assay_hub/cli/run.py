"""``assay run``: start everything, print two links, keep it running, and stop all of it at the end."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx

from assay_config.engine import NoContainersError, choose, engine_answers
from assay_config.secrets import secret
from assay_config.settings import SERVICE_PREFIX, Engine, Settings
from assay_hub.adapters.database import migrate
from assay_hub.bootstrap import Application
from assay_hub.cli.leftovers import adopt_orphans, end_orphans, reap_orphans, stop_containers, unmount_disks
from assay_hub.domain.errors import AssayError
from assay_hub.domain.interview import OPEN_STATES, Interview
from assay_hub.domain.plan import Plan
from assay_hub.domain.search import Order, Search

_ROOT = Path(__file__).parents[3]
_START_SECONDS = 90.0
_STOP_SECONDS = 20.0
_RESTART_SECONDS = 1.0
_SAMPLE = ("late-deliveries", "on-call-shifts", "sensor-pipeline")
"""What the sample interview asks: one question to analyse data, one to write code, one to find faults."""


def run(settings: Settings) -> int:
    """Run Assay in the foreground until Ctrl-C; a hub that dies is started again.

    Returns:
        0 after Ctrl-C, 1 when the hub never came up.
    """
    _say(f"Assay keeps everything in {settings.folder}")
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        choice = choose(settings, answers=engine_answers(), root=os.geteuid() == 0)
    except NoContainersError as error:
        _say(f"{error}\n`assay doctor` says more.")
        return 1
    if choice.remark:
        _say(f"{choice.remark}\nThat is for trying out only.")
    elif not _build_image():
        return 1
    migrate(settings.database_url)
    application = Application(settings)
    interview = _sample(application)
    adopt_orphans()
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return _keep_running(settings, choice.engine, application, interview, stopping)


def _keep_running(
    settings: Settings, engine: Engine, application: Application, interview: Interview, stopping: threading.Event
) -> int:
    log = settings.folder / "hub.log"
    _say(f"Starting the hub on {settings.url} (its log: {log}) …")
    with log.open("ab") as output:
        hub = _start_hub(settings, engine, output)
        try:
            if not _wait_until_up(settings, hub, stopping):
                if stopping.is_set():
                    return 0
                _say(f"The hub did not come up. The last lines of {log}:")
                _say("\n".join(log.read_text(errors="replace").splitlines()[-15:]))
                return 1
            _print_links(application, interview)
            while not stopping.wait(0.2):
                reap_orphans(hub.pid)
                if hub.poll() is not None:
                    _say(f"The hub ended unexpectedly (exit code {hub.returncode}); starting it again.")
                    time.sleep(_RESTART_SECONDS)
                    hub = _start_hub(settings, engine, output)
        finally:
            _say("Stopping …")
            _stop_workspaces(settings)
            _stop(hub)
            stop_containers(settings)
            unmount_disks(settings.folder / "volumes")
    return 0


def _start_hub(settings: Settings, engine: Engine, output: BinaryIO) -> subprocess.Popen[bytes]:
    chosen = {
        "ASSAY_DATA": str(settings.folder),
        "ASSAY_LIBRARY": str(settings.library.absolute()),
        "ASSAY_FORMATS": str(settings.formats.absolute()),
        "ASSAY_WORKSPACE__ENGINE": engine.value,  # a hub that starts again does what was said on the screen
    }
    return subprocess.Popen(
        [sys.executable, "-m", "jupyterhub", "-f", str(_ROOT / "jupyterhub_config.py")],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=settings.folder,
        env={**os.environ, **chosen},
        start_new_session=True,  # Ctrl-C reaches us only, and we stop things in order
    )


def _wait_until_up(settings: Settings, hub: subprocess.Popen[bytes], stopping: threading.Event) -> bool:
    host = urlsplit(settings.origin("desk")).netloc
    deadline = time.monotonic() + _START_SECONDS
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", headers={"Host": host}, timeout=2) as client:
        while time.monotonic() < deadline and hub.poll() is None and not stopping.wait(0.1):
            try:
                if client.get(f"{SERVICE_PREFIX}health").is_success:
                    return True
            except httpx.HTTPError:
                continue
    return False


def _stop_workspaces(settings: Settings) -> None:
    """Let the hub stop the workspaces, so that it gives back their disks as well."""
    api = Application(settings, secret(settings.folder, "service").hex()).hub
    try:
        for account in api.running_workspaces():
            api.stop_workspace(account)
    except AssayError as error:
        _say(f"The hub could not stop every workspace: {error}")


def _stop(hub: subprocess.Popen[bytes]) -> None:
    if hub.poll() is None:
        hub.terminate()
        try:
            hub.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            hub.kill()
            hub.wait()
    end_orphans()


def _build_image() -> bool:
    _say("Looking for the workspace image; the first build takes a few minutes …")
    build = subprocess.run([sys.executable, "-m", "assay_spawner.image", "build"], check=False)
    return build.returncode == 0


def _sample(application: Application) -> Interview:
    """Return the newest open interview of the first administrator, or a sample on the first start."""
    admin = application.team.person(application.settings.login.admins[0])
    mine = Search(states=tuple(OPEN_STATES), interviewer=admin.account, order=Order.LATEST_CREATED, rows=1)
    found = application.find_interviews(admin, mine).interviews
    if found:
        return found[0]
    _say("Creating a sample interview …")
    known = [ref.id for ref in application.library.all()]
    questions = tuple([one for one in known if one in _SAMPLE] or known[: len(_SAMPLE)])
    return application.create_interview(admin, Plan("Sample interview", "Sam Candidate", questions=questions))


def _print_links(application: Application, interview: Interview) -> None:
    person = application.team.person(application.settings.login.admins[0])
    staff = application.make_links.for_staff(person.account, interview.id)
    candidate = application.make_links.for_candidate(person, interview.id)
    _say(f"\nAssay is running. “{interview.title}” is waiting; open each link in a browser of its own")
    _say("(two profiles, or one private window), since one browser is one person:\n")
    _say(f"  interviewer  {staff}")
    _say(f"  candidate    {candidate}\n")
    _say("The interviewer's link works once. Ctrl-C stops everything; what was done is kept.")


def _say(text: str) -> None:
    print(text, flush=True)

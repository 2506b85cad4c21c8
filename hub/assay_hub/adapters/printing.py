"""Prints pages with a headless Chromium that has no network, no scripts, no other file and no rights.

It never runs as root and never without its own sandbox: a service that is root gives the process a user that nobody
else has. Time and memory are bounded from outside. A page is printed under a policy of its own that allows its style
and pictures inside it, whatever the page says; and the browser's preferences turn scripts off and let it open nothing
but this page.
"""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from assay_hub.domain.errors import PrintFailedError

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MISSING = "Chromium was not found. On Debian: apt-get install chromium. Or name it by the setting report.chromium."
PAGE_BYTES = 20_000_000
_PDF_BYTES = 100_000_000
_LOOK_SECONDS = 0.05
_ENDING_SECONDS = 10.0
_USERS = range(61184, 65520)  # systemd's range for users that exist only while something runs
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_HEAD = f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30}
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-dev-shm-usage",
    # There is no network where namespaces can be made; these hold where they cannot.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)


def found(chromium: str = "") -> str | None:
    """Return the path of Chromium: the one that was named, or one on the system."""
    names = (chromium,) if chromium else NAMES
    return next(filter(None, map(shutil.which, names)), None)


class ChromiumPrinter:
    """Makes PDF files.

    Args:
        chromium: path; empty to find it on the system.
        seconds: until a print is given up.
        memory: of one print, all of its processes together: a number with K, M or G.
    """

    def __init__(self, chromium: str, seconds: float, memory: str) -> None:
        self._chromium = chromium
        self._seconds = seconds
        self._memory = int(memory[:-1]) * _UNITS[memory[-1]]

    def pdf(self, page: str) -> bytes:
        """Return a page of HTML, which needs nothing else, as a PDF.

        Raises:
            PrintFailedError: the detail says why, and what to do.
        """
        program = found(self._chromium)
        if program is None:
            raise PrintFailedError(MISSING)
        content = (_HEAD + page).encode("utf-8", "replace")
        if len(content) > PAGE_BYTES:
            raise PrintFailedError("The report is too long to be printed.")
        with tempfile.TemporaryDirectory(prefix="assay-print-") as folder:
            return self._print(program, Path(folder), content)

    def _print(self, program: str, folder: Path, content: bytes) -> bytes:
        address = (folder / "report.html").as_uri()
        (folder / "report.html").write_bytes(content)
        _prefer(folder / "profile", address)
        user = _give_away(folder) if os.geteuid() == 0 else None
        command = [
            *_bounded(),
            *_without_network(),
            program,
            *_FLAGS,
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={folder / 'report.pdf'}",
            address,
        ]
        environment = {"HOME": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": str(folder)}
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen(  # our own flags and paths
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
            try:
                self._wait(process, user)
            finally:
                _end(process, user)
        return _made(folder, process.returncode)

    def _wait(self, process: subprocess.Popen[bytes], user: int | None) -> None:
        deadline = time.monotonic() + self._seconds
        while process.poll() is None:
            if time.monotonic() > deadline:
                raise PrintFailedError(f"It took more than {self._seconds:g} seconds (setting report.seconds).")
            if _used(process.pid, user) > self._memory:
                raise PrintFailedError("It took too much memory (setting report.memory).")
            time.sleep(_LOOK_SECONDS)


def _prefer(profile: Path, address: str) -> None:
    """Write the preferences of a new profile: no scripts, and nothing is opened but one page."""
    block = 2
    preferences = {
        "profile": {"default_content_setting_values": {"javascript": block}},
        "policy": {"url_blocklist": ["*"], "url_allowlist": [address]},
    }
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences), "utf-8")


def _give_away(folder: Path) -> int:
    user = random.SystemRandom().choice(_USERS)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user)
    return user


def _without_network() -> list[str]:
    """Return what starts a program in a network of its own, which has not even a loopback that is up."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    command = [unshare, "--user", "--map-current-user", "--net", "--"]
    tried = subprocess.run([*command, "true"], capture_output=True, check=False)  # a fixed command
    return command if tried.returncode == 0 else []


def _bounded() -> list[str]:
    """Return what bounds the files that a program writes, and all that it starts."""
    prlimit = shutil.which("prlimit")
    return [prlimit, "--core=0", f"--fsize={_PDF_BYTES}", "--"] if prlimit else []


def _processes(pid: int, user: int | None) -> list[int]:
    """Return what runs in a session, and everything of a user that nobody else has."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                mine = int(session) == pid or (user is not None and entry.stat().st_uid == user)
            except OSError:
                continue
            if mine and state != "Z":
                members.append(int(entry.name))
    return members


def _used(pid: int, user: int | None) -> int:
    """Return the memory of a print's processes, in bytes, without what each shares with others."""
    pages = 0
    for member in _processes(pid, user):
        try:
            resident, shared = (Path("/proc") / str(member) / "statm").read_text().split()[1:3]
        except OSError:
            continue
        pages += int(resident) - int(shared)
    return pages * resource.getpagesize()


def _end(process: subprocess.Popen[bytes], user: int | None) -> None:
    """End a print with all that it started, and wait until it is gone: its folder is deleted after that."""
    deadline = time.monotonic() + _ENDING_SECONDS
    while (left := _processes(process.pid, user)) and time.monotonic() < deadline:
        for member in left:
            with suppress(OSError):
                os.kill(member, signal.SIGKILL)
        process.poll()
        time.sleep(_LOOK_SECONDS)
    process.kill()
    process.wait()


def _made(folder: Path, code: int) -> bytes:
    made = folder / "report.pdf"
    if code == 0 and made.is_file() and not made.is_symlink():
        return made.read_bytes()
    said = (folder / "said").read_text("utf-8", "replace")
    if "No usable sandbox" in said or "namespace" in said.lower():
        raise PrintFailedError(
            "Chromium's sandbox cannot start here, and Assay prints with nothing less. On Debian: apt-get install "
            "chromium-sandbox, or allow unprivileged user namespaces."
        )
    raise PrintFailedError(f"Chromium ended with {code}: {said.strip()[-300:]}")

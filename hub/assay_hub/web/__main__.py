"""Runs the service; JupyterHub starts it with ``python -m assay_hub.web``."""

import ctypes
import logging
import os
import signal
import sys
from contextlib import suppress

import uvicorn

from assay_config import settings
from assay_hub.adapters.database import migrate
from assay_hub.bootstrap import Application, service_token
from assay_hub.web.app import create_app

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask the kernel to kill this process when the hub dies, so that the next hub finds the port free at once."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("The hub is gone already.")


def main() -> None:
    """Bring the schema up to date and serve until told to stop."""
    end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(levelname).1s %(asctime)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    read = settings.read()
    migrate(read.database_url)
    with suppress(KeyboardInterrupt):
        uvicorn.run(
            create_app(Application(read, service_token())),
            host="127.0.0.1",
            port=read.service_port,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=3,
            ws_max_size=65536,
            ws_ping_interval=5,
            ws_ping_timeout=12,
        )


if __name__ == "__main__":
    main()

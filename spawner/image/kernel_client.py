"""What the Jupyter server starts as "the kernel": asks the launcher for the real one and lives exactly as long.

Its arguments are the connection file and the module of the kernel, IPython's when there is none. When the server ends
this process the connection closes, and the launcher ends the kernel with everything that it started.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

SOCKET: Final = "/run/assay/launcher.sock"
NOTEBOOKS: Final = Path("/srv/interview/notebooks")
PASSED_ON: Final = ("JPY_SESSION_NAME",)
"""The only variables of the server's environment that a kernel gets to see."""


def main(connection_file: str, module: str = "ipykernel_launcher") -> NoReturn:
    """Ask for a kernel, wait for its end and end the same way."""
    request = {
        "connection": json.loads(Path(connection_file).read_text("utf-8")),
        "module": module,
        "cwd": str(Path.cwd() if Path.cwd().is_relative_to(NOTEBOOKS) else NOTEBOOKS),
        "environment": {name: os.environ[name] for name in PASSED_ON if name in os.environ},
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as launcher:
        launcher.connect(SOCKET)
        launcher.sendall(json.dumps(request).encode() + b"\n")
        answer = launcher.makefile("rb").readline()
    ended: dict[str, Any] = json.loads(answer) if answer else {"code": 1, "error": "the launcher is gone"}
    if ended.get("error"):
        sys.stderr.write(f"No kernel: {ended['error']}\n")
    if ended["code"] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(ended["code"])


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
"""Chromium that cannot watch network interfaces: run in place of ``chromium``, with its arguments.

Whenever an interface comes or goes Chromium fails the requests under way with ``ERR_NETWORK_CHANGED``. The engine makes
interfaces for each container, so pages would break at random; without a netlink socket Chromium notices nothing.
"""

import ctypes
import os
import platform
import shutil
import struct
import sys

AF_NETLINK = 16
EAFNOSUPPORT = 97
SOCKET = {"x86_64": 41, "aarch64": 198}
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER, FIRST_ARGUMENT = 0, 16
ALLOW, ERROR = 0x7FFF0000, 0x00050000


class Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_netlink(call: int) -> None:
    """Make ``socket(AF_NETLINK, …)`` fail in this process and all that it starts."""
    steps = [
        (LOAD, 0, 0, NUMBER),
        (JUMP_IF_EQUAL, 0, 3, call),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_IF_EQUAL, 0, 1, AF_NETLINK),
        (RETURN, 0, 0, ERROR | EAFNOSUPPORT),
        (RETURN, 0, 0, ALLOW),
    ]
    program = Program(len(steps), b"".join(struct.pack("HBBI", *step) for step in steps))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program))):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "prctl")


def main() -> None:
    """Become Chromium."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        sys.exit("chromium is missing: tests/prepare.py installs it")
    if platform.machine() in SOCKET:
        refuse_netlink(SOCKET[platform.machine()])
    os.execv(program, [program, *sys.argv[1:]])  # noqa: S606 - the arguments are Playwright's


if __name__ == "__main__":
    main()

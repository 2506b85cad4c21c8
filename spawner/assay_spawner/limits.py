"""What a workspace may use, and how that is said to the container engine."""

import math
from dataclasses import dataclass
from typing import Any, Final

SERVER_UID: Final = 1000
SERVER_GID: Final = 1000
WORKSPACE_GID: Final = 1001
"""Users and group inside the image; spawner/image/entrypoint.py has the same numbers."""

FIRST_KERNEL_UID: Final = 200_000
"""Each interview's kernels run as a number of their own: processes are counted per user, not per container."""

VOLUME: Final = "/srv/interview"
"""Where the volume of an interview is mounted in its container."""

CAPABILITIES: Final = ("SETUID", "SETGID", "SETPCAP", "KILL")
"""What the image's first program needs; server and kernels have none."""

_CPU_PERIOD: Final = 100_000  # microseconds
_MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds of one workspace.

    Attributes:
        memory: bytes, swap included; what lies in its temporary folders counts.
        cpus: processor cores.
        processes: processes and threads of server and kernels together.
        open_files: file descriptors of one process.
        tmp: bytes of ``/tmp``.
        log: bytes of one of the two files that hold its output.
    """

    memory: int = 1024 * _MIB
    cpus: float = 1.0
    processes: int = 256
    open_files: int = 4096
    tmp: int = 128 * _MIB
    log: int = 5 * _MIB

    @property
    def kernel_processes(self) -> int:
        """Processes and threads of all kernels together; the rest is the server's reserve."""
        return self.processes * 3 // 4

    @property
    def kernel_threads(self) -> int:
        """Threads that a numerical library starts by itself."""
        return max(1, math.floor(self.cpus))


def tmpfs(limits: Limits, kernel_uid: int) -> dict[str, str]:
    """Return the writable folders in memory, all gone with the container: path to mount options."""
    base = "rw,nosuid,nodev"
    return {
        "/tmp": f"{base},size={limits.tmp},mode=1777",  # noqa: S108 - of the container
        "/run/assay": f"{base},noexec,size=65536,mode=0755",
        "/run/server": f"{base},noexec,size={64 * _MIB},mode=0700,uid={SERVER_UID},gid={SERVER_GID}",
        "/run/kernel": f"{base},noexec,size={_MIB},mode=0700,uid={kernel_uid},gid={WORKSPACE_GID}",
    }


def host_config(limits: Limits, *, kernel_uid: int, volume: str, seccomp: str) -> dict[str, Any]:
    """Return the arguments of ``docker.APIClient.create_host_config`` for one workspace.

    Args:
        limits: what it may use.
        kernel_uid: user of its kernels.
        volume: absolute path of its folder on the host, which must exist when the container starts.
        seccomp: the profile as JSON.
    """
    return {
        "read_only": True,
        "tmpfs": tmpfs(limits, kernel_uid),
        "shm_size": 64 * _MIB,
        # A mount, not a bind: a bind would make a missing folder, and after a reboot hide that the volume is not there.
        "mounts": [{"Type": "bind", "Source": volume, "Target": VOLUME, "ReadOnly": False}],
        "cap_drop": ["ALL"],
        "cap_add": list(CAPABILITIES),
        "security_opt": ["no-new-privileges:true", f"seccomp={seccomp}"],
        "pids_limit": limits.processes,
        "mem_limit": limits.memory,
        "memswap_limit": limits.memory,
        "cpu_period": _CPU_PERIOD,
        "cpu_quota": int(limits.cpus * _CPU_PERIOD),
        "oom_score_adj": 500,
        "init": True,
        "ipc_mode": "private",
        # There is no resolver inside: names of the world and of neighbours have no answer.
        "dns": ["127.0.0.1"],
        "dns_opt": ["timeout:1", "attempts:1"],
        "sysctls": {"net.ipv6.conf.all.disable_ipv6": "1"},
        "log_config": {"Type": "json-file", "Config": {"max-size": str(limits.log), "max-file": "2"}},
        "ulimits": [
            {"Name": "nofile", "Soft": limits.open_files, "Hard": limits.open_files},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
        # Back after a crash and after a restart of the engine, with the same volume; not after the hub stopped it.
        "restart_policy": {"Name": "unless-stopped"},
    }


def kernel_environment(limits: Limits, kernel_uid: int) -> dict[str, str]:
    """Return the variables by which the image's first program learns about its kernels."""
    return {
        "ASSAY_KERNEL_UID": str(kernel_uid),
        "ASSAY_KERNEL_PROCESSES": str(limits.kernel_processes),
        "ASSAY_KERNEL_THREADS": str(limits.kernel_threads),
    }

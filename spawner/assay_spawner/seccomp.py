"""The system calls that a workspace may make: a complete list of our own, everything else refused.

Written for a Python server with kernels: files, memory, threads, child processes, sockets. What opens the machine below
(mounts, name spaces, kernel modules, tracing, BPF, io_uring, keys, clocks) is in no group, so it is refused with EPERM.
Format: the container engine's seccomp profile (https://docs.docker.com/engine/security/seccomp/).
"""

import json
from typing import Any, Final

_EPERM: Final = 1
_ENOSYS: Final = 38

GROUPS: Final[dict[str, str]] = {
    # Reading, writing and waiting on open files.
    "files": """
        read pread64 readv preadv preadv2 write pwrite64 writev pwritev pwritev2 close close_range lseek _llseek
        dup dup2 dup3 fcntl fcntl64 ioctl fsync fdatasync sync syncfs sync_file_range ftruncate ftruncate64 truncate
        truncate64 fallocate fadvise64 fadvise64_64 readahead copy_file_range sendfile sendfile64 splice tee vmsplice
        flock pipe pipe2 eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime
        select _newselect pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait
        epoll_wait_old epoll_pwait epoll_pwait2 inotify_init inotify_init1 inotify_add_watch inotify_rm_watch
    """,
    # Names: opening, looking, making, moving, owning. Who may is decided by users and modes.
    "names": """
        open openat openat2 creat access faccessat faccessat2 stat stat64 lstat lstat64 fstat fstat64
        newfstatat fstatat64 statx statfs statfs64 fstatfs fstatfs64 getdents getdents64 getcwd chdir fchdir
        mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat readlink readlinkat
        mknod mknodat chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat umask utime utimes utimensat
        futimesat getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr flistxattr
        removexattr lremovexattr fremovexattr
    """,
    # Memory. memfd_secret and userfaultfd are not needed by anything here.
    "memory": """
        brk mmap mmap2 munmap mremap mprotect madvise msync mincore mlock mlock2 munlock mlockall munlockall
        memfd_create membarrier pkey_alloc pkey_free pkey_mprotect shmget shmat shmdt shmctl semget semop semctl
        semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
    """,
    # Processes and threads; new name spaces are left out below.
    "processes": """
        fork vfork execve execveat exit exit_group wait4 waitid waitpid set_tid_address set_robust_list get_robust_list
        futex futex_waitv futex_wait futex_wake futex_requeue rseq arch_prctl set_thread_area get_thread_area gettid
        getpid getppid getpgid setpgid getpgrp getsid setsid kill tkill tgkill pidfd_open pidfd_send_signal prctl
        sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler
        sched_setscheduler sched_getattr sched_setattr sched_get_priority_max sched_get_priority_min
        sched_rr_get_interval getpriority setpriority getcpu getrlimit ugetrlimit setrlimit prlimit64 getrusage times
        ioprio_get restart_syscall
    """,
    # Users: needed to give privileges up; without a capability these only ever lower.
    "users": """
        getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid
        getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32
        setresuid setresuid32 setresgid setresgid32 setgroups setgroups32 setfsuid setfsgid capget capset
    """,
    # Signals and timers; reading clocks, never setting them.
    "signals": """
        rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn
        rt_sigsuspend sigreturn sigaltstack pause alarm setitimer getitimer nanosleep clock_nanosleep clock_gettime
        clock_gettime64 clock_getres clock_getres_time64 gettimeofday time timer_create timer_settime timer_gettime
        timer_getoverrun timer_delete
    """,
    # Sockets; which families is said below.
    "sockets": """
        socketpair bind connect listen accept accept4 getsockname getpeername getsockopt setsockopt send sendto sendmsg
        sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64 shutdown
    """,
    # What the machine says about itself.
    "machine": "uname sysinfo getrandom",
}

FAMILIES: Final = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
"""Netlink is how the C library lists addresses. Not raw packets, not the host's virtual sockets, not kernel crypto."""

NEW_NAMESPACES: Final = 0x7E020000
"""All CLONE_NEW… flags of clone(2)."""

PERSONALITIES: Final = (0x0, 0x20000, 0xFFFFFFFF)
"""Linux, Linux with an old version number, and the question which one it is."""


def allowed_names() -> frozenset[str]:
    """Return the system calls that are allowed whatever their arguments."""
    return frozenset(name for group in GROUPS.values() for name in group.split())


def profile() -> dict[str, Any]:
    """Return the profile in the container engine's format."""
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": _EPERM,
        # No 32-bit calls: their numbers would need a second list.
        "archMap": [
            {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []},
            {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": []},
        ],
        "syscalls": [
            {"names": sorted(allowed_names()), "action": "SCMP_ACT_ALLOW"},
            *(_equals("socket", 0, family) for family in FAMILIES.values()),
            *(_equals("personality", 0, value) for value in PERSONALITIES),
            {
                "names": ["clone"],
                "action": "SCMP_ACT_ALLOW",
                "args": [{"index": 0, "value": NEW_NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}],
            },
            # Its flags lie in memory where a filter cannot look; "not there" makes the C library take clone.
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": _ENOSYS},
        ],
    }


def _equals(name: str, index: int, value: int) -> dict[str, Any]:
    compare = {"index": index, "value": value, "valueTwo": 0, "op": "SCMP_CMP_EQ"}
    return {"names": [name], "action": "SCMP_ACT_ALLOW", "args": [compare]}


def profile_json() -> str:
    """Return the profile as the container engine takes it, on one line."""
    return json.dumps(profile(), separators=(",", ":"))

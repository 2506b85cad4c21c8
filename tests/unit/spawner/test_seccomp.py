"""The list of system calls, as the engine gets it."""

import json

from assay_spawner.seccomp import FAMILIES, GROUPS, NEW_NAMESPACES, allowed_names, profile, profile_json

DANGEROUS = """
    io_uring_setup io_uring_enter io_uring_register io_setup io_submit bpf userfaultfd keyctl add_key
    request_key ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd perf_event_open mount
    umount umount2 move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr pivot_root chroot unshare
    setns open_by_handle_at name_to_handle_at init_module finit_module delete_module create_module kexec_load
    kexec_file_load reboot swapon swapoff acct quotactl settimeofday clock_settime clock_adjtime adjtimex stime
    syslog iopl ioperm modify_ldt lookup_dcookie nfsservctl vhangup fanotify_init fanotify_mark memfd_secret
    move_pages mbind set_mempolicy migrate_pages sethostname setdomainname seccomp uselib ustat sysfs _sysctl
    vm86 vm86old socketcall ipc
"""


def test_nothing_that_opens_the_machine_below_is_allowed() -> None:
    assert allowed_names().isdisjoint(DANGEROUS.split())


def test_what_depends_on_arguments_is_not_allowed_outright() -> None:
    assert allowed_names().isdisjoint({"socket", "clone", "clone3", "personality"})


def test_everything_else_is_refused() -> None:
    assert profile()["defaultAction"] == "SCMP_ACT_ERRNO"
    assert {rule["action"] for rule in profile()["syscalls"]} == {"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"}


def test_a_call_stands_in_one_group_only() -> None:
    names = [name for group in GROUPS.values() for name in group.split()]

    assert len(names) == len(set(names))


def test_there_are_no_sockets_beyond_files_internet_and_address_lists() -> None:
    allowed = {rule["args"][0]["value"] for rule in profile()["syscalls"] if rule["names"] == ["socket"]}

    assert allowed == set(FAMILIES.values()) == {1, 2, 10, 16}


def test_a_child_gets_no_name_space_of_its_own() -> None:
    flags = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000

    assert flags == NEW_NAMESPACES


def test_no_architecture_brings_a_second_table_of_calls() -> None:
    assert all(entry["subArchitectures"] == [] for entry in profile()["archMap"])


def test_the_profile_is_one_line_of_json() -> None:
    assert "\n" not in profile_json()
    assert json.loads(profile_json()) == profile()

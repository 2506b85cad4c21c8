"""What code of a candidate can reach and break, tried from inside a kernel started as a notebook starts one."""

import socket
import subprocess
import time
from collections.abc import Iterator

import docker
import pytest
from integration.spawner.live_hub import Kernel, LiveHub, until

TRY_CONNECT = """
import socket
def reach(address, port):
    try:
        socket.create_connection((address, port), timeout=3).close()
        return "reached"
    except OSError as error:
        return "closed"
"""

TRY_CALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    value = libc.syscall(number, *arguments)
    return ctypes.get_errno() if value == -1 else "allowed"
"""


def network_of(hub: LiveHub, account: str) -> dict[str, str]:
    client = docker.APIClient(version="auto")
    config = client.inspect_network(f"{hub.name}-{account}")["IPAM"]["Config"][0]
    client.close()
    address = config["Gateway"].rsplit(".", 1)
    return {"gateway": config["Gateway"], "container": f"{address[0]}.{int(address[1]) + 1}"}


@pytest.fixture
def host_port() -> Iterator[int]:
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - the careless program of the host
        yield server.getsockname()[1]


def answers_fast(hub: LiveHub, account: str) -> bool:
    started = time.monotonic()
    answer = hub.workspace(account, "GET", "api/status", timeout=10)
    return answer.status_code == 200 and time.monotonic() - started < 10


def test_a_kernel_has_its_own_user_and_no_capability(kernel: Kernel) -> None:
    status = kernel.run("print(open('/proc/self/status').read())").out

    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(lines["Uid"].split()[0]) >= 200_000
    assert {lines[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert lines["NoNewPrivs"] == "1"
    assert lines["Seccomp"] == "2"


def test_the_libraries_of_the_questions_work(kernel: Kernel) -> None:
    ran = kernel.run(
        "import numpy, pandas, matplotlib.pyplot, ipywidgets, subprocess, threading, multiprocessing.pool\n"
        "matplotlib.pyplot.plot([1, 2])\n"
        "with multiprocessing.pool.ThreadPool(4) as pool: pool.map(abs, range(8))\n"
        "print(pandas.DataFrame({'a': numpy.arange(1000.0)}).a.sum(), subprocess.run(['true']).returncode)"
    )

    assert ran.error == ""
    assert ran.out == "499500.0 0\n"


def test_the_neighbour_is_out_of_reach_by_address_and_by_name(hub: LiveHub, kernel: Kernel, neighbour: str) -> None:
    other = network_of(hub, neighbour)

    ran = kernel.run(
        TRY_CONNECT + f"print(reach('{other['container']}', 8888), reach('{hub.name}-{neighbour}', 8888), "
        f"reach('{other['gateway']}', {hub.hub_port}))"
    )

    with socket.create_connection((other["container"], 8888), timeout=5):
        pass  # the host reaches it, so the neighbour is there to be reached
    assert ran.out.split() == ["closed", "closed", "closed"]


def test_ports_of_the_host_are_closed(hub: LiveHub, kernel: Kernel, workspace: str, host_port: int) -> None:
    own = network_of(hub, workspace)["gateway"]
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    addresses = [own, "172.17.0.1", *(address for address in addresses if ":" not in address)]

    ran = kernel.run(TRY_CONNECT + f"print(*[reach(address, {host_port}) for address in {addresses}])")

    with socket.create_connection((own, host_port), timeout=5):
        pass
    assert set(ran.out.split()) == {"closed"}


def test_only_the_hub_answers_at_the_gateway_and_only_what_a_server_needs(
    hub: LiveHub, kernel: Kernel, workspace: str
) -> None:
    gateway = network_of(hub, workspace)["gateway"]
    paths = [
        "/hub/api/",
        "/hub/api/user",
        "/hub/login",
        "/hub/api/users",
        "/hub/api/info",
        "/",
        "/hub/api/user/../users",
    ]

    ran = kernel.run(
        "import http.client\n"
        f"for path in {paths}:\n"
        f"    asked = http.client.HTTPConnection('{gateway}', {hub.hub_port}, timeout=5)\n"
        "    asked.request('GET', path)\n"
        "    print(asked.getresponse().status)\n"
    )

    assert ran.out.split() == ["200", "403", "404", "404", "404", "404", "404"]


@pytest.mark.parametrize("address", ["1.1.1.1", "169.254.169.254", "10.0.0.1", "172.17.0.1", "224.0.0.1"])
def test_the_world_is_out_of_reach(kernel: Kernel, address: str) -> None:
    ran = kernel.run(TRY_CONNECT + f"print(reach('{address}', 80), reach('{address}', 443))")

    assert ran.out.split() == ["closed", "closed"]


def test_names_of_the_world_have_no_answer(kernel: Kernel) -> None:
    ran = kernel.run("import socket; socket.getaddrinfo('deb.debian.org', 80)", seconds=30)

    assert ran.error.startswith("gaierror")


def test_the_engines_resolver_forwards_nothing(kernel: Kernel) -> None:
    question = "123401000001000000000000" + "03646562" + "0664656269616e" + "036f7267" + "00" + "00010001"

    ran = kernel.run(
        "import socket\n"
        "asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "asked.settimeout(8)\n"
        f"asked.sendto(bytes.fromhex('{question}'), ('127.0.0.11', 53))\n"
        "try: answer = asked.recv(4096); print(answer[3] & 15, int.from_bytes(answer[6:8], 'big'))\n"
        "except OSError: print('silence')\n"
    )

    assert ran.out.strip() in {"silence", "2 0", "5 0"}


def test_there_are_no_sockets_but_ordinary_ones(kernel: Kernel) -> None:
    ran = kernel.run(
        "import socket\n"
        "for family, kind, protocol in [(2, 3, 1), (17, 3, 0), (40, 1, 0), (38, 5, 0), (31, 3, 0), (29, 3, 0)]:\n"
        "    try: socket.socket(family, kind, protocol); print('allowed')\n"
        "    except PermissionError: print('refused')\n"
    )

    assert ran.error == ""
    assert set(ran.out.split()) == {"refused"}


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("io_uring_setup", "call(425, 8, ctypes.create_string_buffer(256))"),
        ("io_uring_enter", "call(426, 0, 0, 0, 0, 0, 0)"),
        ("bpf", "call(321, 0, 0, 0)"),
        ("userfaultfd", "call(323, 0)"),
        ("keyctl", "call(250, 0, -3, 0)"),
        ("add_key", "call(248, b'user', b'a', b'b', 1, -3)"),
        ("ptrace", "call(101, 0, 0, 0, 0)"),
        ("process_vm_readv", "call(310, os.getpid(), 0, 0, 0, 0, 0)"),
        ("pidfd_getfd", "call(438, 0, 0, 0)"),
        ("perf_event_open", "call(298, 0, 0, -1, -1, 0)"),
        ("mount", "call(165, b'none', b'/tmp', b'tmpfs', 0, 0)"),
        ("fsopen", "call(430, b'tmpfs', 0)"),
        ("unshare user", "call(272, 0x10000000)"),
        ("unshare nothing", "call(272, 0)"),
        ("setns", "call(308, 0, 0)"),
        ("clone into a new user name space", "call(56, 0x10000000 | 17, 0, 0, 0, 0)"),
        ("chroot", "call(161, b'/tmp')"),
        ("open_by_handle_at", "call(304, 0, 0, 0)"),
        ("personality without randomisation", "call(135, 0x40000)"),
        ("init_module", "call(175, 0, 0, 0)"),
        ("kexec_load", "call(246, 0, 0, 0, 0)"),
        ("clock_settime", "call(227, 0, 0)"),
        ("syslog", "call(103, 10, 0, 0)"),
    ],
)
def test_the_system_refuses_what_no_notebook_needs(kernel: Kernel, name: str, call: str) -> None:
    ran = kernel.run(TRY_CALL + f"print({call})")

    assert ran.out.strip() == "1", f"{name}: {ran}"


def test_clone3_is_not_there_so_that_threads_fall_back(kernel: Kernel) -> None:
    assert kernel.run(TRY_CALL + "print(call(435, 0, 0))").out.strip() == "38"


def test_only_its_own_folders_can_be_written(kernel: Kernel) -> None:
    ran = kernel.run(
        "import os\n"
        "for top, folders, _ in os.walk('/'):\n"
        "    folders[:] = [name for name in folders if os.path.join(top, name) not in ('/proc', '/sys')]\n"
        "    if os.access(top, os.W_OK): print(top); folders[:] = []\n"
    )

    expected = {"/tmp", "/dev/shm", "/dev/mqueue", "/run/kernel", "/srv/interview/home", "/srv/interview/notebooks"}  # noqa: S108
    assert ran.error == ""
    assert set(ran.out.split()) == expected


def test_no_file_gives_its_user_away(kernel: Kernel) -> None:
    ran = kernel.run(
        "import subprocess; print(subprocess.run('find / -xdev -perm /6000 -type f', shell=True, "
        "capture_output=True, text=True).stdout)"
    )

    assert ran.out.strip() == ""


def test_the_servers_memory_environment_files_and_record_are_closed(kernel: Kernel) -> None:
    ran = kernel.run(
        "import os\n"
        "def look(path):\n"
        "    try:\n"
        "        (os.listdir if os.path.isdir(path) else lambda name: open(name, 'rb').read(1))(path)\n"
        "        print('open', path)\n"
        "    except OSError as error: print(type(error).__name__)\n"
        "others = [pid for pid in os.listdir('/proc') if pid.isdigit() and os.stat(f'/proc/{pid}').st_uid < 100000]\n"
        "print(len(others))\n"
        "for pid in others:\n"
        "    for name in ('environ', 'mem', 'fd', 'maps', 'cwd', 'root'): look(f'/proc/{pid}/{name}')\n"
        "for name in ('record', 'server'): look(f'/srv/interview/{name}')\n"
        "look('/run/server')\n"
    )

    first, *rest = ran.out.split()
    assert ran.error == ""
    assert int(first) >= 4  # init, the first program, the server, this kernel's client
    assert set(rest) == {"PermissionError"}


def test_nothing_of_the_hub_is_in_a_kernel(hub: LiveHub, kernel: Kernel) -> None:
    ran = kernel.run(
        "import os, glob\n"
        "print(dict(os.environ))\n"
        "for path in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: print(open(path).read())\n"
        "    except OSError: pass\n"
    )

    assert "PATH" in ran.out
    assert "JUPYTERHUB" not in ran.out
    assert "TOKEN" not in ran.out.upper()
    assert hub.token not in ran.out


def test_the_server_cannot_be_ended_or_slowed_from_a_kernel(hub: LiveHub, kernel: Kernel, workspace: str) -> None:
    ran = kernel.run(
        "import os, signal\n"
        "for pid in [int(name) for name in os.listdir('/proc') if name.isdigit()]:\n"
        "    if os.stat(f'/proc/{pid}').st_uid >= 100000: continue\n"
        "    for act in (lambda: os.kill(pid, 9), lambda: os.kill(pid, 19), lambda: os.setpriority(0, pid, 19),\n"
        "                lambda: open(f'/proc/{pid}/oom_score_adj', 'w').write('1000')):\n"
        "        try: act(); print('done')\n"
        "        except PermissionError: print('refused')\n"
    )

    assert ran.error == ""
    assert set(ran.out.split()) == {"refused"}
    assert answers_fast(hub, workspace)


def test_a_kernel_cannot_ask_the_launcher(kernel: Kernel) -> None:
    ran = kernel.run("import socket; socket.socket(socket.AF_UNIX).connect('/run/assay/launcher.sock')")

    assert ran.error.startswith("PermissionError")


def test_a_notebook_of_the_server_cannot_be_changed_removed_or_replaced(
    hub: LiveHub, kernel: Kernel, workspace: str
) -> None:
    body = {"type": "file", "format": "text", "content": "as it was"}
    assert hub.workspace(workspace, "PUT", "api/contents/task.txt", json=body).status_code == 201

    ran = kernel.run(
        "import os\n"
        "open('mine.txt', 'w').write('mine')\n"
        "for act in (lambda: open('task.txt', 'a'), lambda: os.unlink('task.txt'),\n"
        "            lambda: os.chmod('task.txt', 0o777), lambda: os.rename('mine.txt', 'task.txt'), \n"
        "            lambda: os.rename('task.txt', 'gone.txt'), lambda: os.rename('../notebooks', '../moved')):\n"
        "    try: act(); print('done')\n"
        "    except PermissionError: print('refused')\n"
        "print(open('task.txt').read())\n"
    )

    assert ran.error == ""
    assert ran.out == "refused\n" * 6 + "as it was\n"
    assert hub.workspace(workspace, "GET", "api/contents/mine.txt").json()["content"] == "mine"


def test_the_server_is_not_led_out_of_the_notebooks_by_a_link(hub: LiveHub, kernel: Kernel, workspace: str) -> None:
    ran = kernel.run(
        "import os\n"
        "os.symlink('/srv/interview/server', 'way'); os.symlink('/etc/passwd', 'passwd.txt')\n"
        "os.symlink('/srv/interview/record/forged.txt', 'forged.txt')\n"
        "try: os.link('/run/assay/launcher.sock', 'sock')\n"
        "except OSError: print('refused')\n"
    )

    body = {"type": "file", "format": "text", "content": "forged"}
    assert ran.out == "refused\n"
    assert hub.workspace(workspace, "GET", "api/contents/passwd.txt").status_code >= 400
    assert hub.workspace(workspace, "GET", "api/contents/way").status_code >= 400
    assert hub.workspace(workspace, "PUT", "api/contents/forged.txt", json=body).status_code >= 400


def test_what_a_kernel_leaves_running_ends_with_it(hub: LiveHub, workspace: str) -> None:
    look = (
        "import glob\n"
        "print(sum(b'4321' in open(path, 'rb').read() for path in glob.glob('/proc/[0-9]*/cmdline')), 'left')"
    )
    with hub.kernel(workspace) as first:
        first.run(
            "import subprocess\n"
            "subprocess.Popen(['setsid', 'sh', '-c', 'sleep 4321 & exec sleep 4321'], start_new_session=True)"
        )
        until(lambda: first.run(look).out == "2 left\n", seconds=60, what="both run")

    with hub.kernel(workspace) as second:
        until(lambda: second.run(look).out == "0 left\n", seconds=60, what="nothing is left running")


def test_a_fork_bomb_stays_in_its_workspace(hub: LiveHub, kernel: Kernel, workspace: str, neighbour: str) -> None:
    bomb = "import subprocess; subprocess.Popen(['sh', '-c', 'f() { f | f & }; f'], start_new_session=True)"
    count = (
        "import os, time\nmost = 0\nend = time.time() + 5\nwhile time.time() < end:\n"
        "    try: most = max(most, sum(name.isdigit() for name in os.listdir('/proc')))\n    except OSError: pass\n"
        "print(most)\n"
    )

    ran = kernel.run(bomb + "\n" + count, seconds=60)

    assert answers_fast(hub, neighbour)
    assert answers_fast(hub, workspace)
    assert int(ran.out.split()[-1]) < 256
    # A new kernel cannot start, but asking for one does not take the server down.
    hub.workspace(workspace, "POST", "api/kernels", json={"name": "python3"}, timeout=30)
    assert answers_fast(hub, workspace)


def test_after_a_fork_bomb_the_workspace_is_usable_again(hub: LiveHub, workspace: str) -> None:
    for kernel in hub.workspace(workspace, "GET", "api/kernels").json():
        hub.workspace(workspace, "DELETE", f"api/kernels/{kernel['id']}")

    with hub.kernel(workspace) as opened:
        assert opened.run("print(6 * 7)").out == "42\n"


def test_a_memory_hog_takes_its_kernel_down_and_nothing_else(
    hub: LiveHub, kernel: Kernel, workspace: str, neighbour: str
) -> None:
    ran = kernel.run("hog = []\nwhile True: hog.append(bytearray(b'x') * (32 << 20))", seconds=120)

    assert ran.died
    assert answers_fast(hub, workspace)
    assert answers_fast(hub, neighbour)


def test_a_full_disk_is_the_workspaces_own_and_leaves_the_server_room(
    hub: LiveHub, kernel: Kernel, workspace: str, neighbour: str
) -> None:
    ran = kernel.run(
        "written = 0\n"
        "try:\n"
        "    with open('big', 'wb', buffering=0) as file:\n"
        "        while True: written += file.write(b'x' * 65536)\n"
        "except OSError as error: print(error.errno, written)\n"
    )

    code, written = ran.out.split()
    assert code == "28"
    assert int(written) < 64 * 1024 * 1024
    body = {"type": "file", "format": "text", "content": "x" * 500_000}
    assert hub.workspace(workspace, "PUT", "api/contents/kept.txt", json=body).status_code == 201
    assert hub.workspace(neighbour, "PUT", "api/contents/kept.txt", json=body).status_code == 201
    kernel.run("import os; os.unlink('big')")


def test_the_temporary_folder_counts_as_memory_and_is_bounded(hub: LiveHub, kernel: Kernel, workspace: str) -> None:
    ran = kernel.run(
        "import errno\n"
        "try:\n"
        "    with open('/tmp/big', 'wb', buffering=0) as file:\n"
        "        while True: file.write(b'x' * (1 << 20))\n"
        "except OSError as error: print(errno.errorcode[error.errno])\n"
        "import os; os.unlink('/tmp/big')"
    )

    assert ran.out.strip() == "ENOSPC"
    assert answers_fast(hub, workspace)

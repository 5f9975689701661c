"""What the master creates, keeps and refuses when it starts."""

import grp
import os
import pwd
import signal
import socket
import stat
import subprocess

import pytest
from conftest import POOLS, program
from proc import fds_of
from wait import wait_for


def check(*arguments):
    done = subprocess.run([program(), *arguments], capture_output=True, text=True, timeout=10)
    return done.returncode, done.stdout, done.stderr


def test_options(server):
    server.configure()
    assert check("--config", server.conf, "--check")[0] == 0
    status, out, _ = check("--version")
    assert status == 0 and out.startswith("boxoffice")
    status, out, _ = check("--help")
    assert status == 0 and "--config" in out
    assert check("--colour")[0] == 2
    assert check("more")[0] == 2


def test_the_configuration_comes_from_the_environment_as_well(server):
    server.configure()
    done = subprocess.run([program(), "--check"], env={"BOXOFFICE_CONF": server.conf}, timeout=10)
    assert done.returncode == 0


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"server": {"colour": "red"}}, "colour"),
        ({"server": {"backlog": "1"}}, "backlog"),
        ({"server": {"socket_group": "nobody-of-that-name"}}, "nobody-of-that-name"),
        pytest.param(
            {"server": {"user": "nobody-of-that-name"}},
            "nobody-of-that-name",
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="the user matters to root only"),
        ),
        ({"pool_catalog": None}, "pool"),
        ({"pool_catalog": {"workers": 500}, "pool_booking": {"workers": 500}}, "workers"),
        ({"auth": {"secrets_file": "/nonexistent"}}, "nonexistent"),
    ],
)
def test_a_bad_configuration_is_refused_with_the_reason(server, change, reason):
    server.configure(**change)
    for arguments in (["--check"], []):
        status, _, error = check("--config", server.conf, *arguments)
        assert status == 78
        assert reason in error


def test_secrets_that_others_may_read_are_refused(server):
    server.configure()
    os.chmod(f"{server.dir}/secrets.conf", 0o644)
    assert check("--config", server.conf, "--check")[0] == 78


def test_sockets_are_for_owner_and_group_only(server):
    group = grp.getgrgid(os.getgroups()[0] if os.geteuid() else pwd.getpwnam("www-data").pw_gid)
    server.start(server={"socket_group": group.gr_name}, pool_booking={"workers": 1})
    for pool in ("catalog", "booking"):
        info = os.stat(server.socket(pool))
        assert stat.S_IMODE(info.st_mode) == 0o660
        assert info.st_gid == group.gr_gid


def test_the_backlog_is_as_configured(server):
    server.start(server={"backlog": 32, "stop_timeout_ms": 300}, pool_catalog={"workers": 1})
    worker = server.workers()[0]
    server.signal(signal.SIGSTOP, worker)
    waiting = []
    try:
        with pytest.raises(BlockingIOError):
            for _ in range(100):
                client = socket.socket(socket.AF_UNIX)
                waiting.append(client)
                client.setblocking(False)
                client.connect(server.socket())
    finally:
        for client in waiting:
            client.close()
        server.signal(signal.SIGCONT, worker)
    assert len(waiting) == 34  # backlog + 1 wait, the next is refused

    def is_free():
        try:
            return server.get("/api/test/constant").status == 200
        except BlockingIOError:
            return False

    wait_for(is_free)
    assert server.get("/api/test/constant").status == 200


def test_the_master_holds_nothing_but_its_sockets_and_files(server):
    server.start(cache={"servers": "127.0.0.1:1"}, pool_booking={"workers": 1})
    server.get("/api/test/constant")
    fds = fds_of(server.pid)
    kinds = sorted(name.partition(":")[0] for fd, name in fds.items() if fd > 2)
    files = {name for fd, name in fds.items() if fd > 2 and name.startswith("/")}
    assert kinds.count("socket") == len(POOLS), "a socket beyond those it listens on"
    assert files == {server.log_path, f"{server.run_dir}/boxofficed.pid"}
    assert len([fd for fd in fds if fd > 2]) == len(POOLS) + 3, fds
    for fd in (fd for fd in fds if fd > 2):
        with open(f"/proc/{server.pid}/fdinfo/{fd}") as info:
            flags = int([line for line in info if line.startswith("flags")][0].split()[1], 8)
        assert flags & os.O_CLOEXEC, f"descriptor {fd} ({fds[fd]}) would be inherited"


def test_a_worker_holds_its_own_listening_socket_only(server):
    server.start(pool_booking={"workers": 1})
    server.get("/api/test/constant")
    worker = server.workers("booking")[0]

    def names():
        return [name for fd, name in fds_of(worker).items() if fd > 2]

    # The client has its answer a moment before the worker has closed the connection.
    wait_for(lambda: len([name for name in names() if name.startswith("socket:")]) == 1)
    assert not any(name.endswith(".pid") for name in names())


def test_all_processes_have_one_name(server):
    server.start()
    for pid in [server.pid, *server.children()]:
        with open(f"/proc/{pid}/comm") as comm:
            assert comm.read().strip() == "boxofficed"


def test_a_second_master_is_refused(server):
    server.start()
    status, _, error = check("--config", server.conf)
    assert status == 1
    assert f"already running as {server.pid}" in error
    assert server.get("/api/test/constant").status == 200


@pytest.mark.parametrize("content", ["", "1\n", "99999999\n", "rubbish"])
def test_a_stale_pid_file_is_healed(server, content):
    server.configure()
    os.mkdir(server.run_dir)
    with open(f"{server.run_dir}/boxofficed.pid", "w") as file:
        file.write(content)
    server.spawn()
    server.wait_ready()
    with open(f"{server.run_dir}/boxofficed.pid") as file:
        assert file.read() == f"{server.pid}\n"


def test_a_stale_socket_is_replaced(server):
    server.configure()
    os.mkdir(server.run_dir)
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(server.socket())
    server.spawn()
    server.wait_ready()
    assert server.get("/api/test/constant").status == 200


def test_a_socket_that_is_answered_is_left_alone(server):
    server.configure(server={"stop_timeout_ms": 300})
    os.mkdir(server.run_dir)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(server.socket())
        other.listen()
        status, _, error = check("--config", server.conf)
        assert status == 1
        assert "another process answers there" in error
        assert os.path.exists(server.socket())


def test_a_file_in_the_place_of_a_socket_is_left_alone(server):
    server.configure()
    os.mkdir(server.run_dir)
    with open(server.socket(), "w") as file:
        file.write("precious")
    assert check("--config", server.conf)[0] == 78
    with open(server.socket()) as file:
        assert file.read() == "precious"


def test_a_socket_that_cannot_be_given_to_its_group_is_not_left_behind(server):
    nobody = pwd.getpwnam("nobody").pw_uid
    identity = {"user": nobody, "group": nobody, "extra_groups": []} if os.geteuid() == 0 else {}
    server.configure(server={"socket_group": "root"}, log={"file": "-"})
    os.mkdir(server.run_dir)
    if identity:
        os.chown(server.run_dir, nobody, nobody)
        os.chown(f"{server.dir}/secrets.conf", nobody, nobody)
    server.spawn(**identity)
    assert server.wait_end() == 78
    assert "could not listen on" in server.stderr() and not os.path.exists(server.socket())


def test_a_path_too_long_for_a_socket_is_refused(server):
    server.configure(pool_catalog={"socket": "/tmp/" + "x" * 110})
    assert check("--config", server.conf, "--check")[0] == 78


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_becomes_the_configured_user(server):
    nobody = pwd.getpwnam("nobody")
    server.configure(
        server={"user": "nobody", "socket_group": "www-data"}, log={"file": f"{server.dir}/log/l"}
    )
    server.log_path = f"{server.dir}/log/l"
    os.mkdir(f"{server.dir}/log")
    os.chown(f"{server.dir}/secrets.conf", 0, nobody.pw_gid)
    os.chmod(f"{server.dir}/secrets.conf", 0o640)
    os.chown(f"{server.dir}/log", nobody.pw_uid, nobody.pw_gid)
    server.spawn()
    server.wait_ready()
    for pid in [server.pid, *server.children()]:
        with open(f"/proc/{pid}/status") as status:
            uids = [line.split()[1:] for line in status if line.startswith("Uid:")][0]
        assert uids == [str(nobody.pw_uid)] * 4
    info = os.stat(server.socket())
    assert (info.st_uid, info.st_gid) == (nobody.pw_uid, grp.getgrnam("www-data").gr_gid)
    assert server.get("/api/test/constant").status == 200
    server.signal(signal.SIGTERM)
    assert server.wait_end() == 0
    assert os.listdir(server.run_dir) == []


def test_it_serves_though_the_database_is_away(server):
    server.start()
    assert server.get("/api/test/constant").status == 200
    wait_for(lambda: server.log("could not mirror the database"))

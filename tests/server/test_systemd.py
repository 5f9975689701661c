"""What a service manager gives to the master and is told by it: sockets, readiness, signs of life."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time

import fcgi
import pytest
from conftest import POOLS, program
from handin import Sockets
from proc import fds_of, is_live, listening
from wait import wait_for

def listen(*paths):
    return Sockets(paths)


def hand_in(server, sockets, names="", others=()):
    """Starts the master with these sockets, as systemd would."""
    command, fds, environment = sockets.offer([program(), "--config", server.conf], names, others)
    server.process = subprocess.Popen(
        command, pass_fds=fds, env=dict(os.environ, **environment), stderr=open(f"{server.dir}/stderr", "a")
    )
    sockets.release(fds)


def asks(path):
    return fcgi.request(path, "GET", "/api/test/constant").status


def reload(server):
    before = len(server.log("^reloaded$"))
    server.signal(signal.SIGHUP)
    wait_for(lambda: len(server.log("^reloaded$")) > before, what="the reload")


# --- sockets


def test_sockets_are_found_by_their_path(server):
    """systemd gives all sockets of a unit the same name. That of catalog comes first and is for the second pool."""
    server.configure()
    os.mkdir(server.run_dir)
    paths = [server.socket("booking"), server.socket("catalog")]
    sockets = listen(*paths)
    before = [os.stat(path).st_ino for path in paths]
    hand_in(server, sockets, "boxofficed.socket:boxofficed.socket")
    server.wait_ready()
    for pool in ("booking", "catalog"):
        assert asks(server.socket(pool)) == 200
        assert server.log("^request$")[-1]["pool"] == pool
    server.signal(signal.SIGTERM)
    assert server.wait_end() == 0
    assert [os.stat(path).st_ino for path in paths] == before


def test_sockets_are_found_by_their_name(server):
    server.configure()
    paths = {pool: f"{server.dir}/{pool}.handed" for pool in ("booking", "catalog")}
    hand_in(server, listen(*paths.values()), "booking:catalog")
    server.wait_ready()
    for pool, path in paths.items():
        assert asks(path) == 200
        assert server.log("^request$")[-1]["pool"] == pool
        assert not os.path.exists(server.socket(pool))
    server.signal(signal.SIGTERM)
    assert server.wait_end() == 0
    assert all(map(os.path.exists, paths.values()))


def test_a_pool_that_leaves_its_socket_from_outside_is_refused(server):
    """nginx would wait there for nobody."""
    server.allowed = ["not reloaded"]
    server.configure()
    os.mkdir(server.run_dir)
    listener = listen(server.socket("catalog"))
    hand_in(server, listener)
    server.wait_ready()
    server.configure(pool_catalog={"socket": server.socket("moved")})
    done = subprocess.run([program(), "--config", server.conf, "--reload"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 78 and "pool catalog: its socket is another" in done.stderr
    assert asks(server.socket("catalog")) == 200
    server.signal(signal.SIGTERM)
    assert server.wait_end() == 0
    hand_in(server, listener)
    assert server.wait_end(10) == 78
    assert not os.path.exists(server.socket("moved"))


def test_two_pools_never_share_a_socket(server):
    """It has the path of one and the name of the other."""
    server.configure()
    os.mkdir(server.run_dir)
    hand_in(server, listen(server.socket("booking")), "catalog")
    assert server.wait_end(10) == 1
    assert "pool booking: could not listen" in server.stderr()


def test_a_pool_that_comes_back_finds_its_socket_again(server):
    """Who had connected meanwhile is served then."""
    server.configure(pool_one={"workers": 1})
    os.mkdir(server.run_dir)
    listener = listen(server.socket("one"))
    hand_in(server, listener)
    listener.close()  # only the master has it now
    server.wait_ready()
    inode = os.stat(server.socket("one")).st_ino
    workers = server.workers("one")
    server.configure()
    reload(server)
    wait_for(lambda: server.log("one.sock was handed in and belongs to no pool"))
    wait_for(lambda: not any(map(is_live, workers)), what="the worker of the pool to go")
    with fcgi.start(server.socket("one"), "GET", "/api/test/constant") as waiting:
        assert asks(server.socket("catalog")) == 200
        server.configure(pool_one={"workers": 1})
        reload(server)
        assert fcgi.receive(waiting).status == 200
    assert os.stat(server.socket("one")).st_ino == inode


def test_a_pool_without_a_socket_from_outside_is_bound(server):
    server.configure()
    os.mkdir(server.run_dir)
    hand_in(server, listen(server.socket("catalog")))
    server.wait_ready()
    assert asks(server.socket("catalog")) == asks(server.socket("booking")) == 200
    server.signal(signal.SIGTERM)
    assert server.wait_end() == 0
    assert os.listdir(server.run_dir) == ["catalog.sock"]


def test_what_is_no_listening_socket_is_closed(server):
    server.configure()
    os.mkdir(server.run_dir)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other, open("/dev/null") as file:
        hand_in(server, listen(server.socket()), others=[other, file])
    server.wait_ready()
    assert "descriptor 4 was handed in" in server.stderr() and "descriptor 5 was handed in" in server.stderr()
    assert asks(server.socket()) == 200
    sockets = [name for fd, name in fds_of(server.pid).items() if name.startswith("socket:") and fd > 2]
    assert sorted(sockets) == sorted(listening(server.socket(pool)) for pool in POOLS)


def test_a_child_holds_no_socket_of_another_pool(server):
    server.configure(pool_catalog={"workers": 1})
    os.mkdir(server.run_dir)
    paths = [server.socket("booking"), server.socket("catalog"), f"{server.dir}/nobody"]
    hand_in(server, listen(*paths))
    server.wait_ready()
    wait_for(lambda: server.mirror())
    assert len(server.children()) == 1 + len(POOLS)
    sockets = {listening(path) for path in [*map(server.socket, POOLS), f"{server.dir}/nobody"]}
    held = sorted(sorted(sockets & set(fds_of(pid).values())) for pid in server.children())
    assert held == sorted([[], *([listening(server.socket(pool))] for pool in POOLS)])


def test_the_environment_of_another_process_is_not_for_us(server):
    """LISTEN_PID names who is meant."""
    server.configure()
    server.spawn(env={"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    server.wait_ready()
    assert asks(server.socket()) == 200


def test_a_socket_from_outside_never_blocks_and_is_never_passed_on(server):
    server.configure()
    os.mkdir(server.run_dir)
    hand_in(server, listen(server.socket()))
    server.wait_ready()
    name = listening(server.socket())
    fd = next(fd for fd, found in fds_of(server.pid).items() if found == name)
    with open(f"/proc/{server.pid}/fdinfo/{fd}") as info:
        flags = int(next(line for line in info if line.startswith("flags")).split()[1], 8)
    assert flags & os.O_CLOEXEC and flags & os.O_NONBLOCK


# --- words


class Manager:
    """The socket on which systemd listens."""

    def __init__(self, server):
        self.path = f"{server.dir}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)

    def next(self, limit_s=5):
        self.socket.settimeout(limit_s)
        return dict(line.split("=", 1) for line in self.socket.recv(1000).decode().splitlines())

    def until(self, name, limit_s=5):
        deadline = time.monotonic() + limit_s
        while name not in (found := self.next(limit_s)):
            assert time.monotonic() < deadline
        return found

    def count(self, name, for_s):
        """How often it is said within this time."""
        count, deadline = 0, time.monotonic() + for_s
        with contextlib.suppress(TimeoutError):
            while (left := deadline - time.monotonic()) > 0:
                count += name in self.next(left)
        return count


@pytest.fixture
def manager(server):
    manager = Manager(server)
    yield manager
    manager.socket.close()


def test_the_manager_is_told(server, manager):
    server.configure()
    server.spawn(env={"NOTIFY_SOCKET": manager.path})
    told = manager.next()
    assert told["READY"] == "1"
    assert re.match(r"[56] of 6 workers of 5 pools; 0 requests, 0 crashes, 0 stuck workers killed$", told["STATUS"])
    server.signal(signal.SIGHUP)
    told = manager.next()
    assert told["RELOADING"] == "1" and int(told["MONOTONIC_USEC"]) <= time.monotonic() * 1e6
    assert manager.next()["READY"] == "1"
    server.signal(signal.SIGTERM)
    assert manager.next()["STOPPING"] == "1"
    assert server.wait_end() == 0


def test_a_refused_reload_is_ended_as_well(server, manager):
    server.allowed = ["not reloaded"]
    server.configure()
    server.spawn(env={"NOTIFY_SOCKET": manager.path})
    manager.until("READY")
    server.configure(server={"backlog": "many"})
    server.signal(signal.SIGHUP)
    assert "RELOADING" in manager.next()
    assert manager.next()["READY"] == "1"


def slowed(server, injection):
    """The workers' way to the first connection is disturbed; nobody else makes this call."""
    return ["strace", "-f", "-o", "/dev/null", "-e", "trace=epoll_create1", "-e", f"inject=epoll_create1:{injection}"]


def spawn_slowed(server, manager, injection):
    server.process = subprocess.Popen(
        [*slowed(server, injection), program(), "--config", server.conf],
        env={"NOTIFY_SOCKET": manager.path, "PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        stderr=open(f"{server.dir}/stderr", "a"),
    )


def stop_slowed(server):
    """strace ends when the master has."""
    server.signal(signal.SIGTERM, server.children()[0])
    server.wait_end(10)


def test_it_is_ready_when_its_workers_are(server, manager):
    server.configure(pool_catalog={"workers": 1})
    began = time.monotonic()
    spawn_slowed(server, manager, "delay_enter=700000")
    assert manager.next()["READY"] == "1"
    assert time.monotonic() - began > 0.7
    stop_slowed(server)


def test_a_pool_that_never_serves_does_not_keep_it_from_being_ready(server, manager):
    server.allowed = ["wait on", "ended with status 1", "is throttled"]
    server.configure(pool_catalog={"workers": 1})
    began = time.monotonic()
    spawn_slowed(server, manager, "error=EMFILE")
    told = manager.next(8)
    assert told["READY"] == "1" and told["STATUS"].startswith("0 of 5 workers")
    assert time.monotonic() - began > 2.5
    stop_slowed(server)


def test_a_worker_that_never_gets_to_its_first_connection_is_killed(server, manager):
    server.allowed = ["is stuck for", "did not stop in time"]
    server.configure(
        server={"stuck_after_ms": 700, "request_deadline_ms": 500, "stop_timeout_ms": 500}, pool_catalog={"workers": 1},
        database={"statement_timeout_ms": 100},
    )
    spawn_slowed(server, manager, "delay_enter=3000000")
    wait_for(lambda: server.log("catalog: child .* is stuck for"), 10, "the worker to be killed")
    stop_slowed(server)


def test_the_watchdog_is_fed_though_the_database_is_away(server, manager):
    server.configure()
    server.spawn(env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"})
    manager.until("READY")
    assert 7 <= manager.count("WATCHDOG", 2) <= 12
    assert server.log("could not mirror the database")


def test_the_watchdog_is_fed_though_a_worker_is_stuck_and_that_is_killed(server, manager):
    server.allowed = ["is stuck for"]
    server.configure(
        server={"stuck_after_ms": 700, "request_deadline_ms": 500}, pool_catalog={"workers": 1},
        database={"statement_timeout_ms": 100},
    )
    server.spawn(env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"})
    manager.until("READY")
    worker = server.workers()[0]
    with fcgi.start(server.socket(), "GET", "/api/test/sleep?ms=60000"):
        assert manager.count("WATCHDOG", 1.5) >= 4
        wait_for(lambda: not is_live(worker), 3, "the stuck worker to be killed")
    wait_for(lambda: asks(server.socket()) == 200)
    assert server.metric("boxoffice_worker_stuck_total") == 1


def test_a_master_that_hangs_gives_no_sign_of_life(server, manager):
    server.configure()
    server.spawn(env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"})
    manager.until("WATCHDOG")
    server.signal(signal.SIGSTOP)
    manager.count("WATCHDOG", 0.2)  # what was under way
    try:
        assert manager.count("WATCHDOG", 1) == 0
    finally:
        server.signal(signal.SIGCONT)


@pytest.mark.parametrize("pid", ["1", "rubbish"])
def test_the_watchdog_of_another_process_is_not_fed(server, manager, pid):
    server.configure()
    server.spawn(env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000", "WATCHDOG_PID": pid})
    manager.until("READY")
    assert manager.count("WATCHDOG", 1) == 0

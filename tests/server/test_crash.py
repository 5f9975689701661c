"""Workers and the mirror die in every way. The master replaces them and does not run wild."""

import os
import signal
import time

import fcgi
import pytest
from proc import is_live
from wait import wait_for


@pytest.mark.parametrize("name", ["SEGV", "ABRT", "BUS", "FPE", "ILL", "SYS"])
def test_a_crash_signal_counts_and_the_worker_is_replaced(server, name):
    server.allowed = ["crashed by signal"]
    server.start()
    number = getattr(signal, "SIG" + name)
    assert server.get(f"/api/test/crash?signal={int(number)}").status == 0
    wait_for(lambda: server.log(f"crashed by signal {int(number)} before its first answer"))
    wait_for(lambda: len(server.workers()) == 2)
    assert server.metric("boxoffice_worker_crashes_total") == 1


def test_an_exit_status_counts_as_a_crash(server):
    server.allowed = ["ended with status 3"]
    server.start()
    assert server.get("/api/test/crash?exit=3").status == 0
    wait_for(lambda: server.log("ended with status 3"))
    assert server.metric("boxoffice_worker_crashes_total") == 1


def test_a_crash_loop_is_throttled_and_ends(server):
    server.allowed = ["crashed by signal 11", "is throttled: 3 crashes"]
    server.start(
        server={"crash_limit": 3, "crash_window_s": 2, "crash_delay_ms": 400},
        pool_catalog={"workers": 1},
    )
    for _ in range(3):
        assert server.get("/api/test/crash?signal=11").status == 0
    wait_for(lambda: server.log("is throttled: 3 crashes"))
    began = time.monotonic()
    assert server.get("/api/test/crash?signal=11").status == 0
    assert time.monotonic() - began > 0.25, "a worker was spawned without a pause"
    began = time.monotonic()
    assert server.get("/api/test/constant").status == 200
    assert time.monotonic() - began > 0.25, "a worker was spawned without a pause"
    wait_for(lambda: not server.workers() or time.monotonic() - began > 2.2, 4)
    server.signal(signal.SIGKILL, server.workers()[0])
    began = time.monotonic()
    assert server.get("/api/test/constant").status == 200
    assert time.monotonic() - began < 0.3, "still throttled after the window"


def test_crashes_on_both_sides_of_a_window_edge_count_together(server):
    server.allowed = ["crashed by signal 11", "is throttled"]
    server.start(server={"crash_limit": 3, "crash_window_s": 3}, pool_catalog={"workers": 1})
    began = time.monotonic()
    for moment_s in (0, 2, 3.3, 3.4):
        wait_for(lambda: time.monotonic() - began >= moment_s, 5)
        assert server.get("/api/test/crash?signal=11").status == 0
    wait_for(lambda: server.log("is throttled: 3 crashes"))


def test_another_pool_is_not_throttled(server):
    server.allowed = ["crashed by signal 11", "is throttled"]
    server.start(
        server={"crash_limit": 1, "crash_delay_ms": 5000},
        pool_catalog={"workers": 1},
        pool_booking={"workers": 1},
    )
    server.get("/api/test/crash?signal=11")
    wait_for(lambda: server.log("pool catalog is throttled"))
    server.signal(signal.SIGKILL, server.workers("booking")[0])
    began = time.monotonic()
    assert server.get("/api/test/constant", path=server.socket("booking")).status == 200
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("name", ["KILL", "TERM"])
def test_kill_and_term_are_no_crashes(server, name):
    server.start(server={"crash_limit": 2})
    for _ in range(10):
        before = wait_for(lambda: server.workers() if len(server.workers()) == 2 else None)
        for pid in before:
            server.signal(getattr(signal, "SIG" + name), pid)
        wait_for(lambda: not any(is_live(pid) for pid in before))
    assert server.get("/api/test/constant").status == 200
    assert server.metric("boxoffice_worker_crashes_total") == 0
    assert not server.log("throttled")


def test_all_workers_killed_at_once_answer_again_within_a_second(server):
    server.start(pool_catalog={"workers": 8})
    workers = set()

    def eight_others():
        """Those just killed may not be gone yet."""
        now = set(server.workers())
        return now if len(now) == 8 and not now & workers else None
    for _ in range(5):
        workers = wait_for(eight_others)
        for pid in workers:
            server.signal(signal.SIGKILL, pid)
        began = time.monotonic()
        while server.get("/api/test/constant").status != 200:
            pass
        assert time.monotonic() - began < 1


def test_a_stuck_worker_is_killed_and_replaced(server):
    server.allowed = ["is stuck for"]
    server.start(server={"request_deadline_ms": 200, "stuck_after_ms": 600})
    began = time.monotonic()
    assert server.get("/api/test/sleep?ms=60000").status == 0
    assert 0.5 < time.monotonic() - began < 1.5
    assert server.get("/api/test/constant").status == 200
    wait_for(lambda: len(server.workers()) == 2)
    assert server.metric("boxoffice_worker_stuck_total") == 1
    assert server.metric("boxoffice_worker_crashes_total") == 0


def test_counters_of_dead_workers_stay(server):
    server.start()
    name = 'boxoffice_requests_total{route="GET /api/test/constant",status="200"}'
    for _ in range(20):
        assert server.get("/api/test/constant").status == 200
    assert server.metric(name) == 20
    before = server.workers()
    for pid in before:
        server.signal(signal.SIGKILL, pid)
    wait_for(lambda: len(set(server.workers()) - set(before)) == 2)
    assert server.metric(name) == 20
    assert server.get("/api/test/constant").status == 200
    assert server.metric(name) == 21


def test_a_dead_mirror_is_replaced(server):
    server.start()
    mirror = server.mirror()
    server.signal(signal.SIGKILL, mirror)
    wait_for(lambda: server.mirror() not in (None, mirror))


def test_a_silent_mirror_is_replaced(server):
    server.start()
    mirror = server.mirror()
    server.signal(signal.SIGSTOP, mirror)
    wait_for(lambda: server.log("the mirror is silent"), 5)
    wait_for(lambda: server.mirror() not in (None, mirror))


def test_a_database_that_is_away_does_not_cost_the_mirror(server):
    server.start()
    mirror = server.mirror()
    time.sleep(3.5)  # longer than a silence is suffered
    assert server.mirror() == mirror
    assert len(server.log("could not mirror the database")) == 1


def test_children_do_not_survive_a_killed_master(server):
    server.start(pool_catalog={"workers": 4})
    children = server.children()
    assert len(server.workers()) == 4 and server.mirror() in children
    server.process.kill()
    server.process.wait()
    wait_for(lambda: not any(is_live(pid) for pid in children), 1)


def test_a_killed_master_leaves_a_request_its_time(server):
    server.start()
    with fcgi.start(server.socket(), "GET", "/api/test/sleep?ms=500") as connection:
        wait_for(lambda: server.children())
        time.sleep(0.1)  # until the request is in the worker's hands
        server.process.kill()
        assert fcgi.receive(connection).status == 200
    wait_for(lambda: not any(is_live(pid) for pid in server.pids), 1)


def test_it_starts_again_after_the_master_was_killed(server):
    server.start()
    server.children()
    server.process.kill()
    server.process.wait()
    assert os.path.exists(server.socket())
    with open(f"{server.run_dir}/boxofficed.pid") as file:
        assert int(file.read()) == server.pid
    os.unlink(server.log_path)
    server.spawn()
    server.wait_ready()
    assert server.get("/api/test/constant").status == 200
    with open(f"{server.run_dir}/boxofficed.pid") as file:
        assert int(file.read()) == server.pid

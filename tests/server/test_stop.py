"""SIGTERM and SIGINT: idle workers end at once, the others after their request, all in time."""

import os
import random
import signal
import socket
import threading
import time

import fcgi
import pytest
from proc import fds_of, is_live
from wait import wait_for


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_an_idle_server_is_gone_at_once(server, name):
    server.start(pool_catalog={"workers": 8})
    children = server.children()
    began = time.monotonic()
    server.signal(getattr(signal, "SIG" + name))
    assert server.wait_end() == 0
    assert time.monotonic() - began < 0.5
    assert not any(is_live(pid) for pid in children)
    assert os.listdir(server.run_dir) == []


def test_a_request_in_flight_finishes(server):
    server.start()
    with fcgi.start(server.socket(), "GET", "/api/test/sleep?ms=700") as connection:
        time.sleep(0.1)  # until the request is in the worker's hands
        server.signal(signal.SIGTERM)
        wait_for(lambda: len(server.workers()) <= 1, 0.5, "the idle worker to go at once")
        assert fcgi.receive(connection).status == 200
    assert server.wait_end(1) == 0


def test_a_request_that_takes_too_long_is_cut_off(server):
    server.start(server={"stop_timeout_ms": 500})
    with fcgi.start(server.socket(), "GET", "/api/test/sleep?ms=60000") as connection:
        time.sleep(0.1)  # until the request is in the worker's hands
        began = time.monotonic()
        server.signal(signal.SIGTERM)
        assert server.wait_end() == 0
        assert 0.4 < time.monotonic() - began < 1.2
        assert fcgi.receive(connection).status == 0
    assert server.log("did not stop in time")


def test_all_are_gone_in_ten_seconds_unless_configured_otherwise(server):
    """One request never ends, one ends late: the first is cut off in time to be reaped."""
    server.configure(server={"request_deadline_ms": 60000, "stuck_after_ms": 70000})
    with open(server.conf) as file:
        lines = [line for line in file if not line.startswith("stop_timeout_ms")]
    with open(server.conf, "w") as file:
        file.writelines(lines)
    server.spawn()
    server.wait_ready()
    children = server.children()
    with (
        fcgi.start(server.socket(), "GET", "/api/test/sleep?ms=60000"),
        fcgi.start(server.socket(), "GET", "/api/test/sleep?ms=8000") as late,
    ):
        time.sleep(0.1)  # until the requests are in the workers' hands
        began = time.monotonic()
        server.signal(signal.SIGTERM)
        assert fcgi.receive(late).status == 200
        assert server.wait_end(11) == 0
        assert time.monotonic() - began < 10
    assert not any(is_live(pid) for pid in children)


def test_a_socket_that_somebody_put_in_its_place_stays(server):
    """systemd binds a path anew that the old server has bound itself."""
    server.start()
    os.unlink(server.socket())
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(server.socket())
        server.signal(signal.SIGTERM)
        assert server.wait_end() == 0
        assert os.listdir(server.run_dir) == ["catalog.sock"]


def test_nobody_queues_up_at_a_server_that_stops(server):
    server.start(server={"stop_timeout_ms": 1000})
    with fcgi.start(server.socket(), "GET", "/api/test/sleep?ms=800") as connection:
        time.sleep(0.1)  # until the request is in the worker's hands
        server.signal(signal.SIGTERM)
        wait_for(lambda: not os.path.exists(server.socket()))
        assert fcgi.receive(connection).status == 200
    assert server.wait_end() == 0


def test_a_connection_taken_before_the_order_is_served_though_its_request_comes_late(server):
    """nginx writes right after it has connected, but may be off the processor in between."""
    server.start(pool_catalog={"workers": 1})
    worker = server.workers()[0]
    known = len(fds_of(worker))
    with fcgi.connect(server.socket()) as connection:
        wait_for(lambda: len(fds_of(worker)) > known, what="the worker to take the connection")
        server.signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(fcgi.message("GET", "/api/test/constant"))
        assert fcgi.receive(connection).status == 200
    assert server.wait_end() == 0


def test_sigterm_is_never_lost_and_loses_no_request(server):
    """A signal between the look for work and the wait for it would be seen at the next request
    only; a worker that took a connection must answer it before it goes."""
    server.start(pool_catalog={"workers": 3})
    answers = []

    def ask(delay_s):
        time.sleep(delay_s)
        answers.append(server.get("/api/test/constant?bytes=64").status)

    for _ in range(300):
        workers = wait_for(lambda: server.workers() or None)
        asking = threading.Thread(target=ask, args=(random.random() * 0.001,))
        asking.start()
        time.sleep(random.random() * 0.001)
        server.signal(signal.SIGTERM, workers[0])
        wait_for(lambda: not is_live(workers[0]), 1, "a worker with SIGTERM to go")
        asking.join()
    assert answers == [200] * 300


def test_a_server_that_starts_can_be_stopped(server):
    server.configure()
    for delay_ms in range(0, 60, 3):
        server.spawn()
        time.sleep(delay_ms / 1000)
        server.signal(signal.SIGTERM)
        # Before the handlers are there the signal itself ends the process.
        assert server.wait_end(2) in (0, -signal.SIGTERM)

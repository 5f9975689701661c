"""SIGHUP: a good configuration takes effect without a lost request, and a bad one changes nothing."""

import os
import signal
import socket
import time

import fcgi
import pytest
from conftest import Load
from proc import is_live
from wait import wait_for


def reload(server, times=1):
    before = len(server.log("^reloaded$"))
    server.signal(signal.SIGHUP)
    wait_for(lambda: len(server.log("^reloaded$")) > before, what="the reload")


def test_a_good_configuration_is_taken_over_without_a_lost_request(server):
    server.start(pool_catalog={"workers": 2})
    old = server.workers()
    mirror = server.mirror()
    with Load(server.socket()) as load:
        wait_for(lambda: load.done > 100)
        for workers in (4, 1, 3):
            server.configure(pool_catalog={"workers": workers})
            reload(server)
            wait_for(lambda: len(server.workers()) == workers)
        done = load.done
        wait_for(lambda: load.done > done + 100)
    assert load.bad == []
    assert not any(is_live(pid) for pid in old)
    wait_for(lambda: server.mirror() not in (None, mirror))


def test_pools_come_and_go(server):
    server.start(pool_one={"workers": 1})
    count = len(server.children())
    server.configure(pool_two={"workers": 2})
    reload(server)
    assert server.get("/api/test/constant", path=server.socket("two")).status == 200
    assert server.get("/api/test/constant").status == 200
    assert not os.path.exists(server.socket("one"))
    wait_for(lambda: len(server.children()) == count + 1)


def test_a_request_in_flight_ends_well_across_a_reload(server):
    server.start()
    with fcgi.start(server.socket(), "GET", "/api/test/sleep?ms=700") as connection:
        time.sleep(0.1)  # until the request is in the worker's hands
        reload(server)
        assert server.get("/api/test/constant").status == 200
        assert fcgi.receive(connection).status == 200


def test_a_bad_configuration_keeps_the_old_one(server):
    server.allowed = ["not reloaded"]
    server.start()
    old = sorted(server.children())
    for change in ({"backlog": "many"}, {"colour": "red"}, {"stuck_after_ms": 300}):
        server.configure(server=change)
        before = len(server.log("not reloaded"))
        server.signal(signal.SIGHUP)
        wait_for(lambda: len(server.log("not reloaded")) > before)
        assert server.get("/api/test/constant").status == 200
    assert sorted(server.children()) == old
    assert any("backlog" in line["msg"] for line in server.log("not reloaded"))


def test_a_reload_is_held_to_what_the_start_is_held_to(server):
    server.allowed = ["not reloaded"]
    server.start()
    old = sorted(server.children())
    server.configure(pool_catalog=None)
    server.signal(signal.SIGHUP)
    wait_for(lambda: server.log("not reloaded.*pool catalog.: the section is missing"))
    assert server.get("/api/test/constant").status == 200
    assert sorted(server.children()) == old


def test_a_reload_does_not_ask_for_accounts(server):
    """Asking could hang the master on a directory of accounts that is away."""
    server.start()
    server.configure(server={"socket_group": "nobody-of-that-name"})
    server.signal(signal.SIGHUP)
    wait_for(lambda: server.log("reloaded$"))
    assert server.log("server.socket_group: the next start takes it, a reload does not")
    assert server.get("/api/test/constant").status == 200


def test_bad_secrets_keep_the_old_configuration(server):
    server.allowed = ["not reloaded"]
    server.start()
    old = sorted(server.children())
    os.rename(f"{server.dir}/secrets.conf", f"{server.dir}/gone")
    server.signal(signal.SIGHUP)
    wait_for(lambda: server.log("not reloaded"))
    assert sorted(server.children()) == old


def test_a_socket_in_use_keeps_the_old_configuration(server):
    server.allowed = ["not reloaded"]
    server.start()
    old = sorted(server.children())
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(server.socket("one"))
        other.listen()
        server.configure(pool_one={"workers": 1})
        server.signal(signal.SIGHUP)
        wait_for(lambda: server.log("not reloaded.*another process answers"))
    assert sorted(server.children()) == old
    assert server.get("/api/test/constant").status == 200


def test_the_log_is_reopened_everywhere(server):
    server.start(pool_catalog={"workers": 1})
    for number, kept in ((signal.SIGUSR1, "a"), (signal.SIGHUP, "b")):
        os.rename(server.log_path, f"{server.dir}/{kept}")
        server.signal(number)
        wait_for(lambda: os.path.exists(server.log_path))

        def is_logged():
            server.get("/api/test/constant?bytes=64")
            return server.log("^request$")

        wait_for(is_logged)


def test_many_reloads_in_a_row_lose_nothing(server):
    server.start(pool_catalog={"workers": 4})
    with Load(server.socket()) as load:
        for _ in range(20):
            server.signal(signal.SIGHUP)
            time.sleep(0.02)
        wait_for(lambda: len(server.workers()) == 4)
        done = load.done
        wait_for(lambda: load.done > done + 50)
    assert load.bad == []

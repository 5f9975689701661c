"""Runs on a machine of its own whose systemd has our units (test_units.py). There is no database."""

import os
import shutil
import signal
import stat
import subprocess

import pytest

import fcgi
from conftest import Load
from proc import children_of
from wait import wait_for

SERVICE = "boxofficed.service"
SOCKET = "boxofficed.socket"
RELAY = "boxoffice-relay.service"
CONF = "/etc/boxoffice/boxoffice.conf"
CATALOG = "/run/boxoffice/catalog.sock"


def systemctl(*arguments):
    return subprocess.run(["systemctl", *arguments], capture_output=True, text=True, timeout=60)


def show(name, *properties):
    text = systemctl("show", name, *(f"--property={name}" for name in properties)).stdout
    return dict(line.split("=", 1) for line in text.splitlines())


def journal(name, *options):
    return subprocess.run(["journalctl", "-u", name, "-o", "cat", *options], capture_output=True, text=True).stdout


def is_state(name, state):
    return show(name, "ActiveState")["ActiveState"] == state


def main_pid():
    return int(show(SERVICE, "MainPID")["MainPID"])


def kill_master(number=signal.SIGKILL):
    """And waits for the next one. Never the 0 that systemd shows in between: that is our own process group."""
    pid = wait_for(main_pid, 10, "a master")
    os.kill(pid, number)
    wait_for(lambda: main_pid() not in (0, pid) and is_state(SERVICE, "active"), 20, "another master")


def inodes():
    return {name: os.stat(f"/run/boxoffice/{name}").st_ino
            for name in os.listdir("/run/boxoffice") if name.endswith(".sock")}


def answers():
    return fcgi.request(CATALOG, "GET", "/healthz").status == 200


def configure(server="", more=""):
    """The example configuration, with lines for [server] and further sections."""
    with open(f"{CONF}.example") as file:
        text = file.read()
    with open(CONF, "w") as file:
        file.write(text.replace("\n[server]\n", f"\n[server]\ntest_routes = yes\n{server}\n") + more)


@pytest.fixture(autouse=True, scope="module")
def installed():
    shutil.chown("/etc/boxoffice/secrets.conf", "root", "boxoffice")
    os.chmod("/etc/boxoffice/secrets.conf", 0o640)
    os.rename(CONF, f"{CONF}.example")


@pytest.fixture(autouse=True)
def running(installed):
    configure()
    done = systemctl("start", SERVICE)
    assert done.returncode == 0, done.stderr
    wait_for(lambda: is_state(SERVICE, "active"), 10, "the service to run")


def test_the_sockets_are_for_nginx_and_nobody_else():
    folder = os.stat("/run/boxoffice")
    assert stat.S_IMODE(folder.st_mode) == 0o2750, "a socket that the server binds itself is for nginx as well"
    assert len(inodes()) == 5
    for name in inodes():
        info = os.stat(f"/run/boxoffice/{name}")
        assert stat.S_IMODE(info.st_mode) == 0o660
        assert (shutil._get_uid("boxoffice"), shutil._get_gid("www-data")) == (info.st_uid, info.st_gid)


def test_no_process_is_root_or_may_become_it():
    pids = [main_pid(), *children_of(main_pid())]
    assert len(pids) > 10
    for pid in pids:
        with open(f"/proc/{pid}/status") as file:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        assert fields["Uid"].split() == [str(shutil._get_uid("boxoffice"))] * 4
        assert int(fields["CapBnd"], 16) == 0 and fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2"


def test_a_restart_keeps_the_sockets():
    before, pid = inodes(), main_pid()
    assert systemctl("restart", SERVICE).returncode == 0
    assert main_pid() != pid and inodes() == before and answers()


def test_restarts_and_kills_lose_no_request():
    with Load(CATALOG, threads=3) as load:
        for act in [lambda: systemctl("restart", SERVICE)] * 5 + [kill_master] * 2:
            done = load.done
            act()
            wait_for(lambda: load.done > done + 50, 20, "requests to be answered")
    assert load.bad == []


def test_a_killed_master_comes_back_and_the_connections_wait():
    before, pid = inodes(), main_pid()
    for _ in range(6):  # more often than systemd's own limit of starts allows
        kill_master()
        assert answers()
    assert main_pid() != pid and inodes() == before


def test_a_connection_starts_the_server():
    systemctl("stop", SERVICE)
    assert is_state(SERVICE, "inactive") and is_state(SOCKET, "active")
    assert answers()


def test_a_wrong_configuration_does_not_loop():
    """With connections waiting, systemd would start it again and again."""
    configure(more="rubbish\n")
    done = systemctl("restart", SERVICE)
    assert done.returncode != 0 and "canceled" not in done.stderr
    state = show(SERVICE, "ActiveState", "ExecMainStatus")
    assert state == {"ActiveState": "failed", "ExecMainStatus": "78"}
    wait_for(lambda: is_state(SOCKET, "inactive"), 5, "the sockets to be closed")
    with pytest.raises(ConnectionRefusedError):
        answers()
    configure()
    assert systemctl("restart", SERVICE).returncode == 0
    assert is_state(SOCKET, "active") and answers()


def test_a_relay_with_a_wrong_configuration_stops_and_with_a_dead_database_goes_on():
    assert systemctl("start", RELAY).returncode == 0
    configure(more="rubbish\n")
    systemctl("restart", RELAY)
    wait_for(lambda: is_state(RELAY, "failed"), 10, "the relay to give up")
    assert show(RELAY, "ExecMainStatus", "NRestarts") == {"ExecMainStatus": "78", "NRestarts": "0"}
    configure()
    assert systemctl("restart", RELAY).returncode == 0
    wait_for(lambda: "cycle failed" in journal(RELAY), 10, "the relay to miss the database")
    assert show(RELAY, "ActiveState", "NRestarts") == {"ActiveState": "active", "NRestarts": "0"}
    systemctl("stop", RELAY)


def test_a_server_that_fails_at_once_is_tried_once_a_second():
    pid_file = "/run/boxoffice/boxofficed.pid"
    systemctl("stop", SERVICE)
    os.mkdir(pid_file)
    try:
        client = fcgi.start(CATALOG, "GET", "/healthz")
        wait_for(lambda: int(show(SERVICE, "NRestarts")["NRestarts"]) >= 1 or is_state(SERVICE, "failed"), 10)
        assert 1 <= journal(SERVICE, "--since=-3s").count("could not write") <= 4
    finally:
        os.rmdir(pid_file)
    wait_for(lambda: is_state(SERVICE, "active"), 10, "the service to run")
    assert fcgi.receive(client).status == 200
    assert is_state(SOCKET, "active")


def test_requests_in_flight_end_well_though_every_process_is_told_to_stop():
    pid = main_pid()
    with fcgi.start(CATALOG, "GET", "/api/test/sleep?ms=1000") as client:
        wait_for(lambda: "boxoffice_workers_busy{pool=\"catalog\"} 2" in
                 fcgi.request(CATALOG, "GET", "/metrics").body.decode(), 5, "a worker to have the request")
        assert systemctl("restart", SERVICE).returncode == 0
        assert fcgi.receive(client).status == 200
    assert main_pid() != pid


def test_a_pool_without_a_socket_unit_is_for_nginx_as_well():
    configure(more="[pool extra]\nworkers = 1\n")
    assert systemctl("restart", SERVICE).returncode == 0
    info = os.stat("/run/boxoffice/extra.sock")
    assert (info.st_uid, info.st_gid) == (shutil._get_uid("boxoffice"), shutil._get_gid("www-data"))
    configure()
    assert systemctl("restart", SERVICE).returncode == 0
    assert not os.path.exists("/run/boxoffice/extra.sock")


def test_a_master_that_hangs_is_replaced_and_a_dead_database_hangs_nobody():
    """The watchdog of the guest has two seconds."""
    said = journal(SERVICE)
    assert "the database is away" in said and "Watchdog timeout" not in said
    before = inodes()
    kill_master(signal.SIGSTOP)
    assert answers() and inodes() == before


def test_what_it_does_is_seen_in_its_status():
    answers()
    systemctl("restart", SERVICE)
    assert "of 17 workers of 5 pools; " in show(SERVICE, "StatusText")["StatusText"]


def test_a_refused_reload_says_so_and_changes_nothing():
    before, pid, children = inodes(), main_pid(), set(children_of(main_pid()))
    configure(server="backlog = many")
    assert systemctl("reload", SERVICE).returncode != 0
    assert is_state(SERVICE, "active") and inodes() == before
    assert main_pid() == pid and set(children_of(pid)) == children
    configure(more="[pool extra]\nworkers = 1\n")
    assert systemctl("reload", SERVICE).returncode == 0
    assert os.path.exists("/run/boxoffice/extra.sock") and main_pid() == pid
    configure()
    assert systemctl("reload", SERVICE).returncode == 0
    assert inodes() == before

"""Runs inside a systemd that has our units, started by test_units.py. There is no database."""

import os
import shutil
import signal
import stat
import subprocess

import pytest

import fcgi
from proc import children_of
from wait import wait_for

SERVICE = "boxofficed.service"
SOCKET = "boxofficed.socket"
CONF = "/etc/boxoffice/boxoffice.conf"
CATALOG = "/run/boxoffice/catalog.sock"


def systemctl(*arguments):
    return subprocess.run(["systemctl", *arguments], capture_output=True, text=True, timeout=60)


def show(name, *properties):
    text = systemctl("show", name, *(f"--property={name}" for name in properties)).stdout
    return dict(line.split("=", 1) for line in text.splitlines())


def is_state(name, state):
    return show(name, "ActiveState")["ActiveState"] == state


def main_pid():
    return int(show(SERVICE, "MainPID")["MainPID"])


def inodes():
    return {name: os.stat(f"/run/boxoffice/{name}").st_ino
            for name in os.listdir("/run/boxoffice") if name.endswith(".sock")}


def answers():
    return fcgi.request(CATALOG, "GET", "/healthz").status == 200


@pytest.fixture(autouse=True, scope="module")
def installed():
    shutil.chown("/etc/boxoffice/secrets.conf", "root", "boxoffice")
    os.chmod("/etc/boxoffice/secrets.conf", 0o640)
    shutil.copy(CONF, f"{CONF}.good")


@pytest.fixture(autouse=True)
def running(installed):
    shutil.copy(f"{CONF}.good", CONF)
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


def test_a_killed_master_comes_back_and_the_connections_wait():
    before, pid = inodes(), main_pid()
    for _ in range(6):  # more often than systemd's own limit of starts allows
        os.kill(main_pid(), signal.SIGKILL)
        assert answers()
        wait_for(lambda: is_state(SERVICE, "active"), 10, "the service to run")
    assert main_pid() != pid and inodes() == before


def test_a_connection_starts_the_server():
    systemctl("stop", SERVICE)
    assert is_state(SERVICE, "inactive") and is_state(SOCKET, "active")
    assert answers()


def test_a_wrong_configuration_does_not_loop():
    """With connections waiting, systemd would start it again and again."""
    with open(CONF, "a") as file:
        file.write("rubbish\n")
    done = systemctl("restart", SERVICE)
    assert done.returncode != 0 and "canceled" not in done.stderr
    state = show(SERVICE, "ActiveState", "ExecMainStatus")
    assert state == {"ActiveState": "failed", "ExecMainStatus": "78"}
    wait_for(lambda: is_state(SOCKET, "inactive"), 5, "the sockets to be closed")
    with pytest.raises(ConnectionRefusedError):
        answers()
    shutil.copy(f"{CONF}.good", CONF)
    assert systemctl("restart", SERVICE).returncode == 0
    assert is_state(SOCKET, "active") and answers()


def test_a_server_that_fails_at_once_is_tried_once_a_second():
    pid_file = "/run/boxoffice/boxofficed.pid"
    systemctl("stop", SERVICE)
    os.mkdir(pid_file)
    try:
        client = fcgi.start(CATALOG, "GET", "/healthz")
        wait_for(lambda: int(show(SERVICE, "NRestarts")["NRestarts"]) >= 1 or is_state(SERVICE, "failed"), 10)
        text = subprocess.run(["journalctl", "-u", SERVICE, "--since=-3s", "-o", "cat"], capture_output=True, text=True)
        assert 1 <= text.stdout.count("could not write") <= 4
    finally:
        os.rmdir(pid_file)
    wait_for(lambda: is_state(SERVICE, "active"), 10, "the service to run")
    assert fcgi.receive(client).status == 200
    assert is_state(SOCKET, "active")

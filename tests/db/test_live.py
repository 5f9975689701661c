"""Runs the program db-live (db_live.c) against a private PostgreSQL."""

import os
import pathlib
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile

import pytest

BUILD = pathlib.Path(os.environ["BUILD_ASAN"])
BINARIES = pathlib.Path(os.environ.get("BOXOFFICE_PGBIN", "/usr/lib/postgresql/15/bin"))


def as_postgres(*command):
    """PostgreSQL refuses to run as root."""
    if os.geteuid() == 0:
        return ["runuser", "-u", "postgres", "--", *map(str, command)]
    return list(map(str, command))


@pytest.fixture
def server():
    """A cluster in a folder of its own, on a port of the loopback: (port, folder, stop, start)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="boxoffice-db-"))
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    control = as_postgres(BINARIES / "pg_ctl", "-D", data, "-w", "-s")
    start = control + ["-l", str(folder / "log"), "-o", options, "start"]
    stop = control + ["-m", "immediate", "stop"]
    try:
        subprocess.run(as_postgres(BINARIES / "initdb", "-D", data, "-U", "postgres", "-A", "trust",
                                   "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
                       check=True, stdout=subprocess.DEVNULL, cwd=folder)
        subprocess.run(start, check=True, cwd=folder)
        yield port, folder, stop, start
    finally:
        subprocess.run(stop, cwd=folder, stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


def test_live(server):
    port, folder, stop, start = server
    program = BUILD / "tests/db/db-live"
    environment = {
        **os.environ,
        "BOXOFFICE_TEST_DSN": f"host=127.0.0.1 port={port} user=postgres dbname=postgres options='-c work_mem=5MB'",
        "BOXOFFICE_TEST_STOP": shlex.join(stop),
        # The server inherits the descriptors of what starts it.
        "BOXOFFICE_TEST_START": shlex.join(start) + " >/dev/null 2>&1",
    }
    done = subprocess.run([program.resolve()], cwd=folder, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    assert done.returncode == 0, done.stdout

"""One judge for all: what a check refuses, a start and a reload refuse too, and each says what is wrong."""

import os
import pwd
import signal
import subprocess

import pytest
from conftest import POOLS, program
from wait import wait_for

IS_ROOT = os.geteuid() == 0


def run(server, *arguments, **options):
    done = subprocess.run(
        [program(), "--config", server.conf, *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        **options,
    )
    return done.returncode, done.stdout, done.stderr


def without_pool(name):
    return {f"pool_{name}": None}


def with_secrets(mode=None, owner=None):
    def change(server):
        if mode is not None:
            os.chmod(f"{server.dir}/secrets.conf", mode)
        if owner is not None:
            os.chown(f"{server.dir}/secrets.conf", owner, -1)

    return change


# What is laid over the configuration, or done, and what the report must name.
REFUSED = {
    "a keyword of the connection string": (
        {"database": {"dsn": "dbnam=x"}},
        'database.dsn: invalid connection option "dbnam"',
    ),
    "a keyword of the connection string of reads": (
        {"database": {"read_dsn": "host"}},
        "database.read_dsn: missing",
    ),
    "a keyword of the connection string of jobs": (
        {"database": {"batch_dsn": "dbname=x user"}},
        "database.batch_dsn: missing",
    ),
    "a keyword of the connection string of the owner": (
        {"database": {"owner_dsn": "sslmode=on"}},
        "database.owner_dsn: there is no such sslmode",
    ),
    "a port of the database": (
        {"database": {"dsn": "host=127.0.0.1 port=99999"}},
        "database.dsn: a port must be a number from 1 to 65535",
    ),
    "a port of the cache": (
        {"cache": {"servers": "127.0.0.1:11211 127.0.0.1:99999"}},
        'cache.servers: "127.0.0.1:99999": the port must be',
    ),
    "a host of the cache": ({"cache": {"servers": "127.0.0.1 :1"}}, 'cache.servers: ":1": it has'),
    "a log without a folder": (
        {"log": {"file": "/nonexistent/boxoffice.log"}},
        "log.file: the service cannot write /nonexistent/boxoffice.log: No such file",
    ),
    "a log that is a folder": ({"log": {"file": "/tmp"}}, "log.file: the service cannot write /tmp"),
    "a textfile folder that is not there": (
        {"batch": {"textfile_dir": "/nonexistent/textfiles"}},
        "batch.textfile_dir: files cannot be written into /nonexistent/textfiles: No such file",
    ),
    "a textfile folder that is a file": (
        {"batch": {"textfile_dir": "/etc/passwd"}},
        "batch.textfile_dir: files cannot be written into /etc/passwd: Not a directory",
    ),
    "a folder of sql that is not there": (
        {"paths": {"sql_dir": "/nonexistent/sql"}},
        "paths.sql_dir: there is no folder /nonexistent/sql",
    ),
    "a socket without a folder": (
        {"pool_spare": {"socket": "/nonexistent/spare.sock"}},
        "[pool spare] socket: there is no folder /nonexistent",
    ),
    "secrets that others may read": (with_secrets(mode=0o644), "secrets.conf: others may use it"),
    "secrets that the group may write": (with_secrets(mode=0o660), "secrets.conf: others may use it"),
    **{
        f"a pool that nginx maps and nobody serves: {name}": (
            without_pool(name),
            f"[pool {name}]: the section is missing",
        )
        for name in POOLS
    },
}
if IS_ROOT:
    REFUSED["secrets of another account"] = (
        with_secrets(mode=0o644, owner=pwd.getpwnam("nobody").pw_uid),
        "secrets.conf: it belongs to the uid",
    )


@pytest.mark.parametrize("change, reason", REFUSED.values(), ids=REFUSED)
def test_a_wrong_configuration_is_refused_by_check_start_and_reload(server, change, reason):
    server.allowed = ["not reloaded"]
    server.start()
    old = sorted(server.children())
    if callable(change):
        change(server)
    else:
        server.configure(**change)

    status, out, error = run(server, "--check")
    assert (status, out) == (78, "")
    assert reason in error
    assert server.conf in error or "secrets.conf" in error
    status, out, started = run(server)
    assert (status, out, started) == (78, "", error)

    server.signal(signal.SIGHUP)
    wait_for(lambda: server.log("not reloaded"))
    assert any(reason in line["msg"] for line in server.log("not reloaded"))
    assert server.get("/api/test/constant").status == 200
    assert sorted(server.children()) == old


def test_all_problems_are_told_at_once_each_with_its_line(server):
    server.configure(
        server={"backlog": "many", "colour": "red"},
        log={"file": "/nonexistent/log", "level": "loud"},
        database={"dsn": "dbnam=x", "batch_dsn": "port=99999"},
        batch={"textfile_dir": "/nonexistent"},
        pool_login=None,
        auth={"secrets_file": "/nonexistent/secrets.conf"},
    )
    with open(server.conf) as file:
        lines = [line.split(" = ")[0] for line in file.read().splitlines()]
    status, _, error = run(server, "--check")
    assert status == 78
    for name in ("backlog", "colour", "level", "batch_dsn", "textfile_dir"):
        assert f"{server.conf}:{lines.index(name) + 1}: " in error, name
    for text in ("log.file", "database.dsn", "[pool login]", "/nonexistent/secrets.conf"):
        assert text in error
    assert len(error.splitlines()) == 9


@pytest.mark.skipif(not IS_ROOT, reason="only root can mount")
def test_what_the_unit_leaves_read_only_is_no_place_for_the_log(server):
    """The relay and the jobs write textfiles, from units of their own."""
    os.mkdir(f"{server.dir}/ro")
    for change, status in (
        ({"log": {"file": f"{server.dir}/ro/log"}}, 78),
        ({"batch": {"textfile_dir": f"{server.dir}/ro"}}, 0),
    ):
        server.configure(**change)
        script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
        command = ["unshare", "-m", "sh", "-c", script, "sh", f"{server.dir}/ro"]
        done = subprocess.run(
            [*command, program(), "--config", server.conf, "--check"], capture_output=True, text=True
        )
        assert done.returncode == status, done.stderr
        assert status == 0 or "Read-only file system. Its unit lets it write below" in done.stderr


@pytest.mark.skipif(not IS_ROOT, reason="only root can become somebody else")
@pytest.mark.parametrize(
    "path, reason",
    [
        ("secrets.conf", "secrets.conf: Permission denied"),
        ("boxoffice.log", "log.file: the service cannot write"),
        ("boxoffice.conf", "boxoffice.conf: the service cannot read it: Permission denied"),
        ("textfiles", "batch.textfile_dir: files cannot be written into"),
        ("run", "server.run_dir: the service cannot write into"),
    ],
)
def test_root_judges_with_the_eyes_of_the_service(server, path, reason):
    """Root may read and write all of it."""
    log = f"{server.dir}/boxoffice.log"
    server.configure(
        server={"user": "nobody"},
        log={"file": log},
        batch={"textfile_dir": f"{server.dir}/textfiles"},
    )
    nobody = pwd.getpwnam("nobody")
    for folder in ("run", "textfiles"):
        os.mkdir(f"{server.dir}/{folder}")
    open(log, "w").close()
    for name in ("run", "textfiles", "boxoffice.log", "secrets.conf"):
        os.chown(f"{server.dir}/{name}", nobody.pw_uid, -1)
    assert run(server, "--check")[0] == 0
    os.chown(f"{server.dir}/{path}", 0, 0)
    os.chmod(f"{server.dir}/{path}", 0o700 if os.path.isdir(f"{server.dir}/{path}") else 0o600)
    for arguments in (["--check"], []):
        status, _, error = run(server, *arguments)
        assert status == 78
        assert reason in error
        assert len(error.splitlines()) == 1


def test_jobs_and_commands_refuse_it_too(server):
    build = os.environ["BUILD"]
    server.configure(database={"dsn": "dbnam=x"})
    for program, *words in (["boxoffice-prune"], ["boxofficectl", "config", "check"], ["boxofficectl", "audit"]):
        done = subprocess.run(
            [f"{build}/{program}", "--config", server.conf, *words], capture_output=True, text=True
        )
        assert done.returncode == 78, program
        assert "database.dsn: invalid connection option" in done.stderr
    server.configure(log={"file": "/nonexistent/log"})
    done = subprocess.run(
        [f"{build}/boxoffice-prune", "--config", server.conf], capture_output=True, text=True
    )
    assert done.returncode == 78
    assert "log.file: the service cannot write /nonexistent/log" in done.stderr

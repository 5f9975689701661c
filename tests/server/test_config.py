"""One judge for all: what a check refuses, a start and a reload refuse too, and each says what is wrong."""

import configparser
import fcntl
import grp
import os
import pwd
import re
import signal
import socket
import struct
import subprocess
import threading

import pytest
from conftest import POOLS, program
from proc import fds_of
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
    asked = subprocess.run(
        [f"{os.environ['BUILD']}/boxofficectl", "--config", server.conf, "config", "check"],
        capture_output=True,
        text=True,
    )
    assert (asked.returncode, asked.stdout, asked.stderr) == (78, "", error)
    status, out, started = run(server)
    assert (status, out, started) == (78, "", error)
    status, out, asked = run(server, "--reload")
    assert (status, out, asked) == (78, "", error)

    server.signal(signal.SIGHUP)
    wait_for(lambda: server.log("not reloaded"))
    assert any(reason in line["msg"] for line in server.log("not reloaded"))
    assert server.get("/api/test/constant").status == 200
    assert sorted(server.children()) == old


def test_a_reload_that_is_taken_says_so(server):
    server.start()
    server.configure(pool_catalog={"workers": 3})
    assert run(server, "--reload") == (0, "reloaded\n", "")
    wait_for(lambda: len(server.workers()) == 3)


def test_a_reload_tells_what_waits_for_the_next_start(server):
    server.start()
    group = "daemon" if IS_ROOT else grp.getgrgid(os.getegid()).gr_name
    server.configure(server={"socket_group": group})
    status, out, error = run(server, "--reload")
    assert (status, out) == (0, "reloaded\n")
    assert error == "server.socket_group: the next start takes it, a reload does not\n"


def test_a_reload_does_not_move_the_sockets_away_from_nginx(server):
    server.allowed = ["not reloaded"]
    server.start()
    server.configure(server={"run_dir": f"{server.dir}/other"})
    os.mkdir(f"{server.dir}/other")
    assert run(server, "--reload")[0] == 7
    server.signal(signal.SIGHUP)
    wait_for(lambda: server.log("not reloaded.*server.run_dir: it changes with a restart only"))
    assert server.get("/api/test/constant").status == 200
    assert os.listdir(f"{server.dir}/other") == []


def test_a_reload_asks_for_accounts_before_it_asks_the_master(server):
    server.start()
    server.configure(server={"socket_group": "nobody-of-that-name"})
    status, _, error = run(server, "--reload")
    assert status == 78
    assert "server.socket_group: there is no group nobody-of-that-name" in error
    assert server.log("reload") == []


def test_a_refusal_that_only_the_master_can_tell_comes_back(server):
    server.allowed = ["not reloaded"]
    server.start()
    old = sorted(server.children())
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(server.socket("spare"))
        other.listen()
        server.configure(pool_spare={"workers": 1})
        status, out, error = run(server, "--reload")
    assert (status, out) == (78, "")
    assert "pool spare: could not listen on" in error
    assert f"{server.pid} refused it and goes on with the old configuration" in error
    assert sorted(server.children()) == old
    assert server.get("/api/test/constant").status == 200


@pytest.mark.parametrize("content", [None, "1\n"])
def test_a_reload_of_nothing_is_told_apart(server, content):
    server.configure()
    os.mkdir(server.run_dir)
    if content:
        with open(f"{server.run_dir}/boxofficed.pid", "w") as file:
            file.write(content)
    status, out, error = run(server, "--reload")
    assert (status, out) == (7, "")
    assert error == f"boxofficed: none runs in {server.run_dir}; another run_dir needs a restart\n"


def test_a_master_that_ends_has_reloaded_nothing(server):
    server.start()
    server.children()
    server.signal(signal.SIGSTOP)
    asking = subprocess.Popen(
        [program(), "--config", server.conf, "--reload"], stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: "anon_inode:inotify" in fds_of(asking.pid).values())
    server.process.kill()
    server.process.wait()
    assert asking.wait(5) == 6
    assert f"{server.pid} has ended and reloaded nothing" in asking.stderr.read()


def test_what_a_dead_master_left_is_no_verdict(server):
    server.start()
    assert run(server, "--reload")[0] == 0
    server.children()
    server.process.kill()
    server.process.wait()
    with open(f"{server.run_dir}/boxofficed.reload") as file:
        assert file.read().split()[0] == str(server.pid)
    assert run(server, "--reload")[0] == 7
    os.unlink(server.log_path)
    server.spawn()
    server.wait_ready()
    assert not os.path.exists(f"{server.run_dir}/boxofficed.reload")
    assert run(server, "--reload")[0] == 0


def test_a_verdict_is_of_what_was_there_when_it_was_asked_for(server):
    """Somebody else asks at the same moments. A reload that had begun before the change may have read the old file."""
    server.allowed = ["not reloaded"]
    server.start()
    stopped = threading.Event()

    def ask_always():
        while not stopped.is_set():
            server.signal(signal.SIGHUP)
            stopped.wait(0.003)

    other = threading.Thread(target=ask_always)
    other.start()
    try:
        for turn in range(30):
            wanted = {"pool_spare": {"workers": 1}} if turn % 2 else {}
            server.configure(**wanted)
            assert run(server, "--reload") == (0, "reloaded\n", "")
            assert os.path.exists(server.socket("spare")) == bool(wanted), turn
    finally:
        stopped.set()
        other.join()


class Master:
    """This test as a master: it has the pid file locked, is asked by SIGHUP, and says what it likes."""

    def __init__(self, server):
        server.configure()
        os.mkdir(server.run_dir)
        self.server = server
        self.asked = []

    def __enter__(self):
        self.before = signal.signal(signal.SIGHUP, lambda *_: self.asked.append(True))
        self.file = open(f"{self.server.run_dir}/boxofficed.pid", "w")
        fcntl.lockf(self.file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_):
        signal.signal(signal.SIGHUP, self.before)
        self.file.close()

    def say(self, words, pid=None):
        with open(f"{self.server.dir}/new", "w") as file:
            file.write(f"{pid or os.getpid()} {words}\n")
        os.rename(f"{self.server.dir}/new", f"{self.server.run_dir}/boxofficed.reload")

    def wait_asked(self):
        """The process that asks."""
        asking = subprocess.Popen(
            [program(), "--config", self.server.conf, "--reload"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: self.asked)
        return asking


def test_the_verdict_of_a_reload_that_had_begun_before_does_not_count(server):
    with Master(server) as master:
        master.say("7 6 taken")
        asking = master.wait_asked()
        master.say("7 7 refused\nit saw the file before")
        master.say("8 7 refused\nit saw the file before")
        with pytest.raises(subprocess.TimeoutExpired):
            asking.wait(0.3)
        master.say("8 8 taken\nnote")
        out, error = asking.communicate(timeout=5)
    assert (asking.returncode, out, error) == (0, "reloaded\n", "note\n")


def test_the_verdict_of_another_master_does_not_count(server):
    with Master(server) as master:
        master.say("90 90 taken", pid=1)
        asking = master.wait_asked()
        master.say("1 1 refused\nreason")
        out, error = asking.communicate(timeout=5)
    assert (asking.returncode, out) == (78, "")
    assert error.startswith("reason\n")


def test_who_asks_while_the_master_starts_does_not_end_it(server):
    server.configure()
    os.mkdir(server.run_dir)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(server.socket())
        other.listen()
        server.spawn()  # it waits for the socket
        wait_for(lambda: os.path.exists(f"{server.run_dir}/boxofficed.pid"))
        wait_for(lambda: open(f"{server.run_dir}/boxofficed.pid").read())
        asking = subprocess.Popen([program(), "--config", server.conf, "--reload"])
        wait_for(lambda: "anon_inode:inotify" in fds_of(asking.pid).values())
        server.signal(signal.SIGHUP)  # as it does a moment later
    server.wait_ready()
    assert asking.wait(10) == 0


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


def test_a_pipe_is_no_log(server):
    """Whoever opens it waits for a reader."""
    server.configure(log={"file": f"{server.dir}/pipe"})
    os.mkfifo(f"{server.dir}/pipe")
    status, _, error = run(server, "--check")
    assert status == 78 and "log.file: the service cannot write" in error


def test_the_examples_of_the_manual_page_are_right(server):
    with open(os.path.join(os.environ["BUILD"], "packaging/man/boxoffice.conf.5")) as page:
        blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", page.read(), re.M | re.S)
    assert len(blocks) == 5
    for block in blocks:
        example = configparser.ConfigParser(interpolation=None)
        example.read_string(block)
        sections = {name.replace("pool ", "pool_"): dict(example[name]) for name in example.sections()}
        # Accounts and folders of an installation.
        for section, name in (("server", "user"), ("server", "socket_group"), ("log", "file")):
            sections.get(section, {}).pop(name, None)
        server.configure(**sections)
        assert run(server, "--check") == (0, f"{server.conf} is right\n", ""), block


def error(sqlstate, text):
    """What a server says when it lets nobody in."""
    fields = b"".join(b + v.encode() + b"\0" for b, v in ((b"S", "FATAL"), (b"C", sqlstate), (b"M", text)))
    return b"E" + struct.pack("!i", len(fields) + 5) + fields + b"\0"


WANTS_PASSWORD = b"R" + struct.pack("!ii", 8, 3)
NO_LOG_IN = "database.dsn: connect: the database refuses us: connection to server on socket .* failed: "
AWAY = "database.dsn: connect: connection to server on socket .* failed: "


@pytest.mark.parametrize(
    "answer, words",
    [
        (error("28P01", "wrong password"), NO_LOG_IN + "FATAL:  28P01: wrong password"),
        (error("28000", "no entry in pg_hba.conf"), NO_LOG_IN + "FATAL:  28000: no entry"),
        (error("42501", "no right to connect"), NO_LOG_IN + "FATAL:  42501: no right"),
        (WANTS_PASSWORD, NO_LOG_IN + "fe_sendauth: no password supplied"),
        (error("57P03", "starting up"), AWAY + "FATAL:  57P03: starting up"),
        (error("53300", "too many clients"), AWAY + "FATAL:  53300: too many clients"),
        (b"", AWAY + "server closed the connection unexpectedly"),
    ],
    ids=["28P01", "28000", "42501", "no password", "57P03", "53300", "closed"],
)
def test_a_server_that_lets_nobody_in_is_not_away(server, answer, words):
    """This test is the server."""

    def serve():
        for _ in range(3):
            client, _ = listener.accept()
            with client:
                client.settimeout(5)
                client.recv(4096)
                client.sendall(answer)
                if answer == WANTS_PASSWORD:
                    client.recv(4096)

    dsn = f"host={server.dir} dbname=x user=x"
    server.configure(database={"dsn": dsn, "batch_dsn": dsn, "owner_dsn": dsn, "connect_timeout_ms": 3000, "statement_timeout_ms": 3000})
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{server.dir}/.s.PGSQL.5432")
        listener.listen()
        threading.Thread(target=serve, daemon=True).start()
        status, _, said = run(server, "--check", "--connect", env={"PATH": os.environ["PATH"]})
    assert status == 5
    assert re.search(words, said), said


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

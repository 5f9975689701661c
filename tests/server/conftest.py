"""A boxofficed of its own for each test, spoken to as nginx would. No database is there on purpose."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import fcgi  # noqa: E402

SECRETS = "[token]\ncurrent = k1\nk1 = {}\n[ticket]\ncurrent = t1\nt1 = {}\n".format(
    "ab" * 32, "cd" * 32
)
DEFAULTS = {
    "server": {"test_routes": "yes", "stop_timeout_ms": 3000},
    "database": {
        "dsn": "host=/nonexistent dbname=none",
        "connect_timeout_ms": 100,
        "statement_timeout_ms": 100,
        "lock_timeout_ms": 50,
    },
    "cache": {"servers": ""},
    "pool catalog": {"workers": 2},
}


def program():
    folder = os.environ.get("BUILD") or os.environ.get("BOXOFFICE_BUILDDIR") or "."
    path = os.path.join(folder, "boxofficed")
    if not os.access(path, os.X_OK):
        pytest.exit(f"there is no {path}: set BUILD to the build directory", 2)
    return path


def wait_for(condition, limit_s=5, what="the condition"):
    until = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < until, f"{what} did not come true in {limit_s} s"
        time.sleep(0.005)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            return [int(child) for child in children.read().split()]
    except FileNotFoundError:
        return []


def fds_of(pid):
    fds = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            fds[int(fd)] = os.readlink(f"/proc/{pid}/fd/{fd}")
        except OSError:
            pass
    return fds


def inode_of(path):
    """Of the listening socket at `path`."""
    with open("/proc/net/unix") as table:
        for line in table:
            words = line.split()
            # Flags 00010000: it accepts connections.
            if len(words) == 8 and words[7] == str(path) and words[3] == "00010000":
                return words[6]
    return None


class Server:
    def __init__(self, name):
        # Short: the path of a socket has room for 107 bytes.
        self.dir = tempfile.mkdtemp(prefix="bo-server-", dir="/tmp")
        self.run_dir = f"{self.dir}/run"
        self.conf = f"{self.dir}/boxoffice.conf"
        self.log_path = f"{os.environ.get('OUT', self.dir)}/{name}.log"
        if os.path.exists(self.log_path):
            os.unlink(self.log_path)
        self.settings = {}
        self.process = None
        self.pids = set()
        self.allowed = []  # patterns of error lines that the test provokes
        with open(f"{self.dir}/secrets.conf", "w", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(SECRETS)
        os.chmod(self.dir, 0o755)

    def configure(self, **sections):
        """Settings beyond the defaults; a section "pool_x" means [pool x]; None removes a section."""
        settings = {name: dict(values) for name, values in DEFAULTS.items()}
        settings["server"]["run_dir"] = self.run_dir
        settings["log"] = {"file": self.log_path, "level": "debug"}
        settings["auth"] = {"secrets_file": f"{self.dir}/secrets.conf"}
        for name, values in sections.items():
            name = name.replace("pool_", "pool ")
            if values is None:
                settings.pop(name, None)
            else:
                settings.setdefault(name, {}).update(values)
        with open(self.conf, "w") as file:
            for name, values in settings.items():
                file.write(f"[{name}]\n")
                file.writelines(f"{key} = {value}\n" for key, value in values.items())

    def spawn(self, **options):
        self.process = subprocess.Popen(
            [program(), "--config", self.conf],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=open(f"{self.dir}/stderr", "a"),
            **options,
        )

    def start(self, **sections):
        self.configure(**sections)
        self.spawn()
        self.wait_ready()
        return self

    def wait_ready(self):
        def is_ready():
            assert self.process.poll() is None, f"it ended: {self.stderr()}"
            return any("serving" in line["msg"] for line in self.log())

        wait_for(is_ready, 10, "the server to be ready")

    def stderr(self):
        with open(f"{self.dir}/stderr") as file:
            return file.read()

    @property
    def pid(self):
        return self.process.pid

    def socket(self, pool="catalog"):
        return f"{self.run_dir}/{pool}.sock"

    def get(self, uri, **options):
        return fcgi.request(options.pop("path", self.socket()), "GET", uri, **options)

    def children(self):
        if self.process is None:
            return []
        found = children_of(self.pid)
        self.pids.update(found)
        return found

    def workers(self, pool="catalog"):
        inode = inode_of(self.socket(pool))
        return [
            pid
            for pid in self.children()
            if is_alive(pid) and f"socket:[{inode}]" in self.fds(pid).values()
        ]

    def fds(self, pid):
        try:
            return fds_of(pid)
        except (FileNotFoundError, PermissionError):
            # It has ended. Until that is noticed root finds nothing, and nobody else may look.
            return {}

    def mirror(self):
        listening = {f"socket:[{inode_of(self.socket())}]"}
        found = [pid for pid in self.children() if not listening & set(self.fds(pid).values())]
        return found[0] if len(found) == 1 else None

    def signal(self, number, pid=None):
        os.kill(pid or self.pid, number)

    def log(self, pattern=None):
        try:
            with open(self.log_path) as file:
                lines = [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []
        return [line for line in lines if pattern is None or re.search(pattern, line["msg"])]

    def metric(self, name):
        text = self.get("/metrics").body.decode()
        found = re.search(rf"^{re.escape(name)} (\d+)", text, re.M)
        assert found, f"there is no {name}"
        return int(found[1])

    def wait_end(self, limit_s=5):
        return self.process.wait(limit_s)

    def stop(self):
        self.children()
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.wait_end(8)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        left = [pid for pid in self.pids if is_alive(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left

    def unexpected(self):
        return [
            line["msg"] + " " + line.get("detail", "")
            for line in self.log()
            if line["level"] == "error"
            and not any(re.search(pattern, line["msg"]) for pattern in self.allowed)
        ]


@pytest.fixture
def server(request):
    server = Server(request.node.name.replace("/", "-"))
    yield server
    left = server.stop()
    unexpected = server.unexpected()
    shutil.rmtree(server.dir, ignore_errors=True)
    assert left == [], "processes were left behind"
    assert unexpected == [], "error lines that the test did not provoke"


class Load:
    """Requests from several threads until stopped; keeps every answer that was not 200."""

    def __init__(self, path, threads=4, uri="/api/test/constant?bytes=64"):
        self.path, self.uri = path, uri
        self.done, self.bad = 0, []
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(threads)]

    def run(self):
        while not self.stopped.is_set():
            try:
                status = fcgi.request(self.path, "GET", self.uri).status
            except OSError as error:
                status = str(error)
            with self.lock:
                self.done += 1
                if status != 200:
                    self.bad.append(status)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

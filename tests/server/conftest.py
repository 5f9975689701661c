"""Each test has its own boxofficed and talks to it as nginx would. There is deliberately no database."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading

import pytest

import fcgi
from logs import unexpected
from proc import children_of, fds_of, is_live, listening
from wait import wait_for

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
    "pool booking": {"workers": 1},
    "pool account": {"workers": 1},
    "pool login": {"workers": 1},
    "pool admin": {"workers": 1},
}
POOLS = [name.removeprefix("pool ") for name in DEFAULTS if name.startswith("pool ")]


def program():
    return os.path.join(os.environ["BUILD"], "boxofficed")


class Server:
    def __init__(self, name):
        # Short: the path of a socket has room for 107 bytes.
        self.dir = tempfile.mkdtemp(prefix="bo-server-", dir="/tmp")
        self.run_dir = f"{self.dir}/run"
        self.conf = f"{self.dir}/boxoffice.conf"
        self.log_path = f"{os.environ['OUT']}/{name}.log"
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
        name = listening(self.socket(pool))
        return [pid for pid in self.children() if name in fds_of(pid).values()]

    def mirror(self):
        names = {
            listening(f"{self.run_dir}/{name}")
            for name in os.listdir(self.run_dir)
            if name.endswith(".sock")
        }
        found = [pid for pid in self.children() if names.isdisjoint(fds_of(pid).values())]
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
        left = [pid for pid in self.pids if is_live(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left


@pytest.fixture
def server(request):
    server = Server(request.node.name.replace("/", "-"))
    yield server
    left = server.stop()
    found = unexpected(server.log_path, server.allowed)
    shutil.rmtree(server.dir, ignore_errors=True)
    assert left == [], "processes were left behind"
    assert found == [], "error lines that the test did not provoke"


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

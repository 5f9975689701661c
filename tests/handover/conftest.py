"""One system whose boxofficed runs as under its units: from the start as the account of the workers, with sockets that
outlive each of its masters, told to stop with all its processes at once."""
import contextlib
import grp
import os
import pwd
import signal
import socket

import pytest

import logs
import proc
import services
from handin import Sockets
from load import run_again
from running import client, world  # noqa: F401
from stack import Stack
from wait import wait_for

BACKLOG = 4096
CONFIG = {'booking': {'unpaid_holds': 1000000}, 'batch': {'settle_after_s': 1},
          'pool catalog': {'workers': 1}, 'pool booking': {'workers': 4}, 'pool account': {'workers': 1},
          'pool login': {'workers': 1}, 'pool admin': {'workers': 1}}


class Unit(services.Boxofficed):
    """What systemd does with boxofficed.socket and boxofficed.service."""
    account = services.OURS

    def __init__(self, stack):
        super().__init__(stack)
        self.sockets = None
        self.manager = None
        self.programs = [f'{stack.programs}/boxofficed']  # the last one runs

    def listen(self):
        owner = None
        if self.stack.is_root:
            owner = (pwd.getpwnam(services.OURS).pw_uid, grp.getgrnam(services.NGINX).gr_gid)
        self.sockets = Sockets([f'{self.stack.state}/run/{pool}.sock' for pool in self.stack.pools], BACKLOG, 0o660, owner)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(f'{self.stack.state}/notify')
        os.chmod(f'{self.stack.state}/notify', 0o666)

    def start(self):
        if self.sockets is None:
            self.listen()
        if self.process is not None and self.process.poll() is None:
            return
        command, fds, environment = self.sockets.offer([self.programs[-1], '--config', self.stack.conf])
        self.process = proc.spawn(command, self.log, self.account, '/', dict(
            self.stack.environment(), NOTIFY_SOCKET=f'{self.stack.state}/notify', **environment), fds)
        Sockets.release(fds)
        self.record.write(self.process.pid, '-')
        self.wait_told('READY')

    def wait_told(self, word):
        def is_told():
            assert self.process.poll() is None, services.last_line(self.log)
            with contextlib.suppress(TimeoutError):
                return f'{word}=1' in self.manager.recv(1000).decode().split('\n')
        self.manager.settimeout(0.2)
        wait_for(is_told, 15, f'{word}=1')

    def forget_told(self):
        self.manager.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while self.manager.recv(1000):
                pass

    def end(self, number):
        """The signal to the master; then, as systemd does, SIGTERM to whatever is left, until all are gone."""
        self.process.send_signal(number)
        proc.send(set(self.record.session()) - {self.process.pid}, signal.SIGTERM)
        self.process.wait(20)
        assert proc.wait_gone(self.record.session, 20), 'processes outlive their master'
        self.forget_told()

    def stop(self):
        if self.process is not None:
            self.end(signal.SIGTERM)
            self.process = None


@pytest.fixture(scope='session')
def stack():
    stack = Stack(os.path.join(os.environ['OUT'], 'stack'), os.environ['BUILD'], config=CONFIG,
                  postgres=services.UNSYNCED, services=('postgresql', 'memcached', 'boxofficed', 'nginx', 'relay'))
    stack.services['boxofficed'] = Unit(stack)
    with stack:
        yield stack


@pytest.fixture
def unit(stack):
    return stack.services['boxofficed']


@pytest.fixture(autouse=True)
def settled(stack, world):
    """After each test the audit is clean."""
    yield
    run_again(stack, world)


@pytest.fixture(scope='session', autouse=True)
def no_errors(stack):
    yield
    logs.check(stack)

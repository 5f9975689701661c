"""Hosts on their own wire: network namespaces that only this process and its children can see.

The first host has the switch. A host whose cable is pulled goes silent like a host without power: it sends no FIN
and no RST, the links of the others stay up, and packets to it are lost. A namespace ends with its last process and
with this one, however they end."""
import contextlib
import ctypes
import os
import shutil
import subprocess

CLONE_NEWNET = 0x40000000
NETWORK = '192.0.2.0/24'        # of documentation: nobody's


class Network:
    """Made with the names of its hosts; OSError with the reason when there can be none."""

    def __init__(self, *names):
        if os.geteuid() != 0:
            raise OSError('a network of our own takes root')
        if shutil.which('ip') is None:
            raise OSError('iproute2 is not installed')
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.hosts = {}         # name: descriptor of its namespace
        self.address = {name: f'192.0.2.{number}' for number, name in enumerate(names, 1)}
        self.switch = names[0]
        self.home = os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        try:
            for name in names:
                self.add(name)
        except BaseException:
            self.close()
            raise

    def close(self):
        for descriptor in (*self.hosts.values(), self.home):
            os.close(descriptor)

    def check(self, status):
        if status != 0:
            raise OSError(f'no network of our own: {os.strerror(ctypes.get_errno())}')

    def add(self, name):
        self.check(self.libc.unshare(CLONE_NEWNET))
        try:
            self.hosts[name] = os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        finally:
            self.check(self.libc.setns(self.home, CLONE_NEWNET))
        self.ip(name, 'link set lo up')
        if name == self.switch:
            self.ip(name, 'link add wire type bridge')
        else:
            self.ip(self.switch, f'link add {name} type veth peer name wire netns '
                                 f'/proc/{os.getpid()}/fd/{self.hosts[name]}')
            self.ip(self.switch, f'link set {name} master wire up')
        self.ip(name, f'addr add {self.address[name]}/24 dev wire')
        self.ip(name, 'link set wire up')

    def ip(self, name, command):
        with self.inside(name):
            done = subprocess.run(['ip', *command.split()], capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError(f'no network of our own: {done.stderr.strip()}')

    @contextlib.contextmanager
    def inside(self, name):
        """Sockets that this thread makes are the host's, and so is all of what it starts."""
        self.check(self.libc.setns(self.hosts[name], CLONE_NEWNET))
        try:
            yield
        finally:
            self.check(self.libc.setns(self.home, CLONE_NEWNET))

    def unplug(self, name):
        self.ip(self.switch, f'link set {name} down')

    def plug_in(self, name):
        self.ip(self.switch, f'link set {name} up')

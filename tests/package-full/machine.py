"""A Debian of its own, booted by systemd-nspawn: no network but its loopback, so nothing outside can be touched."""
import os
import shutil
import signal
import subprocess
import time

BOOT_S = 60


class MachineError(Exception):
    pass


class Machine:
    """`folder` is the root of a Debian with systemd-sysv. Whoever makes one calls boot() and, at last, off()."""

    def __init__(self, folder, log):
        self.folder, self.log = folder, log
        self.process = None

    def boot(self):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                ['systemd-nspawn', '-q', '--register=no', '--keep-unit', '--private-network', '--machine=boxoffice-test', '-D', self.folder, '-b', '--console=pipe'], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=dict(os.environ, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY='1'), start_new_session=True)
        until = time.monotonic() + BOOT_S
        while time.monotonic() < until and self.process.poll() is None:
            state = self.run('systemctl is-system-running', check=False)
            if state.stdout.strip() in ('running', 'degraded'):
                return self
            time.sleep(0.1)
        raise MachineError(f'{self.folder} does not boot: see {self.log}')

    def leader(self):
        """The pid of its init, outside."""
        children = subprocess.run(['pgrep', '-P', str(self.process.pid)], capture_output=True, text=True).stdout.split()
        for child in children:
            inner = subprocess.run(['pgrep', '-P', child], capture_output=True, text=True).stdout.split()
            for pid in inner + [child]:
                try:
                    with open(f'/proc/{pid}/status') as file:
                        if any(line.startswith('NSpid:') and line.split()[-1] == '1' for line in file):
                            return pid
                except OSError:
                    continue
        return None

    def network(self):
        """What to put before a command of this host that shall meet the machine's services."""
        return ['nsenter', '-t', self.leader(), '-n', '--']

    def run(self, command, check=True, input=None, timeout=120, user=None):
        pid = self.leader()
        if pid is None:
            return subprocess.CompletedProcess(command, 255, '', 'there is no init yet')
        enter = ['nsenter', '-t', pid, '-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w', '--']
        if user:
            enter += ['runuser', '-u', user, '--']
        done = subprocess.run(enter + ['/bin/bash', '-c', command], capture_output=True, text=True, input=input, timeout=timeout,
                              env={'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C.UTF-8', 'HOME': '/root',
                                   'DEBIAN_FRONTEND': 'noninteractive'})
        if check and done.returncode != 0:
            raise MachineError(f'{command}: {done.returncode}\n{done.stdout}{done.stderr}')
        return done

    def off(self):
        if self.process is None:
            return
        self.run('systemctl --no-block poweroff', check=False)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
        self.process = None

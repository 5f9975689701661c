"""A booted Debian: systemd in a layer above a plain root (plainroot.py), with a network of its own that has the loopback alone. It
ends with its `with`. Commands run inside as root, where systemctl and the services are those of the machine."""
import os
import shutil
import subprocess

import plainroot
from proc import children_of, is_live, stat_of
from wait import wait_for

BOOT = r"""
set -e
mount -t tmpfs tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
cd "$2/root"
eval "$3"
layer=$2
shift 3
trap 'kill "$child"' TERM
status=133
while [ "$status" -eq 133 ]; do # what nspawn says when the machine shall start again
	status=0
	systemd-nspawn --quiet --register=no --keep-unit --private-network -D "$layer/root" -b --console=pipe "$@" &
	child=$!
	wait "$child" || status=$?
	while kill -0 "$child" 2>/dev/null; do
		wait "$child" || status=$?
	done
done
"""


def available():
    """Why nothing can be booted, or None."""
    why = plainroot.available()
    if why is None and shutil.which('systemd-nspawn') is None:
        why = 'systemd-nspawn is not installed'
    return why


class Machine:
    """`folder` is empty; the console goes into its console.log. `prepare` is a script that changes the layer, its
    current directory, before the start; `options` are further ones of systemd-nspawn and then of systemd. Raises OSError
    when systemd does not come up."""

    def __init__(self, plain, folder, prepare='', options=()):
        os.makedirs(f'{folder}/layer')
        self.console = open(f'{folder}/console.log', 'w')
        self.holder = subprocess.Popen(['unshare', '-m', '--propagation', 'private', 'sh', '-c', BOOT, 'sh', plain, f'{folder}/layer',
                                        prepare, *options], stdin=subprocess.DEVNULL, stdout=self.console, stderr=subprocess.STDOUT)
        try:
            self.wait_up()
        except AssertionError as problem:
            self.close()
            raise OSError(f'no systemd boots here: {problem}') from problem

    def wait_up(self):
        self.pid = wait_for(self.find_init, 30, 'systemd to start')
        wait_for(self.is_up, 60, 'the machine to be up')

    def reboot(self):
        before = self.pid
        self.run('systemctl', 'reboot')
        wait_for(lambda: not is_live(before), 60, 'the machine to go down')
        self.wait_up()

    def find_init(self):
        """The first process inside, once it is systemd."""
        if self.holder.poll() is not None:
            raise OSError('systemd-nspawn ended at once')
        for nspawn in children_of(self.holder.pid):
            for pid in children_of(nspawn):
                stat = stat_of(pid)  # None of a process that has ended
                if stat and stat[0] == 'systemd':
                    return pid
        return None

    def is_up(self):
        return self.run('systemctl', 'is-system-running', '--wait').stdout.strip() in ('running', 'degraded')

    def run(self, *command, input='', timeout=600):
        """The CompletedProcess of a command inside, with a plain environment."""
        environment = ['env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8',
                       'DEBIAN_FRONTEND=noninteractive']
        return subprocess.run(['nsenter', '--target', str(self.pid), '--all', '--root', '--wdns=/', *environment, *command], input=input,
                              capture_output=True, text=True, check=False, timeout=timeout)

    def sh(self, script, check=True, **options):
        """run() of a script of bash; a status that is not 0 fails the test, with what was said."""
        done = self.run('bash', '-c', script, **options)
        assert not check or done.returncode == 0, f'{script}: {done.returncode}\n{done.stdout}{done.stderr}'
        return done

    def network(self):
        """What to put before a command of this host that shall meet the machine's services."""
        return ['nsenter', '--target', str(self.pid), '--net', '--']

    def unpack(self, folder, target):
        """Copies a folder from outside."""
        tar = subprocess.Popen(['tar', '-C', folder, '-cf', '-', '.'], stdout=subprocess.PIPE)
        subprocess.run(['nsenter', '--target', str(self.pid), '--mount', '--root', '--wdns=/', 'sh', '-c',
                        'mkdir -p "$1" && tar -C "$1" -xf -', 'sh', target], stdin=tar.stdout, check=True)
        tar.stdout.close()
        tar.wait()

    def close(self):
        """Ends all that runs inside: nspawn passes the signal on as an order to power off."""
        if self.holder.poll() is None:
            self.holder.terminate()
            try:
                self.holder.wait(20)
            except subprocess.TimeoutExpired:
                self.holder.kill()
                self.holder.wait()
        self.console.close()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.close()

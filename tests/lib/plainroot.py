"""A plain Debian 12 in a folder, as a new machine has it, to install into. It is made once, kept in build/cache, and never written
to: each user gets a layer of its own above it, in a namespace whose only network is the loopback, which ends with its process.

Only root can make one. available() says why not."""
import fcntl
import glob
import hashlib
import os
import shutil
import subprocess
import time

from stack import SOURCE

CACHE = f'{SOURCE}/build/cache'
SUITE = 'bookworm'
KEPT_S = 14 * 86400

HOLD = r"""
set -e
mount -t tmpfs tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
ip link set lo up
echo ready
exec cat
"""


def available():
    """Why there can be no root, or None."""
    if os.geteuid() != 0:
        return 'only root can make a root'
    for program in ('mmdebstrap', 'unshare', 'nsenter', 'ip'):
        if shutil.which(program) is None:
            return f'{program} is not installed'
    if subprocess.run(['unshare', '--mount', '--pid', '--net', '--fork', 'true'], capture_output=True, check=False).returncode:
        return 'this machine allows no namespaces'
    return None


def fetch(path, names):
    """Lets apt in the root fetch, and not install, what the machine will want when it has no network."""
    shutil.copy('/etc/resolv.conf', f'{path}/etc/resolv.conf')
    script = 'apt-get -qq update && apt-get -qq -y --download-only install "$@"'
    return subprocess.run(['chroot', path, 'sh', '-c', script, 'sh', *names], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, env=dict(os.environ, DEBIAN_FRONTEND='noninteractive'))


def make(packages, fetched=()):
    """The folder of a root with the packages, and with others that apt has fetched for later. Raises OSError when there is none
    and none can be made."""
    names = sorted(packages)
    key = hashlib.sha256(' '.join([SUITE, *names, *(['/', *sorted(fetched)] if fetched else [])]).encode()).hexdigest()[:12]
    path = f'{CACHE}/root-{key}'
    os.makedirs(CACHE, exist_ok=True)
    with open(f'{CACHE}/lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.isdir(path) and time.time() - os.stat(path).st_mtime < KEPT_S:
            return path
        for old in glob.glob(f'{CACHE}/root-*.new'):
            shutil.rmtree(old)
        done = subprocess.run(['mmdebstrap', '--quiet', '--mode=root', '--variant=minbase', f'--include={",".join(names)}',
                               SUITE, f'{path}.new'], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode == 0 and fetched:
            done = fetch(f'{path}.new', sorted(fetched))
        if done.returncode != 0:
            shutil.rmtree(f'{path}.new', ignore_errors=True)
            if os.path.isdir(path):
                return path
            raise OSError(f'no root can be made: {(done.stderr.strip().splitlines() or ["?"])[-1]}')
        shutil.rmtree(path, ignore_errors=True)
        os.rename(f'{path}.new', path)
        os.utime(path)
        return path


class Root:
    """A layer above a plain root. `path` is seen only inside: use run(), read() and write()."""

    def __init__(self, plain, folder):
        os.makedirs(folder)
        self.path = f'{folder}/root'
        self.holder = subprocess.Popen(['unshare', '--mount', '--pid', '--net', '--fork', '--kill-child', 'sh', '-c', HOLD, 'sh',
                                        plain, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != 'ready\n':
            self.close()
            raise OSError('could not put a layer above the root')
        with open(f'/proc/{self.holder.pid}/task/{self.holder.pid}/children') as file:
            self.pid = int(file.read().split()[0])

    def run(self, *command, timeout=120):
        """Runs a command inside, by default as root and with a plain environment."""
        environment = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8',
                       'DEBIAN_FRONTEND=noninteractive']
        return subprocess.run(['nsenter', '--target', str(self.pid), '--mount', '--pid', '--net', 'chroot', self.path, *environment,
                               *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=timeout)

    def put(self, source, target, mode=0o644):
        """Copies a file from outside."""
        with open(source, 'rb') as file:
            subprocess.run(['nsenter', '--target', str(self.pid), '--mount', 'chroot', self.path, 'sh', '-c',
                            'mkdir -p "${1%/*}" && cat >"$1" && chmod "$2" "$1"', 'sh', target, f'{mode:o}'], stdin=file, check=True)

    def close(self):
        self.holder.stdin.close()
        self.holder.stdout.close()
        self.holder.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.close()

"""The packages, and a Debian that has been booted and has nothing of ours (machine.py)."""
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import time

import pytest

import plainroot
from machine import Machine
from stack import SOURCE

OUT = os.environ['OUT']
HERE = os.path.dirname(os.path.abspath(__file__))
FRESH = ('systemd-sysv', 'dbus', 'ca-certificates', 'iproute2', 'procps')
# What the README tells to install, so that the machine, which has no network, finds it.
WANTED = ('nginx', 'postgresql', 'postgresql-client', 'memcached', 'cron', 'logrotate', 'curl', 'jq')


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f'{" ".join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}'
    return done.stdout


def wishes(debs):
    """What the packages want beside them, as one text."""
    return ''.join(run('dpkg-deb', '-f', deb, 'Depends', 'Recommends') for deb in debs)


def make_root(folder, debs):
    """A plain root in which apt has fetched, and not installed, all that will be asked for."""
    run('cp', '-a', plainroot.make(FRESH), folder)
    shutil.copy('/etc/resolv.conf', f'{folder}/etc/resolv.conf')
    for deb in debs:
        shutil.copy(deb, f'{folder}/tmp/')
    run('chroot', folder, 'sh', '-c', 'apt-get -qq update && apt-get -qq -y --download-only install "$@" && rm /tmp/*.deb', 'sh',
        *WANTED, *(f'/tmp/{os.path.basename(deb)}' for deb in debs), env=dict(os.environ, DEBIAN_FRONTEND='noninteractive'))


@pytest.fixture(scope='session')
def packages():
    """{name: path} of the packages of this tree, or of those that lie in $PACKAGES."""
    folder = os.environ.get('PACKAGES')
    if folder is None:
        folder = f'{SOURCE}/build/packages'
        run(f'{SOURCE}/dev', 'deb')
    return {os.path.basename(path).split('_')[0]: path for path in glob.glob(f'{folder}/*.deb')}


@pytest.fixture(scope='session')
def root(packages):
    why = plainroot.available() or shutil.which('systemd-nspawn') is None and 'systemd-nspawn is not installed'
    if why:
        pytest.skip(why)
    debs = [path for name, path in packages.items() if not name.endswith('-dbgsym')]
    path = f'{plainroot.CACHE}/machine-{hashlib.sha256(wishes(debs).encode()).hexdigest()[:12]}'
    if os.path.exists(path) and time.time() - os.stat(path).st_mtime > plainroot.KEPT_S:
        shutil.rmtree(path)
    if not os.path.exists(path):
        shutil.rmtree(f'{path}.new', ignore_errors=True)
        try:
            make_root(f'{path}.new', debs)
        except (AssertionError, OSError) as problem:
            pytest.skip(f'no root can be made: {str(problem)[-300:]}')
        os.rename(f'{path}.new', path)
        os.utime(path)
    return path


def boot(root, packages, name):
    """A machine of its own, with the packages in /root/packages, which are not installed."""
    folder = f'{OUT}/{name}'
    run('cp', '-a', root, folder)
    with open(f'{folder}/etc/apt/apt.conf.d/assume-yes', 'w') as file:
        file.write('APT::Get::Assume-Yes "true";\n')  # for the commands of the README, which a person answers
    os.makedirs(f'{folder}/root/packages')
    for package, path in packages.items():
        if not package.endswith('-dbgsym'):
            shutil.copy(path, f'{folder}/root/packages/')
    machine = Machine(folder, f'{OUT}/{name}.log')
    try:
        yield machine.boot()
    finally:
        machine.off()
    shutil.rmtree(folder)


@pytest.fixture(scope='module')
def machine(root, packages, request):
    yield from boot(root, packages, request.module.__name__)

"""The packages, and a Debian that has been booted and has nothing of ours."""
import os
import shutil
import subprocess

import pytest

import debfiles
import machine as booted
import plainroot
from stack import SOURCE

OUT = os.environ['OUT']
HERE = os.path.dirname(os.path.abspath(__file__))
FRESH = ('systemd-sysv', 'dbus', 'ca-certificates', 'iproute2', 'procps')
# What README.Debian and apt want; the machine finds it without a network.
WANTED = ('nginx', 'postgresql', 'postgresql-client', 'memcached', 'cron', 'logrotate', 'curl')
# Whoever types the commands of README.Debian answers apt's question.
YES = """echo 'APT::Get::Assume-Yes "true";' >etc/apt/apt.conf.d/assume-yes"""


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f'{" ".join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}'
    return done.stdout


@pytest.fixture(scope='session')
def packages():
    """{name: path} of the packages of this tree, or of those that lie in $PACKAGES."""
    folder = os.environ.get('PACKAGES')
    if folder is None:
        folder = f'{SOURCE}/build/packages'
        run(f'{SOURCE}/dev', 'deb')
    return debfiles.named(folder)


@pytest.fixture(scope='session')
def root(packages):
    why = booted.available()
    if why:
        pytest.skip(why)
    try:
        return plainroot.make(FRESH, {*WANTED, *debfiles.dependencies(packages['boxoffice'])})
    except OSError as problem:
        pytest.skip(str(problem))


def boot(root, packages, name):
    """A machine of its own, with the packages in /root/packages, which are not installed."""
    folder = f'{OUT}/{name}-packages'
    os.makedirs(folder)
    for path in packages.values():
        shutil.copy(path, folder)
    with booted.Machine(root, f'{OUT}/{name}', YES) as machine:
        machine.unpack(folder, '/root/packages')
        yield machine


@pytest.fixture(scope='module')
def machine(root, packages, request):
    yield from boot(root, packages, request.module.__name__)

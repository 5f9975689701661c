"""The packages, and a Debian that has been booted and has nothing of ours."""
import glob
import os
import re
import shutil
import subprocess

import pytest

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


def dependencies(deb):
    """Names of foreign packages; the first of alternatives."""
    names = [re.match(r'[\w.+-]+', term.strip())[0] for term in run('dpkg-deb', '-f', deb, 'Depends').split(',')]
    return {name for name in names if not name.startswith('boxoffice')}


def named(folder):
    """{name: path} of the packages in a folder, without the debugging symbols."""
    return {os.path.basename(path).split('_')[0]: path for path in glob.glob(f'{folder}/*.deb') if '-dbgsym' not in path}


@pytest.fixture(scope='session')
def packages():
    """{name: path} of the packages of this tree, or of those that lie in $PACKAGES."""
    folder = os.environ.get('PACKAGES')
    if folder is None:
        folder = f'{SOURCE}/build/packages'
        run(f'{SOURCE}/dev', 'deb')
    return named(folder)


@pytest.fixture(scope='session')
def root(packages):
    why = booted.available()
    if why:
        pytest.skip(why)
    try:
        return plainroot.make(FRESH, {*WANTED, *dependencies(packages['boxoffice'])})
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

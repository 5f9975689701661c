"""Copies of the built tree for the tests of ./dev."""
import os
import pwd
import shutil
import subprocess
import tempfile

import pytest

from stack import Stack, free_port

SOURCE = os.environ['SRC']
OUT = os.environ['OUT']


class Tree:
    """One checkout with its build, and its own port; of another account when that is given."""

    def __init__(self, path, account=None):
        self.path = str(path)
        self.identity = {'user': account.pw_uid, 'group': account.pw_gid, 'extra_groups': []} if account else {}
        self.environment = {'PATH': '/usr/bin:/bin', 'BOXOFFICE_PORT': str(free_port())}
        shutil.copytree(SOURCE, self.path, symlinks=True, ignore=leave_out)

    def dev(self, *arguments, timeout=300, **environment):
        """Runs ./dev as a cron job would: no terminal, no input, next to no environment."""
        return subprocess.run(['./dev', *arguments], cwd=self.path, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout,
                              env=dict(self.environment, **environment), **self.identity)

    def up(self, **environment):
        done = self.dev('up', **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def env(self):
        """What `./dev env` exports, as a shell understands it."""
        done = self.dev('env')
        assert done.returncode == 0, done.stdout + done.stderr
        shown = subprocess.run(['bash', '-c', f'{done.stdout}\nenv -0'], env={}, text=True,
                               capture_output=True, check=True).stdout
        return dict(entry.split('=', 1) for entry in shown.split('\0')
                    if entry.startswith('BOXOFFICE_'))


def leave_out(folder, names):
    """A copy takes the ordinary build along, but neither what runs nor what was tested."""
    if folder == SOURCE:
        return {'.git', 'autom4te.cache'} & set(names)
    if folder == f'{SOURCE}/build':
        return set(names) - {'obj'}
    return set()


@pytest.fixture(scope='session')
def tree():
    """A checkout that is up; its `said` is what `up` printed."""
    made = Tree(f'{OUT}/checkout')
    made.said = made.up()
    yield made
    made.dev('down')


@pytest.fixture(scope='session')
def deep_tree():
    """A checkout, never up, whose path is 200 characters long, has a blank and lies below a closed folder."""
    closed = f'{OUT}/closed'
    os.mkdir(closed, 0o700)
    made = Tree(closed + '/' + 'deep/' * ((200 - len(closed)) // 5) + 'check out')
    yield made
    made.dev('down')


@pytest.fixture
def others_tree():
    """A checkout in the closed folder of somebody who is neither root nor has sudo."""
    if os.geteuid() != 0:
        pytest.skip('only root can be somebody else; all of this was run by an ordinary user')
    account = pwd.getpwnam('nobody')
    home = tempfile.mkdtemp(prefix='boxoffice-home-', dir='/var/tmp')
    made = Tree(f'{home}/checkout', account)
    subprocess.run(['chown', '-R', f'{account.pw_uid}:{account.pw_gid}', home], check=True)
    made.uid = account.pw_uid
    yield made
    made.dev('down')
    shutil.rmtree(Stack(f'{made.path}/build/run', '/usr/bin').state, ignore_errors=True)
    shutil.rmtree(home)

"""The packages are built once for the whole stage."""
import glob
import os
import subprocess

import pytest

import debfiles
import plainroot

SRC = os.environ['SRC']
OUT = os.environ['OUT']

# Beside what the packages depend on: what they serve in a root.
SERVED = ('bash-completion', 'cron', 'logrotate', 'systemd')


class Debs:
    """The packages that `packaging/deb/build` left in a folder, and their contents in `tree`."""

    def __init__(self, folder, tree):
        self.folder, self.tree = folder, tree
        self.paths = {os.path.basename(path).split('_')[0]: path for path in glob.glob(f'{folder}/*.deb')}
        for path in self.installed():
            subprocess.run(['dpkg-deb', '-x', path, tree], check=True)

    def installed(self):
        return [self.paths['boxoffice-common'], self.paths['boxoffice']]

    def field(self, name, package='boxoffice'):
        return debfiles.field(self.paths[package], name)

    def dependencies(self):
        return debfiles.dependencies(self.paths['boxoffice'])

    def listing(self, package):
        """[(mode, owner, path without the leading dot)]"""
        text = subprocess.run(['dpkg-deb', '-c', self.paths[package]], capture_output=True, text=True, check=True).stdout
        return [(words[0], words[1], words[5][1:].split(' -> ')[0]) for words in (line.split(None, 5) for line in text.splitlines())]


@pytest.fixture(scope='session')
def debs():
    folder = f'{OUT}/packages'
    done = subprocess.run([f'{SRC}/packaging/deb/build', folder], capture_output=True, text=True, check=False)
    with open(f'{OUT}/deb.log', 'w') as log:
        log.write(done.stdout + done.stderr)
    assert done.returncode == 0, done.stderr[-2000:]
    return Debs(folder, f'{OUT}/tree')


@pytest.fixture(scope='session')
def plain(debs):
    why = plainroot.available()
    if why:
        pytest.skip(why)
    try:
        return plainroot.make({*debs.dependencies(), *SERVED})
    except OSError as problem:
        pytest.skip(str(problem))


@pytest.fixture
def root(plain, tmp_path):
    with plainroot.Root(plain, f'{tmp_path}/layer') as found:
        yield found


@pytest.fixture
def installed(root, debs):
    """A root in which the packages are installed."""
    install(root, debs.installed())
    return root


def install(root, paths):
    for path in paths:
        root.put(path, f'/tmp/{os.path.basename(path)}')
    done = root.run('dpkg', '--force-confold', '-i', *(f'/tmp/{os.path.basename(path)}' for path in paths))
    assert done.returncode == 0, done.stdout + done.stderr
    return done

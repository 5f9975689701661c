"""Installed, removed and purged by Debian's own test of packages, which looks for whatever is left."""
import shutil
import subprocess

import pytest

import plainroot
from conftest import FRESH, OUT, run


def test_piuparts_has_nothing_to_say(root, packages):
    if shutil.which('piuparts') is None:
        pytest.skip('piuparts is not installed')
    run('tar', '-C', plainroot.make(FRESH), '-czf', f'{OUT}/root.tgz', '.')
    done = subprocess.run(['piuparts', '--basetgz', f'{OUT}/root.tgz', '--no-upgrade-test', '--skip-minimize', '-d', plainroot.SUITE,
                           packages['boxoffice-common'], packages['boxoffice']], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-3000:]

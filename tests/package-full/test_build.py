"""The same bytes from other builds: in a plain root that has what the package says it needs to be built, and the RPMs once more."""
import glob
import hashlib
import os
import re
import subprocess

import pytest

import plainroot
from stack import SOURCE


def digests(folder):
    return {os.path.basename(path): hashlib.sha256(open(path, 'rb').read()).hexdigest()
            for path in glob.glob(f'{folder}/**/*.[dr][ep][bm]', recursive=True)}


def needed():
    """What debian/control names, and what Debian takes for granted in a machine that builds."""
    with open(f'{SOURCE}/packaging/deb/control') as file:
        terms = re.search(r'^Build-Depends:(.*?)\n(?! )', file.read(), re.DOTALL | re.MULTILINE)[1].split(',')
    names = {re.match(r'[\w.+-]+', term.strip())[0] for term in terms}
    return {name for name in names if name != 'debhelper-compat' and not name.startswith('dh-sequence-')} | {'debhelper', 'build-essential'}


def test_the_package_is_built_from_what_it_says_and_from_nothing_else(packages, tmp_path):
    why = plainroot.available()
    if why:
        pytest.skip(why)
    subprocess.run([f'{SOURCE}/packaging/source-tree', f'{tmp_path}/tree'], stdout=subprocess.DEVNULL, check=True)
    subprocess.run(['tar', '-C', f'{tmp_path}/tree', '-cf', f'{tmp_path}/tree.tar', '.'], check=True)
    try:
        plain = plainroot.make(needed())
    except OSError as problem:
        pytest.skip(str(problem))
    with plainroot.Root(plain, f'{tmp_path}/layer') as root:
        root.put(f'{tmp_path}/tree.tar', '/tmp/tree.tar')
        done = root.run('sh', '-c', 'mkdir /src && tar -C /src -xf /tmp/tree.tar && cd /src && packaging/deb/build /out >/tmp/log 2>&1 || '
                        '{ tail -n 40 /tmp/log; exit 1; }; cd /out && sha256sum *.deb', timeout=600)
    assert done.returncode == 0, done.stdout
    assert {name: digest for digest, name in (line.split() for line in done.stdout.splitlines()) if name.split('_')[0] in packages} == {
        os.path.basename(path): hashlib.sha256(open(path, 'rb').read()).hexdigest() for path in packages.values()}


def test_two_builds_of_the_rpms_give_the_same_bytes(tmp_path):
    for name, zone in (('one', 'UTC'), ('two', 'Asia/Seoul')):
        subprocess.run([f'{SOURCE}/packaging/rpm/build', f'{tmp_path}/{name}'], env={**os.environ, 'TZ': zone}, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    first = digests(f'{tmp_path}/one')
    assert len(first) == 4 and digests(f'{tmp_path}/two') == first

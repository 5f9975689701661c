"""From one version to the next and back, in the order of the README, and in the wrong one."""
import os
import re

import pytest

import debfiles
from conftest import OUT, boot, run
from life import Steady, buy, install, lead_through_readme, main_pid
from stack import SOURCE


@pytest.fixture(scope='module')
def later(root):
    """Packages of a version to come, whose schema is one migration ahead."""
    tree, folder = f'{OUT}/later', f'{OUT}/later-packages'
    run(f'{SOURCE}/packaging/source-tree', tree)
    newest = sorted(os.listdir(f'{tree}/sql/migrations'))[-1]
    number = int(newest[:4])
    with open(f'{tree}/sql/migrations/{number + 1:04}_later.sql', 'w') as file:
        file.write('-- Nothing yet.\nSELECT 1;\n')
    for path, old, new in (('src/core/ready.h', rf'(READY_SCHEMA_VERSION) {number}\b', rf'\1 {number + 1}'),
                           ('configure.ac', r'(AC_INIT\(\[boxoffice\], \[)[^]]+', r'\g<1>99.0')):
        with open(f'{tree}/{path}') as file:
            text, count = re.subn(old, new, file.read())
        assert count == 1, path
        with open(f'{tree}/{path}', 'w') as file:
            file.write(text)
    run(f'{tree}/packaging/deb/build', folder)
    return debfiles.named(folder)


@pytest.fixture(scope='module')
def sells(machine):
    """The version of this tree, installed and selling."""
    install(machine)
    lead_through_readme(machine)
    return machine


def put(machine, package):
    """The path inside of a package of the later version."""
    if machine.sh('test -e /root/later', check=False).returncode != 0:
        machine.unpack(f'{OUT}/later-packages', '/root/later')
    return f'/root/later/{os.path.basename(package)}'


def status(machine):
    return machine.sh('boxofficectl db status', check=False)


def test_in_the_order_of_the_readme_no_request_is_lost(sells, later):
    before = main_pid(sells)
    load = Steady(sells, 30, 'shaken')
    sells.sh(f'apt-get -qq install {put(sells, later["boxoffice-common"])}', timeout=300)
    assert status(sells).returncode == 0  # the old programs are asked
    sells.sh('boxofficectl db migrate')
    assert status(sells).returncode == 0 and main_pid(sells) == before
    sells.sh(f'apt-get -qq install {put(sells, later["boxoffice"])}', timeout=300)
    assert status(sells).returncode == 0 and main_pid(sells) != before
    load.check()
    assert '99.0' in sells.sh('boxofficed --version').stdout
    sells.sh('boxofficectl audit')


def test_back_to_the_programs_of_before_on_the_new_schema(sells):
    before = main_pid(sells)
    load = Steady(sells, 15)
    sells.sh('apt-get -qq install --allow-downgrades /root/packages/boxoffice_*.deb', timeout=300)
    assert main_pid(sells) != before
    assert status(sells).returncode == 0
    load.check()
    buy(sells)


@pytest.fixture
def other(root, packages):
    yield from boot(root, packages, 'other')


def test_both_at_once_leaves_the_old_processes_until_the_schema_fits(other, later):
    install(other)
    lead_through_readme(other)
    before = main_pid(other)
    load = Steady(other, 20, 'shaken')
    said = other.sh(f'apt-get -qq install {put(other, later["boxoffice-common"])} {put(other, later["boxoffice"])}', timeout=300).stdout
    assert 'boxofficectl db migrate' in said and main_pid(other) == before
    assert status(other).returncode not in (0, 1)
    job = other.sh('runuser -u boxoffice -- /usr/libexec/boxoffice/boxoffice-prune', check=False)
    assert job.returncode == 0 and 'schema' in job.stderr + job.stdout, job
    other.sh('boxofficectl db migrate && systemctl restart boxofficed boxoffice-relay')
    assert status(other).returncode == 0 and main_pid(other) != before
    load.check()
    buy(other)

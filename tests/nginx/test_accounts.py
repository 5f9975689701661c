"""Workers and nginx run as two accounts, as an installation has them."""
import grp
import os
import pwd
import stat
import subprocess

import pytest

from proc import children_of
from services import NGINX, OURS

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason='without root, one account runs everything')


def accounts_of(pids):
    return {pwd.getpwuid(os.stat(f'/proc/{pid}').st_uid).pw_name for pid in pids}


def test_workers_and_nginx_are_two_accounts(stack):
    master = stack.pid('boxofficed')
    assert accounts_of([master, *children_of(master)]) == {OURS}
    assert accounts_of(children_of(stack.pid('nginx'))) == {NGINX}


def test_nginx_reaches_the_sockets_by_its_group_and_nobody_else_does(stack):
    for pool in stack.pools:
        info = os.stat(f'{stack.state}/run/{pool}.sock')
        assert stat.S_IMODE(info.st_mode) == 0o660
        assert (pwd.getpwuid(info.st_uid).pw_name, grp.getgrgid(info.st_gid).gr_name) == (OURS, NGINX)
    assert stat.S_IMODE(os.stat(f'{stack.state}/run').st_mode) == 0o2750


@pytest.mark.parametrize('path', ['etc/secrets.conf', 'memcached/memcached.sock', 'postgresql/socket/.s.PGSQL.5432'])
def test_nginx_can_touch_neither_keys_nor_cache_nor_database(stack, path):
    """Who breaks into nginx has what nginx has."""
    whole = f'{stack.state}/{path}'
    assert os.path.exists(whole)
    for account, may in ((OURS, True), (NGINX, False)):
        who = pwd.getpwnam(account)
        done = subprocess.run(['test', '-r', whole], user=who.pw_uid, group=who.pw_gid, extra_groups=[])
        assert (done.returncode == 0) == may, account

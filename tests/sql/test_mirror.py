"""The mirror of boxofficed beside a lock on what it copies."""
import re

import pytest

from services import OURS
from wait import wait_for

LOCK_MS = 20  # how long a request waits for a lock here
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boxofficed mirror' AND wait_event_type = 'Lock'"


@pytest.fixture
def second_conf(stack):
    """The stack's configuration for a boxofficed of this test, whose requests hardly wait for locks."""
    for folder in ('run2', 'log'):
        stack.folder(f'{stack.state}/{folder}', 0o755, OURS, None)
    text = open(stack.conf).read().replace('[database]\n', f'[database]\nlock_timeout_ms = {LOCK_MS}\n')
    text = text.replace(f'run_dir = {stack.state}/run\n', f'run_dir = {stack.state}/run2\n')
    text = re.sub(r'(?m)^file = .*$', f'file = {stack.state}/log/mirror.log', text)
    stack.write(f'{stack.state}/etc/second.conf', text)
    return f'{stack.state}/etc/second.conf'


def test_the_mirror_waits_longer_for_a_lock_than_a_request(stack, db, start, second_conf):
    """A migration locks a table for a moment: the mirror must not fall silent over it, because then nobody's token counts."""
    log = f'{stack.state}/log/mirror.log'
    process = start('boxofficed', '--config', second_conf)
    wait_for(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boxofficed mirror'"), 10, 'it is connected')
    migration = db.connect(autocommit=False)
    migration.cursor().execute('LOCK TABLE account.revocations IN ACCESS EXCLUSIVE MODE')
    with pytest.raises(Exception, match='lock timeout'):  # what a request would get
        request = db.connect('app').cursor()
        request.execute(f"SET lock_timeout = {LOCK_MS}; SELECT count(*) FROM account.revocations")
    wait_for(lambda: db.value(f"{WAITS} AND clock_timestamp() - query_start > interval '300 ms'", role='postgres'), 5, 'it waits on')
    migration.rollback()
    wait_for(lambda: not db.value(WAITS, role='postgres'), 5, 'it goes on')
    process.terminate()
    process.wait(20)
    assert 'could not mirror' not in open(log).read()

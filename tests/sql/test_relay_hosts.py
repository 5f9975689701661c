"""Two relays that reach the database over TCP, like those of two hosts, and a relay whose database came from a dump."""
import glob
import os
import signal
import socket
import subprocess
import time

import psycopg2
import pytest

from services import UNSYNCED
from stack import Stack, free_port
from wait import wait_for

LEADER = """SELECT a.pid, a.client_port FROM pg_stat_activity AS a JOIN pg_locks AS l USING (pid)
    WHERE a.application_name = 'boxoffice-relay' AND l.locktype = 'advisory' AND l.granted"""


@pytest.fixture(scope='module')
def hosts():
    port = free_port()
    tcp = f'host=127.0.0.1 port={port} dbname=boxoffice user=boxoffice_batch'
    with Stack(f'{os.environ["OUT"]}/hosts', os.environ['BUILD'], config={'database': {'batch_dsn': tcp}}, services=('postgresql',),
               postgres={**UNSYNCED, 'listen_addresses': '127.0.0.1', 'port': port}, env={'PGPORT': str(port)}) as stack:
        with socket.create_connection(('127.0.0.1', port), 5):
            pass
        stack.tcp_port = port
        yield stack


@pytest.fixture
def leader(hosts):
    """leader(): (pid of its session, its port), None while nobody leads."""
    connection = psycopg2.connect(hosts.dsn('postgres') + f' port={hosts.tcp_port}')
    connection.autocommit = True

    def ask():
        cursor = connection.cursor()
        cursor.execute(LEADER)
        rows = cursor.fetchall()
        assert len(rows) < 2, rows
        return rows[0] if rows else None
    yield ask
    connection.close()


@pytest.fixture
def relay(hosts):
    running = []

    def begin(*arguments):
        running.append(hosts.launch('boxoffice-relay', *arguments))
        return running[-1]
    yield begin
    for process in running:
        process.kill()
        process.wait()


def keepalive_s(server_port, client_port):
    """Seconds until the server's end of a connection asks whether the other is there; None: not while an answer is awaited."""
    for line in open('/proc/net/tcp'):
        fields = line.split()
        if [field.split(':')[-1] for field in fields[1:3]] == [f'{server_port:04X}', f'{client_port:04X}']:
            timer, when = fields[5].split(':')
            return int(when, 16) / os.sysconf('SC_CLK_TCK') if timer == '02' else None
    return None


def test_the_server_finds_out_that_a_leaders_host_is_gone(hosts, leader, relay):
    """A host that dies says nothing: the server's own keepalive ends its session, 10 + 3 x 3 s later, and with it the lock.
    Its setting is seen in the kernel's timer, which says 7200 s without."""
    relay()
    wait_for(leader, 10)
    wait_for(lambda: (keepalive_s(hosts.tcp_port, leader()[1]) or 7200) <= 10, 10)


def test_the_next_one_leads_within_five_seconds(hosts, leader, relay):
    first = relay()
    wait_for(leader, 10)
    before = leader()
    relay()
    time.sleep(0.5)
    assert leader() == before
    first.send_signal(signal.SIGKILL)
    began = time.monotonic()
    wait_for(lambda: leader() not in (None, before), 5, 'five seconds are the promise')
    assert time.monotonic() - began < 5


def test_a_restored_database_is_read_on_where_the_dumped_one_was(stack, db, season, start, hosts, relay, tmp_path):
    """The dump comes from a server that has counted more transactions; some of its events were read, some were not."""
    unlisted = """SELECT count(*) FROM show.orders AS o LEFT JOIN account.order_list AS l USING (user_id, order_id)
        WHERE l.version IS DISTINCT FROM o.version"""
    db.rows('DO $$ BEGIN FOR i IN 1..20000 LOOP SET LOCAL synchronous_commit = off; PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$')
    first = start('boxoffice-relay')
    season.buy('paid')
    wait_for(lambda: db.value(unlisted) == 0, 10)
    first.terminate()
    first.wait()
    season.buy('paid')
    season.buy('ordered')

    hosts.psql('-v', 'db=restored', '-f', f'{hosts.source}/sql/bootstrap.sql', database='postgres')
    dump = str(tmp_path / 'dump.sql')
    pg_dump = max(glob.glob('/usr/lib/postgresql/*/bin/pg_dump'), key=lambda path: int(path.split('/')[4]))
    subprocess.run([pg_dump, '-h', stack.socket_dir, '-U', 'postgres', '-f', dump, 'boxoffice'], check=True, env=stack.environment())
    hosts.psql('-f', dump, database='restored')
    conf = str(tmp_path / 'restored.conf')
    with open(conf, 'w') as file:
        file.write(open(hosts.conf).read().replace('dbname=boxoffice ', 'dbname=restored '))

    def ask(text):
        return int(hosts.psql('-At', '-c', text, database='restored'))
    counter = 'SELECT pg_snapshot_xmax(pg_current_snapshot())'
    assert ask(counter) < db.value('SELECT min(from_xmin::text::bigint) FROM log.cursors'), 'the case is there'
    checked = hosts.run('boxofficectl', '--config', conf, 'db', 'check', check=False)
    assert checked.returncode == 1 and 'events rebase' in checked.stderr
    assert ask(unlisted) == 2
    relay('--config', conf)
    time.sleep(1)
    assert ask(unlisted) == 2
    assert '3 readers put back' in hosts.run('boxofficectl', '--config', conf, 'events', 'rebase').stdout
    wait_for(lambda: ask(unlisted) == 0, 20)
    hosts.run('boxofficectl', '--config', conf, 'db', 'check', '--except', 'durability')
    # What was read before the dump was not read again, and nothing waits.
    assert ask("SELECT count(*) FROM log.event_log WHERE tx = '1'") > 0 and ask('SELECT count(*) FROM log.retries') == 0

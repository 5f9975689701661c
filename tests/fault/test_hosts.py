"""The host of the leading relay goes silent, without FIN or RST, and comes back. The server has to find out."""
import copy
import itertools
import os
import signal
import subprocess
import time

import psycopg2
import pytest

import logs
from client import Client
from conftest import CONFIG, SERVICES
from load import run_again
from network import NETWORK, Network
from purchase import note
from services import Postgresql
from stack import Stack
from wait import wait_for
from world import World

LIMIT_S = 30                    # the promise
PROCESS_S = 5                   # the promise where a process dies and its host tells of it
RELAY = 'boxoffice-relay'
BATCH = 'boxoffice-release-holds'
CONTROL = 'boxoffice-prune'     # the name of the lock that a plain session holds
BUSY = 'another one is at work'

HOLDERS = """SELECT DISTINCT a.application_name, host(a.client_addr) FROM pg_stat_activity AS a JOIN pg_locks AS l USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND a.client_addr IS NOT NULL"""
UNLISTED = """SELECT count(*) FROM show.orders AS o LEFT JOIN account.order_list AS l USING (user_id, order_id)
    WHERE l.version IS DISTINCT FROM o.version"""
# Who moves a cursor, and whether it went back.
WITNESS = """
    CREATE TABLE public.moves (no bigserial PRIMARY KEY, host text, is_back bool);
    CREATE FUNCTION public.witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO public.moves (host, is_back) VALUES (host(inet_client_addr()),
            NEW.from_xmin < OLD.from_xmin OR NEW.from_xmin = OLD.from_xmin AND NEW.id < OLD.id);
        RETURN NEW;
    END $$;
    CREATE TRIGGER witness AFTER UPDATE ON log.cursors FOR EACH ROW EXECUTE FUNCTION public.witness()"""


class Database(Postgresql):
    """On a host of its own; the others reach it by TCP, this one still by its unix socket."""

    def before(self):
        super().before()
        with open(f'{self.folder}/pg_hba.conf', 'a') as file:
            file.write(f'host all all {NETWORK} trust\n')

    def start(self):
        with self.stack.network.inside('database'):
            super().start()


class Hosts(Stack):
    """The relay and the batches run where a test says; everything else is on this host."""

    def __init__(self, network, *arguments, **options):
        self.network = network
        # The server keeps nothing alive by itself: it is the settings of our sessions that are seen here.
        bare = {'tcp_keepalives_idle': '0', 'tcp_keepalives_interval': '0', 'tcp_keepalives_count': '0'}
        super().__init__(*arguments, postgres={'listen_addresses': network.address['database'], **bare}, **options)
        self.tcp = f'host={network.address["database"]} dbname=boxoffice user=boxoffice_batch'
        self.remote_conf = f'{self.directory}/remote.conf'

    def make_services(self):
        return dict(super().make_services(), postgresql=Database(self))

    def write_config(self):
        super().write_config()
        with open(self.conf) as file:
            self.write(self.remote_conf, file.read().replace(self.dsn('batch'), self.tcp))

    def popen(self, host, program, *arguments):
        with self.network.inside(host):
            return self.launch(program, '--config', self.remote_conf, *arguments, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope='module')
def network():
    try:
        network = Network('database', 'first', 'second')
    except OSError as problem:
        pytest.skip(str(problem))
    yield network
    network.close()


@pytest.fixture(scope='module')
def hosts(network):
    services = [name for name in SERVICES if name != 'relay']
    with Hosts(network, os.path.join(os.environ['OUT'], 'hosts'), os.environ['BUILD'], config=copy.deepcopy(CONFIG),
               services=services) as stack:
        stack.psql('-c', WITNESS)
        yield stack
        logs.check(stack)


@pytest.fixture(scope='module')
def house(hosts):
    return World(hosts, Client(hosts.port))


@pytest.fixture
def start(hosts, house):
    running = []

    def begin(host, program, *arguments):
        running.append(hosts.popen(host, program, *arguments))
        return running[-1]
    house.sql('TRUNCATE public.moves')
    yield begin
    for process in running:
        process.kill()
        process.communicate()


def holders(house):
    """{application: host} of the locks that programs hold on their sessions, by TCP."""
    names = {address: name for name, address in house.stack.network.address.items()}
    return {application: names[address] for application, address in house.sql(HOLDERS)}


def leads(house, host):
    return holders(house).get(RELAY) == host


def is_connected(house, host):
    return house.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND client_addr = %s", RELAY,
                     house.stack.network.address[host]) == [(1,)]


def begin_relays(house, start):
    """The first leads, the second waits."""
    first = start('first', RELAY)
    wait_for(lambda: leads(house, 'first'), 10, 'the first leads')
    second = start('second', RELAY)
    wait_for(lambda: is_connected(house, 'second'), 10, 'the second waits')
    return first, second


def buy_and_see(house):
    """An order, and that the relay does its work."""
    house.buy(house.user(balance=1000000), house.show(), [0, 1])
    wait_for(lambda: house.sql(UNLISTED) == [(0,)], 10, 'the order is listed')


def check_moves(house, *hosts):
    """These have moved the cursors, one after the other, and never back."""
    names = {address: name for name, address in house.stack.network.address.items()}
    moves = house.sql('SELECT host, is_back FROM public.moves ORDER BY no')
    assert [names[host] for host, _ in itertools.groupby(moves, lambda move: move[0])] == list(hosts)
    assert not any(is_back for _, is_back in moves)


def until(check, since, what):
    """Seconds since then, within the promise."""
    wait_for(check, LIMIT_S - (time.monotonic() - since), what)
    return time.monotonic() - since


def test_another_host_leads_within_30_seconds(house, hosts, network, start):
    """The lock of a batch is free by then too. A session without our settings still has its own: it is they that do it."""
    first, second = begin_relays(house, start)
    start('first', BATCH, '--for', '120', '--every', '1')
    wait_for(lambda: holders(house).get(BATCH) == 'first', 10, 'the batch has its lock')
    assert BUSY in start('second', BATCH).communicate(timeout=10)[0]
    with network.inside('first'):
        control = psycopg2.connect(hosts.tcp, application_name='control')
    control.autocommit = True
    try:
        control.cursor().execute(f"SELECT pg_advisory_lock(hashtextextended('boxoffice {CONTROL}', 0))")
        buy_and_see(house)
        network.unplug('first')
        began = time.monotonic()
        relay_s = until(lambda: leads(house, 'second'), began, 'another host leads')
        assert relay_s > PROCESS_S, 'the host has told of its end'
        batch_s = until(lambda: BATCH not in holders(house), began, 'the lock of the batch is free')
        assert BUSY not in start('second', BATCH).communicate(timeout=10)[0]
        note(f'a host gone: another leads after {relay_s:.1f} s, the lock of a batch is free after {batch_s:.1f} s')
        buy_and_see(house)
        time.sleep(max(0, began + LIMIT_S - time.monotonic()))
        assert holders(house).get('control') == 'first'
        assert BUSY in start('second', CONTROL).communicate(timeout=10)[0]
        assert first.poll() is None, 'it waits for the database'
    finally:
        network.plug_in('first')
        house.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'control'")
        control.close()
    wait_for(lambda: is_connected(house, 'first'), 10, 'the first is back')
    buy_and_see(house)
    assert leads(house, 'second')
    check_moves(house, 'first', 'second')
    second.kill()
    wait_for(lambda: leads(house, 'first'), PROCESS_S, 'the first leads again')
    buy_and_see(house)
    check_moves(house, 'first', 'second', 'first')
    run_again(hosts, house)


def test_a_leader_that_wakes_up_later_moves_nothing(house, hosts, network, start):
    """Its host sleeps while it moves a cursor, whose answer is lost, and wakes up when another has read on: it asks again."""
    first, _ = begin_relays(house, start)
    buy_and_see(house)
    lock = house.connect()
    lock.autocommit = False
    # Without a transaction id, which would keep the event from being read at all.
    lock.cursor().execute('LOCK TABLE log.cursors IN EXCLUSIVE MODE')
    house.buy(house.user(balance=1000000), house.show(), [0, 1])
    wait_for(lambda: house.sql("SELECT pid FROM pg_stat_activity WHERE application_name = %s AND client_addr = %s "
                               "AND wait_event_type = 'Lock'", RELAY, network.address['first']), 5, 'it moves a cursor')
    first.send_signal(signal.SIGSTOP)
    try:
        network.unplug('first')
        lock.close()
        slept_s = until(lambda: leads(house, 'second'), time.monotonic(), 'another host leads')
        note(f'a host asleep in a call: another leads after {slept_s:.1f} s')
        buy_and_see(house)
        assert not is_connected(house, 'first')
    finally:
        network.plug_in('first')
        first.send_signal(signal.SIGCONT)
    wait_for(lambda: is_connected(house, 'first'), 10, 'it is back')
    buy_and_see(house)
    assert leads(house, 'second')
    check_moves(house, 'first', 'second')
    run_again(hosts, house)

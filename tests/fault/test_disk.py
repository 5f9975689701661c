"""The volume of the database is full: a tmpfs of fixed size, in mounts that only this stage sees."""
import copy
import os

import psycopg2
import pytest

import mounts
from client import Client
from conftest import CONFIG, SERVICES
from load import run_again
from purchase import Buyers
from stack import Stack
from wait import wait_for
from world import World

SIZE_MB = 160
WALS = {'shared_buffers': '32MB', 'min_wal_size': '32MB', 'max_wal_size': '48MB'}


class SmallStack(Stack):
    """With its database on a disk of its own."""

    def lay_out(self):
        super().lay_out()
        if not os.path.ismount(self.data):
            problem = mounts.mount_small(self.data, SIZE_MB)
            if problem:
                raise OSError(problem)
            super().lay_out()       # the folder's owner and mode

    def wipe(self):
        mounts.unmount(self.data)
        super().wipe()


@pytest.fixture(scope='module')
def small():
    problem = mounts.make_private()
    if problem:
        pytest.skip(problem)
    config = dict(copy.deepcopy(CONFIG), **{'pool booking': {'workers': 4}})
    with SmallStack(os.path.join(os.environ['OUT'], 'small'), os.environ['BUILD'], config=config, services=SERVICES,
                    postgres=WALS) as stack:
        yield stack


@pytest.fixture(scope='module')
def little(small):
    return World(small, Client(small.port))


class Filler:
    """Takes all the room there is, and gives it back."""

    def __init__(self, stack):
        self.path = f'{stack.data}/filler'

    def __enter__(self):
        self.fill()
        return self

    def fill(self):
        with open(self.path, 'ab', buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass

    def __exit__(self, *problem):
        os.unlink(self.path)


def statuses(buyers):
    return {subject.answer.status for subject in buyers.walked}


def test_no_room_for_a_page_is_503(small, little):
    """Tables cannot grow: what does not fit is refused whole, what fitted stays; with room again all goes on."""
    buyers = Buyers(little, 60)
    with Filler(small) as filler:
        buyers.start()

        def is_refused():
            filler.fill()
            if not buyers.open.is_set():
                return True
            return not buyers.left
        wait_for(is_refused, 30, 'something no longer fits')
        assert buyers.left, 'the disk was never full'
        assert small.pid('postgresql') is not None
        assert little.client.get('/healthz').status == 200
        assert little.client.get(f'/api/shows/{buyers.left[-1].show}').status == 200, 'reading goes on'
    buyers.finish()
    assert statuses(buyers) <= {200, 201, 503}, statuses(buyers)
    run_again(small, little)
    buyers.check('disk full, tables')
    run_again(small, little)


def test_no_room_for_log_or_checkpoint_takes_down_the_database_only(small, little):
    """Without a place for these PostgreSQL stops itself; with room it recovers, and every answer that was given
    is kept."""
    buyers = Buyers(little, 60)
    with Filler(small) as filler:
        buyers.start()

        def is_down():
            filler.fill()
            try:
                little.sql('SELECT pg_switch_wal()')
                little.sql('CHECKPOINT')
            except psycopg2.Error:
                pass
            return has_panicked(small) and not buyers.open.is_set()
        wait_for(is_down, 60, 'the database is down')
        assert little.client.get('/healthz').status == 200
    wait_for(lambda: is_up(small), 20, 'the database is back, by itself or started')
    small.wait_ready()
    buyers.finish()
    assert statuses(buyers) <= {200, 201, 503}, statuses(buyers)
    run_again(small, little)
    buyers.check('disk full, log')
    run_again(small, little)


def has_panicked(stack):
    with open(stack.log_path('postgresql')) as file:
        return ' PANIC: ' in file.read()


def is_up(stack):
    """It starts anew by itself where it can, and ends where there is no room for that either."""
    if stack.pid('postgresql') is None:
        stack.start('postgresql')
    return stack.services['postgresql'].answers() is True

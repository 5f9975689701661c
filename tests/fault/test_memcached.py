"""memcached stopped, hung, flushed and poisoned: it holds only data that may be lost, and it decides nothing."""
import base64
import json
import os
import re
import signal
import socket
import time
import urllib.parse

import pytest

import fcgi
from load import run_again
from wait import wait_for
from world import rfc3339


@pytest.fixture(autouse=True)
def settled(stack, world):
    yield
    run_again(stack, world)


class Memcached:
    """The text protocol, for what no client of ours would do."""

    def __init__(self, stack):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(stack.memcached)
        self.stream = self.connection.makefile('rwb')

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.stream.close()
        self.connection.close()

    def ask(self, text):
        self.stream.write(text)
        self.stream.flush()
        return self.stream.readline()

    def flush(self):
        assert self.ask(b'flush_all\r\n') == b'OK\r\n'

    def keys(self):
        line = self.ask(b'lru_crawler metadump all\r\n')
        keys = []
        while not line.startswith(b'END'):
            assert not line.startswith((b'BUSY', b'ERROR')), line
            found = re.match(rb'key=(\S+)', line)
            if found:
                keys.append(urllib.parse.unquote_to_bytes(found[1]))     # the dump encodes them
            line = self.stream.readline()
        return keys

    def get(self, key):
        """None: it is gone."""
        line = self.ask(b'get %s\r\n' % key)
        if line.startswith(b'END'):
            return None
        data = self.stream.read(int(line.split()[3]) + 2)[:-2]
        assert self.stream.readline() == b'END\r\n'
        return data

    def set(self, key, data):
        assert self.ask(b'set %s 0 60 %d\r\n%s\r\n' % (key, len(data), data)) == b'STORED\r\n'


def paths_of(show):
    return ('/api/events', f'/api/events/{show["event_id"]}', f'/api/shows/{show["id"]}',
            f'/api/shows/{show["id"]}/availability', f'/api/layouts/{show["layout_id"]}',
            f'/api/events/{show["event_id"]}/shows', f'/api/events/{show["event_id"]}/dates')


def exercise(world, api, show, user):
    for path in paths_of(show):
        start = time.monotonic()
        assert api.get(path).status == 200, path
        assert time.monotonic() - start < 1, path
    hold = world.hold(user, show, [0])
    world.done(api.delete(f'/api/shows/{show["id"]}/holds/{hold["id"]}', token=user.token), 204)


def test_stopped_it_costs_only_speed(stack, world, api, load):
    show, user = world.show(), world.user()
    with load() as running:
        stack.stop('memcached')
        exercise(world, api, show, user)
        stack.start('memcached')
        exercise(world, api, show, user)
    assert set(running.statuses) <= {200, 201, 204, 304}, running.statuses


def test_hung_it_costs_only_speed(stack, world, api, load):
    show, user = world.show(), world.user()
    with load() as running:
        pid = stack.pid('memcached')
        os.kill(pid, signal.SIGSTOP)
        try:
            exercise(world, api, show, user)
        finally:
            os.kill(pid, signal.SIGCONT)
        exercise(world, api, show, user)
    assert set(running.statuses) <= {200, 201, 204, 304}, running.statuses


def test_flushed_it_costs_only_speed(stack, world, api, load):
    show, user = world.show(), world.user()
    with load() as running, Memcached(stack) as memcached:
        for _ in range(20):
            memcached.flush()
            exercise(world, api, show, user)
    assert set(running.statuses) <= {200, 201, 204, 304}, running.statuses


def nonsense(values):
    return {key: b'nonsens' for key in values}


def empty(values):
    return {key: b'' for key in values}


def cut_short(values):
    return {key: data[:len(data) // 4] for key, data in values.items()}


def exchanged(values):
    """Each key has another key's value: what a client out of step would store."""
    keys = sorted(values)
    return {key: values[keys[no - 1]] for no, key in enumerate(keys)}


def of_another_build(values):
    return {key: b'XX' + data[2:] for key, data in values.items()}


def ask(stack, path):
    """Straight from a worker: nginx would keep the good answer for a second."""
    answer = fcgi.request(f'{stack.state}/run/catalog.sock', 'GET', path)
    assert answer.status == 200, (path, answer)
    return json.loads(answer.body)


def filled(stack, memcached, paths):
    """{key: value} once what was asked for is kept; locks and the like are shorter."""
    for path in paths:
        ask(stack, path)
    values = {key: data for key in memcached.keys() if (data := memcached.get(key)) and len(data) > 40}
    return len(values) >= len(paths) and values


@pytest.mark.parametrize('poison', [nonsense, empty, cut_short, exchanged, of_another_build])
def test_poisoned_it_is_not_believed(stack, world, poison):
    """Whatever somebody else wrote under our keys is not served."""
    soon = rfc3339(time.time() + 86400)         # among the dates that an event lists
    shows = [world.show(event_id=world.event()['id'], hall_id=world.hall()['id'], starts_at=soon) for _ in range(2)]
    paths = sorted({path for show in shows for path in paths_of(show)} - {'/api/events'})
    wait_for(lambda: all(ask(stack, f'/api/events/{show["event_id"]}')['first_show_at'] for show in shows), 5,
             'the relay has counted their events')
    with Memcached(stack) as memcached:
        memcached.flush()
        values = wait_for(lambda: filled(stack, memcached, paths), 5, 'it is filled')
        good = {path: ask(stack, path) for path in paths}
        for key, data in poison(values).items():
            memcached.set(key, data)
        for path in paths:
            assert dict(ask(stack, path), as_of=None) == dict(good[path], as_of=None), path


def test_a_lie_in_it_sells_nothing_and_does_not_last(stack, world, api):
    """A well-formed value that says all seats are free: it is told, holds are refused all the same, and the
    map is right again when the value's time is over."""
    show = world.show()
    world.buy(world.user(balance=1000000), show, [0, 1, 2, 3])
    path = f'/api/shows/{show["id"]}/availability'
    free = base64.b64encode(bytes(6)).decode()

    def lie():
        sold = ask(stack, path)['states']
        for key in memcached.keys():
            data = memcached.get(key)
            if data and b'availability' in key and f'"show_id":{show["id"]},'.encode() in data:
                memcached.set(key, data.replace(sold.encode(), free.encode()))
        return sold != free and ask(stack, path)['states'] == free

    with Memcached(stack) as memcached:
        wait_for(lie, 5, 'the lie is told')
    answer = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0, 1]}, token=world.user().token)
    assert (answer.status, answer.code) == (409, 'seats_taken')
    assert answer.json()['seats'] == [0, 1]
    wait_for(lambda: ask(stack, path)['states'] != free, 2, 'the map is right again')
    wait_for(lambda: world.seats(show)[:4] == [2] * 4, 3, 'the map is right for everybody')

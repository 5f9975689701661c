"""The workers and their master: reloaded, stopped, killed, stuck."""
import copy
import json
import os
import re
import signal
import time

import pytest

from proc import is_live, send
from wait import wait_for


def test_reload_under_load_fails_no_request(stack, world, load, workers):
    before = set(workers())
    with load() as running:
        for _ in range(3):
            old = set(workers())
            os.kill(stack.pid('boxofficed'), signal.SIGHUP)
            wait_for(lambda: not old & set(workers()), 12, 'every worker was replaced')
            running.wait_served(2, 'service after a reload')
    assert set(running.statuses) <= {200, 201, 204, 304}, running.statuses
    assert not before & set(workers())


def test_reload_with_a_bad_file_keeps_the_old_configuration(stack, world, api, workers):
    before = set(workers())
    with open(stack.conf) as file:
        good = file.read()
    try:
        with open(stack.conf, 'a') as file:
            file.write('\n[nonsense]\nkey = 1\n')
        size = os.path.getsize(stack.log_path('boxoffice'))
        os.kill(stack.pid('boxofficed'), signal.SIGHUP)

        def told():
            with open(stack.log_path('boxoffice')) as file:
                file.seek(size)
                return 'nonsense' in file.read()
        wait_for(told, 5, 'the log says why')
        assert before == set(workers())
        assert api.get('/readyz').status == 200
    finally:
        with open(stack.conf, 'w') as file:
            file.write(good)


# What of the configuration is replaced, and what the refusal names. Each of these once went through a reload.
REFUSED = {
    'a connection string': (r'(?m)^dsn = .*$', 'dsn = dbnam=x', 'database.dsn: invalid connection option "dbnam"'),
    'a port of the database': (r'(?m)^dsn = .*$', 'dsn = host=127.0.0.1 port=99999', 'database.dsn: a port must be'),
    'a port of the cache': (r'(?m)^servers = .*$', 'servers = 127.0.0.1:99999', 'cache.servers: "127.0.0.1:99999"'),
    'a log': (r'(?m)^file = .*$', 'file = /nonexistent/log', 'log.file: the service cannot write'),
    'a textfile folder': (r'(?m)^\[batch\]$', '[batch]\ntextfile_dir = /nonexistent', 'batch.textfile_dir: files cannot be'),
    'a pool that nginx maps': (r'\[pool login\]\nworkers = 1\n', '', '[pool login]: the section is missing'),
}


@pytest.mark.parametrize('before, after, words', REFUSED.values(), ids=REFUSED)
def test_a_refused_reload_says_so_and_the_site_sells_on(stack, world, workers, before, after, words):
    show, buyer, old = world.show(), world.user(balance=1_000_000), set(workers())
    with open(stack.conf) as file:
        good = file.read()
    bad = re.sub(before, after, good)
    assert bad != good
    try:
        stack.write(stack.conf, bad)
        size = os.path.getsize(stack.log_path('boxoffice'))
        for order in ('--check', '--reload'):
            done = stack.run('boxofficed', order, check=False)
            assert (done.returncode, done.stdout) == (78, '')
            assert words in done.stderr
        os.kill(stack.pid('boxofficed'), signal.SIGHUP)

        def told():
            with open(stack.log_path('boxoffice')) as file:
                file.seek(size)
                return any('not reloaded' in line and words in json.loads(line)['msg'] for line in file)
        wait_for(told, 5, 'the log says why')
        world.buy(buyer, show, [1, 2])
        assert world.client.post('/api/auth/login', {'email': buyer.email, 'password': 'wrong password'}).status == 401
        assert set(workers()) == old
    finally:
        stack.write(stack.conf, good)
    done = stack.run('boxofficed', '--reload')
    assert done.stdout == 'reloaded\n'
    world.buy(buyer, show, [3])


def test_graceful_stop_finishes_requests_in_flight(stack, api, background):
    job = background(lambda: api.get('/api/test/sleep?ms=1500'))
    wait_for(lambda: busy(stack) >= 1, 3, 'the request is with a worker')
    start = time.monotonic()
    stack.stop('boxofficed')
    assert time.monotonic() - start < 8
    assert job.result().status == 200
    answer = api.get('/healthz')
    assert (answer.status, answer.code) == (502, 'bad_gateway')
    stack.start('boxofficed')
    stack.wait_ready()


def busy(stack):
    """Connections that workers of the pool catalog serve now."""
    path = f'{stack.state}/run/catalog.sock'
    with open('/proc/net/unix') as file:
        # The listening socket is one line with the path, each accepted connection one more.
        return sum(line.rstrip().endswith(path) for line in file) - 1


def test_stop_leaves_no_process(stack, workers):
    pids = workers()
    stack.stop('boxofficed')
    assert not [pid for pid in pids if is_live(pid)]
    stack.start('boxofficed')
    stack.wait_ready()


def test_killed_workers_are_replaced_within_a_second(stack, world, load, workers):
    with load() as running:
        for _ in range(3):
            send(workers(), signal.SIGKILL)
            assert running.wait_served(1, 'service within a second of kill -9 of all workers') <= 1
            wait_for(lambda: len(workers()) >= 9, 5, 'all workers are back')
    assert set(running.statuses) <= {200, 201, 204, 304, 502, 503, 404, 409, 410}, running.statuses


def test_killed_master_takes_its_workers_along(stack, workers, api):
    """No worker may outlive its master and serve with what nobody keeps fresh."""
    pids = workers()
    os.kill(stack.pid('boxofficed'), signal.SIGKILL)
    wait_for(lambda: not [pid for pid in pids if is_live(pid)], 5, 'all gone')
    stack.stop('boxofficed')
    stack.start('boxofficed')
    stack.wait_ready()
    assert api.get('/api/events').status == 200


def test_stuck_worker_is_killed(stack, world, api):
    before = copy.deepcopy(stack.config)
    stack.restart('boxofficed', {
        'server': {'request_deadline_ms': 1000, 'stuck_after_ms': 1500},
        'database': {'connect_timeout_ms': 300, 'statement_timeout_ms': 600, 'lock_timeout_ms': 300}})
    try:
        stack.wait_ready()
        start = time.monotonic()
        answer = api.get('/api/test/sleep?ms=60000')
        assert (answer.status, answer.code) == (502, 'bad_gateway')
        assert time.monotonic() - start < 6
        wait_for(lambda: api.get('/healthz').status == 200, 3, 'its place is taken')
    finally:
        stack.config = before
        stack.restart('boxofficed')
        stack.wait_ready()


def test_crashing_request_costs_one_worker(stack, world, api, load):
    with load() as running:
        for query in ('signal=11', 'signal=6', 'exit=1', 'exit=0'):
            answer = api.get(f'/api/test/crash?{query}')
            assert (answer.status, answer.code) == (502, 'bad_gateway')
        running.wait_served(2, 'the others go on')
    assert set(running.statuses) <= {200, 201, 204, 304}, running.statuses

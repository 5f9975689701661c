"""The workers and their master: reloaded, stopped, killed, stuck."""
import copy
import os
import signal
import time

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

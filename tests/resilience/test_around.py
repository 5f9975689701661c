"""Failures around the workers: the database, the mirror, the relay, nginx."""
import contextlib
import os
import re
import signal
import time

from proc import fds_of, is_live, listening
from wait import wait_for

MONEY = 1000000


# --- the database

def test_database_away_is_503_and_back_is_served(stack, world, api, load):
    user = world.user(balance=MONEY)
    show = world.show()
    with load() as running:
        stack.stop('postgresql')
        try:
            answer = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]}, token=user.token)
            assert (answer.status, answer.code) == (503, 'unavailable')
            assert int(answer.headers['Retry-After']) >= 1
            assert api.get('/readyz').status == 503
            assert api.get('/healthz').status == 200
        finally:
            stack.start('postgresql')
        start = time.monotonic()
        wait_for(lambda: api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]},
                                  token=user.token).status in (200, 201), 3, 'holds are taken again')
        assert time.monotonic() - start <= 1, 'served within a second of the database being back'
        wait_for(lambda: api.get('/readyz').status == 200, 3, 'ready again')
    assert set(running.statuses) <= {200, 201, 204, 304, 404, 409, 410, 503}, running.statuses


def test_every_session_cut_is_repeated_or_refused(stack, world, load):
    """Sessions ended under the load: repeated where that is safe, 503 elsewhere, never 500."""
    with load() as running:
        for _ in range(5):
            world.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'boxoffice_app'")
            running.wait_served(2, 'service after the cut')
    assert set(running.statuses) <= {200, 201, 204, 304, 409, 410, 503}, running.statuses


def test_silent_mirror_is_replaced(stack, world, api, workers):
    """Tokens are judged all the time: its place is taken before its word is too old."""
    mirror = [pid for pid in workers() if not listens(stack, pid)]
    assert len(mirror) == 1, 'one child serves no pool'
    user = world.user()
    os.kill(mirror[0], signal.SIGSTOP)
    try:
        def is_replaced():
            assert api.get('/api/me', token=user.token).status == 200
            return not [pid for pid in mirror if is_live(pid)]
        wait_for(is_replaced, 8, 'a silent mirror is replaced')
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(mirror[0], signal.SIGCONT)


def test_without_the_mirror_nobody_is_let_in(stack, world, api, workers):
    """Word of revoked sessions that is older than five seconds: 503 where a token is needed, public
    reads go on. The master stands still too, or it would put another in its place."""
    mirror = [pid for pid in workers() if not listens(stack, pid)]
    pids = [stack.pid('boxofficed'), *mirror]
    user = world.user()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        answer = wait_for(lambda: (answer := api.get('/api/me', token=user.token)).status != 200 and answer, 8,
                          'tokens are no longer judged')
        assert (answer.status, answer.code) == (503, 'unavailable')
        assert api.get('/api/events').status == 200
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    wait_for(lambda: api.get('/api/me', token=user.token).status == 200, 5, 'tokens are judged again')


def listens(stack, pid):
    """Whether a child has the socket of a pool."""
    sockets = {listening(f'{stack.state}/run/{pool}.sock') for pool in stack.pools}
    return not sockets.isdisjoint(fds_of(pid).values())


# --- relay and nginx

def test_relay_killed_goes_on_where_it_was(stack, world, api):
    user = world.user(balance=MONEY)
    shows = [world.show() for _ in range(3)]
    for show in shows:
        world.buy(user, show, [0])
        os.kill(stack.pid('relay'), signal.SIGKILL)
        wait_for(lambda: stack.pid('relay') is None, 3, 'it is gone')
        stack.start('relay')
    wait_for(lambda: len(api.get('/api/me/orders?state=paid', token=user.token).json()['items']) == 3, 10,
             'all orders are listed')
    for show in shows:
        wait_for(lambda: api.get(f'/api/shows/{show["id"]}').json()['seats_left'] == 23, 6, 'seats left')


def test_hung_workers_are_504(stack, api, workers):
    """Nobody answers though the socket is there: nginx gives up in its own words."""
    conf = stack.nginx_files['site']
    with open(conf) as file:
        good = file.read()
    impatient = re.sub(r'fastcgi_read_timeout \w+;', 'fastcgi_read_timeout 1s;', good)
    assert impatient != good
    try:
        reload_nginx(stack, conf, impatient)
        answer = wait_for(lambda: (answer := api.get('/api/test/sleep?ms=3000')).status != 200 and answer, 20,
                          'nginx gives up')
        assert (answer.status, answer.code) == (504, 'gateway_timeout')
    finally:
        reload_nginx(stack, conf, good)


def reload_nginx(stack, conf, text):
    with open(conf, 'w') as file:
        file.write(text)
    os.kill(stack.pid('nginx'), signal.SIGHUP)

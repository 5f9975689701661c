"""boxofficed with a clock that is a day wrong: the database's clock decides what expires, opens and closes."""
import base64
import glob
import json
import os
import time

import pytest

from client import new_key
from load import run_again
from wait import wait_for
from world import rfc3339, unix

FAKETIME = glob.glob('/usr/lib/*/faketime/libfaketime.so.1') + glob.glob('/usr/lib*/faketime/libfaketime.so.1')
DAY_S = 86400
PASSWORD = 'correct horse battery'


@pytest.fixture(scope='module')
def stamped(world):
    """A show whose map is in memcached before the clock is wrong."""
    return world.show()


@pytest.fixture(scope='module', params=['+1d', '-1d'])
def offset_s(request, stack, world, stamped):
    if not FAKETIME:
        pytest.skip('libfaketime is not installed')
    world.seats(stamped)        # by a right clock
    service = stack.services['boxofficed']
    service.env = {'LD_PRELOAD': FAKETIME[0], 'FAKETIME': request.param, 'FAKETIME_DONT_FAKE_MONOTONIC': '1'}
    pid = None
    try:
        stack.restart('boxofficed')
        pid = stack.pid('boxofficed')
        stack.wait_ready()
        yield DAY_S if request.param == '+1d' else -DAY_S
    finally:
        service.env = {}
        stack.restart('boxofficed')
        stack.wait_ready()
        for left in glob.glob(f'/dev/shm/*faketime_*_{pid}'):
            os.unlink(left)
    run_again(stack, world)


@pytest.fixture(autouse=True)
def is_wrong(stack, api, offset_s):
    """The clock is wrong indeed: the line that a worker logs says so."""
    yield
    trace = api.get('/api/me').trace_id
    with open(stack.log_path('boxoffice')) as file:
        line = next(members for line in file if trace in line and (members := json.loads(line)))
    assert abs(unix(line['ts'][:19] + 'Z') - time.time() - offset_s) < 60, line['ts']


def near(text, unix_s):
    assert abs(unix(text) - unix_s) <= 3, (text, rfc3339(unix_s))


def test_tokens_are_issued_and_judged_by_the_database(world, api):
    email = f'clock.{new_key()}@example.test'
    made = api.post('/api/auth/signup', {'email': email, 'password': PASSWORD, 'name': 'A Buyer'})
    near(world.done(made, 201)['created_at'], time.time())
    session = world.done(api.post('/api/auth/login', {'email': email, 'password': PASSWORD}), 200)
    middle = session['access_token'].split('.')[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + '=' * (-len(middle) % 4)))
    assert abs(claims['iat'] - time.time()) <= 3 and claims['exp'] == claims['iat'] + 900
    assert api.get('/api/me', token=session['access_token']).status == 200
    again = api.post('/api/auth/refresh', {'refresh_token': session['refresh_token']})
    assert api.get('/api/me', token=world.done(again, 200)['access_token']).status == 200
    user = world.user()
    assert api.get('/api/me', token=world.signer.token(user.id, ttl_s=60)).status == 200
    ended = api.get('/api/me', token=world.signer.token(user.id, ttl_s=-60))
    assert (ended.status, ended.code) == (401, 'token_expired')
    # What was revoked stays so, for as long as the token would have lived.
    assert api.post('/api/auth/logout', token=session['access_token']).status == 204
    assert api.get('/api/me', token=session['access_token']).status == 401


def test_holds_live_as_long_as_they_say(world, api):
    show = world.show()
    near(world.hold(world.user(), show, [0])['expires_at'], time.time() + 300)
    short = world.show(hold_seconds=2)
    first, second = world.users(2)
    hold = world.hold(first, short, [0])
    taken = api.post(f'/api/shows/{short["id"]}/holds', {'seats': [0]}, token=second.token)
    assert (taken.status, taken.code) == (409, 'seats_taken')
    wait_for(lambda: api.post(f'/api/shows/{short["id"]}/holds', {'seats': [0]}, token=second.token).status == 201, 4,
             'an expired hold is free at once')
    late = api.post(f'/api/shows/{short["id"]}/orders', {'hold_id': hold['id']}, token=first.token, key=new_key())
    assert (late.status, late.code) == (410, 'hold_expired')


def test_sales_open_and_close_by_the_database(world, api):
    now = time.time()
    user = world.user()
    for state, changes in (('scheduled', {'sales_open_at': rfc3339(now + DAY_S // 2)}),
                           ('closed', {'sales_open_at': rfc3339(now - DAY_S), 'sales_close_at': rfc3339(now - DAY_S // 2)}),
                           ('on_sale', {'sales_open_at': rfc3339(now - DAY_S // 2),
                                        'sales_close_at': rfc3339(now + DAY_S // 2)})):
        show = world.show(**changes)
        assert show['state'] == state
        answer = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]}, token=user.token)
        assert answer.status == 201 if state == 'on_sale' else answer.code == 'not_on_sale', (state, answer)


def test_a_purchase_is_whole_and_can_be_given_back_in_time(world, api):
    user = world.user(balance=1000000)
    far = world.buy(user, world.show(hall_id=world.hall()['id'], starts_at=rfc3339(time.time() + DAY_S // 2)), [0, 1])
    near(far['created_at'], time.time())
    close = world.buy(user, world.show(hall_id=world.hall()['id'], starts_at=rfc3339(time.time() + 600)), [0, 1])
    answers = []
    for order in (far, close):
        assert order['state'] == 'paid' and len(order['tickets']) == 2
        key = new_key()
        path = f'/api/shows/{order["show_id"]}/orders/{order["id"]}/cancel'
        answers.append(api.post(path, token=user.token, key=key))
        assert api.post(path, token=user.token, key=key).status == answers[-1].status
    assert answers[0].json()['state'] == 'refunded'
    assert answers[1].code == 'too_late'
    entries = world.done(api.get('/api/me/wallet/entries', token=user.token), 200)['items']
    for entry in entries:
        near(entry['at'], time.time())
    assert sum(entry['amount'] for entry in entries) == world.balance(user)


def test_reads_are_as_fresh_as_promised(world, api, stamped):
    """Values that right clocks have stamped, and ours: none is believed for a day, or for ever."""
    for show in (stamped, world.show()):
        user = world.user()
        hold = world.hold(user, show, [5])
        wait_for(lambda: world.seats(show)[5] == 1, 3, 'the map shows the hold')
        world.done(api.delete(f'/api/shows/{show["id"]}/holds/{hold["id"]}', token=user.token), 204)
        wait_for(lambda: world.seats(show)[5] == 0, 3, 'the map shows it free')

"""What breaks around the workers, and the workers themselves."""
import contextlib
import copy
import os
import re
import signal
import time

from client import new_key
from load import wait_due
from proc import fds_of, is_live, listening
from wait import wait_for

MONEY = 1000000


def settle(stack, world):
    wait_due(world)
    stack.run('boxoffice-settle-payments')


def kill_workers(pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


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
    """Connections that workers of the catalogue serve now."""
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
            kill_workers(workers())
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


# --- kill -9 between the steps of a payment

def booked(world):
    user = world.user(balance=MONEY)
    order = world.order(user, world.hold(user, world.show(), [0, 1]))
    return user, order


def test_killed_before_the_debit(stack, world, workers, background):
    """payment_begin is written, wallet_debit is not: the seats come free of the payment, no money
    is gone, and the same key pays."""
    user, order = booked(world)
    key = new_key()
    with world.parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', user.id):
        job = background(lambda: world.try_pay(user, order, key))
        world.wait_blocked()
        kill_workers(workers())
        assert job.result().status in (502, 503)
        terminate_waiting(world)
    stack.wait_ready()
    assert world.order_get(user, order)['state'] == 'paying'
    settle(stack, world)
    seen = world.order_get(user, order)
    assert (seen['state'], seen['payments'][0]['state']) == ('pending', 'voided')
    assert world.balance(user) == MONEY
    paid = world.done(world.try_pay(user, order, key), 200)['order']
    assert paid['state'] == 'paid' and world.balance(user) == MONEY - order['amount']


def terminate_waiting(world):
    """What a killed worker had asked goes on in the database until that notices: end it, so that the
    step is lost for certain."""
    world.sql("SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
              "AND usename = 'boxoffice_app'")


def test_killed_while_the_debit_goes_on(stack, world, workers, background):
    """The worker dies, its question is carried out all the same: settled forward, paid once."""
    user, order = booked(world)
    with world.parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', user.id):
        job = background(lambda: world.try_pay(user, order))
        world.wait_blocked()
        kill_workers(workers())
        assert job.result().status in (502, 503)
    stack.wait_ready()
    settle(stack, world)
    seen = world.order_get(user, order)
    if seen['state'] == 'pending':          # the database noticed first and the debit was undone
        assert world.balance(user) == MONEY
        seen = world.pay(user, order)['order']
    assert seen['state'] == 'paid' and len(seen['tickets']) == 2
    assert world.balance(user) == MONEY - order['amount']


def test_killed_between_debit_and_confirm(stack, world, workers, background):
    """The money is gone and the order is not confirmed: settling goes forward."""
    user, order = booked(world)
    key = new_key()
    with world.parked('SELECT pg_advisory_xact_lock(%s, 1)', order['show_id']) as connection:
        # payment_begin needs the seat's lock too: let it pass first, then park the confirmation.
        connection.rollback()
        with world.parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', user.id):
            job = background(lambda: world.try_pay(user, order, key))
            world.wait_blocked()
            with connection.cursor() as cursor:
                cursor.execute('SELECT pg_advisory_xact_lock(%s, 1)', (order['show_id'],))
        wait_for(lambda: world.balance(user) == MONEY - order['amount'], 3, 'the debit is booked')
        world.wait_blocked()
        kill_workers(workers())
        assert job.result().status in (502, 503)
        terminate_waiting(world)
    stack.wait_ready()
    assert world.order_get(user, order)['state'] == 'paying'
    answer = world.try_pay(user, order, key)
    assert answer.code == 'idempotency_in_flight'
    settle(stack, world)
    seen = world.order_get(user, order)
    assert seen['state'] == 'paid' and len(seen['tickets']) == 2
    assert world.balance(user) == MONEY - order['amount']
    # Whoever asks again under the key gets the answer that was never delivered.
    replay = world.try_pay(user, order, key)
    assert replay.status == 200 and replay.json()['order'] == seen


# --- kill -9 between the steps of a cancel

def cancel(world, user, order, key):
    return world.client.post(f'/api/shows/{order["show_id"]}/orders/{order["id"]}/cancel', token=user.token, key=key)


def refunded_once(stack, world, user, order, key):
    """Settling ends it, and whoever asks again under the key gets the answer that was never delivered."""
    stack.wait_ready()
    assert world.order_get(user, order)['state'] == 'cancelled'
    assert cancel(world, user, order, key).code == 'idempotency_in_flight'
    stack.run('boxoffice-settle-payments')
    seen = world.order_get(user, order)
    assert seen['state'] == 'refunded' and seen['tickets'] == []
    assert world.balance(user) == MONEY
    replay = cancel(world, user, order, key)
    assert replay.status == 200 and replay.json() == seen and replay.headers['idempotency-replayed'] == 'true'
    assert world.buy(world.user(balance=MONEY), {'id': order['show_id']}, [0, 1])['state'] == 'paid'


def test_killed_between_cancel_and_refund(stack, world, workers, background):
    user, order = booked(world)
    order, key = world.pay(user, order)['order'], new_key()
    with world.parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', user.id):
        job = background(lambda: cancel(world, user, order, key))
        world.wait_blocked()
        kill_workers(workers())
        assert job.result().status in (502, 503)
        terminate_waiting(world)
    assert world.balance(user) == MONEY - order['amount']
    refunded_once(stack, world, user, order, key)


def test_killed_between_refund_and_its_writing_down(stack, world, workers, background):
    user, order = booked(world)
    order, key = world.pay(user, order)['order'], new_key()
    with world.parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', user.id) as wallet:
        job = background(lambda: cancel(world, user, order, key))
        world.wait_blocked()
        with world.parked('SELECT pg_advisory_xact_lock(show.buyer_key(%s, %s))', order['show_id'], user.id):
            wallet.rollback()
            wait_for(lambda: world.balance(user) == MONEY, 3, 'the refund is booked')
            world.wait_blocked()
            kill_workers(workers())
            assert job.result().status in (502, 503)
            terminate_waiting(world)
    refunded_once(stack, world, user, order, key)


def test_late_debit_is_refused_after_settling(stack, world):
    """A step that comes after its compensation is refused for good."""
    user, order = booked(world)
    payment = world.sql('SELECT gen_random_uuid()::text')[0][0]
    world.sql("SELECT * FROM show.payment_begin(%s, %s, %s, 'wallet', %s, %s, 'k', '\\x00', NULL)",
              order['show_id'], order['id'], payment, user.id, world.pay_path(order))
    settle(stack, world)
    assert world.order_get(user, order)['state'] == 'pending'
    late = world.sql('SELECT outcome FROM account.wallet_debit(%s, %s, %s, %s, %s, NULL)', user.id, payment,
                     order['id'], order['show_id'], order['amount'])
    assert late == [('order_closed',)]
    late = world.sql('SELECT outcome FROM show.order_confirm(%s, %s, %s, %s, %s::uuid[], NULL)', order['show_id'],
                     order['id'], payment, user.id, [payment, order['id']])
    assert late == [('order_closed',)]
    assert world.balance(user) == MONEY


def test_settling_twice_at_once_changes_nothing_twice(stack, world, background):
    orders = []
    for _ in range(6):
        user, order = booked(world)
        payment = world.sql('SELECT gen_random_uuid()::text')[0][0]
        world.sql("SELECT * FROM show.payment_begin(%s, %s, %s, 'wallet', %s, %s, 'k', '\\x00', NULL)",
                  order['show_id'], order['id'], payment, user.id, world.pay_path(order))
        if len(orders) % 2:
            world.sql('SELECT * FROM account.wallet_debit(%s, %s, %s, %s, %s, NULL)', user.id, payment,
                      order['id'], order['show_id'], order['amount'])
        orders.append((user, order))
    settle_jobs = []
    wait_due(world)
    for _ in range(3):
        settle_jobs.append(background(lambda: stack.run('boxoffice-settle-payments')))
    for job in settle_jobs:
        job.result()

    def settled():
        stack.run('boxoffice-settle-payments')
        return all(world.order_get(user, order)['state'] == ('paid' if no % 2 else 'pending')
                   for no, (user, order) in enumerate(orders))
    wait_for(settled, 10, 'all are settled')
    for no, (user, order) in enumerate(orders):
        assert world.balance(user) == MONEY - (order['amount'] if no % 2 else 0)


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
    conf = stack.nginx_conf
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

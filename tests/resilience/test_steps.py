"""kill -9 between the steps of a payment and of a cancel, and settling afterwards."""
import signal

from client import new_key
from load import wait_due
from proc import send
from wait import wait_for

MONEY = 1000000


def settle(stack, world):
    wait_due(world)
    stack.run('boxoffice-settle-payments')


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
        send(workers(), signal.SIGKILL)
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
        send(workers(), signal.SIGKILL)
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
        send(workers(), signal.SIGKILL)
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
        send(workers(), signal.SIGKILL)
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
            send(workers(), signal.SIGKILL)
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

"""Mistakes that ticketing systems have made. None may be ours. (4 is also in the matrix, 14 in the rule of
one call per request.)"""
import time

from client import new_key
from test_booking import hold_path, order_body, take
from wait import wait_for
from world import CAPACITY


def release_holds(stack):
    return stack.run('boxoffice-release-holds')


def seat_rows(world, show):
    return world.sql('SELECT seat_no, state::text, hold_id::text FROM show.seats WHERE show_id = %s '
                     'AND state <> %s ORDER BY seat_no', show['id'], 'available')


def test_mistake_01_the_sweep_never_puts_a_paid_seat_back_on_sale(api, world, stack, buyer, other):
    """The expiry job had no state filter: paid seats went back on sale after five minutes."""
    show = world.show(hold_seconds=1)
    paid = world.buy(buyer, show, [0])
    expired = world.hold(other, show, [1])
    wait_for(lambda: world.hold_get(other, expired)['state'] == 'expired', 4, 'the other expires')
    # Even where the paid hold's time is over as well.
    world.sql("UPDATE show.holds SET expires_at = now() - interval '1 day' WHERE show_id = %s", show['id'])
    release_holds(stack)
    assert seat_rows(world, show) == [(0, 'sold', paid['hold_id'])]
    assert world.order_get(buyer, paid)['state'] == 'paid'
    assert take(api, other, show, [0]).code == 'seats_taken'


def test_mistake_01_the_sweep_never_touches_a_paying_hold(world, stack, buyer, parked, background, waiting):
    """The same while the payment is still running and the hold's time is long over."""
    show = world.show()
    order = world.order(buyer, world.hold(buyer, show, [0]))
    with parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', buyer.id):
        job = background(lambda: world.try_pay(buyer, order))
        waiting()
        world.sql("UPDATE show.holds SET expires_at = now() - interval '1 day' WHERE show_id = %s", show['id'])
        release_holds(stack)
        assert seat_rows(world, show) == [(0, 'held', order['hold_id'])]
    assert job.result().json()['order']['state'] == 'paid'


def test_mistake_02_two_orders_for_one_seat_cannot_both_be_paid(api, world, buyer, other):
    """The order did not check the hold and "sold" was an unconditional update: both confirmed."""
    show = world.show(hold_seconds=1)
    first = world.order(buyer, world.hold(buyer, show, [0]))
    taken = wait_for(lambda: (answer := take(api, other, show, [0])).status == 201 and answer, 4, 'taken over')
    second = world.order(other, taken.json())
    assert world.pay(other, second)['order']['state'] == 'paid'
    assert world.try_pay(buyer, first).code == 'hold_expired'
    assert world.balance(buyer) == 1000000
    tickets = world.sql("SELECT order_id::text FROM show.tickets WHERE show_id = %s AND state <> 'void'", show['id'])
    assert tickets == [(second['id'],)]


def test_mistake_02_an_order_needs_a_live_hold_of_its_user(api, world, show, buyer, other):
    """No order for a hold that is released, expired, another's or another show's."""
    hold = world.hold(buyer, show, [0])
    assert order_body(api, other, hold).status == 404
    assert order_body(api, buyer, dict(hold, show_id=world.show()['id'])).status == 404
    api.delete(hold_path(hold), token=buyer.token)
    assert order_body(api, buyer, hold).code == 'hold_expired'


def test_mistake_03_only_its_owner_extends_or_releases_a_hold(api, world, show, buyer, other):
    """A hold had no owner: anyone could extend or release it."""
    hold = world.hold(buyer, show, [0])
    for user in (other, world.operator, world.admin):
        assert api.post(hold_path(hold, '/extend'), token=user.token).status == 404
        assert api.delete(hold_path(hold), token=user.token).status == 404
    assert world.hold_get(buyer, hold)['state'] == 'active'


def test_mistake_04_a_refused_seat_is_409(api, world, show, buyer, other):
    """A seat that was already sold came out as 500."""
    world.buy(buyer, show, [0])
    answer = take(api, other, show, [0])
    assert (answer.status, answer.code) == (409, 'seats_taken')


def test_mistake_04_a_seat_that_is_locked_is_409_at_once(api, world, show, buyer, parked):
    """A lock time-out came out as 500: a seat in somebody's hands is refused without waiting."""
    with parked('SELECT pg_advisory_xact_lock(%s, 3)', show['id']):
        start = time.monotonic()
        answer = take(api, buyer, show, [2, 3])
        assert (answer.status, answer.code) == (409, 'seats_taken')
        assert answer.json()['seats'] == [3]
        assert time.monotonic() - start < 1
    assert take(api, buyer, show, [2, 3]).status == 201


def test_mistake_04_a_buyer_who_waits_too_long_for_himself_is_503(api, world, show, buyer, parked):
    """lock_timeout: come again later, and nothing was done."""
    with parked('SELECT pg_advisory_xact_lock(show.buyer_key(%s, %s))', show['id'], buyer.id):
        answer = take(api, buyer, show, [0])
        assert (answer.status, answer.code) == (503, 'unavailable')
    assert world.sql('SELECT count(*) FROM show.holds WHERE show_id = %s', show['id']) == [(0,)]
    assert take(api, buyer, show, [0]).status == 201


def test_mistake_05_a_freed_seat_can_be_booked_again(api, world, show, buyer, other):
    """A unique key on a row that stayed: a cancelled seat could never be booked again."""
    for user in (buyer, other, buyer):
        hold = world.hold(user, show, [0])
        world.order(user, hold)
        assert api.delete(hold_path(hold), token=user.token).status == 204
    assert world.buy(other, show, [0])['state'] == 'paid'


def test_mistake_06_an_expiry_by_time_shows_on_the_seat_map(world, stack, buyer):
    """A hold that expired by its TTL sent no update: the screen kept "held". The sweep writes the
    event with the seat's next version."""
    show = world.show(hold_seconds=1)
    hold = world.hold(buyer, show, [5])
    wait_for(lambda: world.hold_get(buyer, hold)['state'] == 'expired', 4, 'it expires')

    def event():
        release_holds(stack)
        return world.sql("SELECT payload -> 'seats' FROM log.event_log WHERE home = 'show' AND entity = %s "
                         "AND kind = 'hold.expired'", str(show['id']))
    assert wait_for(event, 5, 'the event') == [([{'no': 5, 'state': 'available', 'v': 2}],)]
    wait_for(lambda: world.seats(show) == [0] * CAPACITY, 3, 'the map')


def test_mistake_07_a_seat_is_locked_until_the_commit(api, world, show, buyer, other, background):
    """The lock was released before the commit: between both a second buyer got in."""
    for seat in range(CAPACITY):
        jobs = [background(lambda user=user: take(api, user, show, [seat])) for user in world.users(4)]
        assert sorted(job.result().status for job in jobs) == [201, 409, 409, 409], seat


def test_mistake_08_the_sweep_skips_nobody(world, stack):
    """A paging batch changed the column it paged on and skipped half of the rows."""
    show = world.show(hold_seconds=1)
    users = world.users(CAPACITY)
    holds = [world.hold(user, show, [seat]) for seat, user in enumerate(users)]
    wait_for(lambda: world.hold_get(users[-1], holds[-1])['state'] == 'expired', 4, 'the last expires')
    release_holds(stack)
    assert world.sql("SELECT state::text, count(*) FROM show.holds WHERE show_id = %s GROUP BY 1", show['id']) == \
        [('expired', CAPACITY)]
    assert seat_rows(world, show) == []


def test_mistake_08_two_sweeps_at_once_do_each_hold_once(world, stack, background):
    show = world.show(hold_seconds=1)
    users = world.users(CAPACITY)
    holds = [world.hold(user, show, [seat]) for seat, user in enumerate(users)]
    wait_for(lambda: world.hold_get(users[-1], holds[-1])['state'] == 'expired', 4, 'the last expires')
    for job in [background(lambda: release_holds(stack)) for _ in range(3)]:
        job.result()

    def counts():
        release_holds(stack)
        return world.sql("SELECT count(*), count(DISTINCT payload ->> 'hold_id') FROM log.event_log "
                         "WHERE home = 'show' AND entity = %s AND kind = 'hold.expired'", str(show['id']))
    wait_for(lambda: counts() == [(CAPACITY, CAPACITY)], 5, 'each hold expired once')


def test_mistake_09_events_are_handled_once_the_work_is_done(world, stack, buyer):
    """The outbox marked rows before they were delivered: while the relay is away nothing is lost."""
    show = world.show()
    stack.stop('relay')
    try:
        order = world.buy(buyer, show, [0])
    finally:
        stack.start('relay')

    def listed():
        rows = world.client.get('/api/me/orders?state=paid', token=buyer.token).json()['items']
        return [row['id'] for row in rows] == [order['id']]
    wait_for(listed, 8, 'what happened while the relay was away')


def test_mistake_10_an_abandoned_payment_is_settled(world, stack, buyer):
    """A saga whose coordinator died was never ended: payment begun, nothing debited, nobody there."""
    show = world.show()
    hold = world.hold(buyer, show, [0])
    order = world.order(buyer, hold)
    key = new_key()
    world.sql("SELECT * FROM show.payment_begin(%s, %s, gen_random_uuid(), 'wallet', %s, %s, %s, '\\x00', NULL)",
              show['id'], order['id'], buyer.id, world.pay_path(order), key)
    assert world.order_get(buyer, order)['state'] == 'paying'
    world.sql("UPDATE show.payments SET started_at = now() - interval '10 min' WHERE order_id = %s", order['id'])
    stack.run('boxoffice-settle-payments')
    settled = world.order_get(buyer, order)
    assert settled['state'] == 'pending' and settled['payments'][0]['state'] == 'voided'
    assert world.hold_get(buyer, hold)['state'] == 'active'
    assert world.balance(buyer) == 1000000
    # The key is free again, whatever its first body was.
    assert world.done(world.try_pay(buyer, order, key), 200)['order']['state'] == 'paid'


def test_mistake_10_a_debited_payment_is_settled_forward(world, stack, buyer):
    """The money was taken and then the coordinator died: the order is confirmed, not undone."""
    show = world.show()
    order = world.order(buyer, world.hold(buyer, show, [0, 1]))
    payment = world.sql('SELECT gen_random_uuid()::text')[0][0]
    world.sql("SELECT * FROM show.payment_begin(%s, %s, %s, 'wallet', %s, %s, 'k', '\\x00', NULL)",
              show['id'], order['id'], payment, buyer.id, world.pay_path(order))
    world.sql('SELECT * FROM account.wallet_debit(%s, %s, %s, %s, %s, NULL)', buyer.id, payment, order['id'],
              show['id'], order['amount'])
    world.sql("UPDATE show.payments SET started_at = now() - interval '10 min' WHERE order_id = %s", order['id'])
    stack.run('boxoffice-settle-payments')
    settled = world.order_get(buyer, order)
    assert settled['state'] == 'paid' and len(settled['tickets']) == 2
    assert world.balance(buyer) == 1000000 - order['amount']


def test_mistake_11_a_key_with_another_body_is_422(api, world, show, buyer):
    """Same Idempotency-Key with another body was accepted."""
    key = new_key()
    path = '/api/me/wallet/charges'
    assert api.post(path, {'amount': 1000}, token=buyer.token, key=key).status == 201
    answer = api.post(path, {'amount': 2000}, token=buyer.token, key=key)
    assert (answer.status, answer.code) == (422, 'idempotency_mismatch')
    holds = [world.hold(buyer, show, [no]) for no in (0, 1)]
    world.order(buyer, holds[0], key)
    answer = order_body(api, buyer, holds[1], key)
    assert (answer.status, answer.code) == (422, 'idempotency_mismatch')
    assert world.balance(buyer) == 1001000


def test_mistake_13_a_new_show_is_not_hidden_by_a_cached_list(api, world):
    """A newly opened show stayed hidden in a cached list for ten minutes."""
    event = world.event()
    world.show(event_id=event['id'])
    path = f'/api/events/{event["id"]}/shows'
    wait_for(lambda: len(api.get(path).json()['items']) == 1, 4, 'the first is there')
    world.show(event_id=event['id'])
    wait_for(lambda: len(api.get(path).json()['items']) == 2, 4, 'the second too')


def test_mistake_14_no_transaction_is_open_between_the_steps_of_a_payment(world, show, buyer, parked,
                                                                        background, waiting):
    """A remote call inside a transaction held locks for seconds. While one step of the payment
    waits, the show's home is free: the buyer's lock and the seats' are nobody's."""
    order = world.order(buyer, world.hold(buyer, show, [0]))
    with parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', buyer.id):
        job = background(lambda: world.try_pay(buyer, order))
        waiting()
        free = world.sql('SELECT pg_try_advisory_xact_lock(show.buyer_key(%s, %s)), pg_try_advisory_xact_lock(%s, 0)',
                         show['id'], buyer.id, show['id'])
        assert free == [(True, True)]
        assert world.sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' "
                         "AND usename = 'boxoffice_app'") == [(0,)]
    assert job.result().status == 200


def test_mistake_15_the_user_is_the_tokens(api, world, show, buyer, other):
    """The user was taken from the body: whoever is named there is refused, not believed."""
    for name in ('user_id', 'userId', 'user'):
        answer = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0], name: other.id}, token=buyer.token)
        assert answer.code == 'validation_failed'
        answer = api.get(f'/api/me/orders?{name}={other.id}', token=buyer.token)
        assert answer.code == 'validation_failed'
    hold = world.hold(buyer, show, [0])
    assert api.get(hold_path(hold), token=other.token, headers={'X-User-Id': buyer.id, 'X-Role': 'admin'}).status == 404

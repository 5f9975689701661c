"""Orders that their owner cancels, and shows that do not take place."""
import pytest

from client import new_key
from wait import wait_for


def cancel_path(order):
    return f'/api/shows/{order["show_id"]}/orders/{order["id"]}/cancel'


def cancel(api, user, order, key=None):
    return api.post(cancel_path(order), token=user.token, key=key or new_key())


def cancel_show(api, world, show, body=None):
    return api.post(f'/api/admin/shows/{show["id"]}/cancel', body or {}, token=world.admin.token)


def entries(api, user):
    rows = api.get('/api/me/wallet/entries', token=user.token).json()['items']
    return [(row['kind'], row['amount']) for row in rows]


def listed(api, user, state):
    rows = api.get(f'/api/me/orders?state={state}', token=user.token).json()['items']
    return [row['id'] for row in rows]


def test_a_paid_order_is_refunded_and_its_seats_are_sold_again(api, world, show, buyer, other):
    """Mistake 5: a cancelled seat could never be booked again."""
    order = world.buy(buyer, show, [0, 1])
    answer = cancel(api, buyer, order)
    assert answer.status == 200
    cancelled = answer.json()
    assert cancelled['state'] == 'refunded' and cancelled['tickets'] == []
    assert [seat['no'] for seat in cancelled['seats']] == [0, 1]
    assert [payment['state'] for payment in cancelled['payments']] == ['refunded']
    assert cancelled['expires_at'] is None
    assert world.order_get(buyer, order) == cancelled
    assert world.balance(buyer) == 1000000
    assert entries(api, buyer)[:2] == [('refund', order['amount']), ('use', -order['amount'])]
    # The seats go to the next, and back to the first: as often as they like.
    for user in (other, buyer, other):
        again = world.buy(user, show, [0, 1])
        assert again['state'] == 'paid' and len(again['tickets']) == 2
        assert cancel(api, user, again).json()['state'] == 'refunded'
    wait_for(lambda: set(listed(api, buyer, 'refunded')) >= {order['id']}, 5, 'it is in the list')
    assert api.post(world.pay_path(order), {'method': 'wallet'}, token=buyer.token, key=new_key()).code == 'order_closed'


def test_a_pending_order_is_cancelled_with_its_hold(api, world, show, buyer, other):
    hold = world.hold(buyer, show, [0])
    order = world.order(buyer, hold)
    answer = cancel(api, buyer, order)
    assert (answer.status, answer.json()['state']) == (200, 'cancelled')
    assert world.hold_get(buyer, hold)['state'] == 'released'
    assert world.buy(other, show, [0])['state'] == 'paid'
    assert world.balance(buyer) == 1000000


@pytest.mark.parametrize('is_paid', [True, False])
def test_the_same_key_gives_the_same_answer(api, world, show, buyer, is_paid):
    order = world.order(buyer, world.hold(buyer, show, [0]))
    if is_paid:
        order = world.pay(buyer, order)['order']
    key = new_key()
    first, second = cancel(api, buyer, order, key), cancel(api, buyer, order, key)
    assert (first.status, second.status) == (200, 200)
    assert first.json() == second.json()
    assert second.headers['idempotency-replayed'] == 'true' and 'idempotency-replayed' not in first.headers
    assert cancel(api, buyer, order).code == 'already_cancelled'
    assert world.balance(buyer) == 1000000


def test_what_is_not_ones_own_is_404(api, world, show, buyer, other):
    order = world.buy(buyer, show, [0])
    for user in (other, world.operator, world.admin):
        assert cancel(api, user, order).status == 404
    assert world.order_get(buyer, order)['state'] == 'paid'


def test_until_a_quarter_of_an_hour_before_the_start(api, world, show, buyer):
    order = world.buy(buyer, show, [0])
    world.sql("UPDATE show.shows SET starts_at = now() + interval '890 s' WHERE show_id = %s", show['id'])
    assert cancel(api, buyer, order).code == 'too_late'
    world.sql("UPDATE show.shows SET starts_at = now() + interval '910 s' WHERE show_id = %s", show['id'])
    assert cancel(api, buyer, order).status == 200
    pending = world.order(buyer, world.hold(buyer, show, [1]))
    world.sql("UPDATE show.shows SET starts_at = now() + interval '10 s' WHERE show_id = %s", show['id'])
    assert cancel(api, buyer, pending).json()['state'] == 'cancelled', 'without money it is never too late'
    world.sql('UPDATE show.shows SET starts_at = ends_at - interval %s WHERE show_id = %s', '2 hours', show['id'])


def test_a_used_ticket_is_not_given_back(api, world, show, buyer):
    order = world.buy(buyer, show, [0, 1])
    assert world.check_in(order, order['tickets'][0]['code']).status == 200
    assert cancel(api, buyer, order).code == 'already_used'
    assert world.order_get(buyer, order)['state'] == 'paid'


def test_not_while_it_is_paid_and_not_after_it_expired(api, world, show, buyer, parked, background, waiting):
    order = world.order(buyer, world.hold(buyer, show, [0]))
    with parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', buyer.id):
        job = background(lambda: world.try_pay(buyer, order))
        waiting()
        assert cancel(api, buyer, order).code == 'payment_in_progress'
    assert job.result().status == 200
    late = world.show(hold_seconds=1)
    order = world.order(buyer, world.hold(buyer, late, [0]))
    wait_for(lambda: world.order_get(buyer, order)['state'] == 'expired', 4, 'it expires')
    assert cancel(api, buyer, order).code == 'order_closed'


def test_an_equal_request_that_comes_too_early_is_told_so(api, world, show, buyer, parked, background, waiting):
    order = world.buy(buyer, show, [0])
    key = new_key()
    with parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', buyer.id):
        job = background(lambda: cancel(api, buyer, order, key))
        waiting()
        assert cancel(api, buyer, order, key).code == 'idempotency_in_flight'
        assert world.order_get(buyer, order)['state'] == 'cancelled'
    assert job.result().json()['state'] == 'refunded'
    assert cancel(api, buyer, order, key).headers['idempotency-replayed'] == 'true'


def test_an_abandoned_cancel_is_ended_by_settling(api, world, show, stack, buyer):
    """The order was closed and then the coordinator died: the money comes, and the key has its answer."""
    order = world.buy(buyer, show, [0])
    key = new_key()
    # The fingerprint of the empty body, as the first request of this key would have written it.
    other = world.order(buyer, world.hold(buyer, show, [1]))
    cancel(api, buyer, other, 'empty')
    hashed = world.sql("SELECT fingerprint FROM show.idempotency WHERE key = 'empty' AND user_id = %s", buyer.id)[0][0]
    world.sql('SELECT * FROM show.order_cancel(%s, %s, gen_random_uuid(), 900, %s, %s, %s, %s, NULL)', show['id'],
              order['id'], buyer.id, cancel_path(order), key, hashed)
    assert world.order_get(buyer, order)['state'] == 'cancelled'
    stack.run('boxoffice-settle-payments')
    answer = cancel(api, buyer, order, key)
    assert answer.headers['idempotency-replayed'] == 'true'
    assert answer.json() == world.order_get(buyer, order) and answer.json()['state'] == 'refunded'
    assert world.balance(buyer) == 1000000


def test_seats_of_a_show_with_re_release_rest(api, world, buyer, other):
    show = world.show(rerelease={'every_s': 3600})
    assert cancel(api, buyer, world.buy(buyer, show, [0])).status == 200
    wait_for(lambda: world.seats(show)[0] == 3, 4, 'the seat rests')
    assert api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]}, token=other.token).code == 'seats_taken'


def test_a_cancelled_show_gives_everything_back(api, world, stack, buyer, other, parked, background, waiting):
    show = world.show()
    paid, used = world.buy(buyer, show, [0, 1]), world.buy(other, show, [2])
    assert world.check_in(used, used['tickets'][0]['code']).status == 200
    late = world.user(balance=1000000)
    hold = world.hold(late, show, [4])
    flying = world.order(late, hold)
    answer = cancel_show(api, world, show, {'reason': 'the singer is ill'})
    assert (answer.status, answer.json()) == (200, {'state': 'cancelled', 'refunds_left': 2})
    assert 'state cancelled\nrefunds_left 2' in stack.run('boxofficectl', 'show', 'status', str(show['id'])).stdout
    assert api.post(f'/api/shows/{show["id"]}/holds', {'seats': [9]}, token=buyer.token).code == 'not_on_sale'
    stack.run('boxoffice-settle-payments')
    assert cancel_show(api, world, show).json() == {'state': 'cancelled', 'refunds_left': 0}
    for user, order in ((buyer, paid), (other, used)):
        assert world.order_get(user, order)['state'] == 'refunded'
        assert world.balance(user) == 1000000
    # What was not paid has ended too.
    assert world.order_get(late, flying)['state'] == 'cancelled' and world.hold_get(late, hold)['state'] == 'released'
    assert world.balance(late) == 1000000
    wait_for(lambda: set(world.seats(show)) == {0}, 4, 'no seat is held')
    trail = world.sql("SELECT actor, detail FROM log.audit_trail WHERE action = 'show.cancel' AND object = %s ORDER BY id",
                      f'show {show["id"]}')
    assert trail == [(world.admin.id, {'reason': 'the singer is ill'})], 'the second request did nothing'
    wait_for(lambda: api.get(f'/api/shows/{show["id"]}').json()['state'] == 'cancelled', 4, 'the page says so')


def test_a_cancelled_show_sells_nothing_more(api, world, buyer, other):
    show = world.show()
    hold, bare = world.hold(buyer, show, [0, 1]), world.hold(buyer, show, [2])
    order = world.order(buyer, hold)
    assert cancel_show(api, world, show).json() == {'state': 'cancelled', 'refunds_left': 0}
    path = f'/api/shows/{show["id"]}'

    def post(where, *body, **options):
        answer = api.post(path + where, *body, token=buyer.token, **options)
        return answer.status, answer.json()['state'] if answer.status < 300 else answer.code
    for body in ({'seats': [5]}, {'seats': [0, 1]}, {'best': {'count': 1}}):
        assert post('/holds', body) == (409, 'not_on_sale'), body
    assert post(f'/holds/{hold["id"]}/extend') == (409, 'show_closed')
    assert post('/orders', {'hold_id': bare['id']}, key=new_key()) == (409, 'show_closed')
    assert post(f'/orders/{order["id"]}/payments', {'method': 'wallet'}, key=new_key()) == (409, 'show_closed')
    # Whose it is comes first; what exists is read.
    assert api.post(f'{path}/holds/{hold["id"]}/extend', token=other.token).status == 404
    assert post('/orders', {'hold_id': hold['id']}, key=new_key()) == (200, 'pending')
    assert world.order_get(buyer, order)['state'] == 'pending' and world.hold_get(buyer, bare)['state'] == 'active'
    # Giving back always works.
    assert cancel(api, buyer, order).json()['state'] == 'cancelled'
    assert api.delete(f'{path}/holds/{bare["id"]}', token=buyer.token).status == 204
    assert world.balance(buyer) == 1000000
    # It stays closed for what has ended.
    assert post(f'/holds/{hold["id"]}/extend') == (409, 'show_closed')
    assert post('/orders', {'hold_id': bare['id']}, key=new_key()) == (409, 'show_closed')
    assert post(f'/orders/{order["id"]}/payments', {'method': 'wallet'}, key=new_key()) == (409, 'show_closed')


def test_a_payment_that_has_begun_ends_and_is_refunded(api, world, stack, show, buyer, parked, background, waiting):
    poor = world.user()
    order, unpaid = world.order(buyer, world.hold(buyer, show, [0])), world.order(poor, world.hold(poor, show, [1]))
    left = []
    with parked('SELECT FROM account.wallets WHERE user_id = ANY (%s::uuid[]) FOR UPDATE', [buyer.id, poor.id]):
        jobs = [background(lambda user=user, order=order: world.try_pay(user, order)) for user, order in ((buyer, order), (poor, unpaid))]
        waiting(2)
        left.append(cancel_show(api, world, show).json()['refunds_left'])
    assert [job.result().status for job in jobs] == [200, 402]
    left.append(cancel_show(api, world, show).json()['refunds_left'])
    stack.run('boxoffice-settle-payments')
    left.append(cancel_show(api, world, show).json()['refunds_left'])
    assert left == [2, 1, 0], 'it only falls'
    assert world.order_get(buyer, order)['state'] == 'refunded' and world.balance(buyer) == 1000000
    assert world.order_get(poor, unpaid)['state'] == 'cancelled'
    assert world.hold_get(poor, {'id': unpaid['hold_id'], 'show_id': show['id']})['state'] == 'released'


@pytest.mark.parametrize('what', ['cancel', 'change'])
def test_a_show_in_use_is_asked_again(api, world, show, buyer, parked, background, expected, what):
    """Somebody has the show's lock, as a hold has in flight: staff wait a little, and buyers never wait for staff that wait."""
    def ask():
        if what == 'cancel':
            return cancel_show(api, world, show)
        return api.patch(f'/api/admin/shows/{show["id"]}', {'max_seats_per_user': 6}, token=world.admin.token)
    lock = 'SELECT pg_advisory_xact_lock_shared(%s, -1)'
    with parked(lock, show['id']):
        answer = ask()
        assert (answer.status, answer.code) == (503, 'unavailable') and int(answer.headers['retry-after']) >= 1
        expected.trace_ids.add(answer.trace_id)
        assert world.hold(buyer, show, [0])['state'] == 'active'
    with parked(lock, show['id']):
        job = background(ask)
        world.wait_blocked()
        wait_for(lambda: world.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")[0][0] == 0, 5, 'it gives up')
    assert job.result().status == 200


def test_a_cancelled_show_gives_its_hall_back(api, world):
    hall = world.hall()
    show = world.show(hall_id=hall['id'])
    again = world.show_body(hall_id=hall['id'], starts_at=show['starts_at'])

    def make():
        return api.post('/api/admin/shows', again, token=world.admin.token)
    assert make().code == 'hall_busy'
    assert cancel_show(api, world, show).status == 200
    wait_for(lambda: make().status == 201, 4, 'the hall is free')
    assert make().code == 'hall_busy', 'another show has it now'
    # Saying it again frees nothing of the other one's.
    assert cancel_show(api, world, show).status == 200
    assert make().code == 'hall_busy'


def test_a_show_that_is_over_is_not_cancelled(api, world):
    show = world.show()
    before = world.sql('SELECT sales_open_at, sales_close_at, starts_at, ends_at FROM show.shows WHERE show_id = %s', show['id'])[0]
    world.sql("UPDATE show.shows SET sales_open_at = now() - interval '3 days', sales_close_at = now() - interval '2 days', "
              "starts_at = now() - interval '2 days', ends_at = now() - interval '1 day' WHERE show_id = %s", show['id'])
    assert cancel_show(api, world, show).code == 'show_closed'
    world.sql('UPDATE show.shows SET sales_open_at = %s, sales_close_at = %s, starts_at = %s, ends_at = %s WHERE show_id = %s',
              *before, show['id'])
    assert cancel_show(api, world, {'id': 2000000000}).status == 404


def test_a_payment_that_cannot_be_settled_is_left_to_an_operator(world, stack, show, buyer, parked, expected):
    expected.patterns += ['could not be settled', 'could not be brought to their end']
    order = world.buy(buyer, show, [0])
    world.sql('SELECT * FROM show.order_cancel(%s, %s, gen_random_uuid(), 900, %s, %s, %s, %s, NULL)', show['id'],
              order['id'], buyer.id, '/c', 'k', b'x')
    with parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', buyer.id):
        for _ in range(3):
            assert stack.run('boxoffice-settle-payments', check=False).returncode == 1
        assert stack.run('boxoffice-settle-payments').returncode == 0
    line, = [line for line in stack.run('boxofficectl', 'payments', 'stuck').stdout.splitlines() if order['id'] in line]
    assert f'show {show["id"]} order {order["id"]} tries 3: ' in line
    payment = order['payments'][0]['id']
    assert stack.run('boxofficectl', 'payments', 'retry', str(show['id'] + 1), payment, check=False).returncode == 1
    stack.run('boxofficectl', 'payments', 'retry', str(show['id']), payment)
    assert world.sql("SELECT object FROM log.audit_trail WHERE action = 'payment.retry' ORDER BY id DESC LIMIT 1") == [
        (f'payment {payment} of show {show["id"]}',)]
    again = stack.run('boxofficectl', 'payments', 'retry', str(show['id']), payment, check=False)
    assert again.returncode == 1 and 'is stuck' in again.stderr
    stack.run('boxoffice-settle-payments')
    assert world.order_get(buyer, order)['state'] == 'refunded'

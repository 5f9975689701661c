"""Holds, orders, payments, wallet and tickets, end to end."""
import json
import time
import uuid

import nacl.signing
import pytest

from client import new_key
from wait import wait_for
from world import CAPACITY, rfc3339, unbase64url, unix

HOLD = {'id', 'show_id', 'state', 'seats', 'amount', 'currency', 'expires_at'}  # and expires_in, which json() leaves out
ORDER = {'id', 'show_id', 'hold_id', 'state', 'amount', 'currency', 'seats', 'tickets', 'payments',
         'created_at', 'expires_at'}
PAYMENT = {'id', 'method', 'state', 'amount', 'at'}
TICKET = {'id', 'seat', 'label', 'section', 'row', 'code', 'used_at'}
ENTRY = {'id', 'kind', 'amount', 'balance_after', 'order_id', 'at'}


def take(api, user, show, seats, **more):
    return api.post(f'/api/shows/{show["id"]}/holds', {'seats': seats}, token=user.token, **more)


def hold_path(hold, more=''):
    return f'/api/shows/{hold["show_id"]}/holds/{hold["id"]}{more}'


def order_body(api, user, hold, key=None):
    return api.post(f'/api/shows/{hold["show_id"]}/orders', {'hold_id': hold['id']}, token=user.token,
                    key=key or new_key())


def near(text, unix_s, tolerance=3):
    return abs(unix(text) - unix_s) <= tolerance


# --- holds

def test_hold_has_its_whole_shape(api, world, show, buyer):
    answer = take(api, buyer, show, [12, 0, 4])
    hold = answer.json()
    assert answer.status == 201 and set(hold) == HOLD
    assert (hold['show_id'], hold['state'], hold['currency']) == (show['id'], 'active', 'KRW')
    assert hold['seats'] == [
        {'no': 0, 'label': 'A-1', 'section': 'floor', 'row': 'A', 'grade': 'VIP', 'price': 150000},
        {'no': 4, 'label': 'A-1', 'section': 'stalls', 'row': 'A', 'grade': 'R', 'price': 100000},
        {'no': 12, 'label': 'A-1', 'section': 'balcony', 'row': 'A', 'grade': 'S', 'price': 50000}]
    assert hold['amount'] == 300000
    assert near(hold['expires_at'], time.time() + 300)
    assert world.hold_get(buyer, hold) == hold


def test_holds_and_orders_tell_the_seconds_that_are_left(api, world, show, buyer):
    def left(answer):
        return json.loads(answer.body)['expires_in']
    answer = take(api, buyer, show, [0])
    assert 298 <= left(answer) <= 300
    hold, path = answer.json(), f'/api/shows/{show["id"]}/'
    order = api.post(f'{path}orders', {'hold_id': hold['id']}, token=buyer.token, key=new_key())
    assert 297 <= left(order) <= 300
    order, where = order.json(), f'{path}orders/{order.json()["id"]}'
    for table, column in (('holds', 'expires_at'), ('seats', 'held_until')):
        world.sql(f"UPDATE show.{table} SET {column} = {column} - interval '200 s' WHERE hold_id = %s", hold['id'])
    assert 95 <= left(api.get(f'{path}holds/{hold["id"]}', token=buyer.token)) <= 100
    assert 95 <= json.loads(api.get(f'{path}holds', token=buyer.token).body)['items'][0]['expires_in'] <= 100
    assert 95 <= left(api.get(where, token=buyer.token)) <= 100
    # Asked again under its key, it tells what is left now, and the list of own orders tells the same.
    wait_for(lambda: [row['expires_in'] for row in json.loads(api.get('/api/me/orders', token=buyer.token).body)['items']], 4, 'in the list')
    world.pay(buyer, order)
    assert left(api.get(where, token=buyer.token)) is None
    assert left(api.get(f'{path}holds/{hold["id"]}', token=buyer.token)) == 0
    other = take(api, buyer, show, [1]).json()
    world.sql("UPDATE show.holds SET expires_at = clock_timestamp() - interval '1 s' WHERE hold_id = %s", other['id'])
    assert left(api.get(f'{path}holds/{other["id"]}', token=buyer.token)) == 0


@pytest.mark.parametrize('count', [0, 101, 501])
def test_a_refusal_names_how_many_seats_a_hold_may_have(api, show, buyer, count):
    answer = take(api, buyer, show, list(range(count)))
    assert answer.status == 422
    assert answer.json()['violations'] == [{'field': 'seats', 'message': 'must have 1 to 100 elements'}]


def test_hold_is_one_call_to_the_database(api, show, buyer):
    assert take(api, buyer, show, [0, 1, 2]).db_calls == 1


def test_refused_hold_is_one_call_to_the_database(api, world, show, buyer, other):
    world.hold(buyer, show, [0])
    assert take(api, other, show, [0]).db_calls == 1


def test_second_hold_on_the_same_seat_is_refused(api, world, show, buyer, other):
    world.hold(buyer, show, [3, 7])
    answer = take(api, other, show, [2, 3, 7, 8])
    assert (answer.status, answer.code) == (409, 'seats_taken')
    assert answer.json()['seats'] == [3, 7]
    # Nothing of it was taken.
    assert take(api, other, show, [2, 8]).status == 201


def test_own_equal_hold_is_given_again(api, world, show, buyer):
    hold = world.hold(buyer, show, [5, 6])
    answer = take(api, buyer, show, [6, 5])
    assert answer.status == 200 and answer.json() == hold


def held(api, show, user):
    answer = api.get(f'/api/shows/{show["id"]}/holds', token=user.token)
    assert answer.status == 200
    return answer.json()['items']


def test_own_live_holds_of_a_show_are_listed(api, world, buyer, other):
    show, elsewhere = world.show(hold_seconds=300), world.show()
    assert held(api, show, buyer) == []
    first, second, released = (world.hold(buyer, show, [no]) for no in (3, 1, 5))
    world.hold(other, show, [7])
    world.hold(buyer, elsewhere, [0])
    assert api.delete(hold_path(released), token=buyer.token).status == 204
    assert held(api, show, buyer) == [first, second]
    # One that is being paid is live, one that was paid or is over is not.
    world.sql("UPDATE show.holds SET state = 'paying', expires_at = now() WHERE hold_id = %s", first['id'])
    assert [hold['state'] for hold in held(api, show, buyer)] == ['paying', 'active']
    world.sql("UPDATE show.holds SET state = 'active' WHERE hold_id = %s", first['id'])
    assert held(api, show, buyer) == [second]


def test_holds_of_a_show_that_nobody_sees_are_404(api, world, buyer):
    show = world.show()
    world.sql('UPDATE show.shows SET published_at = NULL WHERE show_id = %s', show['id'])
    for show_id in (show['id'], 2147483647):
        assert api.get(f'/api/shows/{show_id}/holds', token=buyer.token).status == 404
    world.sql('UPDATE show.shows SET published_at = now() WHERE show_id = %s', show['id'])


def test_a_key_finds_the_hold_that_it_took(api, world, show, buyer, other):
    key = new_key()
    first = take(api, buyer, show, [5, 6], key=key)
    assert first.status == 201
    for seats in ([5, 6], [6, 5]):
        again = take(api, buyer, show, seats, key=key)
        assert again.status == 200 and again.json() == first.json()
    answer = take(api, buyer, show, [5, 7], key=key)
    assert (answer.status, answer.code) == (422, 'idempotency_mismatch')
    # The key of another user, and the same key in another show, are other keys.
    assert take(api, other, show, [0, 1], key=key).status == 201
    assert take(api, buyer, world.show(), [5, 6], key=key).status == 201
    assert api.delete(hold_path(first.json()), token=buyer.token).status == 204
    answer = take(api, buyer, show, [5, 6], key=key)
    assert (answer.status, answer.code) == (410, 'hold_expired')
    assert take(api, buyer, show, [5, 6]).status == 201


def test_a_key_finds_the_best_seats_that_it_took(api, world, show, buyer):
    def best(count, **more):
        return api.post(f'/api/shows/{show["id"]}/holds', {'best': {'count': count}}, token=buyer.token, **more)
    key = new_key()
    first, again = best(2, key=key), best(2, key=key)
    assert (first.status, again.status) == (201, 200) and again.json() == first.json()
    assert best(1, key=key).code == 'idempotency_mismatch'
    assert held(api, show, buyer) == [first.json()]
    assert best(2).json()['id'] != first.json()['id']
    assert api.delete(hold_path(first.json()), token=buyer.token).status == 204
    answer = best(2, key=key)
    assert (answer.status, answer.code) == (410, 'hold_expired')


def test_a_key_is_free_after_a_refusal(api, world, show, buyer, other):
    hold, key = world.hold(other, show, [5]), new_key()
    assert take(api, buyer, show, [5, 6], key=key).code == 'seats_taken'
    assert api.delete(hold_path(hold), token=other.token).status == 204
    assert take(api, buyer, show, [5, 6], key=key).status == 201


def swap(api, user, show, seats, hold_id, **more):
    return api.post(f'/api/shows/{show["id"]}/holds', {'seats': seats, 'replaces': hold_id}, token=user.token, **more)


def test_a_hold_is_swapped_in_one_step(api, world, show, buyer, other):
    old = world.hold(buyer, show, [4, 5])
    answer = swap(api, buyer, show, [5, 6], old['id'])
    new = answer.json()
    assert answer.status == 201 and [seat['no'] for seat in new['seats']] == [5, 6] and new['id'] != old['id']
    assert held(api, show, buyer) == [new]
    assert world.hold_get(buyer, old)['state'] == 'released'
    assert take(api, other, show, [4]).status == 201
    # Asked again without a key: these seats are held already.
    again = swap(api, buyer, show, [5, 6], old['id'])
    assert again.status == 200 and again.json() == new
    # The seats of the old hold do not count.
    assert swap(api, buyer, show, [0, 1, 2, 3], new['id']).status == 201


def test_a_swap_whose_answer_was_lost_is_found_by_its_key(api, world, show, buyer):
    old, key = world.hold(buyer, show, [4, 5]), new_key()
    first = swap(api, buyer, show, [5, 6], old['id'], key=key)
    again = swap(api, buyer, show, [5, 6], old['id'], key=key)
    assert (first.status, again.status) == (201, 200) and first.json() == again.json()


def test_a_swap_for_the_seats_of_another_own_hold_is_refused(api, world, show, buyer):
    """It would answer with that hold, and the one to replace would live on."""
    first, second = world.hold(buyer, show, [0]), world.hold(buyer, show, [1])
    answer = swap(api, buyer, show, [0], second['id'])
    assert (answer.status, answer.code, answer.json()['seats']) == (409, 'seats_taken', [0])
    same = swap(api, buyer, show, [1], second['id'])
    assert (same.status, same.json()['id']) == (200, second['id'])
    live = api.get(f'/api/shows/{show["id"]}/holds', token=buyer.token).json()['items']
    assert {hold['id'] for hold in live} == {first['id'], second['id']}


def test_a_refused_swap_changes_nothing(api, world, show, buyer, other):
    old = world.hold(buyer, show, [4, 5])
    world.hold(other, show, [6])
    refusals = [([5, 6], old['id'], 409, 'seats_taken'), ([0, 1, 2, 3, 4], old['id'], 422, 'seat_limit'),
                ([5, CAPACITY], old['id'], 422, 'validation_failed'), ([5, 7], str(uuid.uuid4()), 404, 'not_found'),
                ([5, 7], 'x', 422, 'validation_failed'), ([5, 7], None, 409, 'seats_taken')]  # null: no swap
    for seats, hold_id, status, code in refusals:
        answer = swap(api, buyer, show, seats, hold_id)
        assert (answer.status, answer.code) == (status, code), answer
    assert swap(api, other, show, [0], old['id']).code == 'not_found'
    assert swap(api, buyer, world.show(), [0], old['id']).code == 'not_found'
    assert held(api, show, buyer) == [old]
    answer = swap(api, buyer, show, [5, 6], old['id'])
    assert answer.json()['seats'] == [6], 'its own seats are not in the way'


def test_only_named_seats_replace_a_hold(api, world, show, buyer):
    old = world.hold(buyer, show, [4, 5])
    answer = api.post(f'/api/shows/{show["id"]}/holds', {'best': {'count': 2}, 'replaces': old['id']}, token=buyer.token)
    assert answer.status == 422 and answer.json()['violations'][0]['field'] == 'replaces'
    assert held(api, show, buyer) == [old]


def test_a_hold_that_is_over_or_has_an_order_is_not_swapped(api, world, show, buyer):
    old = world.hold(buyer, show, [4])
    assert api.delete(hold_path(old), token=buyer.token).status == 204
    answer = swap(api, buyer, show, [5], old['id'])
    assert (answer.status, answer.code) == (410, 'hold_expired')
    ordered = world.hold(buyer, show, [4])
    order = order_body(api, buyer, ordered)
    assert order.status == 201
    answer = swap(api, buyer, show, [5], ordered['id'])
    assert (answer.status, answer.code) == (409, 'order_closed')
    world.sql("UPDATE show.holds SET state = 'paying' WHERE hold_id = %s", ordered['id'])
    answer = swap(api, buyer, show, [5], ordered['id'])
    assert (answer.status, answer.code) == (409, 'hold_paying')
    world.sql("UPDATE show.holds SET state = 'active' WHERE hold_id = %s", ordered['id'])


def test_a_hold_is_released_as_often_as_one_likes(api, world, show, buyer):
    hold = world.hold(buyer, show, [0, 1])
    for _ in range(3):
        answer = api.delete(hold_path(hold), token=buyer.token)
        assert answer.status == 204 and answer.body == b''
    seats = world.sql('SELECT version FROM show.seats WHERE show_id = %s AND seat_no = 0', show['id'])
    assert seats == [(2,)]


def test_own_other_hold_is_in_the_way_too(api, world, show, buyer):
    world.hold(buyer, show, [5, 6])
    answer = take(api, buyer, show, [6, 7])
    assert answer.code == 'seats_taken' and answer.json()['seats'] == [6]


def test_own_paid_seats_are_taken(api, world, show, buyer):
    world.buy(buyer, show, [5])
    answer = take(api, buyer, show, [5])
    assert answer.code == 'seats_taken' and answer.json()['seats'] == [5]


def test_seats_beyond_the_capacity_are_422(api, show, buyer):
    answer = take(api, buyer, show, [0, CAPACITY])
    assert answer.code == 'validation_failed'
    assert answer.json()['violations'][0]['field'].startswith('seats')
    assert take(api, buyer, show, [CAPACITY - 1]).status == 201


def test_seat_limit_counts_held_and_bought(api, world, show, buyer):
    assert take(api, buyer, show, [0, 1, 2, 3, 4]).code == 'seat_limit'
    order = world.buy(buyer, show, [0, 1])
    assert order['state'] == 'paid'
    world.hold(buyer, show, [2])
    answer = take(api, buyer, show, [4, 5])
    assert (answer.status, answer.code) == (422, 'seat_limit')
    assert take(api, buyer, show, [4]).status == 201
    assert take(api, buyer, show, [6]).code == 'seat_limit'


def test_released_and_expired_seats_do_not_count(api, world, buyer):
    show = world.show(hold_seconds=1, max_seats_per_user=2)
    hold = world.hold(buyer, show, [0, 1])
    assert api.delete(hold_path(hold), token=buyer.token).status == 204
    world.hold(buyer, show, [2, 3])
    wait_for(lambda: take(api, buyer, show, [4, 5]).status == 201, 4, 'an expired hold is not counted')


def test_limit_comes_before_taken_seats(api, world, show, buyer, other):
    """The order of checks: seat numbers, then the limit, then whose the seats are."""
    world.hold(other, show, [0])
    assert take(api, buyer, show, [0, 1, 2, 3, 4]).code == 'seat_limit'
    assert take(api, buyer, show, [0, 1, 2, 3, 4, 99]).code == 'validation_failed'


def test_hold_of_another_is_404_and_untouched(api, world, show, buyer, other):
    hold = world.hold(buyer, show, [0])
    for method, more in (('GET', ''), ('DELETE', ''), ('POST', '/extend')):
        answer = api.request(method, hold_path(hold, more), token=other.token)
        assert (answer.status, answer.code) == (404, 'not_found')
    assert world.hold_get(buyer, hold) == hold


def test_hold_of_another_show_is_404(api, world, show, buyer):
    hold = dict(world.hold(buyer, show, [0]), show_id=world.show()['id'])
    assert api.get(hold_path(hold), token=buyer.token).status == 404
    assert order_body(api, buyer, hold).status == 404


def test_released_seats_are_free_at_once(api, world, show, buyer, other):
    hold = world.hold(buyer, show, [0, 1])
    answer = api.delete(hold_path(hold), token=buyer.token)
    assert answer.status == 204 and answer.body == b''
    assert world.hold_get(buyer, hold)['state'] == 'released'
    assert take(api, other, show, [0, 1]).status == 201
    # Once more it is released already, and the seats are another buyer's.
    assert api.delete(hold_path(hold), token=buyer.token).status == 204
    assert world.hold_get(buyer, hold)['state'] == 'released'
    assert take(api, buyer, show, [0, 1]).code == 'seats_taken'


def test_expired_hold_is_gone_for_its_owner(api, world, buyer):
    show = world.show(hold_seconds=1)
    hold = world.hold(buyer, show, [0])
    wait_for(lambda: world.hold_get(buyer, hold)['state'] == 'expired', 4, 'it expires')
    for answer in (api.delete(hold_path(hold), token=buyer.token),
                   api.post(hold_path(hold, '/extend'), token=buyer.token),
                   order_body(api, buyer, hold)):
        assert (answer.status, answer.code) == (410, 'hold_expired')


def test_expired_seat_is_the_next_buyers_at_that_instant(api, world, buyer, other):
    show = world.show(hold_seconds=1)
    hold = world.hold(buyer, show, [0, 1])
    taken = wait_for(lambda: (answer := take(api, other, show, [1])).status == 201 and answer, 4,
                     'taken over').json()
    assert unix(hold['expires_at']) <= time.time() + 1
    # The old hold cannot get at it again.
    assert api.delete(hold_path(hold), token=buyer.token).code == 'hold_expired'
    assert order_body(api, buyer, hold).code == 'hold_expired'
    assert world.hold_get(other, taken)['seats'][0]['no'] == 1


def test_extend_gives_hold_seconds_again(api, world, buyer):
    show = world.show(hold_seconds=2)
    hold = world.hold(buyer, show, [0])
    taken_at = unix(hold['expires_at']) - 2
    wait_for(lambda: time.time() > taken_at + 1, 3, 'a second passes')
    answer = api.post(hold_path(hold, '/extend'), token=buyer.token)
    assert answer.status == 200
    extended = answer.json()
    assert set(extended) == HOLD and unix(extended['expires_at']) > unix(hold['expires_at'])
    assert {**extended, 'expires_at': None} == {**hold, 'expires_at': None}
    assert world.hold_get(buyer, hold) == extended


def test_extension_ends_at_three_times_hold_seconds(api, world, buyer):
    show = world.show(hold_seconds=1)
    hold = world.hold(buyer, show, [0])
    taken_at = unix(hold['expires_at']) - 1
    last = hold

    def refused():
        nonlocal last
        answer = api.post(hold_path(hold, '/extend'), token=buyer.token)
        if answer.status == 200:
            last = answer.json()
            return False
        return answer
    answer = wait_for(refused, 5, 'the hard maximum')
    assert (answer.status, answer.code) == (409, 'extension_limit')
    assert taken_at + 2 <= unix(last['expires_at']) <= taken_at + 4
    wait_for(lambda: world.hold_get(buyer, hold)['state'] == 'expired', 4, 'it expires all the same')


def test_hold_on_a_show_in_draft_is_404(api, world, show, buyer):
    world.sql('UPDATE show.shows SET published_at = NULL WHERE show_id = %s', show['id'])
    assert take(api, buyer, show, [0]).status == 404
    assert api.get(f'/api/shows/{show["id"]}/availability').status == 404
    world.sql('UPDATE show.shows SET published_at = now() WHERE show_id = %s', show['id'])


# --- orders

def test_order_has_its_whole_shape(api, world, show, buyer):
    hold = world.hold(buyer, show, [0, 12])
    answer = order_body(api, buyer, hold)
    order = answer.json()
    assert answer.status == 201 and set(order) == ORDER
    assert (order['show_id'], order['hold_id'], order['state']) == (show['id'], hold['id'], 'pending')
    assert (order['amount'], order['currency'], order['seats']) == (200000, 'KRW', hold['seats'])
    assert (order['tickets'], order['payments']) == ([], [])
    assert near(order['created_at'], time.time())
    assert order['expires_at'] == hold['expires_at']
    assert world.order_get(buyer, order) == order
    assert answer.db_calls == 1


def test_second_order_of_a_hold_is_the_same_order(api, world, show, buyer):
    hold = world.hold(buyer, show, [0])
    order = world.order(buyer, hold)
    answer = order_body(api, buyer, hold)
    assert answer.status == 200 and answer.json() == order
    assert 'Idempotency-Replayed' not in answer.headers


def test_order_of_a_hold_that_is_none_is_404(api, show, buyer):
    answer = order_body(api, buyer, {'show_id': show['id'], 'id': str(uuid.uuid4())})
    assert (answer.status, answer.code) == (404, 'not_found')


def test_order_of_anothers_hold_is_404(api, world, show, buyer, other):
    hold = world.hold(buyer, show, [0])
    assert order_body(api, other, hold).status == 404


def test_order_expires_with_its_hold(api, world, buyer):
    show = world.show(hold_seconds=1)
    order = world.order(buyer, world.hold(buyer, show, [0]))
    wait_for(lambda: world.order_get(buyer, order)['state'] == 'expired', 4, 'it expires')
    answer = world.try_pay(buyer, order)
    assert (answer.status, answer.code) == (410, 'hold_expired')
    assert world.balance(buyer) == 1000000


def test_own_orders_newest_first(api, world, buyer, other):
    shows = [world.show() for _ in range(3)]
    made = [world.order(buyer, world.hold(buyer, show, [0])) for show in shows]
    world.order(other, world.hold(other, shows[0], [1]))

    def listed(query=''):
        return [row['id'] for row in api.get(f'/api/me/orders{query}', token=buyer.token).json()['items']]
    wait_for(lambda: len(listed()) == 3, 4, 'the own orders are listed')
    assert listed() == [order['id'] for order in reversed(made)]
    paid = world.pay(buyer, made[1])['order']
    wait_for(lambda: listed('?state=paid') == [made[1]['id']], 4, 'the paid one')
    assert listed('?state=pending') == [made[2]['id'], made[0]['id']]
    rows = api.get('/api/me/orders?state=paid', token=buyer.token).json()['items']
    assert rows == [paid]
    first = api.get('/api/me/orders?limit=2', token=buyer.token).json()
    rest = api.get(f'/api/me/orders?limit=2&cursor={first["next_cursor"]}', token=buyer.token).json()
    assert [row['id'] for row in first['items'] + rest['items']] == [order['id'] for order in reversed(made)]
    assert rest['next_cursor'] is None


def test_an_order_behind_a_thousand_others_is_on_the_next_page(api, world, show, buyer):
    order = world.buy(buyer, show, [0])
    wait_for(lambda: api.get('/api/me/orders?state=paid', token=buyer.token).json()['items'], 4, 'it is listed')
    world.sql("""INSERT INTO account.order_list (user_id, order_id, created_at, version, doc)
        SELECT user_id, gen_random_uuid(), created_at + make_interval(secs => n), 1, '{"state": "failed"}'
        FROM account.order_list, generate_series(1, 1000) AS n WHERE user_id = %s""", buyer.id)
    try:
        first = api.get('/api/me/orders?state=paid', token=buyer.token).json()
        assert first['items'] == [] and first['next_cursor']
        rest = api.get(f'/api/me/orders?state=paid&cursor={first["next_cursor"]}', token=buyer.token).json()
        assert [row['id'] for row in rest['items']] == [order['id']] and rest['next_cursor'] is None
    finally:
        world.sql("DELETE FROM account.order_list WHERE user_id = %s AND version = 1", buyer.id)


def test_an_entry_behind_many_payments_in_vain_is_on_the_next_page(api, world, buyer):
    listed = api.get('/api/me/wallet/entries', token=buyer.token).json()
    world.sql("""INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, balance_after, payment_id, order_id, show_id)
        SELECT %s, 1000 + n, 'wallet', 'void', 0, 0, gen_random_uuid(), gen_random_uuid(), 1 FROM generate_series(1, 1000) AS n""", buyer.id)
    try:
        first = api.get('/api/me/wallet/entries', token=buyer.token).json()
        assert first['items'] == [] and first['next_cursor']
        rest = api.get(f'/api/me/wallet/entries?cursor={first["next_cursor"]}', token=buyer.token).json()
        assert listed['items'] and rest == listed
    finally:
        world.sql("DELETE FROM account.ledger WHERE user_id = %s AND kind = 'void'", buyer.id)


def test_own_orders_show_expiry_by_the_clock(api, world, buyer):
    show = world.show(hold_seconds=1)
    order = world.order(buyer, world.hold(buyer, show, [0]))
    wait_for(lambda: [row['id'] for row in api.get('/api/me/orders?state=expired', token=buyer.token)
                      .json()['items']] == [order['id']], 6, 'listed as expired')
    assert api.get('/api/me/orders?state=pending', token=buyer.token).json()['items'] == []


def test_an_unreadable_own_order_is_an_internal_error(api, world, show, buyer, expected):
    """A document that nests deeper than the program reads: 500 with a reason in the log, no crash."""
    order = world.order(buyer, world.hold(buyer, show, [0]))

    def listed():
        return api.get('/api/me/orders', token=buyer.token)
    wait_for(lambda: listed().json()['items'] == [order], 4, 'it is listed')
    (doc,), = world.sql('SELECT doc::text FROM account.order_list WHERE order_id = %s', order['id'])
    world.sql("""UPDATE account.order_list SET doc = ('{"state":"paid","deep":' || repeat('[', 40) || repeat(']', 40)
              || '}')::json WHERE order_id = %s""", order['id'])
    answer = listed()
    expected.trace_ids.add(answer.trace_id)
    assert (answer.status, answer.code) == (500, 'internal')
    world.sql('UPDATE account.order_list SET doc = %s::json WHERE order_id = %s', doc, order['id'])
    assert listed().json()['items'] == [order]


# --- payments

def test_payment_has_its_whole_shape(api, world, show, buyer):
    order = world.order(buyer, world.hold(buyer, show, [1, 5]))
    answer = world.try_pay(buyer, order)
    document = answer.json()
    assert answer.status == 200 and set(document) == {'payment', 'order'}
    payment, paid = document['payment'], document['order']
    assert set(payment) == PAYMENT and set(paid) == ORDER
    assert (payment['method'], payment['state'], payment['amount']) == ('wallet', 'approved', 250000)
    assert near(payment['at'], time.time())
    assert paid['state'] == 'paid' and paid['payments'] == [payment]
    assert paid['seats'] == order['seats'] and paid['expires_at'] is None
    assert [(ticket['seat'], ticket['label'], ticket['section'], ticket['row'], ticket['used_at']) for ticket in paid['tickets']] == \
        [(1, 'A-2', 'floor', 'A', None), (5, 'A-2', 'stalls', 'A', None)]
    assert all(set(ticket) == TICKET for ticket in paid['tickets'])
    assert world.order_get(buyer, order) == paid
    assert world.balance(buyer) == 750000
    assert world.hold_get(buyer, {'show_id': show['id'], 'id': order['hold_id']})['state'] == 'confirmed'
    assert answer.db_calls <= 3


def test_ticket_code_is_signed(world, show, buyer):
    order = world.buy(buyer, show, [2, 20])
    for ticket in order['tickets']:
        version, kid, body = ticket['code'].split('.')
        data = unbase64url(body)
        assert version == 'BO1' and len(data) == 88
        key = nacl.signing.SigningKey(world.signer.ticket_seeds[kid]).verify_key
        key.verify(f'BO1.{kid}.'.encode() + data[:24], data[24:])
        assert data[:16] == uuid.UUID(ticket['id']).bytes
        assert int.from_bytes(data[16:20], 'big') == show['id']
        assert int.from_bytes(data[20:24], 'big') == ticket['seat']
    assert len({ticket['code'] for ticket in order['tickets']}) == 2
    # Computed when read, and always the same.
    assert world.order_get(buyer, order)['tickets'] == order['tickets']


def test_second_payment_is_refused(api, world, show, buyer):
    order = world.order(buyer, world.hold(buyer, show, [0]))
    world.pay(buyer, order)
    answer = world.try_pay(buyer, order)
    assert (answer.status, answer.code) == (409, 'already_paid')
    assert world.balance(buyer) == 850000


def test_replayed_payment_takes_no_money(api, world, show, buyer):
    order = world.order(buyer, world.hold(buyer, show, [0]))
    key = new_key()
    first = world.try_pay(buyer, order, key)
    again = world.try_pay(buyer, order, key)
    assert again.status == 200 and again.json() == first.json()
    assert again.headers['Idempotency-Replayed'] == 'true'
    assert world.balance(buyer) == 850000


def test_a_key_belongs_to_one_path(api, world, show, buyer):
    key = new_key()
    orders = [order_body(api, buyer, world.hold(buyer, show, [seat]), key if seat == 0 else None).json() for seat in (0, 1)]
    for order in orders:
        answer = world.try_pay(buyer, order, key)
        assert answer.status == 200 and answer.json()['order']['id'] == order['id']
        assert 'Idempotency-Replayed' not in answer.headers


def test_payment_with_another_method_under_the_key_is_422(api, world, show, buyer):
    order = world.order(buyer, world.hold(buyer, show, [0]))
    key = new_key()
    world.done(world.try_pay(buyer, order, key), 200)
    answer = api.post(world.pay_path(order), data=b'{"method": "wallet" }', token=buyer.token, key=key)
    assert answer.code == 'idempotency_mismatch'


def test_payment_of_anothers_order_is_404(world, show, buyer, other):
    order = world.order(buyer, world.hold(buyer, show, [0]))
    assert world.try_pay(other, order).status == 404
    assert world.balance(other) == 1000000


def test_too_little_money_keeps_hold_and_order(api, world):
    """402: the hold is active again with a minute at least, the order pending; charging helps."""
    poor = world.user(balance=100000)
    show = world.show(hold_seconds=30)
    hold = world.hold(poor, show, [0])
    order = world.order(poor, hold)
    key = new_key()
    answer = world.try_pay(poor, order, key)
    assert (answer.status, answer.code) == (402, 'insufficient_balance')
    assert answer.db_calls <= 3
    seen = world.hold_get(poor, hold)
    assert seen['state'] == 'active'
    assert time.time() + 57 <= unix(seen['expires_at']) <= unix(hold['expires_at']) + 60 + 2
    pending = world.order_get(poor, order)
    assert (pending['state'], pending['expires_at']) == ('pending', seen['expires_at'])
    assert [payment['state'] for payment in pending['payments']] in (['declined'], ['voided'])
    assert pending['tickets'] == []
    assert world.balance(poor) == 100000
    entries = api.get('/api/me/wallet/entries', token=poor.token).json()['items']
    assert [entry['kind'] for entry in entries] == ['charge'], 'a void is no entry of the history'
    # A refused answer is not kept: the same key pays now.
    world.charge(poor, 50000)
    paid = world.done(world.try_pay(poor, order, key), 200)['order']
    assert paid['state'] == 'paid' and world.balance(poor) == 0
    assert sorted(payment['state'] for payment in paid['payments'])[0] == 'approved'


def test_hard_maximum_caps_the_minute(world):
    poor = world.user()
    show = world.show(hold_seconds=10)
    hold = world.hold(poor, show, [0])
    order = world.order(poor, hold)
    assert world.try_pay(poor, order).code == 'insufficient_balance'
    seen = world.hold_get(poor, hold)
    assert abs(unix(seen['expires_at']) - (unix(hold['expires_at']) + 20)) <= 1


def test_released_order_cannot_be_paid(api, world, show, buyer):
    hold = world.hold(buyer, show, [0])
    order = world.order(buyer, hold)
    assert api.delete(hold_path(hold), token=buyer.token).status == 204
    assert world.order_get(buyer, order)['state'] == 'cancelled'
    answer = world.try_pay(buyer, order)
    assert (answer.status, answer.code) == (409, 'order_closed')
    assert world.balance(buyer) == 1000000


def test_paid_hold_cannot_be_released_or_extended(api, world, show, buyer):
    hold = world.hold(buyer, show, [0])
    world.pay(buyer, world.order(buyer, hold))
    for answer in (api.delete(hold_path(hold), token=buyer.token),
                   api.post(hold_path(hold, '/extend'), token=buyer.token)):
        assert (answer.status, answer.code) == (409, 'hold_confirmed')
    assert order_body(api, buyer, hold).json()['state'] == 'paid'


def test_the_key_of_a_paid_hold_finds_no_live_hold(api, world, show, buyer):
    key = new_key()
    hold = take(api, buyer, show, [0], key=key).json()
    world.pay(buyer, world.order(buyer, hold))
    answer = take(api, buyer, show, [0], key=key)
    assert (answer.status, answer.code) == (410, 'hold_expired') and 'was paid' in answer.json()['detail']
    # An order for it is the order that there is.
    assert order_body(api, buyer, hold).status == 200


def test_wallet_of_another_currency_is_422(api, world, buyer):
    show = world.show(currency='USD')
    hold = world.hold(buyer, show, [0])
    order = world.order(buyer, hold)
    assert (hold['currency'], order['currency']) == ('USD', 'USD')
    answer = world.try_pay(buyer, order)
    assert (answer.status, answer.code) == (422, 'currency_mismatch')
    assert world.hold_get(buyer, hold) == hold


def test_live_hold_may_be_paid_after_sales_close(world, buyer):
    now = int(time.time())
    show = world.show(sales_close_at=rfc3339(now + 2), starts_at=rfc3339(now + 86400), hall_id=world.hall()['id'])
    order = world.order(buyer, world.hold(buyer, show, [0]))
    wait_for(lambda: world.sql('SELECT clock_timestamp() > sales_close_at FROM show.shows WHERE show_id = %s',
                               show['id'])[0][0], 4, 'sales close')
    assert world.pay(buyer, order)['order']['state'] == 'paid'


def test_what_happens_while_a_payment_runs(api, world, show, buyer, parked, background, waiting):
    """The payment waits for the wallet; everything else about the order is answered meanwhile."""
    hold = world.hold(buyer, show, [0, 1])
    order = world.order(buyer, hold)
    key = new_key()
    with parked('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', buyer.id):
        job = background(lambda: world.try_pay(buyer, order, key))
        waiting()
        same = world.try_pay(buyer, order, key)
        assert (same.status, same.code) == (409, 'idempotency_in_flight')
        second = world.try_pay(buyer, order)
        assert (second.status, second.code) == (409, 'payment_in_progress')
        for answer in (api.delete(hold_path(hold), token=buyer.token),
                       api.post(hold_path(hold, '/extend'), token=buyer.token)):
            assert (answer.status, answer.code) == (409, 'hold_paying')
        assert world.hold_get(buyer, hold)['state'] == 'paying'
        assert world.order_get(buyer, order)['state'] == 'paying'
        assert world.order_get(buyer, order)['payments'][0]['state'] == 'started'
    answer = job.result()
    assert answer.status == 200 and answer.json()['order']['state'] == 'paid'
    assert world.try_pay(buyer, order, key).json() == answer.json()
    assert world.balance(buyer) == 700000


def test_equal_payments_at_once_have_one_effect(world, show, buyer, background):
    order = world.order(buyer, world.hold(buyer, show, [0]))
    key = new_key()
    answers = [job.result() for job in [background(lambda: world.try_pay(buyer, order, key))
                                        for _ in range(8)]]
    paid = [answer for answer in answers if answer.status == 200]
    assert paid and all(answer.json() == paid[0].json() for answer in paid)
    assert {answer.code for answer in answers if answer.status != 200} <= {'idempotency_in_flight'}
    assert world.balance(buyer) == 850000


def test_equal_holds_at_once_are_one_hold(api, world, show, buyer, background):
    answers = [job.result() for job in [background(lambda: take(api, buyer, show, [0, 1]))
                                        for _ in range(8)]]
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()['id'] for answer in answers}) == 1


def test_limit_holds_for_requests_at_once(api, world, show, buyer, background):
    jobs = [background(lambda no=no: take(api, buyer, show, [no])) for no in range(8)]
    answers = [job.result() for job in jobs]
    assert sorted(answer.status for answer in answers) == [201] * 4 + [422] * 4


# --- wallet

def test_charge_has_its_whole_shape(api, world):
    user = world.user()
    answer = api.post('/api/me/wallet/charges', {'amount': 5000}, token=user.token, key=new_key())
    document = answer.json()
    assert answer.status == 201 and set(document) == {'balance', 'currency', 'entry'}
    assert (document['balance'], document['currency']) == (5000, 'KRW')
    entry = document['entry']
    assert set(entry) == ENTRY and near(entry['at'], time.time())
    assert (entry['kind'], entry['amount'], entry['balance_after'], entry['order_id']) == \
        ('charge', 5000, 5000, None)
    assert api.get('/api/me/wallet', token=user.token).json() == {'balance': 5000, 'currency': 'KRW'}
    assert answer.db_calls == 1


@pytest.mark.parametrize('amount', [1, 10000000])
def test_charge_limits_are_included(api, world, amount):
    assert world.charge(world.user(), amount)['balance'] == amount


def test_entries_are_signed_and_sum_to_the_balance(api, world, show):
    user = world.user()
    for amount in (100000, 200000, 30000):
        world.charge(user, amount)
    order = world.buy(user, show, [0, 4])
    entries = api.get('/api/me/wallet/entries', token=user.token).json()['items']
    assert [entry['kind'] for entry in entries] == ['use', 'charge', 'charge', 'charge']
    assert [entry['amount'] for entry in entries] == [-250000, 30000, 200000, 100000]
    assert [entry['balance_after'] for entry in entries] == [80000, 330000, 300000, 100000]
    assert entries[0]['order_id'] == order['id']
    assert sum(entry['amount'] for entry in entries) == world.balance(user)
    found, cursor = [], ''
    while cursor is not None:
        page = api.get(f'/api/me/wallet/entries?limit=1{cursor and "&cursor=" + cursor}', token=user.token).json()
        found += page['items']
        cursor = page['next_cursor']
        # A charge on the way neither hides nor repeats an older entry.
        if len(found) == 2:
            world.charge(user, 1)
    assert [entry['id'] for entry in found] == [entry['id'] for entry in entries]


def test_charges_at_once_all_count(api, world, background):
    user = world.user()
    jobs = [background(lambda: world.charge(user, 1000)) for _ in range(10)]
    assert sorted(job.result()['balance'] for job in jobs) == list(range(1000, 11000, 1000))
    assert world.balance(user) == 10000


def test_wallet_never_goes_below_zero(world, background):
    """Two orders, money for one, paid at the same moment."""
    user = world.user(balance=150000)
    shows = [world.show(), world.show()]
    orders = [world.order(user, world.hold(user, show, [0])) for show in shows]
    jobs = [background(lambda order=order: world.try_pay(user, order)) for order in orders]
    answers = [job.result() for job in jobs]
    assert sorted(answer.status for answer in answers) == [200, 402]
    assert world.balance(user) == 0


# --- what an account may repeat (sql/README.md)

def is_limited(answer, least, most):
    assert (answer.status, answer.code) == (429, 'rate_limited')
    assert least <= int(answer.headers['Retry-After']) <= most
    return True


def test_charges_of_a_day_are_limited(api, world, buyer):
    path = '/api/me/wallet/charges'
    key = new_key()
    first = api.post(path, {'amount': 5000}, token=buyer.token, key=key)
    world.sql('UPDATE account.wallets SET charges = 1000 WHERE user_id = %s', buyer.id)
    assert is_limited(api.post(path, {'amount': 5000}, token=buyer.token, key=new_key()), 86000, 86400)
    assert api.post(path, {'amount': 5000}, token=buyer.token, key=key).json() == first.json(), 'what was done is told again'
    world.sql("UPDATE account.wallets SET charges_from = charges_from - interval '1 day' WHERE user_id = %s", buyer.id)
    assert api.post(path, {'amount': 5000}, token=buyer.token, key=new_key()).status == 201


def test_orders_of_a_buyer_in_a_show_are_limited(api, world, show, buyer, other):
    holds = [world.hold(user, show, [no]) for no, user in enumerate((buyer, other))]
    path = f'/api/shows/{show["id"]}/orders'
    world.sql("""WITH past AS (INSERT INTO show.holds (show_id, hold_id, user_id, buyer_key, state, seat_nos, items, amount, currency,
                taken_at, expires_at, last_until, ended_at)
            SELECT show_id, gen_random_uuid(), user_id, buyer_key, 'released', seat_nos, items, amount, currency, taken_at, expires_at, last_until,
                '-infinity' FROM show.holds, generate_series(1, 1000) WHERE hold_id = %s RETURNING *)
        INSERT INTO show.orders (show_id, order_id, hold_id, user_id, state, amount, currency, created_at)
        SELECT show_id, gen_random_uuid(), hold_id, user_id, 'refunded', amount, currency, clock_timestamp() FROM past""", holds[0]['id'])
    try:
        answer = api.post(path, {'hold_id': holds[0]['id']}, token=buyer.token, key=new_key())
        assert (answer.status, answer.code) == (422, 'validation_failed') and 'retry-after' not in answer.headers, 'waiting does not help'
        assert [(one['field'], '1000 orders' in one['message']) for one in answer.json()['violations']] == [('hold_id', True)]
        assert api.post(path, {'hold_id': holds[1]['id']}, token=other.token, key=new_key()).status == 201
    finally:
        world.sql('DELETE FROM show.orders WHERE show_id = %s AND user_id = %s', show['id'], buyer.id)
        world.sql("DELETE FROM show.holds WHERE show_id = %s AND user_id = %s AND ended_at = '-infinity'", show['id'], buyer.id)
    assert api.post(path, {'hold_id': holds[0]['id']}, token=buyer.token, key=new_key()).status == 201


def test_asking_again_for_an_order_is_limited(api, world, show, buyer):
    hold = world.hold(buyer, show, [0])
    order, key = world.order(buyer, hold), new_key()
    path = f'/api/shows/{show["id"]}/orders'

    def again(key):
        return api.post(path, {'hold_id': hold['id']}, token=buyer.token, key=key)
    first = again(key)
    assert (first.status, first.json()['id']) == (200, order['id'])
    world.sql("""INSERT INTO show.idempotency (show_id, user_id, path, key, fingerprint, status, result, created_at)
        SELECT show_id, user_id, path, 'past ' || n, fingerprint, status, '{}', created_at - interval '1 hour'
        FROM show.idempotency, generate_series(1, 998) AS n WHERE show_id = %s AND user_id = %s AND key = %s""", show['id'], buyer.id, key)
    assert is_limited(again(new_key()), 82000, 82800)
    assert again(key).json() == first.json(), 'what was told is told again'


def test_payments_of_an_order_are_limited(api, world, show, buyer):
    order = world.order(buyer, world.hold(buyer, show, [0]))
    world.sql("""INSERT INTO show.payments (show_id, payment_id, order_id, user_id, method, state, amount, currency, started_at)
        SELECT show_id, gen_random_uuid(), order_id, user_id, 'wallet', 'declined', amount, currency, clock_timestamp()
        FROM show.orders, generate_series(1, 100) WHERE order_id = %s""", order['id'])
    world.sql('UPDATE show.orders SET version = version + 200 WHERE order_id = %s', order['id'])
    try:
        answer = api.post(world.pay_path(order), {'method': 'wallet'}, token=buyer.token, key=new_key())
        assert (answer.status, answer.code) == (409, 'order_closed') and 'retry-after' not in answer.headers, 'waiting does not help'
    finally:
        world.sql('DELETE FROM show.payments WHERE order_id = %s', order['id'])
    assert api.post(world.pay_path(order), {'method': 'wallet'}, token=buyer.token, key=new_key()).status == 200

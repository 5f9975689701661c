"""Tickets at the door."""
import base64
import concurrent.futures
import time
import uuid

import nacl.signing
import pytest

from client import new_key
from wait import wait_for
from world import base64url, unbase64url


def check_in(api, show_id, code, user):
    return api.post(f'/api/shows/{show_id}/checkins', {'code': code}, token=user.token)


def entries(world, show):
    """(seat, outcome, operator) in the door's log, in order."""
    return world.sql('SELECT seat_no, outcome, operator_id::text FROM show.checkins WHERE show_id = %s ORDER BY at',
                     show['id'])


def listed(api, user, order):
    rows = api.get('/api/me/orders', token=user.token).json()['items']
    return next((row for row in rows if row['id'] == order['id']), None)


def test_a_ticket_opens_the_door_once(api, world, show, buyer):
    api.patch('/api/me', {'name': 'Kim Minji'}, token=buyer.token)
    order = world.buy(buyer, show, [4, 5])
    first, second = order['tickets']
    for user in (world.operator, world.admin):
        ticket = first if user is world.operator else second
        answer = check_in(api, show['id'], ticket['code'], user)
        assert answer.status == 200
        assert answer.json() == {'ticket': ticket['id'], 'seat': ticket['seat'], 'label': ticket['label'],
                                 'section': 'stalls', 'row': 'A', 'holder': 'Kim Minji'}
        assert answer.db_calls == 2
    refused = check_in(api, show['id'], first['code'], world.admin)
    assert (refused.status, refused.code) == (409, 'already_used')
    used_at = world.order_get(buyer, order)['tickets'][0]['used_at']
    assert refused.json()['detail'] == f'the ticket was checked in at {used_at}'
    assert entries(world, show) == [(4, 'entered', world.operator.id), (5, 'entered', world.admin.id),
                                    (4, 'already_used', world.admin.id)]


def test_used_at_shows_at_once_and_in_the_list_within_four_seconds(api, world, show, buyer):
    order = world.buy(buyer, show, [0, 1])
    wait_for(lambda: listed(api, buyer, order) == order, 4, 'it is in the list')
    assert world.check_in(order, order['tickets'][1]['code']).status == 200
    done = time.monotonic()
    tickets = world.order_get(buyer, order)['tickets']
    assert tickets[0]['used_at'] is None and tickets[1]['used_at'] is not None
    wait_for(lambda: listed(api, buyer, order)['tickets'] == tickets, 4, 'the list shows it')
    assert time.monotonic() - done < 4
    assert listed(api, buyer, order) == world.order_get(buyer, order)


def test_of_two_hundred_with_one_ticket_one_enters(api, world, show, buyer):
    order = world.buy(buyer, show, [0])
    code = order['tickets'][0]['code']
    with concurrent.futures.ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: world.check_in(order, code), range(200)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 199
    assert {answer.code for answer in answers} == {None, 'already_used'}
    seen = [outcome for _, outcome, _ in entries(world, show)]
    # The door's log keeps a hundred later tries of a ticket, and those of the same moment.
    assert seen.count('entered') == 1 and 100 <= seen.count('already_used') < 150


def test_tickets_of_one_order_at_two_doors(api, world, show, buyer):
    """Each raises the order's version and writes an event: none of them is lost."""
    order = world.buy(buyer, show, [4, 5, 6, 7])
    before = world.sql('SELECT version FROM show.orders WHERE order_id = %s', order['id'])[0][0]
    with concurrent.futures.ThreadPoolExecutor(4) as doors:
        answers = list(doors.map(lambda ticket: world.check_in(order, ticket['code']), order['tickets']))
    assert [answer.status for answer in answers] == [200] * 4
    events = world.sql("SELECT (payload #>> '{order,version}')::int, payload #>> '{order,tickets}', payload -> 'seats' IS NOT NULL FROM log.event_log "
                       "WHERE kind = 'ticket.used' AND entity = %s ORDER BY id", str(show['id']))
    assert [version for version, _, _ in events] == [before + n for n in (1, 2, 3, 4)]
    assert events[-1][1].count('"used_at": null') == 0 and not events[-1][2]
    wait_for(lambda: listed(api, buyer, order) == world.order_get(buyer, order), 4, 'the list has all')


def test_a_ticket_of_another_show_is_404(api, world, show, buyer):
    order = world.buy(buyer, world.show(), [0])
    code = order['tickets'][0]['code']
    answer = check_in(api, show['id'], code, world.operator)
    assert (answer.code, answer.db_calls) == ('not_found', 0), 'the code says it'
    assert answer.json()['detail'] == f'the ticket is for show {order["show_id"]}'
    assert check_in(api, 2000000000, code, world.operator).code == 'not_found'
    assert check_in(api, 2**40, code, world.operator).code == 'not_found'
    assert world.check_in(order, code).status == 200


def test_a_code_that_was_not_signed_is_404(api, world, show, buyer):
    order = world.buy(buyer, show, [0])
    code = order['tickets'][0]['code']
    head, key, body = code.split('.')
    data = unbase64url(body)
    # Each byte: the ids, the seat, the signature.
    bent = [f'{head}.{key}.{base64url(data[:i] + bytes([data[i] ^ 1]) + data[i + 1:])}' for i in range(0, len(data), 7)]
    bent += [code[:-1], code[:-4], code + 'A', code + '=', code[1:], '', code[:9] + ' ' + code[9:], code + '\n' + code, code.lower(), body,
             f'BO2.{key}.{body}', f'{head}.other.{body}', f'{head}..{body}', f'{head}.{key}.', f'{head}.{key}', head,
             base64.b64encode(data).decode(), order['tickets'][0]['id'], 'x' * 4000, '\U0001f3ab']
    for text in filter(None, bent):
        answer = check_in(api, show['id'], text, world.operator)
        assert (answer.status, answer.code, answer.db_calls) == (404, 'not_found', 0), text
        assert answer.json()['detail'] == 'no ticket of ours has that code'
    assert entries(world, show) == []
    assert world.check_in(order, code).status == 200


def test_a_signed_ticket_that_nobody_has_is_404(api, world, show, buyer):
    """Of a show that was deleted, or signed with a key that was stolen: the signature is not enough."""
    (key, seed), = world.signer.ticket_seeds.items()
    payload = uuid.uuid4().bytes + show['id'].to_bytes(4, 'big') + (0).to_bytes(4, 'big')
    signature = nacl.signing.SigningKey(seed).sign(f'BO1.{key}.'.encode() + payload).signature
    answer = check_in(api, show['id'], f'BO1.{key}.{base64url(payload + signature)}', world.operator)
    assert (answer.status, answer.code) == (404, 'not_found')


def test_a_ticket_that_was_given_back_is_404(api, world, show, buyer, other):
    order = world.buy(buyer, show, [0])
    path = f'/api/shows/{show["id"]}/orders/{order["id"]}/cancel'
    assert api.post(path, token=buyer.token, key=new_key()).status == 200
    refused = world.check_in(order, order['tickets'][0]['code'])
    assert (refused.code, refused.json()['detail']) == ('not_found', 'the ticket is not valid any more')
    # The seat's next ticket is another.
    again = world.buy(other, show, [0])
    assert world.check_in(order, order['tickets'][0]['code']).code == 'not_found'
    assert world.check_in(again, again['tickets'][0]['code']).status == 200
    assert api.post(f'/api/shows/{show["id"]}/orders/{again["id"]}/cancel', token=other.token,
                    key=new_key()).code == 'already_used'


def test_a_ticket_of_a_cancelled_show_is_404_before_it_is_given_back(api, world, stack, buyer, other):
    show = world.show()
    used, unused = world.buy(buyer, show, [0]), world.buy(other, show, [1])
    assert world.check_in(used, used['tickets'][0]['code']).status == 200
    assert api.post(f'/api/admin/shows/{show["id"]}/cancel', {}, token=world.admin.token).status == 200
    assert world.check_in(unused, unused['tickets'][0]['code']).code == 'not_found'
    stack.run('boxoffice-settle-payments')
    # Whoever was inside is given his money as well.
    for user, order in ((buyer, used), (other, unused)):
        assert world.order_get(user, order)['state'] == 'refunded'
        assert world.check_in(order, order['tickets'][0]['code']).code == 'not_found'


def test_the_door_asks_for_no_day(api, world, show, buyer):
    """Days before the start, as here, and when the show is over by the plan: performances overrun."""
    order = world.buy(buyer, show, [0])
    before = world.sql('SELECT sales_open_at, sales_close_at, starts_at, ends_at FROM show.shows WHERE show_id = %s',
                       show['id'])[0]
    change = 'UPDATE show.shows SET sales_open_at = %s, sales_close_at = %s, starts_at = %s, ends_at = %s WHERE show_id = %s'
    past = [f'2020-01-0{day}' for day in (1, 2, 2, 3)]
    world.sql(change, *past, show['id'])
    assert world.check_in(order, order['tickets'][0]['code']).status == 200
    world.sql(change, *before, show['id'])


def test_a_name_that_cannot_be_read_keeps_nobody_out(api, world, show, buyer):
    """The name is read when the ticket is used already: a failure then must not cost the answer."""
    order = world.buy(buyer, show, [0])
    world.sql('REVOKE SELECT ON account.users FROM boxoffice_app')
    try:
        answer = world.check_in(order, order['tickets'][0]['code'])
    finally:
        world.sql('GRANT SELECT ON account.users TO boxoffice_app')
    assert answer.status == 200 and answer.json()['holder'] is None


@pytest.mark.parametrize('role', ['user', 'nobody'])
def test_only_staff_may_check_in(api, world, show, buyer, role):
    """The ticket's own holder neither."""
    order = world.buy(buyer, show, [0])
    answer = api.post(f'/api/shows/{show["id"]}/checkins', {'code': order['tickets'][0]['code']},
                      token=buyer.token if role == 'user' else None)
    assert (answer.status, answer.code) == ((403, 'forbidden') if role == 'user' else (401, 'unauthenticated'))
    assert world.order_get(buyer, order)['tickets'][0]['used_at'] is None


def test_nothing_but_the_code_is_taken(api, world, show, buyer):
    order = world.buy(buyer, show, [0])
    path = f'/api/shows/{show["id"]}/checkins'
    for body in ({}, {'code': ''}, {'code': None}, {'code': 1}, {'code': 'x' * 4001},
                 {'code': order['tickets'][0]['code'], 'operator_id': world.admin.id}):
        assert api.post(path, body, token=world.operator.token).code == 'validation_failed', body
    assert world.order_get(buyer, order)['tickets'][0]['used_at'] is None


def test_either_the_door_or_the_cancel_wins(api, world):
    show, buyers = world.show(), world.users(20, balance=1000000)
    orders = [world.buy(user, show, [seat]) for seat, user in enumerate(buyers)]

    def cancel(user, order):
        return api.post(f'/api/shows/{show["id"]}/orders/{order["id"]}/cancel', token=user.token, key=new_key())

    with concurrent.futures.ThreadPoolExecutor(8) as crowd:
        both = [(crowd.submit(cancel, user, order), crowd.submit(world.check_in, order, order['tickets'][0]['code']))
                for user, order in zip(buyers, orders)]
        ends = [(cancelled.result(), entered.result()) for cancelled, entered in both]
    for user, order, (cancelled, entered) in zip(buyers, orders, ends):
        if entered.status == 200:
            assert cancelled.code == 'already_used'
            assert world.order_get(user, order)['tickets'][0]['used_at'] and world.balance(user) < 1000000
        else:
            assert (entered.code, cancelled.status) == ('not_found', 200) and world.balance(user) == 1000000

"""What staff see of shows, and the record of what staff did: orders of a show and the audit trail."""

from client import new_key
from test_matrix import call_of, only


def trail(world, answer):
    return world.sql('SELECT actor, action, object, detail FROM log.audit_trail WHERE trace_id = %s ORDER BY id', answer.trace_id)


def audit(api, world, query=''):
    return api.get(f'/api/admin/audit{query}', token=world.admin.token).json()


def is_of_staff(route):
    return route.who == 'admin'


def is_read_of_staff(route):
    return is_of_staff(route) and route.method == 'GET'


def methods(route):
    return ['GET', 'HEAD'] if route.method == 'GET' else [route.method]


@only(lambda route: '/admin/' in route.path or is_of_staff(route))
def test_what_is_an_admins_says_so_in_its_path(route):
    assert is_of_staff(route) and route.path.startswith('/api/admin/')


@only(is_of_staff)
def test_a_request_of_an_admin_leaves_one_row(route, world, api):
    for method in methods(route):
        answer = call_of(route, world).send(api, method)
        assert answer.status < 300, answer
        rows = trail(world, answer)
        assert len(rows) == 1, (method, rows)
        actor, action, thing, detail = rows[0]
        assert actor == world.admin.id and '.' in action
        assert thing.split(' ')[-1].isdigit() or thing == 'audit trail'
        assert route.method != 'GET' or (action.endswith('.read') and detail == {})


@only(is_of_staff)
def test_a_refused_request_leaves_none(route, world, api):
    call = call_of(route, world)
    answers = []
    for method in methods(route):
        answers += [call.send(api, method, token=None), call.send(api, method, path=call.path + '?nonsense=1')]
        if route.has_body:
            answers.append(call.send(api, method, body=dict(call.body or {}, nonsense=1)))
        if route.is_list:
            answers += [call.send(api, method, path=f'{call.path}?{query}') for query in ('limit=0', 'cursor=x')]
        if route.placeholders:
            answers.append(call.send(api, method, path=call.path.replace(call.path.split('/')[4], '2147483647')))
    assert all(400 <= answer.status < 500 for answer in answers)
    assert [trail(world, answer) for answer in answers] == [[]] * len(answers)


@only(lambda route: route.who in ('operator', 'admin'))
def test_who_is_refused_a_route_of_staff_is_in_the_trail(route, world, api):
    """Once a day for each route: nobody floods the trail."""
    call = call_of(route, world)
    callers = [world.user()] + ([world.user(role='operator')] if route.who == 'admin' else [])
    for caller, role in zip(callers, ('user', 'operator')):
        answers = [call.send(api, method, token=caller.token) for method in methods(route) for _ in range(3)]
        assert {answer.status for answer in answers} == {403}
        rows = [trail(world, answer) for answer in answers]
        assert rows == [[(caller.id, 'access.refuse', f'{route.method} {route.path}', {'role': role})]] + [[]] * (len(answers) - 1)
    world.sql('UPDATE log.audit_trail SET at = at - interval \'1 day\' WHERE actor = %s', callers[0].id)
    assert len(trail(world, call.send(api, route.method, token=callers[0].token))) == 1


def test_a_refusal_that_cannot_be_recorded_is_one_all_the_same(api, world, parked):
    user = world.user()
    with parked('LOCK TABLE log.audit_trail IN SHARE MODE'):
        answer = api.get('/api/admin/audit', token=user.token)
    assert (answer.status, answer.code) == (403, 'forbidden')
    assert trail(world, answer) == []


@only(is_of_staff)
def test_requests_of_one_trace_leave_a_row_each(route, world, api):
    """A trace is the client's, who may put any number of requests into it."""
    trace = new_key()
    call = call_of(route, world)
    answers = [call.send(api, route.method, key=new_key(), headers={'traceparent': f'00-{trace}-0123456789abcdef-01'})
               for _ in range(2)]
    done = [answer for answer in answers if answer.status < 300]
    if route.path.endswith('/cancel'):
        done = done[:1]  # the second changes nothing, and leaves none
    assert done and all(answer.trace_id == trace for answer in answers)
    assert len(trail(world, answers[0])) == len(done)


@only(is_read_of_staff)
def test_a_read_that_cannot_be_recorded_is_not_answered(route, world, api, parked):
    call = call_of(route, world)
    with parked('LOCK TABLE log.audit_trail IN SHARE MODE'):
        answer = call.send(api, 'GET')
    assert (answer.status, answer.code) == (503, 'unavailable')
    assert 'items' not in answer.json() and trail(world, answer) == []


def test_what_was_asked_for_is_in_the_row_of_a_read(api, world, show, buyer):
    for no in range(2):
        world.order(buyer, world.hold(buyer, show, [no]))
    path = f'/api/admin/shows/{show["id"]}/orders'
    first = api.get(f'{path}?state=pending&limit=1', token=world.admin.token)
    cursor = first.json()['next_cursor']
    second = api.get(f'{path}?cursor={cursor}', token=world.admin.token)
    assert [trail(world, answer) for answer in (first, second)] == [
        [(world.admin.id, 'orders.read', f'show {show["id"]}', detail)]
        for detail in ({'state': 'pending', 'limit': '1'}, {'cursor': cursor})]


def test_a_refusal_of_the_database_leaves_no_row(api, world, show, buyer):
    world.hold(buyer, show, [1])
    body = {'seats': [1], 'reason': 'a camera'}
    refused = api.post(f'/api/admin/shows/{show["id"]}/blocks', body, token=world.admin.token)
    busy = api.post('/api/admin/shows', world.show_body(hall_id=show['hall']['id'], starts_at=show['starts_at']),
                    token=world.admin.token)
    assert (refused.code, busy.code) == ('seats_taken', 'hall_busy')
    assert trail(world, refused) == trail(world, busy) == []


def test_a_repetition_leaves_a_row_of_its_own(api, world, show):
    """It is another request, though it changes nothing."""
    body = {'seats': [1, 2], 'reason': 'a camera'}
    answers = [api.post(f'/api/admin/shows/{show["id"]}/blocks', body, token=world.admin.token) for _ in range(2)]
    rows = [trail(world, answer) for answer in answers]
    assert [[row[3]['changed'] for row in part] for part in rows] == [[[1, 2]], [[]]]
    assert rows[1][0][3] == {'seats': [1, 2], 'changed': [], 'reason': 'a camera'}


def test_a_call_repeated_after_a_lost_answer_leaves_no_second_row(world, show):
    trace = '00-' + new_key() + '-0123456789abcdef-01'
    for _ in range(2):
        world.sql("SELECT * FROM show.seats_block(%s, '{3}', true, 'a camera', %s, %s)", show['id'], world.admin.id, trace)
        world.sql("SELECT * FROM log.audit_add(%s, 'orders.read', %s, NULL, %s)", world.admin.id, f'show {show["id"]}', trace)
    rows = world.sql('SELECT action FROM log.audit_trail WHERE trace_id = %s ORDER BY id', trace.split('-')[1])
    assert rows == [('seats.block',), ('orders.read',)]


def test_who_did_what_to_which_and_when_is_listed(api, world, show):
    answer = api.post(f'/api/admin/shows/{show["id"]}/blocks', {'seats': [2], 'reason': 'a camera'}, token=world.admin.token)
    row = next(row for row in audit(api, world)['items'] if row['trace_id'] == answer.trace_id)
    assert {**row, 'id': 0, 'at': ''} == {
        'id': 0, 'at': '', 'actor': world.admin.id, 'action': 'seats.block', 'object': f'show {show["id"]}',
        'detail': {'seats': [2], 'changed': [2], 'reason': 'a camera'}, 'trace_id': answer.trace_id}


def test_a_change_of_a_show_reads_as_it_was_sent(api, world, show):
    body = {'sales_open_at': '2025-01-02T03:04:05Z', 'hold_seconds': 60, 'prices': {'VIP': 3, 'R': 2, 'S': 1}}
    answer = api.patch(f'/api/admin/shows/{show["id"]}', body, token=world.admin.token)
    assert trail(world, answer) == [(world.admin.id, 'show.update', f'show {show["id"]}', body)]


def test_what_was_cleared_of_an_event_is_told(api, world):
    event = world.event(rating='12', description='x')
    body = {'rating': None, 'description': None}
    answer = api.patch(f'/api/admin/events/{event["id"]}', body, token=world.admin.token)
    assert trail(world, answer) == [(world.admin.id, 'event.update', f'event {event["id"]}', body)]


def test_a_reason_that_was_not_given_is_not_in_the_trail(api, world, show):
    answer = api.post(f'/api/admin/shows/{show["id"]}/cancel', {}, token=world.admin.token)
    assert trail(world, answer) == [(world.admin.id, 'show.cancel', f'show {show["id"]}', {})]


def test_the_trail_is_paged_newest_first_under_new_rows(api, world):
    """Reading a page adds a row as well, in front of the first page."""
    for _ in range(5):
        world.venue()
    before = [row[0] for row in world.sql('SELECT id FROM log.audit_trail ORDER BY id DESC LIMIT 12')]
    seen, cursor = [], ''
    for _ in range(4):
        page = audit(api, world, f'?limit=3{cursor}')
        seen += [row['id'] for row in page['items']]
        cursor = f'&cursor={page["next_cursor"]}'
        world.venue()
    assert seen == before
    newest = [row['action'] for row in audit(api, world, '?limit=8')['items']]
    assert newest == ['venue.create', 'audit.read'] * 4


def test_a_command_has_a_trace_of_its_own(api, world, stack):
    email = world.sql('SELECT email FROM account.users WHERE user_id = %s', world.user().id)[0][0]
    for _ in range(2):
        stack.run('boxofficectl', 'token', email)
    rows = [row for row in audit(api, world)['items'] if row['action'].startswith('token')][:2]
    assert len({row['trace_id'] for row in rows}) == 2 and all(row['trace_id'] and row['actor'] for row in rows)


# --- orders of a show

def orders(api, world, show, query=''):
    return api.get(f'/api/admin/shows/{show["id"]}/orders{query}', token=world.admin.token).json()


def test_staff_see_no_code_of_a_ticket(api, world, show, buyer):
    """Who has a code has the ticket. The owner sees his own."""
    order = world.buy(buyer, show, [0, 1])
    answer = api.get(f'/api/admin/shows/{show["id"]}/orders', token=world.admin.token)
    codes = [ticket['code'] for ticket in order['tickets']]
    assert all(codes) and not any(code.encode() in answer.body for code in codes)
    assert [ticket['id'] for ticket in answer.json()['items'][0]['tickets']] == [ticket['id'] for ticket in order['tickets']]
    assert api.get(f'/api/shows/{show["id"]}/orders/{order["id"]}', token=buyer.token).json()['tickets'] == order['tickets']


def test_orders_of_a_show_are_its_owners_orders(api, world, show, buyer, other):
    paid = world.buy(buyer, show, [0, 1])
    paid['tickets'] = [dict(ticket, code=None) for ticket in paid['tickets']]
    pending = world.order(other, world.hold(other, show, [2]))
    world.buy(buyer, world.show(), [0])
    rows = orders(api, world, show)['items']
    assert rows == [{**pending, 'user_id': other.id}, {**paid, 'user_id': buyer.id}]
    assert [row['id'] for row in orders(api, world, show, '?state=paid')['items']] == [paid['id']]


def test_an_order_expires_in_the_list_of_the_show(api, world, show, buyer):
    hold = world.hold(buyer, show, [0])
    order = world.order(buyer, hold)
    assert orders(api, world, show, '?state=expired')['items'] == []
    for table, column in (('holds', 'expires_at'), ('seats', 'held_until')):
        world.sql(f"UPDATE show.{table} SET {column} = now() - interval '1 s' WHERE hold_id = %s", hold['id'])
    assert orders(api, world, show, '?state=pending')['items'] == []
    rows = orders(api, world, show, '?state=expired')['items']
    assert [(row['id'], row['state']) for row in rows] == [(order['id'], 'expired')]
    assert orders(api, world, show)['items'] == rows
    world.stack.run('boxoffice-release-holds')
    assert [row['state'] for row in orders(api, world, show)['items']] == ['expired']


def test_orders_of_a_show_are_paged(api, world, show):
    made = [world.order(user, world.hold(user, show, [no])) for no, user in enumerate(world.users(7))]
    seen, cursor = [], ''
    for _ in range(4):
        page = orders(api, world, show, f'?limit=2{cursor}')
        seen += [row['id'] for row in page['items']]
        if len(seen) == 4:
            user = world.user()
            world.order(user, world.hold(user, show, [20]))
        cursor = f'&cursor={page["next_cursor"]}'
    assert page['next_cursor'] is None
    assert seen == [order['id'] for order in reversed(made)]


def test_a_cursor_of_own_orders_is_none_of_a_show(api, world, show, buyer):
    for no in range(2):
        world.order(buyer, world.hold(buyer, show, [no]))
    cursor = orders(api, world, show, '?limit=1')['next_cursor']
    answer = api.get(f'/api/me/orders?cursor={cursor}', token=buyer.token)
    assert (answer.status, answer.code) == (400, 'bad_cursor')


def test_a_show_without_orders_has_an_empty_list(api, world, show):
    assert orders(api, world, show) == {'items': [], 'next_cursor': None}

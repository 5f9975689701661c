"""Answers of the database that never arrive, and workers that die at a named step.

Here boxofficed talks to the database through pgproxy.py, which loses the chosen messages."""
import copy
import os
import signal

import pytest

import strace
from client import new_key
from load import audit, unsettled, wait_due
from pgproxy import PgProxy
from purchase import MONEY, ROUTES, note, prepare
from wait import wait_for
from world import PRICES, SECTIONS

# The steps of each route, in their order; a test holds what a request really asks against it.
STEPS = {
    'hold': ['show.hold_take'],
    'order': ['show.order_create'],
    'pay': ['show.payment_begin', 'account.wallet_debit', 'show.order_confirm'],
    'poor': ['show.payment_begin', 'account.wallet_debit', 'show.payment_end'],
    'cancel': ['show.order_cancel', 'account.wallet_refund', 'show.order_refunded'],
}
POINTS = [(route, step) for route, steps in STEPS.items() for step in steps]


@pytest.fixture(scope='module')
def proxy(stack, world):
    before = copy.deepcopy(stack.config)
    with PgProxy(f'{stack.socket_dir}/.s.PGSQL.5432') as proxy:
        dsn = f'host=127.0.0.1 port={proxy.port} dbname=boxoffice user=boxoffice_app sslmode=disable gssencmode=disable'
        stack.restart('boxofficed', {'database': {'dsn': dsn}})
        stack.wait_ready()
        yield proxy
        stack.config = before
        stack.restart('boxofficed')
        stack.wait_ready()


def heal(proxy, world):
    """Nothing is lost any more, and the workers that matter have noticed: while the database is away they
    ask for it five times a second only."""
    proxy.reset()
    for path in (f'/api/shows/1/holds/{world.admin.id}', '/api/me', '/api/admin/audit'):
        wait_for(lambda: world.client.get(path, token=world.admin.token).status != 503, 3, 'the database is back')
    nobody = {'email': 'nobody@example.test', 'password': 'none'}
    wait_for(lambda: world.client.post('/api/auth/login', nobody).status != 503, 3, 'the database is back')


@pytest.fixture(autouse=True)
def healed(proxy, world):
    yield
    heal(proxy, world)


def settle(stack, world):
    wait_due(world)
    stack.run('boxoffice-settle-payments')
    stack.run('boxoffice-release-holds')
    assert unsettled(world) == 0
    audit(stack)


class Lose:
    """Hook that says no to the first `count` calls of a function."""

    def __init__(self, function, count=1, then=None):
        self.function, self.left, self.then, self.lost = function, count, then, []

    def __call__(self, call):
        if call.function != self.function or self.left == 0:
            return True
        self.left -= 1
        self.lost.append(call)
        if self.then:
            self.then()
        return False


@pytest.mark.parametrize('route', ROUTES)
def test_a_request_takes_these_steps(world, proxy, route):
    subject = prepare(world, route)
    proxy.calls.clear()
    subject.ask()
    assert [call.function for call in proxy.calls] == STEPS[route]
    assert subject.breach() is None and subject.answer.status < 500


@pytest.mark.parametrize('route, step', POINTS)
def test_one_lost_answer_is_asked_for_again(stack, world, proxy, route, step):
    """The server has committed, the worker cannot know: it asks again with the same ids, and the client
    notices nothing."""
    subject = prepare(world, route)
    proxy.after = Lose(step)
    proxy.calls.clear()
    subject.ask()
    assert subject.answer.status == (402 if route == 'poor' else 200 if route in ('pay', 'cancel') else 201), subject
    assert subject.breach() is None
    assert len(proxy.after.lost) == 1
    first, second = [call for call in proxy.calls if call.function == step]
    assert first == second, 'the same parameters, the ids among them'
    audit(stack)


@pytest.fixture(scope='module')
def unanswered(stack, world, proxy):
    """At each step the answer is lost, and the database stays away: what was answered, and what became
    of the same request once the database was back, before anybody settled."""
    found = {}
    for route, step in POINTS:
        subject = prepare(world, route)
        subject.where = f'answer of {step} lost'
        proxy.after = Lose(step, then=lambda: setattr(proxy, 'refuses', True))
        subject.ask()
        lost = len(proxy.after.lost)
        heal(proxy, world)
        found[(route, step)] = subject, lost, subject.state(), subject.again()
    settle(stack, world)
    return found


@pytest.mark.parametrize('route, step', POINTS)
def test_an_answer_lost_for_good_is_unknown_and_then_done_once(unanswered, route, step):
    subject, lost, state, again = unanswered[(route, step)]
    assert lost == 1
    assert (subject.answer.status, subject.answer.code) == (503, 'unavailable')
    # The steps before the last leave it half done: its key says so until settling has ended it.
    if step == STEPS[route][-1]:
        assert state == ('absent' if route == 'poor' else 'whole')
    assert again.status in (200, 201) or again.code in ('idempotency_in_flight', 'insufficient_balance'), again
    answer = subject.again()
    if route == 'poor':
        assert answer.code == 'insufficient_balance' and subject.state() == 'absent', subject
        return
    assert answer.status in (200, 201) and subject.state() == 'whole', (subject, answer)
    if again.status < 300:
        assert again.json() == answer.json()


def test_a_charge_whose_answer_is_lost_is_booked_once(stack, world, proxy):
    for is_back in (True, False):
        user, key = world.user(), new_key()
        proxy.after = Lose('account.wallet_charge',
                           then=None if is_back else lambda: setattr(proxy, 'refuses', True))
        ask = dict(token=user.token, key=key)
        first = world.client.post('/api/me/wallet/charges', {'amount': MONEY}, **ask)
        assert len(proxy.after.lost) == 1
        assert first.status == (201 if is_back else 503), first
        heal(proxy, world)
        second = world.client.post('/api/me/wallet/charges', {'amount': MONEY}, **ask)
        assert second.status == 201 and second.headers['Idempotency-Replayed'] == 'true'
        assert world.balance(user) == MONEY
    audit(stack)


def session(world):
    """An account that is logged in: (login document, credentials)."""
    body = {'email': f'{new_key()}@example.test', 'password': 'correct horse battery'}
    world.done(world.client.post('/api/auth/signup', dict(body, name='Ann')), 201)
    return world.done(world.client.post('/api/auth/login', body), 200), body


def refresh(world, document):
    return world.client.post('/api/auth/refresh', {'refresh_token': document['refresh_token']})


def test_a_session_survives_lost_answers(world, proxy):
    """The program asks again with the same secret; when it cannot, the client may."""
    for is_back in (True, False):
        then = None if is_back else lambda: setattr(proxy, 'refuses', True)
        document, body = session(world)
        for function, ask in (('account.session_open', lambda: world.client.post('/api/auth/login', body)),
                              ('account.session_refresh', lambda: refresh(world, document))):
            proxy.after = Lose(function, then=then)
            first = ask()
            assert len(proxy.after.lost) == 1 and first.status == (200 if is_back else 503), first
            heal(proxy, world)
            fresh = first if is_back else ask()
            assert fresh.status == 200, fresh
            document = refresh(world, fresh.json()).json()
            assert world.client.get('/api/me', token=document['access_token']).status == 200


def test_sessions_whose_end_was_not_answered_are_refused_at_once(world, proxy):
    """Here, and not only when the mirror comes by."""
    document, body = session(world)
    other = world.client.post('/api/auth/login', body).json()
    stolen, _ = session(world)
    guess = {'refresh_token': stolen['refresh_token'][:-4] + 'AAAA'}
    for function, ask, status, ended in (
            ('account.sessions_close_others', lambda: world.client.delete('/api/me/sessions', token=document['access_token']), 204, other),
            ('account.session_refresh', lambda: world.client.post('/api/auth/refresh', guess), 401, stolen),
            ('account.session_close', lambda: world.client.post('/api/auth/logout', token=document['access_token']), 204, document)):
        proxy.after = Lose(function)
        answer = ask()
        assert len(proxy.after.lost) == 1 and answer.status == status, answer
        assert world.client.get('/api/me', token=ended['access_token']).code == 'unauthenticated', function


def test_a_ticket_whose_entry_was_not_answered_is_used_once(stack, world, proxy):
    """The program asks again and is let in; when it cannot, the door reads that the ticket was used just now."""
    for is_back in (True, False):
        buyer = world.user(balance=MONEY)
        order = world.buy(buyer, world.show(), [0])
        code = order['tickets'][0]['code']
        proxy.after = Lose('show.ticket_check_in', then=None if is_back else lambda: setattr(proxy, 'refuses', True))
        first = world.check_in(order, code)
        assert len(proxy.after.lost) == 1
        assert first.status == (200 if is_back else 503), first
        heal(proxy, world)
        second = world.check_in(order, code)
        used_at = world.order_get(buyer, order)['tickets'][0]['used_at']
        assert second.code == 'already_used' and used_at in second.json()['detail']
        assert world.sql('SELECT outcome FROM show.checkins WHERE ticket_id = %s ORDER BY at', order['tickets'][0]['id']) \
            == [('entered',), ('already_used',)]
    audit(stack)


@pytest.mark.parametrize('function, method, what, body', [
    ('log.audit_add', 'GET', 'orders', None),
    ('show.seats_block', 'POST', 'blocks', {'seats': [1], 'reason': 'a camera'}),
])
def test_a_request_of_staff_whose_answer_is_lost_leaves_one_row(world, proxy, function, method, what, body):
    """Also when the answer to the client is that nothing is known: the row is committed then."""
    for is_back in (True, False):
        path = f'/api/admin/shows/{world.show()["id"]}/{what}'
        proxy.after = Lose(function, then=None if is_back else lambda: setattr(proxy, 'refuses', True))
        answer = world.client.request(method, path, token=world.admin.token, **({'body': body} if body else {}))
        assert len(proxy.after.lost) == 1
        assert (answer.status < 300) if is_back else (answer.status == 503), answer
        heal(proxy, world)
        assert world.sql('SELECT count(*) FROM log.audit_trail WHERE trace_id = %s', answer.trace_id) == [(1,)]


def test_a_hold_whose_change_was_not_answered_is_changed_once(world, proxy):
    user, show = world.user(), world.show(hold_seconds=60)
    hold = world.hold(user, show, [0, 1])
    path = f'/api/shows/{show["id"]}/holds'
    world.sql("UPDATE show.holds SET expires_at = now() + interval '5 s', last_until = now() + interval '10 s' WHERE hold_id = %s", hold['id'])
    proxy.after = Lose('show.hold_extend')
    assert world.client.post(f'{path}/{hold["id"]}/extend', token=user.token).status == 200
    proxy.after = Lose('show.hold_take')
    swapped = world.client.post(path, {'seats': [1, 2], 'replaces': hold['id']}, token=user.token)
    assert swapped.status == 201
    proxy.after = Lose('show.hold_release')
    assert world.client.delete(f'{path}/{swapped.json()["id"]}', token=user.token).status == 204
    assert world.sql("SELECT kind, count(*)::int FROM log.event_log WHERE home = 'show' AND entity = %s AND kind LIKE 'hold.%%' GROUP BY 1 ORDER BY 1",
                     str(show['id'])) == [('hold.extended', 1), ('hold.released', 2), ('hold.taken', 2)]


def test_seats_that_were_taken_without_an_answer_are_found_by_their_key(world, proxy):
    user, show, key = world.user(), world.show(), new_key()

    def take():
        return world.client.post(f'/api/shows/{show["id"]}/holds', {'seats': [0, 1]}, token=user.token, key=key)
    proxy.after = Lose('show.hold_take', then=lambda: setattr(proxy, 'refuses', True))
    assert take().status == 503
    heal(proxy, world)
    first, second = take(), take()
    assert first.status == second.status == 200 and first.json() == second.json()
    assert len(world.client.get(f'/api/shows/{show["id"]}/holds', token=user.token).json()['items']) == 1


ENTERED = {
    'directory.venue_create': ('venue', lambda world: {'name': 'Arena', 'region': 'Busan'}),
    'directory.hall_create': ('hall', lambda world: {'venue_id': world.venue()['id'], 'name': 'Main'}),
    'directory.layout_create': ('layout', lambda world: {'hall_id': world.hall()['id'], 'sections': SECTIONS}),
    'directory.event_create': ('event', lambda world: {'title': 'Play', 'kind': 'play', 'running_minutes': 90}),
    'directory.show_request': ('show', lambda world: world.show_body(prices=PRICES)),
    'show.show_create': ('show', lambda world: world.show_body(prices=PRICES)),
    'directory.slot_take': ('show', lambda world: world.show_body(prices=PRICES)),
    'show.show_publish': ('show', lambda world: world.show_body(prices=PRICES)),
}
TABLES = {'venue': 'directory.venues', 'hall': 'directory.halls', 'layout': 'directory.layouts', 'event': 'directory.events',
          'show': 'show.shows'}


@pytest.mark.parametrize('function', ENTERED)
def test_what_is_entered_while_an_answer_is_lost_is_entered_once(world, proxy, function):
    noun, body = ENTERED[function]
    body = body(world)

    def rows():
        return world.sql(f'SELECT count(*), (SELECT count(*) FROM log.audit_trail WHERE action = %s) FROM {TABLES[noun]}', f'{noun}.create')[0]
    before = rows()
    proxy.after = Lose(function)
    answer = world.client.post(f'/api/admin/{noun}s', body, token=world.admin.token)
    assert len(proxy.after.lost) == 1
    assert answer.status == 201 and 'Idempotency-Replayed' not in answer.headers
    assert rows() == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize('noun', ['venue', 'hall', 'layout', 'event'])
def test_what_was_entered_without_an_answer_is_found_by_its_key(world, proxy, noun):
    function = f'directory.{noun}_create'
    ask = dict(body=ENTERED[function][1](world), token=world.admin.token, key=new_key())
    proxy.after = Lose(function, then=lambda: setattr(proxy, 'refuses', True))
    assert world.client.post(f'/api/admin/{noun}s', **ask).status == 503
    heal(proxy, world)
    first, second = (world.client.post(f'/api/admin/{noun}s', **ask) for _ in range(2))
    assert first.status == second.status == 201 and first.json() == second.json()
    assert first.headers['Idempotency-Replayed'] == 'true'


def test_a_show_whose_request_died_is_entered_by_its_key_once(stack, world, proxy):
    """Its hall is taken and its answer lost for good. Who asks again at once is told to wait; later it is found."""
    ask = dict(body=world.show_body(prices=PRICES), token=world.admin.token, key=new_key())
    proxy.after = Lose('directory.slot_take', then=lambda: setattr(proxy, 'refuses', True))
    assert world.client.post('/api/admin/shows', **ask).status == 503
    heal(proxy, world)
    assert world.client.post('/api/admin/shows', **ask).code == 'idempotency_in_flight'
    world.sql("UPDATE directory.requests SET created_at = created_at - interval '1 hour' WHERE result IS NULL")
    first, second = (world.client.post('/api/admin/shows', **ask) for _ in range(2))
    assert first.status == second.status == 201 and first.json() == second.json()
    assert [answer.headers.get('Idempotency-Replayed') for answer in (first, second)] == [None, 'true']
    assert world.sql('SELECT count(*) FROM directory.show_slots WHERE show_id = %s', first.json()['id']) == [(1,)]


# --- death at a named step

@pytest.fixture(scope='module')
def dead(stack, world, proxy):
    """The worker dies before each step was asked, and after each was done but not answered."""
    if reason := strace.why_unseen(stack):
        pytest.skip(reason)
    found = {}
    for route, step in POINTS:
        for moment in ('before', 'after'):
            subject = prepare(world, route)
            subject.where = f'killed {moment} {step}'
            worker = strace.worker_of(stack, 'booking')
            hook = Lose(step, then=lambda: os.kill(worker, signal.SIGKILL))
            setattr(proxy, moment, hook)
            subject.ask()
            assert len(hook.lost) == 1
            proxy.reset()
            strace.worker_of(stack, 'booking', not_pid=worker)
            found[(route, step, moment)] = subject, subject.state()
    found['unsettled'] = unsettled(world)
    settle(stack, world)
    note('killed before and after: ' + '; '.join(f'{route}: {", ".join(steps)}' for route, steps in STEPS.items()))
    return found


def test_death_between_steps_leaves_halves_to_settle(dead):
    assert dead['unsettled'] >= 6
    assert dead[('pay', 'account.wallet_debit', 'after')][1] == 'half'


@pytest.mark.parametrize('route, step', POINTS)
@pytest.mark.parametrize('moment', ['before', 'after'])
def test_dead_at_a_named_step(dead, route, step, moment):
    subject, _ = dead[(route, step, moment)]
    assert subject.answer.status == 502
    assert subject.breach() is None
    # What the money decided is what it is settled to.
    steps = STEPS[route] + [None]
    done = steps.index(step) + (moment == 'after')
    decided = {'hold': 1, 'order': 1, 'pay': 2, 'poor': 9, 'cancel': 1}[route]
    assert subject.state() == ('whole' if done >= decided else 'absent'), subject
    answer = subject.again()
    assert answer.status == 402 if route == 'poor' else answer.status in (200, 201), answer
    assert subject.state() == ('absent' if route == 'poor' else 'whole'), subject


def test_the_audit_is_clean_in_the_end(stack, world):
    assert unsettled(world) == 0
    audit(stack)

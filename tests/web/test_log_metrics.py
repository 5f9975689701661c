"""The traces of a request: one log line, and counters that moved."""
import json
import re

import pytest

from client import new_key, outside_address
from recipes import PASSWORD, session
from wait import wait_for

LINE = {'ts', 'level', 'proc', 'msg', 'trace_id', 'method', 'route', 'status', 'ms', 'db_calls', 'db_ms', 'user_id'}


def test_a_request_is_one_line(api, world, show, log_line):
    user = world.user(balance=1000)
    answer = api.get('/api/me/wallet', token=user.token)
    line = log_line(answer)
    assert LINE <= set(line)
    assert (line['trace_id'], line['method'], line['status'], line['user_id']) == \
        (answer.trace_id, 'GET', 200, user.id)
    assert line['route'] == '/api/me/wallet'
    assert line['db_calls'] == answer.db_calls == 1
    assert 0 <= line['db_ms'] <= line['ms'] < 10000


def test_line_of_nobody_and_of_no_route(api, log_line):
    line = log_line(api.get('/api/nothing?secret=value'))
    assert line['user_id'] is None and line['status'] == 404 and line['route'] is None
    assert 'secret' not in json.dumps(line)
    line = log_line(api.get('/api/me'))
    assert (line['user_id'], line['status'], line['code']) == (None, 401, 'unauthenticated')


def test_route_of_the_line_is_the_template(api, world, show, buyer, log_line):
    answer = api.get(f'/api/shows/{show["id"]}/holds/{world.hold(buyer, show, [0])["id"]}', token=buyer.token)
    assert log_line(answer)['route'].startswith('/api/shows/{')


def test_refusals_are_no_errors(api, world, show, buyer, other, log_line):
    world.hold(buyer, show, [0])
    answers = [api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]}, token=other.token),
               api.post(f'/api/shows/{show["id"]}/holds', {'seats': 'x'}, token=other.token),
               api.get('/api/shows/2147483647')]
    for answer in answers:
        assert answer.status >= 400 and log_line(answer)['level'] == 'info'


def test_replay_is_marked(api, world, log_line):
    user, key = world.user(), new_key()
    for _ in range(2):
        answer = api.post('/api/me/wallet/charges', {'amount': 1}, token=user.token, key=key)
    assert log_line(answer)['replay'] is True


def test_passwords_tokens_and_addresses_stay_out(api, world, stack, log_line):
    """The end of the session looks for every secret of the run; here is one that goes wrong."""
    email, password = 'leak.check@example.test', 'leak-check-password'
    for body in ({'email': email, 'password': password}, {'email': email, 'password': password, 'name': 'x'},
                 {'email': email + '\n', 'password': password}):
        log_line(api.post('/api/auth/login', body))
        log_line(api.post('/api/auth/signup', body))
    with open(stack.log_path('boxoffice')) as file:
        text = file.read()
    assert email not in text and password not in text


def test_the_line_of_a_log_in_and_of_a_refusal_has_the_address_cut(api, world, log_line):
    document, body = session(world)
    far, user = api.at('127.0.0.3'), world.user()
    good = {'email': body['email'], 'password': PASSWORD}
    lines = [log_line(answer) for answer in (
        far.post('/api/auth/login', good), far.post('/api/auth/login', dict(good, password='wrong password')), far.get('/api/me'),
        far.get('/api/admin/audit', token=user.token))]
    assert [(line['status'], line['address']) for line in lines] == [(status, '127.0.0.0/24') for status in (200, 401, 401, 403)]
    for answer in (far.get('/api/events?limit=43'), far.get('/api/me', token=user.token), far.get('/api/nothing')):
        assert 'address' not in log_line(answer), answer


# --- metrics

def metrics(api):
    text = api.get('/metrics').body.decode()
    values = {}
    for line in text.splitlines():
        if line and not line.startswith('#'):
            name, _, value = line.rpartition(' ')
            values[name] = float(value)
    return values


def test_metrics_are_prometheus_text(api):
    answer = api.get('/metrics')
    assert answer.status == 200 and answer.headers['Content-Type'].startswith('text/plain')
    text = answer.body.decode()
    names = set()
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .+|[a-zA-Z_:]\w*(\{.*\})? [-+0-9.eEinfNa]+', line), line
        if line.startswith('# TYPE'):
            assert line.split()[2] not in names, 'a TYPE twice'
            names.add(line.split()[2])
    assert text.endswith('\n')
    for wanted in ('boxoffice_holds_taken_total', 'boxoffice_holds_refused_total', 'boxoffice_db_calls_total',
                   'boxoffice_payments_approved_total', 'boxoffice_cache_hits_total', 'boxoffice_worker_crashes_total'):
        assert wanted in names


def moved(api, before, name, by):
    wait_for(lambda: metrics(api)[name] - before[name] >= by, 2, f'{name} moves by {by}')
    assert metrics(api)[name] - before[name] == by


def test_counters_move(api, world, show, buyer, other):
    before = metrics(api)
    world.buy(buyer, show, [0])
    answer = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]}, token=other.token)
    assert answer.status == 409
    moved(api, before, 'boxoffice_holds_taken_total', 1)
    moved(api, before, 'boxoffice_holds_refused_total', 1)
    moved(api, before, 'boxoffice_payments_approved_total', 1)
    assert metrics(api)['boxoffice_db_calls_total'] - before['boxoffice_db_calls_total'] >= 6
    assert metrics(api)['boxoffice_errors_total'] == before['boxoffice_errors_total']


def test_requests_are_counted_by_route_and_status(api, world):
    def count():
        return sum(value for name, value in metrics(api).items()
                   if 'request' in name and name.split('{')[0].endswith('_total') and '/api/me/wallet"' in name
                   and '401' in name)
    before = count()
    for _ in range(3):
        api.get('/api/me/wallet')
    wait_for(lambda: count() == before + 3, 2, 'three more')


def test_latency_is_a_histogram(api):
    values = metrics(api)
    assert [name for name in values if '_bucket{' in name and 'le="+Inf"' in name]


def test_cache_is_counted(api, world):
    paths = [f'/api/layouts/{world.hall()["layout_id"]}' for _ in range(3)]
    before = metrics(api)
    for path in paths:
        api.get(path)                   # nginx keeps it for GET, memcached for all
        assert api.request('HEAD', path).db_calls == 0
    moved(api, before, 'boxoffice_cache_misses_total', 3)
    moved(api, before, 'boxoffice_cache_hits_total', 3)


def test_metrics_are_for_this_machine_only(api):
    outside = outside_address() or pytest.skip('this machine has no address but the loopback')
    answer = api.at(outside).get('/metrics')
    assert (answer.status, answer.code) == (404, 'not_found')

"""The site of nginx/ in front of the real server: what it answers itself, caches and passes on."""
import json
import re
import subprocess
import time

import pytest

from front import SOURCE, accesses, ask, check_problem, send, served
from wait import wait_for

TRACE = '0af7651916cd43dd8448eb211c80319c'


def test_a_problem_of_a_worker_passes_unchanged(stack):
    answer = ask(stack, '/api/nowhere')
    assert answer.status == 404
    assert json.loads(answer.body)['trace_id'] == answer.headers['trace-id']


@pytest.mark.parametrize('traceparent, is_taken', [
    (f'00-{TRACE}-b7ad6b7169203331-01', True),
    (f'cc-{TRACE}-b7ad6b7169203331-01-what-is-to-come', True),
    (f'00-{TRACE}-b7ad6b7169203331-01-x', False),
    (f'ff-{TRACE}-b7ad6b7169203331-01', False),
    (f'00-{"0" * 32}-b7ad6b7169203331-01', False),
    (f'00-{TRACE}-{"0" * 16}-01', False),
    (f'00-{TRACE.upper()}-b7ad6b7169203331-01', False),
    (f'00-{TRACE[1:]}-b7ad6b7169203331-01', False),
    ('', False),
])
def test_trace_id_is_that_of_a_valid_traceparent(stack, traceparent, is_taken):
    for path in ('/healthz', '/api/events', '/nowhere'):
        answer = ask(stack, path, traceparent=traceparent)
        assert re.fullmatch('[0-9a-f]{32}', answer.headers['trace-id'])
        assert (answer.headers['trace-id'] == TRACE) == is_taken, path


def test_cached_answers_have_trace_ids_of_their_own(stack):
    answers = [ask(stack, '/api/events?limit=7') for _ in range(5)]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.headers['trace-id'] for answer in answers}) == 5
    assert {answer.headers['cache-control'] for answer in answers} == \
        {'public, max-age=1, stale-while-revalidate=1'}


def test_cached_answers_say_that_they_asked_no_database(stack):
    timings = [ask(stack, '/api/events?limit=6').headers['server-timing'] for _ in range(5)]
    assert timings[0].startswith('db;desc="1 calls";') and ', app;' in timings[0]
    assert set(timings[1:]) == {'db;desc="0 calls";dur=0.000'}
    assert ', app;' in ask(stack, '/api/me').headers['server-timing']


def test_public_reads_are_asked_of_a_worker_about_once_a_second(stack):
    before = served(stack, 'GET /api/events')
    started = time.monotonic()
    for _ in range(200):
        assert ask(stack, '/api/events?limit=9').status == 200
    allowed = 3 + 2 * (time.monotonic() - started)
    assert 1 <= served(stack, 'GET /api/events') - before <= allowed


def test_an_answer_for_get_is_not_that_for_head(stack):
    for _ in range(2):
        assert ask(stack, '/api/events?limit=8', method='HEAD').body == b''
        assert json.loads(ask(stack, '/api/events?limit=8').body)['items'] == []


def test_private_answers_are_never_cached(stack):
    answers = [ask(stack, '/api/me') for _ in range(2)]
    assert {(answer.status, answer.headers['cache-control']) for answer in answers} == {(401, 'no-store')}
    assert answers[0].headers['www-authenticate'].startswith('Bearer')


def test_a_request_of_unknown_length_reaches_a_worker_whole(stack):
    answer = send(stack, b'POST /api/test/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
                         b'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
                         b'2\r\n{}\r\n0\r\n\r\n')
    assert answer.status == 200
    assert '2' in re.findall(r'\d+', answer.body.decode())


def test_a_worker_that_dies_or_is_away_is_a_bad_gateway(stack):
    check_problem(ask(stack, '/api/test/crash?signal=9'), 'bad_gateway')
    stack.stop('boxofficed')
    try:
        check_problem(ask(stack, '/api/nowhere', method='POST', body=b'{}'), 'bad_gateway')
        line = wait_for(lambda: next((line for line in accesses(stack) if line['method'] == 'POST' and line['path'] == '/api/nowhere'), None), 5,
                        'its line')
        assert (line['status'], line['upstream_status']) == (502, '502')
    finally:
        stack.start('boxofficed')
    stack.wait_ready()


def test_routes_go_to_the_pools_of_the_route_table(stack):
    """The map $boxoffice_pool and the table's column agree on every route."""
    with open(f'{SOURCE}/nginx/boxoffice-http.conf.in') as file:
        block = re.search(r'map \$uri \$boxoffice_pool \{(.*?)\n\}', file.read(), re.S)[1]
    rules = re.findall(r'~(\S+) boxoffice_(\w+);', block)
    default = re.search(r'default boxoffice_(\w+);', block)[1]
    said = subprocess.run([f'{stack.programs}/boxofficectl', 'routes'], env=stack.environment(),
                          capture_output=True, text=True, check=True).stdout
    rows = re.findall(r'^(\w+)\s+(/\S+)\s.*?\b(catalog|booking|account|login|admin)\b', said, re.M)
    assert len(rows) > 20
    for method, template, pool in rows:
        path = re.sub(r'\{\w+:int\}', '7', template)
        path = re.sub(r'\{[^}]+\}', '0b9b9a4e-6d3f-4a33-9d5b-0d5c7f1d7b11', path)
        mapped = next((to for rule, to in rules if re.search(rule, path)), default)
        assert mapped == pool, f'{method} {template}'

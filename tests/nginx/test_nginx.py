"""nginx/boxoffice.conf.in in front of the real server."""
import json
import os
import re
import socket
import subprocess
import time

import pytest

from client import outside_address
from services import UNSYNCED
from stack import Stack

SOURCE = os.environ['SRC']
TRACE = '0af7651916cd43dd8448eb211c80319c'


@pytest.fixture(scope='session')
def stack():
    # A burst small enough to be reached in no time.
    with Stack(f'{os.environ["OUT"]}/stack', os.environ['BUILD'],
               config={'server': {'test_routes': 'yes'}}, postgres=UNSYNCED,
               nginx={'ADDRESS_RATE': 10, 'ADDRESS_BURST': 20}) as made:
        yield made


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b'\r\n\r\n')
        lines = head.decode('latin-1').split('\r\n')
        self.status = int(lines[0].split()[1])
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(':')
            assert name.lower() not in self.headers, f'twice: {line}'
            self.headers[name.lower()] = value.strip()


def send(stack, raw, source='127.0.0.1'):
    """One connection, these very bytes, all that comes back."""
    with socket.create_connection(('127.0.0.1', stack.port), 30, (source, 0)) as client:
        client.settimeout(30)
        client.sendall(raw)
        received = b''
        while piece := client.recv(65536):
            received += piece
    return Answer(received)


def ask(stack, path, method='GET', source='127.0.0.1', body=b'', **headers):
    lines = [f'{method} {path} HTTP/1.1', 'Host: x', 'Connection: close']
    lines += [f'{name.replace("_", "-")}: {value}' for name, value in headers.items()]
    if body or method == 'POST':
        lines.append(f'Content-Length: {len(body)}')
    return send(stack, '\r\n'.join(lines).encode() + b'\r\n\r\n' + body, source)


def codes():
    """{name: (status, title)} of src/base/code.def."""
    with open(f'{SOURCE}/src/base/code.def') as file:
        rows = re.findall(r'^CODE\(\w+, "(\w+)", (\d+), \w+, "([^"]+)",$', file.read(), re.M)
    return {name: (int(status), title) for name, status, title in rows}


def check_problem(answer, code):
    """The one shape of an error, as a worker would have written it."""
    status, title = codes()[code]
    assert answer.status == status
    assert answer.headers['content-type'] == 'application/problem+json'
    assert answer.headers['cache-control'] == 'no-store'
    assert ('retry-after' in answer.headers) == (status in (429, 503))
    trace_id = answer.headers['trace-id']
    assert json.loads(answer.body) == {'type': f'/problems/{code}', 'title': title,
                                       'status': status, 'detail': title, 'code': code,
                                       'trace_id': trace_id}


def test_own_errors_are_problems_with_the_codes_of_the_workers(stack):
    check_problem(ask(stack, '/'), 'not_found')
    check_problem(ask(stack, '/.problem/404'), 'not_found')
    check_problem(ask(stack, '/nowhere', method='POST', body=b'x'), 'not_found')
    check_problem(send(stack, b'GARBAGE\r\n\r\n'), 'bad_request')
    check_problem(send(stack, b'GET /api/me HTTP/1.1\r\n\r\n'), 'bad_request')
    check_problem(send(stack, b'POST /api/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
                              b'Transfer-Encoding: gzip\r\n\r\n'), 'bad_request')
    check_problem(ask(stack, '/' + 'a' * 9000), 'uri_too_long')
    check_problem(ask(stack, '/api/me', X='a' * 9000), 'headers_too_large')
    check_problem(ask(stack, '/api/me', method='POST', body=b' ' * (1024 * 1024 + 1)), 'body_too_large')
    refused = ask(stack, '/api/me', method='TRACE')
    check_problem(refused, 'method_not_allowed')
    assert 'GET' in refused.headers['allow']


def test_every_problem_of_the_template_has_a_code(stack):
    with open(f'{SOURCE}/nginx/boxoffice.conf.in') as file:
        bodies = re.findall(r"return (\d+) '(\{.*\})';", file.read())
    assert len(bodies) >= 11
    for status, body in bodies:
        problem = json.loads(body)
        code = problem['code']
        assert codes()[code] == (int(status), problem['title'])
        assert problem['detail'] == problem['title'] and problem['type'] == f'/problems/{code}'
        assert problem['status'] == int(status) and problem['trace_id'] == '$trace_id'


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


def served(stack):
    """Requests that workers answered so far on the list of events."""
    text = ask(stack, '/metrics').body.decode()
    return sum(float(line.rsplit(' ', 1)[1]) for line in text.splitlines()
               if line.startswith('boxoffice_requests_total{route="GET /api/events",'))


def test_public_reads_are_asked_of_a_worker_about_once_a_second(stack):
    before = served(stack)
    started = time.monotonic()
    for _ in range(200):
        assert ask(stack, '/api/events?limit=9').status == 200
    allowed = 3 + 2 * (time.monotonic() - started)
    assert 1 <= served(stack) - before <= allowed


def test_an_answer_for_get_is_not_that_for_head(stack):
    for _ in range(2):
        assert ask(stack, '/api/events?limit=8', method='HEAD').body == b''
        assert json.loads(ask(stack, '/api/events?limit=8').body)['items'] == []


def test_private_answers_are_never_cached(stack):
    answers = [ask(stack, '/api/me') for _ in range(2)]
    assert {(answer.status, answer.headers['cache-control']) for answer in answers} == {(401, 'no-store')}
    assert answers[0].headers['www-authenticate'].startswith('Bearer')


def test_a_limited_address_gets_429_and_a_trusted_one_does_not(stack):
    limited = [ask(stack, '/healthz', source='127.0.0.2') for _ in range(60)]
    refused = [answer for answer in limited if answer.status == 429]
    assert 20 <= len(refused) < 60
    check_problem(refused[0], 'rate_limited')
    assert {ask(stack, '/healthz').status for _ in range(60)} == {200}


def test_metrics_are_for_this_machine(stack):
    assert ask(stack, '/metrics').status == 200
    outside = outside_address() or pytest.skip('this machine has no address but the loopback')
    check_problem(ask(stack, '/metrics', source=outside), 'not_found')


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
        with open(stack.log_path('nginx-problem')) as file:
            time.sleep(1.5)  # nginx writes once a second
            lines = [json.loads(line) for line in file]
        assert lines[-1]['status'] == 502 and lines[-1]['pool'] == 'catalog' and lines[-1]['method'] == 'POST'
    finally:
        stack.start('boxofficed')
    stack.wait_ready()


def test_routes_go_to_the_pools_of_the_route_table(stack):
    """The map $pool and the table's column agree on every route."""
    with open(f'{SOURCE}/nginx/boxoffice.conf.in') as file:
        block = re.search(r'map \$uri \$pool \{(.*?)\n\t\}', file.read(), re.S)[1]
    rules = re.findall(r'~(\S+) (\w+);', block)
    default = re.search(r'default (\w+);', block)[1]
    said = subprocess.run([f'{stack.programs}/boxofficectl', 'routes'], env=stack.environment(),
                          capture_output=True, text=True, check=True).stdout
    rows = re.findall(r'^(\w+)\s+(/\S+)\s.*?\b(catalog|booking|account|login|admin)\b', said, re.M)
    assert len(rows) > 20
    for method, template, pool in rows:
        path = re.sub(r'\{\w+:int\}', '7', template)
        path = re.sub(r'\{[^}]+\}', '0b9b9a4e-6d3f-4a33-9d5b-0d5c7f1d7b11', path)
        mapped = next((to for rule, to in rules if re.search(rule, path)), default)
        assert mapped == pool, f'{method} {template}'

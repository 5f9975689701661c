"""What nginx answers by itself, and malformed requests."""
import json
import re
import socket
import uuid

import pytest


def check_problem(api, answer, status, code):
    assert (answer.status, answer.code) == (status, code), answer
    api.contract.check_any('GET', answer)


def head(method, target, *lines):
    return '\r\n'.join([f'{method} {target} HTTP/1.1', 'Host: x', 'Connection: close', *lines, '', '']).encode()


def test_address_that_is_too_long_is_414(api):
    for size in (5000, 8100, 20000, 100000):
        answer = api.raw(head('GET', '/api/events?q=' + 'a' * size))
        check_problem(api, answer, 414, 'uri_too_long')


def test_headers_that_are_too_large_are_431(api):
    answer = api.raw(head('GET', '/api/events', 'X-Large: ' + 'a' * 9000))
    check_problem(api, answer, 431, 'headers_too_large')
    answer = api.raw(head('GET', '/api/events', *(f'X-Many-{n}: ' + 'a' * 4000 for n in range(20))))
    check_problem(api, answer, 431, 'headers_too_large')


@pytest.mark.parametrize('text', [
    b'GET /api/events HTTP/1.1\r\n\r\n',                                # no Host
    b'GET /api/events HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
    b'GET /api/events\x00 HTTP/1.1\r\nHost: x\r\n\r\n',
    b'GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n',
    b'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n',
    b'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n',
    b'GET api/events HTTP/1.1\r\nHost: x\r\n\r\n',
    b'nonsense\r\n\r\n',
    b'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    b'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
    b'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    b'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    b'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n',
    b'GET /api/events HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n',
], ids=range(14))
def test_request_that_is_none_is_a_problem(api, text):
    if b'nonsense' not in text:
        text = text.replace(b'\r\n', b'\r\nConnection: close\r\n', 1)
    answer = api.raw(text)
    # nginx drops a header line that is none; everything else is refused.
    if text.endswith(b'bad header\r\n\r\n') and answer.status == 200:
        return
    assert answer.code in ('bad_request', 'not_found'), answer
    api.contract.check_any('GET', answer)


def test_chunked_body_is_a_body(api):
    text = b'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n' \
           b'Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n'
    answer = api.raw(text)
    check_problem(api, answer, 422, 'validation_failed')


def test_body_over_what_nginx_takes_is_413(api, world):
    """Announced: refused before it is read; without a length: as soon as it is too much."""
    answer = api.raw(head('POST', '/api/auth/login', 'Content-Type: application/json',
                          'Content-Length: 2000000000'))
    check_problem(api, answer, 413, 'body_too_large')
    chunk = b'10000\r\n' + b' ' * 65536 + b'\r\n'
    answer = api.raw(head('POST', '/api/auth/login', 'Content-Type: application/json',
                          'Transfer-Encoding: chunked') + chunk * 20)
    check_problem(api, answer, 413, 'body_too_large')


def test_body_of_a_get_means_nothing(api):
    assert api.request('GET', '/api/events', data=b'{"nonsense').status == 200
    assert api.request('GET', '/healthz', data=b'x' * 1000).status == 200


def test_expect_continue_is_answered(api):
    with socket.create_connection(('127.0.0.1', api.port), 10) as connection:
        connection.sendall(head('POST', '/api/auth/refresh', 'Content-Type: application/json',
                                'Content-Length: 2', 'Expect: 100-continue'))
        assert connection.recv(100).startswith(b'HTTP/1.1 100')
        connection.sendall(b'{}')
        assert connection.recv(4000).startswith(b'HTTP/1.1 422')


def test_pipelined_requests_are_answered_in_order(api):
    with socket.create_connection(('127.0.0.1', api.port), 10) as connection:
        text = b''.join(f'GET {path} HTTP/1.1\r\nHost: x\r\n\r\n'.encode()
                        for path in ('/healthz', '/api/nothing', '/healthz'))
        connection.sendall(text + head('GET', '/api/me'))
        data = b''
        while part := connection.recv(65536):
            data += part
    assert re.findall(rb'HTTP/1\.1 (\d+)', data) == [b'200', b'404', b'200', b'401']


def test_client_that_goes_away_costs_nobody_anything(api, show):
    for _ in range(20):
        with socket.create_connection(('127.0.0.1', api.port), 10) as connection:
            connection.sendall(head('POST', '/api/auth/login', 'Content-Type: application/json',
                                    'Content-Length: 100') + b'{"email"')
    assert api.get('/healthz').status == 200


def test_limit_of_an_address_is_429_by_nginx(api):
    """100 a second and 300 at once from an address that is not trusted; 127.0.0.1 is."""
    text = b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n' * 900 + head('GET', '/healthz')
    with socket.create_connection(('127.0.0.1', api.port), 20, ('127.0.0.2', 0)) as connection:
        connection.sendall(text)
        data = b''
        while part := connection.recv(1 << 20):
            data += part
    statuses = re.findall(rb'HTTP/1\.1 (\d+)', data)
    assert set(statuses) == {b'200', b'429'} and statuses.count(b'200') >= 300
    last = data.rsplit(b'HTTP/1.1 429', 1)[1]
    fields, _, body = last.partition(b'\r\n\r\n')
    assert b'Retry-After: 1' in fields and b'application/problem+json' in fields
    problem = json.loads(body.split(b'HTTP/1.1')[0])
    assert problem['code'] == 'rate_limited' and problem['trace_id'].encode() in fields
    answers = [api.get('/healthz').status for _ in range(50)]
    assert answers == [200] * 50


def test_options_on_an_unknown_address_is_404(api):
    assert api.request('OPTIONS', '/api/nothing').status == 404


def test_no_cors_unless_configured(api):
    answer = api.request('OPTIONS', '/api/events', headers={
        'Origin': 'https://evil.example', 'Access-Control-Request-Method': 'GET'})
    assert answer.status == 204
    assert not [name for name in answer.headers if name.lower().startswith('access-control')]


def test_identity_cannot_be_smuggled_in_headers(api, world):
    """Only named headers reach a worker: none that looks like a FastCGI parameter."""
    for name in ('REMOTE_ADDR', 'Remote-Addr', 'X-Forwarded-For', 'X-Real-IP', 'HTTP_AUTHORIZATION', 'USER_ID',
                 'TRACE_ID', 'Trace-Id'):
        answer = api.get('/api/me', headers={name: uuid.uuid4().hex})
        assert answer.status == 401
    given = uuid.uuid4().hex
    assert api.get('/api/events', headers={'Trace-Id': given}).trace_id != given


def test_method_override_does_nothing(api, world, show, buyer):
    hold = world.hold(buyer, show, [0])
    path = f'/api/shows/{show["id"]}/holds/{hold["id"]}'
    for name in ('X-HTTP-Method-Override', 'X-Method-Override'):
        assert api.get(path, token=buyer.token, headers={name: 'DELETE'}).json()['state'] == 'active'


def test_internal_error_says_nothing_of_its_cause(api, world, expected):
    """A database that lost a table: 500, a trace id, and no word of PostgreSQL."""
    user = world.user()
    world.sql('ALTER TABLE account.wallets RENAME TO wallets_gone')
    try:
        answer = api.get('/api/me/wallet', token=user.token)
        expected.trace_ids.add(answer.trace_id)
    finally:
        world.sql('ALTER TABLE account.wallets_gone RENAME TO wallets')
    assert (answer.status, answer.code) == (500, 'internal')
    text = answer.body.decode().lower()
    for word in ('wallets', 'relation', 'pg', 'postgres', 'select', 'sql', 'src/', '.c:'):
        assert word not in text
    assert api.get('/api/me/wallet', token=user.token).status == 200


def test_health_and_readiness(api):
    assert api.get('/healthz').status == 200
    ready = api.get('/readyz')
    assert ready.status == 200 and ready.headers['Cache-Control'] == 'no-store'


def test_an_older_schema_is_not_ready_and_a_newer_one_is(api, world, expected):
    """A newer one belongs to the next version, which is being installed. Asked often: a worker that has yet to connect would
    refuse an older one by itself."""
    needs = api.get('/readyz').json()['schema_version']
    row, = world.sql('DELETE FROM ops.migrations WHERE version = %s RETURNING to_jsonb(migrations)::text', needs)
    back = 'INSERT INTO ops.migrations SELECT * FROM jsonb_populate_record(NULL::ops.migrations, %s)'
    try:
        asked = [api.get('/readyz') for _ in range(8)]
        expected.trace_ids.update(answer.trace_id for answer in asked)
        assert api.get('/healthz').status == 200
    finally:
        world.sql(back, row[0])
    for older in asked:
        assert (older.status, older.code) == (503, 'unavailable')
        assert str(needs) not in older.body.decode().replace(older.trace_id, ''), 'that is told to operators, in the log'
    assert api.get('/readyz').status == 200
    world.sql(back, json.dumps({**json.loads(row[0]), 'version': needs + 1, 'name': 'of the next version'}))
    try:
        newer = api.get('/readyz')
    finally:
        world.sql('DELETE FROM ops.migrations WHERE version = %s', needs + 1)
    assert (newer.status, newer.json()['schema_version']) == (200, needs + 1)

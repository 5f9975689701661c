"""Many log-ins at once, none of which breaks a limit: what they leave of the service."""
import collections
import contextlib
import json
import re
import socket
import time
import uuid

from wait import wait_for

PASSWORD = 'correct horse battery'
REQUESTS = 300
ADDRESSES = 200
PATIENCE_S = 2


def fresh_email():
    return f'flood.{uuid.uuid4().hex[:12]}@example.test'


@contextlib.contextmanager
def flood(stack, hangs_up):
    """REQUESTS log-ins from ADDRESSES addresses at once, of clients that hang up or wait for their answers."""
    sockets = []
    try:
        for number in range(REQUESTS):
            source = f'127.0.{1 + number % ADDRESSES}.7'
            sockets.append(socket.create_connection(('127.0.0.1', stack.port), 10, (source, 0)))
        for connection in sockets:
            body = json.dumps({'email': fresh_email(), 'password': 'a wrong password'}).encode()
            connection.sendall(b'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
                               b'Content-Length: %d\r\n\r\n%s' % (len(body), body))
            if hangs_up:
                connection.close()
        yield sockets
    finally:
        for connection in sockets:
            connection.close()


def signed_up(api):
    email = fresh_email()
    assert api.post('/api/auth/signup', {'email': email, 'password': PASSWORD, 'name': 'Ann Lee'}).status == 201
    return {'email': email, 'password': PASSWORD}


def seconds_of(call):
    start = time.monotonic()
    answer = call()
    return answer, time.monotonic() - start


def gone(api):
    return int(re.search(r'^boxoffice_requests_gone_total (\d+)$', api.get('/metrics').body.decode(), re.M)[1])


def test_log_ins_that_hang_up_shut_out_nobody(stack, api):
    buyer, before = signed_up(api), gone(api)
    with flood(stack, hangs_up=True):
        answer, seconds = seconds_of(lambda: api.post('/api/auth/login', buyer))
    assert answer.status == 200 and seconds <= PATIENCE_S, (answer.status, seconds)
    # Few passwords were checked: of clients that were there when their turn came.
    assert gone(api) - before > REQUESTS * 3 / 4


def test_log_ins_that_wait_leave_the_service_to_those_who_are_known(stack, api):
    """The crowd is told at once that it waited too long. An address that logged in before waits for as long, and is served."""
    buyer, home = signed_up(api), api.at('127.0.0.5')
    assert home.post('/api/auth/login', buyer).status == 200
    with flood(stack, hangs_up=False) as crowd:
        answer, seconds = seconds_of(lambda: home.post('/api/auth/login', buyer))
        assert answer.status == 200 and seconds <= PATIENCE_S, (answer.status, seconds)
        heads = [connection.recv(4096).split(b'\r\n\r\n')[0].decode().lower() for connection in crowd]
    statuses = collections.Counter(int(head.split()[1]) for head in heads)
    assert set(statuses) == {401, 503} and statuses[503] > REQUESTS / 4, statuses
    assert all('retry-after: ' in head for head in heads if ' 503 ' in head.split('\r\n')[0])

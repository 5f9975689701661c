"""Many log-ins at once, none of which breaks a limit: what they leave of the service."""
import contextlib
import json
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


def test_log_ins_that_hang_up_shut_out_nobody(stack, api):
    buyer = signed_up(api)
    with flood(stack, hangs_up=True):
        answer, seconds = seconds_of(lambda: api.post('/api/auth/login', buyer))
    assert answer.status == 200 and seconds <= PATIENCE_S, (answer.status, seconds)

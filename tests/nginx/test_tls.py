"""The site with a certificate."""
import json
import os
import subprocess

import pytest

from front import ask, certificate, check_problem, send, settings
from stack import free_port

HSTS = 'max-age=31536000'


@pytest.fixture(scope='module')
def tls_port(stack):
    folder = f'{stack.state}/tls'
    stack.folder(folder, 0o711, None, None)
    cert, key = certificate(folder)
    os.makedirs(f'{folder}/.well-known/acme-challenge')
    stack.write(f'{folder}/.well-known/acme-challenge/token', 'proof')
    port = free_port()
    with settings(stack, SSL_CERTIFICATE=cert, SSL_CERTIFICATE_KEY=key, LISTEN_TLS=f'127.0.0.1:{port} ssl http2', LISTEN_TLS6='',
                  ACME_ROOT=folder):
        yield port


def curl(port, path, *options):
    """Status, version of HTTP, header lines and body."""
    done = subprocess.run(['curl', '-sSki', '-w', '\n%{http_code} %{http_version}', *options, f'https://127.0.0.1:{port}{path}'],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    text, _, last = done.stdout.rpartition('\n')
    head, _, body = text.replace('\r', '').partition('\n\n')
    return int(last.split()[0]), last.split()[1], head.lower(), body


@pytest.mark.parametrize('version, is_taken', [('tls1_1', False), ('tls1_2', True), ('tls1_3', True)])
def test_tls_is_1_2_or_1_3(tls_port, version, is_taken):
    done = subprocess.run(['openssl', 's_client', '-connect', f'127.0.0.1:{tls_port}', f'-{version}', '-cipher', 'ALL:@SECLEVEL=0'],
                          input='', capture_output=True, text=True, timeout=30)
    assert (done.returncode == 0) == is_taken, done.stderr


@pytest.mark.parametrize('path, wanted', [('/healthz', 200), ('/api/events', 200), ('/api/me', 401), ('/nowhere', 404)])
def test_every_answer_insists_on_tls(tls_port, path, wanted):
    for how, version in (('--http2', '2'), ('--http1.1', '1.1')):
        status, spoken, head, body = curl(tls_port, path, how)
        assert (status, spoken) == (wanted, version)
        assert f'strict-transport-security: {HSTS}' in head and 'x-content-type-options: nosniff' in head
        if status == 404:
            assert json.loads(body)['code'] == 'not_found' and 'application/problem+json' in head


@pytest.mark.parametrize('path', ['/', '/api/events?limit=3&x=%20y', '/api/me', '/nowhere'])
def test_plain_requests_are_sent_to_tls_as_they_are(stack, tls_port, path):
    answer = ask(stack, path, method='POST' if path == '/api/me' else 'GET', body=b'{}' if path == '/api/me' else b'')
    assert (answer.status, answer.headers['location']) == (308, f'https://x{path}')
    assert 'strict-transport-security' not in answer.headers, 'it means nothing there'


def test_what_cannot_be_sent_to_tls_is_answered_on_the_plain_port(stack, tls_port):
    for path in ('/healthz', '/readyz', '/metrics'):
        assert ask(stack, path).status == 200
    assert ask(stack, '/.well-known/acme-challenge/token').body == b'proof'
    check_problem(ask(stack, '/.well-known/acme-challenge/none'), 'not_found')
    check_problem(send(stack, b'GARBAGE\r\n\r\n'), 'bad_request')
    check_problem(ask(stack, '/' + 'a' * 9000), 'uri_too_long')


def test_a_plain_request_on_the_port_of_tls_is_a_bad_request(stack, tls_port):
    plain, stack.port = stack.port, tls_port
    try:
        check_problem(ask(stack, '/api/me'), 'bad_request')
    finally:
        stack.port = plain

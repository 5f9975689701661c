"""No page of nginx's own reaches a client: each is a problem as a worker would have written it."""
import json
import re
import socket

import pytest

from conftest import STATUSES
from front import SOURCE, ask, check_problem, codes, send


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
    with open(f'{SOURCE}/nginx/boxoffice-site.conf.in') as file:
        bodies = re.findall(r"return (\d+) '(\{.*\})';", file.read())
    assert len(bodies) >= 11
    for status, body in bodies:
        problem = json.loads(body)
        code = problem['code']
        assert codes()[code] == (int(status), problem['title'])
        assert problem['detail'] == problem['title'] and problem['type'] == f'/problems/{code}'
        assert problem['status'] == int(status) and problem['trace_id'] == '$boxoffice_trace_id'


@pytest.mark.parametrize('status', STATUSES)
def test_every_status_that_nginx_can_give_is_a_problem(stack, status):
    check_problem(ask(stack, f'/.test/{status}'), STATUSES[status])


def test_nothing_that_nginx_answers_was_forgotten(stack):
    """The statuses of its own pages are those that its program has a text for."""
    with open('/usr/sbin/nginx', 'rb') as file:
        pages = set(re.findall(rb'<html>\r\n<head><title>([45]\d\d) ', file.read()))
    missing = {int(page) for page in pages} - {*STATUSES, 408}
    assert len(pages) > 20
    assert missing <= {401, 402, 406, 409, 410}, 'a module that the site does not use gives these'


@pytest.mark.parametrize('line', [
    b'GET /api/me HTTP/2.0', b'GET / HTTP/9.9', b'PRI * HTTP/2.0', b'GET /api/events HTTP/9', b'GET /api/events HTTP/1.10000',
    b'GET /api/events HTTPS/1.1', b'GET /api/ev\x00ents HTTP/1.1', b'GET /../etc/passwd HTTP/1.1', b'get /api/events HTTP/1.1',
    b'CONNECT example.org:443 HTTP/1.1', b'\x16\x03\x01\x02\x00'])
def test_a_request_line_that_is_none_is_a_bad_request(stack, line):
    answer = send(stack, line + b'\r\nHost: x\r\nConnection: close\r\n\r\n')
    check_problem(answer, 'method_not_allowed' if line.startswith(b'CONNECT') and answer.status == 405 else 'bad_request')


@pytest.mark.parametrize('header', [
    b'Content-Length: -1', b'Content-Length: 1\r\nContent-Length: 2', b'Host: y', b'Transfer-Encoding: identity',
    b'X\x00: y'])
def test_a_header_that_is_none_is_a_bad_request(stack, header):
    check_problem(send(stack, b'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n' + header + b'\r\n\r\n'),
                  'bad_request')


def test_conditions_on_a_cached_answer_are_answered_by_problems_too(stack):
    assert ask(stack, '/api/events?limit=3').status == 200
    check_problem(ask(stack, '/api/events?limit=3', If_Match='"other"'), 'bad_request')
    part = ask(stack, '/api/events?limit=3', Range='bytes=100000-')
    assert part.status == 200, 'there are no ranges'


def test_a_client_that_is_too_slow_gets_no_page(stack):
    """A 408 says nothing: nginx closes the connection."""
    with socket.create_connection(('127.0.0.1', stack.port), 30) as client:
        client.sendall(b'GET /.test/408 HTTP/1.1\r\nHost: x\r\n\r\n')
        assert client.recv(1000) == b''

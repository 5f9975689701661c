"""Who a client is: limits, the proxies in front, and what is for this machine alone."""
import json
import socket

import pytest

from client import outside_address
from front import ask, check_problem, settings
from wait import wait_for

PROXY, OTHER_PROXY = '127.0.0.3', '127.0.0.4'
LIMITED = '127.0.0.2'
NEAR, FAR = '192.0.2.1', '2001:db8:0:1::9'      # addresses of documentation: clients of a proxy


@pytest.fixture(scope='module')
def proxied(stack):
    with settings(stack, PROXIES=f'{PROXY} {OTHER_PROXY} 127.0.0.1'):
        yield stack


def refused(stack, count=60, **options):
    """How many of that many requests were refused for their number."""
    answers = [ask(stack, '/healthz', **options) for _ in range(count)]
    assert {answer.status for answer in answers} <= {200, 429}
    for answer in answers:
        if answer.status == 429:
            check_problem(answer, 'rate_limited')
    return sum(answer.status == 429 for answer in answers)


def address_seen(stack, **options):
    """What a worker takes for the client's address; its log has the whole one here."""
    trace_id = ask(stack, '/api/me', **options).headers['trace-id']

    def look():
        with open(stack.log_path('boxoffice')) as file:
            return next((json.loads(line)['address'] for line in file if f'"{trace_id}"' in line and line.endswith('\n')), None)
    return wait_for(look, 3, f'a line with {trace_id}')


def test_a_limited_address_gets_429_and_a_trusted_one_does_not(stack):
    assert 20 <= refused(stack, source=LIMITED) < 60
    assert refused(stack) == 0


@pytest.mark.parametrize('header', ['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'True-Client-IP'])
def test_without_proxies_of_ours_nobody_chooses_his_address(stack, header):
    with settings(stack):
        forged = {header: f'for={NEAR}' if header == 'Forwarded' else NEAR}
        assert address_seen(stack, source=LIMITED, **forged) == LIMITED
        assert 20 <= sum(ask(stack, '/healthz', source=LIMITED, **{header: f'192.0.2.{number}'}).status == 429
                         for number in range(60)) < 60, 'a new address for each request'


def test_two_clients_of_one_proxy_have_two_limits(proxied):
    greedy, modest = '192.0.2.77', '192.0.2.78'
    assert 20 <= refused(proxied, source=PROXY, X_Forwarded_For=greedy) < 60
    assert refused(proxied, 10, source=PROXY, X_Forwarded_For=modest) == 0
    assert 0 < refused(proxied, 10, source=OTHER_PROXY, X_Forwarded_For=greedy), 'one client is one behind any proxy'


@pytest.mark.parametrize('said, seen', [
    (NEAR, NEAR), (FAR, FAR), (f'10.9.9.9, {NEAR}', NEAR), (f'{NEAR}, {OTHER_PROXY}', NEAR), (f'127.0.0.1, {NEAR}', NEAR), ('nonsense', PROXY)])
def test_a_worker_sees_the_last_address_that_is_no_proxy(proxied, said, seen):
    assert address_seen(proxied, source=PROXY, X_Forwarded_For=said) == seen


def test_a_stranger_beside_the_proxies_does_not_choose_his_address(proxied):
    assert address_seen(proxied, source=LIMITED, X_Forwarded_For=NEAR) == LIMITED


def test_metrics_are_for_this_machine(stack):
    assert ask(stack, '/metrics').status == 200
    outside = outside_address() or pytest.skip('this machine has no address but the loopback')
    check_problem(ask(stack, '/metrics', source=outside), 'not_found')


@pytest.mark.parametrize('header', ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP'])
def test_a_proxy_on_this_machine_that_nobody_named_does_not_open_the_metrics(stack, header):
    check_problem(ask(stack, '/metrics', **{header: '127.0.0.1'}), 'not_found')


@pytest.mark.parametrize('said', [NEAR, '127.0.0.1', f'127.0.0.1, {NEAR}', f'{NEAR}, 127.0.0.1', '::1', '127.0.0.9', 'unix:'])
def test_a_proxy_of_ours_on_this_machine_does_not_open_the_metrics(proxied, said):
    for source in (PROXY, '127.0.0.1'):
        check_problem(ask(proxied, '/metrics', source=source, X_Forwarded_For=said), 'not_found')
    assert ask(proxied, '/metrics').status == 200


@pytest.mark.parametrize('said', [NEAR, '127.0.0.9', '::1'])
def test_nor_does_one_that_tells_addresses_in_a_header_of_its_own(stack, said):
    with settings(stack, PROXIES='127.0.0.1', REAL_IP_HEADER='X-Its-Client', SCRAPERS=f'127.0.0.0/8 ::1 {NEAR}'):
        check_problem(ask(stack, '/metrics', X_Its_Client=said), 'not_found')


def test_a_scraper_elsewhere_can_be_named_and_nobody(stack):
    with settings(stack, SCRAPERS='127.0.0.5'):
        assert ask(stack, '/metrics', source='127.0.0.5').status == 200
        check_problem(ask(stack, '/metrics'), 'not_found')
    with settings(stack, SCRAPERS=''):
        check_problem(ask(stack, '/metrics'), 'not_found')


def test_a_connection_ends_after_a_thousand_requests(stack):
    """So that memory which lives with a connection is given back, and connections spread anew over the workers."""
    with socket.create_connection(('127.0.0.1', stack.port), 30) as client:
        client.settimeout(30)
        with client.makefile('rb') as answers:
            for number in range(1, 1001):
                client.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
                length = 0
                while (line := answers.readline().strip()):
                    name, _, value = line.lower().partition(b': ')
                    length = int(value) if name == b'content-length' else length
                    assert not (name == b'connection' and value == b'close' and number < 1000), number
                answers.read(length)
            assert answers.read() == b''

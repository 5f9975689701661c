"""Last: was everything that the table promises provoked? (Meant for a whole run.)"""
import pytest

from openapi import STATUS_OF
from routes import load_routes

# Of work that has no route yet.
LATER = {'card_declined', 'pass_required', 'not_your_turn', 'turn_missed', 'gateway_unavailable'}
# nginx's while the workers are away: tests/resilience provokes them.
AWAY = {'bad_gateway', 'gateway_timeout'}
# Written in one transaction: an equal request waits for the first and replays, it never finds it running.
AT_ONCE = {('POST /api/shows/{id}/orders', 'idempotency_in_flight'),
           ('POST /api/me/wallet/charges', 'idempotency_in_flight')}
# Any route can give these in the same way; each is provoked on some route.
ANYWHERE = {'internal', 'unavailable', 'bad_request', 'uri_too_long', 'body_too_large'}


@pytest.fixture(autouse=True)
def whole_run(request):
    files = {item.fspath.basename for item in request.session.items}
    if len(files) < 8:
        pytest.skip('only some of the tests were chosen')


def rows():
    from conftest import PROGRAMS
    return load_routes(PROGRAMS)


def test_every_code_of_a_route_was_provoked_on_it(client):
    missing = [f'{route.name}: {code}' for route in rows() for code in route.codes
               if code not in ANYWHERE and (route.name, code) not in AT_ONCE and not client.codes.get((route.name, code))]
    assert not missing, '\n'.join(missing)


def test_every_code_of_the_table_was_provoked_by_a_named_test(client):
    seen = {code for (_, code), tests in client.codes.items() if any(tests)}
    promised = {code for route in rows() for code in route.codes}
    assert promised <= set(STATUS_OF)
    assert sorted(promised - seen - {'bad_request', 'uri_too_long'}) == []


def test_no_code_beyond_the_table_was_seen(client):
    """Each code that a route gave is one it promises (or nginx's own)."""
    from openapi import GATEWAY
    promised = {route.name: set(route.codes) for route in rows()}
    extra = [f'{name}: {code} in {sorted(tests)[:3]}' for (name, code), tests in sorted(client.codes.items())
             if name in promised and code not in promised[name] | GATEWAY]
    assert not extra, '\n'.join(extra)


def test_every_answer_of_a_route_was_seen(client):
    missing = [f'{route.name}: {row["status"]}' for route in rows() for row in route.answers
               if row['status'] not in client.statuses.get(route.name, ())]
    assert not missing, '\n'.join(missing)


def test_codes_that_nobody_gives_are_of_later_work():
    promised = {code for route in rows() for code in route.codes}
    never = set(STATUS_OF) - promised - AWAY - LATER
    assert never <= {'method_not_allowed', 'headers_too_large', 'rate_limited', 'not_found'}, never

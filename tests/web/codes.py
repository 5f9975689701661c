"""Runs after all tests: was every code and answer of the table provoked? It reads the records of each test process."""
import collections
import glob
import json
import os

import pytest

from conftest import PROGRAMS
from openapi import GATEWAY, STATUS_OF
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


@pytest.fixture(scope='session', autouse=True)
def clean_end():
    """In place of the one for a system: none runs any more."""


@pytest.fixture(scope='module')
def seen():
    """({(route, code): tests}, {route: statuses})"""
    codes, statuses = collections.defaultdict(set), collections.defaultdict(set)
    for path in glob.glob(f'{os.environ["OUT"]}/*/seen.json'):
        with open(path) as file:
            document = json.load(file)
        for route, code, tests in document['codes']:
            codes[(route, code)].update(tests)
        for route, found in document['statuses']:
            statuses[route].update(found)
    assert codes and statuses
    return codes, statuses


def rows():
    return load_routes(PROGRAMS)


def test_every_code_of_a_route_was_provoked_on_it(seen):
    codes, _ = seen
    missing = [f'{route.name}: {code}' for route in rows() for code in route.codes
               if code not in ANYWHERE and (route.name, code) not in AT_ONCE and not codes.get((route.name, code))]
    assert not missing, '\n'.join(missing)


def test_every_code_of_the_table_was_provoked_by_a_named_test(seen):
    given = {code for (_, code), tests in seen[0].items() if any(tests)}
    promised = {code for route in rows() for code in route.codes}
    assert promised <= set(STATUS_OF)
    assert sorted(promised - given - {'bad_request', 'uri_too_long'}) == []


def test_no_code_beyond_the_table_was_seen(seen):
    """Each code that a route gave is one it promises (or nginx's own)."""
    promised = {route.name: set(route.codes) for route in rows()}
    extra = [f'{name}: {code} in {sorted(tests)[:3]}' for (name, code), tests in sorted(seen[0].items())
             if name in promised and code not in promised[name] | GATEWAY]
    assert not extra, '\n'.join(extra)


def test_every_answer_of_a_route_was_seen(seen):
    missing = [f'{route.name}: {row["status"]}' for route in rows() for row in route.answers
               if row['status'] not in seen[1].get(route.name, ())]
    assert not missing, '\n'.join(missing)


def test_codes_that_nobody_gives_are_of_later_work():
    promised = {code for route in rows() for code in route.codes}
    never = set(STATUS_OF) - promised - AWAY - LATER
    assert never <= {'method_not_allowed', 'headers_too_large', 'rate_limited', 'not_found'}, never

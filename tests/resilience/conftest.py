"""One stack, a small load beside each test, and after each test a settled system and a clean audit."""
import os

import pytest

import logs
from load import run_again
from proc import children_of
from running import api, background, client, load, world  # noqa: F401
from stack import Stack

# A payment that nobody works on is settled after a second here, and jobs run when a test says so.
CONFIG = {'server': {'test_routes': 'yes'}, 'batch': {'settle_after_s': 1},
          'pool catalog': {'workers': 2}, 'pool booking': {'workers': 3}, 'pool account': {'workers': 2},
          'pool login': {'workers': 1}, 'pool admin': {'workers': 1}}


@pytest.fixture(scope='session')
def stack():
    services = ('postgresql', 'memcached', 'boxofficed', 'nginx', 'relay')
    with Stack(os.path.join(os.environ['OUT'], 'stack'), os.environ['BUILD'], config=CONFIG, services=services) as stack:
        yield stack


@pytest.fixture
def workers(stack):
    """Pids of the master's children."""
    return lambda: children_of(stack.pid('boxofficed'))


@pytest.fixture(autouse=True)
def settled(stack, world):
    """After each test: everything runs again, what was left behind is settled, the audit is clean."""
    yield
    run_again(stack, world)


# Errors that a test provokes, each as often as it does.
PROVOKED = (r'^not reloaded, .* unknown section$', r'^catalog: child \d+ is stuck for \d+ ms and killed$',
            r'^catalog: child \d+ crashed by signal 11\b', r'^catalog: child \d+ crashed by signal 6\b',
            r'^catalog: child \d+ (exited|ended) .*\b1\b', *(r'^not reloaded, ',) * 6)


@pytest.fixture(scope='session', autouse=True)
def no_errors(stack):
    yield
    logs.check(stack, once=PROVOKED)

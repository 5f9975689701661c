"""One stack, a small load beside each test, and after each a settled system and a clean audit."""
import os
import shutil
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, 'web'), os.path.join(TESTS, 'lib')]

from background import Job  # noqa: E402
from load import check_log, run_again  # noqa: E402
from proc import children_of, stat_of  # noqa: E402
from running import api, client, load, world  # noqa: E402, F401
from stack import Stack  # noqa: E402

# A payment that nobody works on is settled after a second here, and jobs run when a test says so.
CONFIG = {'server': {'test_routes': 'yes'}, 'batch': {'settle_after_s': 1},
          'pool catalog': {'workers': 2}, 'pool booking': {'workers': 3}, 'pool account': {'workers': 2},
          'pool login': {'workers': 1}, 'pool admin': {'workers': 1}}


@pytest.fixture(scope='session')
def stack():
    given = os.environ.get('OUT')
    path = os.path.join(given, 'stack') if given else tempfile.mkdtemp(prefix='boxoffice-resilience-')
    services = ('postgresql', 'memcached', 'boxofficed', 'nginx', 'relay')
    with Stack(path, os.environ['BUILD'], config=CONFIG, services=services) as stack:
        yield stack
    if not given:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def workers(stack):
    """Pids of the master's children."""
    return lambda: [pid for pid in children_of(stack.pid('boxofficed')) if stat_of(pid)]


@pytest.fixture
def background():
    return Job


@pytest.fixture(autouse=True)
def settled(stack, world):
    """After each test: everything runs again, what was left behind is settled, the audit is clean."""
    yield
    run_again(stack, world)


# Errors that a test provokes, each as often as it does.
PROVOKED = (r'^not reloaded, .* unknown section$', r'^catalog: child \d+ is stuck for \d+ ms and killed$',
            r'^catalog: child \d+ crashed by signal 11\b', r'^catalog: child \d+ crashed by signal 6\b',
            r'^catalog: child \d+ (exited|ended) .*\b1\b')


@pytest.fixture(scope='session', autouse=True)
def no_errors(stack):
    yield
    check_log(stack, PROVOKED)

"""One private stack for the whole run. At its end: no secret in a log, no error that no test expected, a
clean audit."""
import json
import os

import pytest

import logs
from routes import load_routes
from running import api, background, client, world  # noqa: F401
from services import UNSYNCED
from stack import SERVICES, Stack
from wait import wait_for

PROGRAMS = os.environ.get('BUILD_ASAN') or os.environ.get('BUILD')
# A system that runs already and is somebody else's (tests/guards).
PORT = os.environ.get('BOXOFFICE_TEST_PORT')


class Expected:
    """Error lines that tests provoke on purpose, by trace id or by message."""

    def __init__(self):
        self.trace_ids = set()
        self.patterns = []


def pytest_generate_tests(metafunc):
    if 'route' in metafunc.fixturenames:
        routes = load_routes(PROGRAMS)
        chosen = getattr(metafunc.function, 'routes', lambda route: True)
        rows = [route for route in routes if chosen(route)]
        metafunc.parametrize('route', rows, ids=[route.name for route in rows])


@pytest.fixture(scope='session')
def stack():
    directory = f'{os.environ["OUT"]}/stack'
    config = {'server': {'test_routes': 'yes'}, 'booking': {'till_networks': '127.0.0.5 192.0.2.0/24'},
              'pool catalog': {'workers': 3}, 'pool booking': {'workers': 4},
              'pool account': {'workers': 2}, 'pool login': {'workers': 2},
              'pool admin': {'workers': 1}}
    # The jobs run when a test says so.
    services = [name for name in SERVICES if name != 'jobs']
    if PORT:
        yield Stack(directory, PROGRAMS, port=int(PORT), config=config, postgres=UNSYNCED, services=services)
        return
    with Stack(directory, PROGRAMS, config=config, postgres=UNSYNCED, services=services) as stack:
        yield stack


@pytest.fixture(scope='session')
def expected():
    return Expected()


@pytest.fixture
def show(world):
    """A show of 24 seats, on sale, of this test alone."""
    return world.show()


@pytest.fixture
def buyer(world):
    return world.user(balance=1000000)


@pytest.fixture
def other(world):
    return world.user(balance=1000000)


@pytest.fixture
def parked(world):
    return world.parked


@pytest.fixture
def waiting(world):
    return world.wait_blocked


@pytest.fixture
def log_line(stack):
    """The request line of an answer, once it is written."""
    def find(answer):
        def look():
            with open(stack.log_path('boxoffice'), errors='replace') as file:
                lines = [json.loads(line) for line in file if answer.trace_id in line]
            return [line for line in lines if line.get('msg') == 'request']
        lines = wait_for(look, 3, f'a line with {answer.trace_id}')
        assert len(lines) == 1, lines
        return lines[0]
    return find


# --- the end of the session

@pytest.fixture(scope='session', autouse=True)
def clean_end(stack, client, expected):
    """What holds for every log of the run and for the data it leaves."""
    yield
    if PORT:
        return
    with open(f'{os.environ["OUT"]}/seen.json', 'w') as file:   # for codes.py
        json.dump({'codes': [[*answer, sorted(tests)] for answer, tests in client.codes.items()],
                   'statuses': [[name, sorted(statuses)] for name, statuses in client.statuses.items()]}, file)
    problems = []
    stack.run('boxoffice-settle-payments')
    stack.run('boxoffice-release-holds')
    stack.run('boxoffice-open-close-shows')
    audit = stack.run('boxofficectl', 'audit', check=False)
    if audit.returncode != 0:
        problems.append(f'audit: {audit.stdout}{audit.stderr}')
    stack.stop('boxofficed')        # what the sanitizers have to say at exit is in the log then
    problems += logs.breaches(stack, client.secrets, allowed=expected.patterns, trace_ids=expected.trace_ids)
    assert not problems, '\n'.join(problems[:40])

"""One private stack for the whole run, and what is asked of it at the end: no secret in a log, no
error that no test expected, a clean audit."""
import contextlib
import glob
import json
import os
import re
import shutil
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), 'lib')]

from background import Job  # noqa: E402
from client import Client, wait_for  # noqa: E402
from openapi import Contract  # noqa: E402
from routes import load_routes  # noqa: E402
from running import api, world  # noqa: E402, F401
from stack import SERVICES, Stack  # noqa: E402

PROGRAMS = os.environ.get('BUILD_ASAN') or os.environ.get('BUILD')
# A system that runs already and is somebody else's (tests/guards).
PORT = os.environ.get('BOXOFFICE_TEST_PORT')


class Expected:
    """Error lines that tests provoke on purpose, by trace id or by text."""

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
def directory():
    """Below $OUT, where the runner keeps it for the one who looks into a failure."""
    given = os.environ.get('OUT')
    path = os.path.join(given, 'stack') if given else tempfile.mkdtemp(prefix='boxoffice-web-')
    yield path
    if not given:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope='session')
def stack(directory):
    config = {'server': {'test_routes': 'yes'},
              'pool catalog': {'workers': 3}, 'pool booking': {'workers': 4},
              'pool account': {'workers': 2}, 'pool login': {'workers': 2},
              'pool admin': {'workers': 1}}
    # The jobs run when a test says so.
    services = [name for name in SERVICES if name != 'jobs']
    if PORT:
        yield Stack(directory, PROGRAMS, port=int(PORT), config=config, services=services)
        return
    with Stack(directory, PROGRAMS, config=config, services=services) as stack:
        yield stack


@pytest.fixture(scope='session')
def expected():
    return Expected()


@pytest.fixture(scope='session')
def client(stack):
    client = Client(stack.port)
    answer = client.get('/api/openapi.json')
    assert answer.status == 200, answer
    client.contract = Contract(answer.json())
    client.note('GET', '/api/openapi.json', answer)
    return client


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
    """Holds the lock of a statement in a transaction of its own until released:

        with parked('SELECT … FOR UPDATE', id): …
    """
    @contextlib.contextmanager
    def park(text, *values):
        connection = world.connect()
        connection.autocommit = False
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, values)
            yield
        finally:
            connection.rollback()
            connection.close()
    return park


@pytest.fixture
def background():
    return Job


@pytest.fixture
def waiting(world):
    """Waits until a session of the application waits for a lock."""
    def wait(count=1):
        wait_for(lambda: world.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                   "AND usename = 'boxoffice_app'")[0][0] >= count,
                 5, 'a worker waits for the lock')
    return wait


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

def log_files(stack):
    return [path for path in glob.glob(f'{stack.state}/log/*') if os.path.isfile(path)]


@pytest.fixture(scope='session', autouse=True)
def clean_end(request, stack, client, expected):
    """What holds for every log of the run and for the data it leaves."""
    yield
    if PORT:
        return
    problems = []
    stack.run('boxoffice-settle-payments')
    stack.run('boxoffice-release-holds')
    stack.run('boxoffice-open-close-shows')
    audit = stack.run('boxofficectl', 'audit', check=False)
    if audit.returncode != 0:
        problems.append(f'audit: {audit.stdout}{audit.stderr}')
    stack.stop('boxofficed')        # what the sanitizers have to say at exit is in the log then
    secrets = {text.lower() for text in client.secrets}
    short = [text for text in secrets if len(text) < 40 and '@' not in text]
    for path in log_files(stack):
        with open(path, errors='replace') as file:
            for number, line in enumerate(file, 1):
                where = f'{path}:{number}'
                text = line.lower()
                # Whole words for the many, anywhere for passwords and for what tokens begin with.
                if not secrets.isdisjoint(re.split(r'[^a-z0-9@._+-]+', text)) or 'eyj' in text \
                        or '@example.test' in text or any(secret in text for secret in short):
                    problems.append(f'{where}: a secret in the log')
                if re.search('AddressSanitizer|runtime error:|LeakSanitizer', line):
                    problems.append(f'{where}: {line.strip()[:500]}')
                if path.endswith('boxoffice.log'):
                    problems += check_line(line, where, expected)
    assert not problems, '\n'.join(problems[:40])


def check_line(line, where, expected):
    try:
        members = json.loads(line)
    except ValueError:
        return [f'{where}: no JSON: {line[:300]}']
    if members.get('level') != 'error' or members.get('trace_id') in expected.trace_ids:
        return []
    if any(re.search(pattern, line) for pattern in expected.patterns):
        return []
    return [f'{where}: an error that no test expects: {line.strip()[:500]}']

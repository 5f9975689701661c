"""A private PostgreSQL with the demo season. Of our programs only those run that a test starts."""
import os
import shutil
import signal
import subprocess
import time
import uuid

import psycopg2
import pytest

import query
from season import Season
from services import UNSYNCED
from stack import Stack

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = {'batch': {'settle_after_s': 1}, 'relay': {'poll_ms': 50, 'recount_ms': 100, 'retry_min_ms': 100, 'retry_max_ms': 400,
                                                   'retry_tries': 4}}


class Database:
    """Connections to the stack's database, each statement its own transaction unless asked for. rows() and value()
    use one for each role and database; a test that needs a session of its own connects."""

    def __init__(self, stack):
        self.stack = stack
        self.open, self.kept = [], {}

    def connect(self, role='owner', database=None, autocommit=True):
        dsn = self.stack.dsn(role)
        connection = psycopg2.connect(dsn + f' dbname={database}' if database else dsn)
        connection.autocommit = autocommit
        connection.cursor().execute("SET search_path = ''; SET statement_timeout = '20s'")
        if not autocommit:
            connection.commit()
        self.open.append(connection)
        return connection

    def close(self):
        """Whatever a test left open, its locks included."""
        self.kept = {}
        while self.open:
            self.open.pop().close()

    def rows(self, text, *values, role='owner', database=None):
        where = role, database
        if where not in self.kept or self.kept[where].closed:
            self.kept[where] = self.connect(role, database)
        with self.kept[where].cursor() as cursor:
            return query.run(cursor, text, values)

    def value(self, text, *values, **where):
        return self.rows(text, *values, **where)[0][0]

    def create(self, name, ctype='C.UTF-8', encoding='UTF8'):
        self.stack.psql('-c', f'DROP DATABASE IF EXISTS {name}', '-c',
                        f"CREATE DATABASE {name} OWNER boxoffice_owner TEMPLATE template0 "
                        f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE '{ctype}'",
                        '-c', f'REVOKE ALL ON DATABASE {name} FROM PUBLIC',
                        '-c', f'GRANT CONNECT ON DATABASE {name} TO boxoffice_app, boxoffice_batch, boxoffice_read', database='postgres')

    def copy(self, name, template):
        self.stack.psql('-c', f'CREATE DATABASE {name} OWNER boxoffice_owner TEMPLATE {template}', database='postgres')


@pytest.fixture(scope='session')
def stack():
    with Stack(f'{os.environ["OUT"]}/stack', os.environ['BUILD'], config=CONFIG, postgres=UNSYNCED,
               services=('postgresql',)) as stack:
        began = time.monotonic()
        stack.run('boxofficectl', 'demo', 'load', '--yes')
        stack.load_s = time.monotonic() - began
        yield stack


@pytest.fixture(scope='session')
def filled(stack, tmp_path_factory):
    """Name of a database as plans.sql fills it, without statistics: to be copied."""
    name = 'filled'
    Database(stack).create(name)
    conf = tmp_path_factory.mktemp(name) / 'boxoffice.conf'
    with open(stack.conf) as file:
        conf.write_text(file.read().replace('dbname=boxoffice ', f'dbname={name} '))
    stack.run('boxofficectl', '--config', str(conf), 'db', 'migrate')
    stack.psql('-1', '-f', f'{HERE}/plans.sql', database=name, user='boxoffice_owner')
    # Nobody connects to it any more, autovacuum neither.
    stack.psql('-c', f'ALTER DATABASE {name} ALLOW_CONNECTIONS false', database='postgres')
    return name


@pytest.fixture
def db(stack):
    database = Database(stack)
    yield database
    database.close()


@pytest.fixture
def season(db):
    return Season(db)


@pytest.fixture
def start(stack):
    """start(program, *arguments): a process of ours, ended with the test, and with it what it has asked the server for."""
    running, names = [], set()

    def begin(program, *arguments):
        names.add(program)
        process = stack.launch(program, *arguments, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process
    yield begin
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()
    if names:
        query.rows(Database(stack).connect('postgres'), 'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity'
                   ' WHERE application_name = ANY (%s)', [list(names)])


@pytest.fixture
def other(stack, db, tmp_path):
    """A second, empty database with a copy of sql/ that a test may change: run(*arguments) → result."""
    name = f'other_{uuid.uuid4().hex[:8]}'
    db.create(name)
    sql = tmp_path / 'sql'
    shutil.copytree(f'{stack.source}/sql', sql)
    text = open(stack.conf).read().replace('dbname=boxoffice ', f'dbname={name} ')
    (tmp_path / 'boxoffice.conf').write_text(
        '\n'.join(f'sql_dir = {sql}' if line.startswith('sql_dir') else line for line in text.split('\n')))

    class Other:
        folder, database, conf = sql, name, str(tmp_path / 'boxoffice.conf')

        def run(self, *arguments, **options):
            return subprocess.run([f'{stack.programs}/boxofficectl', '--config', self.conf, *arguments],
                                  capture_output=True, text=True, env=stack.environment(), **options)
    yield Other()
    stack.psql('-c', f'DROP DATABASE {name} WITH (FORCE)', database='postgres')

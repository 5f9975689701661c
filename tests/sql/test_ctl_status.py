"""boxofficectl db status: whether these programs work on the schema, in words and as a number that scripts test."""
import os
import re
import socket
import time

import pytest

FITS, FAILED, OLDER, NONE, UNREACHABLE = 0, 1, 3, 4, 5


@pytest.fixture
def status(stack, tmp_path):
    """status(word, by): db status with a configuration whose text has `by` for `word`."""
    def run(word, by, *arguments):
        conf = tmp_path / 'another.conf'
        conf.write_text(re.sub(word, by, open(stack.conf).read(), flags=re.M))
        return stack.run('boxofficectl', '--config', str(conf), 'db', 'status', *arguments, check=False, timeout=20)
    return run


def test_a_schema_of_the_same_version_fits(stack):
    done = stack.run('boxofficectl', 'db', 'status')
    assert (done.returncode, done.stderr) == (FITS, '')
    newest = max(os.listdir(f'{stack.source}/sql/migrations'))
    numbers = re.findall(r'schema (\d+)', done.stdout)
    assert numbers == [str(int(newest[:4]))] * 3 and done.stdout.endswith('\nthe schema fits these programs\n')
    assert f'applied  migration  {newest}' in done.stdout


def test_an_older_schema_is_told_from_one_that_fits(other, db):
    assert other.run('db', 'migrate').returncode == 0
    newest = db.value('DELETE FROM ops.migrations WHERE version = (SELECT max(version) FROM ops.migrations) RETURNING name',
                      database=other.database)
    done = other.run('db', 'status')
    assert done.returncode == OLDER and 'db migrate' in done.stderr
    assert f'the schema is at {int(newest[:4]) - 1} and these programs need {int(newest[:4])}' in done.stderr
    assert f'due      migration  {newest}' in done.stdout


def test_older_functions_of_the_same_version_are_an_older_schema(other, db):
    assert other.run('db', 'migrate').returncode == 0
    db.rows("UPDATE ops.functions SET checksum = 'x' WHERE name = '00_util.sql'", database=other.database)
    done = other.run('db', 'status')
    assert done.returncode == OLDER and '00_util.sql' in done.stderr and 'db migrate' in done.stderr
    assert other.run('db', 'migrate').returncode == 0
    assert other.run('db', 'status').returncode == FITS


def test_programs_on_the_schema_of_a_later_version_fit(other, db):
    """After `db migrate` with the files of the next version, and on after their files are put back to this version's."""
    number = int(max(os.listdir(other.folder / 'migrations'))[:4]) + 1
    later = other.folder / 'migrations' / f'{number:04}_later.sql'
    assert other.run('db', 'migrate').returncode == 0
    later.write_text('CREATE TABLE util.later (a int);')
    with open(other.folder / 'functions' / '00_util.sql', 'a') as file:
        file.write("COMMENT ON FUNCTION util.unix IS 'another';\n")
    done = other.run('db', 'status')
    assert done.returncode == FITS and f'due      migration  {later.name}' in done.stdout
    assert other.run('db', 'migrate').returncode == 0
    done = other.run('db', 'status')
    assert (done.returncode, done.stderr) == (FITS, '') and 'later version' in done.stdout
    os.unlink(later)
    done = other.run('db', 'status')
    assert (done.returncode, done.stderr) == (FITS, '') and f'unknown  migration  {later.name}' in done.stdout


def test_a_changed_migration_does_not_fit(other):
    assert other.run('db', 'migrate').returncode == 0
    with open(other.folder / 'migrations' / '0003_account.sql', 'a') as file:
        file.write('-- a word\n')
    done = other.run('db', 'status')
    assert done.returncode == FAILED and '0003_account.sql was changed' in done.stderr


def test_a_database_without_the_schema_has_a_number_of_its_own(other, db):
    done = other.run('db', 'status')
    assert done.returncode == NONE and 'db migrate' in done.stderr
    # A first migration that failed leaves its records empty.
    (other.folder / 'functions' / 'zz.sql').write_text('SELECT nothing;\n')
    assert other.run('db', 'migrate').returncode == FAILED
    assert db.value("SELECT to_regclass('ops.migrations') IS NOT NULL", database=other.database)
    assert other.run('db', 'status').returncode == NONE


def test_a_database_that_is_not_there_has_the_number_of_an_empty_one(status):
    done = status('^dsn = .*dbname=boxoffice ', r'\g<0> dbname=nowhere ')
    assert done.returncode == NONE and 'nowhere' in done.stderr and done.stderr.count('\n') == 1


def test_a_server_that_is_away_or_refuses_has_a_number_of_its_own(stack, status):
    for by in ('dsn = host=/nowhere dbname=boxoffice', f'dsn = host={stack.socket_dir} dbname=boxoffice user=nobody_at_all'):
        done = status('^dsn = .*', by)
        assert done.returncode == UNREACHABLE and 'could not connect' in done.stderr and done.stderr.count('\n') == 1


def test_a_server_that_hangs_is_given_up_in_time(status):
    """It takes the connection and never answers: as a stopped process does."""
    with socket.create_server(('127.0.0.1', 0)) as server:
        began = time.monotonic()
        done = status('^dsn = .*', f'dsn = host=127.0.0.1 port={server.getsockname()[1]} dbname=boxoffice', '--timeout', '1')
        assert done.returncode == UNREACHABLE and 'no answer in time' in done.stderr
        assert time.monotonic() - began < 3


def test_a_table_that_is_locked_does_not_keep_it_waiting(other, db):
    assert other.run('db', 'migrate').returncode == 0
    locker = db.connect(database=other.database, autocommit=False)
    locker.cursor().execute('LOCK TABLE ops.migrations')
    began = time.monotonic()
    done = other.run('db', 'status', '--timeout', '1')
    assert done.returncode == UNREACHABLE and time.monotonic() - began < 3


def test_reading_is_enough_for_it(other, db, stack, tmp_path):
    """The role for statistics, in a transaction that can only read."""
    assert other.run('db', 'migrate').returncode == 0
    conf = tmp_path / 'reader.conf'
    conf.write_text(re.sub('user=boxoffice_(app|batch|owner)', 'user=boxoffice_read options=-cdefault_transaction_read_only=on',
                           open(other.conf).read()))
    other.conf = str(conf)
    done = other.run('db', 'status')
    assert (done.returncode, done.stderr) == (FITS, '')

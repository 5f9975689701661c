"""boxofficectl db check: each rule about server, roles and connections, broken once."""
import re

import pytest

# The cluster of this stage does not sync (services.py), which one rule is against.
CALM = ('db', 'check', '--except', 'durability')


@pytest.fixture
def checked(other, db):
    """A migrated database of its own: checked(*arguments) → result."""
    assert other.run('db', 'migrate').returncode == 0

    def check(*arguments):
        return other.run(*(arguments or CALM))
    check.other, check.database = other, other.database
    return check


def rules(done):
    """Names of the rules that were told as broken."""
    return [line.split(': ')[1] for line in done.stderr.splitlines()]


def change(other, pattern, by):
    text = re.sub(pattern, by, open(other.conf).read(), flags=re.M)
    with open(other.conf, 'w') as file:
        file.write(text)


def test_a_server_as_the_packages_set_it_up_is_right(checked):
    done = checked()
    assert (done.returncode, done.stdout, done.stderr) == (0, 'the database is right\n', '')


def test_what_is_unwise_is_told_with_what_to_do(checked):
    done = checked('db', 'check')
    assert done.returncode == 1 and done.stdout == ''
    assert done.stderr == ('boxofficectl: durability: fsync is off, full_page_writes is off (owner_dsn): a sale that was paid is lost'
                           ' with the power: turn it on\n')


def test_an_exception_that_is_no_rule_is_refused(checked):
    done = checked('db', 'check', '--except', 'durabillity')
    assert done.returncode == 1 and 'there is no rule durabillity' in done.stderr


@pytest.mark.parametrize('setting, rule', [
    ("log_statement = 'all'", 'log'), ("log_min_error_statement = 'error'", 'log'), ("log_error_verbosity = 'default'", 'log'),
    ('log_parameter_max_length = -1', 'log'), ('log_parameter_max_length_on_error = -1', 'log'),
    ('track_counts = off', 'autovacuum')])
def test_a_setting_of_the_server_is_judged(checked, stack, setting, rule):
    stack.psql('-c', f'ALTER DATABASE {checked.database} SET {setting}', database='postgres')
    done = checked()
    assert done.returncode == 1 and rules(done) == [rule] and setting.split()[0] in done.stderr


def test_a_setting_of_one_role_is_found(checked, stack):
    """The owner's session would not show it."""
    stack.psql('-c', f'ALTER ROLE boxoffice_batch IN DATABASE {checked.database} SET synchronous_commit = off', database='postgres')
    assert rules(checked('db', 'check', '--except', 'log')) == ['durability']
    stack.psql('-c', f'ALTER ROLE boxoffice_app IN DATABASE {checked.database} SET log_statement = ddl', database='postgres')
    done = checked()
    assert rules(done) == ['log'] and 'log_statement is ddl (dsn)' in done.stderr


def test_what_a_session_should_begin_with_is_judged(db, stack):
    """A pooler may drop it. What comes from a connection string cannot: the programs send theirs behind it."""
    text = open(f'{stack.source}/sql/reads/ops/server.sql').read().replace('$1', '10').replace('$2', 'true')
    with db.connect().cursor() as cursor:
        for setting, is_right in (("TimeZone = 'UTC'", True), ("TimeZone = 'Asia/Seoul'", False)):
            cursor.execute(f"SET jit = off; SET client_encoding = 'UTF8'; SET {setting}")
            cursor.execute(text)
            assert {row[0]: row[1] for row in cursor.fetchall()}['session'] is is_right


def test_workers_for_whom_there_is_no_room_are_counted(checked):
    """max_connections is 100: twice the workers and eight more must find a place."""
    for pool in ('catalog', 'booking', 'account', 'login', 'admin'):
        change(checked.other, rf'(\[pool {pool}\]\n(?:.+\n)*?workers = )\d+', r'\g<1>12')
    done = checked()
    assert done.returncode == 1 and rules(done) == ['connections']
    assert f'this host takes up to {2 * 5 * 12 + 8} ' in done.stderr


def test_a_limit_of_the_database_counts(checked, stack):
    stack.psql('-c', f'ALTER DATABASE {checked.database} CONNECTION LIMIT 10', database='postgres')
    done = checked()
    assert rules(done) == ['connections'] and '10 connections are free' in done.stderr


def test_powers_of_a_role_are_found(checked, stack):
    try:
        stack.psql('-c', 'ALTER ROLE boxoffice_app CREATEROLE', '-c', 'ALTER ROLE boxoffice_read NOLOGIN', database='postgres')
        done = checked()
        assert rules(done) == ['roles'] and 'boxoffice_app has powers' in done.stderr and 'boxoffice_read may not log in' in done.stderr
    finally:
        stack.psql('-c', 'ALTER ROLE boxoffice_app NOCREATEROLE', '-c', 'ALTER ROLE boxoffice_read LOGIN', database='postgres')


def test_a_service_that_is_or_can_become_the_owner_is_found(checked, stack):
    """Who breaks into the service could then change balances."""
    try:
        stack.psql('-c', 'GRANT boxoffice_owner TO boxoffice_app', database='postgres')
        assert rules(checked()) == ['role']
    finally:
        stack.psql('-c', 'REVOKE boxoffice_owner FROM boxoffice_app', database='postgres')
    change(checked.other, '^(batch_dsn = .*)user=boxoffice_batch', r'\1user=boxoffice_owner')
    done = checked()
    assert rules(done) == ['role'] and 'this connection of boxoffice_owner (batch_dsn)' in done.stderr


def test_an_owner_that_is_not_is_found(checked, stack):
    stack.psql('-c', f'ALTER DATABASE {checked.database} OWNER TO postgres',
               '-c', f'GRANT CONNECT ON DATABASE {checked.database} TO boxoffice_owner', database='postgres')
    done = checked()
    assert rules(done) == ['role'] and 'this connection of boxoffice_owner (owner_dsn)' in done.stderr


def test_a_database_for_everybody_is_found(checked, stack):
    stack.psql('-c', f'GRANT CONNECT ON DATABASE {checked.database} TO PUBLIC', database='postgres')
    assert rules(checked()) == ['database']


@pytest.mark.parametrize('parameter', ['dsn', 'batch_dsn', 'read_dsn'])
def test_a_role_that_is_not_let_in_is_named(checked, parameter):
    change(checked.other, f'^{parameter} = .*\n', '')
    change(checked.other, r'^\[database\]\n', f'[database]\n{parameter} = host=/nowhere dbname=boxoffice\n')
    done = checked()
    assert done.returncode == 1 and rules(done) == [parameter] and 'pg_hba.conf' in done.stderr


def test_a_connection_string_for_reads_may_lead_to_the_role_for_statistics(checked, stack):
    change(checked.other, r'^\[database\]\n', f'[database]\nread_dsn = host={stack.socket_dir} dbname={checked.database} user=boxoffice_read\n')
    assert checked().returncode == 0


def test_a_server_can_be_looked_at_before_it_has_the_schema(other, stack):
    stack.psql('-c', f"ALTER DATABASE {other.database} SET log_statement = 'all'", database='postgres')
    done = other.run(*CALM)
    assert done.returncode == 4 and 'log_statement is all' in done.stderr and 'db migrate' in done.stderr

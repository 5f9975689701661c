"""Who may do what in the database, all of it: rights.txt is the list, and what is not in it must not be."""
import os
import pwd
import re
import subprocess
import uuid

import pytest

import services

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = ['account', 'directory', 'listing', 'log', 'ops', 'show', 'util']
ROLES = ('app', 'batch', 'read')
# A name of a column that is somebody's, or opens something. The address of a venue is neither.
PERSONAL = re.compile(r'e?mail|phone|password|secret|token|hash|fingerprint|address|agent')
PUBLIC_WORDS = {'directory.venues.address'}


def written():
    """{name: {role: text}} of tables and sequences, {function: roles} of those that are no case of the rule."""
    objects, functions = {}, {}
    with open(f'{HERE}/rights.txt', encoding='utf-8') as file:
        for line in file:
            words = line.partition('#')[0].split()
            if not words:
                continue
            if words[0] == 'function':
                functions[words[1]] = set(words[2:])
                continue
            assert words[1] not in objects, f'{words[1]} stands twice'
            objects[words[1]] = dict(word.split('=', 1) for word in words[2:])
    return objects, functions


def granted(db):
    """{name: {role: text}} as the catalogue has it. A right on some columns names them: INSERT(a,b)."""
    found = {}
    for name, role, rights in db.rows("""
            SELECT c.oid::regclass::text, g.role, string_agg(g.privilege || coalesce('(' || g.columns || ')', ''), ',' ORDER BY g.privilege, g.columns)
            FROM pg_class AS c CROSS JOIN LATERAL (
                SELECT a.grantee, a.privilege_type AS privilege, NULL AS columns FROM aclexplode(c.relacl) AS a
                UNION ALL
                SELECT a.grantee, a.privilege_type, string_agg(t.attname, ',' ORDER BY t.attnum) FROM pg_attribute AS t, aclexplode(t.attacl) AS a
                WHERE t.attrelid = c.oid GROUP BY 1, 2) AS w
            CROSS JOIN LATERAL (SELECT w.privilege, w.columns,
                CASE w.grantee WHEN 0 THEN 'PUBLIC' ELSE replace(w.grantee::regrole::text, 'boxoffice_', '') END AS role) AS g
            WHERE c.relnamespace::regnamespace::text = ANY (%s) AND g.role <> 'owner'
            GROUP BY 1, 2""", OURS):
        found.setdefault(name, {})[role] = rights
    for name, in db.rows("""SELECT oid::regclass::text FROM pg_class
            WHERE relnamespace::regnamespace::text = ANY (%s) AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND NOT relispartition""", OURS):
        found.setdefault(name, {})
    return found


def test_every_role_has_the_rights_that_are_written_down_and_no_other(db):
    objects, found = written()[0], granted(db)
    lines = [f'{"new" if name not in objects else "differs"}: {name} {" ".join(f"{r}={t}" for r, t in sorted(rights.items()))}'
             for name, rights in sorted(found.items()) if objects.get(name) != rights]
    lines += [f'gone: {name}' for name in sorted(set(objects) - set(found))]
    assert not lines, 'rights.txt and the database differ:\n' + '\n'.join(lines)


def test_nothing_of_a_person_is_readable_by_the_reading_role(db):
    """By the names of the columns, so that a new table is found too, and by what is in them."""
    readable = db.rows("""
        SELECT n.nspname || '.' || c.relname, array_agg(a.attname::text ORDER BY a.attnum)
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY (%s) AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
            AND has_column_privilege('boxoffice_read', c.oid, a.attnum, 'SELECT') GROUP BY 1""", OURS)
    assert len(readable) > 15
    personal = {f'{table}.{column}' for table, columns in readable for column in columns if PERSONAL.search(column)}
    assert personal - PUBLIC_WORDS == set()
    found = set()
    for table, columns in readable:
        for column in columns:
            if db.value(f"SELECT EXISTS (SELECT FROM {table} WHERE {column}::text ~* '@(example\\.org|boxoffice\\.example)')", role='read'):
                found.add(f'{table}.{column}')
    assert found == set()
    assert db.value("SELECT count(*) FROM account.users WHERE email ~* '@(example\\.org|boxoffice\\.example)'") > 20


def functions(db):
    return db.rows("""
        SELECT n.nspname || '.' || p.proname, p.provolatile <> 'v', p.prosecdef, coalesce(p.proconfig::text, ''),
            ARRAY(SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE replace(a.grantee::regrole::text, 'boxoffice_', '') END
                FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a WHERE a.grantee <> p.proowner)
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = ANY (%s)""", OURS)


def test_every_function_may_be_called_by_whom_the_rule_or_the_list_says(db):
    """The rule: requests call what writes, and all roles what cannot write. Nothing is for everybody."""
    listed = written()[1]
    wrong, seen = {}, set()
    for name, is_reading, _, _, roles in functions(db):
        seen.add(name)
        rule = set() if name.startswith('ops.') else {'app'} | ({'batch', 'read'} if is_reading else set())
        if set(roles) != listed.get(name, rule):
            wrong[name] = roles
    assert wrong == {}
    assert set(listed) - seen == set()


def test_only_the_wallet_the_days_of_the_log_and_what_deletes_run_as_the_owner(db):
    found = {name: config for name, _, is_definer, config, _ in functions(db) if is_definer}
    assert set(found) == {'account.wallet_charge', 'account.wallet_debit', 'account.wallet_refund', 'account.wallet_void',
                          'log.partition_drop', 'log.partitions_make', 'account.sessions_prune', 'account.signups_end',
                          'show.holds_prune', 'show.show_draft_delete'}
    # Else whoever calls could put a table or operator of his own in the way.
    assert {name for name, config in found.items() if '"search_path=pg_catalog, pg_temp"' not in config} == set()


def test_what_is_made_later_is_for_nobody_at_first(db):
    owner = db.connect(autocommit=False)
    cursor = owner.cursor()
    cursor.execute("""CREATE FUNCTION show.later() RETURNS int LANGUAGE sql RETURN 1; CREATE TYPE show.later AS ENUM ('a');
        CREATE TABLE show.later_rows (a int); CREATE SEQUENCE show.later_numbers;
        SELECT r, has_function_privilege(r, 'show.later()', 'EXECUTE'), has_type_privilege(r, 'show.later', 'USAGE'),
            has_table_privilege(r, 'show.later_rows', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'),
            has_sequence_privilege(r, 'show.later_numbers', 'USAGE, SELECT, UPDATE')
        FROM unnest(ARRAY['boxoffice_app', 'boxoffice_batch', 'boxoffice_read']) AS r""")
    assert {row[1:] for row in cursor.fetchall()} == {(False, False, False, False)}
    owner.rollback()


def test_a_function_gets_its_rights_with_the_migration_that_makes_it(other, db):
    """Whatever the files of functions say: the file of rights comes behind them, also when it was applied before."""
    assert other.run('db', 'migrate').returncode == 0
    (other.folder / 'functions' / 'zz.sql').write_text("""
        CREATE FUNCTION show.zz_new(p int) RETURNS int LANGUAGE sql VOLATILE RETURN p;
        CREATE FUNCTION show.zz_look(p int) RETURNS int LANGUAGE sql STABLE RETURN p;
        GRANT EXECUTE ON FUNCTION show.zz_new, log.cursors_rebase TO PUBLIC;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA show TO boxoffice_app, boxoffice_read;
        REVOKE EXECUTE ON FUNCTION show.hold_take FROM boxoffice_app;""")
    assert other.run('db', 'migrate').returncode == 0
    may = {name: roles for name, roles in db.rows("""
        SELECT p.proname, array_agg(r ORDER BY r) FILTER (WHERE has_function_privilege('boxoffice_' || r, p.oid, 'EXECUTE'))
        FROM pg_proc AS p, unnest(ARRAY['app', 'batch', 'read']) AS r
        WHERE p.proname IN ('zz_new', 'zz_look', 'cursors_rebase', 'hold_take', 'shows_write_down') GROUP BY 1""", database=other.database)}
    assert may == {'zz_new': ['app'], 'zz_look': ['app', 'batch', 'read'], 'cursors_rebase': None, 'hold_take': ['app'],
                   'shows_write_down': ['batch']}


def test_no_file_of_functions_gives_rights(stack):
    folder = f'{stack.source}/sql/functions'
    assert [name for name in sorted(os.listdir(folder)) if re.search(r'^\s*(GRANT|REVOKE)\b', open(f'{folder}/{name}').read(), re.M)] == []


def test_schemas_and_the_database_are_for_our_roles_alone(db):
    assert set(db.rows("""
        SELECT n.nspname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, a.privilege_type
        FROM pg_namespace AS n, aclexplode(n.nspacl) AS a WHERE n.nspname = ANY (%s) AND a.grantee <> n.nspowner""", OURS)) == {
            (schema, f'boxoffice_{role}', 'USAGE') for schema in OURS for role in ROLES}
    assert set(db.rows("""SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, a.privilege_type
        FROM pg_database AS d, aclexplode(d.datacl) AS a WHERE d.datname = current_database() AND a.grantee <> d.datdba""")) == {
            (f'boxoffice_{role}', 'CONNECT') for role in ROLES}


def test_the_roles_of_the_programs_own_nothing_and_are_in_nobody(db):
    names = ['boxoffice_app', 'boxoffice_batch', 'boxoffice_read']
    assert db.rows('SELECT rolname FROM pg_roles WHERE (rolname = ANY (%s) OR rolname = \'boxoffice_owner\')'
                   ' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)', names) == []
    assert db.rows('SELECT roleid::regrole FROM pg_auth_members WHERE member::regrole::text = ANY (%s)', names) == []
    assert db.rows("SELECT count(*) FROM pg_class WHERE relowner::regrole::text = ANY (%s)", names) == [(0,)]


@pytest.mark.parametrize('role', ['app', 'batch'])
@pytest.mark.parametrize('statement', [
    "UPDATE account.users SET role = 'admin'", "UPDATE account.users SET password_hash = 'x'", "UPDATE account.users SET email = 'x@y'",
    "INSERT INTO account.users (user_id, email, password_hash, name, role) VALUES (gen_random_uuid(), 'x@y', 'x', 'x', 'admin')",
    'UPDATE account.wallets SET balance = balance + 1', 'INSERT INTO account.wallets (user_id, balance) VALUES (gen_random_uuid(), 1)',
    "INSERT INTO account.ledger (user_id, entry_no, account, kind, amount) VALUES (gen_random_uuid(), 1, 'wallet', 'charge', 1)",
    "SELECT account.ledger_post(gen_random_uuid(), 'charge', 'funding', 1, NULL, NULL, NULL)",
    "SELECT account.user_change_by_staff(gen_random_uuid(), 'admin', NULL, 1, 'x', NULL)",
    'DELETE FROM show.tickets', 'DELETE FROM show.payments', 'DELETE FROM show.orders', 'DELETE FROM show.holds', 'DELETE FROM show.seats',
    'DELETE FROM show.shows', 'DELETE FROM account.users', 'DELETE FROM account.wallets', 'DELETE FROM account.sessions'])
def test_no_program_makes_staff_or_money_or_forgets_what_was_sold(db, role, statement):
    with pytest.raises(Exception, match='permission denied'):
        db.rows(statement, role=role)


@pytest.mark.parametrize('statement', [
    "SELECT account.wallet_charge(gen_random_uuid(), 1, '/x', 'k', 'x', NULL)", 'SELECT show.hold_take(1, gen_random_uuid(), gen_random_uuid(), ARRAY[0], NULL)',
    "SELECT account.wallet_debit(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 1, NULL)",
    'SELECT show.show_cancel(1, gen_random_uuid(), NULL, NULL)', "INSERT INTO show.shows (show_id) VALUES (1)", 'UPDATE show.grades SET price = 1',
    'UPDATE show.shows SET cancelled_at = NULL', 'SELECT password_hash FROM account.users', 'SELECT token_hash FROM account.refresh_tokens',
    'DELETE FROM account.revocations', 'UPDATE account.sessions SET revoked_at = NULL', 'DELETE FROM show.blocks'])
def test_the_jobs_sell_nothing_charge_nothing_and_log_nobody_in(db, statement):
    with pytest.raises(Exception, match='permission denied'):
        db.rows(statement, role='batch')


def test_what_deletes_as_the_owner_deletes_only_what_is_over(db, season):
    """Whatever a program asks for: a published show, a bought hold, a session and an account that was looked at stay."""
    look = '''SELECT (SELECT count(*) FROM account.users), (SELECT count(*) FROM account.wallets), (SELECT count(*) FROM account.sessions),
        (SELECT count(*) FROM account.refresh_tokens), (SELECT count(*) FROM pg_inherits), (SELECT count(*) FROM show.shows), (SELECT count(*) FROM show.seats),
        (SELECT count(*) FROM show.holds WHERE state IN ('active', 'paying', 'confirmed'))'''
    statements = ('SELECT account.signups_end(ARRAY(SELECT user_id FROM account.users), ARRAY[]::uuid[], 0)',
                  'SELECT account.sessions_prune(ARRAY(SELECT user_id FROM account.sessions), ARRAY(SELECT session_id FROM account.sessions), -1000000000)',
                  'SELECT log.partition_drop(-30)',
                  'SELECT show.holds_prune(ARRAY(SELECT show_id FROM show.holds), ARRAY(SELECT hold_id FROM show.holds), 0)',
                  'SELECT show.show_draft_delete(show_id) FROM show.shows')

    def ask():
        for statement in statements:
            db.rows(statement, role='batch')
    # What other tests have left behind and is over goes first.
    ask()
    user = season.users[0]
    assert season.call('account.session_open', user, uuid.uuid4(), os.urandom(8), None, 1000)[0] == 'ok'
    season.hold(season.shows[0], user, season.free(season.shows[0], 1))
    before = db.rows(look)
    assert min(before[0]) > 0
    ask()
    assert db.rows(look) == before


def test_no_function_of_the_wallet_takes_an_operator_of_its_caller(db, season):
    """A temporary object may be made by any session: it must not stand before what the owner's rights run."""
    connection = db.connect('app', autocommit=False)
    cursor = connection.cursor()
    try:
        cursor.execute('CREATE TEMPORARY TABLE wallets (user_id uuid)')
    except Exception as problem:  # what the rights on the database say already
        assert 'permission denied' in str(problem)
    connection.rollback()
    user = season.users[0]
    before = db.value('SELECT balance FROM account.wallets WHERE user_id = %s', user)
    cursor.execute("SET search_path = pg_temp, public; SELECT outcome FROM account.wallet_charge(%s, 1000, '/x', %s, 'x', NULL)", (user, os.urandom(8).hex()))
    assert cursor.fetchone() == ('created',)
    connection.commit()
    assert db.value('SELECT balance FROM account.wallets WHERE user_id = %s', user) == before + 1000


def read_db_statements(stack):
    """Names of the statements that the programs run on core->read_db, where read_dsn may name the reading role."""
    found = {'listing/event', 'listing/show'}  # behind a function that both connections share
    for folder, _, names in os.walk(f'{stack.source}/src'):
        for name in names:
            if name.endswith('.c'):
                with open(f'{folder}/{name}', encoding='utf-8') as file:
                    found |= {f'{home}/{rest}' for home, rest in re.findall(r'\bread_([a-z]+)_(\w+)\(\s*&?\w+, \w+(?:\.|->)read_db', file.read())}
    return found


def test_the_reading_role_may_run_what_may_run_on_a_replica(db, stack):
    names = read_db_statements(stack)
    assert len(names) >= 10, names
    connection = db.connect('read')
    for name in sorted(names):
        with open(f'{stack.source}/sql/reads/{name}.sql') as file:
            text = file.read()
        cursor = connection.cursor()
        cursor.execute(f'PREPARE look AS {text}')
        count = len(set(re.findall(r'\$\d+', re.sub(r'--[^\n]*', '', text))))
        cursor.execute(f'EXECUTE look({", ".join(["NULL"] * count)})' if count else 'EXECUTE look')
        cursor.execute('DEALLOCATE look')


@pytest.mark.skipif(os.geteuid() != 0, reason='without root, one account runs everything')
@pytest.mark.parametrize('account, roles', [
    (services.OURS, {'app', 'batch', 'read'}), (services.NGINX, set()), ('root', {'app', 'batch', 'read', 'owner'}), ('postgres', {'app', 'batch', 'read', 'owner'})])
def test_the_account_of_the_service_is_never_the_owner(stack, account, roles):
    who = pwd.getpwnam(account)
    may = set()
    for role in (*ROLES, 'owner'):
        done = subprocess.run(['psql', '-XAtq', '-c', 'SELECT current_user', stack.dsn(role)], user=who.pw_uid, group=who.pw_gid,
                              extra_groups=[], cwd='/', capture_output=True, text=True, env=stack.environment())
        assert done.returncode == 0 or re.search('authentication failed|Permission denied', done.stderr), done.stderr
        if done.returncode == 0:
            may.add(role)
    assert may == roles

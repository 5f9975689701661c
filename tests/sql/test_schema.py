"""Checks of the schema in the catalogue of PostgreSQL."""
import glob
import os
import re
import unicodedata

import pytest

OURS = ('directory', 'show', 'account', 'log', 'listing', 'ops', 'util')
HOMES = ('directory', 'show', 'account', 'listing')

ONE_FORM = '0029_one_form.sql'
LAYERS = os.path.join(os.path.dirname(__file__), '../../src/LAYERS')


def neighbours():
    """{function: homes that it may name beside its own}, as src/LAYERS says with its reasons."""
    with open(LAYERS) as file:
        found = re.findall(r'^([a-z]+\.[a-z_]+): ([a-z ]+?)\s*#', file.read(), re.M)
    return {name: set(homes.split()) for name, homes in found}


def test_every_table_and_column_has_a_comment(db):
    without = db.rows("""
        SELECT c.oid::regclass::text || coalesce('.' || a.attname, '')
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
            AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)""",
                      list(OURS))
    assert without == []


def test_every_schema_and_function_has_a_comment(db):
    without = db.rows("""
        SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = ANY (%s) AND obj_description(oid, 'pg_namespace') IS NULL
        UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text = ANY (%s) AND obj_description(p.oid, 'pg_proc') IS NULL""",
                      list(OURS), list(OURS))
    assert without == []


def test_functions_of_a_home_name_no_other_home(db):
    found, allowed = {}, neighbours()
    assert len(allowed) >= 4
    for home, name, text in db.rows("""
            SELECT pronamespace::regnamespace::text, proname, pg_get_functiondef(oid) FROM pg_proc
            WHERE pronamespace::regnamespace::text = ANY (%s)""", list(OURS)):
        text = re.sub(r'--[^\n]*', '', text)
        # Kinds of events look like names: 'show.published'.
        text = re.sub(r"'(show|account|directory|listing)\.[a-z_.]+'(?!\s*\))", "''", text)
        named = set(re.findall(r'\b(directory|show|account|listing)\.', text)) - {home}
        named -= allowed.get(f'{home}.{name}', set())
        if named:
            found[f'{home}.{name}'] = named
    assert found == {}


def test_a_function_that_programs_call_is_there_once(db):
    """Two signatures of a name: a parameter was added and the old function not dropped, or a call would be ambiguous."""
    assert db.rows("""
        SELECT p.pronamespace::regnamespace::text || '.' || p.proname FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text = ANY (%s)
        GROUP BY 1 HAVING count(*) > 1 AND bool_or(pg_get_function_result(p.oid) = 'TABLE(outcome text, result json)')""",
                   list(OURS)) == []


def test_functions_that_programs_call_fix_their_search_path(db):
    """Helpers have their caller's: to set it again would cost a tenth of them."""
    assert db.rows("""
        SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
        WHERE p.pronamespace::regnamespace::text = ANY (%s) AND l.lanname = 'plpgsql'
            AND pg_get_function_result(p.oid) = 'TABLE(outcome text, result json)'
            AND NOT coalesce(p.proconfig::text LIKE '%%search_path=%%', false)""", list(OURS)) == []


def test_every_key_of_a_home_begins_with_its_entity(db):
    wrong = db.rows("""
        SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint AS c
        JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'p' AND c.connamespace::regnamespace::text IN ('show', 'account')
            AND a.attname <> CASE c.connamespace::regnamespace::text WHEN 'show' THEN 'show_id' ELSE 'user_id' END""")
    assert wrong == []


@pytest.mark.parametrize('role', ['app', 'batch', 'read'])
@pytest.mark.parametrize('statement', [
    'CREATE TABLE show.x (a int)', 'CREATE SCHEMA x', 'CREATE TABLE public.x (a int)', 'DROP TABLE show.seats',
    'ALTER TABLE show.seats ADD COLUMN x int', 'TRUNCATE show.seats', 'CREATE INDEX ON show.seats (state)',
    "COMMENT ON TABLE show.seats IS 'x'"])
def test_no_role_of_the_programs_may_define_anything(db, role, statement):
    with pytest.raises(Exception, match='permission denied|must be owner'):
        db.rows(statement, role=role)


@pytest.mark.parametrize('role', ['app', 'batch', 'read'])
@pytest.mark.parametrize('statement', [
    'UPDATE account.ledger SET amount = 1', 'DELETE FROM account.ledger',
    "UPDATE log.event_log SET kind = 'x'", 'DELETE FROM log.event_log',
    "UPDATE log.audit_trail SET actor = 'x'", 'DELETE FROM log.audit_trail',
    'UPDATE show.checkins SET at = at', 'DELETE FROM show.checkins',
    'UPDATE ops.migrations SET name = name', 'DELETE FROM ops.migrations'])
def test_ledger_event_log_audit_trail_and_the_log_of_the_door_are_append_only(db, role, statement):
    with pytest.raises(Exception, match='permission denied'):
        db.rows(statement, role=role)


def test_what_only_an_operator_may_call_stays_so_whichever_file_is_applied_again(db, stack):
    text = """SELECT p.oid::regprocedure::text || ' by ' || r FROM pg_proc AS p, unnest(ARRAY['app', 'batch', 'read']) AS r
        WHERE p.proname IN ('retry_anew', 'retry_skip', 'cursors_rebase') AND has_function_privilege('boxoffice_' || r, p.oid, 'EXECUTE')"""
    for path in sorted(glob.glob(f'{stack.source}/sql/functions/log*.sql'), reverse=True):
        with open(path) as file:
            db.rows(file.read())
    assert db.rows(text) == []


@pytest.mark.parametrize('statement', [
    'SELECT password_hash FROM account.users', 'SELECT email FROM account.users', 'SELECT * FROM account.refresh_tokens',
    'SELECT address FROM account.sessions', 'SELECT agent FROM account.sessions',
    'UPDATE show.seats SET version = 0', "INSERT INTO log.audit_trail (actor, action, object) VALUES ('a', 'b', 'c')"])
def test_the_reading_role_sees_no_secret_and_writes_nothing(db, statement):
    with pytest.raises(Exception, match='permission denied'):
        db.rows(statement, role='read')


def test_no_index_on_what_a_hold_changes(db):
    columns = db.rows("""
        SELECT DISTINCT a.attname FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = 'show.seats'::regclass""")
    assert sorted(row[0] for row in columns) == ['seat_no', 'show_id']


def test_all_updates_of_seats_stay_on_their_page(db, season):
    def updates():
        db.rows('SELECT pg_stat_force_next_flush()')
        return db.rows("""SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables
            WHERE relid = 'show.seats'::regclass""")[0]
    season.app.cursor().execute('SELECT pg_stat_force_next_flush()')
    before = updates()
    show, user = season.shows[-1], season.users[0]
    for _ in range(40):
        hold = season.hold(show, user, season.free(show, 2))
        assert season.call('show.hold_extend', show, hold, user, None)[0] == 'ok'
        assert season.call('show.hold_release', show, hold, user, None)[0] == 'ok'
    season.app.cursor().execute('SELECT pg_stat_force_next_flush()')
    after = updates()
    assert after[0] - before[0] >= 240
    assert after[1] - before[1] == after[0] - before[0], 'some left their page'


def test_all_updates_of_orders_stay_on_their_page(db, season):
    def updates():
        for connection in (season.app, db.connect()):
            connection.cursor().execute('SELECT pg_stat_force_next_flush()')
        return db.rows("""SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables
            WHERE relid = 'show.orders'::regclass""")[0]
    before = updates()
    for _ in range(40):
        season.buy(show=season.shows[-2], count=1)
    after = updates()
    assert after[0] - before[0] >= 80
    assert after[1] - before[1] == after[0] - before[0], 'some left their page'


def test_no_purchase_reads_the_rows_of_others(db, season):
    """Plans are made while a table has no statistics: an index by the show alone would look as good as the key."""
    def read():
        for connection in (season.app, db.connect()):
            connection.cursor().execute('SELECT pg_stat_force_next_flush()')
        return {row[0]: row[1:] for row in db.rows("""SELECT indexrelname, idx_scan, idx_tup_read
            FROM pg_stat_user_indexes WHERE schemaname = 'show' AND relname IN ('orders', 'payments', 'tickets')""")}
    before = read()
    for _ in range(40):
        season.buy(show=season.shows[-2], count=1)
    season.app.cursor().execute('SELECT 1')
    grown = {name: [new - old for new, old in zip(after, before[name])] for name, after in read().items()}
    # By which index is a matter of statistics, if it reads no more.
    scans = {table: sum(count for name, (count, _) in grown.items() if name.startswith(table)) for table in ('payments', 'orders')}
    assert scans['payments'] >= 40 and scans['orders'] >= 80
    assert {name: (scans, rows) for name, (scans, rows) in grown.items() if rows > 6 * scans + 20} == {}


def statements(stack):
    for path in sorted(glob.glob(f'{stack.source}/sql/reads/*/*.sql')):
        yield os.path.basename(path)[:-4], open(path).read()


def test_every_read_says_what_it_is_for(stack):
    assert [name for name, text in statements(stack) if not text.startswith('-- ')] == []


def test_addresses_and_titles_get_their_form_once(db):
    """What an earlier version kept: a claim made small by the locale, texts that are not in NFC."""
    migration = os.path.join(os.path.dirname(__file__), '../../sql/migrations', ONE_FORM)
    connection = db.connect('owner')
    cursor = connection.cursor()
    cursor.execute("""
        BEGIN;
        INSERT INTO account.users (user_id, email, password_hash, name) VALUES
            ('00000000-0000-4000-8000-0000000000e1', 'ÉVA@Example.org', 'x', 'Éva');
        INSERT INTO account.signups (user_id) VALUES ('00000000-0000-4000-8000-0000000000e1');
        INSERT INTO directory.email_claims (email, user_id) VALUES ('éva@example.org', '00000000-0000-4000-8000-0000000000e1');
        UPDATE directory.events SET title = normalize('가을 ' || title, NFD);
        UPDATE show.shows SET hall = jsonb_set(hall, '{venue,region}', to_jsonb(normalize('부산', NFD)))""")
    with open(migration, encoding='utf-8') as file:
        cursor.execute(file.read())
    cursor.execute("SELECT user_id::text FROM directory.email_claims WHERE email = util.email_key('ÉVA@EXAMPLE.org')")
    assert cursor.fetchall() == [('00000000-0000-4000-8000-0000000000e1',)]
    cursor.execute("""SELECT count(*) FROM account.signups WHERE user_id = '00000000-0000-4000-8000-0000000000e1'
        UNION ALL SELECT count(*) FROM directory.events WHERE title IS NOT NFC NORMALIZED
        UNION ALL SELECT count(*) FROM show.shows WHERE hall #>> '{venue,region}' <> '부산'""")
    assert cursor.fetchall() == [(0,), (0,), (0,)]
    connection.rollback()


def test_demo_season_has_words_as_anybody_would_enter_them(db):
    texts = db.rows("""
        SELECT name FROM directory.venues UNION SELECT region FROM directory.venues UNION SELECT address FROM directory.venues
        UNION SELECT name FROM directory.halls UNION SELECT title FROM directory.events
        UNION SELECT description FROM directory.events UNION SELECT name FROM account.users UNION SELECT email FROM account.users
        UNION SELECT unnest(labels) FROM directory.layouts UNION SELECT unnest(grades) FROM directory.layouts""")
    assert len(texts) > 100
    for text, in texts:
        assert text is None or (text == unicodedata.normalize('NFC', text).strip() != '' and text.isprintable()), text
    assert {row[0] for row in db.rows('SELECT time_zone FROM directory.venues')} <= {'Asia/Seoul'}

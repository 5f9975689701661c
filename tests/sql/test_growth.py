"""Nothing that one account may repeat grows without bound. The rows of sessions are in test_refresh.py, the bounds themselves in
the spec "bounds" of tests/isolation."""
import re

from season import new

REPEATED = 30


def test_every_table_is_in_the_list_of_what_bounds_it(db, stack):
    with open(f'{stack.source}/sql/README.md') as file:
        section = re.search(r'^## What grows$(.*?)^## ', file.read(), re.M | re.S)[1]
    listed = [name for row in section.split('\n') if row.startswith('| `') for name in re.findall(r'`(\w+\.\w+)`', row.split('|')[1])]
    tables = {row[0] for row in db.rows("""SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('account', 'directory', 'show', 'listing', 'log', 'ops')""")}
    assert sorted(listed) == sorted(tables)


def test_limits_that_the_list_names_exist(db, stack):
    parameters = stack.run('boxofficectl', 'config', 'show').stdout
    with open(f'{stack.source}/sql/README.md') as file:
        section = re.search(r'^## What grows$(.*?)^## ', file.read(), re.M | re.S)[1]
    for row in section.split('\n'):
        for name in re.findall(r'`([\w.]+)`', row.split('|')[3] if row.startswith('|') else ''):
            if '.' in name:
                assert db.value('SELECT count(*) FROM pg_proc WHERE oid::regproc::text = %s', name) == 1, name
            else:
                assert re.search(rf'^{name} *=', parameters, re.M), name


def rows_of(db, user):
    """How many rows an account has, in the tables that name it, by table."""
    tables = [row[0] for row in db.rows("""SELECT a.attrelid::regclass::text FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE a.attname = 'user_id' AND c.relkind = 'r' AND NOT a.attisdropped AND c.relnamespace::regnamespace::text IN ('account', 'show')""")]
    return {table: db.value(f'SELECT count(*) FROM {table} WHERE user_id = %s', user) for table in tables}


def test_what_a_live_account_repeats_leaves_no_more_rows(db, season):
    """Logging in, refreshing, failing to log in and changing its profile: as many rows after thirty times as after three."""
    user, email = new(), f'{new()}@example.org'
    assert season.call('account.user_create', user, email, 'x', 'Ann', None, None)[0] == 'created'

    def repeat(times):
        for number in range(times):
            session = new()
            assert season.call('account.session_open', user, session, b'0', None, 1000, 7776000, 900, 2)[0] == 'ok'
            for old, fresh in ((b'0', b'1'), (b'0', b'2'), (b'1', b'3'), (b'3', b'4'), (b'2', b'5')):
                assert season.call('account.session_refresh', user, session, old, fresh, 1000, 900)[0] == 'ok'
            season.call('directory.login_failed', email, 300)
            season.call('account.user_update', user, f'Ann {number % 2}', None, False)
        live = db.value('SELECT count(*) FROM account.sessions WHERE user_id = %s AND revoked_at IS NULL', user)
        tokens = db.value("""SELECT count(*) FROM account.refresh_tokens JOIN account.sessions AS s USING (user_id, session_id)
            WHERE user_id = %s AND s.revoked_at IS NULL""", user)
        rows = rows_of(db, user)
        for ended in ('account.sessions', 'account.refresh_tokens', 'account.revocations'):     # boxoffice-prune takes them
            del rows[ended]
        failures = db.value("SELECT count(*) FROM directory.login_failures WHERE email_hash = sha256(convert_to(%s, 'UTF8'))", email)
        return live, tokens, rows, failures
    few, many = repeat(3), repeat(REPEATED)
    assert few == many and many[0] == 2 and many[1] <= 16

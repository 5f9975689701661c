"""Jobs that are killed at any moment, run twice at once, on two hosts, or after a day's pause have the same
result as one clean run."""
import os
import re
import stat
import subprocess
import time

import pytest

from digest import Copy
from season import Season, new
from test_tidy import draft
from wait import wait_for

BATCHES = ('boxoffice-release-holds', 'boxoffice-settle-payments', 'boxoffice-prune')
# Small bites, so that a kill finds one half done.
BITES = {'sweep_batch': 2, 'settle_batch': 2, 'prune_batch': 3, 'settle_after_s': 1}
KILLS = 14
LOCKS = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


class World(Copy):
    """A copy that the helpers of other tests can work in."""

    def value(self, text, *values, **where):
        return self.rows(text, *values, **where)[0][0]

    def host(self, name, **batch):
        """Another host's configuration for this database: a log of its own."""
        path = f'{self.stack.directory}/{self.name}-{name}'
        os.makedirs(path, exist_ok=True)
        return configuration(self.conf, f'{path}/boxoffice.conf', path, batch)

    def wait_free(self):
        """Until the session of a killed process has ended and its lock with it."""
        wait_for(lambda: self.value(LOCKS) == 0, 10)


def configuration(of, path, folder, batch):
    with open(of) as file:
        text = file.read()
    text = re.sub(r'(?m)^file = .*$', f'file = {folder}/boxoffice.log', text)
    text = re.sub(r'(?ms)^\[batch\]\n.*?(?=\n\[|\Z)', '', text)
    with open(path, 'w') as file:
        file.write(text + '\n[batch]\n' + ''.join(f'{name} = {value}\n' for name, value in batch.items()))
    return path


def begin(stack, program, conf, *arguments):
    return stack.launch(program, '--config', conf, *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(stack, program, conf, *arguments):
    with begin(stack, program, conf, *arguments) as process:
        said = process.communicate(timeout=120)[0]
        return process.returncode, said


# --- what there is to do

def end_sooner_or_later(world, season):
    """Holds with and without orders that have ended, and some that live on."""
    for show in season.shows[:3]:
        for user in season.users:
            hold = season.hold(show, user, season.free(show, 1))
            if user < season.users[6]:
                season.order(show, user, hold)
    season.end_holds()
    for user in season.users[:4]:
        season.hold(season.shows[3], user, season.free(season.shows[3], 2))


def leave_payments(world, season):
    """Payments that were begun, or debited and no more; and a cancelled show with what was paid for it."""
    for number in range(16):
        season.buy('begun' if number % 2 else 'debited', show=season.shows[4 + number % 3], count=1)
    for _ in range(12):
        season.buy('paid', show=season.shows[8], count=2)
    season.buy('debited', show=season.shows[8], count=1)
    assert season.call('show.show_cancel', season.shows[8], season.users[0], None, None)[0] == 'ok'
    world.rows("UPDATE show.payments SET started_at = started_at - interval '1 minute'")


def leave_accounts(world, season):
    for number in range(12):
        user = new()
        email = f'late{number}@example.org'
        assert season.call('account.user_create', user, email, 'x', 'Late', None, None)[0] == 'created'
        if number % 3 == 0:
            assert season.call('directory.email_claim', email, user)[0] == 'ok'
        if number < 10:
            for table in ('users', 'signups'):
                world.rows(f"UPDATE account.{table} SET created_at = created_at - interval '2 days' WHERE user_id = %s", user)
        season.call('directory.login_failed', email, 300)
    world.rows("UPDATE directory.login_failures SET window_from = window_from - interval '1 hour' WHERE get_byte(email_hash, 0) > 60")
    world.rows("INSERT INTO account.login_addresses (user_id, address_hash, good_at) SELECT u.id, sha256(n::text::bytea),"
               " now() - make_interval(days => 10 * n) FROM unnest(%s::uuid[]) AS u (id), generate_series(0, 5) AS n", season.users[:16])
    for number, user in enumerate(season.users[:16]):
        session = new()
        assert season.call('account.session_open', user, session, b'1', None, 2592000)[0] == 'ok'
        assert season.call('account.session_refresh', user, session, b'1', b'2', 2592000, 900)[0] == 'ok'
        if number % 4 == 0:
            assert season.call('account.session_close', user, session, 900)[0] == 'ok'
        days = (0, 3, 40, 40)[number // 4]
        for table, columns in (('sessions', ('created_at', 'revoked_at')), ('refresh_tokens', ('issued_at', 'expires_at', 'used_at')),
                               ('revocations', ('until',))):
            world.rows(f'UPDATE account.{table} SET ' + ', '.join(f'{name} = {name} - make_interval(days => %s)' for name in columns)
                       + ' WHERE session_id = %s', *[days] * len(columns), session)


def leave_old(world, season):
    """Keys, drafts, halls of no show, days of the event log."""
    for home in ('show', 'account'):
        world.rows(f"UPDATE {home}.idempotency SET created_at = created_at - interval '2 days' WHERE key < '8'")
    for number in range(7):
        world.rows("INSERT INTO directory.show_slots SELECT %s, hall_id, tstzrange(t, t + interval '1 hour') FROM directory.halls,"
                   " (SELECT now() + make_interval(days => %s) AS t) AS d ORDER BY hall_id LIMIT 1",
                   (0, 900000)[number % 2] + 70000 + number, 4000 + number)
    for number in range(4):
        draft(world, season, 1 + number, number % 2 == 0)
    for days in (40, 39, 38, 3):
        world.rows("""DO $$ DECLARE d date := (now() AT TIME ZONE 'UTC')::date - %s; BEGIN
            EXECUTE format('CREATE TABLE log.event_log_' || to_char(d, 'YYYYMMDD') || ' PARTITION OF log.event_log FOR VALUES FROM (%%L) TO (%%L)',
                d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC'); END $$""" % days)
        world.rows("INSERT INTO log.event_log (home, entity, kind, payload, at) SELECT 'account', 'x', 'old', '{}',"
                   " now() - make_interval(days => %s) FROM generate_series(1, 5)", days)
    # As if the relay had read all of it.
    world.rows('UPDATE log.cursors SET from_xmin = x, to_xmin = x FROM pg_snapshot_xmin(pg_current_snapshot()) AS x')
    world.rows('DELETE FROM directory.show_slots WHERE show_id IN (SELECT show_id FROM show.shows WHERE cancelled_at IS NOT NULL)')


@pytest.fixture(scope='module')
def world(stack):
    with World(stack, 'world') as world:
        season = Season(world)
        end_sooner_or_later(world, season)
        leave_payments(world, season)
        leave_accounts(world, season)
        leave_old(world, season)
        season.app.close()
        yield world


@pytest.fixture(scope='module', params=BATCHES)
def clean(request, stack, world):
    """(program, what one run of it comes to)"""
    with World(stack, 'clean', of=world) as copy:
        before = copy.digest()
        assert run(stack, request.param, copy.host('a', **BITES)) == (0, '')
        after = copy.digest()
        assert len([table for table in after if after[table] != before[table]]) >= 4, 'it had something to do'
        run(stack, request.param, copy.host('a', **BITES))
        assert copy.digest() == after, 'a second run finds nothing'
    return request.param, after


def test_killed_at_any_moment(stack, world, clean):
    program, expected = clean
    with World(stack, 'killed', of=world) as copy:
        conf, killed = copy.host('a', **BITES), 0
        for number in range(KILLS):
            process = begin(stack, program, conf)
            time.sleep(0.01 * 1.3 ** number)
            process.kill()
            process.communicate()
            killed += process.returncode == -9
            copy.wait_free()
        assert killed >= 3, 'none was killed half way'
        assert run(stack, program, conf)[0] == 0
        assert copy.digest() == expected


def test_two_hosts_at_once(stack, world, clean):
    program, expected = clean
    with World(stack, 'two', of=world) as copy:
        both = [begin(stack, program, copy.host(name, **BITES)) for name in ('a', 'b')]
        said = [process.communicate(timeout=120)[0] for process in both]
        assert [process.returncode for process in both] == [0, 0]
        assert ''.join(said) in ('', 'another one is at work\n')
        assert copy.digest() == expected


def test_the_lock_holds_across_hosts(stack, world, clean):
    program, _ = clean
    with World(stack, 'lock', of=world) as copy:
        first = begin(stack, program, copy.host('a'), '--for', '20', '--every', '1')
        try:
            wait_for(lambda: copy.value(LOCKS) == 1, 10)
            assert run(stack, program, copy.host('b')) == (0, 'another one is at work\n')
        finally:
            first.terminate()
            first.communicate(timeout=10)
        assert first.returncode == 0
        assert run(stack, program, copy.host('b')) == (0, '')


def test_after_a_day_s_pause(stack, world, clean):
    program, _ = clean
    with World(stack, 'daily', of=world) as daily, World(stack, 'paused', of=world) as paused:
        assert run(stack, program, daily.host('a', **BITES))[0] == 0
        for copy in (daily, paused):
            copy.pass_time(86400)
            assert run(stack, program, copy.host('a', **BITES))[0] == 0
        assert paused.digest() == daily.digest()


def test_a_batch_takes_no_more_than_its_share(stack, world):
    took = []
    for number, share in enumerate(('100', '10')):
        with World(stack, f'share{number}', of=world) as copy:
            began = time.monotonic()
            assert run(stack, 'boxoffice-release-holds', copy.host('a', **BITES), '--share', share) == (0, '')
            took.append(time.monotonic() - began)
    assert took[1] > 2 * took[0]


def test_all_of_them_leave_the_books_in_order(stack, world):
    """Beside each other, too."""
    with World(stack, 'all', of=world) as copy:
        conf = copy.host('a', **BITES)
        beside = [begin(stack, program, conf) for program in BATCHES]
        assert [process.communicate(timeout=120)[0] for process in beside] == ['', '', '']
        assert [process.returncode for process in beside] == [0, 0, 0]
        broken = []
        for name in sorted(os.listdir(f'{stack.source}/sql/audit')):
            if name[:2] not in ('19', '20'):  # what the relay keeps, which does not run
                broken += [(name, row) for row in copy.rows(open(f'{stack.source}/sql/audit/{name}').read()) if row[0]]
        assert broken == []


# --- what they tell

FIGURE = re.compile(r'(?m)^boxoffice_batch_(\w+)\{batch="([\w-]+)"\} ([\d.]+)$')


def figures(path):
    text = open(path).read()
    for name, _, _ in FIGURE.findall(text):
        assert f'# HELP boxoffice_batch_{name} ' in text and f'# TYPE boxoffice_batch_{name} ' in text
    assert {batch for _, batch, _ in FIGURE.findall(text)} == {os.path.basename(path)[len('boxoffice-'):-len('.prom')]}
    return {name: float(value) for name, _, value in FIGURE.findall(text)}


@pytest.mark.parametrize('program', BATCHES)
def test_a_batch_leaves_its_figures(stack, world, program, tmp_path):
    with World(stack, 'told', of=world) as copy:
        conf = copy.host('a', textfile_dir=tmp_path)
        path = f'{tmp_path}/{program}.prom'
        began = int(time.time())
        assert run(stack, program, conf)[0] == 0
        first = figures(path)
        assert set(first) == {'last_success_timestamp_seconds', 'rows_total', 'duration_seconds', 'failures_total'}
        assert first['rows_total'] > 10 and first['failures_total'] == 0
        assert began <= first['last_success_timestamp_seconds'] <= time.time()
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o644
        assert run(stack, program, conf)[0] == 0
        assert figures(path)['rows_total'] == first['rows_total'], 'nothing more to do, nothing forgotten'
        assert os.listdir(tmp_path) == [os.path.basename(path)]
        away = copy.host('away', textfile_dir=tmp_path)
        with open(away) as file:
            text = file.read().replace(stack.socket_dir, str(tmp_path))
        with open(away, 'w') as file:
            file.write(text)
        assert run(stack, program, away)[0] == 1
        last = figures(path)
        assert last['failures_total'] == 1 and last['rows_total'] == first['rows_total']
        assert last['last_success_timestamp_seconds'] >= first['last_success_timestamp_seconds']
        assert run(stack, program, copy.host('none', textfile_dir=tmp_path / 'none'))[0] == 0, 'figures are not the work'


@pytest.mark.parametrize('program', (*BATCHES, 'boxoffice-open-close-shows'))
def test_exit_codes(stack, program, tmp_path):
    assert stack.run(program).returncode == 0
    for wrong in (['--frob'], ['word'], ['--for', 'x'], ['--every', '0'], ['--share', '0'], ['--share', '101']):
        assert stack.run(program, *wrong, check=False).returncode == 2
    path = tmp_path / 'x.conf'
    path.write_text(open(stack.conf).read() + '\n[frob]\n')
    assert stack.run(program, '--config', str(path), check=False).returncode == 78
    path.write_text(open(stack.conf).read().replace(stack.socket_dir, str(tmp_path)))
    assert stack.run(program, '--config', str(path), check=False).returncode == 1


@pytest.mark.parametrize('program', (*BATCHES, 'boxoffice-open-close-shows'))
def test_a_batch_connects_as_the_role_of_batches(stack, program):
    stack.psql('-c', 'ALTER ROLE boxoffice_batch CONNECTION LIMIT 0')
    try:
        assert stack.run(program, check=False).returncode == 1, 'it asks for no other role'
    finally:
        stack.psql('-c', 'ALTER ROLE boxoffice_batch CONNECTION LIMIT -1')


# --- what cannot be done keeps nothing behind it waiting

def test_busy_buyers_keep_no_younger_hold_waiting(stack, world):
    with World(stack, 'busy', of=world) as copy:
        old = copy.rows("""SELECT show_id, user_id FROM show.holds WHERE state = 'active' AND expires_at <= clock_timestamp()
            ORDER BY expires_at LIMIT 5""")
        copy.rows("""UPDATE show.holds SET expires_at = expires_at - interval '1 hour' WHERE state = 'active'
            AND (show_id, user_id) IN (SELECT * FROM unnest(%s, %s::uuid[]))""", *map(list, zip(*old)))
        buyers = copy.connect('app')
        for show, user in old:
            buyers.cursor().execute('SELECT pg_advisory_lock(show.buyer_key(%s, %s))', (show, user))
        # Others may end meanwhile.
        moment = copy.value('SELECT clock_timestamp()')
        left = "SELECT DISTINCT show_id, user_id FROM show.holds WHERE state = 'active' AND expires_at <= %s"
        assert run(stack, 'boxoffice-release-holds', copy.host('a', **BITES))[0] == 0
        assert set(copy.rows(left, moment)) == set(old)
        buyers.close()
        copy.wait_free()
        assert run(stack, 'boxoffice-release-holds', copy.host('a', **BITES))[0] == 0
        assert copy.rows(left, moment) == []


def test_payments_that_fail_keep_no_younger_one_waiting(stack, world):
    with World(stack, 'stuck', of=world) as copy:
        users = [row[0] for row in copy.rows("""SELECT user_id FROM show.payments WHERE state = 'started' AND show_id NOT IN
            (SELECT show_id FROM show.shows WHERE cancelled_at IS NOT NULL) ORDER BY started_at LIMIT 3""")]
        blocker = copy.connect()
        blocker.autocommit = False
        blocker.cursor().execute('SELECT FROM account.wallets WHERE user_id = ANY (%s::uuid[]) FOR UPDATE', (users,))
        conf = copy.host('a', **BITES, settle_tries=1)
        with open(conf) as file:
            text = file.read()
        with open(conf, 'w') as file:
            file.write(text.replace('[database]\n', '[database]\nlock_timeout_ms = 20\n'))
        assert run(stack, 'boxoffice-settle-payments', conf)[0] == 1
        left = "SELECT DISTINCT user_id FROM show.payments WHERE state = 'started'"
        assert {row[0] for row in copy.rows(left)} == set(users)
        assert copy.value("SELECT count(*) FROM show.refunds_due WHERE user_id <> ALL (%s::uuid[])", users) == 0
        blocker.close()


def test_a_payment_that_succeeds_at_the_last_moment_takes_no_time_from_what_follows(stack, world):
    """It has 10 seconds and needs most of them. To close an order of a cancelled show takes longer than what is left."""
    with World(stack, 'late', of=world) as copy:
        conf = copy.host('a', **BITES)
        with open(conf) as file:
            text = file.read()
        with open(conf, 'w') as file:
            file.write(text.replace('[database]\n', '[database]\nstatement_timeout_ms = 9000\n'))
        run(stack, 'boxoffice-settle-payments', conf)
        season = Season(copy)
        late, closed = season.buy('debited', show=season.shows[4], count=1), season.buy('paid', show=season.shows[5], count=1)
        copy.rows("UPDATE show.payments SET started_at = started_at - interval '1 minute' WHERE payment_id = %s", late['payment'])
        assert season.call('show.show_cancel', closed['show'], season.users[0], None, None)[0] == 'ok'
        season.app.close()
        copy.rows(f'''CREATE FUNCTION show.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_sleep(TG_ARGV[0]::float); RETURN NEW; END $$;
            GRANT EXECUTE ON FUNCTION show.wait TO boxoffice_batch;
            CREATE TRIGGER wait BEFORE UPDATE ON show.payments FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION show.wait('8.3');
            CREATE TRIGGER wait BEFORE UPDATE ON show.orders FOR EACH ROW
                WHEN (NEW.order_id = '{closed['order']}' AND NEW.state = 'cancelled') EXECUTE FUNCTION show.wait('2.5')''')
        assert run(stack, 'boxoffice-settle-payments', conf)[0] == 0
        states = [copy.value('SELECT state FROM show.orders WHERE order_id = %s', bought['order']) for bought in (late, closed)]
        assert states[0] == 'paid' and states[1] in ('cancelled', 'refunded')


def test_orders_of_cancelled_shows_are_found_by_key(stack, world):
    """One ticket at a time, although nothing is done about those that were found."""
    text = re.sub(r'(?m)^--.*\n', '', open(f'{stack.source}/sql/reads/show/orders_to_cancel.sql').read())
    text = re.sub(r'\$([123])', lambda match: f'%({match[1]})s', text)
    connection = world.connect('batch')
    cursor, found, place = connection.cursor(), [], (0, 0)
    for _ in range(100):
        cursor.execute(text, {'1': 1, '2': place[0], '3': place[1]})
        rows = cursor.fetchall()
        if not rows:
            break
        found += rows
        place = (rows[-1][0], rows[-1][2])
    connection.close()
    assert [(show, seat) for show, _, seat in found] == sorted(world.rows(
        """SELECT t.show_id, t.seat_no FROM show.tickets AS t JOIN show.shows AS s USING (show_id)
        WHERE s.cancelled_at IS NOT NULL AND t.state <> 'void'"""))
    assert len(found) >= 24     # other tests may have sold seats of that show

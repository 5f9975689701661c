"""How the relay handles an event that it cannot deliver, a cancelled show, and a restore."""
import contextlib
import json
import time

import pytest

from season import new
from wait import wait_for

WAITING = "SELECT event_id, kind, tries, error, next_at IS NOT NULL, parked_at IS NOT NULL FROM log.retries" \
    " WHERE consumer = %s AND entity = %s ORDER BY event_id"
SLOT = 'SELECT count(*) FROM directory.show_slots WHERE show_id = %s'


@pytest.fixture
def poison(db):
    """poison(statement, cure): breaks something until the test ends or cure() is called."""
    with contextlib.ExitStack() as stack:
        def break_it(statement, cure):
            db.rows(statement, role='postgres')
            return stack.enter_context(contextlib.closing(Cure(db, cure))).close
        yield break_it


class Cure:
    def __init__(self, db, text):
        self.db, self.text = db, text

    def close(self):
        if self.text:
            self.db.rows(self.text, role='postgres')
        self.text = None


def spoil_slot(poison, show):
    return poison(f"""
        CREATE FUNCTION public.spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the hall will not go'; END $$;
        CREATE TRIGGER spoil BEFORE DELETE ON directory.show_slots FOR EACH ROW WHEN (OLD.show_id = {show})
            EXECUTE FUNCTION public.spoil()""",
                  'DROP TRIGGER spoil ON directory.show_slots; DROP FUNCTION public.spoil()')


def spoil_orders(poison, user):
    return poison(f"ALTER TABLE account.order_list ADD CONSTRAINT spoil CHECK (user_id <> '{user}') NOT VALID",
                  'ALTER TABLE account.order_list DROP CONSTRAINT spoil')


@pytest.fixture
def shows(db, season):
    """Three shows to cancel. Afterwards they never were."""
    taken = season.shows[-3:]
    slots = db.rows('SELECT show_id, slot_id, hall_id, during FROM directory.show_slots WHERE show_id = ANY (%s)', taken)
    season.shows = [show for show in season.shows if show not in taken]
    assert len(slots) == 3
    yield taken
    db.rows("UPDATE log.event_log SET kind = 'test.cancelled' WHERE kind = 'show.cancelled'")
    db.rows('UPDATE show.shows SET cancelled_at = NULL WHERE show_id = ANY (%s)', taken)
    for slot in slots:
        db.rows('INSERT INTO directory.show_slots (show_id, slot_id, hall_id, during) VALUES (%s, %s, %s, %s)'
                ' ON CONFLICT DO NOTHING', *slot)
    for show in taken:
        event = db.value("SELECT result -> 'event_id' FROM listing.show_recount(%s)", show)
        db.rows('SELECT FROM listing.event_recount(%s)', event)


def cancel(season, show):
    outcome, _ = season.call('show.show_cancel', show, new(), 'rain', None)
    assert outcome == 'ok'


def version(db, order):
    rows = db.rows('SELECT version FROM account.order_list WHERE order_id = %s', order)
    return rows[0][0] if rows else None


def test_a_cancelled_show_gives_its_hall_back(db, season, shows, start):
    start('boxoffice-relay')
    show = shows[0]
    hall, begins, ends = db.rows('SELECT hall_id, lower(during), upper(during) FROM directory.show_slots WHERE show_id = %s', show)[0]
    other = db.value("SELECT nextval('directory.show_ids')")
    assert season.call('directory.slot_take', hall, other, begins, ends)[0] == 'hall_busy'
    cancel(season, show)
    wait_for(lambda: db.value(SLOT, show) == 0, 10)
    assert season.call('directory.slot_take', hall, other, begins, ends)[0] == 'ok'
    db.rows('DELETE FROM directory.show_slots WHERE show_id = %s', other)
    # The event again, after another show has the hall: it frees the slot of its own show only.
    assert season.call('directory.slot_free', show)[0] == 'ok'


def test_an_event_that_fails_delays_nobody_and_is_parked(stack, db, season, shows, start, poison):
    bad, good, _ = shows
    heal = spoil_slot(poison, bad)
    start('boxoffice-relay')
    cancel(season, bad)
    wait_for(lambda: db.rows(WAITING, 'slots', str(bad)), 10)
    cancel(season, good)
    bought = season.buy('paid')
    wait_for(lambda: db.value(SLOT, good) == 0, 3)
    wait_for(lambda: version(db, bought['order']) == db.value('SELECT version FROM show.orders WHERE order_id = %s', bought['order']), 3)
    wait_for(lambda: db.rows(WAITING, 'slots', str(bad))[0][5], 10)
    (event, kind, tries, error, is_due, _), = db.rows(WAITING, 'slots', str(bad))
    assert (kind, tries, is_due) == ('show.cancelled', 4, False) and 'the hall will not go' in error
    assert stack.run('boxofficectl', 'events', 'parked').stdout.startswith(
        f'slots {bad} event {event} show.cancelled tries 4 behind 0: ')
    assert any(line['level'] == 'error' and f'slots {bad} is parked' in line['msg'] for line in log_lines(stack))
    heal()
    time.sleep(0.5)
    assert db.value(SLOT, bad) == 1, 'a parked event is not tried by itself'
    assert stack.run('boxofficectl', 'events', 'retry', 'slots', str(bad)).returncode == 0
    wait_for(lambda: db.value(SLOT, bad) == 0 and not db.rows(WAITING, 'slots', str(bad)), 10)
    assert stack.run('boxofficectl', 'events', 'parked').stdout == ''
    assert db.value("SELECT count(*) FROM log.audit_trail WHERE action = 'events.retry' AND object = %s", f'slots {bad}') == 1


def test_what_fails_is_tried_again_at_growing_pauses(db, season, shows, start, poison):
    show = shows[0]
    heal = spoil_slot(poison, show)
    start('boxoffice-relay')
    cancel(season, show)
    seen = {}

    def parked():
        row = db.rows('SELECT tries, next_at, parked_at FROM log.retries WHERE consumer = %s AND entity = %s', 'slots', str(show))
        if row:
            seen.setdefault(row[0][0], row[0][1] or row[0][2])
        return row and row[0][2]
    wait_for(parked, 10)
    assert sorted(seen) == [1, 2, 3, 4]
    pauses = [(seen[n + 1] - seen[n]).total_seconds() for n in (1, 2)]
    # Each next_at is its pause behind the last try, which came within a poll of the next_at before.
    assert 0.2 <= pauses[0] < 0.4 and 0.4 <= pauses[1] < 0.7, pauses
    heal()
    db.rows('UPDATE log.retries SET parked_at = NULL, next_at = clock_timestamp() WHERE entity = %s', str(show))
    wait_for(lambda: db.value(SLOT, show) == 0, 10)


def test_the_order_of_an_entity_is_kept(db, season, start, poison):
    show, user = season.choose(None, None, 2)
    other = next(one for one in season.users if one != user)
    heal = spoil_orders(poison, user)
    start('boxoffice-relay')
    order = season.order(show, user, season.hold(show, user, season.free(show, 2)))
    wait_for(lambda: db.rows(WAITING, 'own-orders', str(user)), 10)
    payment, amount = season.begin(show, user, order)
    season.debit(show, user, order, payment, amount)
    season.confirm(show, order, payment, user, 2)
    # Somebody else's order of the same show goes through.
    bought = season.buy('paid', show=show, user=other)
    wait_for(lambda: version(db, bought['order']) == 3, 10)
    wait_for(lambda: len(db.rows(WAITING, 'own-orders', str(user))) == 3, 10)
    wait_for(lambda: db.rows(WAITING, 'own-orders', str(user))[0][5], 10)
    assert version(db, order) is None
    rows = db.rows(WAITING, 'own-orders', str(user))
    assert [row[1] for row in rows] == ['order.created', 'order.paying', 'order.paid']
    assert [row[2] for row in rows] == [4, 0, 0], 'only the first is tried'
    heal()
    db.rows('UPDATE log.retries SET parked_at = NULL, next_at = clock_timestamp() WHERE event_id = %s', rows[0][0])
    wait_for(lambda: version(db, order) == 3 and not db.rows(WAITING, 'own-orders', str(user)), 10)


def test_a_skipped_event_lets_those_behind_it_go(stack, db, season, start, poison):
    show, user = season.choose(None, None, 2)
    heal = spoil_orders(poison, user)
    start('boxoffice-relay')
    order = season.order(show, user, season.hold(show, user, season.free(show, 2)))
    wait_for(lambda: db.rows(WAITING, 'own-orders', str(user)), 10)
    payment, amount = season.begin(show, user, order)
    assert stack.run('boxofficectl', 'events', 'skip', 'own-orders', str(new()), check=False).returncode == 1
    wait_for(lambda: len(db.rows(WAITING, 'own-orders', str(user))) == 2, 10)
    wait_for(lambda: db.rows(WAITING, 'own-orders', str(user))[0][5], 10)
    assert ' behind 1: ' in stack.run('boxofficectl', 'events', 'parked').stdout
    heal()
    assert version(db, order) is None
    assert stack.run('boxofficectl', 'events', 'skip', 'own-orders', str(user)).returncode == 0
    wait_for(lambda: version(db, order) == 2 and not db.rows(WAITING, 'own-orders', str(user)), 10)
    detail = db.value("SELECT detail FROM log.audit_trail WHERE action = 'events.skip' AND object = %s", f'own-orders {user}')
    event, = detail['events']
    assert event['kind'] == 'order.created' and 'spoil' in event['error']
    season.debit(show, user, order, payment, amount)
    season.confirm(show, order, payment, user, 2)
    wait_for(lambda: version(db, order) == 3, 10)


def test_a_show_that_cannot_be_counted_waits_alone_and_once(stack, db, season, start, poison):
    bad, good = season.shows[1], season.shows[2]
    heal = poison(f'ALTER TABLE listing.shows ADD CONSTRAINT spoil CHECK (show_id <> {bad} OR counted_at IS NULL) NOT VALID',
                  'ALTER TABLE listing.shows DROP CONSTRAINT spoil')
    start('boxoffice-relay')
    left = 'SELECT seats_left FROM listing.shows WHERE show_id = %s'
    before = {show: db.value(left, show) for show in (bad, good)}
    for _ in range(3):
        season.buy('held', show=bad, count=1)
        season.buy('held', show=good, count=1)
        time.sleep(0.2)
    wait_for(lambda: db.value(left, good) == before[good] - 3, 10)
    assert len(db.rows(WAITING, 'summaries', str(bad))) == 1 and db.value(left, bad) == before[bad]
    # It is never left alone: once it can be counted it is.
    tries = "SELECT tries FROM log.retries WHERE consumer = 'summaries' AND entity = %s AND parked_at IS NULL"
    wait_for(lambda: db.value(tries, str(bad)) > 5, 10)
    assert stack.run('boxofficectl', 'events', 'parked').stdout == ''
    assert any(line['level'] == 'error' and f'summaries {bad} waits still' in line['msg'] for line in log_lines(stack))
    heal()
    wait_for(lambda: db.value(left, bad) == before[bad] - 3 and not db.rows(WAITING, 'summaries', str(bad)), 10)


def test_a_killed_relay_goes_on_trying(db, season, shows, start, poison):
    show = shows[0]
    heal = spoil_slot(poison, show)
    relay = start('boxoffice-relay')
    cancel(season, show)
    wait_for(lambda: db.rows(WAITING, 'slots', str(show)), 10)
    relay.kill()
    heal()
    db.rows('UPDATE log.retries SET parked_at = NULL, next_at = clock_timestamp() WHERE entity = %s', str(show))
    start('boxoffice-relay')
    wait_for(lambda: db.value(SLOT, show) == 0 and not db.rows(WAITING, 'slots', str(show)), 10)


def test_a_consumer_without_a_cursor_begins_with_the_newest_events(db, season, shows, start):
    show, later, _ = shows
    slot = db.rows('SELECT * FROM directory.show_slots WHERE show_id = %s', show)[0]
    cancel(season, show)
    db.rows("DELETE FROM log.cursors WHERE consumer = 'slots'")
    start('boxoffice-relay')
    wait_for(lambda: db.value("SELECT count(*) FROM log.cursors WHERE consumer = 'slots'") == 1, 10)
    cancel(season, later)
    wait_for(lambda: db.value(SLOT, later) == 0, 10)
    assert db.rows('SELECT * FROM directory.show_slots WHERE show_id = %s', show) == [slot]


def test_it_tells_how_far_behind_it_is(stack, db, season, start, tmp_path):
    """A transaction that does not end keeps every reader from what came after it: that is seen, too."""
    def figures():
        path = tmp_path / 'boxoffice-relay.prom'
        lines = path.read_text().splitlines() if path.exists() else []
        return {line.rpartition(' ')[0]: float(line.rpartition(' ')[2]) for line in lines if not line.startswith('#')}

    def told(check):
        wait_for(lambda: figures() and check(figures()), 20)
    (tmp_path / 'relay.conf').write_text(open(stack.conf).read().replace('[batch]', f'[batch]\ntextfile_dir = {tmp_path}'))
    relay = start('boxoffice-relay', '--config', str(tmp_path / 'relay.conf'))
    lag = 'boxoffice_relay_lag_seconds{consumer="%s"}'
    told(lambda now: now['boxoffice_relay_leads'] == 1)
    assert set(figures()) == {'boxoffice_relay_leads'} | {f'boxoffice_relay_{kind}{{consumer="{name}"}}' for name in
                                                          ('summaries', 'own-orders', 'slots') for kind in ('lag_seconds', 'waiting', 'parked')}
    slow = db.connect('app', autocommit=False)
    slow.cursor().execute('SELECT pg_current_xact_id()')
    season.buy('held')
    told(lambda now: now[lag % 'summaries'] > 1)
    slow.rollback()
    db.rows("INSERT INTO log.retries (consumer, entity, event_id, kind, payload, at, parked_at) VALUES ('slots', 'x', 1, 'x', '{}', now(), now())")
    told(lambda now: now[lag % 'summaries'] < 1 and now['boxoffice_relay_parked{consumer="slots"}'] == 1)
    db.rows("DELETE FROM log.retries WHERE entity = 'x'")
    # Another one at the same folder, as on another host, only says that it waits.
    (tmp_path / 'other').mkdir()
    (tmp_path / 'other.conf').write_text((tmp_path / 'relay.conf').read_text().replace(str(tmp_path), str(tmp_path / 'other')))
    start('boxoffice-relay', '--config', str(tmp_path / 'other.conf'))
    other = tmp_path / 'other' / 'boxoffice-relay.prom'
    wait_for(other.exists, 10)
    assert other.read_text().endswith('\nboxoffice_relay_leads 0\n') and relay.poll() is None


def log_lines(stack):
    return [line for line in map(json.loads, open(stack.log_path('boxoffice'))) if line['proc'] == 'relay']


def test_what_has_waited_long_is_read_in_parts(stack, db, season, start):
    """A window is read and sorted whole for each bite of it."""
    def bites():
        return [line for line in log_lines(stack) if line['msg'] == 'handled' and line['consumer'] == 'own-orders']
    orders, before = [], len(bites())
    for _ in range(3):
        orders.append(season.buy('paid')['order'])
        # A transaction each, more than there are events in a bite.
        db.rows("""DO $$ BEGIN FOR n IN 1..2500 LOOP BEGIN
            CREATE TEMPORARY TABLE IF NOT EXISTS numbers (n int) ON COMMIT DROP; INSERT INTO numbers VALUES (n);
            EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$""")
    start('boxoffice-relay', '--verbose')
    wait_for(lambda: all(version(db, order) == 3 for order in orders), 10)
    assert len(bites()) - before >= 3, 'one would do'


def test_the_lag_is_that_of_the_oldest_event(stack, db, season, shows, start, poison):
    """After a failure the events of a bite are sorted by entity: the oldest comes last here."""
    young, old = sorted(shows, key=str)[::2]
    cure = spoil_slot(poison, young)
    for show in (old, young):
        cancel(season, show)
    db.rows("UPDATE log.event_log SET at = at - interval '1 hour' WHERE kind = 'show.cancelled' AND entity = %s", str(old))

    def bites():
        return [line for line in log_lines(stack) if line['msg'] == 'handled' and line['consumer'] == 'slots' and line['events'] == 2]
    before = len(bites())
    start('boxoffice-relay', '--verbose')
    wait_for(lambda: len(bites()) > before, 10)
    assert bites()[-1]['lag_ms'] >= 3600000
    cure()
    wait_for(lambda: db.value(SLOT, young) == 0, 10)


# --- after a restore

def restored(db, handled, unhandled):
    """As if the log came from a dump of a database that had counted a million transactions more: `handled` and
    `unhandled` events for the consumer `slots`, whose cursor is there. → their ids"""
    ahead = int(db.value('SELECT pg_snapshot_xmax(pg_current_snapshot())')) + 1000000
    ids = []
    for n, show in enumerate([*handled, *unhandled]):
        ids.append(db.value("INSERT INTO log.event_log (tx, home, entity, kind, payload) VALUES (%s, 'show', %s, 'show.cancelled', '{}')"
                            ' RETURNING id', str(ahead + n), str(show)))
    db.rows("UPDATE log.cursors SET from_xmin = %s, to_xmin = %s, id = 0", str(ahead + len(handled)), str(ahead + len(handled)))
    return ids


def test_cursors_are_put_back_after_a_restore(stack, db, season, shows, start):
    handled, unhandled, later = shows
    cursors = 'SELECT consumer, from_xmin::text::bigint < %s FROM log.cursors ORDER BY consumer'
    ids = restored(db, [handled], [unhandled])
    # The relay finds it out, and neither reads nor writes.
    start('boxoffice-relay')
    assert stack.run('boxofficectl', 'db', 'check', check=False).returncode == 1
    cancel(season, later)
    bought = season.buy('paid')
    time.sleep(1)
    assert db.value(SLOT, later) == db.value(SLOT, unhandled) == 1
    done = stack.run('boxofficectl', 'events', 'rebase')
    assert done.stdout == '3 readers put back, 1 events to be read again\n'
    wait_for(lambda: db.value(SLOT, later) == db.value(SLOT, unhandled) == 0, 10)
    wait_for(lambda: version(db, bought['order']) == 3, 10)
    assert db.value(SLOT, handled) == 1, 'what was handled is not handled again'
    assert stack.run('boxofficectl', 'db', 'check', '--except', 'durability').returncode == 0
    assert db.rows(cursors, int(db.value('SELECT pg_snapshot_xmax(pg_current_snapshot())'))) == [
        ('own-orders', True), ('slots', True), ('summaries', True)]
    assert db.value("SELECT tx = '1' FROM log.event_log WHERE id = %s", ids[0])
    assert db.rows('SELECT DISTINCT written_xmin FROM log.event_log WHERE id = ANY (%s)', ids) == [(None,)], 'of other numbers'
    assert db.value("SELECT count(*) FROM log.audit_trail WHERE action = 'events.rebase'") == 1
    # Nothing is left to do, and nothing is done.
    assert stack.run('boxofficectl', 'events', 'rebase').stdout == '0 readers put back, 0 events to be read again\n'


def test_a_cursor_ahead_of_the_database_is_not_written(db):
    ahead = str(int(db.value('SELECT pg_snapshot_xmax(pg_current_snapshot())')) + 1000)
    before = db.rows('SELECT * FROM log.cursors ORDER BY consumer')
    assert db.rows("SELECT outcome FROM log.cursor_set('slots', %s, %s, 0)", ahead, ahead) == [('ok',)]
    assert db.rows('SELECT * FROM log.cursors ORDER BY consumer') == before

"""The relay and the jobs, while everything that they depend on is taken away."""
import json
import signal
import time

from season import new
from wait import wait_for

LISTED = """SELECT count(*) FROM show.orders AS o LEFT JOIN account.order_list AS l USING (user_id, order_id)
    WHERE l.version IS DISTINCT FROM o.version"""
# The clock has ended a hold and the sweep has not said so: counted or not, both is right.
OUTDATED = """SELECT count(*) FROM listing.shows AS l CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE state = 'available') AS free,
        count(*) FILTER (WHERE state = 'held' AND held_until <= clock_timestamp()) AS ended
    FROM show.seats AS s WHERE s.show_id = l.show_id) AS n WHERE l.seats_left NOT BETWEEN n.free AND n.free + n.ended"""

SUMMED = """SELECT count(*) FROM listing.events AS e WHERE seats_left <> (SELECT coalesce(sum(seats_left), 0) FROM listing.shows AS l
    WHERE l.event_id = e.event_id AND util.show_state(false, sales_open_at, sales_close_at, clock_timestamp()) = 'on_sale')"""


def caught_up(db):
    return db.value(LISTED) == 0 and db.value(OUTDATED) == 0 and db.value(SUMMED) == 0


def end(process, number=signal.SIGTERM):
    began = time.monotonic()
    process.send_signal(number)
    process.wait(5)
    return time.monotonic() - began


def test_summaries_and_own_orders_follow(db, season, start):
    season.buy('paid')
    start('boxoffice-relay')
    wait_for(lambda: caught_up(db), 10)
    bought = season.buy('paid')
    began = time.monotonic()
    wait_for(lambda: caught_up(db), 4, 'four seconds are the promise')
    assert time.monotonic() - began < 4
    state = db.value("SELECT doc ->> 'state' FROM account.order_list WHERE order_id = %s", bought['order'])
    assert state == 'paid'


def test_a_killed_relay_loses_nothing(db, season, start):
    for _ in range(8):
        relay = start('boxoffice-relay')
        for _ in range(5):
            season.buy('paid', count=1)
        relay.send_signal(signal.SIGKILL)
        relay.wait()
        season.buy('held', count=1)
    start('boxoffice-relay')
    wait_for(lambda: caught_up(db), 10)


def test_a_change_of_a_transaction_that_ends_late_is_not_lost(db, season, start):
    """Its event has a lower id than others that are read before it commits."""
    start('boxoffice-relay')
    wait_for(lambda: caught_up(db), 10)
    show, user, hold = season.shows[3], season.users[3], new()
    slow = db.connect('app', autocommit=False)
    cursor = slow.cursor()
    cursor.execute('SELECT outcome FROM show.hold_take(%s, %s, %s, %s, NULL)', (show, hold, user, season.free(show, 1)))
    assert cursor.fetchone()[0] == 'created'
    season.buy('paid', show=season.shows[4])
    time.sleep(0.5)
    slow.commit()
    wait_for(lambda: caught_up(db), 10)


def test_one_relay_leads_and_the_next_takes_over(db, season, start):
    leaders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid IN (SELECT pid FROM" \
        " pg_stat_activity WHERE application_name = 'boxoffice-relay')"
    first, second = start('boxoffice-relay'), start('boxoffice-relay')
    wait_for(lambda: db.value(leaders, role='postgres') == 1, 10)
    time.sleep(0.3)
    assert db.value(leaders, role='postgres') == 1
    season.buy('paid')
    wait_for(lambda: caught_up(db), 10)
    first.kill()
    began = time.monotonic()
    season.buy('paid')
    wait_for(lambda: caught_up(db), 5, 'five seconds are the promise')
    assert time.monotonic() - began < 5
    assert second.poll() is None


def test_the_relay_survives_losing_its_connection(db, season, start):
    relay = start('boxoffice-relay')
    wait_for(lambda: caught_up(db), 10)
    for _ in range(3):
        db.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'boxoffice-relay'", role='postgres')
        season.buy('paid', count=1)
        wait_for(lambda: caught_up(db), 10)
    assert relay.poll() is None


def test_the_relay_ends_within_a_second(db, start):
    relay = start('boxoffice-relay')
    wait_for(lambda: caught_up(db), 10)
    assert end(relay) < 1 and relay.returncode == 0


def test_the_relay_ends_although_the_database_does_not_answer(db, season, start):
    relay = start('boxoffice-relay')
    wait_for(lambda: caught_up(db), 10)
    blocker = db.connect('owner', autocommit=False)
    blocker.cursor().execute('LOCK TABLE listing.shows IN EXCLUSIVE MODE')  # takes no xid: readers go on
    season.buy('held')
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boxoffice-relay' AND wait_event_type = 'Lock'"
    wait_for(lambda: db.value(waiting, role='postgres') == 1, 10)
    assert end(relay) < 1.5 and relay.returncode == 0
    blocker.rollback()


def test_an_idle_relay_writes_nothing(db, start):
    start('boxoffice-relay')
    wait_for(lambda: caught_up(db), 10)
    time.sleep(1)
    cursors = 'SELECT consumer, updated_at, from_xmin, id FROM log.cursors ORDER BY consumer'
    before = db.rows(cursors)
    assert [row[0] for row in before] == ['own-orders', 'slots', 'summaries']
    time.sleep(1.5)
    assert db.rows(cursors) == before


def test_what_the_clock_changes_is_recounted(db, start):
    start('boxoffice-relay')
    event, seats = db.rows('SELECT event_id, seats_left FROM listing.events WHERE seats_left > 0 ORDER BY event_id LIMIT 1')[0]
    shows = db.rows("UPDATE listing.shows SET sales_close_at = clock_timestamp() WHERE event_id = %s RETURNING show_id", event)
    db.rows('UPDATE listing.events SET next_change_at = clock_timestamp() WHERE event_id = %s', event)
    wait_for(lambda: db.value('SELECT seats_left FROM listing.events WHERE event_id = %s', event) == 0, 4)
    db.rows("UPDATE listing.shows AS l SET sales_close_at = s.sales_close_at FROM show.shows AS s WHERE s.show_id = l.show_id"
            " AND l.show_id = ANY (%s)", [row[0] for row in shows])
    db.rows('UPDATE listing.events SET next_change_at = clock_timestamp() WHERE event_id = %s', event)
    wait_for(lambda: db.value('SELECT seats_left FROM listing.events WHERE event_id = %s', event) == seats, 4)


def log_lines(stack, proc):
    return [line for line in map(json.loads, open(stack.log_path('boxoffice'))) if line['proc'] == proc]


def test_ended_holds_are_released_and_others_left(stack, db, season):
    ended = [season.buy('held', count=1) for _ in range(5)] + [season.buy('ordered', count=1)]
    paying, paid = season.buy('begun', count=1), season.buy('paid', count=1)
    season.end_holds()
    live = season.buy('held', count=1)
    assert stack.run('boxoffice-release-holds', '--verbose').returncode == 0

    def state(bought):
        return (db.value('SELECT state FROM show.holds WHERE hold_id = %s', bought['hold']),
                db.value('SELECT state FROM show.seats WHERE show_id = %s AND seat_no = %s', bought['show'], bought['seats'][0]))
    assert [state(bought) for bought in ended] == [('expired', 'available')] * 6
    assert db.value('SELECT state FROM show.orders WHERE order_id = %s', ended[-1]['order']) == 'expired'
    assert state(paying) == ('paying', 'held') and state(paid) == ('confirmed', 'sold') and state(live) == ('active', 'held')
    assert log_lines(stack, 'release-holds')[-1]['msg'] == 'holds released'


def test_more_holds_than_a_bite_are_released_in_one_run(stack, db, season):
    for user in season.users:
        for show in season.shows[:12]:
            seats = season.free(show, 1)
            season.call('show.hold_take', show, new(), user, seats, None)
    season.end_holds()
    assert db.value("SELECT count(*) FROM show.holds WHERE state = 'active'") > 200
    stack.run('boxoffice-release-holds')
    assert db.value("SELECT count(*) FROM show.holds WHERE state = 'active'") == 0


def test_payments_left_behind_are_settled(stack, db, season):
    begun, debited = season.buy('begun'), season.buy('debited')
    time.sleep(1.1)
    assert stack.run('boxoffice-settle-payments').returncode == 0

    def states(bought):
        return db.rows('SELECT o.state, p.state FROM show.orders AS o JOIN show.payments AS p USING (show_id, order_id)'
                       ' WHERE o.order_id = %s', bought['order'])[0]
    assert states(begun) == ('pending', 'voided')
    assert states(debited) == ('paid', 'approved')
    assert {'voided', 'approved'} <= {line.get('end') for line in log_lines(stack, 'settle-payments')}


def test_one_payment_that_cannot_be_settled_does_not_stop_the_rest(stack, db, season):
    stuck, good = season.buy('begun'), season.buy('debited')
    blocker = db.connect('owner', autocommit=False)
    blocker.cursor().execute('SELECT FROM account.wallets WHERE user_id = %s FOR UPDATE', (stuck['user'],))
    if good['user'] == stuck['user']:
        good = season.buy('debited', user=next(user for user in season.users if user != stuck['user']))
    time.sleep(1.1)
    done = stack.run('boxoffice-settle-payments', check=False)
    assert done.returncode == 1
    assert db.value('SELECT state FROM show.orders WHERE order_id = %s', good['order']) == 'paid'
    assert db.value('SELECT state FROM show.payments WHERE payment_id = %s', stuck['payment']) == 'started'
    blocker.rollback()
    assert stack.run('boxoffice-settle-payments').returncode == 0
    assert db.value('SELECT state FROM show.payments WHERE payment_id = %s', stuck['payment']) == 'voided'


def test_two_of_one_batch_do_not_work_at_once(stack, db, start):
    first = start('boxoffice-release-holds', '--for', '20', '--every', '1')
    # Asked of the database: a second run to find out might come first and be the one that works.
    wait_for(lambda: db.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 1, 10)
    assert 'another' in stack.run('boxoffice-release-holds', '--verbose').stdout
    # Another batch has another lock.
    assert stack.run('boxoffice-settle-payments', '--verbose').stdout == ''
    assert end(first) < 1 and first.returncode == 0
    assert stack.run('boxoffice-release-holds', '--verbose').stdout == ''


def test_a_batch_runs_for_as_long_as_it_is_told(stack):
    began = time.monotonic()
    stack.run('boxoffice-release-holds', '--for', '3', '--every', '1')
    assert 2 <= time.monotonic() - began < 4


def test_a_batch_says_so_when_the_database_is_away(stack, tmp_path):
    path = tmp_path / 'x.conf'
    path.write_text(open(stack.conf).read().replace(stack.socket_dir, str(tmp_path)))
    done = stack.run('boxoffice-release-holds', '--config', str(path), check=False)
    assert done.returncode == 1
    assert [line for line in log_lines(stack, 'release-holds') if line['level'] == 'warn']


def test_wrong_options_and_configuration_are_refused(stack, tmp_path):
    for program in ('boxoffice-relay', 'boxoffice-release-holds', 'boxoffice-settle-payments'):
        assert stack.run(program, '--frob', check=False).returncode == 2
        assert stack.run(program, 'word', check=False).returncode == 2
        assert stack.run(program, '--config', str(tmp_path / 'none'), check=False).returncode == 78
        assert stack.run(program, '--help').stdout.startswith(f'Usage: {program}')
    wrong = stack.run('boxoffice-release-holds', '--for', 'x', check=False)
    assert wrong.returncode == 2 and wrong.stderr.startswith('boxoffice-release-holds: x is no number from 1 to 86400; ')
    assert stack.run('boxoffice-relay', '--for', '3', check=False).returncode == 2


def test_the_audit_is_clean_after_all_of_it(stack, db, start):
    time.sleep(1.1)
    assert stack.run('boxoffice-settle-payments').returncode == 0
    start('boxoffice-relay')
    wait_for(lambda: caught_up(db), 10)
    done = stack.run('boxofficectl', 'audit', check=False)
    assert done.returncode == 0, done.stdout

"""Each invariant holds after what the program does, and its breach is found."""
import glob
import os
import uuid

import pytest

# name of the invariant: what breaks it, as the superuser, with triggers and keys of no help. {…} are the ids
# of a bought order and of a pending one (held_…).
BREAKS = {
    'tickets-once': ["DROP INDEX show.tickets_seat_live", "INSERT INTO show.tickets (show_id, ticket_id, order_id, seat_no, user_id,"
                     " created_at) SELECT show_id, gen_random_uuid(), order_id, seat_no, user_id, created_at FROM show.tickets LIMIT 1"],
    'seats-sold': ["UPDATE show.seats SET state = 'available', hold_id = NULL WHERE show_id = {show} AND hold_id = '{hold}'"],
    'seats-held': ["UPDATE show.seats SET held_until = 'infinity' WHERE show_id = {held_show} AND hold_id = '{held_hold}'"],
    'seats-without-hold': ["UPDATE show.seats SET held_until = now() WHERE show_id = {show} AND hold_id = '{hold}'"],
    'wallet-balance': ["UPDATE account.wallets SET balance = balance + 1 WHERE user_id = '{user}'"],
    'ledger-transfers': ["UPDATE account.ledger SET amount = amount + 1 WHERE payment_id = '{payment}' AND account = 'sales'"],
    'ledger-uses': ["UPDATE show.orders SET state = 'failed' WHERE order_id = '{order}'",
                    "UPDATE account.ledger SET at = now() - interval '1 hour' WHERE payment_id = '{payment}'"],
    'ledger-refunds': ["SELECT account.ledger_post('{user}', 'refund', 'sales', -amount, payment_id, order_id, show_id)"
                       " FROM account.ledger WHERE payment_id = '{payment}' AND account = 'wallet'"],
    'orders-charged': ["UPDATE show.payments SET state = 'voided' WHERE payment_id = '{payment}'"],
    'orders-tickets': ["UPDATE show.tickets SET state = 'void' WHERE ticket_id = (SELECT min(ticket_id::text)::uuid FROM show.tickets"
                       " WHERE order_id = '{order}')"],
    'orders-states': ["UPDATE show.orders SET state = 'paying' WHERE order_id = '{held_order}'"],
    'amounts': ["UPDATE show.orders SET amount = amount - 1 WHERE order_id = '{order}'"],
    'holds-ended': ["UPDATE show.holds SET ended_at = now() WHERE hold_id = '{hold}'"],
    'buyer-keys': ["UPDATE show.holds SET buyer_key = buyer_key + 1 WHERE hold_id = '{hold}'"],
    'holds-swept': ["UPDATE show.holds SET expires_at = now() - interval '2 minutes' WHERE hold_id = '{held_hold}'"],
    'payments-settled': ["UPDATE show.payments SET state = 'unknown', started_at = now() - interval '3 minutes'"
                         " WHERE payment_id = '{payment}'"],
    'capacity': ["DELETE FROM show.seats WHERE show_id = {show} AND seat_no = 99"],
    'limits': ["UPDATE show.holds SET max_seats = 1 WHERE show_id = {show}"],
    'seat-versions': ["UPDATE show.seats SET version = version + 1 WHERE show_id = {show} AND seat_no = 0"],
    'idempotency': ["UPDATE show.idempotency SET status = NULL WHERE payment_id = '{payment}'"],
    'summaries': ["UPDATE log.event_log SET at = at - interval '10 seconds'",
                  "UPDATE log.cursors SET from_xmin = '9999999', to_xmin = '9999999'",
                  "UPDATE listing.grades SET seats_left = seats_left - 1 WHERE show_id = {show}"],
    'own-orders': ["UPDATE log.event_log SET at = at - interval '10 seconds'",
                   "UPDATE log.cursors SET from_xmin = '9999999', to_xmin = '9999999'",
                   "DELETE FROM account.order_list WHERE order_id = '{order}'"],
    'append-only': ["GRANT UPDATE (amount) ON account.ledger TO boxoffice_app"],
    'partitions': ["DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT inhrelid::regclass FROM pg_inherits"
                   " WHERE inhparent = 'log.event_log'::regclass LOOP IF t::text > 'log.event_log_' ||"
                   " to_char(now() at time zone 'UTC', 'YYYYMMDD') THEN EXECUTE 'DROP TABLE ' || t; END IF; END LOOP; END $$"],
    'addresses': ["UPDATE directory.email_claims SET user_id = gen_random_uuid() WHERE user_id = '{user}'"],
    'cancelled-shows': ["UPDATE show.tickets SET created_at = now() - interval '1 hour' WHERE order_id = '{order}'",
                        "UPDATE show.shows SET cancelled_at = now() - interval '1 hour' WHERE show_id = {show}"],
    'checkins': ["UPDATE show.tickets SET used_at = now() WHERE order_id = '{order}'"],
    'seats-rereleased': ["UPDATE show.shows SET rerelease = '{{\"every_s\": 1}}' WHERE show_id = {show}",
                         "UPDATE show.seats SET state = 'resting', held_until = now() - interval '2 minutes'"
                         " WHERE show_id = {show} AND seat_no = 99"],
    'slots': ["DELETE FROM directory.show_slots WHERE show_id = {show}"],
    'blocks': ["DELETE FROM show.blocks", "INSERT INTO show.blocks (show_id, seat_no, reason, blocked_by)"
               " VALUES ({show}, 0, 'a camera', '{user}')"],
}


def invariants(stack):
    """{name: statement}"""
    found = {}
    for path in sorted(glob.glob(f'{stack.source}/sql/audit/*.sql')):
        found[os.path.basename(path).lstrip('0123456789-')[:-4]] = open(path).read()
    return found


@pytest.fixture
def bought(db, season):
    """One paid order and one pending one."""
    paid, held = season.buy('paid'), season.buy('ordered')
    return dict(paid, **{f'held_{name}': value for name, value in held.items()})


def test_the_audit_is_clean_after_buying_and_letting_go(stack, season):
    for step in ('held', 'ordered', 'begun', 'debited', 'paid', 'paid'):
        season.buy(step)
    done = stack.run('boxofficectl', 'audit', check=False)
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert len(lines) == len(invariants(stack))
    assert all(line.startswith('ok ') and line.split()[2] == '0' for line in lines)


def test_a_live_hold_of_a_show_that_is_long_cancelled_is_found(stack, db, bought):
    connection = db.connect('postgres', autocommit=False)
    cursor = connection.cursor()
    cursor.execute("UPDATE show.shows SET cancelled_at = now() - interval '1 hour' WHERE show_id = (SELECT show_id FROM show.holds"
                   ' WHERE hold_id = %s)', (bought['held_hold'],))
    cursor.execute("UPDATE show.orders SET state = 'refunded' WHERE state = 'paid'")
    cursor.execute(invariants(stack)['cancelled-shows'])
    assert 'hold' in cursor.fetchone()[1]


def test_a_limit_that_is_lowered_breaks_nothing(stack, db, bought):
    db.rows('UPDATE show.shows SET max_seats_per_user = 1 WHERE show_id = %s', bought['show'])
    assert stack.run('boxofficectl', 'audit', check=False).returncode == 0
    db.rows('UPDATE show.shows SET max_seats_per_user = 8 WHERE show_id = %s', bought['show'])


def test_seats_above_a_limit_that_was_lowered_before_are_found(stack, db, bought):
    """Each hold is judged by the limit under which it was taken, not by the highest that there was."""
    connection = db.connect('postgres', autocommit=False)
    cursor = connection.cursor()
    cursor.execute('UPDATE show.holds SET max_seats = 8, show_id = %s, user_id = %s WHERE hold_id IN (%s, %s)',
                   (bought['show'], bought['user'], bought['hold'], bought['held_hold']))
    cursor.execute(invariants(stack)['limits'])
    assert cursor.fetchone()[0] == 0
    cursor.execute('UPDATE show.holds SET max_seats = 1, taken_at = now() WHERE hold_id = %s', (bought['held_hold'],))
    cursor.execute(invariants(stack)['limits'])
    assert cursor.fetchone()[0] == 1
    connection.rollback()
    connection.close()


def test_a_seat_that_rests_without_a_schedule_is_found(stack, db, bought):
    """Half a minute after the schedule was taken off it need not be back yet."""
    connection = db.connect('postgres', autocommit=False)
    cursor = connection.cursor()
    cursor.execute("UPDATE show.seats SET state = 'resting', held_until = now() - interval '1 hour' WHERE show_id = %s AND seat_no = 99",
                   (bought['show'],))
    for off_at, breaches in (("now() - interval '30 s'", 0), ("now() - interval '2 min'", 1), ('NULL', 1)):
        cursor.execute(f'UPDATE show.shows SET rerelease = NULL, rerelease_off_at = {off_at} WHERE show_id = %s', (bought['show'],))
        cursor.execute(invariants(stack)['seats-rereleased'])
        assert cursor.fetchone()[0] == breaches, off_at
    connection.rollback()
    connection.close()


def test_every_invariant_has_something_that_breaks_it(stack):
    assert set(invariants(stack)) == set(BREAKS)


@pytest.mark.parametrize('name', BREAKS)
def test_a_breach_is_found(stack, db, bought, name):
    statement = invariants(stack)[name]
    assert statement.startswith('-- ') and statement.split('\n')[0].endswith('.')
    connection = db.connect('postgres', autocommit=False)
    try:
        cursor = connection.cursor()
        cursor.execute(statement)
        assert cursor.fetchone()[0] == 0
        for text in BREAKS[name]:
            cursor.execute(text.format(**bought))
        cursor.execute(statement)
        breaches, example = cursor.fetchone()
        assert breaches > 0 and example
    finally:
        connection.rollback()
        connection.close()


def test_an_entry_without_its_used_ticket_is_found(stack, db, season):
    bought, operator = season.buy('paid', count=2), uuid.uuid4()
    tickets = db.rows('SELECT ticket_id, seat_no FROM show.tickets WHERE order_id = %s ORDER BY seat_no', bought['order'])
    for ticket, seat in tickets:
        assert season.call('show.ticket_check_in', bought['show'], uuid.uuid4(), ticket, seat, operator, None)[0] == 'ok'
        assert season.call('show.ticket_check_in', bought['show'], uuid.uuid4(), ticket, seat, operator, None)[0] == 'already_used'
    assert stack.run('boxofficectl', 'audit', check=False).returncode == 0
    statement = invariants(stack)['checkins']
    for text in ("UPDATE show.tickets SET used_at = NULL WHERE ticket_id = %s",
                 "UPDATE show.tickets SET used_at = used_at + interval '1 s' WHERE ticket_id = %s",
                 "DELETE FROM show.checkins WHERE outcome = 'entered' AND ticket_id = %s",
                 "DELETE FROM show.tickets WHERE ticket_id = %s",
                 "UPDATE show.checkins SET seat_no = seat_no + 1 WHERE outcome = 'entered' AND ticket_id = %s",
                 "UPDATE show.checkins SET outcome = 'entered' WHERE ticket_id = %s"):
        connection = db.connect('postgres', autocommit=False)
        cursor = connection.cursor()
        cursor.execute('DROP INDEX show.checkins_entered_once')
        cursor.execute(text, (tickets[0][0],))
        cursor.execute(statement)
        breaches, example = cursor.fetchone()
        assert breaches > 0 and str(tickets[0][0]) in example, text
        connection.rollback()
        connection.close()


def test_a_hall_kept_for_another_time_is_a_breach_once_it_is_old(stack, db, season):
    statement, show = invariants(stack)['slots'], season.shows[0]
    connection = db.connect('postgres', autocommit=False)
    try:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO directory.show_slots (show_id, hall_id, during) SELECT show_id, hall_id,"
                       " tstzrange(upper(during) + interval '9 years', upper(during) + interval '10 years')"
                       ' FROM directory.show_slots WHERE show_id = %s', (show,))
        cursor.execute(statement)
        assert cursor.fetchone()[0] == 0, 'the show may be moving'
        cursor.execute("UPDATE directory.show_slots SET taken_at = taken_at - interval '16 minutes' WHERE show_id = %s",
                       (show,))
        cursor.execute(statement)
        assert cursor.fetchone()[0] == 1
    finally:
        connection.rollback()
        connection.close()


def test_a_breach_makes_the_audit_fail_and_except_leaves_it_out(stack, db):
    user = db.value("SELECT user_id FROM account.wallets LIMIT 1")
    db.rows('UPDATE account.wallets SET balance = balance + 1 WHERE user_id = %s', user)
    try:
        done = stack.run('boxofficectl', 'audit', check=False)
        assert done.returncode == 1
        line, = [line for line in done.stdout.splitlines() if not line.startswith('ok ')]
        assert line.startswith('BREACH wallet-balance 1 ') and str(user) in line
        assert stack.run('boxofficectl', 'audit', '--except', 'wallet-balance').returncode == 0
    finally:
        db.rows('UPDATE account.wallets SET balance = balance - 1 WHERE user_id = %s', user)


def test_an_exception_that_is_no_invariant_is_refused(stack):
    done = stack.run('boxofficectl', 'audit', '--except', 'wallet-balanse', check=False)
    assert done.returncode == 1
    assert 'there is no invariant wallet-balanse' in done.stderr


def test_an_invariant_is_one_statement_that_only_reads(stack, db):
    connection = db.connect('postgres')
    cursor = connection.cursor()
    cursor.execute('SET default_transaction_read_only = on')
    for name, text in invariants(stack).items():
        # The extended protocol takes one statement; a prepared one is just that.
        cursor.execute(f'PREPARE "{name}" AS {text}')
        cursor.execute(f'EXECUTE "{name}"')
        assert [column.name for column in cursor.description] == ['breaches', 'example'], name

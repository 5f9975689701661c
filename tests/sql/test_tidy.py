"""Remains of requests, and calls that come at the wrong moment."""
import json
import os
import re
import threading
import time

from season import new

ORDER_SQL = os.path.join(os.path.dirname(__file__), '../../sql/reads/show/order.sql')

PLAN = """SELECT row_to_json(d) FROM (SELECT s.event_id, s.hall, s.layout_id, 'KRW' AS currency, s.capacity,
        4 AS max_seats_per_user, 300 AS hold_seconds, (SELECT json_agg(g) FROM show.grades AS g WHERE g.show_id = s.show_id) AS grades
    FROM show.shows AS s WHERE s.show_id = %s) AS d"""


def draft(db, season, day, has_slot, age_s=1000, trace=None):
    """A show as a request leaves it that dies before it publishes, so many days past everything."""
    like = db.value('SELECT show_id FROM show.shows WHERE published_at IS NOT NULL ORDER BY capacity LIMIT 1')
    starts = int(db.value("SELECT date_part('epoch', max(ends_at))::bigint FROM show.shows")) + 86400 * day
    plan = {**db.value(PLAN, like), 'starts_at': starts, 'ends_at': starts + 3600, 'sales_open_at': starts - 900,
            'sales_close_at': starts}
    outcome, made = db.rows('SELECT outcome, result FROM show.show_create(%s, %s, %s)', new(), json.dumps(plan), trace,
                            role='app')[0]
    assert outcome == 'created'
    show = made['id']
    db.rows("""SELECT show.show_seats_add(%s, 0, array_agg(label ORDER BY seat_no), array_agg(grade ORDER BY seat_no))
        FROM show.seat_places WHERE show_id = %s""", show, like, role='app')
    if has_slot:
        assert db.value('SELECT outcome FROM directory.slot_take(%s, %s, to_timestamp(%s), to_timestamp(%s))',
                        plan['hall']['id'], show, starts, starts + 3600, role='app') == 'ok'
    db.rows("UPDATE show.shows SET created_at = clock_timestamp() - make_interval(secs => %s) WHERE show_id = %s", age_s, show)
    return show


def test_a_draft_with_its_hall_is_published_and_others_are_deleted(db, season, start):
    trace_id = new().hex
    trace = f'00-{trace_id}-0123456789abcdef-01'
    whole, without, young = [draft(db, season, day, has_slot, age_s, trace)
                             for day, has_slot, age_s in ((1, True, 1000), (2, False, 1000), (3, True, 10))]
    for _ in range(2):
        assert start('boxoffice-prune').wait(20) == 0
    published = "SELECT count(*) FROM show.shows WHERE published_at IS NOT NULL AND show_id = %s"
    assert db.value(published, whole) == 1
    assert db.value('SELECT count(*) FROM listing.shows WHERE show_id = %s', whole) == 1
    assert db.value('SELECT count(*) FROM show.shows WHERE show_id = %s', without) == 0
    assert db.value('SELECT count(*) FROM show.seats WHERE show_id = %s', without) == 0
    assert db.rows('SELECT action, object FROM log.audit_trail WHERE trace_id = %s', trace_id) == [('show.create', f'show {whole}')]
    assert db.value(published, young) == 0, 'its request may still be at work'
    db.rows('SELECT show.show_publish(%s, NULL)', young, role='app')


def test_keys_older_than_a_day_are_free_again(db, season, start):
    paid, begun = season.buy('paid'), season.buy('begun')
    charge = ('SELECT outcome FROM account.wallet_charge(%s, 5, %s, %s, %s, NULL)', paid['user'], '/charges', str(new()), b'x')
    assert db.value(*charge, role='app') == 'created'
    assert db.value(*charge, role='app') == 'replay'
    for home in ('show', 'account'):
        db.rows(f"UPDATE {home}.idempotency SET created_at = created_at - interval '23 hours 50 minutes' WHERE user_id = ANY (%s)",
                [paid['user'], begun['user']])
    assert start('boxoffice-prune').wait(20) == 0
    assert db.value(*charge, role='app') == 'replay', 'kept a day'
    for home in ('show', 'account'):
        db.rows(f"UPDATE {home}.idempotency SET created_at = created_at - interval '20 minutes' WHERE user_id = ANY (%s)",
                [paid['user'], begun['user']])
    assert start('boxoffice-prune').wait(20) == 0
    kept = 'SELECT count(*) FROM show.idempotency WHERE payment_id = %s'
    assert db.value(kept, paid['payment']) == 0
    assert db.value(kept, begun['payment']) == 1, 'only settling ends a payment that is running'
    assert db.value(*charge, role='app') == 'created'
    assert season.call('show.payment_end', begun['show'], begun['order'], begun['payment'], begun['user'], 'voided', None)[0] == 'ok'


def test_an_order_is_confirmed_by_its_own_payment_only(db, season):
    begun = season.buy('begun', count=1)
    for function, last in (('show.order_confirm', [new()]), ('show.order_fail', None)):
        more = (last, None) if last else (None,)
        season.call(function, begun['show'], begun['order'], new(), begun['user'], *more)
        assert db.value('SELECT state FROM show.orders WHERE order_id = %s', begun['order']) == 'paying'
        assert db.value('SELECT state FROM show.payments WHERE payment_id = %s', begun['payment']) == 'started'
    assert season.call('show.payment_end', begun['show'], begun['order'], begun['payment'], begun['user'], 'voided', None)[0] == 'ok'


def test_a_refused_debit_asked_again_is_refused_in_the_same_words(db, season):
    """Its answer was lost, its void stands; and charging the wallet meanwhile does not revive it."""
    begun = season.buy('begun', count=1)
    amount = db.value('SELECT balance FROM account.wallets WHERE user_id = %s', begun['user']) + 1
    debit = ('account.wallet_debit', begun['user'], begun['payment'], begun['order'], begun['show'], amount, None)
    first = season.call(*debit)
    assert first[0] == 'insufficient_balance' and season.call(*debit) == first
    assert db.value("SELECT count(*) FROM log.event_log WHERE kind = 'wallet.refused' AND payload ->> 'payment_id' = %s::text",
                    begun['payment']) == 1
    assert season.call(*debit[:5], amount - 1, None)[0] == 'order_closed'
    assert season.call('show.payment_end', begun['show'], begun['order'], begun['payment'], begun['user'], 'declined', None)[0] == 'ok'


def test_a_session_opened_while_all_are_ended_does_not_survive(db, season):
    """Both orders: the log-in first and not committed yet, and the change of role first."""
    user, first, second = season.users[0], new(), new()
    opened = 'SELECT outcome FROM account.session_open(%s, %s, %s, NULL, 1000)'
    change = "SELECT outcome FROM account.user_change_by_staff(%s, %s, NULL, 900, 'test')"
    login = db.connect('app', autocommit=False)
    login.cursor().execute(opened, (user, first, b'1'))
    staff = threading.Thread(target=db.rows, args=(change, user, 'operator'))
    staff.start()
    time.sleep(0.3)
    assert staff.is_alive(), 'it waits for the session that is being opened'
    login.commit()
    staff.join(10)
    assert db.value('SELECT count(*) FROM account.revocations WHERE session_id = %s', first) == 1

    demotion = db.connect('owner', autocommit=False)
    demotion.cursor().execute(change, (user, 'user'))
    roles = []
    late = threading.Thread(target=lambda: roles.append(db.value(
        "SELECT result ->> 'role' FROM account.session_open(%s, %s, %s, NULL, 1000)", user, second, b'2', role='app')))
    late.start()
    time.sleep(0.3)
    assert late.is_alive()
    demotion.commit()
    late.join(10)
    assert roles == ['user']


def test_an_extension_takes_no_time_away(db, season):
    """A declined payment leaves at least a minute, which may be more than hold_seconds."""
    begun = season.buy('begun', count=1)
    outcome, _ = season.call('show.payment_end', begun['show'], begun['order'], begun['payment'], begun['user'], 'declined', None)
    db.rows('UPDATE show.shows SET hold_seconds = 20 WHERE show_id = %s', begun['show'])
    try:
        before = db.value('SELECT expires_at FROM show.holds WHERE hold_id = %s', begun['hold'])
        outcome, hold = season.call('show.hold_extend', begun['show'], begun['hold'], begun['user'], None)
        assert outcome == 'ok' and hold['state'] == 'active'
        assert db.value('SELECT expires_at FROM show.holds WHERE hold_id = %s', begun['hold']) == before
        db.rows('UPDATE show.holds SET last_until = expires_at WHERE hold_id = %s', begun['hold'])
        assert season.call('show.hold_extend', begun['show'], begun['hold'], begun['user'], None)[0] == 'extension_limit'
    finally:
        db.rows('UPDATE show.shows SET hold_seconds = 300 WHERE show_id = %s', begun['show'])
        db.rows('UPDATE show.holds SET last_until = taken_at + 3 * (expires_at - taken_at) WHERE hold_id = %s', begun['hold'])
    assert season.call('show.hold_release', begun['show'], begun['hold'], begun['user'], None)[0] == 'ok'


def test_an_order_expires_with_its_hold(db, season):
    """Not when the second is over that documents round to: nobody may pay it any more."""
    ordered = season.buy('ordered', count=1)
    with open(ORDER_SQL) as file:
        lines = [line for line in file if not line.startswith('--')]
    values = (ordered['show'], ordered['order'], ordered['user'])
    text = re.sub(r'\$([1-3])', lambda match: f"'{values[int(match[1]) - 1]}'", ''.join(lines))
    assert db.value(text)['state'] == 'pending'
    db.rows("UPDATE show.holds SET expires_at = clock_timestamp() WHERE hold_id = %s", ordered['hold'])
    assert db.value(text)['state'] == 'expired'
    assert season.call('show.payment_begin', ordered['show'], ordered['order'], new(), 'wallet', ordered['user'], '/p', str(new()),
                       b'x', None)[0] == 'hold_expired'
    db.rows("UPDATE show.seats SET held_until = clock_timestamp() WHERE hold_id = %s", ordered['hold'])

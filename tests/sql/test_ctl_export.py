"""boxofficectl export: orders and ledger as CSV."""
import csv
import io
import re
import subprocess
import uuid

import pytest

ORDERS = ['show_id', 'event_title', 'starts_at', 'order_id', 'user_id', 'state', 'amount', 'currency', 'seats', 'labels', 'sections', 'rows',
          'used', 'payment_id', 'method', 'payment_state', 'created_at']
LEDGER = ['user_id', 'entry_no', 'account', 'kind', 'amount', 'currency', 'balance_after', 'payment_id', 'order_id', 'show_id', 'at']
TIME = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ'

# A show and `count` paid orders of one seat, written as they lie on disk; users and money are not asked for.
MANY = """
    INSERT INTO directory.events (event_id, title, kind, running_minutes) OVERRIDING SYSTEM VALUE
    SELECT n, title, 'concert', 120 FROM unnest(%(titles)s) WITH ORDINALITY AS t (title, n);
    INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at, sales_close_at, currency,
        capacity, max_seats_per_user, hold_seconds, published_at)
    SELECT n, n, '{}', 1, '2031-05-01 10:00Z', '2031-05-01 12:00Z', '2031-01-01', '2031-05-01', 'KRW', 5000, 4, 300, now()
    FROM unnest(%(titles)s) WITH ORDINALITY AS t (title, n);
    INSERT INTO show.holds (show_id, hold_id, user_id, buyer_key, state, seat_nos, items, amount, currency, taken_at, expires_at, last_until)
    SELECT 1 + i %% %(shows)s, md5('h' || i)::uuid, md5('u')::uuid, show.buyer_key(1 + i %% %(shows)s, md5('u')::uuid), 'confirmed', ARRAY[i], jsonb_build_array(jsonb_build_object('no', i,
        'label', %(label)s || i)), 1000 + i, 'KRW', now(), now(), now() FROM generate_series(1, %(count)s) AS i;
    INSERT INTO show.orders (show_id, order_id, hold_id, user_id, state, amount, currency, created_at)
    SELECT 1 + i %% %(shows)s, md5('o' || i)::uuid, md5('h' || i)::uuid, md5('u')::uuid, 'paid', 1000 + i, 'KRW', now()
    FROM generate_series(1, %(count)s) AS i"""


def read(text):
    """Rows of a file as {name: value}, the names as they come."""
    rows = list(csv.reader(io.StringIO(text, newline=''), strict=True))
    assert all(len(row) == len(rows[0]) for row in rows)
    return [dict(zip(rows[0], row)) for row in rows[1:]], rows[0]


@pytest.fixture
def export(stack):
    """Text of an export with its line ends as they are; of another database with its configuration."""
    def run(*arguments, conf=stack.conf):
        done = subprocess.run([f'{stack.programs}/boxofficectl', '--config', conf, 'export', *arguments], capture_output=True,
                              env=stack.environment(), timeout=60)
        assert done.returncode == 0 and done.stderr == b''
        return done.stdout.decode('utf-8')
    return run


def many(other, db, titles=('Event',), count=10, label='A-'):
    assert other.run('db', 'migrate').returncode == 0
    connection = db.connect('postgres', other.database)
    connection.cursor().execute(MANY, {'titles': list(titles), 'shows': len(titles), 'count': count, 'label': label})


def test_an_order_is_a_line(stack, db, season, export):
    bought, held = season.buy('paid', count=2), season.buy('ordered')
    ticket, seat = db.rows('SELECT ticket_id, seat_no FROM show.tickets WHERE order_id = %s ORDER BY seat_no', bought['order'])[0]
    assert season.call('show.ticket_check_in', bought['show'], uuid.uuid4(), ticket, seat, uuid.uuid4(), None)[0] == 'ok'
    text = export('orders', '--show', str(bought['show']))
    rows, names = read(text)
    assert names == ORDERS and text.count('\r\n') == text.count('\n') == len(rows) + 1
    row, = [row for row in rows if row['order_id'] == str(bought['order'])]
    title, starts, amount, labels, sections, row_names = db.rows("""
        SELECT e.title, to_char(s.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), o.amount,
            string_agg(p.label, ';' ORDER BY seat_no), string_agg(p.section, ';' ORDER BY seat_no), string_agg(p.row_name, ';' ORDER BY seat_no)
        FROM show.orders AS o JOIN show.shows AS s USING (show_id) JOIN directory.events AS e USING (event_id)
        JOIN show.holds AS h USING (show_id, hold_id) JOIN show.seat_places AS p ON p.show_id = s.show_id AND p.seat_no = ANY (h.seat_nos)
        WHERE order_id = %s GROUP BY 1, 2, 3""", bought['order'])[0]
    assert re.fullmatch(TIME, row.pop('created_at'))
    assert row == {'show_id': str(bought['show']), 'event_title': title, 'starts_at': starts, 'order_id': str(bought['order']),
                   'user_id': str(bought['user']), 'state': 'paid', 'amount': str(amount), 'currency': 'KRW', 'seats': '2',
                   'labels': labels, 'sections': sections, 'rows': row_names, 'used': '1', 'payment_id': str(bought['payment']), 'method': 'wallet', 'payment_state': 'approved'}
    rows, _ = read(export('orders'))
    row, = [row for row in rows if row['order_id'] == str(held['order'])]
    assert (row['state'], row['payment_id'], row['method'], row['payment_state'], row['used']) == ('pending', '', '', '', '0')
    assert len(rows) == db.value('SELECT count(*) FROM show.orders')
    assert any(ord(letter) > 0x1100 for row in rows for letter in row['event_title']), 'Korean comes as UTF-8'
    # As it reads now, whatever the sweep has written.
    for text, state in (("now() - interval '1 minute'", 'expired'), ("now() + interval '5 minutes'", 'pending')):
        db.rows(f"WITH hold AS (UPDATE show.holds SET expires_at = {text} WHERE hold_id = %s RETURNING hold_id, expires_at)"
                ' UPDATE show.seats AS s SET held_until = hold.expires_at FROM hold WHERE s.hold_id = hold.hold_id', held['hold'])
        rows, _ = read(export('orders', '--show', str(held['show'])))
        assert [row['state'] for row in rows if row['order_id'] == str(held['order'])] == [state]


def test_the_ledger_has_both_legs_and_sums_to_nothing(stack, db, season, export):
    bought = season.buy('paid')
    text = export('ledger')
    rows, names = read(text)
    assert names == LEDGER and len(rows) == db.value('SELECT count(*) FROM account.ledger')
    assert sum(int(row['amount']) for row in rows) == 0
    assert {row['currency'] for row in rows} == {'KRW'} and all(re.fullmatch(TIME, row['at']) for row in rows)
    legs = {row['account']: row for row in rows if row['payment_id'] == str(bought['payment'])}
    assert set(legs) == {'wallet', 'sales'}
    assert int(legs['wallet']['amount']) < 0 and legs['sales']['balance_after'] == '' != legs['wallet']['balance_after']
    # A number below zero is a number and no formula.
    assert f",{legs['wallet']['amount']},KRW" in text
    assert len({(row['user_id'], row['entry_no'], row['account']) for row in rows}) == len(rows)


def test_days_of_the_ledger_are_of_seoul_and_both_included(other, db, export):
    assert other.run('db', 'migrate').returncode == 0
    db.rows("INSERT INTO account.users (user_id, email, password_hash, name) VALUES (md5('u')::uuid, 'u@example.org', '', 'u')",
            role='postgres', database=other.database)
    db.rows("INSERT INTO account.wallets (user_id) VALUES (md5('u')::uuid)", role='postgres', database=other.database)
    # Midnight in Seoul is 15:00 UTC of the day before.
    times = ['2031-04-30 14:59:59Z', '2031-04-30 15:00Z', '2031-05-01 14:59:59Z', '2031-05-01 15:00Z']
    for number, at in enumerate(times, 1):
        db.rows("INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, at) VALUES (md5('u')::uuid, %s, 'wallet', 'charge', 1, %s)",
                number, at, role='postgres', database=other.database)
    for options, wanted in (((), '1234'), (('--from', '2031-05-01'), '234'), (('--to', '2031-05-01'), '123'),
                            (('--from', '2031-05-01', '--to', '2031-05-01'), '23'), (('--from', '2031-05-03'), ''),
                            (('--from', '2031-05-02', '--to', '2031-04-30'), '')):
        rows, names = read(export('ledger', *options, conf=other.conf))
        assert (''.join(row['entry_no'] for row in rows), names) == (wanted, LEDGER), options


@pytest.mark.parametrize('count', [0, 999, 1000, 1001, 3000])
def test_chunks_neither_skip_nor_repeat(other, db, export, count):
    many(other, db, ('a', 'b', 'c'), count)
    rows, _ = read(export('orders', conf=other.conf))
    keys = [(int(row['show_id']), row['order_id']) for row in rows]
    assert len(keys) == count and keys == sorted(set(keys))
    assert sorted(int(row['amount']) for row in rows) == [1000 + i for i in range(1, count + 1)]
    rows, _ = read(export('orders', '--show', '2', conf=other.conf))
    assert [(int(row['show_id']), row['order_id']) for row in rows] == [key for key in keys if key[0] == 2]


def test_nobody_s_text_becomes_a_formula(other, db, export):
    titles = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', "='x'!A1,\"y\"", 'a=1', "'=1", 'a,b', 'a"b', 'a\r\nb', ' =1', '별빛, "콘서트"']
    many(other, db, titles, len(titles), label='=cmd|')
    text = export('orders', conf=other.conf)
    rows, _ = read(text)
    for row in rows:
        wanted = titles[int(row['show_id']) - 1]
        assert row['event_title'] == ("'" + wanted if wanted[0] in '=+-@\t\r' else wanted)
        assert row['labels'].startswith("'=cmd|")
    assert len(rows) == len(titles) and '"a""b"' in text and ',"a,b",' in text and '"a\r\nb"' in text


def test_who_took_data_out_is_in_the_audit_trail(stack, db, export):
    export('orders')
    export('orders', '--show', '1')
    export('ledger', '--from', '2031-01-01')
    trail = db.rows('SELECT actor, action, object FROM log.audit_trail ORDER BY id DESC LIMIT 3')[::-1]
    assert all(actor.startswith('system:') for actor, _, _ in trail)
    assert [row[1:] for row in trail] == [('export.orders', 'every show'), ('export.orders', 'show 1'),
                                          ('export.ledger', 'ledger from 2031-01-01 to now')]


def test_a_full_disk_is_said(stack):
    with open('/dev/full', 'w') as full:
        done = subprocess.run([f'{stack.programs}/boxofficectl', 'export', 'ledger'], env=stack.environment(), stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 1 and 'standard output' in done.stderr


@pytest.mark.parametrize('arguments', [('orders', '--show', 'x'), ('orders', '--show', '0'), ('orders', '--show', '9' * 12),
                                       ('ledger', '--from', '2031-02-30'), ('ledger', '--to', 'today')])
def test_what_is_none_is_refused(stack, arguments):
    done = stack.run('boxofficectl', 'export', *arguments, check=False)
    assert done.returncode == 1 and done.stdout == '' and 'is not' in done.stderr

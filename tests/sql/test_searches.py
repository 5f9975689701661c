"""What a public list looks at has a bound, whatever is in the database and whatever is asked for: a search that finds nothing looks
at no more than one that does. The pages that follow still find everything. Blocks are counted, not time."""
import json
import os

import pytest

from conftest import Database

DATABASE = 'searches'
# Of a page, src/core/README.md. A look at a row takes some blocks: of its index, its row, its event.
LOOKS, OWN_LOOKS, BLOCKS = 5000, 1000, 6
USER = '00000000-0000-0000-0000-000000000001'
SHOWS, PAST, EVENTS = 105000, 20000, 20000
DAILY, CANCELLED = 1, 2     # an event with a show every half an hour, and one whose first shows are cancelled
OFTEN = 10200

FILL = f"""
INSERT INTO account.users (user_id, email, password_hash, name) VALUES ('{USER}', 'busy@example.org', '-', 'Busy');
INSERT INTO account.sessions (user_id, session_id, revoked_at) SELECT '{USER}', gen_random_uuid(), CASE WHEN n > 3 THEN now() END
    FROM generate_series(1, 10000) AS n;
INSERT INTO account.refresh_tokens (user_id, session_id, token_hash, expires_at)
    SELECT user_id, session_id, 'x', now() + interval '1 day' FROM account.sessions;
INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at, sales_close_at, currency, capacity,
        max_seats_per_user, hold_seconds, published_at)
    SELECT 1, 1, '{{}}', 1, t + '1 day', t + '25 hours', t, t + '1 day', 'KRW', 10, 4, 300, t FROM (SELECT now() AS t) AS now;
INSERT INTO show.holds (show_id, hold_id, user_id, buyer_key, state, seat_nos, items, amount, currency, taken_at, expires_at, last_until, ended_at)
    SELECT 1, gen_random_uuid(), '{USER}', show.buyer_key(1, '{USER}'), CASE WHEN n > 2 THEN 'released' ELSE 'active' END::show.hold_state, ARRAY[n % 10], '[]', 1, 'KRW', now(),
        now() + interval '1 hour', now(), CASE WHEN n > 2 THEN now() - make_interval(secs => n) ELSE 'infinity' END FROM generate_series(1, 10000) AS n;
INSERT INTO directory.events (title, kind, rating, running_minutes)
    SELECT CASE n WHEN {EVENTS} THEN 'The last one' ELSE 'Event ' || n END, CASE WHEN n > {EVENTS} - 3 THEN 'other' ELSE 'movie' END,
        CASE WHEN n % 5000 = 0 THEN '19' END, 100 FROM generate_series(1, {EVENTS}) AS n;
INSERT INTO listing.shows (show_id, event_id, hall, region, local_date, layout_id, starts_at, ends_at, sales_open_at, sales_close_at,
        currency, capacity, seats_left, hold_seconds, max_seats_per_user, is_cancelled)
    SELECT n, s.event, jsonb_build_object('id', n, 'venue', jsonb_build_object('id', n % 40, 'time_zone', 'Asia/Seoul')), s.region,
        (s.at AT TIME ZONE 'Asia/Seoul')::date, 1, s.at, s.at + interval '1 hour', now() - interval '1 day', s.at, 'KRW', 10, 5, 300, 4,
        s.event = {CANCELLED} AND n <= 15000
    FROM (SELECT n, CASE WHEN n <= {OFTEN} THEN {DAILY} WHEN n <= 15100 THEN {CANCELLED} ELSE 3 + n % ({EVENTS} - 2) END AS event,
            CASE WHEN n > {SHOWS} - 2 THEN 'Jeju' WHEN n = 9000 THEN 'Sejong' ELSE 'Seoul' END AS region,
            date_trunc('hour', now()) + CASE WHEN n <= {OFTEN} THEN make_interval(mins => 30 * n) ELSE make_interval(mins => n) END AS at
        FROM generate_series(-{PAST}, {SHOWS}) AS n WHERE n <> 0) AS s;
INSERT INTO listing.events (event_id, venue, first_show_at, last_show_at, seats_left)
    SELECT event_id, '{{"id": 1}}', min(starts_at), max(starts_at), 5 * count(*) FROM listing.shows WHERE NOT is_cancelled AND starts_at > now()
    GROUP BY event_id;
-- Of events that are over nothing comes.
INSERT INTO listing.events (event_id, venue) SELECT n, '{{"id": 1}}' FROM generate_series({EVENTS} + 1, {EVENTS} + 20000) AS n;
INSERT INTO account.order_list (user_id, order_id, created_at, version, doc)
    SELECT '{USER}', gen_random_uuid(), now() - make_interval(secs => n), 1,
        json_build_object('state', CASE n WHEN 9000 THEN 'failed' ELSE 'paid' END) FROM generate_series(1, 10000) AS n;
INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, balance_after, payment_id, order_id, show_id)
    SELECT '{USER}', n, l.account, l.kind, l.amount, l.balance, CASE WHEN l.kind <> 'charge' THEN gen_random_uuid() END,
        CASE WHEN l.kind <> 'charge' THEN gen_random_uuid() END, CASE WHEN l.kind <> 'charge' THEN 1 END
    FROM generate_series(1, 10000) AS n, (VALUES (1, 'wallet'::account.ledger_account, 'charge'::account.ledger_kind, 5::bigint, 5::bigint),
        (1, 'funding', 'charge', -5, NULL), (0, 'wallet', 'void', 0, 5)) AS l (is_first, account, kind, amount, balance)
    WHERE CASE WHEN n = 1 THEN 1 ELSE 0 END = l.is_first;
"""


@pytest.fixture(scope='module')
def db(stack, tmp_path_factory):
    Database(stack).create(DATABASE)
    conf = tmp_path_factory.mktemp(DATABASE) / 'boxoffice.conf'
    with open(stack.conf) as file:
        conf.write_text(file.read().replace('dbname=boxoffice ', f'dbname={DATABASE} '))
    stack.run('boxofficectl', '--config', str(conf), 'db', 'migrate')
    stack.psql('-1', '-c', FILL, database=DATABASE, user='boxoffice_owner')
    stack.psql('-c', 'VACUUM ANALYZE', database=DATABASE)
    db = Database(stack)
    yield db
    db.close()


class Search:
    """A named read as a list asks for it, page by page, as src/core/list.c does."""

    def __init__(self, db, stack, home, name, values, limit=20, key=()):
        with open(os.path.join(stack.source, 'sql', 'reads', home, name + '.sql')) as file:
            self.text = file.read()
        self.connection = db.connect('owner', DATABASE)
        self.cursor = self.connection.cursor()
        self.cursor.execute(f'PREPARE "{name}" AS {self.text}')
        self.name, self.values, self.limit, self.key = name, values, limit, key
        self.blocks, self.pages = [], 0

    def rows(self, values):
        call = f'EXECUTE "{self.name}"(' + ', '.join(['%s'] * len(values)) + ')'
        self.cursor.execute(call, values)
        names = [column[0] for column in self.cursor.description]
        rows = [dict(zip(names, row)) for row in self.cursor.fetchall()]
        self.cursor.execute('EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' + call, values)
        told = self.cursor.fetchone()[0]
        plan = (told if isinstance(told, list) else json.loads(told))[0]['Plan']
        self.blocks.append(plan['Shared Hit Blocks'] + plan['Shared Read Blocks'])
        return rows

    def all(self, most_pages):
        """The rows of all pages, which are so many at most."""
        found, after = [], (None,) * len(self.key)
        while True:
            self.pages += 1
            assert self.pages <= most_pages
            rows = self.rows([*self.values, *after, self.limit + 1])
            is_cut = bool(rows) and rows[-1].get('is_cut', False)
            shown = [row for row in rows if not row.get('is_cut')][:self.limit]
            found += shown
            if len(rows) <= self.limit and not is_cut:
                return found
            last = rows[-1] if is_cut and len(rows) <= self.limit + 1 else shown[-1]
            after = tuple(last[name] for name in self.key)


EVENT_KEY = ('first_show_at', 'id')
# What comes, by (first_show_at, id): the events with their figures, of the shows that match.
ALL = """SELECT e.event_id, floor(date_part('epoch', m.first))::bigint, floor(date_part('epoch', m.last))::bigint, m.seats
    FROM directory.events AS e JOIN (SELECT event_id, min(starts_at) AS first, max(starts_at) AS last, sum(seats_left) AS seats
        FROM listing.shows AS s WHERE NOT is_cancelled AND starts_at > now() AND {shows} GROUP BY event_id) AS m USING (event_id)
    WHERE {events} ORDER BY m.first, e.event_id"""
DAY = "(now() AT TIME ZONE 'Asia/Seoul')::date"


@pytest.mark.parametrize('events, shows, values, pages', [
    ("title LIKE '%nothing%'", 'true', {'q': 'nothing'}, 5),
    ("title = 'The last one'", 'true', {'q': 'last one'}, 5),
    ("kind = 'other'", 'true', {'kind': 'other'}, 5),
    ("rating = '19'", 'true', {'rating': '19'}, 5),
    ("title LIKE '%nothing%'", "region = 'Seoul'", {'q': 'nothing', 'region': 'Seoul'}, 22),
    ("title = 'The last one'", "region = 'Seoul'", {'q': 'last one', 'region': 'Seoul'}, 22),
    ('true', "region = 'Jeju'", {'region': 'Jeju'}, 1),
    ('true', "region = 'Sejong'", {'region': 'Sejong'}, 1),
    ("kind = 'other'", f'local_date >= {DAY}', {'kind': 'other', 'from': 0}, 22),
    ("rating = '19'", f'local_date <= {DAY} + 300', {'rating': '19', 'to': 300}, 22),
    ("title LIKE 'Event 1%'", f'local_date BETWEEN {DAY} + 2 AND {DAY} + 4', {'q': 'event 1', 'from': 2, 'to': 4}, 40),
    ("event_id <= 30", f"local_date BETWEEN {DAY} + 5 AND {DAY} + 15 AND region = 'Seoul'", {'from': 5, 'to': 15, 'region': 'Seoul'}, None),
], ids=lambda value: ' '.join(f'{name}={what}' for name, what in value.items()) if isinstance(value, dict) else None)
def test_a_search_for_events_looks_at_so_many_rows_and_finds_all(db, stack, events, shows, values, pages):
    def day(name):
        return values[name] if name not in ('from', 'to') or values.get(name) is None else \
            db.value(f"SELECT ({DAY} + {values[name]})::text", database=DATABASE)
    asked = [day(name) if name in values else None for name in ('kind', 'q', 'region', 'rating', 'from', 'to')]
    search = Search(db, stack, 'listing', 'events', asked, key=EVENT_KEY)
    found = [(row['id'], row['first_show_at'], row['last_show_at'], row['seats_left']) for row in search.all(pages or 400)]
    assert max(search.blocks) <= BLOCKS * LOOKS
    expected = db.rows(ALL.format(events=events, shows=shows), database=DATABASE)
    if pages:
        assert found == expected
    else:
        assert [row for row in found if row[0] <= 30] == expected


def test_a_plain_list_looks_at_its_page(db, stack):
    search = Search(db, stack, 'listing', 'events', [], key=EVENT_KEY)
    rows = search.rows([None] * 8 + [21])
    assert len(rows) == 21 and not any(row['is_cut'] for row in rows)
    assert search.blocks.pop() <= 500
    assert search.rows([None] * 6 + [4000000000, 1, 21]) == [] and search.blocks.pop() <= 20, 'nothing is behind the last but what is over'
    # With a region, events are summed up: a page ends behind the one with so many shows.
    region = [None, None, 'Seoul', None, None, None]
    first, cut = search.rows([*region, None, None, 21])
    assert first['id'] == DAILY and cut['is_cut'] and [first[name] for name in EVENT_KEY] == [cut[name] for name in EVENT_KEY]
    assert search.rows([*region, *(cut[name] for name in EVENT_KEY), 21])[-1]['is_cut'], 'and then come those that are cancelled'
    rows = search.rows([*region, first['first_show_at'] + 20 * 86400, DAILY, 21])
    assert len(rows) == 21 and not any(row['is_cut'] for row in rows)
    assert max(search.blocks) <= BLOCKS * LOOKS


def test_shows_of_an_event_on_a_day(db, stack):
    for days, count in ((100, 48), (4000, 0)):
        day = db.value(f'SELECT ({DAY} + {days})::text', database=DATABASE)
        search = Search(db, stack, 'listing', 'event_shows', [DAILY, day], key=('starts_at', 'id'))
        assert len(search.all(4)) == count
        assert max(search.blocks) <= 150


def test_days_on_which_an_event_can_be_booked(db, stack):
    search = Search(db, stack, 'listing', 'event_dates', [])
    rows = search.rows([DAILY, None, None])
    assert len(rows) == 92 and {row['shows'] for row in rows[1:]} == {48}
    assert search.rows([CANCELLED, None, None]) != []
    old, far = (db.value(f'SELECT ({DAY} + {days})::text', database=DATABASE) for days in (-4000, 4000))
    assert 203 <= len(search.rows([DAILY, old, far])) <= 209, 'the days of its next 10,000 shows'
    assert search.rows([DAILY, far, None]) == []
    assert max(search.blocks) <= BLOCKS * LOOKS


def test_own_orders_of_a_state(db, stack):
    search = Search(db, stack, 'account', 'own_orders', [USER, 'failed'], key=('created_us', 'order_id'))
    assert len(search.all(11)) == 1
    assert max(search.blocks) <= BLOCKS * OWN_LOOKS
    search = Search(db, stack, 'account', 'own_orders', [USER, None], key=('created_us', 'order_id'), limit=100)
    assert len(search.all(100)) == 10000
    assert max(search.blocks) <= 500


def test_entries_of_a_wallet_behind_payments_in_vain(db, stack):
    search = Search(db, stack, 'account', 'wallet_entries', [USER], key=('id',))
    assert len(search.all(11)) == 1
    assert max(search.blocks) <= BLOCKS * OWN_LOOKS


def test_own_sessions_and_holds_behind_many_that_ended(db, stack):
    search = Search(db, stack, 'account', 'sessions', [])
    assert len(search.rows([USER])) == 3
    assert max(search.blocks) <= 40
    search = Search(db, stack, 'show', 'holds', [])
    assert len(search.rows([1, USER])) == 2
    assert max(search.blocks) <= 40
    # The second log-in of the connection: at the first, it reads the catalogue.
    for _ in range(2):
        search.cursor.execute("""EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT account.session_open(%s, gen_random_uuid(), 'x', NULL, 1000,
            7776000, 900, 100)""", (USER,))
        plan = search.cursor.fetchone()[0][0]['Plan']
    assert plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] <= 60

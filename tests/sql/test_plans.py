"""The plan of every named read and of every query inside the functions. All of them run on a database (plans.sql) that is
large enough for realistic plans, before it has statistics and with them."""
import glob
import json
import os
import re
import uuid

import pytest

from conftest import Database
from season import new

DATABASE = 'plans'
HOMES = ('directory', 'show', 'account', 'log', 'listing', 'util')
LARGE_ROWS = 2000

# Tables that stay small for ever: reading one of them whole is right.
SMALL = {'directory.venues', 'directory.halls', 'log.cursors', 'ops.migrations', 'ops.functions', 'ops.seeds'}
# (statement, table) that may be read whole, and why.
WHOLE = {
    ('read payments_unfinished', 'show.refunds_due'): 'all of it is due',
    ('read payments_unfinished', 'show.settle_failures'): 'a row for each trouble',
    ('read payments_stuck', 'show.settle_failures'): 'a row for each trouble',
    ('read retries_parked', 'log.retries'): 'for an operator, of what nobody could deliver',
    ('read rereleases_due', 'show.shows'): 'of an index of the few with a schedule',
    ('read holds_off', 'show.shows'): 'of an index of the few that are cancelled',
    ('show.show_cancel', 'show.payments'): 'of an index of the few that are under way',
}
# The same for as long as a table has no statistics, which is a minute.
WHOLE_AT_FIRST = {
    ('read payments_stuck', 'show.payments'): 'nobody knows yet that few are stuck',
    ('read orders_to_cancel', 'show.shows'): 'nobody knows yet that few shows are cancelled; settling may be slow that long',
}
# What is done while a show is being sold, and the tables of which a show that is being sold has very many rows.
SALE = {*(f'show.{step}' for step in ('hold_take', 'hold_take_first', 'hold_extend', 'hold_release', 'order_create', 'payment_begin',
                                      'order_confirm', 'payment_end', 'order_fail', 'order_cancel', 'order_refunded', 'orders_cancel',
                                      'holds_expire', 'ticket_check_in')),
        *(f'read {what}' for what in ('hold', 'holds', 'order'))}
OF_A_SALE = {'holds', 'orders', 'payments', 'tickets', 'idempotency', 'seats', 'seat_places'}
# Queries that nothing here reaches: (function, table) and why.
UNREACHED = {
    ('log.cursors_rebase', 'log.cursors'): 'reads everything, once, by hand, after a restore',
    ('log.cursors_rebase', 'log.event_log'): 'the same',
}

# Values of reads' parameters, where any of the right type would ask for nothing. More than one: each is tried.
SHOW, EVENT = 11, 12
DAY, LATER, TIME = 'now()::date + 30', 'now()::date + 33', "date_part('epoch', now())::bigint + 86400 * 30"
USER = 'lpad(to_hex(41), 32, \'0\')::uuid'  # bought in show 11
IDS = {kind: f"md5('{kind}41')::uuid" for kind in ('hold', 'order', 'payment', 'session')}
VALUES = {
    'cursor': ["'summaries'"],
    'events': ['NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 20', "NULL, 'nothing', NULL, NULL, NULL, NULL, NULL, NULL, 20",
               f"'movie', NULL, NULL, NULL, NULL, NULL, {TIME}, 5, 20",
               f"NULL, 'event 7', 'Region 1', NULL, {DAY}, {LATER}, NULL, NULL, 20",
               f"NULL, NULL, NULL, NULL, {DAY}, {LATER}, NULL, NULL, 20", "NULL, NULL, 'Region 1', NULL, NULL, NULL, NULL, NULL, 20"],
    'event_dates': [f"{EVENT}, NULL, NULL"],
    'event_shows': [f'{EVENT}, NULL, NULL, NULL, 20', f"{EVENT}, {DAY}, {TIME}, 5, 20"],
    'events_taken': ["'20000', '20100', 0, 100, 'show', '{show.%}', 'seats', NULL, NULL"],
    'export_ledger': [f"{USER}, 1, 'wallet', NULL, NULL"],
    'hold': [f"{SHOW}, {IDS['hold']}, {USER}"],
    'holds': [f'{SHOW}, {USER}'],
    'layout_for_show': ['7, NULL'],
    'login_failures': ["'nobody7', 300"],
    'order': [f"{SHOW}, {IDS['order']}, {USER}"],
    'own_orders': [f'{USER}, NULL, NULL, NULL, 20', f"{USER}, 'paid', 1900000000000000, {USER}, 20"],
    'payments_stuck': ['3'],
    'retries_of': ["'hooks', 'e1', '41', 10"],
    'retries_waiting': ["'hooks', 'e1'"],
    'audit_trail': ['NULL, 20', '100, 20'],
    'blocks': ['1011, NULL, 20'],
    'show_orders': [f'{SHOW}, NULL, NULL, NULL, 20'],
    'session_revoked': [IDS['session']],
    'user_by_email': ["'user41@example.org'"],
    'user_login': [f"{USER}, sha256('place'), 30, 300"],
    'user': [USER],
    'wallet': [USER],
    'wallet_entries': [f'{USER}, NULL, 20', f'{USER}, 5, 20'],
}
BY_TYPE = {'integer': '1', 'bigint': '1', 'text': "'x'", 'uuid': USER, 'xid8': 'pg_current_xact_id()', 'date': DAY,
           'integer[]': "'{1}'", 'text[]': "'{x}'", 'timestamp with time zone': "now() - interval '1 hour'",
           'uuid[]': f'ARRAY[{USER}]', 'boolean': 'true'}


class Filled(Database):
    """Connections to the filled database."""
    name = DATABASE

    def connect(self, role='owner', database=None, autocommit=True):
        return super().connect(role, database or self.name, autocommit)


class Seen:
    """What a session of the filled database was told of the plans it ran: (what for, text, plan)."""

    def __init__(self, connection):
        self.plans, self.what = [], ''
        self.cursor = connection.cursor()
        connection.notices = self

    def append(self, notice):
        if ' plan:\n' in notice:
            told = json.loads(notice.partition(' plan:\n')[2])
            self.plans.append((self.what, told['Query Text'], told['Plan']))

    def run(self, what, text, values=None):
        self.what = what
        self.cursor.execute(text, values)
        return self.cursor.fetchone() if self.cursor.description else None

    def call(self, expected, function, *values):
        """A call of a function; its result."""
        places = ', '.join('%s::uuid[]' if value and isinstance(value, list) and hasattr(value[0], 'hex') else '%s' for value in values)
        outcome, result = self.run(function, f'SELECT outcome, result FROM {function}({places})', values)
        assert outcome in expected.split('|'), f'{function}{values}: {outcome}'
        return result


def nodes(plan, is_limited=False):
    """(node, whether something above it stops reading early)"""
    yield plan, is_limited
    is_limited = plan['Node Type'] == 'Limit' or is_limited and plan['Node Type'] not in ('Sort', 'Aggregate', 'Hash')
    for child in plan.get('Plans', ()):
        yield from nodes(child, is_limited)


def whole_reads(plan, large):
    """(large table, by which index) that a plan reads from end to end."""
    for node, is_limited in nodes(plan):
        table = f'{node.get("Schema")}.{node.get("Relation Name")}'
        kind = node['Node Type']
        # The first rows in the order of an index are few, unless a filter may leave out all of them.
        is_bounded = 'Index Cond' in node or is_limited and 'Filter' not in node and kind != 'Seq Scan'
        if table in large and 'Bitmap' not in kind and kind != 'ModifyTable' and not is_bounded:
            yield table, node.get('Index Name', kind)


# --- running all of it

def buy(seen, n):
    """Every function of a purchase and its ends, with the rows of user n in show n + 5; he has bought nothing there."""
    show, user, order_path = n + 5, uuid.UUID(int=n), '/orders'
    seats = [4, 5]
    hold, order, payment, key = new(), new(), new(), str(new())
    seen.call('created', 'show.hold_take', show, hold, user, seats, None)
    seen.call('seats_taken', 'show.hold_take', show, new(), uuid.UUID(int=n + 1), seats, None)
    seen.call('validation_failed', 'show.hold_take', show, new(), user, [99], None)
    seen.call('ok', 'show.hold_extend', show, hold, user, None)
    create = (show, order, hold, user, order_path, key, b'x', None)
    seen.call('created', 'show.order_create', *create)
    seen.call('replay', 'show.order_create', *create)
    seen.run('orders_made', 'SELECT show.orders_made(show.buyer_key(%s, %s))', (show, user))
    seen.call('ok', 'show.order_create', show, new(), hold, user, order_path, str(new()), b'x', None)

    def begin(payment):
        return (show, order, payment, 'wallet', user, '/payments', str(payment), b'x', None)
    seen.call('ok', 'show.payment_begin', *begin(payment))
    seen.call('ok', 'show.payment_begin', *begin(payment))
    seen.call('ok', 'account.wallet_void', user, payment, order, show, None)
    seen.call('ok', 'show.payment_end', show, order, payment, user, 'voided', None)
    seen.run('as after many payments', 'UPDATE show.orders SET version = version + 200 WHERE show_id = %s AND order_id = %s', (show, order))
    payment = new()
    seen.call('ok', 'show.payment_begin', *begin(payment))
    seen.call('idempotency_in_flight', 'show.payment_begin', *begin(payment)[:2], new(), *begin(payment)[3:])
    seen.call('ok', 'account.wallet_debit', user, payment, order, show, 2000, None)
    seen.call('insufficient_balance', 'account.wallet_debit', user, new(), order, show, 2000000000, None)
    confirm = (show, order, payment, user, [new(), new()], None)
    seen.call('ok', 'show.order_confirm', *confirm)
    seen.call('ok', 'show.order_confirm', *confirm)
    cancel = (show, order, new(), 900, user, '/cancel', key, b'x', None)
    seen.call('ok', 'show.order_cancel', *cancel)
    seen.call('ok', 'show.order_cancel', *cancel)
    seen.call('ok', 'account.wallet_refund', user, payment, order, show, 2000, None)
    seen.call('ok', 'show.order_refunded', show, order, payment, user, None)
    fail(seen, show, user)
    give_back(seen, show, user)


def start(seen, show, user, seats):
    hold, order, payment = new(), new(), new()
    seen.call('created', 'show.hold_take', show, hold, user, seats, None)
    seen.call('created', 'show.order_create', show, order, hold, user, '/orders', str(new()), b'x', None)
    seen.call('ok', 'show.payment_begin', show, order, payment, 'wallet', user, '/payments', str(payment), b'x', None)
    return hold, order, payment


def fail(seen, show, user):
    _, order, payment = start(seen, show, user, [6])
    seen.call('ok', 'account.wallet_debit', user, payment, order, show, 1000, None)
    seen.call('ok', 'show.order_fail', show, order, payment, user, None)
    seen.call('ok', 'show.settle_tried', show, payment, 'x', 0)
    seen.call('ok', 'show.settle_tried', show, payment, None)


def give_back(seen, show, user):
    """Holds that are released, swept, cancelled unpaid or taken as the best; then a cancelled show."""
    hold, best = new(), new()
    old = new()
    seen.call('created', 'show.hold_take', show, old, user, [7], None)
    seen.call('created', 'show.hold_take', show, hold, user, [7, 8], None, True, old)
    seen.call('ok', 'show.hold_release', show, hold, user, None)
    for seats in ([0, 4, 5, 6, 7, 8], [4, 5, 6]):
        seen.call('created', 'show.hold_take_first', show, best, user, 3, 'R', seats, None, False, 30, 1000)
    seen.call('seat_limit', 'show.hold_take_first', show, new(), user, 8, None, [], None)
    seen.call('not_enough_seats', 'show.hold_best', show, new(), user, 5, None, None)
    seen.call('not_enough_seats', 'show.hold_best', show, new(), user, 5, 'R', None)
    seen.run('expire', "UPDATE show.holds SET expires_at = now() WHERE show_id = %s AND hold_id = %s", (show, best))
    seen.run('expire', "UPDATE show.seats SET held_until = now() WHERE show_id = %s AND hold_id = %s", (show, best))
    seen.call('ok', 'show.holds_expire', [show], [best])
    order = new()
    seen.call('created', 'show.hold_take', show, hold := new(), user, [8], None, False, None, 30, 1000)
    seen.call('ok', 'show.hold_release', show, hold, user, None)
    seen.run('kept', "UPDATE show.holds SET taken_at = taken_at - interval '1 hour' WHERE show_id = %s AND hold_id = %s", (show, hold))
    seen.call('seats_taken', 'show.hold_take', show, new(), user, [8], None, False, None, 30, 1000)
    seen.call('rate_limited', 'show.hold_take', show, new(), user, [8], None, False, None, 30, 1)
    seen.call('created', 'show.hold_take', show, hold := new(), user, [8], None, False, None, 0, 1000)
    seen.call('created', 'show.order_create', show, order, hold, user, '/orders', str(new()), b'x', None)
    seen.call('ok', 'show.order_cancel', show, order, new(), 900, user, '/cancel', str(new()), b'x', None)
    _, order, payment = start(seen, show, user, [9])
    ticket = new()
    seen.call('ok', 'show.order_confirm', show, order, payment, user, [ticket], None)
    seen.call('ok', 'show.ticket_check_in', show, new(), ticket, 9, new(), None)
    seen.call('already_used', 'show.ticket_check_in', show, new(), ticket, 9, new(), None)
    assert seen.call('ok', 'show.show_cancel', show, new(), 'x', None)['refunds_left'] > 0
    assert seen.call('ok', 'show.orders_cancel', [show], [order])['cancelled'] == 1


def account(seen, n):
    user, fresh, email = uuid.UUID(int=n), new(), f'fresh{n}@example.org'
    charge = (user, 5, '/charges', str(new()), b'x', None)
    seen.call('created', 'account.wallet_charge', *charge)
    seen.call('replay', 'account.wallet_charge', *charge)
    seen.call('created', 'account.user_create', fresh, email, '-', 'Fresh', None, None)
    seen.call('created', 'account.user_create', fresh, email, '-', 'Fresh', None, None)
    seen.call('ok', 'directory.email_claim', email, fresh)
    seen.call('ok', 'account.user_update', user, 'Name', None, False)
    session = new()
    seen.call('ok', 'account.session_open', user, session, b'1', '-', 1000)
    seen.call('ok', 'account.session_refresh', user, session, b'1', b'2', 1000, 900)
    for again in (b'3', b'4', b'5'):
        seen.call('ok', 'account.session_refresh', user, session, b'1', again, 1000, 900)
    seen.call('rate_limited', 'account.session_refresh', user, session, b'1', b'6', 1000, 900)
    for again in (b'6', b'7'):
        seen.call('ok', 'account.session_refresh', user, session, b'2', again, 1000, 900)
    seen.run('an hour', "UPDATE account.refresh_tokens SET used_at = used_at - interval '1 hour' WHERE user_id = %s AND session_id = %s",
             (user, session))
    seen.call('ok', 'account.session_refresh', user, session, b'2', b'8', 1000, 900)
    seen.call('refresh_invalid', 'account.session_refresh', user, session, b'1', b'9', 1000, 900)
    seen.call('ok', 'account.session_open', user, new(), b'1', '-', 1000, 7776000, 900, 1)
    seen.call('ok', 'account.sessions_close_others', user, session, 900)
    seen.call('ok', 'account.session_close', user, session, 900)
    seen.call('ok', 'account.user_change_by_staff', user, 'operator', None, 900, 'test')
    seen.call('ok', 'account.session_open', user, new(), b'1', '-', 1000, 7776000, 900, 9, None, None, b'place')
    seen.call('ok', 'account.login_failed', user, b'place', 300)
    seen.call('ok', 'account.login_addresses_prune', [user], 0)
    seen.call('ok', 'account.user_change_by_staff', user, None, 'other', 900, 'test')
    seen.call('ok', 'directory.login_failed', email, 300)
    seen.call('ok', 'directory.login_failures_prune', 300, 100)
    order = {'id': str(new()), 'created_us': 1, 'version': 1}
    seen.run('orders_listed', 'SELECT account.orders_listed(%s::uuid[], ARRAY[%s]::json[])', ([user], json.dumps(order)))
    seen.call('ok', 'account.idempotency_prune', [user], 0, 100)
    seen.call('ok', 'account.sessions_prune', [user], [session], 0)
    seen.run('signups_end', 'SELECT account.signups_end(%s::uuid[], %s::uuid[], 0)', ([fresh], []))
    seen.call('ok', 'show.idempotency_prune', [n], 0, 100)
    seen.call('ok', 'show.holds_prune', [n, n], [new(), new()], 1)


def catalogue(seen, n):
    admin = new()
    venue = seen.call('created', 'directory.venue_create', admin, 'Venue', 'Seoul', None, 'Asia/Seoul')['id']
    hall = seen.call('created', 'directory.hall_create', admin, venue, 'Hall')['id']
    sections = json.dumps([{'name': 'A', 'grade': 'R', 'rows': [{'name': 'A', 'seats': [{'no': 0, 'label': 'A-1', 'x': 0, 'y': 1}]}]}])
    layout = seen.call('created', 'directory.layout_create', admin, hall, sections, ['A-1'], ['R'], None, None, None, b'x')['id']
    seen.call('ok', 'directory.plan_add', layout, b'x')
    event = seen.call('created', 'directory.event_create', admin, 'Event', 'movie', None, 100, None)['id']
    starts = 2000000000 + 10000 * n
    plan = {'event_id': event, 'hall': {'id': hall, 'name': 'H', 'venue': {'region': 'Seoul', 'time_zone': 'Asia/Seoul'}},
            'layout_id': layout, 'starts_at': starts, 'ends_at': starts + 3600, 'sales_open_at': 1, 'sales_close_at': starts,
            'currency': 'KRW', 'capacity': 1, 'max_seats_per_user': 4, 'hold_seconds': 300, 'grades': [{'code': 'R', 'price': 5, 'capacity': 1}]}
    request = (new(), b'x', 300, f'00-{n:032x}-2-01')
    seen.call('created', 'directory.show_request', *request)
    seen.call('ok', 'directory.show_request_end', request[0], True)
    seen.call('replay', 'directory.show_request', *request)
    dead = new()
    seen.call('created', 'directory.show_request', dead, b'x', 300, str(new()))
    seen.call('created', 'directory.show_request', dead, b'x', 0, str(new()))
    seen.call('ok', 'directory.show_request_end', dead, False)
    seen.call('ok', 'directory.requests_prune', 86400, 100)
    shows = []
    for _ in range(2):
        plan['id'] = seen.call('created', 'directory.show_request', new(), b'x', 300, str(new()))['id']
        show = seen.call('created', 'show.show_create', admin, json.dumps(plan))['id']
        seen.call('ok', 'show.show_runs_add', show, sections)
        seen.call('ok', 'show.plan_add', show, b'x')
        seen.call('ok', 'show.show_seats_add', show, 0, ['A-1'], ['R'])
        shows.append(show)
    slot = (hall, shows[0], '2030-01-01 10:00Z', '2030-01-01 11:00Z')
    seen.call('ok', 'directory.slot_take', *slot)
    seen.call('ok', 'directory.slot_free', shows[0])
    slot = new()
    seen.call('ok', 'directory.slot_add', shows[0], slot, hall, '2030-01-02 10:00Z', '2030-01-02 11:00Z')
    seen.call('ok', 'directory.slots_keep', shows[0], '2030-01-02 10:00Z', '2030-01-02 11:00Z', 0)
    seen.call('ok', 'directory.slots_drop', shows[0], [slot])
    seen.call('ok', 'directory.event_update', event, admin, json.dumps({'title': 'Other'}), None)
    seen.call('ok', 'show.show_publish', shows[0], None)
    seen.call('ok', 'show.show_publish', shows[0], None)
    seen.call('ok', 'show.show_draft_delete', shows[1])
    revision, = seen.run('revision', 'SELECT revision FROM show.shows WHERE show_id = %s', (shows[0],))
    change = json.dumps({'prices': {'R': 6}, 'hold_seconds': 60})
    seen.call('ok', 'show.show_update', shows[0], admin, revision, new(), change, None)
    # Asked again by the same trace it leaves no second row.
    block = (shows[0], [0], True, 'x', admin, f'00-{n:032x}-1-01')
    seen.call('created', 'show.seats_block', *block)
    seen.call('created', 'show.seats_block', *block)
    seen.call('ok', 'show.seats_block', shows[0], [0], False, 'x', admin, None)
    seen.call('ok', 'show.shows_write_down', [n])
    seen.call('ok', 'show.seats_rerelease', [n // 100 * 1000 + 7])
    seen.call('ok', 'listing.show_recount', n)
    seen.call('ok', 'listing.shows_recount', [n])
    seen.call('ok', 'listing.event_recount', n)


def the_log(seen, n):
    xmin = seen.run('xmin', 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text')[0]
    seen.call('ok', 'log.cursor_set', 'summaries', xmin, xmin, 0)
    seen.run('retry_add', """SELECT log.retry_add('hooks', '', %s, '{1,2}', '{x,y}', '{"{}","{}"}', '{NULL,NULL}', ARRAY[now(), now()],
        'away', 1000)""", (f'new {n}',))
    seen.call('ok', 'log.retry_done', 'hooks', '', f'new {n}', [1])
    seen.call('ok', 'log.retry_failed', 'hooks', '', f'new {n}', 2, 0, 1, 'away', 1000)
    seen.call('ok', 'log.retry_anew', 'hooks', f'new {n}', 'test')
    for _ in range(2):
        seen.call('ok', 'log.retry_failed', 'hooks', '', f'new {n}', 2, 0, 1, 'away', 1000)
    seen.call('ok', 'log.retry_skip', 'hooks', f'new {n}', 'test')
    seen.call('ok', 'log.audit_add', 'test', 'x', 'y', '{}', f'00-{n}-{n}-01')
    seen.call('ok', 'log.audit_refused', new(), 'y', 'user', f'00-{n}-{n}-02')
    seen.call('ok', 'log.partitions_make', 20)
    seen.call('ok', 'log.partition_drop', 14)


def reads(stack, seen):
    """Each named read as a connection runs it: five times planned for the values, then perhaps for any."""
    for path in sorted(glob.glob(f'{stack.source}/sql/reads/*/*.sql')):
        name = os.path.basename(path)[:-4]
        with open(path) as file:
            text = file.read()
        for number, values in enumerate(VALUES.get(name, [None]), 1):
            what = f'read {name}' + (f' {number}' if number > 1 else '')
            seen.run('prepare', f'PREPARE "{name}" AS {text}')
            if values is None:
                types, = seen.run('types', 'SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = %s', (name,))
                values = ', '.join(BY_TYPE.get(kind, 'NULL') for kind in types)
            for _ in range(6):
                seen.run(what, f'EXECUTE "{name}"' + (f'({values})' if values else ''))
            seen.run('deallocate', f'DEALLOCATE "{name}"')


def run_all(stack, db, n):
    """Every function and every read once, in a session of their own; n: of the users and shows that they take."""
    seen = Seen(db.connect('owner'))
    reads(stack, seen)
    buy(seen, n)
    account(seen, n)
    catalogue(seen, n)
    the_log(seen, n)
    return seen.plans


@pytest.fixture(scope='module')
def planned(stack, filled):
    """A filled database and the plans that were seen in it: {'without statistics': […], 'with statistics': […]}."""
    db = Filled(stack)
    db.copy(DATABASE, filled)
    stack.psql(*[part for name, value in {'session_preload_libraries': 'auto_explain', 'auto_explain.log_min_duration': 0,
                                          'auto_explain.log_nested_statements': 'on', 'auto_explain.log_format': 'json',
                                          'auto_explain.log_verbose': 'on', 'auto_explain.log_level': 'notice'}.items()
                 for part in ('-c', f"ALTER DATABASE {DATABASE} SET {name} = '{value}'")], database='postgres')
    seen = {'without statistics': run_all(stack, db, 101)}
    stack.psql('-c', 'ANALYZE', database=DATABASE)
    seen['with statistics'] = run_all(stack, db, 201)
    # As after an analysis while the tables were empty. Then all indexes of a table cost the same.
    stack.psql('-c', 'DELETE FROM pg_statistic WHERE starelid >= 16384',
               '-c', "UPDATE pg_class SET reltuples = 0 WHERE oid >= 16384 AND relkind IN ('r', 'i')", database=DATABASE, user='postgres')
    empty = Seen(db.connect('owner'))
    reads(stack, empty)
    buy(empty, 401)
    seen['as if empty'] = empty.plans
    stack.psql('-c', 'ANALYZE', database=DATABASE)
    yield db, seen
    db.close()


@pytest.fixture(scope='module')
def large(planned):
    """Tables that nothing may read whole: all that are not declared small, and of the event log what is filled."""
    db, _ = planned
    sizes = {}
    for schema, table, rows, is_part in db.rows("""SELECT c.relnamespace::regnamespace::text, c.relname, c.reltuples, c.relispartition
            FROM pg_class AS c WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text = ANY (%s)""", [*HOMES, 'ops']):
        name = f'{schema}.{table}'
        if name not in SMALL and not (is_part and rows < LARGE_ROWS):
            sizes[name] = rows
    assert {name: rows for name, rows in sizes.items() if rows < LARGE_ROWS} == {}, 'fill them in plans.sql, or declare them small'
    return set(sizes)


def complaints(plans, large, allowed):
    return sorted({f'{what}: {table} by {how}: {" ".join(text.split())[-150:]}' for what, text, plan in plans
                   for table, how in whole_reads(plan, large) if (what, table) not in allowed})


def reads_by_show_alone(plan):
    """(table, index) where a plan looks for rows of a show by nothing but the show, or reads a whole index."""
    for node, _ in nodes(plan):
        table, condition = node.get('Relation Name'), node.get('Index Cond', '')
        if table in OF_A_SALE and 'Index Name' in node and (not condition or 'show_id' in condition and ' AND ' not in condition):
            yield table, node['Index Name']


@pytest.mark.parametrize('when, but_for', [('without statistics', set()), ('with statistics', set()),
                                           # Nobody sells in the minute in which the first seats are entered.
                                           ('as if empty', {'seats', 'seat_places'})])
def test_no_step_of_a_sale_reads_a_show(planned, when, but_for):
    found = sorted({f'{what}: {table} by {index}: {" ".join(text.split())[:150]}' for what, text, plan in planned[1][when]
                    if what in SALE for table, index in reads_by_show_alone(plan) if table not in but_for})
    assert not found, '\n'.join(found)


@pytest.mark.parametrize('when', ['without statistics', 'with statistics'])
def test_no_statement_reads_a_large_table_whole(planned, large, when):
    found = complaints(planned[1][when], large, {**WHOLE, **(WHOLE_AT_FIRST if when == 'without statistics' else {})})
    assert not found, '\n'.join(found)


@pytest.mark.parametrize('index, statement', [
    ('show.payments_order_idx', "SELECT show.order_doc(11, md5('order41')::uuid)"),
    # The predicate that it had at first, which the key's lookups know to be true of their row as well.
    ('show.holds_expiry_idx', "CREATE INDEX ON show.holds (expires_at) WHERE state = 'active'")])
def test_a_missing_or_misleading_index_is_seen(planned, large, index, statement):
    db, _ = planned
    connection = db.connect('owner', autocommit=False)
    seen = Seen(connection)
    seen.run('drop', f'DROP INDEX {index}')
    seen.run('then', statement)
    buy(seen, 301)
    connection.rollback()
    assert complaints(seen.plans, large, WHOLE)


def test_a_buyers_holds_are_not_looked_for_among_those_of_the_show(planned):
    """Where buyers have more holds than shows, by the statistics, though the show on sale has thousands."""
    db, _ = planned
    connection = db.connect('owner', autocommit=False)
    seen = Seen(connection)
    seen.run('few buyers', """UPDATE show.holds SET user_id = u.id, buyer_key = show.buyer_key(show_id, u.id)
        FROM (SELECT n, lpad(to_hex(1000 + n), 32, '0')::uuid AS id FROM generate_series(0, 49) AS n) AS u WHERE u.n = abs(hashtext(hold_id::text)) % 50""")
    seen.run('analyze', 'ANALYZE show.holds')
    seen.call('created', 'show.hold_take', 306, new(), uuid.UUID(int=301), [4, 5], None)
    seen.call('created', 'show.hold_take_first', 307, new(), uuid.UUID(int=301), 2, None, [4, 5], None)
    connection.rollback()
    indexes = [node['Index Name'] for what, text, plan in seen.plans if what in ('show.hold_take', 'show.hold_take_first')
               for node, _ in nodes(plan) if node.get('Relation Name') == 'holds' and 'Index Name' in node and 'p_replaces' not in text]
    assert len(indexes) >= 2 and set(indexes) == {'holds_buyer_idx'}, seen.plans


# --- that nothing was left out

COMMENT = re.compile(r'--[^\n]*|/\*.*?\*/', re.S)
TABLE = re.compile(r'\b(?:FROM|JOIN|UPDATE|USING)\s+(?:ONLY\s+)?((?:directory|show|account|log|listing)\.\w+)(?!\w*\s*\()')


def statement(text):
    """Finds a statement that ran in the source of its function."""
    # What a statement gives INTO variables is blanked out before it is planned.
    return re.compile(r'\s+(?:INTO\s+[\w\s.,]*?)?'.join(re.escape(word) for word in text.split()))


def unreached(db, plans):
    texts = {COMMENT.sub(' ', text) for _, text, _ in plans}
    statements = [statement(text) for text in texts if TABLE.search(text)]
    for function, source in db.rows("""SELECT p.oid::regprocedure::text, coalesce(nullif(p.prosrc, ''), pg_get_functiondef(p.oid))
            FROM pg_proc AS p WHERE p.pronamespace::regnamespace::text = ANY (%s) ORDER BY 1""", list(HOMES)):
        source = COMMENT.sub(' ', source).replace('PERFORM', 'SELECT')
        ran = [match.span() for each in statements for match in each.finditer(source)]
        for match in TABLE.finditer(source):
            name = function.partition('(')[0]
            if not any(begin <= match.start(1) < end for begin, end in ran) and (name, match[1]) not in UNREACHED:
                yield name, match[1], ' '.join(source[match.start():match.end() + 60].split())


def test_every_query_of_every_function_ran(planned):
    db, seen = planned
    assert list(unreached(db, seen['with statistics'])) == []


def test_a_function_that_nobody_calls_is_seen(planned):
    db, seen = planned
    assert {name for name, *_ in unreached(db, [plan for plan in seen['with statistics'] if plan[0] != 'show.settle_tried'])} == {
        'show.settle_tried'}

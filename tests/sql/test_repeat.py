"""Every function may be called twice with the same arguments: the program asks again when the answer was lost (db.h).

The calls of test_plans.py, each made twice. The second call must answer as the first and change nothing."""
import itertools

import psycopg2
import pytest

import test_plans
from test_plans import HOMES

DATABASE = 'repeat'

# Functions of jobs that do what is due now and report how much that was: the second call finds nothing left, or goes on with
# what the first left to the next round. Their answer is for the log.
ROUNDS = {'account.idempotency_prune', 'account.login_addresses_prune', 'account.sessions_prune', 'account.signups_end', 'directory.login_failures_prune',
          'directory.requests_prune', 'directory.slots_keep', 'log.partition_drop', 'log.partitions_make', 'show.holds_expire',
          'show.idempotency_prune', 'show.orders_cancel', 'show.seats_rerelease', 'show.shows_write_down'}
# Members of an answer that say what is so now, or which sessions this call has ended: of those the host learns from the
# mirror as well.
NOW = {'refunds_left', 'sessions', 'revoked_until'}

ARGUMENTS = """SELECT p.oid::regproc::text, p.proargnames[1:p.pronargs], p.pronargs - p.pronargdefaults
    FROM pg_proc AS p WHERE p.pronamespace::regnamespace::text = ANY (%s) AND 'outcome' = ANY (p.proargnames)
    AND NOT EXISTS (SELECT FROM pg_type AS t WHERE t.oid = ANY (p.proargtypes) AND t.typtype = 'c')"""
# What the session has written and not yet reported. A partition counts as its table.
WRITTEN = """SELECT coalesce(i.inhparent, t.relid)::regclass::text, sum(n_tup_ins)::int, sum(n_tup_upd)::int, sum(n_tup_del)::int
    FROM pg_stat_xact_user_tables AS t LEFT JOIN pg_inherits AS i ON i.inhrelid = t.relid GROUP BY 1"""


def without_times(value):
    """A document or a row without its times, in any form that they have."""
    if isinstance(value, dict):
        return {name: without_times(member) for name, member in value.items()
                if not name.endswith(('_at', '_us', '_until')) and name not in ('at', 'until', 'window_from')}
    if isinstance(value, list):
        return [without_times(member) for member in value]
    return value


def is_part(second, first):
    """The second answer may leave out members that only the event needs."""
    if isinstance(second, dict) and isinstance(first, dict):
        return all(name in first and is_part(member, first[name]) for name, member in second.items() if name not in NOW)
    return second == first or second is None and set(first) <= NOW


class Twice:
    """Stands in for test_plans.Seen."""

    def __init__(self, db, arguments):
        self.db, self.arguments = db, arguments
        self.connection, self.before = db.connect('owner', autocommit=False), db.connect('owner')
        self.traces = itertools.count(1)
        self.called, self.complaints = set(), []

    def run(self, what, text, values=None):
        """What prepares is run once; a call in other words twice."""
        cursor = self.connection.cursor()
        cursor.execute(text, values)
        row = cursor.fetchone() if cursor.description else None
        self.connection.commit()
        if what in {name.partition('.')[2] for name in self.arguments}:
            self.called.add(next(name for name in self.arguments if name.endswith('.' + what)))
            before = self.written()
            cursor.execute(text, values)
            self.check_written(what, before)
        return row

    def written(self):
        cursor = self.connection.cursor()
        cursor.execute(WRITTEN)
        return {table: counts for table, *counts in cursor.fetchall()}

    def call(self, expected, function, *values):
        names, least = self.arguments[function]
        values = list(values) + [None] * (least - len(values))
        if 'p_trace' in names:
            # Each request has one, and it is the same when the program asks again.
            values += [None] * (names.index('p_trace') + 1 - len(values))
            place = names.index('p_trace')
            values[place] = values[place] or f'00-{next(self.traces):032x}-{1:016x}-01'
        if 'p_request_id' in names and 'p_key' not in names:
            values += [None] * (names.index('p_request_id') + 1 - len(values))
            place = names.index('p_request_id')
            values[place] = values[place] or test_plans.new()
            if 'p_fingerprint' in names:
                values += [None] * (names.index('p_fingerprint') + 1 - len(values))
                values[names.index('p_fingerprint')] = b'x'
        places = ', '.join('%s::uuid[]' if isinstance(value, list) and value and hasattr(value[0], 'hex') else '%s' for value in values)
        text = f'SELECT outcome, result FROM {function}({places})'
        cursor = self.connection.cursor()
        cursor.execute(text, values)
        first = cursor.fetchone()
        self.connection.commit()
        assert first[0] in expected.split('|'), f'{function}{values}: {first}'
        before = self.written()
        cursor.execute(text, values)
        self.compare(function, first, cursor.fetchone())
        self.check_written(function, before)
        self.called.add(function)
        return first[1]

    def compare(self, function, first, second):
        if second[0] == 'replay' and first[0] in ('created', 'ok', 'replay') and 'body' in (second[1] or {}):
            second = first[0], second[1]['body'] if first[0] != 'replay' else second[1]
        elif second[0] == 'replay' and first[0] == 'created':
            second = 'created', second[1]
        if function in ROUNDS:
            first, second = first[:1], second[:1]
        if first[0] != second[0] or len(first) > 1 and not is_part(without_times(second[1]), without_times(first[1])):
            self.complaints.append(f'{function}: answers {second} after {first}')

    def check_written(self, function, before):
        """Ends the transaction of the second call."""
        cursor = self.connection.cursor()
        for table, counts in self.written().items():
            inserted, updated, deleted = (now - then for now, then in zip(counts, before.get(table, (0, 0, 0))))
            if (inserted or deleted) and function not in ROUNDS:
                self.complaints.append(f'{function}: inserts {inserted} and deletes {deleted} rows of {table} again')
            elif updated:
                self.check_updated(cursor, function, table)
        self.connection.commit()

    def check_updated(self, cursor, function, table):
        """A row may be written again as it was, but for times."""
        key, = self.db.rows("""SELECT array_agg(a.attname::text) FROM pg_index AS i JOIN pg_attribute AS a
            ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = %s::regclass AND i.indisprimary""", table)[0]
        cursor.execute(f'SELECT to_jsonb(t) FROM {table} AS t WHERE xmin = pg_current_xact_id()::xid')
        for row, in cursor.fetchall():
            with self.before.cursor() as old:
                old.execute(f'SELECT to_jsonb(t) FROM {table} AS t WHERE '
                            + ' AND '.join(f'"{name}" = %s' for name in key), [row[name] for name in key])
                found = old.fetchone()
            if not found or without_times(found[0]) != without_times(row):
                self.complaints.append(f'{function}: changes {table} again: {row}')


@pytest.fixture(scope='module')
def twice(stack, filled):
    db = test_plans.Filled(stack)
    db.name = DATABASE
    db.copy(DATABASE, filled)
    stack.psql('-c', 'ANALYZE', database=DATABASE)
    arguments = {name: (names, least) for name, names, least in db.rows(ARGUMENTS, list(HOMES))}
    twice = Twice(db, arguments)
    for part in (test_plans.buy, test_plans.account, test_plans.catalogue, test_plans.the_log):
        part(twice, 101)
    yield twice
    db.close()


def test_the_second_call_answers_as_the_first_and_changes_nothing(twice):
    assert not twice.complaints, '\n'.join(twice.complaints)


def test_every_function_was_called_twice(twice):
    assert set(twice.arguments) - twice.called == {'log.cursors_rebase'}

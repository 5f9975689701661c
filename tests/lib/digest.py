"""Compares two runs: copies a stack's database and digests the content of each copy without its times.

    with Copy(stack, 'clean') as clean, Copy(stack, 'killed') as killed:
        clean.run('boxoffice-release-holds')
        ...
        assert killed.digest() == clean.digest()

A copy begins as the database is now, ids included, so two copies differ only by what the test did to them.
While a copy is made, nobody may be connected to its original.
"""
import subprocess

import psycopg2

import query

SCHEMAS = ['account', 'directory', 'listing', 'log', 'show']
# What depends on when and how often something ran, not on what it came to.
LEFT_OUT = {'log.cursors'}
COLUMNS_LEFT_OUT = {'log.event_log': {'id', 'tx', 'written_xmin', 'traceparent'}, 'log.audit_trail': {'id'}, 'show.tickets': {'ticket_id'}}
# What a batch did to seats may stand in one event or in several: each seat is a row.
ROWS = {'log.event_log': """(SELECT e.home, e.entity, e.kind, e.payload::jsonb - 'seats' AS payload, s.seat, e.at FROM log.event_log AS e
    LEFT JOIN LATERAL jsonb_array_elements((e.payload -> 'seats')::jsonb) AS s (seat) ON true) AS e"""}
COLUMNS_ADDED = {'log.event_log': [['seat', 'jsonb']]}
# Members of documents that are times; null stays null.
TIMES = r'"(at|since|[a-z_]+_at|[a-z]+_us)": -?[0-9]+'
# A ticket's number is drawn when its order is confirmed.
TICKETS = r'"tickets": [[][^]]*[]]'

TABLES = """SELECT c.oid::regclass::text, json_agg(json_build_array(a.attname, a.atttypid::regtype) ORDER BY a.attnum)
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = ANY (%s::regnamespace[]) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    GROUP BY c.oid ORDER BY 1"""


def column(name, kind):
    if kind == 'timestamp with time zone':
        return f"""CASE WHEN isfinite("{name}") THEN 'time' ELSE "{name}"::text END"""
    if kind == 'date':
        return f"""CASE WHEN isfinite("{name}") THEN 'day' ELSE "{name}"::text END"""
    if kind in ('json', 'jsonb'):
        return f"""regexp_replace(regexp_replace("{name}"::jsonb::text, '{TIMES}', '"\\1": "time"', 'g'), '{TICKETS}', '', 'g')"""
    return f'"{name}"'


def tables(cursor):
    cursor.execute("SET search_path = ''")
    cursor.execute(TABLES, (SCHEMAS,))
    return [(table, columns) for table, columns in cursor.fetchall() if table not in LEFT_OUT]


def digest(connection):
    """{table: its rows and their sum}, in no order and without times: a dict, so that a difference has a name."""
    sums = {}
    with connection.cursor() as cursor:
        for table, columns in tables(cursor):
            columns += COLUMNS_ADDED.get(table, [])
            row = ', '.join(column(name, kind) for name, kind in columns if name not in COLUMNS_LEFT_OUT.get(table, ()))
            cursor.execute(f"""SELECT count(*), md5(string_agg(row, E'\\n' ORDER BY row))
                FROM (SELECT ROW({row})::text COLLATE "C" AS row FROM {ROWS.get(table, table)}) AS r""")
            count, md5 = cursor.fetchone()
            sums[table] = f'{count} rows {md5}'
    return sums


class Copy:
    """The stack's database (or a copy of it) as it is now under another name, and the programs on it."""

    def __init__(self, stack, name, of=None):
        self.stack, self.name = stack, f'copy_{name}'
        self.template = of.name if of else 'boxoffice'
        self.conf = f'{stack.directory}/{self.name}.conf'

    def __enter__(self):
        self.stack.psql('-c', f'DROP DATABASE IF EXISTS {self.name}', '-c',
                        f'CREATE DATABASE {self.name} OWNER boxoffice_owner TEMPLATE {self.template}', database='postgres')
        with open(self.stack.conf) as file:
            text = file.read()
        with open(self.conf, 'w') as file:
            file.write(text.replace(' dbname=boxoffice ', f' dbname={self.name} '))
        return self

    def __exit__(self, *problem):
        self.stack.psql('-c', f'DROP DATABASE IF EXISTS {self.name} WITH (FORCE)', database='postgres')

    def connect(self, role='owner'):
        connection = psycopg2.connect(self.stack.dsn(role) + f' dbname={self.name}')
        connection.autocommit = True
        return connection

    def rows(self, text, *values, role='owner'):
        return query.rows(self.connect(role), text, values)

    def start(self, program, *arguments):
        return subprocess.Popen([f'{self.stack.programs}/{program}', *arguments], stdin=subprocess.DEVNULL,
                                env=dict(self.stack.environment(), BOXOFFICE_CONF=self.conf))

    def run(self, program, *arguments):
        """Once, to its end; it must say that all went well."""
        with self.start(program, *arguments) as process:
            assert process.wait(300) == 0, (program, process.returncode)

    def pass_time(self, seconds):
        """So much later: all times but those in documents and of the event log move into the past."""
        connection = self.connect('postgres')
        try:
            with connection.cursor() as cursor:
                for table, columns in tables(cursor):
                    names = [name for name, kind in columns if kind == 'timestamp with time zone']
                    if names and table != 'log.event_log':
                        cursor.execute(f'UPDATE {table} SET ' + ', '.join(
                            f'"{name}" = "{name}" - make_interval(secs => {int(seconds)})' for name in names))
        finally:
            connection.close()

    def digest(self):
        connection = self.connect()
        try:
            return digest(connection)
        finally:
            connection.close()

"""Stage "isolation": specs of PostgreSQL's isolationtester against the real functions, then the
same specs against functions that lack a guard, where they must fail. README.md says more.

    run             all of it
    run NAME…       these specs and guards (words that their names contain)
    run --accept …  writes the expected outputs instead of comparing
"""
import concurrent.futures
import difflib
import glob
import os
import queue
import re
import subprocess
import sys
import time

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'lib')]

from mutants import Broken, load, statements  # noqa: E402
from stack import Stack, StackError  # noqa: E402

SQL = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'sql')
# No flush to disk, and nothing that takes a transaction's number behind a spec's back.
POSTGRES = {'fsync': 'off', 'synchronous_commit': 'off', 'full_page_writes': 'off', 'autovacuum': 'off',
            'checkpoint_timeout': '1h', 'shared_buffers': '64MB', 'max_locks_per_transaction': '128'}
STEP_LIMIT_S = 20  # no step runs as long, unless the guard that it lacks lets it wait for ever
WORKERS = 2
# It looks at all transactions of the server, so nothing may run beside it.
ALONE = 'event-log'
OF_THE_RELAY = ('summaries', 'own-orders')  # audits of what it keeps; none runs here
READS = {'log/cursor': '(text)', 'log/log_xmin': '()', 'log/log_window_end': '(xid8, xid8)',
         'log/events_taken': '(xid8, xid8, bigint, int, text, text[], text, text[], text)'}
RETURNS = {'log/cursor': 'TABLE (from_xmin xid8, to_xmin xid8, id bigint)', 'log/log_xmin': 'xid8', 'log/log_window_end': 'xid8',
           'log/events_taken': 'TABLE (id bigint, entity text, kind text, payload jsonb, traceparent text, at timestamptz, age_ms bigint)'}


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def tester():
    """PostgreSQL's isolationtester; it is installed beside the build system of extensions."""
    pgxs = subprocess.run(['pg_config', '--pgxs'], capture_output=True, text=True).stdout.strip()
    for path in [f'{os.path.dirname(pgxs)}/../test/isolation/isolationtester',
                 *glob.glob('/usr/lib/postgresql/*/lib/pgxs/src/test/isolation/isolationtester')]:
        if os.access(path, os.X_OK):
            return os.path.realpath(path)
    raise StackError('isolationtester is not installed: it comes with postgresql-server-dev-15')


class Lab:
    """A server with a template database: schema, functions, and the world of lab.sql."""

    def __init__(self, stack):
        self.stack = stack
        self.tester = tester()
        stack.psql('-c', 'CREATE ROLE isolation LOGIN IN ROLE boxoffice_app, boxoffice_batch')
        stack.psql('-c', f'GRANT CONNECT ON DATABASE {self.template} TO isolation')
        stack.psql('-1', '-f', f'{HERE}/lab.sql')
        self.load_texts()

    template = 'boxoffice'

    def load_texts(self):
        """The real read statements as functions, the real audits as rows."""
        parts = []
        for name, arguments in READS.items():
            parts.append(f'CREATE FUNCTION iso.{os.path.basename(name)}{arguments} RETURNS {RETURNS[name]} LANGUAGE sql '
                         f'AS $read$ {read(f"{SQL}/reads/{name}.sql")} $read$;')
        for path in sorted(glob.glob(f'{SQL}/audit/*.sql')):
            name = os.path.basename(path)[:-len('.sql')]
            if name.endswith(OF_THE_RELAY):
                continue
            parts.append(f'INSERT INTO iso.audits VALUES ($n${name}$n$, $a${read(path)}$a$);')
        self.stack.psql('-1', '-c', '\n'.join(parts))

    def clone(self, name):
        self.stack.psql('-c', f'CREATE DATABASE {name} TEMPLATE {self.template}', database='postgres')
        return Scratch(self, name)

    def run(self, database, spec):
        """What a spec prints."""
        if spec == 'direct':
            command = ['psql', '-X', '-A', '-t', '-q', '-v', 'VERBOSITY=terse', '-h', self.stack.socket_dir,
                       '-U', 'isolation', '-d', database]
            path = f'{HERE}/direct.sql'
        else:
            command = [self.tester, f'host={self.stack.socket_dir} user=isolation dbname={database}']
            path = f'{HERE}/specs/{spec}.spec'
        with open(path) as file:
            try:
                done = subprocess.run(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      text=True, timeout=120, env=dict(self.stack.environment(),
                                                                       PGISOLATIONTIMEOUT=str(STEP_LIMIT_S)))
            except subprocess.TimeoutExpired:
                return 'the spec did not end\n'
        return done.stdout + (f'status {done.returncode}\n' if done.returncode else '')


class Scratch:
    """A copy of the template to break things in."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.connection = psycopg2.connect(host=lab.stack.socket_dir, user='postgres', dbname=name)
        self.connection.autocommit = True

    def execute(self, text):
        """The last statement's only value, None when it gives no row. All or nothing."""
        with self.connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchone()[0] if cursor.description else None

    def definition(self, function):
        return self.execute(f"SELECT pg_get_functiondef('{function}'::regproc)").strip() + ';'

    def drop(self):
        self.connection.close()
        self.lab.stack.psql('-c', f'DROP DATABASE {self.name}', database='postgres')


def difference(spec, output):
    """Lines that differ from what is expected, none when it is the same."""
    path = f'{HERE}/expected/{spec}.out'
    expected = read(path) if os.path.exists(path) else ''
    return list(difflib.unified_diff(expected.splitlines(), output.splitlines(), 'expected', 'seen',
                                     lineterm='', n=6))


class Report:
    """The TAP file, and the same lines on the terminal."""

    def __init__(self, path):
        self.file = open(path, 'w')
        self.failed = 0

    def say(self, is_ok, text, detail=()):
        lines = [f'{"ok" if is_ok else "not ok"} {text}', *(f'# {line}' for line in detail)]
        self.failed += not is_ok
        for line in lines:
            print(line, flush=True)
            self.file.write(line + '\n')
        self.file.flush()


def check_specs(lab, specs, report, out, accept):
    for spec in specs:
        output = lab.run(lab.template, spec)
        with open(f'{out}/{spec}.out', 'w') as file:
            file.write(output)
        if accept:
            with open(f'{HERE}/expected/{spec}.out', 'w') as file:
                file.write(output)
        lines = difference(spec, output)
        report.say(not lines, f'spec {spec}', lines)


def verdict(scratch, guard, log):
    """(is killed, text, detail) of a guard that was taken away in this database."""
    for spec in guard.red:
        output = scratch.lab.run(scratch.name, spec)
        lines = difference(spec, output)
        log.write('\n'.join([f'{guard.name}: {spec}', *lines, '', '']))
        if re.search(r'^.*ERROR:.*(syntax error|does not exist|ambiguous|of type)', output, re.M):
            return False, f'guard {guard.name}: without it there is no program', lines
        if lines:
            return True, f'guard {guard.name}: killed by {spec}', ()
    return False, f'guard {guard.name}: survived {", ".join(guard.red)}', ()


def take_away(scratch, guard, log):
    """The verdict, and afterwards the functions as they were."""
    before = []

    def definition(name):
        before.append(scratch.definition(name))
        return before[-1]
    try:
        scratch.execute(statements(guard, definition))
        return verdict(scratch, guard, log)
    except (Broken, psycopg2.Error) as problem:
        return False, f'guard {guard.name}: {str(problem).splitlines()[0]}', ()
    finally:
        for text in before:
            scratch.execute(text)


def check_guards(lab, guards, report, out):
    """Guards of functions are taken away and put back in a few databases; what a constraint or a
    grant guards, in a database each."""
    log = open(f'{out}/guards.diff', 'w')
    scratches = queue.Queue()
    for number in range(WORKERS):
        scratches.put(lab.clone(f'scratch_{number}'))

    def borrowed(guard):
        scratch = scratches.get()
        try:
            return take_away(scratch, guard, log)
        finally:
            scratches.put(scratch)

    def own(pair):
        number, guard = pair
        scratch = lab.clone(f'scratch_sql_{number}')
        try:
            return take_away(scratch, guard, log)
        finally:
            scratch.drop()

    alone = [guard for guard in guards if ALONE in guard.red]
    rest = [guard for guard in guards if ALONE not in guard.red]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(borrowed, [guard for guard in rest if not guard.sql]))
        results += pool.map(own, enumerate(guard for guard in rest if guard.sql))
    results += [borrowed(guard) if not guard.sql else own(pair) for pair in enumerate(alone, 1000)
                for guard in [pair[1]]]
    for is_killed, text, detail in results:
        report.say(is_killed, text, detail)
    print(f'{sum(result[0] for result in results)}/{len(guards)}', flush=True)
    check_control(lab, scratches, guards, report)


def check_control(lab, scratches, guards, report):
    """With every guard put back all specs pass: nothing was killed by what another left behind."""
    specs = sorted({spec for guard in guards if not guard.sql for spec in guard.red})

    def failures(scratch):
        return [line for spec in specs if spec != ALONE
                for line in difference(spec, lab.run(scratch.name, spec))]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        lines = [line for found in pool.map(failures, list(scratches.queue)) for line in found]
    report.say(not lines, 'with all guards back the specs pass where they were taken away', lines)
    for scratch in list(scratches.queue):
        scratch.connection.close()


def specs_of(names):
    """What reads the names of specs."""
    def red(text):
        if unknown := set(text.split()) - set(names):
            raise ValueError(f'no such spec: {", ".join(unknown)}')
        return text.split()
    return red


def chosen(names, words):
    return [name for name in names if not words or any(word in str(name) for word in words)]


def main(arguments):
    accept = '--accept' in arguments
    words = [word for word in arguments if not word.startswith('--')]
    out = os.environ['OUT']
    names = sorted(os.path.basename(path)[:-len('.spec')] for path in glob.glob(f'{HERE}/specs/*.spec'))
    specs = chosen(names + ['direct'], words)
    guards = [] if accept else chosen(load(f'{HERE}/mutants.txt', specs_of([*names, 'direct'])), words)
    began = time.monotonic()
    with Stack(f'{out}/stack', os.environ['BUILD'], postgres=POSTGRES, services=('postgresql',)) as stack:
        lab = Lab(stack)
        report = Report(f'{out}/isolation.tap')
        check_specs(lab, specs, report, out, accept)
        print(f'specs: {time.monotonic() - began:.0f} s', flush=True)
        if guards and not report.failed:
            check_guards(lab, guards, report, out)
        print(f'all: {time.monotonic() - began:.0f} s', flush=True)
    return 1 if report.failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

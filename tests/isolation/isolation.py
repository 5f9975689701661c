"""Stage "isolation": runs the specs of PostgreSQL's isolationtester against the real functions. Then it runs
the same specs against functions that lack a guard, where they must fail. README.md says more.

    run             runs everything
    run NAME…       runs these specs and guards (words that their names contain)
    run --accept …  writes the expected outputs instead of comparing
"""
import concurrent.futures
import difflib
import glob
import itertools
import os
import re
import subprocess
import sys
import threading
import time

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'lib')]

import markers  # noqa: E402
from guardlist import Broken, Sources, complaints, load  # noqa: E402
from stack import Stack, StackError  # noqa: E402

TOP = os.path.dirname(os.path.dirname(HERE))
SQL = f'{TOP}/sql'
# No flush to disk, and nothing that takes a transaction's number behind a spec's back.
POSTGRES = {'fsync': 'off', 'synchronous_commit': 'off', 'full_page_writes': 'off', 'autovacuum': 'off',
            'checkpoint_timeout': '1h', 'shared_buffers': '64MB', 'max_locks_per_transaction': '128'}
SPEC_LIMIT_S = 120
STEP_LIMIT_S = 20  # no step runs as long, unless the guard that it lacks lets it wait for ever
WORKERS = 4  # more than processors: specs wait for each other's locks most of the time
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


def read_function(name, text):
    """A read statement as a function of the lab."""
    return f'CREATE OR REPLACE FUNCTION iso.{os.path.basename(name)}{READS[name]} RETURNS {RETURNS[name]} LANGUAGE sql AS $read$ {text} $read$;'


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
        self.sources = Sources(TOP)
        stack.psql('-c', 'CREATE ROLE isolation LOGIN IN ROLE boxoffice_app, boxoffice_batch')
        stack.psql('-c', f'GRANT CONNECT ON DATABASE {self.template} TO isolation')
        stack.psql('-1', '-f', f'{HERE}/lab.sql')
        self.load_texts()
        self.connection = psycopg2.connect(host=stack.socket_dir, user='postgres', dbname='postgres')
        self.connection.autocommit = True

    template = 'boxoffice'

    def execute(self, text):
        with self.connection.cursor() as cursor:
            cursor.execute(text)

    def load_texts(self):
        """The real read statements as functions, the real audits as rows."""
        parts = [read_function(name, read(f'{SQL}/reads/{name}.sql')) for name in READS]
        for path in sorted(glob.glob(f'{SQL}/audit/*.sql')):
            name = os.path.basename(path)[:-len('.sql')]
            if name.endswith(OF_THE_RELAY):
                continue
            parts.append(f'INSERT INTO iso.audits VALUES ($n${name}$n$, $a${read(path)}$a$);')
        self.stack.psql('-1', '-c', '\n'.join(parts))

    def run(self, database, spec, expected=None):
        """What a spec prints; with `expected`, no more of it than the first line that is another."""
        if spec == 'direct':
            command = ['psql', '-X', '-A', '-t', '-q', '-v', 'VERBOSITY=terse', '-h', self.stack.socket_dir,
                       '-U', 'isolation', '-d', database]
            path = f'{HERE}/direct.sql'
        else:
            command = [self.tester, f'host={self.stack.socket_dir} user=isolation dbname={database}']
            path = f'{HERE}/specs/{spec}.spec'
        with open(path) as file, subprocess.Popen(
                command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                env=dict(self.stack.environment(), PGISOLATIONTIMEOUT=str(STEP_LIMIT_S))) as process:
            limit = threading.Timer(SPEC_LIMIT_S, process.kill)
            limit.start()
            lines, is_cut = [], False
            for line in process.stdout:
                lines.append(line)
                if expected is not None and expected[len(lines) - 1:len(lines)] != [line.rstrip('\n')]:
                    is_cut = True
                    process.kill()
                    break
            limit.cancel()
        return ''.join(lines) + (f'status {process.returncode}\n' if process.returncode and not is_cut else '')


class Scratch:
    """A copy of the template to break things in: made and dropped in 30 ms."""

    numbers = itertools.count()

    def __init__(self, lab):
        self.lab = lab
        self.name = f'scratch_{next(self.numbers)}'

    def __enter__(self):
        self.lab.execute(f'CREATE DATABASE {self.name} TEMPLATE {self.lab.template} STRATEGY file_copy')
        self.connection = psycopg2.connect(host=self.lab.stack.socket_dir, user='postgres', dbname=self.name)
        self.connection.autocommit = True
        return self

    def __exit__(self, *problem):
        self.connection.close()
        # By force: a spec that was stopped has left its sessions.
        self.lab.execute(f'DROP DATABASE {self.name} WITH (FORCE)')

    def execute(self, text):
        """The last statement's only value, None when it gives no row. All or nothing."""
        with self.connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchone()[0] if cursor.description else None

    def definition(self, function):
        """Its present text; of one that PostgreSQL keeps as a tree, without its comments, that of the source."""
        text = self.execute('SELECT CASE WHEN prosqlbody IS NULL THEN pg_get_functiondef(oid) END FROM pg_proc'
                            f" WHERE oid = '{function}'::regproc")
        return text.strip() + ';\n' if text else self.lab.sources.functions[function]

    def run(self, spec, expected=None):
        return self.lab.run(self.name, spec, expected)


def expectation(spec):
    path = f'{HERE}/expected/{spec}.out'
    return read(path).splitlines() if os.path.exists(path) else []


def difference(spec, output):
    """Lines that differ from what is expected, none when it is the same."""
    return list(difflib.unified_diff(expectation(spec), output.splitlines(), 'expected', 'seen', lineterm='', n=6))


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


def side_by_side(lab, work, things):
    """[work(scratch, thing)] in the order of the things, each in a database of its own, some at a time."""
    def in_scratch(thing):
        with Scratch(lab) as scratch:
            return work(scratch, thing)
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(in_scratch, things))


def check_specs(lab, specs, report, out, accept):
    rest = [spec for spec in specs if spec != ALONE]
    outputs = dict(zip(rest, side_by_side(lab, Scratch.run, rest)))
    if ALONE in specs:
        outputs[ALONE] = lab.run(lab.template, ALONE)
    for spec in specs:
        with open(f'{out}/{spec}.out', 'w') as file:
            file.write(outputs[spec])
        if accept:
            with open(f'{HERE}/expected/{spec}.out', 'w') as file:
                file.write(outputs[spec])
        lines = difference(spec, outputs[spec])
        report.say(not lines, f'spec {spec}', lines)


def statements(scratch, guard):
    """What takes the guard away."""
    for place, taken in guard.places().items():
        if place in scratch.lab.sources.functions:
            yield markers.without(scratch.definition(place), 'sql', taken)
        else:
            path, text = scratch.lab.sources.without(place, taken)
            yield read_function(path[len('sql/reads/'):-len('.sql')], text)
    yield from guard.sql


def verdict(scratch, guard):
    """(is killed, text, detail) of a guard that was taken away in this database."""
    for spec in guard.red:
        expected = expectation(spec)
        seen = scratch.run(spec, expected).splitlines()
        if seen == expected:
            continue
        detail = [f'expected: {"".join(expected[len(seen) - 1:len(seen)])}', *(f'seen: {line}' for line in seen[-8:])]
        if re.search(r'ERROR:.*(syntax error|does not exist|ambiguous|of type)', '\n'.join(seen[-2:])):
            return False, f'guard {guard.name}: without it there is no program', detail
        return True, f'guard {guard.name}: killed by {spec}', detail
    return False, f'guard {guard.name}: survived {", ".join(guard.red)}', ()


def take_away(scratch, guard):
    try:
        scratch.execute('\n'.join(statements(scratch, guard)))
        return verdict(scratch, guard)
    except (Broken, psycopg2.Error) as problem:
        return False, f'guard {guard.name}: {str(problem).splitlines()[0]}', ()


def check_guards(lab, guards, report, out):
    rest = [guard for guard in guards if ALONE not in guard.red]
    results = side_by_side(lab, take_away, rest)
    for guard in guards:
        if guard not in rest:
            results += side_by_side(lab, take_away, [guard])
    with open(f'{out}/guards.log', 'w') as log:
        for is_killed, text, detail in results:
            report.say(is_killed, text, () if is_killed else detail)
            log.write('\n'.join([text, *detail, '', '']))
    print(f'{sum(result[0] for result in results)}/{len(guards)}', flush=True)


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
    guards = load(f'{HERE}/guards.txt', specs_of([*names, 'direct']))
    began = time.monotonic()
    report = Report(f'{out}/isolation.tap')
    for line in complaints(Sources(TOP), guards + load(f'{TOP}/tests/guards/guards.txt', str.split)):
        report.say(False, line)
    guards = [] if accept else chosen(guards, words)
    with Stack(f'{out}/stack', os.environ['BUILD'], postgres=POSTGRES, services=('postgresql',)) as stack:
        lab = Lab(stack)
        check_specs(lab, specs, report, out, accept)
        print(f'specs: {time.monotonic() - began:.0f} s', flush=True)
        if guards and not report.failed:
            check_guards(lab, guards, report, out)
        print(f'all: {time.monotonic() - began:.0f} s', flush=True)
    return 1 if report.failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

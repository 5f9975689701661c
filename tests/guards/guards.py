"""Stage "guards": takes each guard of guards.txt out of a copy of the sources, builds the program that contains it and
runs the test that must then fail. README.md says more.

    run         runs all guards
    run WORD…   runs guards whose names contain a word
"""
import collections
import glob
import os
import re
import shutil
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, 'lib')]

from guardlist import Broken, Sources, complaints, load  # noqa: E402
from services import UNSYNCED  # noqa: E402
from stack import SERVICES, Stack, free_port  # noqa: E402

COPIED = ('src', 'sql', 'nginx', 'cron', 'tests', 'packaging', 'configure', 'configure.ac', 'Makefile.am', 'Makefile.in',
          'aclocal.m4', 'config.h.in', 'ar-lib', 'compile', 'depcomp', 'install-sh', 'missing', 'test-driver')
BUILD_LIMIT_S, TEST_LIMIT_S = 120, 120
WEB = 'web'  # of a test in tests/web; any other is a program of tests/unit
# As tests/web/conftest.py, with fewer workers.
CONFIG = {'server': {'test_routes': 'yes'}, 'booking': {'till_networks': '127.0.0.5'},
          'pool catalog': {'workers': 2}, 'pool booking': {'workers': 2},
          'pool account': {'workers': 1}, 'pool login': {'workers': 1}, 'pool admin': {'workers': 1}}


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


class Workspace:
    """A copy of the sources and of their build, in which guards are taken away."""

    def __init__(self, folder):
        self.folder = folder
        self.build = f'{folder}/build/obj'
        os.makedirs(f'{folder}/build')
        for name in COPIED:
            subprocess.run(['cp', '-a', f'{os.environ["SRC"]}/{name}', folder], check=True)
        subprocess.run(['cp', '-a', os.environ['BUILD'], self.build], check=True)
        self.sources = Sources(folder)

    def make(self, *targets):
        """None, or what the compiler said."""
        done = subprocess.run(['make', '-s', 'CFLAGS=-O0 -w', *targets], cwd=self.build, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=BUILD_LIMIT_S)
        return None if done.returncode == 0 else done.stderr

    def without(self, guard):
        """Takes the guard away; returns what stood in the files."""
        texts = dict(self.sources.without(place, taken) for place, taken in guard.places().items())
        before = {path: self.sources.read(path) for path in texts}
        self.restore(texts)
        return before

    def restore(self, before):
        """As newer files, so that what was made of them is built again."""
        for path, text in before.items():
            write(f'{self.folder}/{path}', text)


class Units:
    """Tests of a program of CUnit: (program, name of the case)."""

    def __init__(self, workspace):
        self.workspace = workspace

    def failed(self, tests):
        """The first test that does not pass, None when all do."""
        for program, case in tests:
            said = self.workspace.make(f'tests/unit/{program}')
            if said:
                raise Broken(f'does not compile: {said.strip().splitlines()[0]}')
            output = self.run(f'{self.workspace.build}/tests/unit/{program}', dict(os.environ, BOXOFFICE_SRCDIR=self.workspace.folder))
            if re.search(rf'^\s*Test: {re.escape(case)} \.\.\.passed$', output, re.M):
                continue
            if not re.search(rf'^\s*Test: {re.escape(case)} \.\.\.', output, re.M):
                raise Broken(f'{program} does not get to "{case}"')
            return f'{program}: {case}'
        return None

    @staticmethod
    def run(program, environment):
        try:
            done = subprocess.run([program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  timeout=TEST_LIMIT_S, env=environment)
            return done.stdout.decode(errors='replace')
        except subprocess.TimeoutExpired as problem:
            return (problem.stdout or b'').decode(errors='replace')


class Web:
    """Tests of tests/web against a system that runs in this workspace: (WEB, file::test)."""

    def __init__(self, workspace, out):
        self.workspace = workspace
        self.out = out
        self.port = free_port()
        self.stack = Stack(f'{out}/stack', workspace.build, port=self.port, config=CONFIG, source=workspace.folder, postgres=UNSYNCED,
                           services=[name for name in SERVICES if name != 'jobs'])

    def failed(self, tests):
        said = self.workspace.make('boxofficed', 'boxofficectl')
        if said:
            raise Broken(f'does not compile: {said.strip().splitlines()[0]}')
        for service in ('boxofficed', 'nginx'):
            if self.stack.services[service].fingerprint() != self.stack.services[service].record.read()[1]:
                self.stack.restart(service)
        self.stack.wait_ready()
        paths = [f'{self.workspace.folder}/tests/web/{test}' for _, test in tests]
        done = subprocess.run(['/usr/bin/python3', '-m', 'pytest', '-q', '-x', '-p', 'no:cacheprovider', '-rf', '--tb=line', *paths],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=TEST_LIMIT_S, env=dict(os.environ, BUILD=self.workspace.build, BUILD_ASAN='', OUT=self.out,
                                                             BOXOFFICE_TEST_PORT=str(self.port)))
        if done.returncode == 0:
            return None
        found = re.search(r'^FAILED \S*?tests/web/(.+?)(?: - .*)?$', done.stdout, re.M)
        if not found:
            raise Broken(f'pytest ended with {done.returncode}: {done.stdout.strip().splitlines()[-1]}')
        return found[1]


class Report:
    """The TAP file, and the same lines on the terminal."""

    def __init__(self, path):
        self.file = open(path, 'w')
        self.lock = threading.Lock()
        self.killed = self.failed = 0

    def say(self, is_ok, text):
        with self.lock:
            line = f'{"ok" if is_ok else "not ok"} {text}'
            self.failed += not is_ok
            print(line, flush=True)
            self.file.write(line + '\n')
            self.file.flush()


def take_away(runner, guard, report):
    try:
        before = runner.workspace.without(guard)
        try:
            by = runner.failed(guard.red)
        finally:
            runner.workspace.restore(before)
        report.say(by is not None, f'guard {guard.name}: ' + (f'killed by {by}' if by else 'survived'))
        report.killed += by is not None
    except (Broken, subprocess.TimeoutExpired) as problem:
        report.say(False, f'guard {guard.name}: {problem}')


def control(runner, guards, report):
    """With all guards there every test that is named passes."""
    tests = sorted({test for guard in guards for test in guard.red})
    try:
        by = runner.failed(tests) if tests else None
    except Broken as problem:
        by = problem
    report.say(by is None, f'with all guards there the {len(tests)} {type(runner).__name__.lower()} tests pass' + (f': {by}' if by else ''))
    return by is None


def work(runner, queue, report):
    while True:
        try:
            guard = queue.popleft()
        except IndexError:
            return
        take_away(runner, guard, report)


def run_all(out, guards, report):
    """One workspace takes the guards that need a running system and then helps the other with the rest."""
    units = [guard for guard in guards if guard.red[0][0] != WEB]
    queue = collections.deque(units)
    web = collections.deque(guard for guard in guards if guard.red[0][0] == WEB)
    first, second = Units(Workspace(f'{out}/first')), Units(Workspace(f'{out}/second'))

    def black_box():
        if web:
            runner = Web(second.workspace, out)
            with runner.stack:
                if control(runner, list(web), report):
                    work(runner, web, report)
        work(second, queue, report)
    helper = threading.Thread(target=black_box)
    helper.start()
    if control(first, units, report):
        work(first, queue, report)
    helper.join()


def red_of(text):
    """`test-web a sentence`, or `web file::test`."""
    program, _, name = text.partition(' ')
    path = f'{TESTS}/web/{name.partition("::")[0]}' if program == WEB else f'{TESTS}/unit/{program.replace("-", "_")}*.c'
    if not name or not glob.glob(path):
        raise ValueError(f'no such test: {text}')
    return [(program, name)]


def main(words):
    began = time.monotonic()
    out = os.environ['OUT']
    guards = load(f'{HERE}/guards.txt', red_of)
    report = Report(f'{out}/guards.tap')
    for line in complaints(Sources(os.environ['SRC']), guards + load(f'{TESTS}/isolation/guards.txt', str.split)):
        report.say(False, line)
    chosen = [guard for guard in guards if not words or any(word in guard.name for word in words)]
    run_all(out, chosen, report)
    for name in ('first', 'second'):
        shutil.rmtree(f'{out}/{name}')
    print(f'{report.killed}/{len(chosen)}\nall: {time.monotonic() - began:.0f} s', flush=True)
    return 1 if report.failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

"""Measures the system against yardsticks of the same run. README.md says what it measures, and why.

    bench.py [--smoke] [--rounds N] [--seconds S] [NAME …]

Rounds are interleaved. Each round measures every figure and its yardstick once, next to each other. A line
has the medians and the median of the ratios. The exit status is 1 when something could not be measured,
a request failed, or a seat was sold twice.
"""
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import threading
import time
import uuid

import psycopg2

from arguments import Parser
from burst import burst
from services import NGINX
from stack import SOURCE, Stack
from world import Signer

HERE = os.path.dirname(os.path.abspath(__file__))
WORKERS = 8
USERS = 10000
FREE_GROUPS = 100000
CONNECTIONS_MANY = 1000
BUYERS = 40
SWEEP_SHOWS = 20
SWEPT = 'show_id BETWEEN 201 AND 300'
ENDED = f"state = 'held' AND {SWEPT}"
CALLERS = 200
BEST_SHOW = 123  # the first of those for figure_best
HARD_HALLS = {'sold': (1001, 30), 'gaps': (1002, 4), 'rows': (1003, 6)}  # of beside.sql: show, seats wanted at once
BESIDE = 16
CLOSE_SHOWS = 100000
CLOSE_LIMIT_S = 10
RELAY_SHOW = 152  # the last of them, for figure_relay
LAG_MS = 1000  # what is promised
FIGURES = ['hold', 'best', 'beside', 'purchase', 'browse', 'rush', 'close', 'relay', 'sweep', 'throttled']
PGBENCH = '/usr/lib/postgresql/15/bin/pgbench'


class Bench:
    def __init__(self, stack, out, seconds):
        self.stack, self.out, self.seconds = stack, out, seconds
        self.tokens = f'{out}/tokens'
        self.static = f'{stack.state}/static'  # nginx reads it past a closed home
        self.group = self.pair = 0
        self.best_show = BEST_SHOW
        self.has_hard_halls = False
        self.beside = 0
        self.probes = 0
        self.problems = []

    def include_static(self):
        """A file of lines for nginx, so that it serves the yardsticks of reads."""
        path = f'{self.out}/static.conf'
        with open(path, 'w') as file:
            file.write(f'location /static/ {{\n\talias "{self.static}/";\n\tdefault_type application/json;\n\taccess_log off;\n}}\n')
        return path

    def prepare(self):
        stack = self.stack
        for name in ('reference.sql', 'data.sql', 'listing.sql'):
            stack.psql('-f', f'{HERE}/{name}', user='boxoffice_owner')
        signer = Signer(stack.secrets)
        with open(self.tokens, 'w') as file:
            for number in range(1, USERS + 1):
                file.write(signer.token(str(uuid.UUID(int=number)), ttl_s=7200) + '\n')
        stack.folder(self.static, 0o755, NGINX, None)
        self.paths = {'events': '/api/events', 'availability': '/api/shows/102/availability'}
        self.sizes = {}
        for name, path in self.paths.items():
            body = subprocess.run(['curl', '-sSf', stack.url + path], capture_output=True, check=True).stdout
            self.sizes[name] = len(body)
            with open(f'{self.static}/{name}', 'wb') as file:
                file.write(body)

    # --- tools

    def wrk(self, connections, path='', script=None, *arguments, threads=2):
        command = ['wrk', f'-t{threads}', f'-c{connections}', f'-d{self.seconds}s', '--timeout', '20s',
                   '-s', f'{HERE}/wrk/{script or "report"}.lua', self.stack.url + path, '--', *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, BENCH=HERE))
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{')]
        if done.returncode != 0 or not lines:
            raise RuntimeError(f'{" ".join(command)}: {done.stdout}{done.stderr}')
        result = dict(pair for line in lines for pair in line.items())
        if result['socket_errors']:
            self.problems.append(f'{script or path}: {result["socket_errors"]} connections failed')
        result['rate'] = (result['requests'] - result['socket_errors']) / result['seconds']
        return result

    def read(self, connections, path):
        result = self.wrk(connections, path)
        if result['refused']:
            self.problems.append(f'{path}: {result["refused"]} answers were not 200')
        return result['rate']

    def pgbench(self, script, times=0, **variables):
        """Calls a second, over 8 connections for a while or so many times over one."""
        defines = [f'-D{name}={value}' for name, value in dict(variables, n=0).items()]
        how = ['-c', '1', '-t', str(times)] if times else ['-c', '8', '-j', '2', '-T', str(self.seconds)]
        done = subprocess.run(
            [PGBENCH, '-n', '-h', self.stack.socket_dir, '-U', 'boxoffice_owner', '-M', 'prepared', *how,
             *defines, '-f', f'{HERE}/pgbench/{script}-reference.sql', 'boxoffice'],
            capture_output=True, text=True)
        rates = [line.split()[2] for line in done.stdout.splitlines() if line.startswith('tps = ')]
        if done.returncode != 0 or not rates:
            raise RuntimeError(f'pgbench {script}: {done.stdout}{done.stderr}')
        return float(rates[0])

    def server_errors(self):
        text = subprocess.run(['curl', '-sSf', self.stack.url + '/metrics'], capture_output=True, text=True, check=True).stdout
        return sum(float(line.rpartition(' ')[2]) for line in text.splitlines()
                   if line.startswith('boxoffice_requests_total{') and 'status="5' in line)

    def hold(self, connections, kind):
        self.group += int(4200 * self.seconds)  # more than a run takes
        result = self.wrk(connections, '', 'hold', self.tokens, kind, self.group)
        if kind != 'hot' and result['refused'] > result['requests'] / 100:
            self.problems.append(f'{result["refused"]} of {result["requests"]} holds of free seats were refused')
        return result

    def wait_for_free_seats(self):
        """Until the holds of shows 1 to 100 have ended: "free" and "wide" go through the same seats in another order."""
        until = time.monotonic() + 20
        while time.monotonic() < until and self.number(
                "show.seats WHERE show_id <= 100 AND state = 'held' AND held_until > clock_timestamp()"):
            time.sleep(0.1)

    # --- figures: each returns {name: (value, yardstick, goal, less is better)}

    def figure_hold(self):
        reference = self.pgbench('hold')
        free = self.hold(64, 'free')
        hot_reference = self.pgbench('hot')
        self.hot = self.hold(64, 'hot')
        return {'hold-free': (free['rate'], reference, 0.50, False),
                'hold-hot': (self.hot['rate'], hot_reference, 0.25, False),
                'hold-p99': (free['p99'], free['p50'], 2.5, True)}

    def figure_rush(self):
        hot = self.hold(64, 'hot')['rate']
        before = self.server_errors()
        rush = self.hold(CONNECTIONS_MANY, 'hot')
        errors = self.server_errors() - before
        if errors:
            self.problems.append(f'rush: {errors:.0f} answers 5xx')
        return {'rush-p95': (rush['p95'], 1e3 * CONNECTIONS_MANY / hot, 1.5, True)}

    def figure_best(self):
        """Each show serves one round: nobody has all of it, and seats are held for longer than a run."""
        named, best = (self.p95(self.best_show + i, body) for i, body in (
            (0, lambda n: {'seats': [2 * n, 2 * n + 1]}), (1, lambda n: {'best': {'count': 2}})))
        self.best_show += 2
        return {'best-p95': (best, named, 3, True)}

    def p95(self, show, body):
        """Of holds that all ask at once, ms."""
        with open(self.tokens) as file:
            requests = [(file.readline().strip(), f'/api/shows/{show}/holds', body(n)) for n in range(CALLERS)]
        answers = burst(self.stack.port, requests)
        served = sum(status == 201 for status, _, _ in answers)
        if served < 0.9 * CALLERS:
            self.problems.append(f'{served} of {CALLERS} callers got seats')
        return 1e3 * sorted(seconds for _, _, seconds in answers)[int(0.95 * CALLERS)]

    def figure_beside(self):
        """Holds in other shows while some ask again and again for the best seats of a hall where they are hard to find, and
        while as many name as many seats of that hall."""
        if not self.has_hard_halls:
            self.prepare_beside()
        figures = {}
        for name, (show, _) in HARD_HALLS.items():
            # Each kind has its own accounts: whoever asks again for what he had costs more.
            named, best = (self.hold_beside(show, f'{self.out}/{name}-{kind}') for kind in ('named', 'best'))
            figures[f'beside-{name}'] = (best, named, 0.8, False)
        return figures

    def prepare_beside(self):
        self.has_hard_halls = True
        self.stack.psql('-f', f'{HERE}/beside.sql', user='boxoffice_owner')
        for name, (show, count) in HARD_HALLS.items():
            text = self.stack.psql('-At', '-c', f"SELECT seat_no FROM show.seats WHERE show_id = {show} AND state = 'available' ORDER BY 1")
            free, wish = list(map(int, text.split())), {'best': {'count': count}}
            with open(f'{self.out}/{name}-named', 'w') as file:
                file.writelines(json.dumps({'seats': free[i:i + count]}) + '\n' for i in range(0, len(free) - count + 1, count))
            with open(f'{self.out}/{name}-best', 'w') as file, open(self.tokens) as tokens:
                file.write(json.dumps(wish) + '\n')
                answers = burst(self.stack.port, [(tokens.readline().strip(), f'/api/shows/{show}/holds', wish)])
            if answers[0][0] != 201:  # it makes the plan of the hall
                self.problems.append(f'beside: {answers[0]}')

    def hold_beside(self, show, bodies):
        """The rate of holds of free seats beside those who send these bodies."""
        done = []
        self.beside += 1
        others = threading.Thread(target=lambda: done.append(
            self.wrk(BESIDE, f'/api/shows/{show}/holds', 'bodies', self.tokens, bodies, self.beside)))
        others.start()
        rate = self.hold(64, 'free')['rate']
        others.join()
        if done[0]['refused'] == done[0]['requests']:
            self.problems.append(f'{os.path.basename(bodies)}: nobody got seats')
        print(f'# {os.path.basename(bodies)}: {done[0]["rate"]:.0f} others/s, {done[0]["refused"]} of {done[0]["requests"]} refused', flush=True)
        return rate

    def figure_purchase(self):
        reference = self.pgbench('purchase', base=self.pair)
        done = self.wrk(BUYERS, '', 'purchase', self.tokens, self.pair, BUYERS, threads=BUYERS)
        self.pair += 20000
        if done['lost']:
            self.problems.append(f'{done["lost"]} purchases failed')
        return {'purchase': (done['paid'] / done['seconds'], reference, 0.5, False)}

    def number(self, text):
        return int(self.stack.psql('-At', '-c', f'SELECT count(*) FROM {text}'))

    def end_holds(self):
        """Many holds that have ended, here and in the reference; how many seats they are."""
        self.stack.run('boxoffice-release-holds')  # those of other figures, as sweep.sql does in the reference
        self.stack.psql('-v', f'shows={SWEEP_SHOWS if self.seconds > 1 else 2}', '-f', f'{HERE}/sweep.sql', user='boxoffice_owner')
        return self.number(f'show.seats WHERE {ENDED}')

    def figure_sweep(self):
        seats = self.end_holds()
        times = self.number(f"reference.holds WHERE state = 'active' AND {SWEPT}") // 150
        calls = self.pgbench('sweep', times=times)
        swept = seats - self.number(f'reference.seats WHERE {ENDED}')
        began = time.monotonic()
        self.stack.run('boxoffice-release-holds')
        took = time.monotonic() - began
        if self.number(f'show.seats WHERE {ENDED}'):
            self.problems.append('sweep: seats of ended holds were left')
        return {'sweep': (seats / took, swept * calls / times, 0.6, False)}

    def figure_throttled(self):
        """The rate of holds beside the sweep as its job does it, with a lot to do, and their rate alone."""
        self.end_holds()
        alone = self.hold(64, 'free')['rate']
        before = self.number(f'show.seats WHERE {ENDED}')
        with self.stack.launch('boxoffice-release-holds', *as_job('boxoffice-release-holds')) as process:
            beside = self.hold(64, 'free')['rate']
            after = self.number(f'show.seats WHERE {ENDED}')
            process.terminate()
        if after == before:
            self.problems.append('throttled: the sweep did nothing meanwhile')
        self.stack.run('boxoffice-release-holds')
        return {'throttled': (beside, alone, 0.7, False)}

    def figure_relay(self):
        """How long a taken seat is missing in the list, while holds are taken in a hundred shows as fast as they can be."""
        loads, lags = [], []
        self.wait_for_free_seats()
        self.stack.start('relay')
        connection = psycopg2.connect(self.stack.dsn('app'))
        connection.autocommit = True
        cursor = connection.cursor()
        self.probe(cursor)  # when this one is seen, the relay has caught up with the rounds before
        load = threading.Thread(target=lambda: loads.append(self.hold(64, 'wide')))
        load.start()
        while load.is_alive() or not lags:
            lags.append(self.probe(cursor))
            time.sleep(random.uniform(0, 0.3))
        load.join()
        connection.close()
        self.stack.stop('relay')
        self.wait_for_free_seats()
        print(f'# relay-lag: {len(lags)} probes, median {statistics.median(lags):.0f} ms, {loads[0]["rate"]:.0f} holds/s', flush=True)
        return {'relay-lag': (max(lags), LAG_MS, 1, True)}

    def probe(self, cursor):
        """Takes the next seat and waits until the list has counted it: how long, ms."""
        seat, user = self.probes, uuid.UUID(int=1 + self.probes)
        self.probes += 1
        cursor.execute('SELECT outcome FROM show.hold_take(%s, %s, %s, %s, NULL)',
                       (RELAY_SHOW, str(uuid.uuid4()), str(user), [seat]))
        outcome = cursor.fetchone()[0]
        began, left = time.monotonic(), None
        while left != 2000 - self.probes and time.monotonic() < began + 60:
            time.sleep(0.005)
            cursor.execute('SELECT seats_left FROM listing.shows WHERE show_id = %s', (RELAY_SHOW,))
            left = cursor.fetchone()[0]
        if outcome != 'created' or left != 2000 - self.probes:
            self.problems.append(f'relay: {outcome}, the list has {left} seats')
        return 1e3 * (time.monotonic() - began)

    def figure_browse(self):
        figures = {}
        for name, path in self.paths.items():
            for connections, goal in ((64, 0.55), (CONNECTIONS_MANY, 0.8)):
                static = self.read(connections, f'/static/{name}')
                cached = self.read(connections, path)
                figures[f'browse-{name}-{connections}'] = (cached, static, goal, False)
        self.micro_cache(False)
        for name, path in self.paths.items():
            constant = self.read(64, f'/api/test/constant?bytes={self.sizes[name]}')
            figures[f'browse-{name}-memcached'] = (self.read(64, path), constant, 0.5, False)
        self.micro_cache(True)
        return figures

    def figure_close(self):
        """Against the limit for an idle machine; the checkpoint before it belongs to making the shows. Then holds beside
        it, as its job does it."""
        job = 'boxoffice-open-close-shows'
        shows = CLOSE_SHOWS if self.seconds > 1 else CLOSE_SHOWS // 50
        told = 'SELECT count(*) FROM show.shows WHERE show_id > 1000000 AND closed_at IS NOT NULL AND ended_at IS NOT NULL'
        self.stack.psql('-v', f'shows={shows}', '-f', f'{HERE}/close.sql')
        began = time.monotonic()
        self.stack.run(job)
        seconds = time.monotonic() - began
        if (count := int(self.stack.psql('-At', '-c', told))) != shows:
            self.problems.append(f'close: {count} of {shows} shows were written down')
        self.stack.psql('-v', f'shows={shows}', '-f', f'{HERE}/close.sql')
        alone = self.hold(64, 'free')['rate']
        with self.stack.launch(job, *as_job(job)) as process:
            both = self.hold(64, 'free')['rate']
            process.terminate()
        return {'close': (seconds, CLOSE_LIMIT_S, 1, True), 'close-holds': (both, alone, 0.7, False)}

    def micro_cache(self, is_on):
        nginx = self.stack.services['nginx']
        nginx.stop()
        self.stack.write_config()
        if not is_on:
            with open(self.stack.nginx_files['site']) as file:
                text = file.read()
            with open(self.stack.nginx_files['site'], 'w') as file:
                file.write(text.replace('fastcgi_cache boxoffice_reads;', 'fastcgi_cache off;'))
        nginx.start()
        self.stack.wait_ready()

    def check(self):
        """Nothing was oversold, of all that the run did."""
        twice, taken = map(int, self.stack.psql('-At', '-F', ' ', '-f', f'{HERE}/oversold.sql').split())
        print(f'# {taken} seats were taken, {twice} of them while somebody had them')
        if twice:
            self.problems.append(f'{twice} seats were sold twice')


def as_job(program):
    """The options with which cron runs it."""
    with open(f'{SOURCE}/cron/boxoffice.cron') as file:
        return next(line.partition(f' {program}')[2].split() for line in file if f' {program}' in line)


def machine():
    commit = subprocess.run(['git', '-C', SOURCE, 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True)
    with open('/proc/cpuinfo') as file:
        model = next((line.partition(':')[2].strip() for line in file if line.startswith('model name')), '?')
    return f'{os.cpu_count()} × {model}, Linux {platform.release()}, commit {commit.stdout.strip() or "?"}'


def line(name, rounds):
    """The medians; the ratio is the median of the rounds' ratios, since rounds drift."""
    _, _, goal, is_less_better = rounds[0]
    ratio = statistics.median(value / yardstick for value, yardstick, *_ in rounds)
    is_ok = ratio <= goal if is_less_better else ratio >= goal
    value, yardstick = (statistics.median(entry[i] for entry in rounds) for i in (0, 1))
    return (f'{name} {value:.1f} {yardstick:.1f} {ratio:.2f} {"<=" if is_less_better else ">="}{goal} '
            f'{"ok" if is_ok else "short"}')


def main():
    parser = Parser('run')
    parser.add_argument('names', nargs='*', metavar='NAME', help=f'of {", ".join(FIGURES)}; growth, alone; without a name all but growth')
    parser.add_argument('--smoke', action='store_true')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=int, default=4)
    options = parser.parse_args()
    if options.smoke:
        options.rounds, options.seconds = 1, 1
    names = options.names or FIGURES
    if unknown := [name for name in names if name not in FIGURES]:
        parser.error(f'there is no figure "{unknown[0]}"')
    out = os.environ['OUT']
    os.makedirs(out, exist_ok=True)
    # Neither the relay nor the jobs: the yardstick has none either. figure_relay starts its own.
    config = {'server': {'test_routes': 'yes'}, 'pool catalog': {'workers': WORKERS}, 'pool booking': {'workers': WORKERS}}
    stack = Stack(f'{out}/stack', os.environ['BUILD'], config=config, services=('postgresql', 'memcached', 'boxofficed', 'nginx'))
    bench = Bench(stack, out, options.seconds)
    stack.nginx['SERVER_INCLUDE'] = bench.include_static()
    with stack:
        bench.prepare()
        print(f'# {machine()}')
        print('# name value yardstick ratio goal ok|short', flush=True)
        rounds = {}
        for number in range(options.rounds):
            for name in names:
                for figure, entry in getattr(bench, f'figure_{name}')().items():
                    rounds.setdefault(figure, []).append(entry)
            print(f'# round {number + 1} of {options.rounds}', file=sys.stderr, flush=True)
        for figure, entries in rounds.items():
            print(line(figure, entries), flush=True)
        bench.check()
    for problem in bench.problems:
        print(f'# FAILED: {problem}')
    return 1 if bench.problems else 0


if __name__ == '__main__':
    sys.exit(main())

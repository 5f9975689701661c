"""Measures the cost of many shows: a small system and a large one run side by side and get requests in turn.
README.md says more.

    run growth [--smoke] [--rounds N] [--seconds S]

BOXOFFICE_GROWTH_SHOWS is the number of shows with seats in the large system (10,000); ten times as many are listed. The exit
status is 1 when something could not be measured, a request failed, or a seat was held twice.
"""
import base64
import os
import random
import shutil
import sys
import time
import uuid

from arguments import Parser
from bench import HERE, USERS, WORKERS, Bench, line, machine
from stack import Stack
from world import Signer

SMALL, SHOWS, BUSY, SEATS, LISTED = 100, 10000, 20, 1000, 10
SEAT_BYTES = 400  # of a seat and its place with their keys and their WAL, generously
CHUNK = 500
LOAD_LIMIT_S = 1800
DAY_S = 86400


class House(Bench):
    """One of the two systems."""

    def __init__(self, stack, out, seconds, shows, listed, seats):
        super().__init__(stack, out, seconds)
        self.shows, self.listed, self.seats = shows, listed, seats
        self.kept_group = 0

    def load(self):
        began = time.monotonic()
        for first in range(1, self.listed + 1, CHUNK):
            if time.monotonic() - began > LOAD_LIMIT_S:
                raise RuntimeError(f'{first} of {self.listed} shows took {LOAD_LIMIT_S} s: set BOXOFFICE_GROWTH_SHOWS lower')
            last = min(first + CHUNK - 1, self.listed)
            seats = self.seats if first <= self.shows else 0
            self.sql('-1', '-v', f'first={first}', '-v', f'last={last}', '-v', f'seats={seats}', '-f', f'{HERE}/growth.sql')
        self.sql('-c', 'SELECT count(*) FROM directory.events AS e, listing.event_recount(e.event_id)')
        self.sql('-c', f"""INSERT INTO account.users (user_id, email, password_hash, name)
            SELECT lpad(to_hex(n), 32, '0')::uuid, 'bench-' || n || '@example.org', '-', 'Bench ' || n FROM generate_series(1, {USERS}) AS n""")
        # Only what has been filled: statistics of an empty table would say for a while that any index is as good as the key.
        self.sql('-c', 'VACUUM (ANALYZE, FREEZE) show.shows, show.grades, show.seat_places, show.seats, account.users, directory.events,'
                 ' listing.shows, listing.grades, listing.events')
        signer = Signer(self.stack.secrets)
        with open(self.tokens, 'w') as file:
            for number in range(1, USERS + 1):
                file.write(signer.token(str(uuid.UUID(int=number)), ttl_s=7200) + '\n')
        return time.monotonic() - began

    def sql(self, *arguments):
        return self.stack.psql(*arguments, user='boxoffice_owner')

    def size_mb(self):
        return int(self.sql('-At', '-c', "SELECT pg_database_size('boxoffice') / 1048576"))

    def write_paths(self):
        """Requests for lists that no cache has seen, {name: file}."""
        now, choice = int(time.time()), random.Random(20261127)

        def cursor():
            text = f'1e:{now + choice.randrange(DAY_S, 40 * DAY_S)}:{choice.randrange(1, 1000)}'
            return base64.urlsafe_b64encode(text.encode()).rstrip(b'=').decode()

        def day(offset):
            return time.strftime('%Y-%m-%d', time.gmtime(now + offset * DAY_S))
        makers = {'first': lambda: '', 'deep': lambda: f'&cursor={cursor()}',
                  'kind': lambda: f'&kind={choice.choice(["concert", "movie"])}',
                  'region': lambda: f'&region=Region%20{choice.randrange(1, 3)}',
                  'days': lambda: f'&from={day(offset := choice.randrange(2, 60))}&to={day(offset + 14)}'}
        files = {}
        for name, make in makers.items():
            files[name] = f'{self.out}/paths-{name}'
            with open(files[name], 'w') as file:
                file.writelines(f'/api/events?limit=10{make()}\n' for _ in range(500))
        return files

    def lists(self, path):
        result = self.wrk(4, '', 'paths', path)
        if result['refused']:
            self.problems.append(f'{path}: {result["refused"]} answers were not 200')
        return result['p95']

    def holds(self, shows):
        self.kept_group += 100000
        result = self.wrk(64, '', 'spread', self.tokens, shows, self.seats, self.kept_group)
        if result['refused'] > result['requests'] / 100:
            self.problems.append(f'{result["refused"]} of {result["requests"]} holds in {shows} shows were refused')
        return result['rate']


def measure(small, large, paths):
    """One round: {name: (value, yardstick, goal, less is better)}."""
    figures = {}
    for name in paths[0]:
        yardstick, value = small.lists(paths[0][name]), large.lists(paths[1][name])
        figures[f'growth-events-{name}'] = (value, yardstick, 2, True)
    yardstick, busy = small.holds(BUSY), large.holds(BUSY)
    figures['growth-holds-busy'] = (busy, yardstick, 0.9, False)
    yardstick, spread = small.holds(BUSY), large.holds(large.shows)
    figures['growth-holds-spread'] = (spread, yardstick, 0.7, False)
    return figures


def house(out, name, seconds, shows, listed, seats):
    """A system without caches: what is measured is the database behind them."""
    config = {'cache': {'servers': ''}, 'pool catalog': {'workers': 4}, 'pool booking': {'workers': WORKERS}}
    folder = f'{out}/{name}'
    os.makedirs(folder, exist_ok=True)
    stack = Stack(f'{folder}/stack', os.environ['BUILD'], config=config, services=('postgresql', 'boxofficed', 'nginx'))
    return House(stack, folder, seconds, shows, listed, seats)


def check_room(shows, seats):
    needed, free = shows * seats * SEAT_BYTES, shutil.disk_usage('/var/tmp').free
    if free < needed * 1.5:
        raise SystemExit(f'{shows} shows of {seats} seats take {needed >> 20} MB and /var/tmp has {free >> 20} MB: '
                         'set BOXOFFICE_GROWTH_SHOWS lower')


def run(options, out, shows, seats):
    small = house(out, 'small', options.seconds, SMALL, SMALL, seats)
    large = house(out, 'large', options.seconds, shows, LISTED * shows, seats)
    with small.stack, large.stack:
        small.load()
        loaded_s = large.load()
        print(f'# {machine()}')
        print(f'# shared_buffers {large.stack.services["postgresql"].settings["shared_buffers"]} of each; {shows} shows of {seats} seats'
              f' ({large.size_mb()} MB, {loaded_s:.0f} s to load), {large.listed} listed, beside {SMALL} ({small.size_mb()} MB);'
              ' no caches')
        print('# name value yardstick ratio goal ok|short', flush=True)
        for system in (small, large):
            system.micro_cache(False)
        paths = small.write_paths(), large.write_paths()
        rounds = {}
        for number in range(options.rounds):
            for figure, entry in measure(small, large, paths).items():
                rounds.setdefault(figure, []).append(entry)
            print(f'# round {number + 1} of {options.rounds}', file=sys.stderr, flush=True)
        for figure, entries in rounds.items():
            print(line(figure, entries), flush=True)
        for system in (small, large):
            system.check()
    return small.problems + large.problems


def main():
    parser = Parser('run')
    parser.add_argument('names', nargs='+', metavar='growth')
    parser.add_argument('--smoke', action='store_true')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=int, default=4)
    options = parser.parse_args()
    shows, seats = int(os.environ.get('BOXOFFICE_GROWTH_SHOWS', SHOWS)), SEATS
    if options.names != ['growth']:
        parser.error('growth is measured alone')
    if options.smoke:
        options.rounds, options.seconds, shows = 1, 1, 200
    if shows < SMALL:
        parser.error(f'BOXOFFICE_GROWTH_SHOWS: at least {SMALL}')
    check_room(shows, seats)
    out = os.environ['OUT']
    os.makedirs(out, exist_ok=True)
    problems = run(options, out, shows, seats)
    for problem in problems:
        print(f'# FAILED: {problem}')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())

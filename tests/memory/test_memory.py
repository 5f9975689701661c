"""A worker's memory: small, and the same after 1,000 and after 100,000 mixed requests."""
import os
import random
import re
import subprocess

import pytest

from client import Client, new_key
from proc import children_of
from stack import Stack
from wait import wait_for
from world import World

HERE = os.path.dirname(os.path.abspath(__file__))
FIRST, LAST = 1000, 100000
GROWTH_KIB, SIZE_KIB = 1024, 24 * 1024
POOLS = ('catalog', 'booking', 'account', 'login', 'admin')


def one_worker(stack):
    """All routes to the one worker of the pool "booking", so that it meets all of them."""
    with open(stack.nginx_files['http']) as file:
        text = file.read()
    text = re.sub(r'/run/(catalog|account|login|admin)\.sock', '/run/booking.sock', text)
    with open(stack.nginx_files['http'], 'w') as file:
        file.write(text)
    stack.services['nginx'].stop()
    stack.services['nginx'].start()
    stack.wait_ready()


@pytest.fixture(scope='module')
def stack():
    config = {f'pool {name}': {'workers': 1, 'max_requests': 0} for name in POOLS}
    # The disk is not what is measured here.
    postgres = {'fsync': 'off', 'synchronous_commit': 'off'}
    with Stack(f'{os.environ["OUT"]}/stack', os.environ['BUILD'], config=config, postgres=postgres) as stack:
        one_worker(stack)
        yield stack


def pss_kib(pid):
    with open(f'/proc/{pid}/smaps_rollup') as file:
        return int(re.search(r'^Pss:\s+(\d+) kB', file.read(), re.MULTILINE)[1])


def served(client):
    """Requests that workers have ended, by /metrics."""
    text = client.get('/metrics').body.decode()
    return int(sum(float(line.rpartition(' ')[2]) for line in text.splitlines()
                   if re.match(r'boxoffice_requests_total[{ ]', line)))


def mixed(client, world, show, users, rounds):
    """The same mixture as mix.lua, and log-ins; one request at a time."""
    dice = random.Random(20261121)
    email = 'memory@example.test'
    login = {'email': email, 'password': 'memory-password'}
    client.post('/api/auth/signup', dict(login, name='M'))
    for number in range(rounds):
        user = dice.choice(users)
        seat = dice.randrange(show['capacity'] - 2)
        for method, path, body in (
                ('GET', '/api/me', None), ('GET', '/api/me/orders', None), ('GET', f'/api/events?q={number}', None),
                ('HEAD', f'/api/layouts/{show["layout_id"]}', None),
                ('GET', f'/api/shows/{dice.randrange(10**6, 10**9)}', None), ('GET', '/api/nothing', None),
                ('POST', '/api/me/wallet/charges', {'amount': 1}), ('POST', '/api/me/wallet/charges', {'amount': 'x'}),
                ('POST', f'/api/shows/{show["id"]}/holds', {'seats': [seat, seat + 1]}),
                ('PATCH', '/api/me', {'name': 'Somebody Else'})):
            options = {} if body is None else {'body': body, 'key': new_key()}
            assert client.request(method, path, token=user.token, **options).status < 500
        if number % 20 == 0:
            assert client.post('/api/auth/login', login).status == 200


def test_memory_of_a_worker_stays_what_it_is(stack, tmp_path):
    client = Client(stack.port)
    world = World(stack, client)
    sections = [{'name': 'all', 'grade': 'S', 'rows': 50, 'seats_per_row': 40}]
    show = world.show(hall_id=world.hall(sections)['id'], prices={'S': 1000})
    users = world.users(200, balance=100000)
    tokens = tmp_path / 'tokens'
    tokens.write_text(''.join(f'{user.token}\n' for user in users))

    mixed(client, world, show, users, FIRST // 8)   # nginx answers some by itself
    assert served(client) >= FIRST
    pids = children_of(stack.pid('boxofficed'))
    before = {pid: pss_kib(pid) for pid in pids}

    def run():
        done = subprocess.run(
            ['wrk', '-t2', '-c16', '-d5s', '-s', f'{HERE}/mix.lua', stack.url, '--', str(tokens), str(show['id']),
             str(show['capacity']), str(show['layout_id'])], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert 'Socket errors' not in done.stdout, done.stdout
        print(done.stdout.splitlines()[-2])
        return served(client) >= LAST
    wait_for(run, 240, f'{LAST} requests')
    mixed(client, world, show, users, 20)

    assert children_of(stack.pid('boxofficed')) and set(pids) <= set(children_of(stack.pid('boxofficed'))), \
        'no worker was replaced on the way'
    after = {pid: pss_kib(pid) for pid in pids}
    print(f'{served(client)} requests; PSS in KiB before {before}, after {after}')
    assert max(after.values()) <= SIZE_KIB, after
    growth = {pid: after[pid] - before[pid] for pid in pids}
    assert max(growth.values()) <= GROWTH_KIB, growth

"""A database that does not let us in is not away: the log and /readyz say what it is, and nobody tries for ever in silence."""
import json
import os
import re
import time

import pytest

import fcgi
from services import OURS
from wait import wait_for

REFUSALS = {
    'no such role': ('user=boxoffice_app', 'user=boxoffice_nobody', '28000', 'boxoffice_nobody'),
    'no such database': ('dbname=boxoffice', 'dbname=boxoffice_none', '3D000', 'database "boxoffice_none" does not exist'),
}


def second(stack, name, change):
    """A configuration beside the stack's, and its log."""
    for folder in ('run2', 'log'):
        stack.folder(f'{stack.state}/{folder}', 0o755, OURS, None)
    text = open(stack.conf).read().replace(f'run_dir = {stack.state}/run\n', f'run_dir = {stack.state}/run2\n')
    text = re.sub(r'(?m)^file = .*$', f'file = {stack.state}/log/{name}.log', text)
    stack.write(f'{stack.state}/etc/{name}.conf', change(text))
    return f'{stack.state}/etc/{name}.conf', f'{stack.state}/log/{name}.log'


def messages(log, pattern):
    with open(log) as file:
        lines = [json.loads(line) for line in file if line.endswith('\n')]
    return [line for line in lines if re.search(pattern, line['msg'])]


@pytest.mark.parametrize('before, after, sqlstate, words', REFUSALS.values(), ids=REFUSALS)
def test_a_refused_log_in_is_told_apart_from_a_database_that_is_away(stack, start, before, after, sqlstate, words):
    conf, log = second(stack, 'refused', lambda text: text.replace(before, after))
    open(log, 'w').close()
    stack.give(log, OURS)
    process = start('boxofficed', '--config', conf)
    wait_for(lambda: process.poll() is not None or messages(log, '^serving'), 10, 'it serves')
    assert process.poll() is None
    answer = fcgi.request(f'{stack.state}/run2/catalog.sock', 'GET', '/readyz')
    assert answer.status == 503
    assert json.loads(answer.body)['detail'] == 'the database does not let this service in'
    found = messages(log, '^the database refuses us')
    assert {line['level'] for line in found} == {'error'}
    assert all(sqlstate in line['msg'] and words in line['msg'] for line in found)
    assert messages(log, '^request$')[-1]['detail'].startswith('ready: the database refuses us: ')
    assert messages(log, 'is away') == []
    tries = len(found)
    time.sleep(1)  # each process says it once and tries every two seconds
    assert len(messages(log, '^the database refuses us')) == tries
    process.terminate()
    process.wait(20)


def test_a_job_that_is_refused_fails_and_says_so(stack):
    conf, log = second(stack, 'job', lambda text: re.sub(r'(?m)^batch_dsn = .*$', f'batch_dsn = {stack.dsn("nobody")}', text))
    open(log, 'w').close()
    stack.give(log, OURS)
    done = stack.run('boxoffice-prune', '--config', conf, check=False)
    assert done.returncode == 1
    assert messages(log, 'the database refuses us: .*28000')[-1]['level'] == 'error'


RIGHT = ['database.dsn', 'database.batch_dsn']
PROBES = {
    'all is well': (lambda text: text, 0, None),
    'no such role': (lambda text: text.replace('user=boxoffice_app', 'user=boxoffice_nobody'), 5,
                     'database.dsn: connect: the database refuses us: .*28000.*boxoffice_nobody'),
    'no such database': (lambda text: text.replace('dbname=boxoffice', 'dbname=boxoffice_none'), 4,
                         'database.batch_dsn: .*3D000: database "boxoffice_none" does not exist'),
    'no schema': (lambda text: re.sub(r'(?m)^(dsn = .*)dbname=boxoffice', r'\1dbname=postgres', text), 3,
                  'database.dsn: .*boxofficectl db migrate'),
    'no server': (lambda text: re.sub(r'(?m)^batch_dsn = .*$', 'batch_dsn = host=/nonexistent user=boxoffice_batch', text), 5,
                  'database.batch_dsn: connect: connection to server on socket "/nonexistent'),
    'no cache': (lambda text: re.sub(r'(?m)^servers = .*$', 'servers = 127.0.0.1:1 127.0.0.1:2', text), 8,
                 'cache.servers: 127.0.0.1:2: .*Connection refused'),
}


@pytest.mark.parametrize('change, status, words', PROBES.values(), ids=PROBES)
def test_a_check_that_connects_says_what_does_not_answer(stack, change, status, words):
    conf, _ = second(stack, 'probe', change)
    done = stack.run('boxofficed', '--config', conf, '--check', '--connect', check=False)
    assert done.returncode == status, done.stderr
    if words:
        assert re.search(words, done.stderr)
    else:
        assert done.stderr == ''
        assert all(f'{name}: the server lets us in, and the schema fits\n' in done.stdout for name in RIGHT)
        assert (os.geteuid() == 0) == ('database.owner_dsn: ' in done.stdout)
    assert 'ts' not in done.stderr.split('"')  # no line of the log


def test_connect_goes_with_check(stack):
    assert stack.run('boxofficed', '--connect', check=False).returncode == 2

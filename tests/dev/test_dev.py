"""./dev keeps the promises of `./dev help`."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import proc
from stack import Stack


def live_pids(tree):
    """Pids of the services of a tree by name."""
    folder = f'{tree.path}/build/run/state/pid'
    return {name: proc.Record(f'{folder}/{name}').read()[0]
            for name in os.listdir(folder) if '.' not in name}


def processes_of(*texts):
    """Command lines of live processes that name one of these paths."""
    found = []
    for pid in proc.all_pids():
        try:
            with open(f'/proc/{pid}/cmdline', 'rb') as file:
                line = file.read().replace(b'\0', b' ').decode(errors='replace')
            place = os.readlink(f'/proc/{pid}/cwd') + ' ' + os.readlink(f'/proc/{pid}/exe')
        except OSError:
            continue
        if pid != os.getpid() and any(text in line or text in place for text in texts):
            found.append(f'{pid}: {line}')
    return found


def status_of(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status


def test_a_wrong_command_is_refused_in_one_line(tree):
    for arguments, word in ((['frobnicate'], 'frobnicate'), (['--frob'], '--frob'), (['env', 'x'], 'x'), (['up', '-f'], '-f'),
                            (['test', 'nothing'], 'the stages are'), (['test', 'web', 'race'], 'web race'),
                            (['stop', 'everything'], 'takes one of'), (['bench', '--frob'], '--frob'), (['bench', 'hold', 'frob'], 'frob'),
                            (['bench', 'growth', 'hold'], 'alone')):
        done = tree.dev(*arguments)
        said = [line for line in done.stderr.splitlines() if line != 'dev: building']
        assert done.returncode == 2, arguments
        assert done.stdout == '' and len(said) == 1 and word in said[0], (arguments, done.stderr)
    done = tree.dev()
    assert (done.returncode, done.stdout) == (2, '') and 'usage: ./dev VERB' in done.stderr
    for arguments in (['help'], ['--help'], ['bench', '--help']):
        done = tree.dev(*arguments)
        assert (done.returncode, done.stderr) == (0, '') and 'bench' in done.stdout, arguments


def test_a_terminal_sees_a_failure_once(deep_tree):
    for command in ('./dev stop nginx', './dev audit', './dev logs'):
        done = subprocess.run(['script', '-qefc', f'{command} | cat', '/dev/null'], cwd=deep_tree.path, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, env=deep_tree.environment)
        assert re.fullmatch(r'dev: [^\n]*\./dev up[^\n]*\n', done.stdout.replace('\r', '')), (command, done.stdout)


def test_env_of_a_tree_that_is_down_is_silent(deep_tree):
    started = time.monotonic()
    done = deep_tree.dev('env')
    assert (done.returncode, done.stdout, done.stderr) == (1, '', '')
    assert time.monotonic() - started < 1


def test_env_names_the_running_system_within_a_second(tree):
    started = time.monotonic()
    done = tree.dev('env')
    assert time.monotonic() - started < 1
    for line in done.stdout.splitlines():
        assert re.fullmatch(r"export BOXOFFICE_\w+='.*'", line), line
    env = tree.env()
    assert env['BOXOFFICE_URL'] == f'http://127.0.0.1:{tree.environment["BOXOFFICE_PORT"]}'
    workers = proc.children_of(int(env['BOXOFFICE_PID']))
    assert len(workers) >= 9
    assert {proc.stat_of(pid)[0] for pid in workers} == {'boxofficed'}
    assert proc.stat_of(int(env['BOXOFFICE_NGINX_PID']))[0] == 'nginx'
    assert os.path.exists(env['BOXOFFICE_MEMCACHED'])
    assert os.access(f'{env["BOXOFFICE_BIN"]}/boxofficectl', os.X_OK)
    asked = subprocess.run(['psql', '-X', '-At', '-c', 'SELECT current_user', env['BOXOFFICE_DSN']],
                           capture_output=True, text=True)
    assert asked.stdout.strip() == 'boxoffice_owner', asked.stderr
    for who in ('ADMIN', 'OPERATOR'):
        body = json.dumps({'email': env[f'BOXOFFICE_{who}_EMAIL'],
                           'password': env[f'BOXOFFICE_{who}_PASSWORD']}).encode()
        request = urllib.request.Request(f'{env["BOXOFFICE_URL"]}/api/auth/login', body,
                                         {'Content-Type': 'application/json'})
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)['user']['role'] == who.lower()


def buy(said):
    """Pastes what `up` printed."""
    commands = said.split('by pasting this:\n\n')[1].split('\n\n')[0]
    done = subprocess.run(['bash', '-s'], input=f'set -euo pipefail\n{commands}\n', text=True,
                          capture_output=True, env={'PATH': '/usr/bin:/bin'}, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    bought = json.loads(done.stdout[done.stdout.rindex('\n{\n'):])
    assert bought['order']['state'] == 'paid'
    assert len(bought['order']['tickets']) == 2


def test_printed_commands_buy_a_ticket(tree):
    for _ in range(2):
        buy(tree.said)
    assert tree.dev('audit').returncode == 0


def test_up_ends_for_whoever_reads_its_output(tree):
    done = subprocess.run('./dev up | cat', shell=True, cwd=tree.path, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, env=tree.environment, timeout=120)
    assert '/readyz' not in done.stdout and 'ready after' in done.stdout.splitlines()[-1]


def test_up_again_restarts_nothing_and_is_quick(tree):
    before = live_pids(tree)
    started = time.monotonic()
    tree.up()
    assert time.monotonic() - started < 20
    assert live_pids(tree) == before
    assert None not in before.values()


def test_up_heals_what_was_killed(tree):
    before = live_pids(tree)
    for name in ('boxofficed', 'nginx', 'memcached', 'postgresql', 'relay'):
        os.kill(before[name], signal.SIGKILL)
    tree.up()
    after = live_pids(tree)
    assert None not in after.values()
    assert status_of(tree.env()['BOXOFFICE_URL'] + '/readyz') == 200


def test_down_does_not_kill_a_stranger_with_a_recorded_pid(tree):
    path = f'{tree.path}/build/run/state/pid/relay'
    tree.dev('stop', 'relay')
    with subprocess.Popen(['sleep', '60'], start_new_session=True) as stranger:
        with open(path, 'w') as file:
            file.write(f'{stranger.pid} 1 {proc.boot_id()} x\n')
        assert tree.dev('stop', 'relay').returncode == 0
        assert stranger.poll() is None
        stranger.kill()
    assert tree.dev('start', 'relay').returncode == 0
    assert live_pids(tree)['relay']


def test_a_server_can_be_stopped_and_started(tree):
    for name in ('memcached', 'boxofficed', 'nginx', 'postgresql'):
        assert tree.dev('stop', name).returncode == 0
        assert live_pids(tree).get(name) is None
        assert tree.dev('env').returncode == 0
        done = tree.dev('start', name)
        assert done.returncode == 0, done.stdout
    assert tree.dev('up').returncode == 0


def test_logs_end_and_hold_no_secret(tree):
    done = tree.dev('logs')
    assert done.returncode == 0
    for text in ('correct horse', '@example.org', '@boxoffice.example', 'Bearer ', 'eyJ'):
        assert text not in done.stdout


def test_a_state_folder_that_somebody_else_made_is_refused(deep_tree):
    state = Stack(f'{deep_tree.path}/build/run', '/usr/bin').state
    target = os.path.dirname(deep_tree.path)
    os.symlink(target, state)
    try:
        done = deep_tree.dev('up')
        assert done.returncode != 0
        assert f'{state} is no folder of' in done.stdout.splitlines()[-1]
        assert deep_tree.dev('down').returncode != 0
    finally:
        os.unlink(state)
    assert os.listdir(target) == [os.path.basename(deep_tree.path)]


def test_a_taken_port_is_the_reason_in_the_last_line(deep_tree):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = deep_tree.dev('up', BOXOFFICE_PORT=str(port))
    assert done.returncode != 0
    assert f'port {port} cannot be used' in done.stdout.splitlines()[-1]
    assert f'port {port} cannot be used' in done.stderr.splitlines()[-1]


def test_two_checkouts_live_side_by_side(tree, deep_tree):
    before = live_pids(tree)
    deep_tree.up()
    assert len(deep_tree.path) >= 195
    assert status_of(deep_tree.env()['BOXOFFICE_URL'] + '/readyz') == 200
    state = os.readlink(f'{deep_tree.path}/build/run/state')
    assert deep_tree.dev('down').returncode == 0
    assert processes_of(deep_tree.path, state) == []
    assert deep_tree.dev('env').returncode == 1
    assert live_pids(tree) == before
    assert status_of(tree.env()['BOXOFFICE_URL'] + '/readyz') == 200


def test_the_bench_measures_below_a_closed_home(deep_tree):
    """Its yardstick is a file that the account of nginx reads."""
    assert os.stat(os.path.dirname(deep_tree.path.split('deep/')[0])).st_mode & 0o077 == 0
    done = deep_tree.dev('bench', '--smoke', '--rounds', '1', 'browse')
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith('browse-events-64 ')], done.stdout
    assert 'FAILED' not in done.stdout and processes_of(deep_tree.path) == []


def test_a_copied_run_folder_is_not_taken_for_its_own(tree):
    copy = f'{tree.path}-copy'
    subprocess.run(['cp', '-a', tree.path, copy], check=True)
    before = live_pids(tree)
    environment = dict(tree.environment)
    for verb, status in (('env', 1), ('down', 0)):
        done = subprocess.run(['./dev', verb], cwd=copy, env=environment, capture_output=True,
                              stdin=subprocess.DEVNULL, text=True)
        assert done.returncode == status, done.stdout
    assert live_pids(tree) == before


def test_without_its_folder_a_running_system_is_ended_and_begun_afresh(tree):
    before = live_pids(tree)
    shutil.rmtree(f'{tree.path}/build/run')
    assert tree.dev('env').returncode == 1
    tree.up()
    after = live_pids(tree)
    assert None not in after.values()
    assert not set(after.values()) & set(before.values())
    assert not any(proc.is_live(pid) for pid in before.values())


def test_down_leaves_no_process_and_keeps_the_data(tree):
    env = tree.env()
    asked = ['psql', '-X', '-At', '-c', 'SELECT count(*) FROM show.shows', env['BOXOFFICE_DSN']]
    shows = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    state = os.readlink(f'{tree.path}/build/run/state')
    assert tree.dev('down').returncode == 0
    assert processes_of(tree.path, state) == []
    assert tree.dev('env').returncode == 1
    assert tree.dev('down').returncode == 0
    tree.up()
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == shows


def test_an_ordinary_user_runs_all_of_it_himself(others_tree):
    buy(others_tree.up())
    pids = live_pids(others_tree).values()
    assert None not in pids
    assert {os.stat(f'/proc/{pid}').st_uid for pid in pids} == {others_tree.uid}
    assert others_tree.dev('audit').returncode == 0
    state = os.readlink(f'{others_tree.path}/build/run/state')
    assert others_tree.dev('down').returncode == 0
    assert processes_of(others_tree.path, state) == []

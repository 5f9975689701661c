"""What an upgrade restarts: nothing that would not work. The programs that it asks are replaced here by answers."""
import os
import subprocess

import pytest

SCRIPT = os.path.join(os.environ['SRC'], 'packaging/restart.sh')
RESTARTED = ['systemctl try-restart boxofficed.service boxoffice-relay.service']
# Exit statuses of `boxofficed --check` and `boxofficectl db status`; what is said; what was called beside them.
CASES = {
    'configuration and schema fit': (0, 0, '', RESTARTED),
    'the new programs refuse the configuration': (78, 0, 'boxofficed: why\nboxoffice: the new programs refuse the configuration.', []),
    'the schema is older': (0, 3, 'boxofficectl: why\nboxoffice: the old processes go on.', []),
    'the database does not answer': (0, 5, 'boxofficectl: why\nboxoffice: the old processes go on.', []),
}


def restart(folder, check=0, status=0, pid=0):
    """(what was said, the commands that were asked)"""
    asked = folder / 'asked'
    answers = {'boxofficed': f'[ {check} = 0 ] || echo "boxofficed: why" >&2\nexit {check}',
               'boxofficectl': f'[ {status} = 0 ] || echo "boxofficectl: why" >&2\nexit {status}',
               'systemctl': f'[ "$1" != show ] || echo {pid}',
               'nsenter': 'shift 4\nexec "$@"', 'runuser': 'shift 3\nexec "$@"'}
    for name, answer in answers.items():
        program = folder / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >>"{asked}"\n{answer}\n')
        program.chmod(0o755)
    with open(SCRIPT) as file:
        script = file.read().replace('[ -d /run/systemd/system ]', 'true')
    done = subprocess.run(['sh', '-ec', f'{script}\nboxoffice_restart systemctl'], capture_output=True, text=True,
                          env={'PATH': f'{folder}:{os.environ["PATH"]}'})
    assert (done.returncode, done.stderr) == (0, '')
    return done.stdout, asked.read_text().splitlines()


@pytest.mark.parametrize('check, status, words, calls', CASES.values(), ids=CASES)
def test_an_upgrade_restarts_only_what_will_work(tmp_path, check, status, words, calls):
    said, asked = restart(tmp_path, check, status)
    assert said.startswith(words)
    assert bool(words) == ('he old processes go on' in said) and (status == 3) == ('db migrate' in said)
    assert 'boxofficed --check' in asked
    assert [line for line in asked if line.startswith('systemctl') and 'is-active' not in line and 'show' not in line] == calls


def test_the_check_sees_what_the_service_sees(tmp_path):
    said, asked = restart(tmp_path, 78, pid=4711)
    assert 'boxofficed: why' in said
    assert asked[-3:] == ['nsenter --target 4711 --mount -- runuser -u boxoffice -- boxofficed --check',
                          'runuser -u boxoffice -- boxofficed --check', 'boxofficed --check']

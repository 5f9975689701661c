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
    'the schema is older': (0, 3, 'boxoffice: the schema of the database does not fit the new programs', []),
}


@pytest.mark.parametrize('check, status, words, calls', CASES.values(), ids=CASES)
def test_an_upgrade_restarts_only_what_will_work(tmp_path, check, status, words, calls):
    asked = tmp_path / 'asked'
    for name, answer in (('boxofficed', check), ('boxofficectl', status), ('systemctl', 0)):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >>"{asked}"\n[ {answer} = 0 ] || echo "{name}: why" >&2\nexit {answer}\n')
        program.chmod(0o755)
    with open(SCRIPT) as file:
        script = file.read().replace('[ -d /run/systemd/system ]', 'true')
    done = subprocess.run(['sh', '-ec', f'{script}\nboxoffice_restart systemctl'], capture_output=True, text=True,
                          env={'PATH': f'{tmp_path}:{os.environ["PATH"]}'})
    assert (done.returncode, done.stderr) == (0, '')
    assert done.stdout.startswith(words)
    assert bool(words) == ('The old processes go on' in done.stdout or 'the old processes go on' in done.stdout)
    lines = asked.read_text().splitlines()
    assert 'boxofficed --check' in lines
    assert [line for line in lines if line.startswith('systemctl') and 'is-active' not in line] == calls

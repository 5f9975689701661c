"""What a sysadmin and a buyer do, for the tests of a booted machine."""
import json
import os
import subprocess

import readme
from conftest import HERE
from wait import wait_for

SITE = 'tickets.example.org'
ADMIN, PASSWORD = 'admin@example.org', 'a password of three words'
TIMES = int(os.environ.get('BOXOFFICE_TIMES', '50'))  # each disturbance


def sell(machine, *arguments, timeout=60):
    """sell.py on port 80 of the machine, with the Python of this one."""
    done = subprocess.run([*machine.network(), '/usr/bin/python3', f'{HERE}/sell.py', SITE, ADMIN, PASSWORD, *arguments],
                          capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def buy(machine):
    document = sell(machine, 'ticket')
    assert document['order']['state'] == 'paid' and len(document['order']['tickets']) == 2
    return document['order']


class Journal:
    """What a unit says from now on."""

    def __init__(self, machine, *arguments):
        self.machine, self.arguments = machine, ' '.join(arguments)
        self.cursor = machine.sh('journalctl --no-pager -q -n 1 --show-cursor').stdout.rpartition('cursor: ')[2].strip()

    def lines(self):
        return self.machine.sh(f"journalctl --no-pager -q -o cat {self.arguments} --after-cursor '{self.cursor}'").stdout.splitlines()


def install(machine):
    machine.sh('apt-get -qq install /root/packages/*.deb', timeout=300)


def wait_ready(machine):
    wait_for(lambda: machine.sh(f'curl -sf -H "Host: {SITE}" http://127.0.0.1/readyz', check=False).returncode == 0, 30, 'it is ready')


def lead_through_readme(machine):
    """Each command as it is written, up to those for timers."""
    text, jobs, _ = machine.sh('cat /usr/share/doc/boxoffice/README.Debian').stdout.partition('\nJobs\n')
    blocks = readme.blocks(text)
    assert jobs and blocks
    machine.sh('set -e\n' + '\n'.join(blocks), input=f'{PASSWORD}\n{PASSWORD}\n', timeout=300)


def main_pid(machine):
    return machine.sh('systemctl show -P MainPID boxofficed').stdout.strip()


class Steady:
    """Purchases for so long. What was sent is answered, and each answer is the right one; of a database that is away, 503 too."""

    def __init__(self, machine, seconds, *shaken):
        self.seconds = seconds
        self.process = subprocess.Popen([*machine.network(), '/usr/bin/python3', f'{HERE}/sell.py', SITE, ADMIN, PASSWORD, 'steady', str(seconds), *shaken],
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == 'ready\n'

    def check(self):
        report = json.loads(self.process.communicate(timeout=self.seconds + 60)[0])
        assert report['broken'] == [] and sum(report['answers'].values()) == report['sent'] > 20 * self.seconds, report

"""boxoffice-cron: who starts a job, and where its words go."""
import glob
import os
import re
import stat
import subprocess

import pytest

SRC = os.environ['SRC']

STUBS = {
    # The timers named in $ACTIVE are active.
    'systemctl': 'case " $ACTIVE " in *" $3 "*) exit 0 ;; esac; exit 3',
    'logger': '[ -z "$NO_LOG" ] || exit 1; while IFS= read -r line; do echo "$line" >>"$HOME/log"; done',
    'boxoffice-prune': 'echo "ran $*"; echo "said" >&2; exit "$STATUS"',
}


class Cron:
    def __init__(self, folder):
        self.folder = folder
        with open(f'{SRC}/cron/boxoffice-cron') as file:
            script = file.read()
        self.write('boxoffice-cron', script.replace('/etc/boxoffice', folder))
        for name, text in STUBS.items():
            self.write(name, f'#!/bin/sh\n{text}\n')
        self.write('secrets.conf', '')

    def write(self, name, text):
        with open(f'{self.folder}/{name}', 'w') as file:
            file.write(text)
        os.chmod(file.name, stat.S_IRWXU)

    def run(self, *words, status=0, **environment):
        environment = {'PATH': f'{self.folder}:/usr/bin:/bin', 'HOME': self.folder, 'STATUS': str(status), 'ACTIVE': '', 'NO_LOG': '',
                       **environment}
        return subprocess.run([f'{self.folder}/boxoffice-cron', *(words or ('boxoffice-prune', '--for', '5'))], env=environment,
                              capture_output=True, text=True, timeout=20, check=False)

    def log(self):
        try:
            with open(f'{self.folder}/log') as file:
                return file.read()
        except FileNotFoundError:
            return ''


@pytest.fixture
def cron(tmp_path):
    return Cron(str(tmp_path))


def words(done):
    return done.returncode, done.stdout, done.stderr


def test_what_a_job_says_goes_to_the_log_and_cron_mails_nothing(cron):
    assert words(cron.run()) == (0, '', '')
    assert cron.log() == 'ran --for 5\nsaid\n'


def test_an_active_timer_goes_first(cron):
    assert words(cron.run(ACTIVE='boxoffice-prune.timer')) == (0, '', '')
    assert cron.log() == ''
    cron.run(ACTIVE='boxoffice-release-holds.timer')
    assert cron.log() != ''


def test_nothing_runs_before_the_keys_are_made_wherever_they_are(cron):
    os.rename(f'{cron.folder}/secrets.conf', f'{cron.folder}/elsewhere')
    assert words(cron.run()) == (0, '', '') and cron.log() == ''
    cron.write('boxoffice.conf', f'[auth]\n secrets_file={cron.folder}/elsewhere ; ours\n')
    assert words(cron.run()) == (0, '', '') and cron.log() != ''


def test_the_first_of_several_failures_is_mailed(cron):
    first, second = cron.run(status=1), cron.run(status=1)
    assert first.returncode == second.returncode == 1
    assert 'boxoffice-prune ended with status 1' in first.stderr and second.stderr == ''
    cron.run()
    assert 'status 78' in cron.run(status=78).stderr
    assert cron.log().count('said') == 4


def test_without_a_log_of_the_system_cron_mails_what_the_job_says(cron):
    assert words(cron.run(NO_LOG='yes', status=1)) == (1, 'ran --for 5\n', 'said\n')


def test_the_jobs_of_another_system_are_only_started(cron):
    done = cron.run(BOXOFFICE_CONF='/x.conf', ACTIVE='boxoffice-prune.timer', status=3)
    assert words(done) == (3, 'ran --for 5\n', 'said\n') and cron.log() == ''


def test_a_wrong_command_line_is_refused(cron):
    assert cron.run('prune').returncode == 2 and cron.run('--help').returncode == 0


# --- the lines of cron and the timers

def crontab():
    """{job: (minutes, command)}"""
    jobs = {}
    with open(f'{SRC}/cron/boxoffice.cron') as file:
        for line in file:
            found = re.fullmatch(r'(\S+) \* \* \* \* boxoffice \[ ! -x (\S+) \] \|\| \2 ((boxoffice-\S+).*)\n', line)
            if found:
                jobs[found[4]] = found[1], found[3]
            else:
                assert not re.match(r'[*0-9]', line), line
    return jobs


def test_each_job_has_a_line_of_cron(debs):
    programs = {os.path.basename(path) for path in glob.glob(f'{debs.tree}/usr/libexec/boxoffice/*')}
    sources = {os.path.basename(path)[:-2].replace('_', '-') for path in glob.glob(f'{SRC}/src/jobs/*.c')}
    assert {f'boxoffice-{name}' for name in sources} == set(crontab()) <= programs


def test_each_line_of_cron_has_a_timer_that_does_the_same(debs):
    folder = f'{debs.tree}/lib/systemd/system'
    assert {os.path.basename(path)[:-6] for path in glob.glob(f'{folder}/*.timer')} == set(crontab())
    for job, (minutes, command) in crontab().items():
        with open(f'{folder}/{job}.timer') as file:
            timer = file.read()
        with open(f'{folder}/{job}.service') as file:
            service = file.read()
        assert f'OnCalendar={"*:*" if minutes == "*" else f"*:0{minutes[1:]}"}\nAccuracySec=1s\n' in timer
        assert f'\nType=oneshot\nUser=boxoffice\nGroup=boxoffice\nExecStart=/usr/libexec/boxoffice/{command}\n' in service
        # systemd-cron would ignore a crontab with the name of a timer.
        assert job != 'boxoffice'

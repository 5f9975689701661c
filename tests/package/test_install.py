"""Installing, upgrading, removing and purging the packages in a plain root, which no systemd has booted."""
import os
import re

import pytest

from conftest import install

SRC = os.environ['SRC']

# A systemd that says what it is asked, a program whose verdict on the schema is a file, and the same for both running services.
FAKE = r"""
mkdir -p /run/systemd/system /fake
printf '#!/bin/sh\necho "systemctl $*" >>/fake/log\ncase "$*" in *is-active*) exit "$(cat /fake/inactive)" ;; esac\n' >/fake/systemctl
printf '#!/bin/sh\necho "boxofficectl $*" >>/fake/log\nexit "$(cat /fake/verdict)"\n' >/fake/boxofficectl
chmod 755 /fake/systemctl /fake/boxofficectl
dpkg-divert --quiet --local --rename --add /usr/bin/systemctl
ln -sf /fake/systemctl /usr/bin/systemctl
dpkg-divert --quiet --local --rename --add /usr/bin/boxofficectl
ln -sf /fake/boxofficectl /usr/bin/boxofficectl
"""


KEYS = 'boxofficectl secrets create /etc/boxoffice/secrets.conf >/dev/null && chgrp boxoffice /etc/boxoffice/secrets.conf'


def shell(root, script):
    return root.run('sh', '-c', script)


def output(root, script):
    done = shell(root, script)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_packages_install_beside_debians_and_start_nothing(root, debs):
    done = install(root, debs.installed())
    assert not re.search('warning|error|fail', done.stdout + done.stderr, re.IGNORECASE), done.stdout + done.stderr
    assert output(root, 'dpkg --audit; dpkg --verify boxoffice boxoffice-common') == ''
    assert output(root, "find /etc/systemd -name 'boxoffice*'; ls -d /etc/nginx 2>/dev/null || true") == ''
    assert output(root, 'boxofficed --version; boxofficectl --version').split()[1::2] == [debs.field('Version')] * 2


def test_account_and_folders_are_there(installed):
    assert re.fullmatch(r'boxoffice:x:\d+:\d+:.*:/var/lib/boxoffice:/usr/sbin/nologin', output(installed, 'getent passwd boxoffice'))
    assert output(installed, "stat -c '%a %U %G %n' /run/boxoffice /var/log/boxoffice /var/lib/boxoffice /etc/boxoffice").splitlines() == [
        '2750 boxoffice www-data /run/boxoffice', '750 boxoffice adm /var/log/boxoffice',
        '750 boxoffice boxoffice /var/lib/boxoffice', '750 root boxoffice /etc/boxoffice']


def test_the_configuration_is_taken_once_the_keys_are_made(installed):
    done = shell(installed, f'{KEYS} && boxofficectl config check')
    assert done.returncode == 0, done.stdout + done.stderr


def test_cron_takes_the_crontab_and_logrotate_its_rules(installed):
    assert output(installed, "stat -c '%a %U' /etc/cron.d/boxoffice") == '644 root'
    done = shell(installed, 'touch /var/log/boxoffice/x.log && logrotate --debug /etc/logrotate.d/boxoffice')
    assert done.returncode == 0 and 'error' not in done.stderr, done.stderr


def test_bash_finds_the_completion(installed):
    done = installed.run('bash', '-c', '. /usr/share/bash-completion/bash_completion; _completion_loader boxofficectl; complete -p boxofficectl')
    assert '_boxofficectl' in done.stdout, done.stderr


def test_an_edited_configuration_survives_an_upgrade_and_a_removal(installed, debs):
    shell(installed, 'echo "# mine" >>/etc/boxoffice/boxoffice.conf; echo "# mine" >>/etc/cron.d/boxoffice')
    install(installed, debs.installed())
    assert output(installed, 'tail -qn 1 /etc/boxoffice/boxoffice.conf /etc/cron.d/boxoffice').split('\n') == ['# mine', '# mine']
    assert installed.run('dpkg', '--remove', 'boxoffice', 'boxoffice-common').returncode == 0
    assert output(installed, 'tail -qn 1 /etc/boxoffice/boxoffice.conf /etc/cron.d/boxoffice').split('\n') == ['# mine', '# mine']


def test_after_a_removal_the_lines_of_cron_do_nothing(installed):
    assert installed.run('dpkg', '--remove', 'boxoffice', 'boxoffice-common').returncode == 0
    lines = re.findall(r'^\S+ \* \* \* \* boxoffice (.*)$', output(installed, 'cat /etc/cron.d/boxoffice'), re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        done = shell(installed, line)
        assert (done.returncode, done.stdout, done.stderr) == (0, '', '')


def test_a_purge_takes_all_but_the_account_and_the_keys(installed):
    shell(installed, 'boxofficectl secrets create /etc/boxoffice/secrets.conf; touch /var/log/boxoffice/a.log /var/lib/boxoffice/b')
    done = installed.run('dpkg', '--purge', 'boxoffice', 'boxoffice-common')
    assert done.returncode == 0 and 'secrets.conf stays' in done.stdout
    left = output(installed, "find / -xdev -path /proc -prune -o -name '*boxoffice*' ! -path '/tmp/*' ! -path '/var/lib/dpkg/*' -print")
    assert left.split() == ['/etc/boxoffice'] and output(installed, 'ls -A /etc/boxoffice') == 'secrets.conf'
    assert output(installed, 'getent passwd boxoffice') != ''
    assert output(installed, 'dpkg-query -W -f "\\${Status}\\n" boxoffice 2>/dev/null || true') in ('', 'unknown ok not-installed')


def test_a_purge_without_keys_leaves_no_folder(installed):
    assert installed.run('dpkg', '--purge', 'boxoffice', 'boxoffice-common').returncode == 0
    assert output(installed, 'ls -d /etc/boxoffice 2>/dev/null || true') == ''


@pytest.mark.parametrize('inactive, verdict, is_restarted, is_told', [
    (0, 0, True, False), (0, 3, False, True), (0, 5, False, True), (3, 0, False, False)])
def test_an_upgrade_restarts_what_runs_only_when_the_schema_fits(installed, debs, inactive, verdict, is_restarted, is_told):
    output(installed, f'{KEYS}\n{FAKE}\necho {inactive} >/fake/inactive; echo {verdict} >/fake/verdict')
    done = install(installed, debs.installed())
    log = output(installed, 'cat /fake/log')
    assert ('systemctl try-restart boxofficed.service boxoffice-relay.service' in log) == is_restarted, log
    assert ('the old processes go on' in done.stdout) == is_told, done.stdout
    assert ('boxofficectl db migrate' in done.stdout) == (is_told and verdict == 3), done.stdout
    assert 'boxofficectl db migrate' not in log and not re.search(r' (?:stop|restart) .*boxofficed', log)
    assert log.index('daemon-reload') < log.index('try-restart') if is_restarted else True


def test_an_upgrade_restarts_nothing_when_the_configuration_is_refused(installed, debs):
    output(installed, f'{FAKE}\necho 0 >/fake/inactive; echo 0 >/fake/verdict')
    done = install(installed, debs.installed())
    assert 'the new programs refuse the configuration' in done.stdout and 'secrets.conf' in done.stdout
    assert ' try-restart boxofficed' not in output(installed, 'cat /fake/log')


def test_a_removal_stops_everything(installed):
    output(installed, f'{FAKE}\necho 0 >/fake/inactive; echo 0 >/fake/verdict')
    assert installed.run('dpkg', '--remove', 'boxoffice').returncode == 0
    log = output(installed, 'cat /fake/log')
    for unit in ('boxofficed.socket', 'boxofficed.service', 'boxoffice-*.service', 'boxoffice-*.timer'):
        assert f'stop {unit}' in log, log

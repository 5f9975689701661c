"""The life of an installation, in order: installed by the text of its README, sells, reboots, goes, and comes back."""
import json
import time

from life import TIMES, Journal, Steady, buy, install, lead_through_readme, main_pid, wait_ready, SITE
from wait import wait_for


def test_readme_leads_to_a_running_site(machine):
    install(machine)
    lead_through_readme(machine)
    assert machine.sh('systemctl --failed --no-legend').stdout == ''


def test_a_ticket_is_sold_on_port_80(machine):
    order = buy(machine)
    assert all(ticket['code'].startswith('BO1.') for ticket in order['tickets'])
    assert machine.sh('boxofficectl audit').returncode == 0


def test_each_request_is_one_line_of_the_journal(machine):
    journal = Journal(machine, '-u boxofficed')
    for n in range(5):
        machine.sh(f'curl -s -o /dev/null -H "Host: {SITE}" -d "{{}}" http://127.0.0.1/api/shows/999{n}/holds')
    lines = wait_for(lambda: len(found := journal.lines()) >= 5 and found, 5, 'the lines are there')
    assert [json.loads(line)['status'] for line in lines] == [401] * 5


def test_cron_runs_the_jobs(machine):
    jobs = {'boxoffice-release-holds', 'boxoffice-settle-payments', 'boxoffice-open-close-shows'}

    def ran():
        return {name for name in jobs if machine.sh(f'pgrep -u boxoffice -f libexec/boxoffice/{name}', check=False).stdout} == jobs
    wait_for(ran, 70, 'cron runs the jobs')
    assert machine.sh('ls /var/lib/boxoffice/*.failed', check=False).returncode != 0


def test_it_sells_again_after_a_reboot(machine):
    machine.reboot()
    wait_ready(machine)
    buy(machine)


def test_no_request_is_lost(machine):
    """Restart, reload, two reloads at once, and a killed master, under a steady load."""
    actions = ['systemctl restart boxofficed', 'systemctl reload boxofficed', 'systemctl reload boxofficed & systemctl reload boxofficed; wait',
               'systemctl kill -s KILL --kill-who=main boxofficed', 'systemctl reload nginx']
    inode = machine.sh('stat -c %i /run/boxoffice/*.sock').stdout
    load = Steady(machine, 5 + 1.2 * TIMES * len(actions))
    for _ in range(TIMES):
        for action in actions:
            machine.sh(action)
            time.sleep(1)
    load.check()
    assert machine.sh('stat -c %i /run/boxoffice/*.sock').stdout == inode
    machine.sh('boxofficectl audit')


def test_a_restart_of_the_database_is_an_answer_and_503(machine):
    load = Steady(machine, 20, 'shaken')
    for _ in range(3):
        machine.sh('systemctl restart postgresql')
        time.sleep(3)
    load.check()
    machine.sh('boxofficectl audit')


def test_reinstalling_restarts_and_keeps_the_configuration(machine):
    machine.sh("echo '# mine' >>/etc/boxoffice/boxoffice.conf")
    before = main_pid(machine)
    machine.sh('apt-get -qq install --reinstall /root/packages/*.deb', timeout=300)
    assert main_pid(machine) != before
    assert machine.sh('tail -n 1 /etc/boxoffice/boxoffice.conf').stdout == '# mine\n'
    buy(machine)


def test_a_configuration_that_the_sandbox_forbids_is_not_started(machine):
    machine.sh("sed -i 's|^\\[log\\]$|[log]\\nfile = /srv/boxoffice.log|' /etc/boxoffice/boxoffice.conf && grep -q ^file /etc/boxoffice/boxoffice.conf && "
               "install -o boxoffice -m 644 /dev/null /srv/boxoffice.log")
    before = main_pid(machine)
    said = machine.sh('apt-get -qq install --reinstall /root/packages/boxoffice_*.deb', timeout=300).stdout
    assert '/srv/boxoffice.log' in said and 'The old processes go on' in said
    assert main_pid(machine) == before
    assert machine.sh('systemctl reload boxofficed', check=False).returncode != 0
    buy(machine)
    machine.sh("sed -i '/^file = .srv/d' /etc/boxoffice/boxoffice.conf && systemctl reload boxofficed")


def test_purge_leaves_the_database_its_keys_and_the_account(machine):
    machine.sh('apt-get -qq purge boxoffice boxoffice-common', timeout=300)
    left = machine.sh('ls -d /run/boxoffice /var/log/boxoffice /var/lib/boxoffice /etc/cron.d/boxoffice /usr/sbin/boxofficed 2>/dev/null',
                       check=False).stdout
    assert left == ''
    assert machine.sh('id -u boxoffice').stdout and machine.sh('ls /etc/boxoffice/secrets.conf').stdout
    assert machine.sh("runuser -u postgres -- psql -At -c 'SELECT count(*) FROM account.users' boxoffice").stdout.strip() != '0'


def test_it_comes_back_with_what_was_left(machine):
    install(machine)
    machine.sh('systemctl enable --now boxofficed.socket boxofficed boxoffice-relay')
    wait_ready(machine)
    buy(machine)

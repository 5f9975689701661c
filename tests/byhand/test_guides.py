"""packaging/README.md and the guides, followed word by word on one fresh machine: Debian's services at their defaults, no network.

What stands between ``` is for an installation from packages and is left to them. Two stand-ins: the packages of `apt install` are
those that the machine was made with, and a question for a password is answered on standard input."""
import glob
import json
import os
import re
import shlex
import subprocess

import pytest

import machine
import plainroot
from wait import wait_for

SRC = os.environ['SRC']
OUT = os.environ['OUT']
PASSWORD = 'long enough for that'
README = 'packaging/README.md'
# In the order in which somebody meets them; each goes on where the one before it ended.
GUIDES = [f'packaging/guide/{name}.md' for name in ('install', 'staff', 'backup', 'upgrade', 'restore', 'hosts')]
# What a fresh Debian has beside those of the README: a system to boot.
SYSTEM = ('systemd-sysv', 'dbus')


def commands(path):
    """[(line, command)] of a page: what is indented by four columns and more, without the fenced."""
    found, fenced = [], False
    with open(f'{SRC}/{path}') as file:
        for number, line in enumerate(file, 1):
            fenced ^= line.lstrip().startswith('```')
            if re.match(r' {4,}\S', line) and not fenced:
                found.append((number, line.strip()))
    return found


def installed_by(path):
    """The packages that its lines of apt name."""
    return [name for _, command in commands(path) if command.startswith('apt install ') for name in shlex.split(command)[2:]]


class Shell:
    """Runs the commands of a page as somebody would who types them: a folder that was entered stays entered."""

    def __init__(self, host):
        self.host, self.folder = host, '/usr/local/src/boxoffice'
        self.log = open(f'{OUT}/commands.log', 'w')

    def run(self, command):
        password = f'{PASSWORD}\n' if re.search(r'\buser (create|passwd)\b', command) else ''
        script = f'cd {shlex.quote(self.folder)} || exit\n{command}\nstatus=$?\npwd >/run/folder\nexit $status\n'
        done = self.host.run('bash', '-c', script, input=password)
        self.log.write(f'# {command}\n{done.stdout}{done.stderr}')
        self.log.flush()
        if done.returncode == 0:
            self.folder = self.host.run('cat', '/run/folder').stdout.strip()
        return done

    def follow(self, path):
        for number, command in commands(path):
            if command.startswith('apt install '):
                continue
            done = self.run(command)
            assert done.returncode == 0, f'{path}:{number}: {command}\n{done.stdout[-1500:]}{done.stderr[-1500:]}'


@pytest.fixture(scope='session')
def host():
    why = machine.available()
    if why:
        pytest.skip(why)
    try:
        plain = plainroot.make({*installed_by(README), *SYSTEM})
        booted = machine.Machine(plain, f'{OUT}/machine')
    except OSError as problem:
        pytest.skip(str(problem))
    with booted:
        sources = f'{OUT}/sources'
        subprocess.run([f'{SRC}/packaging/source-tree', sources], check=True, stdout=subprocess.DEVNULL)
        booted.unpack(sources, '/usr/local/src/boxoffice')
        yield booted


@pytest.fixture(scope='session')
def shell(host):
    return Shell(host)


def ask(host, method, path, body=None, token=None):
    """(status, document) of a request to the site on port 80."""
    command = ['curl', '-sS', '-o', '/run/answer', '-w', '%{http_code}', '-X', method, '-H', 'Host: tickets.example.org']
    if body is not None:
        command += ['-H', 'Content-Type: application/json', '-d', json.dumps(body)]
    if token:
        command += ['-H', f'Authorization: Bearer {token}']
    status = host.run(*command, f'http://127.0.0.1{path}').stdout
    return int(status), json.loads(host.run('cat', '/run/answer').stdout)


def log_in(host):
    status, document = ask(host, 'POST', '/api/auth/login', {'email': 'admin@example.org', 'password': PASSWORD})
    assert status == 200, document
    return document['access_token']


@pytest.fixture(scope='session')
def installed(host, shell):
    """By hand, as the README has it."""
    before = host.run('cat', '/etc/postgresql/15/main/pg_hba.conf').stdout
    assert 'boxoffice' not in before
    shell.follow(README)
    return host


def test_the_readme_leads_to_a_system_that_serves(installed):
    status, document = ask(installed, 'GET', '/readyz')
    assert (status, document['status']) == (200, 'ready')
    for unit in ('boxofficed.socket', 'boxofficed', 'boxoffice-relay'):
        assert installed.run('systemctl', 'is-active', unit).stdout == 'active\n', unit


def test_debians_own_lines_of_pg_hba_still_hold(installed):
    """Ours come first and decide about our database and roles alone."""
    for account, role, database, is_let_in in (
            ('postgres', 'postgres', 'postgres', True), ('postgres', 'boxoffice_owner', 'boxoffice', True),
            ('root', 'boxoffice_owner', 'boxoffice', True), ('boxoffice', 'boxoffice_app', 'boxoffice', True),
            ('boxoffice', 'boxoffice_batch', 'boxoffice', True), ('boxoffice', 'boxoffice_read', 'boxoffice', True),
            ('boxoffice', 'boxoffice_owner', 'boxoffice', False), ('boxoffice', 'postgres', 'boxoffice', False),
            ('www-data', 'boxoffice_app', 'boxoffice', False), ('root', 'postgres', 'postgres', False)):
        done = installed.run('runuser', '-u', account, '--', 'psql', '-X', '-w', '-U', role, '-c', 'SELECT 1', database)
        assert (done.returncode == 0) is is_let_in, (account, role, done.stderr)
    done = installed.run('psql', '-X', '-w', '-h', '127.0.0.1', '-U', 'boxoffice_owner', 'boxoffice')
    assert done.returncode != 0 and 'rejects' in done.stderr, 'nobody is the owner from another host'


def test_what_the_cluster_gets_is_what_the_check_asks_for(installed):
    """Without it Debian's defaults fall short in two rules; these name the file."""
    conf = '/etc/postgresql/15/main/conf.d/boxoffice.conf'
    try:
        assert installed.run('sh', '-c', f'mv {conf} /root/ && systemctl restart postgresql').returncode == 0
        done = installed.run('boxofficectl', 'db', 'check')
        assert done.returncode == 1 and [line.split(': ')[1] for line in done.stderr.splitlines()] == ['locks', 'log']
    finally:
        installed.run('sh', '-c', f'mv /root/boxoffice.conf {conf} && systemctl restart postgresql')
    assert installed.run('boxofficectl', 'db', 'check').returncode == 0


def test_each_guide_can_be_followed_where_the_one_before_it_ended(installed, shell):
    for path in GUIDES:
        shell.follow(path)
        if path.endswith('staff.md'):
            # The first admin enters what the backup must hold.
            status, document = ask(installed, 'POST', '/api/admin/venues', {'name': 'The Old Hall', 'region': 'Seoul'}, token=log_in(installed))
            assert status == 201, document
    assert ask(installed, 'GET', '/readyz')[0] == 200
    assert ask(installed, 'GET', '/api/events')[0] == 200
    assert 'cache' not in installed.run('journalctl', '--unit=boxofficed', '--since=-5s', '--grep', '"level":"warn"').stdout
    stats = installed.run('runuser', '-u', 'boxoffice', '--', 'curl', '-sS', '-m', '2', '--unix-socket', '/run/memcached/memcached.sock', 'telnet://x',
                          input='stats\nquit\n').stdout
    assert int(re.search(r'STAT cmd_set (\d+)', stats)[1]) > 0, 'what was read is kept behind the socket'
    names = installed.run('psql', '-X', '-At', '-U', 'boxoffice_owner', '-c', 'SELECT name FROM directory.venues', 'boxoffice').stdout
    assert names == 'The Old Hall\n', 'it came back with the dump'
    log_in(installed)


def test_each_step_of_a_first_installation_ends_as_the_guide_says(installed):
    """Its table, in another database and with other files, so that the system stays as it is."""
    script = r"""
        sed 's|^#*secrets_file = .*|secrets_file = /run/other.keys|; s|^#*\(.*dsn\) = dbname=boxoffice |\1 = dbname=other |' \
            /etc/boxoffice/boxoffice.conf >/run/other.conf
        chmod 644 /run/other.conf
        export BOXOFFICE_CONF=/run/other.conf
        sed 's/ boxoffice  *boxoffice_app/ boxoffice,other boxoffice_app/' -i /etc/postgresql/15/main/pg_hba.conf
        systemctl reload postgresql@15-main
        boxofficectl config check; echo config $?
        boxofficectl db status; echo missing $?
        cd / && runuser -u postgres -- psql -X -q -v ON_ERROR_STOP=1 -v db=other -f /usr/share/boxoffice/sql/bootstrap.sql postgres >&2
        boxofficectl db status; echo empty $?
        boxofficectl secrets create /run/other.keys; chgrp boxoffice /run/other.keys
        boxofficectl config check; echo keys $?
        boxofficectl db migrate >/dev/null; boxofficectl db check; echo schema $?
        sed 's/boxoffice,other/boxoffice/' -i /etc/postgresql/15/main/pg_hba.conf
        systemctl reload postgresql@15-main"""
    done = installed.run('bash', '-c', script)
    ends = re.findall(r'^(config|missing|empty|keys|schema) (\d+)$', done.stdout, re.M)
    assert ends == [('config', '78'), ('missing', '4'), ('empty', '4'), ('keys', '0'), ('schema', '0')], done.stdout + done.stderr


def test_a_base_backup_comes_back_whole_and_needs_no_rebase(installed):
    """The one that the guide has taken, beside the cluster that runs: first as a standby, then as itself."""
    script = r"""
        cp -a /var/backups/boxoffice/base-* /var/lib/postgresql/15/spare && cd /
        sed 's|^#*\(.*dsn\) = dbname=boxoffice |\1 = port=5433 dbname=boxoffice |' /etc/boxoffice/boxoffice.conf >/run/spare.conf
        spare() {
            runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -D /var/lib/postgresql/15/spare -s -w -l /run/postgresql/spare.log \
                -o '-c config_file=/etc/postgresql/15/main/postgresql.conf -c data_directory=/var/lib/postgresql/15/spare -c port=5433
                    -c external_pid_file=/run/postgresql/spare.pid' "$1"
        }
        runuser -u postgres -- touch /var/lib/postgresql/15/spare/standby.signal
        spare start; boxofficectl --config /run/spare.conf db check 2>&1; echo standby $?; spare stop
        rm /var/lib/postgresql/15/spare/standby.signal
        spare start; boxofficectl --config /run/spare.conf db check; echo itself $?
        boxofficectl --config /run/spare.conf audit >/dev/null; echo audit $?; spare stop
        rm -r /var/lib/postgresql/15/spare"""
    done = installed.run('bash', '-c', script)
    ends = re.findall(r'^(standby|itself|audit) (\d+)$', done.stdout, re.M)
    assert ends == [('standby', '1'), ('itself', '0'), ('audit', '0')], done.stdout + done.stderr
    assert re.findall('^boxofficectl: (\\w+):', done.stdout, re.M) == ['primary'], done.stdout


def test_systemd_tells_of_a_schema_that_is_older(installed):
    """As when the programs were replaced first."""
    def psql(text):
        return installed.run('psql', '-X', '-At', '-U', 'boxoffice_owner', '-c', text, 'boxoffice').stdout.strip()

    def status():
        return installed.run('systemctl', 'show', '--property=StatusText', 'boxofficed').stdout
    row = psql('DELETE FROM ops.migrations WHERE version = (SELECT max(version) FROM ops.migrations) RETURNING to_jsonb(migrations)')
    try:
        assert installed.run('boxofficectl', 'db', 'status').returncode == 3
        assert installed.run('systemctl', 'restart', 'boxofficed', 'boxoffice-relay').returncode == 0, 'they start all the same'
        wait_for(lambda: 'boxofficectl db migrate' in status(), 10, 'the status tells')
        assert ask(installed, 'GET', '/readyz')[0] == 503
    finally:
        psql(f"INSERT INTO ops.migrations SELECT * FROM jsonb_populate_record(NULL::ops.migrations, '{row.splitlines()[0]}')")
    wait_for(lambda: ask(installed, 'GET', '/readyz')[0] == 200, 5, 'it serves without a restart')
    wait_for(lambda: 'boxofficectl db migrate' not in status(), 5, 'the status tells that as well')


def test_every_guide_is_followed_and_installed(installed):
    assert sorted(glob.glob('packaging/guide/*.md', root_dir=SRC)) == sorted(GUIDES)
    there = installed.run('sh', '-c', 'cd /usr/share/doc/boxoffice && ls packaging/guide/*.md').stdout.split()
    assert sorted(there) == sorted(GUIDES)


def test_every_page_that_is_named_is_installed(installed):
    there = installed.run('sh', '-c', "cd /usr/share/doc/boxoffice && find * -name '*.md'").stdout.split()
    for path in (README, *GUIDES):
        with open(f'{SRC}/{path}') as file:
            for name in re.findall(r'`((?:[\w.]+/)*[\w-]+\.md)`', file.read()):
                assert any(f'{folder}{name}' in there for folder in ('', 'packaging/', 'packaging/guide/')), (path, name)

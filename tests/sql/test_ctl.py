"""boxofficectl: migrations, the demo season, users and tokens, and how it refuses."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
import uuid

import jwt
import nacl.pwhash
import psycopg2
import pytest


def test_the_demo_season_loads_within_twenty_seconds_and_once(stack, db):
    assert stack.load_s < 20
    before = db.value('SELECT count(*) FROM show.shows')
    done = stack.run('boxofficectl', 'demo', 'load', '--yes')
    assert 'before' in done.stdout and 'password' not in done.stdout
    assert db.value('SELECT count(*) FROM show.shows') == before == 60


def test_the_demo_season_is_what_it_says(db):
    assert db.value('SELECT count(DISTINCT region) FROM directory.venues') == 2
    assert db.rows('SELECT min(capacity), max(capacity), count(*) >= 6 FROM directory.layouts') == [(100, 20000, True)]
    assert db.value('SELECT count(DISTINCT kind) FROM directory.events') == 7
    states = dict(db.rows('SELECT util.show_state(false, sales_open_at, sales_close_at, clock_timestamp()), count(*)'
                          ' FROM show.shows GROUP BY 1'))
    assert states['on_sale'] > 45 and states['scheduled'] > 0 and states['closed'] > 0
    assert db.value("SELECT bool_and(date_part('hour', starts_at AT TIME ZONE 'Asia/Seoul') BETWEEN 10 AND 23) FROM show.shows")
    # Three grades and more wherever there is room, no two seats at one place.
    assert db.value('SELECT min(n) FROM (SELECT count(*) AS n FROM show.grades GROUP BY show_id) AS g') >= 3
    assert db.rows("""
        SELECT l.layout_id, seat ->> 'x', seat ->> 'y' FROM directory.layouts AS l, json_array_elements(l.sections) AS section,
            json_array_elements(section -> 'rows') AS row, json_array_elements(row -> 'seats') AS seat
        GROUP BY 1, 2, 3 HAVING count(*) > 1""") == []


def test_layouts_are_numbered_as_clients_read_them(db):
    for (sections, labels, grades, capacity) in db.rows('SELECT sections, labels, grades, capacity FROM directory.layouts'):
        seats = [seat for section in sections for row in section['rows'] for seat in row['seats']]
        assert [seat['no'] for seat in seats] == list(range(capacity))
        assert [seat['label'] for seat in seats] == labels and len(set(labels)) == capacity
        assert [seat['grade'] for seat in seats] == grades
        assert set(seats[0]) == {'no', 'label', 'grade', 'x', 'y'}


def test_migrating_again_applies_nothing(other):
    first = other.run('db', 'migrate')
    assert first.returncode == 0, first.stderr
    assert other.run('db', 'migrate').stdout == 'the schema is up to date\n'
    assert other.run('db', 'check', '--except', 'durability').returncode == 0
    assert other.run('db', 'status').stdout.count('applied') == first.stdout.count('.sql')


def test_a_changed_migration_is_refused_and_nothing_is_applied(other, db):
    assert other.run('db', 'migrate').returncode == 0
    with open(other.folder / 'migrations' / '0003_account.sql', 'a') as file:
        file.write('-- a word\n')
    (other.folder / 'functions' / 'zz.sql').write_text('CREATE FUNCTION util.zz() RETURNS int LANGUAGE sql RETURN 1;')
    done = other.run('db', 'migrate')
    assert done.returncode == 1 and '0003_account.sql was changed' in done.stderr
    assert db.value("SELECT to_regproc('util.zz') IS NULL", database=other.database)
    assert other.run('db', 'check').returncode == 1
    assert 'changed  migration  0003_account.sql' in other.run('db', 'status').stdout


def test_a_failing_migration_leaves_nothing_behind(other, db):
    assert other.run('db', 'migrate').returncode == 0
    last = max(os.listdir(other.folder / 'migrations'))
    name = f'{int(last[:4]) + 1:04}_half.sql'
    (other.folder / 'migrations' / name).write_text('CREATE TABLE util.half (a int);\nSELECT 1 / 0;\n')
    done = other.run('db', 'migrate')
    assert done.returncode == 1 and 'division by zero' in done.stderr and name in done.stderr
    assert db.value("SELECT to_regclass('util.half') IS NULL", database=other.database)
    assert f'due      migration  {name}' in other.run('db', 'status').stdout
    assert name in other.run('db', 'check').stderr


def test_an_upgrade_is_applied_whole_or_not_at_all(other, db):
    """Programs run on what was there until all of it is there."""
    assert other.run('db', 'migrate').returncode == 0
    before = other.run('db', 'status').stdout
    number = int(max(os.listdir(other.folder / 'migrations'))[:4]) + 1
    (other.folder / 'migrations' / f'{number:04}_good.sql').write_text('CREATE TABLE util.good (a int);')
    with open(other.folder / 'functions' / '00_util.sql', 'a') as file:
        file.write("COMMENT ON FUNCTION util.unix IS 'another';\n")
    last = other.folder / 'functions' / 'zz.sql'
    last.write_text('CREATE FUNCTION util.zz() RETURNS int LANGUAGE sql RETURN 1;\n\nSELECT nothing;\n')
    done = other.run('db', 'migrate')
    assert (done.returncode, done.stdout) == (1, '') and 'functions zz.sql' in done.stderr and 'line 3' in done.stderr
    seen = "SELECT to_regclass('util.good') IS NOT NULL, to_regproc('util.zz') IS NOT NULL, obj_description(to_regproc('util.unix')) = 'another'"
    assert db.rows(seen, database=other.database) == [(False, False, False)]
    assert [line for line in other.run('db', 'status').stdout.splitlines() if line.startswith('applied')] == [
        line for line in before.splitlines() if line.startswith('applied') and '00_util' not in line]
    last.write_text('CREATE FUNCTION util.zz() RETURNS int LANGUAGE sql RETURN 1;')
    done = other.run('db', 'migrate')
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f'migration {number:04}_good.sql', 'functions 00_util.sql', 'functions zz.sql',
                                        'the schema is up to date']
    assert db.rows(seen, database=other.database) == [(True, True, True)]


def test_an_upgrade_whose_session_is_lost_leaves_nothing(other, db, stack):
    assert other.run('db', 'migrate').returncode == 0
    number = int(max(os.listdir(other.folder / 'migrations'))[:4]) + 1
    (other.folder / 'migrations' / f'{number:04}_good.sql').write_text('CREATE TABLE util.good (a int);')
    (other.folder / 'functions' / 'yy.sql').write_text('SELECT pg_terminate_backend(pg_backend_pid());')
    (other.folder / 'functions' / 'zz.sql').write_text('CREATE FUNCTION util.zz() RETURNS int LANGUAGE sql RETURN 1;')
    done = other.run('db', 'migrate')
    assert (done.returncode, done.stdout) == (1, '') and 'functions yy.sql' in done.stderr
    assert db.rows("SELECT to_regclass('util.good') IS NULL, to_regproc('util.zz') IS NULL", database=other.database) == [(True, True)]


def test_a_file_that_was_not_announced_is_refused(other, db):
    assert other.run('db', 'migrate').returncode == 0
    connection = db.connect(database=other.database)
    connection.cursor().execute("SELECT ops.announce('functions', 'zz.sql', 'x')")
    with pytest.raises(psycopg2.errors.RaiseException, match='announced'):
        connection.cursor().execute('SELECT ops.applied()')


def test_a_hole_in_the_numbers_is_refused(other):
    (other.folder / 'migrations' / '9042_far.sql').write_text('SELECT 1;')
    done = other.run('db', 'migrate')
    assert done.returncode == 1 and '9042_far.sql should be number' in done.stderr


def test_a_database_that_is_ahead_of_the_program_is_refused(other):
    assert other.run('db', 'migrate').returncode == 0
    last = max(os.listdir(other.folder / 'migrations'))
    os.unlink(other.folder / 'migrations' / last)
    done = other.run('db', 'migrate')
    assert done.returncode == 1 and 'newer' in done.stderr


def test_changed_functions_are_loaded_again(other, db):
    assert other.run('db', 'migrate').returncode == 0
    with open(other.folder / 'functions' / '00_util.sql', 'a') as file:
        file.write("COMMENT ON FUNCTION util.unix IS 'another';\n")
    assert 'functions 00_util.sql' in other.run('db', 'check').stderr
    assert other.run('db', 'migrate').stdout.splitlines()[0] == 'functions 00_util.sql'
    assert db.value("SELECT obj_description('util.unix'::regproc)", database=other.database) == 'another'


def test_two_migrations_at_once_wait_for_each_other(other, stack):
    command = [f'{stack.programs}/boxofficectl', '--config', other.conf, 'db', 'migrate']
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             env=stack.environment()) for _ in range(2)]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(text.count('migration ') > 0 for text in said) == [False, True]


@pytest.mark.parametrize('ctype, encoding, word', [('C', 'UTF8', 'LC_CTYPE "C"'), ('C', 'SQL_ASCII', 'SQL_ASCII')])
def test_a_database_that_cannot_compare_korean_is_refused(other, db, stack, ctype, encoding, word):
    stack.psql('-c', f'DROP DATABASE {other.database}', database='postgres')
    db.create(other.database, ctype, encoding)
    for verb in ('migrate', 'check'):
        done = other.run('db', verb)
        assert done.returncode == 1 and word in done.stderr and 'UTF' in done.stderr


def test_an_empty_database_is_told_what_to_do(other):
    for arguments in (('db', 'check'), ('db', 'status'), ('demo', 'load', '--yes')):
        done = other.run(*arguments)
        assert done.returncode == 4 and 'db migrate' in done.stderr


def test_a_dump_of_an_older_log_is_noticed(other, db):
    assert other.run('db', 'migrate').returncode == 0
    db.rows("UPDATE log.cursors SET to_xmin = '99999999999'", database=other.database)
    assert 'restored' in other.run('db', 'check').stderr


def test_a_token_is_one_of_that_user_and_audited(stack, db):
    text = stack.run('boxofficectl', 'token', 'FAN1@example.org').stdout.strip()
    claims = jwt.decode(text, options={'verify_signature': False})
    user = db.value("SELECT user_id::text FROM account.users WHERE email = 'fan1@example.org'")
    assert claims['sub'] == user and claims['role'] == 'user'
    assert db.value('SELECT count(*) FROM account.sessions WHERE session_id = %s', claims['sid']) == 1
    assert db.value('SELECT count(*) FROM account.login_addresses WHERE user_id = %s', user) == 0
    actor, action, thing = db.rows('SELECT actor, action, object FROM log.audit_trail ORDER BY id DESC LIMIT 1')[0]
    assert actor.startswith('system:') and (action, thing) == ('token.make', f'user {user}')


def test_no_token_for_an_address_that_nobody_has(stack):
    done = stack.run('boxofficectl', 'token', 'nobody@example.org', check=False)
    assert done.returncode == 1 and done.stdout == '' and 'nobody has' in done.stderr


def test_a_user_is_made_promoted_and_given_another_password(stack, db):
    email = f'{uuid.uuid4().hex[:8]}@example.org'
    stack.run('boxofficectl', 'user', 'create', email, '--name', 'A B', '--role', 'operator', input='long enough\n')
    user, role, before = db.rows('SELECT user_id, role, password_hash FROM account.users WHERE email = %s', email)[0]
    assert role == 'operator' and before.startswith('$argon2id$')
    stack.run('boxofficectl', 'token', email)
    stack.run('boxofficectl', 'user', 'role', email, 'admin')
    stack.run('boxofficectl', 'user', 'passwd', email, input='another one\n')
    role, after = db.rows('SELECT role, password_hash FROM account.users WHERE user_id = %s', user)[0]
    assert role == 'admin' and after != before
    # Whoever was logged in is logged out.
    assert db.value('SELECT count(*) FROM account.revocations WHERE user_id = %s', user) == 1
    assert [row[0] for row in db.rows('SELECT action FROM log.audit_trail WHERE object = %s ORDER BY id', f'user {user}')] == [
        'user.create', 'user.role', 'token.make', 'user.role', 'user.passwd']


@pytest.mark.parametrize('arguments, said, status', [
    (('user', 'create', 'fan1@example.org', '--name', 'x'), 'address', 1),
    (('user', 'create', 'x@example.org'), '--name', 1),
    (('user', 'create', 'nobody', '--name', 'x'), 'e-mail', 1),
    (('user', 'create', 'no\u200bbody@example.org', '--name', 'x'), 'e-mail', 1),
    (('user', 'create', 'x@example.org', '--name', '\u202ex'), 'name must not contain control or invisible', 1),
    (('user', 'create', 'x@example.org', '--name', ' \u3000'), 'name must not be blank', 1),
    (('user', 'create', 'x@example.org', '--name', 'x' * 101), 'name must have 1 to 100', 1),
    (('user', 'create', 'x@example.org', '--name', b'\xff'), 'name is not UTF-8', 1),
    (('user', 'role', 'fan1@example.org', 'boss'), 'no role', 1),
    (('user', 'passwd', 'nobody@example.org'), 'nobody has', 1),
    (('user', 'passwd'), 'Usage', 2), (('user',), 'no command user', 2), (('db', 'drop'), 'no command db drop', 2),
    (('token', 'a', 'b'), 'Usage', 2), (('--frob',), '--frob', 2), (('-x',), '-x', 2), (('--config',), '--config', 2),
    (('routes', '--json=x'), '--json=x', 2), (('export', 'ledger', '--show', '1'), '--show', 2), (('db', 'check', '--yes'), '--yes', 2)])
def test_what_cannot_be_done_is_refused_in_one_line(stack, arguments, said, status):
    done = stack.run('boxofficectl', *arguments, input='long enough\n', check=False)
    assert done.returncode == status and said in done.stderr and done.stdout == ''
    assert done.stderr.count('\n') == 1 and done.stderr.endswith('\n'), done.stderr


def test_without_a_command_all_are_listed(stack):
    done = stack.run('boxofficectl', check=False)
    assert (done.returncode, done.stdout) == (2, '') and 'demo load --yes' in done.stderr


@pytest.mark.parametrize('program', ['boxofficed', 'boxoffice-relay', 'boxoffice-prune'])
@pytest.mark.parametrize('arguments', [['--frob'], ['-x'], ['word'], ['--config'], ['--help=x']])
def test_every_program_says_in_one_line_what_it_does_not_take(stack, program, arguments):
    done = stack.run(program, *arguments, check=False)
    assert (done.returncode, done.stdout) == (2, '')
    assert done.stderr.count('\n') == 1 and done.stderr.startswith(f'{program}: ') and arguments[0].lstrip('-') in done.stderr


def test_the_demo_season_asks_first(stack):
    done = stack.run('boxofficectl', 'demo', 'load', check=False)
    assert (done.returncode, done.stdout) == (1, '') and '--yes' in done.stderr


def test_the_demo_season_has_a_password_of_its_own(other, db):
    assert other.run('db', 'migrate').returncode == 0
    done = other.run('demo', 'load', '--yes')
    assert done.returncode == 0, done.stderr
    password = re.search(r'admin@boxoffice\.example.* is ([0-9a-f]{20})\n', done.stdout).group(1)
    hashes = db.rows('SELECT DISTINCT password_hash FROM account.users', database=other.database)
    assert len(hashes) == 1 and nacl.pwhash.verify(hashes[0][0].encode(), password.encode())
    assert password not in other.run('demo', 'load', '--yes').stdout


def test_the_demo_season_does_not_load_beside_accounts(other, db):
    assert other.run('db', 'migrate').returncode == 0
    made = other.run('user', 'create', 'staff@example.org', '--name', 'x', input='long enough\n')
    assert made.returncode == 0, made.stderr
    done = other.run('demo', 'load', '--yes')
    assert (done.returncode, done.stdout) == (1, '') and 'has accounts' in done.stderr and done.stderr.count('\n') == 1
    assert db.value('SELECT count(*) FROM account.users', database=other.database) == 1
    assert db.value('SELECT count(*) FROM ops.seeds', database=other.database) == 0


class Terminal:
    """boxofficectl with a person before it."""

    def __init__(self, stack, *arguments):
        self.end, inside = pty.openpty()
        self.inside = inside
        self.seen = ''
        self.process = subprocess.Popen([f'{stack.programs}/boxofficectl', *arguments], stdin=inside, stdout=inside, stderr=inside,
                                        env=stack.environment(), start_new_session=True,
                                        preexec_fn=self.sit_down)

    def sit_down(self):
        """As a shell starts it: the terminal is its own, and no signal is ignored, as it is behind `&`."""
        fcntl.ioctl(self.inside, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def wait_for(self, text):
        deadline = time.monotonic() + 10
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.end], [], [], 0.2)[0]:
                self.seen += os.read(self.end, 4096).decode()

    def type(self, text):
        os.write(self.end, text.encode())

    def has_echo(self):
        return bool(termios.tcgetattr(self.inside)[3] & termios.ECHO)

    def close(self):
        status = self.process.wait(10)
        while select.select([self.end], [], [], 0)[0]:
            self.seen += os.read(self.end, 4096).decode()
        has_echo = self.has_echo()
        os.close(self.end)
        os.close(self.inside)
        return status, has_echo


def hash_of(db, email):
    return db.value('SELECT password_hash FROM account.users WHERE email = %s', email)


def test_a_password_is_asked_for_and_not_shown(stack, db):
    terminal = Terminal(stack, 'user', 'passwd', 'fan2@example.org')
    terminal.wait_for('Password: ')
    assert not terminal.has_echo()
    terminal.type('fresh and long\n')
    terminal.wait_for('Once more: ')
    terminal.type('fresh and long\n')
    assert terminal.close() == (0, True)
    assert 'fresh' not in terminal.seen
    assert nacl.pwhash.verify(hash_of(db, 'fan2@example.org').encode(), b'fresh and long')


def test_a_mistyped_password_changes_nothing(stack, db):
    before = hash_of(db, 'fan3@example.org')
    terminal = Terminal(stack, 'user', 'passwd', 'fan3@example.org')
    terminal.wait_for('Password: ')
    terminal.type('fresh and long\n')
    terminal.wait_for('Once more: ')
    terminal.type('fresh and lung\n')
    assert terminal.close() == (1, True)
    assert 'different' in terminal.seen and hash_of(db, 'fan3@example.org') == before


def test_an_interrupted_question_leaves_the_terminal_as_it_was(stack):
    terminal = Terminal(stack, 'user', 'passwd', 'fan3@example.org')
    terminal.wait_for('Password: ')
    terminal.type('\x03')
    assert terminal.close() == (-signal.SIGINT, True)


def test_a_name_is_kept_as_a_sign_up_keeps_it(stack, db):
    email = f'{uuid.uuid4().hex[:8]}@example.org'
    stack.run('boxofficectl', 'user', 'create', email, '--name', ' Jose\u0301 ', input='long enough\n')
    assert db.value('SELECT name FROM account.users WHERE email = %s', email) == 'Jos\u00e9'


@pytest.mark.parametrize('password', ['', 'short\n', 'x' * 129 + '\n'])
def test_a_password_of_wrong_length_is_refused(stack, password):
    done = stack.run('boxofficectl', 'user', 'passwd', 'fan1@example.org', input=password, check=False)
    assert done.returncode == 1 and 'password' in done.stderr


def test_a_wrong_configuration_is_78(stack, tmp_path):
    path = tmp_path / 'x.conf'
    path.write_text('[server]\nnonsense = 1\n')
    for arguments in (('db', 'check'), ('config', 'check'), ('config', 'show')):
        done = stack.run('boxofficectl', '--config', str(path), *arguments, check=False)
        assert done.returncode == 78 and 'nonsense' in done.stderr


def test_a_database_that_is_away_is_said_at_once(stack, tmp_path):
    path = tmp_path / 'x.conf'
    path.write_text(open(stack.conf).read().replace(stack.socket_dir, str(tmp_path)))
    done = stack.run('boxofficectl', '--config', str(path), 'db', 'check', check=False, timeout=10)
    assert done.returncode == 5 and 'could not connect' in done.stderr and done.stderr.count('\n') == 1


def test_only_what_no_other_role_may_do_is_done_as_the_owner(stack, tmp_path):
    """The service's account looks and exports without the owner's rights."""
    path = tmp_path / 'x.conf'
    path.write_text(re.sub(r'^owner_dsn = .*$', 'owner_dsn = host=/nowhere', open(stack.conf).read(), flags=re.M))

    def run(*arguments):
        return stack.run('boxofficectl', '--config', str(path), *arguments, input='long enough\n', check=False)
    show = '1'
    for arguments in (('token', 'fan1@example.org'), ('show', 'status', show), ('payments', 'stuck'), ('events', 'parked'),
                      ('export', 'orders', '--show', show), ('export', 'ledger')):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
    for arguments in (('user', 'role', 'fan1@example.org', 'admin'), ('user', 'passwd', 'fan1@example.org'), ('db', 'check'),
                      ('db', 'migrate'), ('audit',), ('events', 'rebase'), ('events', 'skip', 'listing', 'show:1')):
        done = run(*arguments)
        assert done.returncode == 5 and 'could not connect' in done.stderr


def test_tables_are_printed(stack):
    assert 'seats_taken' in stack.run('boxofficectl', 'codes').stdout
    assert 'held       sold' in stack.run('boxofficectl', 'states').stdout
    assert '/holds ' in stack.run('boxofficectl', 'routes').stdout
    routes = json.loads(stack.run('boxofficectl', 'routes', '--json').stdout)
    assert {'method', 'path', 'pool'} <= set(routes[0])
    assert 'argon2_memory_kib' in stack.run('boxofficectl', 'config', 'show').stdout

"""The servers of a stack: how to start, recognise and stop each. See stack.py."""
import contextlib
import glob
import hashlib
import os
import signal
import socket
import subprocess
import time

import proc

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def settings_of(path):
    """{name: value} of a file in the form of postgresql.conf."""
    with open(path) as file:
        lines = (line.partition('#')[0].partition('=') for line in file)
        return {name.strip(): value.strip() for name, _, value in lines if name.strip()}


# What an installation sets, and what suits a small cluster of its own.
POSTGRES = {
    **settings_of(f'{SOURCE}/packaging/postgresql/boxoffice.conf'),
    'listen_addresses': '',
    'max_connections': '100',
    'shared_buffers': '256MB',
    'max_wal_size': '2GB',
    'checkpoint_timeout': '15min',
    'effective_cache_size': '1GB',
    'random_page_cost': '1.1',
    'timezone': 'UTC',
    'log_timezone': 'UTC',
    'log_line_prefix': '%m [%p] %u@%d %e ',
}
# When root starts them. Programs of ours have an account that is not nginx's, as installed; `boxoffice` is made by the
# packages alone, so it is that of Debian's daemons which have none of their own.
OURS = 'daemon'
NGINX = 'www-data'
# Of a cluster that goes with its test: no power cut meets it, so nothing waits for the disk.
UNSYNCED = {'fsync': 'off', 'full_page_writes': 'off'}


class StackError(Exception):
    """Something a person can understand and mend."""


def digest(*parts):
    """A fingerprint of strings and of the content of files (given as ('file', path))."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, tuple):
            with open(part[1], 'rb') as file:
                part = file.read()
        else:
            part = part.encode()
        total.update(len(part).to_bytes(8, 'big') + part)
    return total.hexdigest()[:32]


def wait_until(check, timeout_s, what):
    """Until check() is True; after the time StackError(what) with the last text check() gave."""
    deadline = time.monotonic() + timeout_s
    while (answer := check()) is not True:
        if time.monotonic() > deadline:
            raise StackError(f'{what}: {answer}' if answer else what)
        time.sleep(0.02)


def last_line(path):
    with open(path, errors='replace') as file:
        lines = [line.strip() for line in file if line.strip()]
    return lines[-1] if lines else '(it said nothing)'


def connects(family, address):
    """True, or why nobody answers there."""
    with socket.socket(family) as client:
        try:
            client.connect(address)
            return True
        except OSError as problem:
            return problem.strerror


class Service:
    """One server. A subclass says what to run (command) and when that has become something else
    (fingerprint); what to do before; and when it answers."""
    name = None
    stop_signal = signal.SIGTERM
    grace_s = 15
    account = None  # when root starts it; None: root
    cwd = '/'

    def __init__(self, stack):
        self.stack = stack
        self.record = proc.Record(f'{stack.state}/pid/{self.name}')
        self.log = stack.log_path(self.name)
        self.process = None  # when this very Python started it
        self.env = {}        # further environment, of this one only

    def command(self):
        raise NotImplementedError

    def fingerprint(self):
        return digest(*self.command())

    def before(self):
        pass

    def answers(self):
        return True

    def leftovers(self):
        """Live processes of this service outside its session."""
        return []

    def start(self):
        """Starts it, or restarts it when it runs with something else than it would get now.
        Returns once it answers."""
        fingerprint = self.fingerprint()
        if self.record.read()[1] == fingerprint:
            return
        self.stop()
        self.before()
        self.process = proc.spawn(self.command(), self.log, self.account, self.cwd,
                                  dict(self.stack.environment(), **self.env))
        self.record.write(self.process.pid, fingerprint)

        def check():
            if self.process.poll() is not None:
                self.record.remove()
                raise StackError(f'{self.name} ended at once ({self.process.returncode}): '
                                 f'{last_line(self.log)}')
            return self.answers()
        wait_until(check, 30, f'{self.name} does not answer')

    def stop(self):
        """Ends it and everything that it left behind; silent when nothing lives."""
        if self.process:
            # Ours to reap: else it would stay a zombie for as long as this Python lives.
            if self.process.poll() is None:
                self.process.send_signal(self.stop_signal)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(self.grace_s)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None
        proc.stop(self.record, self.stop_signal, self.grace_s, self.leftovers)


class Postgresql(Service):
    name = 'postgresql'
    stop_signal = signal.SIGINT
    grace_s = 30
    account = 'postgres'

    def __init__(self, stack):
        super().__init__(stack)
        self.cwd = stack.data
        self.folder = f'{stack.state}/postgresql'
        self.settings = dict(POSTGRES, **stack.postgres,
                             unix_socket_directories=stack.socket_dir,
                             hba_file=f'{self.folder}/pg_hba.conf', ident_file=f'{self.folder}/pg_ident.conf')

    def programs(self):
        """Where its programs lie: of the version that made the data, else the newest from 15."""
        found = {}
        for path in glob.glob('/usr/lib/postgresql/*/bin/postgres'):
            version = path.split('/')[4]
            if version.isdigit() and int(version) >= 15:
                found[int(version)] = os.path.dirname(path)
        if not found:
            raise StackError('PostgreSQL 15 or later is not installed')
        try:
            with open(f'{self.stack.data}/PG_VERSION') as file:
                made_by = int(file.read())
        except FileNotFoundError:
            return found[max(found)]
        if made_by not in found:
            raise StackError(f'the database is of PostgreSQL {made_by}, which is not installed')
        return found[made_by]

    def config_text(self):
        return ''.join(f"{name} = '{value}'\n" for name, value in self.settings.items())

    def command(self):
        return [f'{self.programs()}/postgres', '-D', self.stack.data,
                '-c', f'config_file={self.folder}/postgresql.conf']

    def fingerprint(self):
        return digest(*self.command(), self.config_text())

    def before(self):
        if not os.path.exists(f'{self.stack.data}/PG_VERSION'):
            self.make_cluster()
        self.stack.write(f'{self.folder}/postgresql.conf', self.config_text())
        # The folder of the socket lets nobody in but its owner, root and our programs, and the map says which roles they
        # are. No port is open unless a test asks for one.
        self.stack.write(f'{self.folder}/pg_hba.conf', self.hba_text())
        self.stack.write(f'{self.folder}/pg_ident.conf', self.ident_text())
        # Nothing of ours lives here any more: a lock file is a dead server's, whatever process
        # may carry its pid today.
        for path in [f'{self.stack.data}/postmaster.pid',
                     *glob.glob(f'{self.stack.socket_dir}/.s.PGSQL.*')]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def hba_text(self):
        if not self.stack.is_root:
            return 'local all all trust\nhost all all 127.0.0.1/32 trust\n'
        with open(f'{self.stack.source}/packaging/postgresql/pg_hba.conf') as file:
            return f'host all all 127.0.0.1/32 trust\n{file.read()}local all all peer map=boxoffice\n'

    def ident_text(self):
        """As an installation has it, for the account of our programs; who administers is also what tests need."""
        with open(f'{self.stack.source}/packaging/postgresql/pg_ident.conf') as file:
            rows = [line.split() for line in file if line.startswith('boxoffice ')]
        rows += [['boxoffice', account, role] for account in ('root', 'postgres') for role in ('postgres', 'isolation')]
        return ''.join(f'{name} {OURS if account == "boxoffice" else account} {role}\n' for name, account, role in rows)

    def make_cluster(self):
        log = self.stack.log_path('initdb')
        sync = [] if self.settings.get('fsync') != 'off' else ['--no-sync']
        made = proc.spawn([f'{self.programs()}/initdb', '-D', self.stack.data, '-U', 'postgres',
                           '-E', 'UTF8', '--locale=C.UTF-8', '-A', 'trust', *sync], log, self.account,
                          self.stack.data, self.stack.environment())
        if made.wait() != 0:
            raise StackError(f'initdb failed: {last_line(log)}')

    def answers(self):
        done = subprocess.run(['psql', '-X', '-q', '-h', self.stack.socket_dir, '-U', 'postgres',
                               '-d', 'postgres', '-c', 'SELECT'], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, env=self.stack.environment())
        return True if done.returncode == 0 else done.stderr.strip()

    def leftovers(self):
        # Each of its processes leads a session of its own, but all live in the data directory.
        return proc.at_home(self.stack.data)


class Memcached(Service):
    name = 'memcached'

    def command(self):
        account = ['-u', OURS] if self.stack.is_root else []
        return ['memcached', '-s', self.stack.memcached, '-a', '0700', '-m', '64', '-c', '1024',
                '-t', '2', *account]

    def before(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.stack.memcached)

    def answers(self):
        return connects(socket.AF_UNIX, self.stack.memcached)


class Ours(Service):
    """A program of ours: another program, configuration or key makes another fingerprint."""
    program = None

    def command(self):
        return [f'{self.stack.programs}/{self.program}', '--config', self.stack.conf]

    def fingerprint(self):
        command = self.command()
        return digest(*command, ('file', command[0]), ('file', self.stack.conf),
                      ('file', self.stack.secrets))


class Boxofficed(Ours):
    name = 'boxofficed'
    program = 'boxofficed'

    def before(self):
        self.stack.run('boxofficed', '--check')

    def answers(self):
        for pool in self.stack.pools:
            if not os.path.exists(f'{self.stack.state}/run/{pool}.sock'):
                return f'no socket of the pool {pool}'
        return True


class Relay(Ours):
    name = 'relay'
    program = 'boxoffice-relay'


class Jobs(Service):
    name = 'jobs'

    def command(self):
        return ['/usr/bin/python3', f'{self.stack.source}/tests/lib/jobs.py',
                f'{self.stack.source}/cron/boxoffice.cron', self.stack.programs]

    def fingerprint(self):
        _, runner, crontab, _ = self.command()
        return digest(*self.command(), ('file', runner), ('file', crontab), self.stack.conf)


class Nginx(Service):
    name = 'nginx'

    def command(self):
        return ['nginx', '-c', self.stack.nginx_conf, '-p', f'{self.stack.state}/nginx',
                '-e', self.stack.log_path('nginx-error'), '-g', 'daemon off;']

    def fingerprint(self):
        return digest(*self.command(), *(('file', path) for path in (self.stack.nginx_conf, *self.stack.nginx_files.values())))

    def before(self):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(('127.0.0.1', self.stack.port))
            except OSError as problem:
                raise StackError(f'port {self.stack.port} cannot be used: {problem.strerror}; '
                                 'set BOXOFFICE_PORT to a free one') from problem

    def answers(self):
        return connects(socket.AF_INET, ('127.0.0.1', self.stack.port))


# In the order of starting.
ALL = {service.name: service
       for service in (Postgresql, Memcached, Boxofficed, Relay, Jobs, Nginx)}

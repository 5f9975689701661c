"""A private boxoffice: PostgreSQL, memcached, boxofficed, nginx, the relay and the jobs of cron.

`./dev up` and every test that needs a running system use this one class. Stacks share nothing: no
port, no socket, no file.

    from stack import Stack

    with Stack('/tmp/x/stack', programs=os.environ['BUILD']) as stack:
        requests.get(stack.url + '/readyz')
        stack.run('boxofficectl', 'audit')
        stack.restart('boxofficed', {'booking': {'max_seats_per_request': 10}})

The database, sockets, logs and configuration are in their own folder with a short path,
/var/tmp/boxoffice-<hash of the directory>: the path of a unix socket has at most 107 bytes, and
servers that do not run as root must reach their files past a closed home. `directory` has links to
all of them, and the logs themselves once the stack is wiped. Both folders have the same `origin`. If
they differ (a copied tree, a deleted half), the stack starts afresh.

As root the servers run under Debian's own accounts: postgres, nginx as www-data, ours and memcached as another one
(services.OURS). Any other user runs all of them under the same account. Errors come as StackError with a text for people.
"""
import contextlib
import fcntl
import grp
import hashlib
import http.client
import os
import pwd
import random
import resource
import shutil
import socket
import stat
import subprocess
import uuid

import services
from services import NGINX, OURS, StackError, digest, wait_until

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SERVICES = tuple(services.ALL)
DATABASE = 'boxoffice'
LINKS = ('log', 'etc')  # from the directory into the state folder
POOLS = {'catalog': 4, 'booking': 8, 'account': 2, 'login': 2, 'admin': 1}


def free_port():
    """Below those that the kernel gives to clients: one of these would take it while our server is away."""
    with open('/proc/sys/net/ipv4/ip_local_port_range') as file:
        first = int(file.read().split()[0])
    for port in random.sample(range(10000, max(first, 20000)), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(('127.0.0.1', port))
            return port
    raise StackError('no port is free')


class Stack:
    """One system in one directory.

    programs   folder with the built programs
    port       of nginx on 127.0.0.1; 0: a free one
    config     {section: {name: value}} over the defaults; section 'pool booking' for a pool
    postgres   {name: value} over services.POSTGRES
    nginx      {NAME: value} for nginx/render
    env        further environment of the programs
    services   names of the services that up() starts
    keep       whether the database outlives leaving the `with`
    """

    def __init__(self, directory, programs, port=0, config=None, postgres=None, nginx=None,
                 env=None, services=SERVICES, keep=False, source=SOURCE):
        self.directory = os.path.realpath(directory)
        self.programs = os.path.realpath(programs)
        self.source = source
        self.port = port
        self.config = config or {}
        self.pools = POOLS
        self.postgres = postgres or {}
        self.nginx = nginx or {}
        self.env = env or {}
        self.wanted = services
        self.keep = keep
        self.is_root = os.geteuid() == 0
        name = hashlib.sha256(self.directory.encode()).hexdigest()[:12]
        self.state = f'/var/tmp/boxoffice-{name}'
        self.cache = f'/dev/shm/boxoffice-{name}'
        self.data = f'{self.state}/postgresql/data'
        self.socket_dir = f'{self.state}/postgresql/socket'
        self.memcached = f'{self.state}/memcached/memcached.sock'
        self.conf = f'{self.state}/etc/boxoffice.conf'
        self.secrets = f'{self.state}/etc/secrets.conf'
        self.nginx_conf = f'{self.state}/etc/nginx.conf'
        self.nginx_files = {name: f'{self.state}/etc/boxoffice-{name}.conf' for name in ('http', 'site')}
        self.services = self.make_services()

    def make_services(self):
        return {name: make(self) for name, make in services.ALL.items()}

    # --- what a test asks for

    @property
    def url(self):
        return f'http://127.0.0.1:{self.port}'

    def dsn(self, role='owner'):
        """libpq connection string of a role: owner, app, batch, read; or postgres."""
        user = role if role == 'postgres' else f'boxoffice_{role}'
        return f'host={self.socket_dir} dbname={DATABASE} user={user}'

    def pid(self, service):
        """The service's pid, None when it does not run."""
        return self.services[service].record.read()[0]

    def log_path(self, name):
        """`boxoffice` is what our programs log; a server's own output has its name. The path
        stays right when the stack is wiped."""
        return f'{self.directory}/log/{name}.log'

    def run(self, program, *arguments, input=None, check=True, timeout=300):
        """Runs one of our programs with this stack's configuration; returns the CompletedProcess.
        With `check` a failure is a StackError with the last thing it said."""
        done = subprocess.run([f'{self.programs}/{program}', *arguments], input=input or '',
                              text=True, capture_output=True, timeout=timeout,
                              env=self.environment())
        if check and done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines() or ['(nothing)']
            raise StackError(f'{program} {" ".join(arguments)} failed '
                             f'({done.returncode}): {said[-1]}')
        return done

    def launch(self, program, *arguments, **options):
        """As run(), without waiting: the Popen, which gets `options`."""
        return subprocess.Popen([f'{self.programs}/{program}', *arguments], stdin=subprocess.DEVNULL,
                                env=self.environment(), **options)

    def psql(self, *arguments, database=DATABASE, user='postgres'):
        done = subprocess.run(['psql', '-X', '-q', '-h', self.socket_dir, '-U', user,
                               '-d', database, '-v', 'ON_ERROR_STOP=1', *arguments],
                              stdin=subprocess.DEVNULL, text=True, capture_output=True,
                              env=self.environment(), timeout=600)
        if done.returncode != 0:
            raise StackError(f'psql failed: {done.stderr.strip()}')
        return done.stdout

    def environment(self):
        """Ours, without what would move connections (PG…) or belongs to whoever started us."""
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(('PG', 'LISTEN_', 'NOTIFY_'))}
        return dict(kept, LC_ALL='C.UTF-8', BOXOFFICE_CONF=self.conf,
                    PATH='/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', **self.env)

    # --- life

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *problem):
        self.down()
        if not self.keep:
            self.wipe()

    def up(self, prepare=None):
        """Starts what does not run and restarts what runs with another program or configuration.
        `prepare(stack)` runs when the database is migrated, before the servers start."""
        with self.lock():
            self.lay_out()
            self.write_config()
            for name in self.wanted:
                self.services[name].start()
                if name == 'postgresql':
                    self.make_database()
                    if prepare:
                        prepare(self)
        if 'nginx' in self.wanted and 'boxofficed' in self.wanted:
            self.wait_ready()

    def down(self):
        if os.path.lexists(self.state):
            self.check_owner(self.state)
        for service in reversed(self.services.values()):
            service.stop()
        shutil.rmtree(self.cache, ignore_errors=True)

    def wipe(self):
        """Deletes the database and the sockets; logs and configuration stay. Down first."""
        if not os.path.lexists(self.state):
            return
        self.check_owner(self.state)
        for name in LINKS:
            link = f'{self.directory}/{name}'
            if os.path.islink(link) and os.readlink(link) == f'{self.state}/{name}':
                os.unlink(link)
                shutil.copytree(f'{self.state}/{name}', link, symlinks=True)
        shutil.rmtree(self.state, ignore_errors=True)

    def start(self, service):
        self.services[service].start()

    def stop(self, service):
        self.services[service].stop()

    def restart(self, service, config=None):
        """Stops and starts; `config` is laid over the configuration first."""
        for section, values in (config or {}).items():
            self.config.setdefault(section, {}).update(values)
        self.stop(service)
        self.write_config()
        self.start(service)

    def wait_ready(self, timeout_s=30):
        """Until /readyz is 200 through nginx."""
        def ask():
            try:
                connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=5)
                connection.request('GET', '/readyz')
                answer = connection.getresponse()
                body = answer.read().decode(errors='replace')
                connection.close()
                return True if answer.status == 200 else f'{answer.status} {body.strip()}'
            except (OSError, http.client.HTTPException) as problem:
                return str(problem)
        wait_until(ask, timeout_s, f'{self.url}/readyz is not ready')

    def make_database(self):
        """Roles and database once; migrations and functions each time: they know what is new."""
        bootstrap = f'{self.source}/sql/bootstrap.sql'
        fingerprint = digest(('file', bootstrap))
        done = f'{self.state}/bootstrapped'
        if not os.path.exists(done) or open(done).read() != fingerprint:
            self.psql('-v', f'db={DATABASE}', '-f', bootstrap, database='postgres')
            self.write(done, fingerprint)
        self.run('boxofficectl', 'db', 'migrate')

    # --- files

    @contextlib.contextmanager
    def lock(self):
        """One `up` at a time in a directory."""
        os.makedirs(self.directory, exist_ok=True)
        with open(f'{self.directory}/lock', 'w') as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @staticmethod
    def check_owner(path):
        """/var/tmp is everybody's: what stands under our name must be a folder of ours."""
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise StackError(f'{path} is no folder of {pwd.getpwuid(os.geteuid()).pw_name}: '
                             'somebody else made it, remove it first')

    @staticmethod
    def origin(folder):
        try:
            with open(f'{folder}/origin') as file:
                return file.read()
        except FileNotFoundError:
            return None

    def is_ours(self, origin):
        return origin is not None and origin.splitlines()[:1] == [self.directory]

    def is_laid_out(self):
        """Whether this path has a system, up or down."""
        here = self.origin(self.directory)
        return self.is_ours(here) and here == self.origin(self.state)

    def lay_out(self):
        """Makes both folders; starts afresh unless they belong together and to this path."""
        for path in (self.state, self.cache):
            if os.path.lexists(path):
                self.check_owner(path)
        if not self.is_laid_out():
            if self.is_ours(self.origin(self.state)):
                self.down()
            self.wipe()
            self.begin()
        for path, mode, account, group in (
                (self.state, 0o711 if self.is_root else 0o700, None, None),
                (f'{self.state}/log', 0o755, OURS, None),
                (f'{self.state}/etc', 0o711, None, None),
                (f'{self.state}/pid', 0o755, None, None),
                (f'{self.state}/run', 0o2750, OURS, NGINX),
                (f'{self.state}/postgresql', 0o711, None, None),
                (self.data, 0o700, 'postgres', None),
                (self.socket_dir, 0o710, 'postgres', OURS),
                (f'{self.state}/memcached', 0o700, OURS, None),
                (f'{self.state}/nginx', 0o700, NGINX, None),
                (self.cache, 0o711, None, None),
                (f'{self.cache}/nginx', 0o700, NGINX, None)):
            self.folder(path, mode, account, group)
        # Whoever writes first must not make it his own.
        shared = f'{self.state}/log/boxoffice.log'
        with open(shared, 'a'):
            pass
        self.give(shared, OURS)

    def begin(self):
        """An empty state folder and a directory without traces of another stack."""
        for name in ('origin', 'env', 'port', 'state', *LINKS):
            path = f'{self.directory}/{name}'
            if os.path.islink(path) or os.path.isfile(path):
                os.unlink(path)
            else:
                shutil.rmtree(path, ignore_errors=True)
        os.mkdir(self.state, 0o700)
        os.symlink(self.state, f'{self.directory}/state')
        for name in LINKS:
            os.symlink(f'{self.state}/{name}', f'{self.directory}/{name}')
        origin = f'{self.directory}\n{uuid.uuid4()}\n'
        self.write(f'{self.state}/origin', origin)
        self.write(f'{self.directory}/origin', origin)

    def folder(self, path, mode, account, group):
        os.makedirs(path, exist_ok=True)
        self.give(path, account or 'root', group)
        os.chmod(path, mode)

    def give(self, path, account, group=None):
        if self.is_root:
            entry = pwd.getpwnam(account)
            os.chown(path, entry.pw_uid, grp.getgrnam(group).gr_gid if group else entry.pw_gid)

    def write_config(self):
        """boxoffice.conf and the files of nginx; the secrets when there are none."""
        if not self.port:
            self.port = free_port()
        settings = {
            'server': {'run_dir': f'{self.state}/run'},
            'log': {'file': f'{self.state}/log/boxoffice.log'},
            'database': {'dsn': self.dsn('app'), 'batch_dsn': self.dsn('batch'),
                         'owner_dsn': self.dsn('owner')},
            'cache': {'servers': self.memcached if 'memcached' in self.wanted else ''},
            'auth': {'secrets_file': self.secrets},
            'paths': {'sql_dir': f'{self.source}/sql'},
        }
        settings.update((f'pool {name}', {'workers': count}) for name, count in POOLS.items())
        if self.is_root:
            settings['server'].update(user=OURS, socket_group=NGINX)
        for section, values in self.config.items():
            settings.setdefault(section, {}).update(values)
        lines = ['# Written by tests/lib/stack.py; changes are lost.']
        for section, values in settings.items():
            lines += ['', f'[{section}]'] + [f'{name} = {value}' for name, value in values.items()]
        self.write(self.conf, '\n'.join(lines) + '\n')
        self.write_nginx()
        self.write(f'{self.directory}/port', f'{self.port}\n')
        if not os.path.exists(self.secrets):
            self.run('boxofficectl', 'secrets', 'create', self.secrets)
        self.give(self.secrets, 'root', OURS)

    @staticmethod
    def write(path, text):
        with open(path + '.new', 'w') as file:
            file.write(text)
        os.rename(path + '.new', path)

    def write_nginx(self):
        """The two files that an installation has, and around them an nginx.conf with as little as Debian's."""
        settings = {
            'LISTEN': f'127.0.0.1:{self.port} backlog=4096', 'LISTEN6': '', 'SERVER_NAME': 'localhost',
            'SOCKET_DIR': f'{self.state}/run', 'CACHE_DIR': f'{self.cache}/nginx', 'CACHE_SIZE': '32m',
            'ACCESS_LOG': f'{self.state}/log/nginx-access.log', 'ERROR_LOG': f'{self.state}/log/nginx-error.log',
            'SERVER_INCLUDE': '',       # an installation's lines are not ours
        }
        settings.update(self.nginx)
        for name, path in self.nginx_files.items():
            self.write(path, subprocess.run(
                [f'{self.source}/nginx/render', name, *(f'{key}={value}' for key, value in settings.items())],
                text=True, check=True, stdout=subprocess.PIPE).stdout)
        files = min(32768, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        temporary = ''.join(f'\t{kind}_temp_path {self.state}/nginx/{kind};\n'
                            for kind in ('client_body', 'fastcgi', 'proxy', 'scgi', 'uwsgi'))
        includes = ''.join(f'\tinclude {path};\n' for path in self.nginx_files.values())
        self.write(self.nginx_conf, f'''# Written by tests/lib/stack.py; changes are lost.
{f"user {NGINX};" if self.is_root else ""}
worker_processes 2;
worker_rlimit_nofile {files};
worker_shutdown_timeout 15s;
pid {self.state}/pid/nginx.pid;
error_log {self.state}/log/nginx-error.log alert;
events {{
	worker_connections {min(12000, files * 3 // 4)};
}}
http {{
	access_log off;
	sendfile on;
{temporary}{includes}}}
''')

"""The two files below Debian's own nginx.conf, as the package installed it: 768 connections, www-data, logs of its own, and its
default site beside ours. In namespaces of its own, so that the port is 80 and no file of this machine is touched."""
import hashlib
import os
import pwd
import shutil
import signal
import subprocess

import pytest

from front import SOURCE, certificate, check_problem, Answer
from services import NGINX, wait_until

CONF = '/etc/nginx/nginx.conf'
NAME = 'tickets.example.org'
SECRET = 'eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2VjcmV0'
INSIDE = '''set -e
ip link set lo up
mount --bind "$1/etc" /etc/nginx
mount --bind "$1/log" /var/log/nginx
mount --bind "$1/lib" /var/lib/nginx
mount -t tmpfs none /run
mkdir -m 755 /run/boxoffice
mount --bind "$2" /run/boxoffice
nginx -t
exec nginx -g 'daemon off;'
'''


def why_not():
    """Why this machine cannot show it, or None."""
    if os.geteuid() != 0:
        return 'a network and mounts of our own take root'
    if not all(shutil.which(program) for program in ('unshare', 'nsenter', 'ip', 'mount')):
        return 'unshare, nsenter, ip or mount is missing'
    done = subprocess.run(['unshare', '-mn', 'true'], capture_output=True, text=True)
    if done.returncode != 0:
        return f'no namespaces of our own: {done.stderr.strip()}'
    known = subprocess.run(['dpkg-query', '-W', '-f', '${Conffiles}', 'nginx-common'], capture_output=True, text=True).stdout.split()
    with open(CONF, 'rb') as file:
        if hashlib.md5(file.read()).hexdigest() not in known:
            return f'{CONF} of this machine is not as Debian ships it'
    return None


class Debian:
    """nginx as Debian starts it, with some sites enabled."""

    def __init__(self, stack, folder):
        self.stack, self.folder, self.process = stack, folder, None
        for name in ('log', 'lib'):
            os.makedirs(f'{folder}/{name}')
        os.chmod(folder, 0o711)
        shutil.copytree('/etc/nginx', f'{folder}/etc', symlinks=True)
        shutil.rmtree(f'{folder}/etc/sites-enabled')
        os.mkdir(f'{folder}/etc/sites-enabled')
        self.render('http', 'conf.d/boxoffice-http.conf')

    def render(self, name, path, *settings):
        """Into /etc/nginx, with the defaults of an installation."""
        with open(f'{self.folder}/etc/{path}', 'w') as file:
            subprocess.run([f'{SOURCE}/nginx/render', name, *settings], stdout=file, check=True)

    def enable(self, site):
        os.symlink(f'../sites-available/{site}', f'{self.folder}/etc/sites-enabled/{site}')

    def start(self):
        self.output = f'{self.folder}/output'
        with open(self.output, 'w') as output:
            self.process = subprocess.Popen(['unshare', '-mn', '--propagation', 'private', 'sh', '-c', INSIDE, 'sh', self.folder,
                                             f'{self.stack.state}/run'], stdin=subprocess.DEVNULL, stdout=output, stderr=output)

        def answers():
            assert self.process.poll() is None, self.said()
            return self.run('curl', '-s', '-o', '/dev/null', 'http://127.0.0.1/').returncode == 0 or self.said()
        wait_until(answers, 15, 'nginx does not answer')

    def said(self):
        with open(self.output) as file:
            return file.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)

    def run(self, *command):
        return subprocess.run(['nsenter', '-m', '-n', '-t', str(self.process.pid), *command], capture_output=True, timeout=30)

    def ask(self, path, *options, host=NAME, base='http://127.0.0.1'):
        done = self.run('curl', '-sSki', *(('-H', f'Host: {host}') if host else ()), *options, base + path)
        assert done.returncode == 0, done.stderr
        return Answer(done.stdout)

    def logged(self):
        """{file: text} of /var/log/nginx, once nginx has ended."""
        texts = {}
        for name in os.listdir(f'{self.folder}/log'):
            with open(f'{self.folder}/log/{name}') as file:
                texts[name] = file.read()
        return texts


@pytest.fixture
def debian(stack):
    if reason := why_not():
        pytest.skip(reason)
    folder = f'{stack.state}/debian'
    shutil.rmtree(folder, ignore_errors=True)
    made = Debian(stack, folder)
    yield made
    if made.process:
        made.stop()


def test_two_files_beside_the_default_site_are_a_box_office(stack, debian):
    debian.render('site', 'sites-available/boxoffice', f'SERVER_NAME={NAME}')
    debian.enable('default')
    debian.enable('boxoffice')
    debian.start()
    assert 'warn' not in debian.said() and 'emerg' not in debian.said(), debian.said()
    assert debian.ask('/readyz').status == debian.ask('/api/events').status == debian.ask('/metrics').status == 200
    assert debian.ask('/readyz', base='http://[::1]').status == 200
    check_problem(debian.ask('/nowhere'), 'not_found')
    assert b'<html>' in debian.ask('/nowhere', host='other.example.org').body, 'the default site is as it was'
    info = debian.run('stat', '-c', '%U %a', '/run/boxoffice-nginx').stdout
    assert info == f'{NGINX} 700\n'.encode(), 'the master made the folder of the cache'
    assert debian.run('find', '/run/boxoffice-nginx', '-type', 'f').stdout, 'something is kept'
    workers = subprocess.run(['pgrep', '-P', str(debian.process.pid)], capture_output=True, text=True).stdout.split()
    assert {pwd.getpwuid(os.stat(f'/proc/{pid}').st_uid).pw_name for pid in workers} == {NGINX}


def test_logs_are_the_sites_own_and_hold_neither_token_nor_query(stack, debian):
    debian.render('site', 'sites-available/boxoffice')
    debian.enable('boxoffice')
    debian.start()
    stack.stop('boxofficed')
    try:
        for host in (NAME, None):
            answer = debian.ask(f'/api/me?token={SECRET}', '-H', f'Authorization: Bearer {SECRET}', '-H', f'Cookie: x={SECRET}',
                                '-e', f'http://x/{SECRET}', '-A', SECRET, host=host)
            check_problem(answer, 'bad_gateway')
        debian.ask(f'/nowhere#{SECRET}')
    finally:
        stack.start('boxofficed')
        stack.wait_ready()
    debian.stop()
    texts = debian.logged()
    assert texts['boxoffice-access.log'].count('"path":"/api/me"') == 2 and '"address":"127.0.0.0/24"' in texts['boxoffice-access.log']
    assert texts['boxoffice-error.log'] == ''
    assert [name for name, text in texts.items() if SECRET in text] == []
    assert texts['access.log'] == '', 'nothing of ours is in the logs of others'


def test_the_example_with_tls_starts_too(stack, debian):
    cert, key = certificate(debian.folder)
    debian.render('site', 'sites-available/boxoffice-tls', f'SSL_CERTIFICATE={cert}', f'SSL_CERTIFICATE_KEY={key}', 'ACME_ROOT=/var/www/html')
    debian.enable('default')
    debian.enable('boxoffice-tls')
    debian.start()
    assert 'warn' not in debian.said(), debian.said()
    assert debian.ask('/api/events').status == 308
    assert debian.ask('/api/events', '--http1.1', base='https://127.0.0.1').status == 200

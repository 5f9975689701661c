"""The packages of Debian, without installing them."""
import fnmatch
import glob
import hashlib
import os
import re
import shutil
import stat
import subprocess

import pytest

SRC = os.environ['SRC']
OUT = os.environ['OUT']
HERE = os.path.dirname(os.path.abspath(__file__))
EXPOSURE_MAX = 15  # tenths, of what `systemd-analyze security` counts
ORDINARY = 65534


def version():
    with open(f'{SRC}/configure.ac') as file:
        return re.search(r'^AC_INIT\(\[boxoffice\], \[(.*)\]\)$', file.read(), re.MULTILINE)[1]


def digests(folder):
    return {os.path.basename(path): hashlib.sha256(open(path, 'rb').read()).hexdigest() for path in glob.glob(f'{folder}/*.deb')}


def programs(debs):
    return [path for folder in ('usr/bin', 'usr/sbin', 'usr/libexec/boxoffice') for path in glob.glob(f'{debs.tree}/{folder}/*')]


def units(debs, kinds='service'):
    return sorted(os.path.basename(path) for kind in kinds.split() for path in glob.glob(f'{debs.tree}/lib/systemd/system/*.{kind}'))


def test_the_version_is_that_of_configure_everywhere(debs):
    assert {debs.field('Version', package) for package in debs.paths} == {version()}
    done = subprocess.run([f'{debs.tree}/usr/bin/boxofficectl', '--version'], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == version()


def test_lintian_finds_nothing(debs):
    (changes,) = glob.glob(f'{debs.folder}/*.changes')
    done = subprocess.run(['lintian', '-EvIL', '+pedantic', '--allow-root', changes], capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if re.match('[EWIPX]:', line)]
    assert found == [] and done.returncode == 0, done.stderr


def test_each_override_of_lintian_says_why():
    for path in glob.glob(f'{SRC}/packaging/deb/*.lintian-overrides'):
        with open(path) as file:
            lines = file.read().splitlines()
        for before, line in zip(['', *lines], lines):
            assert line.startswith('#') or before.startswith('#'), f'{path}: {line}'


def test_the_packages_hold_what_the_list_says_and_nothing_else(debs):
    with open(f'{HERE}/contents.list') as file:
        wanted = [tuple(line.split()) for line in file if line.strip() and not line.startswith('#')]
    left, wrong = set(wanted), []
    for package in ('boxoffice', 'boxoffice-common'):
        for mode, owner, path in debs.listing(package):
            octal = sum(bit for bit, letter in zip((256, 128, 64, 32, 16, 8, 4, 2, 1), mode[1:]) if letter != '-')
            if mode.startswith('d'):
                assert (owner, f'{octal:o}') == ('root/root', '755'), path
                continue
            fits = [row for row in wanted if row[0] == package and fnmatch.fnmatch(path, row[2])]
            left -= set(fits)
            if owner != 'root/root' or not any(row[1] == f'{octal:o}' for row in fits):
                wrong.append(f'{package} {octal:o} {owner} {path}')
    assert (wrong, left) == ([], set())


def test_every_file_of_sql_is_installed(debs):
    installed = {os.path.relpath(path, f'{debs.tree}/usr/share/boxoffice') for path in
                 glob.glob(f'{debs.tree}/usr/share/boxoffice/sql/**/*.sql', recursive=True)}
    assert installed == {os.path.relpath(path, SRC) for path in glob.glob(f'{SRC}/sql/**/*.sql', recursive=True)}


def test_the_configuration_files_are_those_of_etc(debs):
    conffiles = subprocess.run(['dpkg-deb', '-I', debs.paths['boxoffice'], 'conffiles'], capture_output=True, text=True, check=True)
    assert sorted(conffiles.stdout.split()) == sorted(path for mode, _, path in debs.listing('boxoffice')
                                                      if path.startswith('/etc/') and mode[0] != 'd')


def test_the_programs_have_no_routes_for_tests_and_all_hardening(debs):
    for path in programs(debs):
        with open(path, 'rb') as file:
            content = file.read()
        assert b'/api/test/' not in content, path
        if not content.startswith(b'\x7fELF'):
            continue
        text = subprocess.run(['readelf', '-hldW', path], capture_output=True, text=True, check=True).stdout
        for sign in ('DYN (Position-Independent', 'GNU_RELRO', 'BIND_NOW'):
            assert sign in text, f'{path}: {sign}'


def test_each_program_has_a_page_and_each_page_formats(debs):
    pages = glob.glob(f'{debs.tree}/usr/share/man/man*/*.gz')
    names = {os.path.basename(page).split('.')[0] for page in pages}
    assert {os.path.basename(path) for path in programs(debs)} <= names
    for page in pages:
        done = subprocess.run(['sh', '-c', 'zcat "$1" | groff -mdoc -Tutf8 -ww', 'sh', page], capture_output=True, text=True, check=True)
        assert (done.stderr, version() in done.stdout, '@' in done.stdout.split('\n')[0]) == ('', True, False), page


def test_systemd_finds_nothing_wrong_with_the_units_of_the_package(debs, tmp_path):
    if shutil.which('systemd-analyze') is None:
        pytest.skip('systemd-analyze is not installed')
    tree = f'{tmp_path}/root'
    shutil.copytree(debs.tree, tree, symlinks=True)
    shutil.copytree('/usr/lib/systemd/system', f'{tree}/usr/lib/systemd/system', symlinks=True, ignore_dangling_symlinks=True)
    names = units(debs, 'service socket timer')
    done = subprocess.run(['systemd-analyze', 'verify', '--man=no', f'--root={tree}', *names], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if 'boxoffice' in line]) == (0, []), done.stderr
    for name in units(debs):
        done = subprocess.run(['systemd-analyze', 'security', '--offline=true', f'--threshold={EXPOSURE_MAX}', f'--root={tree}', name],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_order_of_an_upgrade_is_in_the_dependencies(debs):
    assert f'boxoffice-common (>= {version()})' in debs.field('Depends')
    assert 'boxoffice' not in debs.field('Depends', 'boxoffice-common').replace('boxoffice-common', '')
    for package in ('libfcgi0ldbl (>= 2.4.2-2+deb12u1', 'libjwt0 (>= 1.10.2-1+deb12u1'):
        assert package in debs.field('Depends')


def test_no_script_of_a_package_touches_a_database_a_site_or_a_question(debs, tmp_path):
    for package in ('boxoffice', 'boxoffice-common'):
        subprocess.run(['dpkg-deb', '-e', debs.paths[package], f'{tmp_path}/{package}'], check=True)
    for path in glob.glob(f'{tmp_path}/*/*'):
        if not os.stat(path).st_mode & stat.S_IXUSR:
            continue
        assert subprocess.run(['sh', '-n', path], check=False).returncode == 0
        with open(path) as file:
            script = '\n'.join(line for line in file.read().splitlines() if 'echo' not in line and 'boxoffice: ' not in line)
        for word in ('psql', 'migrate', 'db init', 'createuser', 'dropdb', 'deluser', 'userdel', 'sites-enabled', 'debconf', 'secrets'):
            allowed = word == 'secrets' and 'if [ -e' in script
            assert word not in script or allowed, f'{os.path.basename(path)}: {word}'


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can build as another account')
def test_another_build_gives_the_same_bytes_as_an_ordinary_user_without_git_below_blanks(debs):
    """In another folder, with another locale, time zone and mask."""
    home = f'/var/tmp/boxoffice package {os.getpid()}'
    try:
        os.mkdir(home, 0o755)
        subprocess.run([f'{SRC}/packaging/source-tree', f'{home}/the tree'], stdout=subprocess.DEVNULL, check=True)
        subprocess.run(['chown', '-R', f'{ORDINARY}:{ORDINARY}', home], check=True)
        environment = {'PATH': os.environ['PATH'], 'HOME': home, 'TZ': 'Asia/Seoul', 'LANG': 'C', 'DEB_BUILD_OPTIONS': 'nocheck'}
        done = subprocess.run(['setpriv', f'--reuid={ORDINARY}', f'--regid={ORDINARY}', '--clear-groups', 'sh', '-c',
                               'umask 077; exec packaging/deb/build "$HOME/out"'], cwd=f'{home}/the tree', env=environment,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        assert digests(f'{home}/out') == digests(debs.folder)
    finally:
        shutil.rmtree(home, ignore_errors=True)


# --- completion

COMPLETE = r"""
. "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_boxofficectl
printf '%s\n' "${COMPREPLY[@]}"
"""


def complete(debs, *words):
    script = f'{debs.tree}/usr/share/bash-completion/completions/boxofficectl'
    done = subprocess.run(['bash', '-c', COMPLETE, 'bash', script, 'boxofficectl', *words], capture_output=True, text=True, check=True)
    assert done.stderr == ''
    return set(done.stdout.split())


def test_completion_knows_each_command_of_the_help(debs):
    text = subprocess.run([f'{debs.tree}/usr/bin/boxofficectl', '--help'], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in text.splitlines() if re.match(r'  [a-z]', line)]
    assert len(lines) > 20
    for words in lines:
        assert words[0] in complete(debs, '')
        if len(words) > 1 and re.fullmatch('[a-z-]+', words[1]):
            assert words[1] in complete(debs, words[0], ''), words
    assert {word for word in complete(debs, '') if word.startswith('--')} == set(re.findall(r'^ .*(--(?:config|version|help))\b', text, re.MULTILINE))


@pytest.mark.parametrize('words, wanted', [
    (('d',), {'db', 'demo'}),
    (('db', 'm'), {'migrate'}),
    (('--config', '/x.conf', 'events', 're'), {'retry', 'rebase'}),
    (('user', 'create', 'a@b.example', '--'), {'--name', '--role'}),
    (('user', 'create', 'a@b.example', '--role', 'o'), {'operator'}),
    (('user', 'role', 'a@b.example', ''), {'user', 'operator', 'admin'}),
    (('secrets', 'create', '/etc/host'), {'/etc/hosts', '/etc/hostname', '/etc/host.conf'}),
    (('--config', '/etc/hosts'), {'/etc/hosts'}),
    (('audit', '--e'), {'--except'}),
    (('nothing', ''), set()),
])
def test_completion_offers(debs, words, wanted):
    found = complete(debs, *words)
    assert {name for name in found if name in wanted or not name.startswith('/')} == {name for name in wanted
                                                                                      if not name.startswith('/') or os.path.exists(name)}

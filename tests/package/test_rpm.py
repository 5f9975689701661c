"""The RPMs: that the spec builds on this system, and what it installs. No Fedora is needed, and none is here."""
import glob
import hashlib
import os
import re
import shutil
import subprocess

import pytest

from test_cron import crontab

SRC = os.environ['SRC']
OUT = os.environ['OUT']
MACROS = f'{SRC}/packaging/rpm/macros.elsewhere'

pytestmark = pytest.mark.skipif(shutil.which('rpmbuild') is None, reason='rpmbuild is not installed')


def build(folder, **environment):
    done = subprocess.run([f'{SRC}/packaging/rpm/build', folder], capture_output=True, text=True, check=False,
                          env={**os.environ, 'CHECK': 'no', **environment})
    with open(f'{OUT}/rpm.log', 'a') as log:
        log.write(done.stdout + done.stderr)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope='module')
def rpms():
    """{name of the package: path}; `src` is the source."""
    folder = f'{OUT}/rpms'
    build(folder)
    found = {re.sub(r'-\d.*', '', os.path.basename(path)): path for path in glob.glob(f'{folder}/tried/*.rpm')}
    (found['src'],) = glob.glob(f'{folder}/*.src.rpm')
    return found


def query(path, *words):
    return subprocess.run(['rpm', '-qp', *words, path], capture_output=True, text=True, check=True).stdout


def digests(folder):
    return {os.path.basename(path): hashlib.sha256(open(path, 'rb').read()).hexdigest()
            for path in glob.glob(f'{folder}/**/*.rpm', recursive=True)}


def scriptlets(path):
    """{kind: text}"""
    parts = re.split(r'^(\w+) (?:scriptlet|program).*:\n?', query(path, '--scripts'), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def test_rpmlint_finds_nothing(rpms, tmp_path):
    shutil.copy(MACROS, f'{tmp_path}/.rpmmacros')
    done = subprocess.run(['rpmlint', '-c', f'{SRC}/packaging/rpm/rpmlint.toml', *rpms.values()], capture_output=True, text=True,
                          env={**os.environ, 'HOME': str(tmp_path)}, check=False)
    assert re.search(r'\b0 errors, 0 warnings\b', done.stdout), done.stdout


def test_another_build_gives_the_same_source(rpms, tmp_path):
    build(f'{tmp_path}/again', RPMBUILD='-bs', TZ='Asia/Seoul', LANG='C')
    assert digests(f'{tmp_path}/again') == {os.path.basename(rpms['src']): digests(f'{OUT}/rpms')[os.path.basename(rpms['src'])]}


def test_the_source_holds_what_is_needed_to_build_it_elsewhere(rpms, tmp_path):
    names = query(rpms['src'], '--list').split()
    assert re.fullmatch(r'boxoffice-[\d.]+\.tar\.xz boxoffice\.spec', ' '.join(sorted(names, key=lambda name: name.endswith('spec'))))
    subprocess.run(['sh', '-c', 'rpm2cpio "$1" | cpio --quiet -i', 'sh', rpms['src']], cwd=tmp_path, check=True)
    with open(f'{tmp_path}/boxoffice.spec') as file:
        assert '@' not in re.sub(r'maintainers@boxoffice', '', file.read().split('%changelog')[0].replace('$@', ''))


@pytest.mark.parametrize('macro', ['_unitdir', '_sysusersdir', '_tmpfilesdir', 'systemd_post', 'systemd_preun'])
def test_a_macro_that_is_not_defined_ends_the_build(macro, tmp_path):
    with open(MACROS) as file:
        kept = [line for line in file if not re.match(rf'%{macro}\b', line)]
    with open(f'{tmp_path}/macros', 'w') as file:
        file.writelines(kept)
    done = subprocess.run(['rpmspec', '--load', file.name, '-P', f'{SRC}/packaging/rpm/boxoffice.spec.in'], capture_output=True, text=True,
                          check=False)
    assert done.returncode != 0 and f'{macro} is not defined (systemd-rpm-macros)' in done.stderr


def test_each_scriptlet_says_something_and_is_shell(rpms):
    wanted = {'boxoffice': {'preinstall', 'postinstall', 'preuninstall', 'posttrans'}, 'boxoffice-common': set(),
              'boxoffice-selinux': {'postinstall', 'postuninstall'}}
    for package, kinds in wanted.items():
        found = scriptlets(rpms[package])
        assert set(found) == kinds
        for kind, text in found.items():
            assert len(text.strip()) > 40, f'{package} {kind}: {text}'
            assert subprocess.run(['sh', '-n'], input=text, text=True, check=False).returncode == 0
            assert 'psql' not in text and not re.search(r'^\s*boxofficectl db (?!status)', text, re.MULTILINE)


def test_the_scriptlets_name_each_unit_that_may_be_enabled(rpms):
    """The spec has a list of its own: units are made when the package is built."""
    wanted = {f'{job}.timer' for job in crontab()}
    wanted |= {os.path.basename(path) for kind in ('service', 'socket') for path in glob.glob(f'{SRC}/packaging/systemd/*.{kind}')}
    for kind in ('postinstall', 'preuninstall'):
        assert set(re.findall(r'\bboxoffice[\w-]*\.(?:service|socket|timer)\b', scriptlets(rpms['boxoffice'])[kind])) == wanted, kind


@pytest.mark.parametrize('booted', ['true', 'false'])
def test_an_upgrade_reads_the_new_units_before_it_restarts(rpms, tmp_path, booted):
    for name in ('systemctl', 'systemd-tmpfiles', 'boxofficed', 'boxofficectl'):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho {name} "$@" >>"{tmp_path}/asked"\n')
        program.chmod(0o755)
    script = scriptlets(rpms['boxoffice'])['posttrans'].replace('[ -d /run/systemd/system ]', booted)
    subprocess.run(['sh', '-c', script, 'sh', '2'], check=True, env={'PATH': f'{tmp_path}:{os.environ["PATH"]}'})
    asked = (tmp_path / 'asked').read_text().splitlines()
    restart = ['boxofficed --check', 'boxofficectl db status', 'systemctl try-restart boxofficed.service boxoffice-relay.service']
    assert [line for line in asked if 'is-active' not in line and 'show' not in line] == [
        'systemd-tmpfiles --create boxoffice.conf', *(['systemctl daemon-reload', *restart] if booted == 'true' else [])]


def test_the_packages_need_what_the_spec_names(rpms):
    requires = query(rpms['boxoffice'], '--requires')
    for need in ('boxoffice-common >= ', 'fcgi >= 2.4.5', 'nginx-filesystem', 'crontabs', 'libpq.so.5', 'libmemcached.so.11', 'shadow-utils'):
        assert need in requires, need
    assert 'boxoffice-selinux' in query(rpms['boxoffice'], '--recommends')
    needs = query(rpms['src'], '--requires')
    for need in ('pkgconfig(libjwt) < 3', 'pkgconfig(libmemcached) >= 1.1.4', 'pkgconfig(inih)', 'selinux-policy-devel', 'systemd-rpm-macros'):
        assert need in needs, need


def test_the_packages_install_what_debians_do(rpms, debs):
    """Beside what each system has in other places."""
    def names(paths):
        return {path.removeprefix('/usr').removesuffix('.gz') for path in paths if '/doc/' not in path and '/licenses/' not in path}

    rpm = names(path for package in ('boxoffice', 'boxoffice-common') for path in query(rpms[package], '--list').split())
    deb = names(path for package in ('boxoffice', 'boxoffice-common') for mode, _, path in debs.listing(package) if mode[0] != 'd')
    assert deb - rpm == {'/etc/needrestart/conf.d/boxoffice.conf', '/share/lintian/overrides/boxoffice'}
    dumped = [line.split() for line in query(rpms['boxoffice'], '--dump').splitlines()]
    # Nothing in the package belongs to an account that is not there when it is unpacked.
    assert {tuple(row[5:7]) for row in dumped} == {('root', 'root')}
    assert sorted(row[0] for row in dumped if row[7] == '1') == ['/etc/boxoffice/boxoffice.conf', '/etc/cron.d/boxoffice',
                                                                '/etc/logrotate.d/boxoffice']


def test_nothing_is_for_debians_nginx(rpms, tmp_path):
    subprocess.run(['sh', '-c', 'rpm2cpio "$1" | cpio --quiet -id', 'sh', rpms['boxoffice']], cwd=tmp_path, check=True)
    for path in ('etc/boxoffice/boxoffice.conf', 'usr/lib/tmpfiles.d/boxoffice.conf', 'usr/lib/systemd/system/boxofficed.socket'):
        with open(f'{tmp_path}/{path}') as file:
            text = file.read()
        assert re.search(r'\bnginx\b', text) and 'www-data' not in text, path


def test_the_policy_is_compiled(rpms, tmp_path):
    subprocess.run(['sh', '-c', 'rpm2cpio "$1" | cpio --quiet -id && bunzip2 usr/share/selinux/packages/targeted/boxoffice.pp.bz2', 'sh',
                    rpms['boxoffice-selinux']], cwd=tmp_path, check=True)
    with open(f'{tmp_path}/usr/share/selinux/packages/targeted/boxoffice.pp', 'rb') as file:
        module = file.read()
    for word in (b'boxoffice_t', b'boxoffice_var_run_t', b'httpd_t', b'/run/boxoffice(/.*)?', b'system_u:object_r:boxoffice_exec_t:s0'):
        assert word in module, word


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can install into a root')
def test_the_packages_install_and_go_in_a_scratch_root(rpms, tmp_path):
    root = ['--root', f'{tmp_path}/root', '--nodeps', '--noscripts']
    packages = [rpms[name] for name in ('boxoffice-common', 'boxoffice', 'boxoffice-selinux')]
    subprocess.run(['rpm', '-i', *root, *packages], check=True)
    listed = subprocess.run(['rpm', '-V', '--root', f'{tmp_path}/root', '--nodeps', 'boxoffice', 'boxoffice-common'], capture_output=True,
                            text=True, check=False)
    assert listed.stdout == ''
    with open(f'{tmp_path}/root/etc/boxoffice/boxoffice.conf', 'a') as file:
        file.write('# mine\n')
    subprocess.run(['rpm', '-U', '--force', *root, *packages], check=True)
    with open(file.name) as file:
        assert file.read().endswith('# mine\n')
    subprocess.run(['rpm', '-e', *root, 'boxoffice', 'boxoffice-common', 'boxoffice-selinux'], check=True)
    left = [os.path.join(folder, name) for folder, _, names in os.walk(f'{tmp_path}/root') for name in names if 'boxoffice' in name]
    assert [os.path.basename(path) for path in left] == ['boxoffice.conf.rpmsave']


def test_the_account_is_made_where_rpm_makes_none(rpms, root):
    done = root.run('sh', '-c', scriptlets(rpms['boxoffice'])['preinstall'])
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r'boxoffice:x:\d+:\d+:boxoffice:/var/lib/boxoffice:/sbin/nologin\n', root.run('getent', 'passwd', 'boxoffice').stdout)

"""nginx/render and what it makes."""
import os
import re
import subprocess

import pytest

from front import SOURCE

RENDER = f'{SOURCE}/nginx/render'


def render(*arguments, status=0):
    done = subprocess.run([RENDER, *arguments], capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    assert bool(done.stderr) == (status != 0)
    return done.stdout if status == 0 else done.stderr


@pytest.mark.parametrize('arguments, said', [
    ((), 'usage'), (('nginx',), 'usage'), (('LISTEN=1',), 'usage'), (('site', 'LISTEN'), 'usage'), (('site', 'LISTN=1'), '"LISTN"'),
    (('http', 'PATH=/x'), '"PATH"'), (('http', 'names=1'), '"names"'), (('site', '=1'), '""'), (('site', 'A B=1'), '"A B"'),
    (('site', 'LISTEN LISTEN6=1'), '"LISTEN LISTEN6"')])
def test_what_render_does_not_know_is_refused(arguments, said):
    assert said in render(*arguments, status=2)


def test_no_placeholder_stays_and_nothing_of_the_environment_comes_in():
    os.environ['SSL_CERTIFICATE'] = '/of/the/environment'
    try:
        both = render('http') + render('site')
    finally:
        del os.environ['SSL_CERTIFICATE']
    assert '@' not in both and 'environment' not in both and 'ssl' not in both.replace('$https', '')


def test_every_setting_is_in_a_template_and_every_placeholder_is_a_setting():
    with open(RENDER) as file:
        names = set(re.findall(r'^([A-Z][A-Z0-9_]*)=', file.read(), re.M))
    used = set()
    for name in ('http', 'site'):
        with open(f'{SOURCE}/nginx/boxoffice-{name}.conf.in') as file:
            used |= set(re.findall(r'@(?:IF_)?([A-Z][A-Z0-9_]*)@', file.read()))
    assert used == names


def test_every_name_in_the_http_context_is_ours_alone():
    """Else another site of the same nginx could not have it, or would silently get ours."""
    text = re.sub(r'#[^\n]*', '', render('http'))
    made = re.findall(r'^(?:upstream|log_format) (\S+)', text, re.M)
    made += re.findall(r'(?:zone|keys_zone)=(\w+)', text)
    made += re.findall(r'^(?:map|geo) .*?\$(\w+) \{', text, re.M)
    made += re.findall(r'\(\?<(\w+)>', text)
    assert len(made) > 25
    assert [name for name in made if not name.startswith('boxoffice')] == []
    assert set(re.findall(r'^(\w+)', text, re.M)) <= {'geo', 'map', 'upstream', 'limit_req_zone', 'limit_conn_zone',
                                                      'fastcgi_cache_path', 'log_format'}, 'nothing here changes other sites'


def test_the_examples_are_what_render_makes():
    """Those that packages install, as the build made them."""
    made = f'{os.environ["BUILD"]}/packaging/made/nginx'
    for path, arguments in (('debian/conf.d/boxoffice-http.conf', ('http',)), ('debian/sites-available/boxoffice', ('site',)),
                            ('rpm/conf.d/boxoffice.conf', ('site',)),
                            ('rpm/conf.d/boxoffice-http.conf', ('http', 'CACHE_DIR=/var/lib/nginx/boxoffice'))):
        with open(f'{made}/{path}') as file:
            assert file.read() == render(*arguments), path
    for path in ('debian/sites-available/boxoffice-tls', 'rpm/boxoffice-tls.conf'):
        with open(f'{made}/{path}') as file:
            text = file.read()
        assert 'ssl_protocols TLSv1.2 TLSv1.3;' in text and 'acme-challenge' in text

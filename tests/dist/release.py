"""A release has no routes for tests. `release.py PROGRAMS FOLDER` prints TAP."""
import subprocess
import sys

import requests

from stack import Stack

REQUESTS = (('GET', 'constant'), ('GET', 'sleep'), ('GET', 'crash?signal=9'), ('POST', 'echo'))


def say(is_good, name):
    print('ok -' if is_good else 'not ok -', name, flush=True)


def has_strings(program):
    with open(program, 'rb') as file:
        return b'/api/test/' in file.read()


def main(programs, folder):
    say(not has_strings(f'{programs}/boxofficed') and not has_strings(f'{programs}/boxofficectl'),
        'a release knows no route for tests')
    with Stack(f'{folder}/stack', programs=programs) as stack:
        answers = [requests.request(method, f'{stack.url}/api/test/{what}', json={}, timeout=10) for method, what in REQUESTS]
        say(all(answer.status_code == 404 and answer.json()['code'] == 'not_found' for answer in answers),
            'a release answers 404 to the routes for tests')
        say(requests.get(f'{stack.url}/readyz', timeout=10).status_code == 200, 'and lives')
        with open(stack.conf, encoding='utf-8') as file:
            text = file.read()
        for value, reason in (('no', ''), ('yes', 'this build has no routes for tests')):
            path = f'{stack.state}/etc/test-routes-{value}.conf'  # where the service may read
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text.replace('[server]\n', f'[server]\ntest_routes = {value}\n', 1))
            done = subprocess.run([f'{programs}/boxofficed', '--config', path, '--check'], capture_output=True, text=True, check=False)
            print(done.stderr, file=sys.stderr)
            say((done.returncode != 0) == bool(reason) and reason in done.stderr,
                f'a release {"refuses" if reason else "takes"} test_routes = {value}')


if __name__ == '__main__':
    main(*sys.argv[1:])

"""The verbs of ./dev that act on the system in build/run: up, down, start, stop, audit.

./dev installs and builds; this module starts. stack.py describes the layout of a system.
"""
import filecmp
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import proc
from services import StackError, wait_until
from stack import SOURCE, Stack

ADMIN = 'admin@boxoffice.example'
OPERATOR = 'operator@boxoffice.example'
STAFF_PASSWORD = 'correct horse battery'  # nothing but this computer reaches the system
NAMES = ('postgresql', 'memcached', 'nginx', 'boxofficed', 'relay', 'jobs')

# What `up` prints and a test pastes. A new buyer each time, so that no limit per buyer is in the way.
BUY = r"""
export URL={url}
EMAIL="buyer-$RANDOM-$RANDOM-$RANDOM@example.org"
json() {{ curl -sS -H 'Content-Type: application/json' "$@"; }}
json $URL/api/auth/signup -d '{{"email":"'$EMAIL'","password":"correct horse battery","name":"A Buyer"}}' | jq .
TOKEN=$(json $URL/api/auth/login -d '{{"email":"'$EMAIL'","password":"correct horse battery"}}' | jq -r .access_token)
as_buyer() {{ json -H "Authorization: Bearer $TOKEN" "$@"; }}
as_buyer -H "Idempotency-Key: charge-$RANDOM" $URL/api/me/wallet/charges -d '{{"amount":5000000}}' | jq .
EVENT=$(json "$URL/api/events?limit=100" | jq '[.items[] | select(.seats_left > 100)][0].id')
SHOW=$(json "$URL/api/events/$EVENT/shows?limit=100" | jq '[.items[] | select(.state == "on_sale" and .seats_left > 1)][0].id')
FREE=$(json $URL/api/shows/$SHOW/availability | python3 -c 'import base64, json, random, sys; a = json.load(sys.stdin); s = base64.b64decode(a["states"]); print(json.dumps(random.sample([n for n in range(a["capacity"]) if not s[n // 4] >> n % 4 * 2 & 3], 2)))')
HOLD=$(as_buyer $URL/api/shows/$SHOW/holds -d '{{"seats":'"$FREE"'}}' | jq -r .id)
ORDER=$(as_buyer -H "Idempotency-Key: order-$HOLD" $URL/api/shows/$SHOW/orders -d '{{"hold_id":"'$HOLD'"}}' | jq -r .id)
as_buyer -H "Idempotency-Key: pay-$ORDER" $URL/api/shows/$SHOW/orders/$ORDER/payments -d '{{"method":"wallet"}}' | jq .
""".strip()


def say(text):
    print(f'dev: {text}', flush=True)


def port_asked():
    text = os.environ.get('BOXOFFICE_PORT') or '8080'
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise StackError(f'BOXOFFICE_PORT is no port: "{text}"')
    return int(text)


def dev_stack(port):
    return Stack(f'{SOURCE}/build/run', f'{SOURCE}/build/run/bin', port=port)


def copy_programs(stack):
    """What runs is a copy, so that a build or a test beside it changes nothing under its feet."""
    os.makedirs(stack.programs, exist_ok=True)
    for built in glob.glob(f'{SOURCE}/build/obj/boxoffice*'):
        copy = f'{stack.programs}/{os.path.basename(built)}'
        if not os.access(built, os.X_OK) or os.path.isdir(built):
            continue
        if not os.path.exists(copy) or not filecmp.cmp(built, copy, shallow=False):
            shutil.copy2(built, copy + '.new')
            os.rename(copy + '.new', copy)


def port_used():
    """The port of the system that was started last here."""
    try:
        with open(f'{SOURCE}/build/run/port') as file:
            return int(file.read())
    except (FileNotFoundError, ValueError):
        return port_asked()


def seed(stack):
    """The demo season, once in the life of a database."""
    done = f'{stack.state}/seeded'
    if os.path.exists(done):
        return
    say('loading the demo season')
    stack.run('boxofficectl', 'demo', 'load', '--yes')
    for email in (ADMIN, OPERATOR):
        stack.run('boxofficectl', 'user', 'passwd', email, input=f'{STAFF_PASSWORD}\n')
    stack.write(done, '')


def wait_listed(stack):
    """Until the relay has listed the season, so that the printed commands find a show."""
    def ask():
        try:
            with urllib.request.urlopen(f'{stack.url}/api/events?limit=1', timeout=5) as answer:
                return True if json.load(answer)['items'] else 'no event is listed'
        except (OSError, ValueError, urllib.error.HTTPError) as problem:
            return str(problem)
    wait_until(ask, 30, f'{stack.url}/api/events stays empty')


def write_env(stack):
    """What does not change while it runs; ./dev env adds the pids."""
    values = {
        'URL': stack.url,
        'ADMIN_EMAIL': ADMIN, 'ADMIN_PASSWORD': STAFF_PASSWORD,
        'OPERATOR_EMAIL': OPERATOR, 'OPERATOR_PASSWORD': STAFF_PASSWORD,
        'DSN': stack.dsn('owner'), 'MEMCACHED': stack.memcached,
        'CONF': stack.conf, 'BIN': stack.programs,
    }
    quoted = {name: value.replace("'", "'\\''") for name, value in values.items()}
    stack.write(f'{stack.directory}/env',
                ''.join(f"export BOXOFFICE_{name}='{value}'\n" for name, value in quoted.items()))


def up():
    stack = dev_stack(port_asked())
    is_first = not os.path.exists(f'{stack.state}/seeded')
    say(f'starting in {stack.directory}')
    copy_programs(stack)
    stack.up(prepare=seed)
    if is_first:
        wait_listed(stack)
    write_env(stack)
    print(f'\nboxoffice answers at {stack.url}\n\nBuy a ticket by pasting this:\n\n'
          f'{BUY.format(url=stack.url)}\n')


def down():
    stack = dev_stack(port_used())
    pids = [pid for service in stack.services.values()
            for pid in service.record.session() + service.leftovers()]
    stack.down()
    # What was started by an `up` that has ended is init's to collect; some take their time.
    proc.wait_gone(lambda: [pid for pid in pids if proc.stat_of(pid)], 5)


def start_or_stop(verb, name):
    if name not in NAMES:
        print(f'dev: {verb} takes one of: {", ".join(NAMES)}', file=sys.stderr)
        return 2
    stack = dev_stack(port_used())
    if not stack.is_laid_out():
        raise StackError('nothing was started here yet: ./dev up')
    getattr(stack, verb)(name)
    return 0


def audit():
    stack = dev_stack(port_used())
    if not stack.pid('postgresql'):
        raise StackError('the database does not run: ./dev up')
    return subprocess.run([f'{stack.programs}/boxofficectl', 'audit'],
                          env=stack.environment()).returncode


def main(arguments):
    verb = arguments[0]
    started = time.monotonic()
    try:
        if verb == 'up':
            up()
            say(f'ready after {time.monotonic() - started:.1f} s')
        elif verb == 'down':
            down()
        elif verb == 'audit':
            return audit()
        else:
            return start_or_stop(verb, arguments[1] if len(arguments) == 2 else '')
    except (StackError, OSError, subprocess.SubprocessError) as problem:
        # The reason is the last line of either stream, whichever is read. Whoever sits at a terminal sees it once.
        for stream in [sys.stderr] if os.isatty(2) or same_file() else [sys.stdout, sys.stderr]:
            print(f'dev: {verb} failed: {problem}', file=stream, flush=True)
        return 1
    return 0


def same_file():
    return os.path.sameopenfile(1, 2)


if __name__ == '__main__':
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))

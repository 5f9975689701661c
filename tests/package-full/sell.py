"""Sells tickets as a client does, with nothing but Python and a server.

    sell.py NAME ADMIN PASSWORD ticket              a show if none is on sale, a buyer, a purchase; prints the order
    sell.py NAME ADMIN PASSWORD steady SECONDS [shaken]   prints "ready", buys for so long, prints what was answered

NAME is that of the site, which is asked for on port 80 of this machine. Each request has a connection of its own, so that a server that ends never meets a kept one. `steady` prints
{"sent", "answers": {"POST holds 201": …}, "broken": [what was answered by nobody or not as the contract says]}.
"""
import base64
import collections
import http.client
import itertools
import json
import random
import sys
import threading
import time
import uuid

BUYERS = 4
ACCOUNTS = 8  # of each: an account may give back a thousand holds of a show within an hour
PASSWORD = 'correct horse battery'


class Site:
    def __init__(self, name):
        self.name = name

    def ask(self, method, path, body=None, token=None, key=False):
        """(status, document, fields); OSError when nobody answers."""
        fields = {'Host': self.name}
        if body is not None:
            fields['Content-Type'] = 'application/json'
        if token:
            fields['Authorization'] = f'Bearer {token}'
        if key:
            fields['Idempotency-Key'] = key if isinstance(key, str) else uuid.uuid4().hex
        connection = http.client.HTTPConnection('127.0.0.1', timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), fields)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None, answer.headers
        finally:
            connection.close()

    def get(self, path, token=None):
        return self.expect((200,), 'GET', path, token=token)

    def post(self, path, body, token=None, key=False):
        return self.expect((200, 201), 'POST', path, body, token, key)

    def expect(self, statuses, *request, **options):
        status, document, _ = self.ask(*request, **options)
        if status not in statuses:
            raise SystemExit(f'{request[0]} {request[1]}: {status} {document}')
        return document

    def log_in(self, email, password):
        return self.post('/api/auth/login', {'email': email, 'password': password})['access_token']

    def buyer(self, money=5000000):
        """The token of a new account."""
        email = f'{uuid.uuid4().hex[:12]}@example.com'
        self.post('/api/auth/signup', {'email': email, 'password': PASSWORD, 'name': 'A Buyer'})
        token = self.log_in(email, PASSWORD)
        self.post('/api/me/wallet/charges', {'amount': money}, token, key=True)
        return token

    def new_show(self, admin, seats=2000):
        def make(what, **body):
            return self.post(f'/api/admin/{what}', body, admin)
        name = uuid.uuid4().hex[:6]
        venue = make('venues', name=f'House {name}', region='Seoul')
        hall = make('halls', venue_id=venue['id'], name='Great hall')
        make('layouts', hall_id=hall['id'], sections=[
            {'name': 'stalls', 'grade': 'S', 'rows': seats // 50, 'seats_per_row': 50}])
        event = make('events', title=f'Concert {name}', kind='concert', running_minutes=120)

        def moment(seconds):
            return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + seconds))
        return make('shows', event_id=event['id'], hall_id=hall['id'], starts_at=moment(864000), sales_open_at=moment(-3600),
                    currency='KRW', prices={'S': 100}, max_seats_per_user=100)['id']

    def buy(self, show, seats, token):
        base = f'/api/shows/{show}'
        hold = self.post(f'{base}/holds', {'seats': seats}, token)
        order = self.post(f'{base}/orders', {'hold_id': hold['id']}, token, key=True)
        return self.post(f'{base}/orders/{order["id"]}/payments', {'method': 'wallet'}, token, key=True)


RIGHT = {'hold': {201}, 'order': {201}, 'pay': {200}, 'cancel': {200}, 'release': {204}}
# When the database was away: asked again under the same key, or for what was done; and nothing is known of it yet.
SHAKEN = {'hold': {200, 201, 409}, 'order': {200, 201, 409}, 'pay': {200, 202, 409}, 'cancel': {200, 202, 409}, 'release': {204, 409}}


class Steady:
    """`right`: statuses by step. Where there are others than those of RIGHT, a client repeats what was not served (503), with the
    same key: as an app does."""

    def __init__(self, site, show, right):
        self.site, self.show, self.right = site, show, right
        self.answers = collections.Counter()
        self.broken = []
        self.sent = 0
        self.lock = threading.Lock()

    def ask(self, name, *request, **options):
        while True:
            with self.lock:
                self.sent += 1
            try:
                status, document, fields = self.site.ask(*request, **options)
            except (OSError, http.client.HTTPException, ValueError) as problem:
                with self.lock:
                    self.broken.append(f'{name}: {problem!r}')
                return None
            with self.lock:
                self.answers[f'{name} {status}'] += 1
                is_told = status == 503 and fields.get('Retry-After') and self.right is not RIGHT
                if not is_told and status not in self.right[name]:
                    self.broken.append(f'{name}: {status} {document}')
            if not is_told:
                return document if status < 300 else None
            time.sleep(0.1)

    def buyer(self, tokens, seats, until):
        base, token = f'/api/shows/{self.show}', tokens[0]
        for n, first in enumerate(seats):
            if time.monotonic() > until:
                return
            if n % 900 == 899:
                tokens = tokens[1:] or tokens
                token = tokens[0]
            hold = self.ask('hold', 'POST', f'{base}/holds', {'seats': [first, first + 1]}, token, uuid.uuid4().hex)
            order = hold and self.ask('order', 'POST', f'{base}/orders', {'hold_id': hold['id']}, token, uuid.uuid4().hex)
            if order and first % 8 == 0:
                one = f'{base}/orders/{order["id"]}'
                self.ask('pay', 'POST', f'{one}/payments', {'method': 'wallet'}, token, uuid.uuid4().hex)
                # Whoever keeps them soon has as many seats as one may.
                self.ask('cancel', 'POST', f'{one}/cancel', {}, token, uuid.uuid4().hex)
            elif hold:
                self.ask('release', 'DELETE', f'{base}/holds/{hold["id"]}', None, token)

    def run(self, accounts, seconds):
        until = time.monotonic() + seconds
        share = 2000 // len(accounts)
        threads = [threading.Thread(target=self.buyer, args=(tokens, itertools.cycle(range(n * share, (n + 1) * share, 2)), until))
                   for n, tokens in enumerate(accounts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {'sent': self.sent, 'answers': dict(self.answers), 'broken': self.broken[:20]}


def main(name, email, password, verb, *rest):
    site = Site(name)
    if verb == 'ticket':
        shows = [show for event in site.get('/api/events?limit=100')['items']
                 for show in site.get(f'/api/events/{event["id"]}/shows?limit=100')['items'] if show['state'] == 'on_sale']
        show = shows[0]['id'] if shows else site.new_show(site.log_in(email, password))
        states = site.get(f'/api/shows/{show}/availability')
        bits = base64.b64decode(states['states'])
        free = [n for n in range(states['capacity']) if not bits[n // 4] >> n % 4 * 2 & 3]
        # Any, because the map is half a second old.
        print(json.dumps(site.buy(show, sorted(random.sample(free, 2)), site.buyer())))
        return 0
    show = site.new_show(site.log_in(email, password))
    seconds = float(rest[0])
    accounts = [[site.buyer() for _ in range(ACCOUNTS if seconds > 60 else 2)] for _ in range(BUYERS)]
    print('ready', flush=True)
    print(json.dumps(Steady(site, show, SHAKEN if 'shaken' in rest else RIGHT).run(accounts, seconds)))
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))

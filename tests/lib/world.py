"""The objects that tests need: users, venues, shows, holds, orders. Everything that has a route is made
through it. Accounts may also be written with SQL, many at once, with tokens signed here with the
server's key."""
import base64
import configparser
import contextlib
import hashlib
import hmac
import itertools
import json
import time
import uuid

import psycopg2
import psycopg2.extras

import query
from client import new_key
from wait import wait_for

# argon2id at its least cost: accounts of which no test logs in.
CHEAP_HASH = '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$' \
             'mKvVf1xQm0XxCFCkGZTgyDDD4P1yHcBVWlFKgBjLpFk'

PRICES = {'VIP': 150000, 'R': 100000, 'S': 50000}
# Seats 0–3 VIP, 4–11 R, 12–23 S.
SECTIONS = [{'name': 'floor', 'grade': 'VIP', 'rows': 1, 'seats_per_row': 4},
            {'name': 'stalls', 'grade': 'R', 'rows': 2, 'seats_per_row': 4},
            {'name': 'balcony', 'grade': 'S', 'rows': 3, 'seats_per_row': 4}]
CAPACITY = 24


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def unbase64url(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def rfc3339(unix_s):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(unix_s))


def unix(text):
    """Seconds of a time as the API writes it: Z, whole seconds."""
    assert len(text) == 20 and text.endswith('Z'), text
    return int(time.mktime(time.strptime(text, '%Y-%m-%dT%H:%M:%SZ')) - time.timezone)


class Signer:
    """Makes access tokens as the server does, and such as it must refuse."""

    def __init__(self, secrets_file):
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(secrets_file)
        self.kid = parser['token']['current']
        self.key = bytes.fromhex(parser['token'][self.kid])
        self.ticket_seeds = {name: bytes.fromhex(value) for name, value in parser['ticket'].items()
                             if name != 'current'}

    @staticmethod
    def claims(user_id=None, role='user', ttl_s=800, **changes):
        now = int(time.time())
        claims = {'iss': 'boxoffice', 'aud': 'boxoffice-api', 'sub': user_id or str(uuid.uuid4()),
                  'sid': str(uuid.uuid4()), 'role': role, 'jti': str(uuid.uuid4()),
                  'iat': now, 'exp': now + ttl_s}
        claims.update(changes)
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims, key=None, digest='sha256', **header):
        header = dict({'alg': 'HS256', 'typ': 'JWT', 'kid': self.kid}, **header)
        header = {name: value for name, value in header.items() if value is not None}
        head = base64url(json.dumps(header, separators=(',', ':')).encode())
        text = claims if isinstance(claims, bytes) else \
            json.dumps(claims, separators=(',', ':')).encode()
        signed = f'{head}.{base64url(text)}'
        made = hmac.new(self.key if key is None else key, signed.encode(),
                        getattr(hashlib, digest)).digest()
        return f'{signed}.{base64url(made)}'

    def token(self, user_id, role='user', ttl_s=800):
        return self.sign(self.claims(user_id, role, ttl_s))


class User:
    def __init__(self, id, email, role, token):
        self.id, self.email, self.role, self.token = id, email, role, token


class World:
    def __init__(self, stack, client):
        self.stack = stack
        self.client = client
        self.signer = Signer(stack.secrets)
        self.numbers = itertools.count(1)
        self.days = itertools.count(1)
        self.halls = {}
        self.admin = self.user(role='admin')
        self.operator = self.user(role='operator')

    # --- database, as its superuser: what no route can do

    def connect(self):
        connection = psycopg2.connect(self.stack.dsn('postgres'))
        connection.autocommit = True
        return connection

    def sql(self, text, *values):
        """Rows of one statement; [] when it has none."""
        return query.rows(self.connect(), text, values)

    @contextlib.contextmanager
    def parked(self, text, *values):
        """Holds the locks of a statement in a transaction of its own, whose connection it gives:

            with world.parked('SELECT … FOR UPDATE', id): …
        """
        connection = self.connect()
        connection.autocommit = False
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, values)
            yield connection
        finally:
            with contextlib.suppress(psycopg2.Error):   # the server may be gone
                connection.rollback()
            connection.close()

    def wait_blocked(self, count=1):
        """Until so many sessions of the application wait for a lock."""
        wait_for(lambda: self.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                  "AND usename = 'boxoffice_app'")[0][0] >= count, 5, 'a worker waits for the lock')

    # --- people

    def users(self, count, balance=0, role='user', password_hash=CHEAP_HASH):
        """Accounts as sign-up leaves them; their money comes through the ledger."""
        made = [(str(uuid.uuid4()), f'u{next(self.numbers)}.{uuid.uuid4().hex[:8]}@example.test')
                for _ in range(count)]
        connection = self.connect()
        with connection.cursor() as cursor:
            psycopg2.extras.execute_values(
                cursor, 'INSERT INTO account.users (user_id, email, password_hash, name, role) VALUES %s',
                [(id, email, password_hash, 'Test Buyer', role) for id, email in made])
            psycopg2.extras.execute_values(
                cursor, 'INSERT INTO account.wallets (user_id) VALUES %s', [(id,) for id, _ in made])
            psycopg2.extras.execute_values(
                cursor, 'INSERT INTO directory.email_claims (email, user_id) VALUES %s',
                [(email, id) for id, email in made])
            if balance:
                cursor.execute(
                    "SELECT c.outcome FROM unnest(%s::uuid[]) AS u (id), "
                    "account.wallet_charge(u.id, %s, '/test', 'charge', '\\x00', NULL) AS c",
                    ([id for id, _ in made], balance))
        connection.close()
        self.client.secrets.update(email for _, email in made)
        return [User(id, email, role, self.signer.token(id, role)) for id, email in made]

    def user(self, balance=0, role='user', **options):
        return self.users(1, balance, role, **options)[0]

    # --- the directory

    def make(self, what, body):
        answer = self.client.post(f'/api/admin/{what}', body, token=self.admin.token)
        assert answer.status == 201, (what, body, answer)
        return answer.json()

    def venue(self, **changes):
        return self.make('venues', dict({'name': f'Venue {next(self.numbers)}', 'region': 'Seoul'},
                                        **changes))

    def hall(self, sections=None, **venue):
        """A hall with a layout: {id, venue_id, layout_id}."""
        hall = self.make('halls', {'venue_id': self.venue(**venue)['id'],
                                   'name': f'Hall {next(self.numbers)}'})
        layout = self.make('layouts', {'hall_id': hall['id'], 'sections': sections or SECTIONS})
        return dict(hall, layout_id=layout['id'])

    def event(self, **changes):
        return self.make('events', dict({'title': f'Event {next(self.numbers)}', 'kind': 'concert',
                                         'running_minutes': 120}, **changes))

    def show_body(self, **changes):
        """What makes a show on a day of its own in a shared hall, on sale now."""
        now = int(time.time())
        if 'hall_id' not in changes:
            if 'shared' not in self.halls:
                self.halls['shared'] = self.hall()
            changes['hall_id'] = self.halls['shared']['id']
        if 'event_id' not in changes:
            if 'event' not in self.halls:
                self.halls['event'] = self.event()
            changes['event_id'] = self.halls['event']['id']
        body = {'starts_at': rfc3339(now + 86400 * (next(self.days) + 1)),
                'sales_open_at': rfc3339(now - 3600), 'currency': 'KRW', 'prices': PRICES}
        body.update(changes)
        return {name: value for name, value in body.items() if value is not None}

    def show(self, **changes):
        made = self.make('shows', self.show_body(**changes))
        return self.client.get(f'/api/shows/{made["id"]}').json()

    def block(self, show, seats, reason='a test'):
        return self.done(self.client.post(f'/api/admin/shows/{show["id"]}/blocks', {'seats': seats, 'reason': reason},
                                          token=self.admin.token), 201)

    # --- booking; each asserts that it worked

    def done(self, answer, *statuses):
        assert answer.status in statuses, answer
        return answer.json() if answer.body else None

    def hold(self, user, show, seats):
        return self.done(self.client.post(f'/api/shows/{show["id"]}/holds', {'seats': seats},
                                          token=user.token), 201)

    def hold_get(self, user, hold):
        return self.done(self.client.get(f'/api/shows/{hold["show_id"]}/holds/{hold["id"]}',
                                         token=user.token), 200)

    def order(self, user, hold, key=None):
        return self.done(self.client.post(f'/api/shows/{hold["show_id"]}/orders',
                                          {'hold_id': hold['id']}, token=user.token,
                                          key=key or new_key()), 201)

    def order_get(self, user, order):
        return self.done(self.client.get(f'/api/shows/{order["show_id"]}/orders/{order["id"]}',
                                         token=user.token), 200)

    def pay_path(self, order):
        return f'/api/shows/{order["show_id"]}/orders/{order["id"]}/payments'

    def try_pay(self, user, order, key=None, **options):
        return self.client.post(self.pay_path(order), {'method': 'wallet'}, token=user.token,
                                key=key or new_key(), **options)

    def pay(self, user, order):
        return self.done(self.try_pay(user, order), 200)

    def charge(self, user, amount, key=None):
        return self.done(self.client.post('/api/me/wallet/charges', {'amount': amount},
                                          token=user.token, key=key or new_key()), 201)

    def balance(self, user):
        return self.done(self.client.get('/api/me/wallet', token=user.token), 200)['balance']

    def buy(self, user, show, seats):
        """The paid order."""
        return self.pay(user, self.order(user, self.hold(user, show, seats)))['order']

    def check_in(self, order, code, client=None):
        return (client or self.client).post(f'/api/shows/{order["show_id"]}/checkins', {'code': code},
                                            token=self.operator.token)

    def seats(self, show):
        """State digit of every seat by /availability."""
        answer = self.client.get(f'/api/shows/{show["id"]}/availability')
        return self.seat_states(self.done(answer, 200))

    @staticmethod
    def seat_states(document):
        data = base64.b64decode(document['states'], validate=True)
        assert len(data) == (document['capacity'] * 2 + 7) // 8
        return [data[no // 4] >> no % 4 * 2 & 3 for no in range(document['capacity'])]

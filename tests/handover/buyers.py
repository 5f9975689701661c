"""A steady load: buyers who hold, give back, order and pay, each request with a key and a connection of its own."""
import collections
import http.client
import itertools
import json
import threading
import time

from client import new_key
from wait import wait_for

SEATS = 3000
SEATS_EACH = 100       # of a buyer in a show: what max_seats_per_user allows at most
RIGHT = {'hold': {201}, 'release': {204}, 'order': {201}, 'pay': {200}}
# Asked again under the same key, or for what has been done.
AGAIN = {'hold': {200, 201}, 'release': {204}, 'order': {200, 201}, 'pay': {200}}


class Places:
    """Hands out (show, buyer, seat), each seat once."""

    def __init__(self, world):
        self.world = world
        self.hall = world.hall([{'name': 'floor', 'grade': 'R', 'rows': 60, 'seats_per_row': SEATS // 60}])
        self.buyers = world.users(SEATS // SEATS_EACH, balance=10 ** 8)
        self.lock = threading.Lock()
        self.rest = iter(())

    def shows(self):
        show = self.world.show(hall_id=self.hall['id'], prices={'R': 10}, max_seats_per_user=SEATS_EACH)
        return ((show['id'], self.buyers[seat % len(self.buyers)], seat) for seat in range(SEATS))

    def next(self):
        with self.lock:
            for place in self.rest:
                return place
            self.rest = self.shows()
            return next(self.rest)


class Buyers:
    """`asks_again`: whether an answer 503 is asked again, under the same key, until there is another one."""

    def __init__(self, world, count=6, asks_again=False):
        self.port = world.client.port
        self.places = Places(world)
        self.asks_again = asks_again
        self.sent = itertools.count()
        self.answers = collections.Counter()   # (what, status)
        self.wrong = []                        # answers that must not be, and requests without one
        self.paid = []                         # orders
        self.slowest_s = 0
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.buy, daemon=True) for _ in range(count)]

    @property
    def answered(self):
        return sum(self.answers.values())

    def __enter__(self):
        self.places.rest = self.places.shows()
        for thread in self.threads:
            thread.start()
        self.wait_more(50)
        return self

    def __exit__(self, *problem):
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def is_over(self):
        """Ends the load; whether every buyer has got what he asked for."""
        self.over.set()
        return not any(thread.is_alive() for thread in self.threads)

    def wait_more(self, count):
        before = self.answered
        wait_for(lambda: self.answered >= before + count or self.wrong, 30, f'{count} more answers')

    def exchange(self, method, path, body, user, key):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, {
                'Authorization': f'Bearer {user.token}', 'Content-Type': 'application/json', 'Idempotency-Key': key,
                'Connection': 'close'})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def may_ask_again(self, what, status, headers, text, is_again):
        if not self.asks_again:
            return False
        if status == 503:
            return (headers['Retry-After'] or '').isdigit()
        # The first request began to pay and lost the database: the job that settles it decides what came of it.
        return is_again and what == 'pay' and status == 409 and json.loads(text)['code'] == 'idempotency_in_flight'

    def ask(self, what, method, path, body, user):
        """The document of the right answer; None when there was none."""
        key, right = new_key(), RIGHT[what]
        while True:
            next(self.sent)
            start = time.monotonic()
            try:
                status, headers, text = self.exchange(method, path, body, user, key)
            except (OSError, http.client.HTTPException) as problem:
                self.wrong.append((what, repr(problem)))
                return None
            self.answers[(what, status)] += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - start)
            if status in right:
                return json.loads(text) if text else {}
            if not self.may_ask_again(what, status, headers, text, right is AGAIN[what]):
                self.wrong.append((what, status, text[:300]))
                return None
            right = AGAIN[what]
            time.sleep(0.1)

    def buy(self):
        for turn in itertools.count():
            if self.over.is_set():
                return
            show, user, seat = self.places.next()
            hold = self.ask('hold', 'POST', f'/api/shows/{show}/holds', {'seats': [seat]}, user)
            if hold is None:
                continue
            if turn % 3:
                self.ask('release', 'DELETE', f'/api/shows/{show}/holds/{hold["id"]}', None, user)
                continue
            order = self.ask('order', 'POST', f'/api/shows/{show}/orders', {'hold_id': hold['id']}, user)
            if order is not None and self.ask('pay', 'POST', f'/api/shows/{show}/orders/{order["id"]}/payments',
                                              {'method': 'wallet'}, user) is not None:
                self.paid.append(order['id'])

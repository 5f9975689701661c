"""Purchases on their own shows and users, prepared up to one request, and the check of their end.

A subject is one request that a fault may hit. It is prepared and sent. Afterwards its state is compared with
the only two states that may remain. See ROUTES."""
import collections
import os
import threading

from client import new_key
from wait import wait_for

MONEY = 1000000
SEATS = [4, 5, 12]          # R, R, S
AMOUNT = 250000


class Subject:
    def __init__(self, world, route, balance=MONEY):
        self.world, self.route = world, route
        self.user = world.user(balance=balance)
        self.show = world.make('shows', world.show_body(hold_seconds=1800))['id']
        self.balance, self.key = balance, new_key()
        self.hold = self.order = self.answer = None
        self.where = ''         # the fault, for what a failure prints

    def __repr__(self):
        return f'{self.route} {self.where}: answered {self.answer and self.answer.status}, is {self.facts()}'

    def path(self):
        base = f'/api/shows/{self.show}'
        return {'hold': f'{base}/holds', 'order': f'{base}/orders',
                'pay': f'{base}/orders/{self.order}/payments', 'poor': f'{base}/orders/{self.order}/payments',
                'cancel': f'{base}/orders/{self.order}/cancel'}[self.route]

    def body(self):
        return {'hold': {'seats': SEATS}, 'order': {'hold_id': self.hold}, 'cancel': {}}.get(
            self.route, {'method': 'wallet'})

    def ask(self):
        self.answer = self.again()
        return self.answer

    def again(self):
        """The same request once more, which is no other."""
        return self.world.client.post(self.path(), self.body(), token=self.user.token,
                                      key=None if self.route == 'hold' else self.key)

    def facts(self):
        """What the database holds: seats, states of hold, order and payments, valid tickets, money moved."""
        seats, holds, orders, payments, tickets, moved, balance = self.world.sql(
            'SELECT ARRAY(SELECT state::text FROM show.seats WHERE show_id = %s AND seat_no = ANY (%s)), '
            'ARRAY(SELECT state::text FROM show.holds WHERE show_id = %s AND user_id = %s), '
            'ARRAY(SELECT state::text FROM show.orders WHERE show_id = %s AND user_id = %s), '
            "ARRAY(SELECT state::text FROM show.payments WHERE show_id = %s AND user_id = %s "
            "      AND state NOT IN ('voided', 'declined')), "
            "(SELECT count(*) FROM show.tickets WHERE show_id = %s AND user_id = %s AND state = 'valid'), "
            "ARRAY(SELECT amount FROM account.ledger WHERE user_id = %s AND account = 'wallet' "
            "      AND order_id IS NOT NULL AND kind <> 'void' ORDER BY entry_no), "
            '(SELECT balance FROM account.wallets WHERE user_id = %s)',
            self.show, SEATS, *[self.show, self.user.id] * 4, self.user.id, self.user.id)[0]
        return (*sorted(set(seats)), *holds, *orders, *payments, tickets, *moved, balance - self.balance)

    def state(self):
        """`whole`, `absent` or `half`."""
        facts = self.facts()
        _, absent, whole = ROUTES[self.route]
        return 'whole' if facts == whole else 'absent' if facts == absent else 'half'

    def breach(self):
        """What is wrong with what is left, given what was answered; None when nothing is."""
        state, status = self.state(), self.answer.status
        if 200 <= status < 300:
            return None if state == 'whole' else f'acknowledged, but {state}: {self}'
        if 400 <= status < 500:
            return None if state == 'absent' else f'refused, but {state}: {self}'
        return None if state in ('absent', 'whole') else f'unknown, and {state}: {self}'


    def walk(self, until):
        """From a bare hold to the paid order, and back when `until` says so: stops at the first answer that
        is no 2xx. What was asked last is what can be judged."""
        while self.ask().status < 300 and self.route != until:
            document = self.answer.json()
            if self.route == 'hold':
                self.hold, self.route = document['id'], 'order'
            elif self.route == 'order':
                self.order, self.route = document['id'], 'pay'
            else:
                self.route = 'cancel'
            self.key = new_key()


def bare(world):
    return Subject(world, 'hold')


def held(world, route='order', **options):
    subject = Subject(world, route, **options)
    made = world.client.post(f'/api/shows/{subject.show}/holds', {'seats': SEATS}, token=subject.user.token)
    subject.hold = world.done(made, 201)['id']
    return subject


def ordered(world, route='pay', **options):
    subject = held(world, route, **options)
    made = world.order(subject.user, {'show_id': subject.show, 'id': subject.hold})
    assert made['amount'] == AMOUNT
    subject.order = made['id']
    return subject


def poor(world):
    return ordered(world, 'poor', balance=AMOUNT - 1)


def paid(world):
    subject = ordered(world, 'cancel')
    world.pay(subject.user, {'show_id': subject.show, 'id': subject.order})
    return subject


PENDING = ('held', 'active', 'pending', 0, 0)
PAID = ('sold', 'confirmed', 'paid', 'approved', 3, -AMOUNT, -AMOUNT)

# route: how a subject comes up to it, what there is when the request left nothing, and all of it.
ROUTES = {
    'hold': (bare, ('available', 0, 0), ('held', 'active', 0, 0)),
    'order': (held, ('held', 'active', 0, 0), PENDING),
    'pay': (ordered, PENDING, PAID),
    'poor': (poor, PENDING, None),
    'cancel': (paid, PAID, ('available', 'released', 'refunded', 'refunded', 0, -AMOUNT, AMOUNT, 0)),
}


def prepare(world, route):
    return ROUTES[route][0](world)


class Buyers:
    """Threads that walk through prepared subjects, half of them up to the payment, half to the cancel,
    until all are walked; who was not served waits for `go_on` first, so that an outage wastes none."""

    def __init__(self, world, count, threads=4):
        self.world = world
        self.left = [prepare(world, 'hold') for _ in range(count)]
        self.walked, self.broken = [], []
        self.open = threading.Event()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(threads)]

    def run(self):
        while True:
            self.open.wait(60)
            try:
                subject = self.left.pop()
            except IndexError:
                return
            try:
                subject.walk('cancel' if len(self.left) % 2 else 'pay')
            except Exception as problem:        # not an answer of the contract
                self.broken.append(f'{subject.route}: {problem!r}')
                continue
            self.walked.append(subject)
            if subject.answer.status >= 500:
                self.open.clear()

    def start(self):
        self.open.set()
        for thread in self.threads:
            thread.start()

    def go_on(self):
        self.open.set()

    def finish(self):
        """All subjects, once nobody asks any more."""
        self.go_on()
        wait_for(lambda: self.go_on() or not [thread for thread in self.threads if thread.is_alive()], 60,
                 'the buyers are done')
        assert not self.broken, self.broken[:3]
        return self.walked

    def check(self, what):
        """What was answered is there and nothing else; and what was not, done again, is done once."""
        breaches = [breach for subject in self.walked if (breach := subject.breach())]
        assert not breaches, '\n'.join(breaches)
        unknown = [subject for subject in self.walked if subject.answer.status >= 500]
        note(f'{what}: {len(self.walked)} purchases, unanswered: ' + (', '.join(
            f'{route} {count}' for route, count in
            collections.Counter(f'{subject.route} {subject.state()}' for subject in unknown).items()) or 'none'))
        for subject in unknown:
            answer = subject.again()
            assert answer.status in (200, 201) and subject.state() == 'whole', (answer, subject)


def note(*lines):
    """For the stage's lines in `./dev test`, whatever comes of it."""
    with open(os.path.join(os.environ['OUT'], 'notes'), 'a') as file:
        for line in lines:
            print(line, file=file)
            print(line)

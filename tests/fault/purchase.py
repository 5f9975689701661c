"""Purchases on shows and users of their own, brought up to one request, and what became of them.

A subject is one request that a fault may hit: prepared, asked, and afterwards compared with the only
two states that may be left of it. See ROUTES."""
import os

from client import new_key

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


def note(*lines):
    """For the stage's lines in `./dev test`, whatever comes of it."""
    with open(os.path.join(os.environ['OUT'], 'notes'), 'a') as file:
        for line in lines:
            print(line, file=file)
            print(line)

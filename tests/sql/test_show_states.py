"""Every function that moves a hold, an order, a payment or a ticket, in every state of its show: what it answers, and what the
hold and its order are afterwards."""
import json

import psycopg2.extras
import pytest

from season import Season, new

# In the order of the columns below. Times in minutes from now: sales open, sales close, start, end.
STATES = {'scheduled': (60, 120, 120, 240), 'on sale': (-60, 120, 120, 240), 'near': (-60, 10, 10, 130), 'closed': (-60, -1, 120, 240),
          'over': (-240, -180, -180, -60), 'cancelled': (-60, 120, 120, 240)}
NOT_ON_SALE = ('not_on_sale', 'created', 'created', 'not_on_sale', 'not_on_sale', 'not_on_sale')


def always(outcome, cancelled=None):
    return (outcome,) * 5 + (cancelled or outcome,)


# What exists before (tests/sql/season.py), the call, its outcomes by state, and hold and order afterwards, in a cancelled show too.
TABLE = {
    'take': ('nothing', 'take', NOT_ON_SALE, None),
    'take the best': ('nothing', 'best', NOT_ON_SALE, None),
    'take again, the answer was lost': ('held', 'take_same', always('created'), ('active -', 'active -')),
    'take again, the equal seats': ('held', 'take_equal', always('ok', 'not_on_sale'), ('active -', 'active -')),
    'take again, equal and paying': ('begun', 'take_equal', always('ok', 'not_on_sale'), ('paying paying', 'paying paying')),
    'take the best again, the answer was lost': ('held', 'best_same', always('created'), ('active -', 'active -')),
    'take again, the same key': ('held', 'take_keyed', always('ok'), ('active -', 'active -')),
    'swap': ('held', 'swap', NOT_ON_SALE, None),
    'swap what is ordered': ('ordered', 'swap', always('order_closed', 'not_on_sale'), ('active pending', 'active pending')),
    'extend': ('held', 'extend', always('ok', 'show_closed'), ('active -', 'active -')),
    'extend what is ordered': ('ordered', 'extend', always('ok', 'show_closed'), ('active pending', 'active pending')),
    'extend what is over': ('ended', 'extend', always('hold_expired', 'show_closed'), ('active pending', 'active pending')),
    'release': ('held', 'release', always('ok'), ('released -', 'released -')),
    'release what is ordered': ('ordered', 'release', always('ok'), ('released cancelled', 'released cancelled')),
    'order': ('held', 'order_new', always('created', 'show_closed'), ('active pending', 'active -')),
    'order again': ('ordered', 'order_new', always('ok'), ('active pending', 'active pending')),
    'order again, the same key': ('ordered', 'order_same', always('replay'), ('active pending', 'active pending')),
    'order what is paid': ('paid', 'order_new', always('ok'), ('confirmed paid', 'confirmed paid')),
    'begin to pay': ('ordered', 'begin', always('ok', 'show_closed'), ('paying paying', 'active pending')),
    'begin to pay what is over': ('ended', 'begin', always('hold_expired', 'show_closed'), ('active pending', 'active pending')),
    'begin to pay twice': ('begun', 'begin', always('payment_in_progress', 'show_closed'), ('paying paying', 'paying paying')),
    'begin to pay, the answer was lost': ('begun', 'begin_same', always('ok'), ('paying paying', 'paying paying')),
    'confirm': ('debited', 'confirm', always('ok'), ('confirmed paid', 'confirmed paid')),
    'confirm again': ('paid', 'confirm', always('ok'), ('confirmed paid', 'confirmed paid')),
    'decline': ('begun', 'decline', always('ok'), ('active pending', 'released cancelled')),
    'void': ('begun', 'void', always('ok'), ('active pending', 'released cancelled')),
    'fail': ('debited', 'fail', always('ok'), ('released failed', 'released failed')),
    'cancel what is pending': ('ordered', 'cancel', always('ok'), ('released cancelled', 'released cancelled')),
    'cancel what is being paid': ('begun', 'cancel', always('payment_in_progress'), ('paying paying', 'paying paying')),
    'cancel what is paid': ('paid', 'cancel', ('ok', 'ok', 'too_late', 'ok', 'too_late', 'ok'), None),
    'check in': ('paid', 'check_in', always('ok', 'not_found'), ('confirmed paid', 'confirmed paid')),
    'block': ('nothing', 'block', always('created'), None),
    'block what is held': ('held', 'block', always('seats_taken'), ('active -', 'active -')),
    'sweep': ('ended', 'sweep', always('released 1'), ('expired expired', 'expired expired')),
    'sweep what lives': ('ordered', 'sweep', always('released 0'), ('active pending', 'active pending')),
    'settle holds': ('ordered', 'settle_holds', always('released 0', 'released 1'), ('active pending', 'released cancelled')),
    'settle holds that are paying': ('begun', 'settle_holds', always('released 0'), ('paying paying', 'paying paying')),
    'settle orders': ('paid', 'settle_orders', always('cancelled 0', 'cancelled 1'), ('confirmed paid', 'released cancelled')),
    'settle orders that are pending': ('ordered', 'settle_orders', always('cancelled 0'), ('active pending', 'active pending')),
    'change the price': ('nothing', 'price', ('ok', 'ok', 'ok', 'show_closed', 'show_closed', 'show_closed'), None),
    'change the price of what is held': ('held', 'price', always('show_closed'), ('active -', 'active -')),
    'cancel the show': ('ordered', 'show_cancel', ('ok', 'ok', 'ok', 'ok', 'show_closed', 'ok'), ('active pending', 'active pending')),
}


class Case(Season):
    """One purchase in a transaction that is rolled back."""

    def __init__(self, db):
        super().__init__(db)
        self.app = db.connect('owner', autocommit=False)
        self.show, self.user = self.choose(None, None, 2)
        self.seats = self.free(self.show, 2)
        self.order_id = self.payment = None

    def sql(self, text, *values):
        cursor = self.app.cursor()
        cursor.execute(text, values)
        return cursor.fetchone() if cursor.description else None

    def prepare(self, step):
        self.id, self.key = new(), str(new())
        if step == 'nothing':
            return
        assert self.take_same()[0] == 'created'
        if step != 'held':
            self.order_id = new()
            assert self.order_same()[0] == 'created'
        if step in ('begun', 'debited', 'paid'):
            self.payment = new()
            outcome, result = self.begin_same()
            assert outcome == 'ok'
            self.amount = result['amount']
        if step in ('debited', 'paid'):
            self.debit(self.show, self.user, self.order_id, self.payment, self.amount)
        if step == 'paid':
            assert self.confirm()[0] == 'ok'
        if step == 'ended':
            for table, column in (('seats', 'held_until'), ('holds', 'expires_at')):
                self.sql(f"UPDATE show.{table} SET {column} = clock_timestamp() - interval '1 second'"
                         ' WHERE show_id = %s AND hold_id = %s', self.show, self.id)

    def enter(self, state):
        times = [f"clock_timestamp() + interval '{minutes} minutes'" for minutes in STATES[state]]
        self.sql('UPDATE show.shows SET (sales_open_at, sales_close_at, starts_at, ends_at, cancelled_at)'
                 f" = ({', '.join(times)}, {'clock_timestamp()' if state == 'cancelled' else 'NULL'}) WHERE show_id = %s", self.show)

    def after(self):
        found = self.sql('SELECT h.state || \' \' || coalesce(o.state::text, \'-\') FROM show.holds AS h'
                         ' LEFT JOIN show.orders AS o USING (show_id, hold_id) WHERE h.show_id = %s AND h.hold_id = %s', self.show, self.id)
        return found and found[0]

    # --- the calls: (outcome, result)

    def take(self, id=None):
        return self.call('show.hold_take', self.show, id or self.id, self.user, self.seats, None)

    def take_same(self):
        return self.take(self.id)

    def take_equal(self):
        return self.take(new())

    def take_keyed(self):
        return self.call('show.hold_take', self.show, self.id, self.user, self.seats, 'another request', True)

    def swap(self):
        return self.call('show.hold_take', self.show, new(), self.user, self.seats[:1], None, False, self.id)

    def best(self):
        return self.call('show.hold_take_first', self.show, self.id, self.user, 2, None, self.seats, None)

    best_same = best

    def extend(self):
        return self.call('show.hold_extend', self.show, self.id, self.user, None)

    def release(self):
        return self.call('show.hold_release', self.show, self.id, self.user, None)

    def order_same(self, key=None):
        return self.call('show.order_create', self.show, self.order_id or new(), self.id, self.user, '/orders', key or self.key, b'x', None)

    def order_new(self):
        return self.order_same(str(new()))

    def begin_same(self, payment=None):
        payment = payment or self.payment
        return self.call('show.payment_begin', self.show, self.order_id, payment, 'wallet', self.user, '/pay', str(payment), b'x', None)

    def begin(self):
        return self.begin_same(new())

    def confirm(self):
        return self.call('show.order_confirm', self.show, self.order_id, self.payment, self.user, [new() for _ in self.seats], None)

    def end(self, state):
        return self.call('show.payment_end', self.show, self.order_id, self.payment, self.user, state, None)

    def decline(self):
        return self.end('declined')

    def void(self):
        return self.end('voided')

    def fail(self):
        return self.call('show.order_fail', self.show, self.order_id, self.payment, self.user, None)

    def cancel(self):
        return self.call('show.order_cancel', self.show, self.order_id, new(), 900, self.user, '/cancel', str(new()), b'x', None)

    def check_in(self):
        ticket, seat = self.sql('SELECT ticket_id, seat_no FROM show.tickets WHERE order_id = %s ORDER BY seat_no LIMIT 1', self.order_id)
        return self.call('show.ticket_check_in', self.show, new(), ticket, seat, new(), None)

    def block(self):
        return self.call('show.seats_block', self.show, self.seats, True, 'why', new(), None)

    def counted(self, word, function, *values):
        outcome, result = self.call(function, [self.show], *values)
        assert outcome == 'ok'
        return f'{word} {result[word]}', result

    def sweep(self):
        return self.counted('released', 'show.holds_expire', [self.id])

    def settle_holds(self):
        return self.counted('released', 'show.holds_expire', [self.id], True)

    def settle_orders(self):
        return self.counted('cancelled', 'show.orders_cancel', [self.order_id])

    def price(self):
        # Somebody else's seats would fix the prices too.
        self.sql("UPDATE show.holds SET state = 'expired' WHERE show_id = %s AND hold_id <> %s", self.show, self.id)
        grade, price = self.sql('SELECT code, price FROM show.grades WHERE show_id = %s LIMIT 1', self.show)
        revision, = self.sql('SELECT revision FROM show.shows WHERE show_id = %s', self.show)
        return self.call('show.show_update', self.show, new(), revision, new(), json.dumps({'prices': {grade: price + 1}}), None)

    def show_cancel(self):
        return self.call('show.show_cancel', self.show, new(), None, None)


@pytest.mark.parametrize('name', TABLE)
def test_in_every_state_of_the_show(db, name):
    before, call, outcomes, after = TABLE[name]
    psycopg2.extras.register_uuid()
    for number, (state, outcome) in enumerate(zip(STATES, outcomes, strict=True)):
        case = Case(db)
        case.prepare(before)
        case.enter(state)
        assert getattr(case, call)()[0] == outcome, state
        if after:
            assert case.after() == after[state == 'cancelled'], state
        case.app.rollback()
        db.close()

"""Buyers in SQL: the calls that the program makes, one after the other."""
import random
import uuid

import psycopg2.extras

psycopg2.extras.register_uuid()


def new():
    return uuid.uuid4()


class Season:
    random = random.Random(20261121)

    def __init__(self, db):
        self.db = db
        self.app = db.connect('app')
        self.users = [row[0] for row in db.rows(
            "SELECT user_id FROM account.wallets WHERE balance > 500000 ORDER BY user_id")]
        self.shows = [row[0] for row in db.rows(
            "SELECT show_id FROM show.shows WHERE util.show_state(cancelled_at IS NOT NULL, sales_open_at, sales_close_at,"
            " clock_timestamp()) = 'on_sale' AND capacity < 2000 ORDER BY show_id")]

    def call(self, function, *values):
        """(outcome, result) of a stored function, as the application."""
        places = ', '.join('%s::uuid[]' if isinstance(value, list) and isinstance(value[0], uuid.UUID)
                           else '%s' for value in values)
        cursor = self.app.cursor()
        cursor.execute(f'SELECT outcome, result FROM {function}({places})', values)
        return cursor.fetchone()

    def choose(self, show, user, count):
        """A show and a user, each as given or any, where the user may have so many seats more and can pay."""
        pairs = [(a, b) for a in ([show] if show else self.shows) for b in ([user] if user else self.users)]
        allowed = {tuple(row) for row in self.db.rows("""
            SELECT s.show_id, w.user_id FROM show.shows AS s CROSS JOIN account.wallets AS w
            WHERE w.balance >= %s * (SELECT max(price) FROM show.grades AS g WHERE g.show_id = s.show_id)
                AND s.max_seats_per_user >= %s + (SELECT coalesce(sum(cardinality(seat_nos)), 0) FROM show.holds AS h
                    WHERE h.show_id = s.show_id AND h.user_id = w.user_id AND h.state IN ('active', 'paying', 'confirmed'))""",
                                                          count, count)}
        return self.random.choice([pair for pair in pairs if pair in allowed])

    def free(self, show, count):
        return [row[0] for row in self.db.rows(
            "SELECT seat_no FROM show.seats WHERE show_id = %s AND state = 'available'"
            ' ORDER BY seat_no LIMIT %s', show, count)]

    def hold(self, show, user, seats):
        hold = new()
        outcome, _ = self.call('show.hold_take', show, hold, user, seats, None)
        assert outcome == 'created', outcome
        return hold

    def order(self, show, user, hold):
        order = new()
        outcome, _ = self.call('show.order_create', show, order, hold, user, '/orders', str(order), b'x', None)
        assert outcome == 'created', outcome
        return order

    def begin(self, show, user, order):
        payment = new()
        outcome, result = self.call('show.payment_begin', show, order, payment, 'wallet', user,
                                    f'/orders/{order}', str(payment), b'x', None)
        assert outcome == 'ok', outcome
        return payment, result['amount']

    def debit(self, show, user, order, payment, amount):
        outcome, _ = self.call('account.wallet_debit', user, payment, order, show, amount, None)
        assert outcome == 'ok', outcome

    def confirm(self, show, order, payment, user, count):
        outcome, _ = self.call('show.order_confirm', show, order, payment, user, [new() for _ in range(count)], None)
        assert outcome == 'ok', outcome

    def buy(self, until='paid', show=None, user=None, count=2):
        """A purchase up to a step: held, ordered, begun, debited or paid. → its ids by name"""
        show, user = self.choose(show, user, count)
        seats = self.free(show, count)
        bought = {'show': show, 'user': user, 'seats': seats, 'hold': self.hold(show, user, seats)}
        if until == 'held':
            return bought
        bought['order'] = order = self.order(show, user, bought['hold'])
        if until == 'ordered':
            return bought
        bought['payment'], amount = payment, _ = self.begin(show, user, order)
        if until == 'begun':
            return bought
        self.debit(show, user, order, payment, amount)
        if until == 'debited':
            return bought
        self.confirm(show, order, payment, user, count)
        return bought

    def end_holds(self):
        """The clock, for those that cannot wait five minutes: every active hold ended a minute ago."""
        for table, column, state in (('seats', 'held_until', "state = 'held' AND held_until < 'infinity'"),
                                     ('holds', 'expires_at', "state = 'active'")):
            self.db.rows(f"UPDATE show.{table} SET {column} = clock_timestamp() - interval '1 minute' WHERE {state}")
        self.db.rows("UPDATE show.seats AS s SET held_until = h.expires_at FROM show.holds AS h"
                     " WHERE h.show_id = s.show_id AND h.hold_id = s.hold_id AND s.state = 'held' AND h.state = 'active'")

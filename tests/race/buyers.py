"""A thousand buyers who want the same seats."""
import asyncio
import collections
import random
import time

from burst import Connection


class Race:
    """One show, many users; each wants one set of 1 to 4 random seats of those that he has not yet
    been told are taken, until he has one or nothing is left. Winners order and pay."""

    def __init__(self, port, show_id, capacity, tokens, left):
        self.port, self.show_id, self.tokens = port, show_id, tokens
        self.free = set(range(capacity))
        self.left = left                            # asks the database what is really left
        self.holds = {}                             # hold id -> seats, of 201 answers
        self.paid = {}                              # order id -> seats
        self.counts = collections.Counter()
        self.strange = []
        self.connected = 0
        self.is_over = False
        self.seconds = 0
        self.random = random.Random(20261121)

    def run(self):
        asyncio.run(self.main())

    async def main(self):
        gate = asyncio.Event()
        self.again = asyncio.Lock()
        tasks = [asyncio.create_task(self.buyer(token, gate)) for token in self.tokens]
        # All are connected before the first asks.
        while self.connected < len(tasks) and not any(task.done() for task in tasks):
            await asyncio.sleep(0.01)
        start = time.monotonic()
        gate.set()
        await asyncio.gather(*tasks)
        self.seconds = time.monotonic() - start

    async def buyer(self, token, gate):
        connection = await Connection.open(self.port, token)
        self.connected += 1
        await gate.wait()
        try:
            while seats := await self.choose():
                if await self.attempt(connection, seats):
                    return
        finally:
            connection.writer.close()

    async def choose(self):
        """A refusal may have been somebody's who then let go: when all seems taken, look again."""
        if not self.free:
            async with self.again:
                if not self.free and not self.is_over:
                    self.free = set(await asyncio.to_thread(self.left))
                    self.is_over = not self.free
        count = min(self.random.randint(1, 4), len(self.free))
        return sorted(self.random.sample(sorted(self.free), count))

    async def attempt(self, connection, seats):
        base = f'/api/shows/{self.show_id}'
        status, hold = await connection.post(f'{base}/holds', {'seats': seats})
        self.note('hold', status, hold)
        if status != 201:
            if hold.get('code') == 'seats_taken':
                self.free.difference_update(hold['seats'])
            return False
        self.holds[hold['id']] = [seat['no'] for seat in hold['seats']]
        self.free.difference_update(self.holds[hold['id']])
        status, order = await connection.post(f'{base}/orders', {'hold_id': hold['id']})
        self.note('order', status, order)
        if status != 201:
            return True
        status, payment = await connection.post(f'{base}/orders/{order["id"]}/payments', {'method': 'wallet'})
        self.note('payment', status, payment)
        if status == 200:
            self.paid[order['id']] = [ticket['seat'] for ticket in payment['order']['tickets']]
        return True

    def note(self, what, status, body):
        self.counts[(what, status, body.get('code'))] += 1
        if (what, status, body.get('code')) not in (
                ('hold', 201, None), ('hold', 409, 'seats_taken'), ('order', 201, None), ('payment', 200, None)):
            self.strange.append((what, status, body))

    @staticmethod
    def twice(groups):
        """Seats that are in more than one group."""
        counts = collections.Counter(seat for seats in groups for seat in seats)
        return sorted(seat for seat, count in counts.items() if count > 1)

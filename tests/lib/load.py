"""Shared by the stages that break things: a small load beside a test, and the checks once everything runs again."""
import collections
import http.client
import threading
import time

from client import new_key
from wait import wait_for


class Load:
    """A few buyers and readers who go on for as long as the test takes, and count what they got.

    Each answer must be one of the contract; which statuses may come is the test's to say."""

    def __init__(self, world, buyers=2, readers=2):
        self.world = world
        self.show = world.show(max_seats_per_user=100, prices={'VIP': 10, 'R': 10, 'S': 10})
        self.statuses = collections.Counter()
        self.broken = []
        self.bad = []
        self.ok_at = []             # moments of 2xx answers
        self.stop = threading.Event()
        users = world.users(buyers, balance=1000000)
        work = [lambda user=user, no=no: self.buyer(user, no) for no, user in enumerate(users)]
        work += [self.reader] * readers
        self.threads = [threading.Thread(target=call, daemon=True) for call in work]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        wait_for(lambda: len(self.ok_at) > 20, 10, 'the load runs')
        return self

    def __exit__(self, *problem):
        self.stop.set()
        for thread in self.threads:
            thread.join(30)
        if not problem[0]:
            assert not self.broken, self.broken[:5]
            assert not self.bad, self.bad[:5]

    def ask(self, call):
        try:
            answer = call()
        except AssertionError as problem:
            self.broken.append(str(problem)[:500])
            return None
        except (OSError, http.client.HTTPException) as problem:
            # nginx never goes away without an answer, whatever is behind it.
            self.bad.append(repr(problem))
            return None
        self.statuses[answer.status] += 1
        if answer.status < 300:
            self.ok_at.append(time.monotonic())
        return answer

    def buyer(self, user, no):
        client, show = self.world.client, self.show
        while not self.stop.is_set():
            seats = [2 * no, 2 * no + 1]
            hold = self.ask(lambda: client.post(f'/api/shows/{show["id"]}/holds', {'seats': seats},
                                                token=user.token))
            if hold is None or hold.status not in (200, 201):
                continue
            document = hold.json()
            order = self.ask(lambda: client.post(f'/api/shows/{show["id"]}/orders', {'hold_id': document['id']},
                                                 token=user.token, key=new_key()))
            if order is not None and order.status in (200, 201) and len(self.ok_at) % 5 == 0:
                self.ask(lambda: client.get(f'/api/shows/{show["id"]}/orders/{order.json()["id"]}', token=user.token))
            self.ask(lambda: client.delete(f'/api/shows/{show["id"]}/holds/{document["id"]}', token=user.token))

    def reader(self):
        client, show = self.world.client, self.show
        while not self.stop.is_set():
            self.ask(lambda: client.get(f'/api/shows/{show["id"]}/availability'))
            self.ask(lambda: client.get(f'/api/shows/{show["id"]}'))

    def wait_served(self, limit_s, what):
        """Until the next 2xx; how long that took."""
        start = time.monotonic()
        count = len(self.ok_at)
        wait_for(lambda: len(self.ok_at) > count, limit_s, what)
        return time.monotonic() - start


def unsettled(world):
    return world.sql("SELECT count(*) FROM show.payments WHERE state IN ('started', 'unknown')")[0][0]


def wait_due(world):
    """Until settling takes up every payment that is open now: the stacks settle what is older than a second."""
    wait_for(lambda: world.sql("SELECT count(*) FROM show.payments WHERE state IN ('started', 'unknown') "
                               "AND started_at > now() - interval '1.1 s'") == [(0,)], 5, 'payments are old enough')


def run_again(stack, world):
    """Starts what does not run, settles what was left behind, and holds the invariants against it."""
    for service in stack.wanted:
        if stack.pid(service) is None:
            stack.start(service)
    stack.wait_ready()
    wait_due(world)

    def settle():
        stack.run('boxoffice-settle-payments')
        return unsettled(world) == 0
    wait_for(settle, 20, 'every payment is settled')
    stack.run('boxoffice-release-holds')
    audit(stack)


def audit(stack):
    found = stack.run('boxofficectl', 'audit', check=False)
    assert found.returncode == 0, found.stdout + found.stderr

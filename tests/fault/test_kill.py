"""The booking worker is killed at every connect, send, receive and write of a request.

A newborn worker serves one request, so that its calls include those that open the connection to the
database. Every point has its own show and user. When all kills are done, one round of settling and one
sweep must leave exactly the state that was answered."""
import os
import signal

import pytest

import strace
from load import audit, unsettled, wait_due
from purchase import ROUTES, note, prepare

POINTS_MIN = 50
IS_WHOLE = bool(os.environ.get('WHOLE'))


def newborn(stack, old=None):
    """A worker that has served nobody yet."""
    if old is None:
        old = strace.worker_of(stack, 'booking')
        os.kill(old, signal.SIGKILL)
    return strace.worker_of(stack, 'booking', not_pid=old)


class Batch:
    """All kills, then what they left: before and after settling."""

    def __init__(self, stack, world, out):
        self.stack, self.world, self.out = stack, world, f'{out}/strace'
        self.killed = {route: [] for route in ROUTES}     # subjects
        self.spared = []                                  # subjects whose worker lived on
        self.points = {}
        for route in ROUTES:
            self.kill_each(route)
        subjects = [subject for route in self.killed.values() for subject in route] + self.spared
        self.subjects = subjects
        self.halves = [subject for subject in subjects if subject.state() == 'half']
        self.unsettled = unsettled(world)
        wait_due(world)
        stack.run('boxoffice-settle-payments')
        stack.run('boxoffice-release-holds')

    def kill_each(self, route):
        subject = prepare(self.world, route)
        points = strace.points_of(newborn(self.stack), self.out, subject.ask, IS_WHOLE)
        self.spared.append(subject)
        self.points[route] = points
        subjects = [prepare(self.world, route) for _ in points]
        worker = newborn(self.stack)
        for subject, (call, number, peer) in zip(subjects, points):
            subject.where = f'killed at {call} {number} ({peer})'
            if strace.kill_at(worker, self.out, call, number, subject.ask):
                self.killed[route].append(subject)
                worker = newborn(self.stack, old=worker)
            else:
                self.spared.append(subject)
                worker = newborn(self.stack)


@pytest.fixture(scope='module')
def batch(stack, world):
    reason = strace.why_not(stack)
    if reason:
        pytest.skip(reason)
    return Batch(stack, world, os.environ['OUT'])


@pytest.mark.parametrize('route', ROUTES)
def test_every_point_is_reached(batch, route):
    """And printed: what is killed where."""
    killed = {subject.where for subject in batch.killed[route]}
    reached = [point for point in batch.points[route] if f'killed at {point[0]} {point[1]} ({point[2]})' in killed]
    note(f'kill points of {route}: {len(reached)}: ' + strace.summary(reached))
    assert len(reached) >= len(batch.points[route]) - 1, (batch.points[route], killed)


def test_there_are_fifty_kills(batch):
    count = sum(len(subjects) for subjects in batch.killed.values())
    note(f'kill points in all: {count}')
    assert count >= POINTS_MIN


def test_before_settling_the_check_sees_halves(batch):
    """A check that finds nothing must have been able to: payments and refunds stood half done, and a
    state that does not fit the answer is called a breach."""
    assert batch.unsettled > 0
    assert {'pay', 'cancel'} <= {subject.route for subject in batch.halves}, batch.halves
    subject = next(subject for subject in batch.killed['hold'] if subject.state() == 'absent')
    answer = subject.answer
    try:
        subject.answer = next(spared.answer for spared in batch.spared if spared.answer.status == 201)
        assert 'acknowledged, but absent' in subject.breach()
    finally:
        subject.answer = answer


@pytest.mark.parametrize('route', ROUTES)
def test_what_was_answered_is_there_and_nothing_else(batch, route):
    breaches = [breach for subject in batch.subjects if subject.route == route and (breach := subject.breach())]
    assert not breaches, '\n'.join(breaches)


def test_both_ends_are_among_them(batch):
    """Acknowledged and refused requests were killed too, and unknown ones came out both ways."""
    killed = [subject for subjects in batch.killed.values() for subject in subjects]
    statuses = {subject.answer.status for subject in killed}
    assert statuses & {200, 201} and 402 in statuses and statuses & {502, 503}, statuses
    assert {subject.state() for subject in killed if subject.answer.status >= 500} == {'absent', 'whole'}


def test_nothing_is_left_to_settle_and_the_audit_is_clean(batch, stack, world):
    assert unsettled(world) == 0
    audit(stack)


@pytest.mark.parametrize('route', ROUTES)
def test_asked_again_each_has_one_effect(batch, stack, route):
    """The same request under the same key: done once, whatever became of it the first time."""
    for subject in batch.killed[route]:
        before = subject.state()
        answer = subject.again()
        if route == 'poor':
            assert (answer.status, answer.code) == (402, 'insufficient_balance'), subject
            assert subject.state() == 'absent', subject
            continue
        assert answer.status in (200, 201), (before, answer, subject)
        assert subject.state() == 'whole', (before, subject)
        if subject.answer.status < 300:
            assert subject.answer.json() == answer.json()
    audit(stack)

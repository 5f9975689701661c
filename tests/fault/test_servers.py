"""PostgreSQL stopped the hard way while people buy, and started again."""
import copy
import os
import signal

import pytest

from load import run_again
from proc import children_of, send
from purchase import Buyers
from wait import wait_for

ROUNDS = 8 if os.environ.get('WHOLE') else 4
EACH = 15                       # purchases a round


@pytest.fixture
def many(stack):
    """More than one purchase at a time."""
    before = copy.deepcopy(stack.config)
    stack.restart('boxofficed', {'pool booking': {'workers': 4}})
    yield
    stack.config = before
    stack.restart('boxofficed')
    stack.wait_ready()


def immediate_stop(postmaster):
    os.kill(postmaster, signal.SIGQUIT)


def kill_all(postmaster):
    send([*children_of(postmaster), postmaster], signal.SIGKILL)


@pytest.mark.parametrize('how', [immediate_stop, kill_all])
def test_database_gone_under_load_loses_no_answer(stack, world, many, how):
    buyers = Buyers(world, EACH * (ROUNDS // 2 + 1))
    buyers.start()
    for number in range(1, ROUNDS // 2 + 1):
        # A worker that could not connect does not try for a moment, and may say so once more.
        wait_for(lambda: buyers.go_on() or len(buyers.walked) >= EACH * number - 8, 20, 'people buy')
        how(stack.pid('postgresql'))
        wait_for(lambda: stack.pid('postgresql') is None, 10, 'it is gone')
        wait_for(lambda: not buyers.open.is_set(), 10, 'somebody has noticed')
        stack.start('postgresql')
        stack.wait_ready()
        buyers.go_on()
    buyers.finish()
    run_again(stack, world)
    assert {subject.answer.status for subject in buyers.walked} <= {200, 201, 502, 503, 504}
    assert sum(subject.answer.status < 300 for subject in buyers.walked) >= EACH
    buyers.check(f'{how.__name__} of PostgreSQL, {ROUNDS // 2} times')
    run_again(stack, world)

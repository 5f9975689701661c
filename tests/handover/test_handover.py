"""What a sysadmin does to a running system loses no request: sent = answered, and every answer is the right one."""
import os
import shutil
import signal
import subprocess
import threading

import pytest

from buyers import Buyers
from conftest import BACKLOG
from proc import children_of, is_live, listening
from wait import wait_for

TIMES = int(os.environ.get('BOXOFFICE_TIMES', '10'))


class Queues:
    """The longest queue of each socket, looked at ten times a second."""

    def __init__(self, unit):
        self.paths = unit.sockets.paths
        self.longest = dict.fromkeys(self.paths, 0)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def look(self):
        while not self.over.wait(0.1):
            table = subprocess.run(['ss', '-lxnH'], capture_output=True, text=True).stdout
            for line in table.splitlines():
                fields = line.split()
                if len(fields) > 4 and fields[4] in self.longest:
                    self.longest[fields[4]] = max(self.longest[fields[4]], int(fields[2]))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *problem):
        self.over.set()
        self.thread.join()


def restart(stack, unit):
    unit.end(signal.SIGTERM)
    unit.start()


def upgrade(stack, unit):
    """Another file, at another path."""
    path = f'{stack.state}/boxofficed-{len(unit.programs)}'
    shutil.copy(unit.programs[0], path)
    unit.programs.append(path)
    restart(stack, unit)


def reload_by(unit, count):
    """As ExecReload does, and until systemd is told that it is over."""
    asked = [unit.stack.launch('boxofficed', '--reload', stdout=subprocess.DEVNULL) for _ in range(count)]
    assert [each.wait(20) for each in asked] == [0] * count
    unit.wait_told('READY')
    unit.forget_told()


def reload(stack, unit):
    old = children_of(unit.process.pid)
    reload_by(unit, 1)
    wait_for(lambda: not any(map(is_live, old)), 12, 'the old workers to go')


def reload_twice(stack, unit):
    reload_by(unit, 2)


def kill(stack, unit):
    unit.end(signal.SIGKILL)
    unit.start()


def kill_and_start_at_once(stack, unit):
    """Nobody tells the workers, which notice by themselves, while the next master is there already."""
    old = children_of(unit.process.pid)
    unit.process.kill()
    unit.process.wait()
    unit.forget_told()
    unit.start()
    wait_for(lambda: not any(map(is_live, old)), 12, 'the old workers to go')


def nginx_reload(stack, unit):
    old = children_of(stack.pid('nginx'))
    os.kill(stack.pid('nginx'), signal.SIGHUP)
    wait_for(lambda: not any(map(is_live, old)), 20, 'the old workers of nginx to go')


def paid_orders(world):
    return {str(row[0]) for row in world.sql("SELECT order_id FROM show.orders WHERE state = 'paid'")}


def check(world, buyers):
    assert not buyers.wrong, buyers.wrong[:5]
    assert next(buyers.sent) == buyers.answered
    assert paid_orders(world) >= set(buyers.paid)


@pytest.mark.parametrize('act', [restart, upgrade, reload, reload_twice, kill, kill_and_start_at_once, nginx_reload],
                         ids=lambda act: act.__name__.replace('_', ' '))
def test_no_request_is_lost(stack, world, unit, act):
    paths = unit.sockets.paths
    before = [(os.stat(path).st_ino, listening(path)) for path in paths]
    known = paid_orders(world)
    with Queues(unit) as queues, Buyers(world) as buyers:
        for _ in range(TIMES):
            act(stack, unit)
            buyers.wait_more(50)
    check(world, buyers)
    assert paid_orders(world) - known == set(buyers.paid)
    assert [(os.stat(path).st_ino, listening(path)) for path in paths] == before
    longest = max(queues.longest.values())
    assert longest < BACKLOG
    with open(f'{os.environ["OUT"]}/notes', 'a') as notes:
        notes.write(f'{TIMES} x {act.__name__.replace("_", " ")}: {buyers.answered} requests, none lost; longest queue {longest}, '
                    f'slowest answer {buyers.slowest_s * 1000:.0f} ms\n')


def test_without_a_database_the_answer_is_right_or_503(stack, world, unit):
    known = paid_orders(world)
    with Buyers(world, asks_again=True) as buyers:
        for _ in range(TIMES):
            stack.stop('postgresql')
            stack.start('postgresql')
            buyers.wait_more(100)

        def settle():
            stack.run('boxoffice-settle-payments')
            return buyers.is_over()
        wait_for(settle, 30, 'every buyer to have an answer')
    check(world, buyers)
    assert paid_orders(world) - known == set(buyers.paid), 'asked again, nobody buys twice'
    refused = {status: sum(count for (_, found), count in buyers.answers.items() if found == status)
               for status in (503, 409)}
    with open(f'{os.environ["OUT"]}/notes', 'a') as notes:
        notes.write(f'{TIMES} x restart of PostgreSQL: {buyers.answered} requests, {refused[503]} answered 503 and asked again, '
                    f'{refused[409]} times while a payment had to be settled\n')

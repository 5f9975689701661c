"""No seat is ever sold twice, however many buyers want it at the same moment. And without the guards the
same race would sell seats twice."""
import os

import pytest

from burst import burst
from buyers import Race
from client import Client
from guardlist import Sources
from stack import Stack
from world import World

USERS = 1000
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def layout(capacity):
    return [{'name': 'all', 'grade': 'S', 'rows': capacity // 10, 'seats_per_row': 10}]


def make_race(stack, world, capacity, user_count=USERS):
    show = world.show(hall_id=world.hall(layout(capacity))['id'], prices={'S': 1000})
    users = world.users(user_count, balance=10000)

    def left():
        return [no for no, in world.sql("SELECT seat_no FROM show.seats WHERE show_id = %s AND state = 'available'",
                                        show['id'])]
    return show, Race(stack.port, show['id'], capacity, [user.token for user in users], left)


@pytest.fixture(scope='module')
def guarded():
    with Stack(f'{os.environ["OUT"]}/guarded', os.environ['BUILD']) as stack:
        yield stack, World(stack, Client(stack.port))


@pytest.mark.parametrize('capacity', [100, 1000])
def test_a_thousand_buyers_never_share_a_seat(guarded, capacity):
    stack, world = guarded
    show, race = make_race(stack, world, capacity)
    race.run()
    print(f'{race.seconds:.1f} s', dict(race.counts))
    assert not race.strange, race.strange[:5]
    assert Race.twice(race.holds.values()) == []
    assert Race.twice(race.paid.values()) == []
    # Everything is sold, to those who were told so, and nobody paid for anything else.
    assert sorted(seat for seats in race.paid.values() for seat in seats) == list(range(capacity))
    assert world.sql("SELECT state::text, count(*) FROM show.seats WHERE show_id = %s GROUP BY 1", show['id']) == \
        [('sold', capacity)]
    tickets = world.sql("SELECT order_id::text, array_agg(seat_no ORDER BY seat_no) FROM show.tickets "
                        "WHERE show_id = %s AND state <> 'void' GROUP BY 1", show['id'])
    assert dict(tickets) == race.paid
    money = world.sql("SELECT -sum(amount) FROM account.ledger WHERE account = 'wallet' AND kind = 'use' "
                      "AND show_id = %s", show['id'])
    assert money == [(1000 * capacity,)]
    assert race.counts[('hold', 409, 'seats_taken')] > capacity, 'there was a race'
    audit = stack.run('boxofficectl', 'audit', check=False)
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_two_hundred_who_want_the_best_seats_get_different_ones(guarded):
    stack, world = guarded
    show = world.show(hall_id=world.hall(layout(1000))['id'], prices={'S': 1000})
    path = f'/api/shows/{show["id"]}/holds'
    answers = burst(stack.port, [(user.token, path, {'best': {'count': 2}}) for user in world.users(200)])
    holds = [hold for status, hold, _ in answers if status == 201]
    assert {(status, document['code']) for status, document, _ in answers if status != 201} <= {(409, 'seats_taken')}
    assert len(holds) >= 180
    pairs = [[seat['no'] for seat in hold['seats']] for hold in holds]
    assert Race.twice(pairs) == []
    # Beside each other, in the rows nearest the stage: 200 pairs are 40 rows of ten, and some are passed by.
    assert all(b == a + 1 and a // 10 == b // 10 for a, b in pairs)
    assert max(b for _, b in pairs) < 500


@pytest.mark.parametrize('callers, counts', [(20, [90]), (200, [2, 3, 4, 5, 6])])
def test_of_many_who_want_the_best_at_once_nearly_all_get_some(guarded, callers, counts):
    """In a hall of ten times as many seats as they want, where no row has ninety."""
    stack, world = guarded
    show = world.show(hall_id=world.hall(layout(20000))['id'], prices={'S': 1000}, max_seats_per_user=100)
    path = f'/api/shows/{show["id"]}/holds'
    answers = burst(stack.port, [(user.token, path, {'best': {'count': counts[n % len(counts)]}})
                                 for n, user in enumerate(world.users(callers))])
    holds = [[seat['no'] for seat in hold['seats']] for status, hold, _ in answers if status == 201]
    print(f'{len(holds)} of {callers}, the farthest seat is {max(map(max, holds))}')
    assert {(status, document['code']) for status, document, _ in answers if status != 201} <= {(409, 'seats_taken')}
    assert len(holds) >= 0.9 * callers
    assert Race.twice(holds) == []
    assert max(map(max, holds)) < 10000


# --- the control

# Every guard of a seat, as the functions mark it (tests/lib/markers.py). The plain look at the seats' state before
# they are taken stays: without a guard that is what everybody would write.
GUARDS = {
    'show.hold_take': ("seats' locks", 'free in the UPDATE', 'row count'),
    'show.payment_begin': ("seats' locks", 'own seats', 'row count'),
    'show.order_confirm': ("seats' locks", 'own seats in the UPDATE', 'held in the UPDATE', 'row count', 'lost seats'),
}


def remove_guards(world):
    sources = Sources(TOP)
    for function, guards in GUARDS.items():
        _, text = sources.without(function, [(guard, None) for guard in guards])
        world.sql(text)
    world.sql('DROP INDEX show.tickets_seat_live')


def test_without_the_guards_the_same_race_sells_seats_twice():
    """Otherwise the race above would prove nothing."""
    services = ('postgresql', 'boxofficed', 'nginx')
    with Stack(f'{os.environ["OUT"]}/unguarded', os.environ['BUILD'], services=services) as stack:
        world = World(stack, Client(stack.port))
        remove_guards(world)
        oversold = tickets = 0
        for _ in range(3):
            show, race = make_race(stack, world, 100)
            race.run()
            print(f'{race.seconds:.1f} s', dict(race.counts))
            oversold += len(Race.twice(race.holds.values()))
            tickets += world.sql("SELECT count(*) FROM (SELECT FROM show.tickets WHERE show_id = %s "
                                 "GROUP BY seat_no HAVING count(*) > 1) AS s", show['id'])[0][0]
            if oversold and tickets:
                return
        raise AssertionError(f'seats held twice: {oversold}, sold twice: {tickets}: this is no race')

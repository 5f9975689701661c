"""What the clock does to seats and shows between requests, and the jobs that record it."""
import contextlib
import time

import pytest

from client import new_key
from test_booking import take
from wait import wait_for
from world import CAPACITY, rfc3339, unix


def open_close(stack):
    return stack.run('boxoffice-open-close-shows')


@contextlib.contextmanager
def at_work(stack, *job):
    """A job that goes round until it is told to end, which it does well."""
    with stack.launch(*job) as process:
        yield
        process.terminate()
    assert process.returncode == 0


def left(world, show):
    return world.done(world.client.get(f'/api/shows/{show["id"]}'), 200)['seats_left']


def test_an_expired_hold_is_back_in_seats_left_within_ten_seconds(world, stack, buyer):
    """With the relay running and the sweep as its line in the crontab has it."""
    show = world.show(hold_seconds=5)  # long enough to see them gone
    with at_work(stack, 'boxoffice-release-holds', '--for', '18', '--every', '3'):
        hold = world.hold(buyer, show, [0, 1, 2])
        wait_for(lambda: left(world, show) == CAPACITY - 3, 4, 'they are gone')
        wait_for(lambda: left(world, show) == CAPACITY, unix(hold['expires_at']) + 10 - time.time(), 'they are back')


@pytest.mark.parametrize('has_at', [True, False])
def test_seats_of_a_show_with_re_release_come_back_by_its_schedule(api, world, stack, buyer, other, has_at):
    """Expired and cancelled ones; until then they show as blocked and nobody can have them."""
    # Without `at` the moments count from the opening of sales, so long ago that the next is the first after now.
    now = int(time.time())
    moment = now + 9
    show = world.show(hold_seconds=1, rerelease={'every_s': 3600, 'at': rfc3339(moment) if has_at else None},
                      **{} if has_at else {'sales_open_at': rfc3339(moment - 7200)})
    world.hold(buyer, show, [0, 1])
    cancelled = world.buy(buyer, show, [2])
    assert api.post(f'/api/shows/{show["id"]}/orders/{cancelled["id"]}/cancel', token=buyer.token,
                    key=new_key()).json()['state'] == 'refunded'
    wait_for(lambda: world.seats(show)[:4] == [3, 3, 3, 0], 4, 'they rest')
    for program in ('boxoffice-open-close-shows', 'boxoffice-release-holds', 'boxoffice-open-close-shows'):
        assert take(api, other, show, [1]).code == 'seats_taken'
        stack.run(program)
    best = api.post(f'/api/shows/{show["id"]}/holds', {'best': {'count': 1, 'grade': 'VIP'}}, token=other.token)
    assert best.json()['seats'][0]['no'] == 3
    wait_for(lambda: world.seats(show)[:4] == [3, 3, 3, 3], 4, 'this one rests too')
    wait_for(lambda: left(world, show) == CAPACITY - 4, 4, 'they are not counted')
    assert time.time() < moment, 'this was too slow to see anything'

    def back():
        open_close(stack)
        return world.seats(show)[:4] == [0, 0, 0, 0]
    wait_for(back, moment + 4 - time.time(), 'they come back')
    assert time.time() >= moment
    wait_for(lambda: left(world, show) == CAPACITY, 4, 'they are counted')
    assert take(api, other, show, [0, 1, 2]).status == 201
    moved = world.sql("SELECT payload -> 'seats' FROM log.event_log WHERE home = 'show' AND entity = %s AND kind = %s",
                      str(show['id']), 'seats.rereleased')
    assert [(seat['no'], seat['state']) for row in moved for seat in row[0]] == [(no, 'available') for no in range(4)]


def test_a_batch_goes_round_every_second(world, stack, buyer, other, api):
    show = world.show(hold_seconds=1, rerelease={'every_s': 2})
    world.hold(buyer, show, [0])
    with at_work(stack, 'boxoffice-open-close-shows', '--for', '6', '--every', '1'):
        wait_for(lambda: world.seats(show)[0] == 1, 3, 'it is held')
        wait_for(lambda: take(api, other, show, [0]).status == 201, 5, 'it is for sale again')


def test_a_show_opens_and_closes_with_one_event_each(world, stack, background):
    show = world.show()
    for job in [background(lambda: open_close(stack)) for _ in range(3)]:
        job.result()
    open_close(stack)
    kinds = "SELECT kind FROM log.event_log WHERE home = 'show' AND entity = %s AND kind LIKE 'show.%%' ORDER BY id"
    assert world.sql(kinds, str(show['id'])) == [('show.published',), ('show.opened',)]
    world.sql("UPDATE show.shows SET sales_close_at = now() WHERE show_id = %s", show['id'])
    open_close(stack)
    assert world.sql(kinds, str(show['id']))[2:] == [('show.closed',)]

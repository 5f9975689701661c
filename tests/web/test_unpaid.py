"""Seats that somebody keeps without paying: they rest for this buyer, and for nobody else."""
import re
import time

import pytest

from wait import wait_for
from world import unix

REST_S = 30
TILL = '127.0.0.5'  # conftest.py


def take(api, user, show, body):
    return api.post(f'/api/shows/{show["id"]}/holds', body, token=user.token)


def pass_time(world, hold, seconds):
    """Everything of the hold happened so many seconds earlier."""
    world.sql("""UPDATE show.holds SET (taken_at, expires_at, last_until, ended_at) = (taken_at - d, expires_at - d, last_until - d, ended_at - d)
        FROM make_interval(secs => %s) AS d WHERE hold_id = %s""", seconds, hold['id'])
    world.sql('UPDATE show.seats SET held_until = held_until - make_interval(secs => %s) WHERE hold_id = %s', seconds, hold['id'])


def keep(world, user, show, seats, seconds):
    """The hold was taken so long ago and has just ended."""
    hold = world.hold(user, show, seats)
    world.sql("UPDATE show.holds SET taken_at = taken_at - make_interval(secs => %s), expires_at = clock_timestamp() WHERE hold_id = %s",
              seconds, hold['id'])
    world.sql('UPDATE show.seats SET held_until = clock_timestamp() WHERE hold_id = %s', hold['id'])
    return hold


def metric(api, name):
    return int(re.search(rf'^boxoffice_{name}_total (\d+)$', api.get('/metrics').body.decode(), re.M)[1])


@pytest.mark.parametrize('is_swept', [False, True])
def test_a_seat_kept_for_three_times_the_hold_rests_for_its_buyer(api, world, stack, show, buyer, other, is_swept):
    hold = keep(world, buyer, show, [0, 1], 900)
    if is_swept:
        stack.run('boxoffice-release-holds')
    before = metric(api, 'holds_rested')
    answer = take(api, buyer, show, {'seats': [1, 2]})
    assert (answer.status, answer.code, answer.json()['seats']) == (409, 'seats_taken', [1])
    assert 0 < unix(answer.json()['again_at']) - time.time() <= REST_S + 1
    wait_for(lambda: metric(api, 'holds_rested') == before + 1, 2, 'it is counted')
    # Others get it, the best seats are others, and a till buys for many.
    assert take(api, buyer, show, {'best': {'count': 2}}).status == 201
    till = take(api.at(TILL), buyer, show, {'seats': [1]})
    assert till.status == 201
    assert take(api, other, show, {'seats': [0]}).status == 201
    assert 'again_at' not in take(api, other, show, {'seats': [1]}).json()
    # It has rested.
    assert api.delete(f'/api/shows/{show["id"]}/holds/{till.json()["id"]}', token=buyer.token).status == 204
    for rested in (hold, till.json()):
        pass_time(world, rested, REST_S + 1)
    assert take(api, buyer, show, {'seats': [1]}).status == 201


def test_a_refusal_names_what_rests_and_what_others_have(api, world, show, buyer, other):
    keep(world, buyer, show, [0, 1], 900)
    world.hold(other, show, [2, 3])
    answer = take(api, buyer, show, {'seats': [1, 2, 4]})
    assert (answer.code, answer.json()['seats']) == ('seats_taken', [1, 2]) and 'again_at' in answer.json()
    answer = take(api, buyer, show, {'seats': [2, 4]})
    assert (answer.code, answer.json()['seats']) == ('seats_taken', [2]) and 'again_at' not in answer.json(), 'none of these rests'
    mine = world.hold(buyer, show, [4, 5])
    answer = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0, 3, 4, 6], 'replaces': mine['id']}, token=buyer.token)
    assert answer.json()['seats'] == [0, 3] and 'again_at' in answer.json(), 'what a swap gives back is not taken'


def test_the_best_seats_tell_when_the_last_free_ones_have_rested(api, world, buyer, other):
    seats = [{'name': 'S', 'grade': 'S', 'rows': [{'name': '1', 'seats': [{'label': str(n)} for n in range(6)]}]}]
    show = world.show(hall_id=world.hall(seats)['id'], prices={'S': 1000}, max_seats_per_user=6)
    keep(world, buyer, show, [0, 1, 2], 900)
    world.hold(other, show, [3])
    assert take(api, buyer, show, {'best': {'count': 2}}).status == 201, 'while others are free'
    answer = take(api, buyer, show, {'best': {'count': 2}})
    assert (answer.status, answer.code) == (409, 'seats_taken') and set(answer.json()['seats']) <= {0, 1, 2, 3}
    assert 0 < unix(answer.json()['again_at']) - time.time() <= REST_S + 1
    assert 'again_at' not in take(api, buyer, show, {'best': {'count': 4}}).json(), 'not so many are free at all'


def test_holds_that_follow_each_other_are_added_up(api, world, show, buyer):
    for _ in range(2):
        keep(world, buyer, show, [0], 300)
    last = world.hold(buyer, show, [0])
    left_s = world.sql('SELECT extract(epoch FROM last_until - taken_at)::float FROM show.holds WHERE hold_id = %s', last['id'])[0][0]
    assert 295 < left_s <= 300, 'what is left of three times'
    assert take(api, buyer, show, {'seats': [0]}).status == 200, 'one\'s own live hold comes first'
    world.sql('UPDATE show.holds SET taken_at = taken_at - make_interval(secs => 300), expires_at = clock_timestamp() WHERE hold_id = %s',
              last['id'])
    world.sql('UPDATE show.seats SET held_until = clock_timestamp() WHERE hold_id = %s', last['id'])
    assert take(api, buyer, show, {'seats': [0]}).code == 'seats_taken'


def test_a_pause_begins_anew(api, world, show, buyer):
    for _ in range(4):
        pass_time(world, keep(world, buyer, show, [0], 300), REST_S + 1)
    assert take(api, buyer, show, {'seats': [0]}).status == 201


def test_at_the_speed_of_the_clock(api, world, buyer):
    show = world.show(hold_seconds=1)
    began = time.monotonic()

    def try_again():
        answer = take(api, buyer, show, {'seats': [0]})
        assert answer.status in (200, 201) or answer.code == 'seats_taken'
        return answer if answer.status == 409 else None
    answer = wait_for(try_again, 8, 'it rests')
    assert 2.9 < time.monotonic() - began < 5
    assert 25 < unix(answer.json()['again_at']) - time.time() <= REST_S + 1


def give_back(api, user, order):
    path = f'/api/shows/{order["show_id"]}/orders/{order["id"]}/cancel'
    assert api.post(path, token=user.token, key=order['id']).json()['state'] == 'refunded'


def test_a_seat_that_was_paid_for_long_is_taken_again_at_once(api, world, show, buyer):
    order = world.buy(buyer, show, [0])
    pass_time(world, {'id': order['hold_id']}, 3600)
    give_back(api, buyer, order)
    assert take(api, buyer, show, {'seats': [0]}).status == 201


def test_money_that_comes_back_buys_no_time(api, world, show, buyer):
    """Paid and cancelled just before the end of each hold."""
    for left in (900, 600, 300):
        hold = world.hold(buyer, show, [0])
        left_s = world.sql('SELECT extract(epoch FROM last_until - taken_at)::float FROM show.holds WHERE hold_id = %s', hold['id'])[0][0]
        assert left - 5 < left_s <= left
        world.charge(buyer, 100000)
        order = world.order(buyer, hold)
        assert world.try_pay(buyer, order).status == 200
        world.sql("UPDATE show.holds SET taken_at = taken_at - interval '300 seconds' WHERE hold_id = %s", hold['id'])
        give_back(api, buyer, order)
    answer = take(api, buyer, show, {'seats': [0]})
    assert answer.code == 'seats_taken' and answer.json()['seats'] == [0]
    assert 0 < unix(answer.json()['again_at']) - time.time() <= REST_S + 1


def test_unpaid_holds_of_an_account_in_a_show_have_a_wide_cap(api, world, show, buyer, other):
    hold = world.hold(buyer, show, [0])
    assert api.delete(f'/api/shows/{show["id"]}/holds/{hold["id"]}', token=buyer.token).status == 204
    world.sql("""INSERT INTO show.holds (show_id, hold_id, user_id, buyer_key, state, seat_nos, items, amount, currency, taken_at, expires_at, last_until, ended_at)
        SELECT show_id, gen_random_uuid(), user_id, buyer_key, state, seat_nos, items, amount, currency, taken_at, expires_at, last_until,
            ended_at - interval '10 minutes' FROM show.holds, generate_series(1, 999) WHERE hold_id = %s""", hold['id'])
    before = metric(api, 'holds_limited')
    answer = take(api, buyer, show, {'seats': [5]})
    assert (answer.status, answer.code) == (429, 'rate_limited')
    assert 2900 < int(answer.headers['retry-after']) <= 3000, 'until the oldest is an hour old'
    wait_for(lambda: metric(api, 'holds_limited') == before + 1, 2, 'it is counted')
    assert take(api, other, show, {'seats': [5]}).status == 201
    assert take(api.at(TILL), buyer, show, {'seats': [6]}).status == 201
    # What one has already comes before the cap, as does what it allows at all.
    assert take(api, buyer, show, {'seats': [6]}).status == 200
    assert take(api, buyer, show, {'seats': [1, 2, 3, 4]}).code == 'seat_limit'
    world.sql("DELETE FROM show.holds WHERE show_id = %s AND user_id = %s AND isfinite(ended_at)", show['id'], buyer.id)

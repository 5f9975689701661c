"""Seats that staff take off sale and put back."""
import pytest

from wait import wait_for
from world import CAPACITY


def block(api, world, show, seats, reason='a camera', method='POST'):
    return api.request(method, f'/api/admin/shows/{show["id"]}/blocks', {'seats': seats, 'reason': reason},
                       token=world.admin.token)


def unblock(api, world, show, seats, reason='it is gone'):
    return block(api, world, show, seats, reason, 'DELETE')


def blocked(api, world, show, query=''):
    return api.get(f'/api/admin/shows/{show["id"]}/blocks{query}', token=world.admin.token).json()


def hold(api, user, show, seats):
    return api.post(f'/api/shows/{show["id"]}/holds', {'seats': seats}, token=user.token)


def versions(world, show, seats):
    return [row[0] for row in world.sql('SELECT version FROM show.seats WHERE show_id = %s AND seat_no = ANY (%s) ORDER BY seat_no',
                                        show['id'], seats)]


def test_a_blocked_seat_is_off_sale_until_it_is_put_back(api, world, show, buyer):
    answer = block(api, world, show, [5, 2])
    assert (answer.status, answer.json()) == (201, {'show_id': show['id'], 'seats': [2, 5], 'changed': [2, 5]})
    refused = hold(api, buyer, show, [2, 3])
    assert (refused.code, refused.json()['seats']) == ('seats_taken', [2])
    wait_for(lambda: [no for no, state in enumerate(world.seats(show)) if state == 3] == [2, 5], 3, 'the map shows it')
    wait_for(lambda: api.get(f'/api/shows/{show["id"]}').json()['seats_left'] == CAPACITY - 2, 4, 'lists do')
    answer = unblock(api, world, show, [2, 5])
    assert (answer.status, answer.json()) == (200, {'show_id': show['id'], 'seats': [2, 5], 'changed': [2, 5]})
    assert hold(api, buyer, show, [2, 3]).status == 201
    wait_for(lambda: world.seats(show)[2:6] == [1, 1, 0, 0], 3, 'the map shows it')


def test_why_seats_are_blocked_can_be_read(api, world, show):
    world.block(show, [7, 1], 'broken')
    world.block(show, [4], 'a camera')
    rows = blocked(api, world, show)['items']
    assert [(row['seat'], row['label'], row['section'], row['row'], row['reason'], row['blocked_by']) for row in rows] == [
        (1, 'A-2', 'floor', 'A', 'broken', world.admin.id), (4, 'A-1', 'stalls', 'A', 'a camera', world.admin.id),
        (7, 'A-4', 'stalls', 'A', 'broken', world.admin.id)]
    first = blocked(api, world, show, '?limit=2')
    rest = blocked(api, world, show, f'?limit=2&cursor={first["next_cursor"]}')
    assert [row['seat'] for row in first['items'] + rest['items']] == [1, 4, 7] and rest['next_cursor'] is None
    unblock(api, world, show, [1, 4, 7])
    assert blocked(api, world, show) == {'items': [], 'next_cursor': None}


def test_blocking_again_changes_the_reason_alone(api, world, show):
    world.block(show, [1], 'broken')
    answer = block(api, world, show, [1, 2], 'repaired on Monday')
    assert (answer.status, answer.json()['changed']) == (201, [2])
    assert [row['reason'] for row in blocked(api, world, show)['items']] == ['repaired on Monday'] * 2
    assert versions(world, show, [1, 2]) == [1, 1]
    assert unblock(api, world, show, [1, 2]).json()['changed'] == [1, 2]
    again = unblock(api, world, show, [1, 2])
    assert (again.status, again.json()['changed']) == (200, [])
    assert versions(world, show, [1, 2]) == [2, 2]


@pytest.mark.parametrize('send', [block, unblock])
def test_seats_that_somebody_has_are_refused_and_named(api, world, show, buyer, send):
    world.buy(buyer, show, [0])
    world.hold(buyer, show, [9])
    world.block(show, [4])
    before = versions(world, show, list(range(CAPACITY)))
    answer = send(api, world, show, [0, 4, 8, 9])
    assert (answer.status, answer.code, answer.json()['seats']) == (409, 'seats_taken', [0, 9])
    assert versions(world, show, list(range(CAPACITY))) == before
    assert [row['seat'] for row in blocked(api, world, show)['items']] == [4]


def test_an_expired_hold_gives_way_to_a_block(api, world, show, buyer):
    hold = world.hold(buyer, show, [3, 4])
    order = world.order(buyer, hold)
    for table, column in (('holds', 'expires_at'), ('seats', 'held_until')):
        world.sql(f"UPDATE show.{table} SET {column} = now() - interval '1 s' WHERE hold_id = %s", hold['id'])
    assert block(api, world, show, [3]).status == 201
    assert world.try_pay(buyer, order).code == 'hold_expired'
    world.stack.run('boxoffice-release-holds')
    wait_for(lambda: world.seats(show)[3:5] == [3, 0], 3, 'the sweep puts back the other seat alone')


def test_resting_seats_are_not_blocked(api, world, show):
    """Only the schedule puts them back; available and blocked pass into each other."""
    world.sql("UPDATE show.seats SET state = 'resting', version = version + 1 WHERE show_id = %s AND seat_no = 6", show['id'])
    assert block(api, world, show, [6]).json()['seats'] == [6]
    world.sql("UPDATE show.seats SET state = 'available', version = 0 WHERE show_id = %s AND seat_no = 6", show['id'])


@pytest.mark.parametrize('send', [block, unblock])
def test_seats_the_hall_does_not_have_are_named(api, world, show, send):
    answer = send(api, world, show, [CAPACITY + 1, 1, CAPACITY])
    assert answer.code == 'validation_failed'
    assert sorted(row['field'] for row in answer.json()['violations']) == ['seats[0]', 'seats[2]']


def test_five_hundred_seats_are_blocked_at_once_and_no_more(api, world, buyer):
    sections = [{'name': 'all', 'grade': 'S', 'rows': 20, 'seats_per_row': 30}]
    show = world.show(hall_id=world.hall(sections)['id'], prices={'S': 10})
    answer = block(api, world, show, list(range(501)))
    assert answer.json()['violations'][0]['field'] == 'seats'
    assert len(block(api, world, show, list(range(500))).json()['changed']) == 500
    assert hold(api, buyer, show, [499]).code == 'seats_taken'
    assert hold(api, buyer, show, [500]).status == 201


def test_a_seat_that_is_being_taken_is_waited_for(api, world, show, parked, background, waiting):
    """The lock of a buyer who is not done: 503 when he does not end, else the block decides after him."""
    with parked('SELECT pg_advisory_xact_lock(%s, 5)', show['id']):
        job = background(lambda: block(api, world, show, [5, 6]))
        waiting()
    assert job.result().status == 201
    with parked('SELECT pg_advisory_xact_lock(%s, 8)', show['id']):
        answer = block(api, world, show, [8, 9])
    assert (answer.status, answer.code) == (503, 'unavailable') and answer.headers['Retry-After']
    assert [row['seat'] for row in blocked(api, world, show)['items']] == [5, 6]


def test_a_draft_has_no_blocks(api, world, show):
    world.sql('UPDATE show.shows SET published_at = NULL WHERE show_id = %s', show['id'])
    try:
        assert block(api, world, show, [1]).code == 'not_found'
        assert api.get(f'/api/admin/shows/{show["id"]}/blocks', token=world.admin.token).code == 'not_found'
    finally:
        world.sql('UPDATE show.shows SET published_at = created_at WHERE show_id = %s', show['id'])

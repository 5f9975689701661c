"""The best seats, end to end. Which seats those are is a question for tests/unit/test_core_best.c."""
import pytest

from client import new_key

PRICES = {'S': 1000}


def best(api, user, show, count, key=None, **more):
    return api.post(f'/api/shows/{show["id"]}/holds', {'best': {'count': count, **more}}, token=user.token, key=key)


def numbers(answer):
    assert answer.status == 201, answer
    return [seat['no'] for seat in answer.json()['seats']]


def rows(*xs, y=1):
    """A section whose rows have seats at these places."""
    return {'name': f'y {y}', 'grade': 'S', 'rows': [
        {'name': str(n), 'seats': [{'label': f'{n}-{i}', 'x': x, 'y': y * (n + 1)} for i, x in enumerate(row)]} for n, row in enumerate(xs)]}


@pytest.fixture
def hall(world):
    def made(*sections, **changes):
        return world.show(hall_id=world.hall(list(sections))['id'], prices=PRICES, max_seats_per_user=100, **changes)
    return made


def test_best_seats_are_a_hold_by_one_call_to_the_database(api, world, show, buyer):
    best(api, world.user(), show, 2)  # reads the plan and the seats
    answer = best(api, buyer, show, 2)
    hold = answer.json()
    assert answer.status == 201 and answer.db_calls == 1
    assert [seat['grade'] for seat in hold['seats']] == ['VIP', 'VIP']
    assert hold['seats'][1]['no'] == hold['seats'][0]['no'] + 1 and hold['amount'] == 300000
    assert world.hold_get(buyer, hold) == hold


def test_the_stalls_come_before_the_gallery(api, hall, buyer):
    show = hall(rows(*[range(5)] * 10), rows(*[range(20)] * 5, y=-1))
    assert numbers(best(api, buyer, show, 4)) in ([0, 1, 2, 3], [1, 2, 3, 4])


def test_the_first_row_is_the_nearest_whatever_the_drawing_says(api, hall, buyer):
    assert set(numbers(best(api, buyer, hall(rows(*[range(4)] * 5, y=-20)), 2))) < {0, 1, 2, 3}


def test_a_seat_behind_an_aisle_is_not_side_by_side(api, hall, buyer):
    assert numbers(best(api, buyer, hall(rows([0, 1, 3], [0, 1, 2])), 3)) == [3, 4, 5]


def test_seats_are_found_whenever_enough_are_free(api, world, hall, buyer):
    show = hall(rows(range(5)))
    world.block(show, [1, 3])
    assert numbers(best(api, buyer, show, 3)) == [0, 2, 4]
    show = hall(rows(*[range(10)] * 20))
    world.block(show, [7 * n % 200 for n in range(51)])
    assert len(numbers(best(api, buyer, show, 30))) == 30
    assert (best(api, buyer, show, 100).status, len(numbers(best(api, buyer, show, 60)))) == (422, 60)


def test_a_row_with_every_second_seat_blocked_is_no_trouble(api, world, hall, buyer):
    show = hall(rows(range(2000)))
    for first in range(1, 2000, 1000):
        world.block(show, list(range(first, first + 1000, 2)))
    assert len(numbers(best(api, buyer, show, 100))) == 100


def test_best_seats_are_always_new_ones(api, world, hall, buyer):
    show = hall(rows(range(8)))
    seats = [numbers(best(api, buyer, show, 2)) for _ in range(4)]
    assert sorted(sum(seats, [])) == list(range(8))
    answer = best(api, buyer, show, 2)
    assert (answer.status, answer.json()['code']) == (409, 'not_enough_seats')


def test_the_same_key_finds_its_hold(api, world, hall, buyer):
    show, key = hall(rows(range(8))), new_key()
    first = best(api, buyer, show, 2, key=key)
    again = best(api, buyer, show, 2, key=key)
    assert (first.status, again.status) == (201, 200)
    assert (again.json()['id'], numbers(first)) == (first.json()['id'], [seat['no'] for seat in again.json()['seats']])
    answer = best(api, buyer, show, 3, key=key)
    assert (answer.status, answer.json()['code']) == (422, 'idempotency_mismatch')


def test_seats_given_back_are_found_at_once(api, world, hall, buyer):
    show, owner = hall(rows(range(4))), world.user()
    hold = world.hold(owner, show, [0, 1, 2, 3])
    assert best(api, buyer, show, 1).json()['code'] == 'not_enough_seats'  # and the cache says so for a while
    assert api.delete(f'/api/shows/{show["id"]}/holds/{hold["id"]}', token=owner.token).status == 204
    assert len(numbers(best(api, buyer, show, 2))) == 2


@pytest.mark.parametrize('left', [[298, 299], [299]])
def test_seats_that_are_gone_since_the_cached_read_are_passed_by(api, world, hall, buyer, left):
    show = hall(rows(*[range(10)] * 30))
    assert world.seats(show).count(0) == 300
    world.block(show, [seat for seat in range(300) if seat not in left])  # more than two calls can name
    assert numbers(best(api, buyer, show, 1))[0] in left


def test_after_three_calls_the_seats_are_taken(api, world, hall, buyer):
    show = hall(rows(range(6)))
    with world.parked('SELECT pg_advisory_xact_lock(%s, n) FROM generate_series(0, 5) AS n', show['id']):
        answer = best(api, buyer, show, 2)
    assert (answer.status, answer.json()['code']) == (409, 'seats_taken')
    assert answer.json()['seats'] and set(answer.json()['seats']) <= set(range(6))
    with world.parked('SELECT pg_advisory_xact_lock(%s, n) FROM generate_series(0, 3) AS n', show['id']):
        assert numbers(best(api, buyer, show, 2)) == [4, 5]


def test_a_layout_and_a_show_from_before_get_their_plans(api, world, hall, buyer):
    show = hall(rows([0, 1, 3], [0, 1, 2]))
    plans = 'SELECT d.plan, s.plan FROM directory.plans AS d, show.plans AS s WHERE d.layout_id = %s AND s.show_id = %s'
    ids = show['layout_id'], show['id']
    before = [tuple(map(bytes, row)) for row in world.sql(plans, *ids)]
    assert len(before) == 1 and before[0][0] == before[0][1]
    world.sql('DELETE FROM directory.plans WHERE layout_id = %s', show['layout_id'])
    world.sql('DELETE FROM show.plans WHERE show_id = %s', show['id'])
    assert numbers(best(api, buyer, show, 3)) == [3, 4, 5]
    assert [tuple(map(bytes, row)) for row in world.sql(plans, *ids)] == before


def test_best_seats_of_a_grade(api, show, buyer):
    assert {seat['grade'] for seat in best(api, buyer, show, 2, grade='S').json()['seats']} == {'S'}


def test_refusals(api, show, buyer):
    limit = show['max_seats_per_user']
    answer = best(api, buyer, show, 1, grade='none')
    assert (answer.status, answer.json()['code']) == (422, 'validation_failed')
    assert answer.json()['violations'] == [{'field': 'best.grade', 'message': 'is no grade of this show'}]
    answer = best(api, buyer, show, limit + 1)
    assert answer.status == 422 and answer.json()['code'] in ('seat_limit', 'validation_failed')


def test_fewer_are_free_than_were_asked_for(api, world, show, buyer):
    layout = api.get(f'/api/layouts/{show["layout_id"]}').json()
    seats = [seat['no'] for section in layout['sections'] for row in section['rows'] for seat in row['seats'] if seat['grade'] == 'S']
    world.block(show, seats[1:])
    answer = best(api, buyer, show, 2, grade='S')
    assert (answer.status, answer.json()['code']) == (409, 'not_enough_seats')
    assert [seat['no'] for seat in best(api, buyer, show, 1, grade='S').json()['seats']] == seats[:1]


@pytest.mark.parametrize('count', [0, 101])
def test_a_refusal_names_how_many_may_be_asked_for(api, show, buyer, count):
    assert best(api, buyer, show, count).json()['violations'] == [
        {'field': 'best.count', 'message': 'must be an integer from 1 to 100'}]


@pytest.mark.parametrize('body', [
    {}, {'seats': [1], 'best': {'count': 1}}, {'best': {}}, {'best': {'count': 0}}, {'best': {'count': '1'}}, {'best': []},
    {'best': {'count': 1, 'grade': 1}}, {'best': {'count': 1, 'more': 1}}])
def test_body_must_ask_for_either(api, show, buyer, body):
    answer = api.post(f'/api/shows/{show["id"]}/holds', body, token=buyer.token)
    assert (answer.status, answer.json()['code']) == (422, 'validation_failed')

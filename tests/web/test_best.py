"""The best seats, end to end. Only the tests of the database check which seats those are (tests/sql)."""
import pytest


def best(api, user, show, count, **more):
    return api.post(f'/api/shows/{show["id"]}/holds', {'best': {'count': count, **more}}, token=user.token)


def test_best_seats_are_a_hold_by_one_call_to_the_database(api, world, show, buyer):
    answer = best(api, buyer, show, 2)
    hold = answer.json()
    assert answer.status == 201 and answer.db_calls == 1
    assert [seat['grade'] for seat in hold['seats']] == ['VIP', 'VIP']
    assert hold['seats'][1]['no'] == hold['seats'][0]['no'] + 1 and hold['amount'] == 300000
    assert world.hold_get(buyer, hold) == hold


def test_best_seats_of_a_grade(api, show, buyer):
    assert {seat['grade'] for seat in best(api, buyer, show, 2, grade='S').json()['seats']} == {'S'}


def test_refusals(api, show, buyer):
    limit = show['max_seats_per_user']
    answer = best(api, buyer, show, 1, grade='none')
    assert (answer.status, answer.json()['code'], answer.db_calls) == (422, 'validation_failed', 1)
    assert answer.json()['violations'] == [{'field': 'best.grade', 'message': 'is no grade of this show'}]
    answer = best(api, buyer, show, limit + 1)
    assert answer.status == 422 and answer.json()['code'] in ('seat_limit', 'validation_failed')


def test_fewer_are_free_than_were_asked_for(api, world, show, buyer):
    layout = api.get(f'/api/layouts/{show["layout_id"]}').json()
    seats = [seat['no'] for section in layout['sections'] for row in section['rows'] for seat in row['seats'] if seat['grade'] == 'S']
    world.block(show, seats[1:])
    answer = best(api, buyer, show, 2, grade='S')
    assert (answer.status, answer.json()['code'], answer.db_calls) == (409, 'not_enough_seats', 1)
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

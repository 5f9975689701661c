"""Creating venues, halls, layouts, events and shows."""
import time

import pytest

from client import new_key
from wait import wait_for
from world import CAPACITY, PRICES, SECTIONS, rfc3339


def post(api, world, what, body):
    return api.post(f'/api/admin/{what}', body, token=world.admin.token)


def refused_field(answer):
    assert answer.code == 'validation_failed', answer
    return answer.json()['violations'][0]['field']


def test_venue(api, world):
    answer = post(api, world, 'venues', {'name': '예술의전당', 'region': 'Seoul'})
    venue = answer.json()
    assert answer.status == 201
    assert {**venue, 'id': 0} == {'id': 0, 'name': '예술의전당', 'region': 'Seoul', 'address': None,
                                  'time_zone': 'Asia/Seoul'}


@pytest.mark.parametrize('zone', ['Asia/Nowhere', 'x', '+09:00', "UTC'; --"])
def test_unknown_time_zone_is_422(api, world, zone):
    answer = post(api, world, 'venues', {'name': 'x', 'region': 'y', 'time_zone': zone})
    assert refused_field(answer) == 'time_zone'


def test_hall_of_no_venue_is_refused(api, world):
    answer = post(api, world, 'halls', {'venue_id': 2147483647, 'name': 'x'})
    assert answer.status in (404, 422)


def test_layout_in_short_and_in_full_number_seats_alike(api, world):
    hall = world.make('halls', {'venue_id': world.venue()['id'], 'name': 'x'})
    full = [{'name': 'floor', 'grade': 'VIP', 'rows': [
        {'name': 'A', 'seats': [{'label': 'A-1'}, {'label': 'A-2', 'grade': 'R'}]},
        {'name': 'B', 'seats': [{'label': 'left', 'x': 5, 'y': 7}]}]},
        {'name': 'rest', 'grade': 'R', 'rows': 2, 'seats_per_row': 3}]
    answer = post(api, world, 'layouts', {'hall_id': hall['id'], 'sections': full})
    assert answer.status == 201
    layout = api.get(f'/api/layouts/{answer.json()["id"]}').json()
    seats = [(seat['no'], seat['label'], seat['grade']) for section in layout['sections']
             for row in section['rows'] for seat in row['seats']]
    assert seats == [(0, 'A-1', 'VIP'), (1, 'A-2', 'R'), (2, 'left', 'VIP'), (3, 'A-1', 'R'),
                     (4, 'A-2', 'R'), (5, 'A-3', 'R'), (6, 'B-1', 'R'), (7, 'B-2', 'R'), (8, 'B-3', 'R')]
    given = layout['sections'][0]['rows'][1]['seats'][0]
    assert (given['x'], given['y']) == (5, 7)


def test_rows_in_short_go_on_behind_z(api, world):
    hall = world.make('halls', {'venue_id': world.venue()['id'], 'name': 'x'})
    sections = [{'name': 'a', 'grade': 'S', 'rows': 28, 'seats_per_row': 1}]
    made = post(api, world, 'layouts', {'hall_id': hall['id'], 'sections': sections}).json()
    layout = api.get(f'/api/layouts/{made["id"]}').json()
    labels = [row['seats'][0]['label'] for row in layout['sections'][0]['rows']]
    assert labels[0] == 'A-1' and labels[25:] == ['Z-1', 'AA-1', 'AB-1']


@pytest.mark.parametrize('sections', [
    [], {}, [1], [{}], [{'name': 'a', 'grade': 'S'}], [{'name': 'a', 'rows': 1, 'seats_per_row': 1}],
    [{'name': 'a', 'grade': 'S', 'rows': 0, 'seats_per_row': 1}],
    [{'name': 'a', 'grade': 'S', 'rows': 1, 'seats_per_row': 0}],
    [{'name': 'a', 'grade': 'S', 'rows': 1}],
    [{'name': 'a', 'grade': 'S', 'rows': []}],
    [{'name': 'a', 'grade': 'S', 'rows': [{'name': 'A', 'seats': []}]}],
    [{'name': 'a', 'grade': 'S', 'rows': [{'name': 'A', 'seats': [{}]}]}],
    [{'name': 'a', 'grade': 'S', 'rows': [{'name': 'A', 'seats': [{'label': 1}]}]}],
    [{'name': 'a', 'grade': 'S', 'rows': 1, 'seats_per_row': 1, 'nonsense': 1}],
    [{'name': 'a', 'grade': 'S', 'rows': 100000, 'seats_per_row': 100000}],
    [{'name': 'a\0', 'grade': 'S', 'rows': 1, 'seats_per_row': 1}],
])
def test_bad_sections_are_422(api, world, sections):
    hall_id = world.halls.setdefault('bad', world.hall())['id']
    answer = post(api, world, 'layouts', {'hall_id': hall_id, 'sections': sections})
    assert refused_field(answer).startswith('sections')


def row_of(name, *labels):
    return {'name': name, 'seats': [{'label': label} for label in labels]}


@pytest.mark.parametrize('sections, field', [
    ([{'name': 'a', 'grade': 'S', 'rows': 1, 'seats_per_row': 1}, {'name': 'a', 'grade': 'R', 'rows': [row_of('B', '1')]}],
     'sections[1].name'),
    ([{'name': 'a', 'grade': 'S', 'rows': [row_of('A', '1', '2'), row_of('B', '1', '1')]}], 'sections[0].rows[1].seats[1].label'),
    ([{'name': 'a', 'grade': 'S', 'rows': [row_of('A', '1'), row_of('A', '1')]}], 'sections[0].rows[1].seats[0].label'),
    ([{'name': 'a', 'grade': 'S', 'rows': [{'name': 'A', 'seats': [{'label': '1', 'x': 3, 'y': 3}]}]},
      {'name': 'b', 'grade': 'S', 'rows': [{'name': 'A', 'seats': [{'label': '1', 'x': 3, 'y': 3}]}]}], 'sections[1].rows[0].seats[0]'),
])
def test_seats_that_nobody_could_tell_apart_are_422(api, world, sections, field):
    hall_id = world.halls.setdefault('bad', world.hall())['id']
    assert refused_field(post(api, world, 'layouts', {'hall_id': hall_id, 'sections': sections})) == field


def test_labels_may_come_again_in_another_row(api, world, buyer):
    hall = world.hall(sections=[{'name': name, 'grade': 'S', 'rows': [row_of('A', '1', '2'), row_of('B', '1', '2')]} for name in 'xy'])
    show = world.show(hall_id=hall['id'], prices={'S': 1000})
    seats = world.hold(buyer, show, [0, 2, 4, 6])['seats']
    assert [(seat['section'], seat['row'], seat['label']) for seat in seats] == \
        [('x', 'A', '1'), ('x', 'B', '1'), ('y', 'A', '1'), ('y', 'B', '1')]


def test_large_layout_is_taken(api, world):
    """20,000 seats in full: a body that is far over other routes' limit."""
    hall = world.make('halls', {'venue_id': world.venue()['id'], 'name': 'x'})
    sections = [{'name': f'S{number}', 'grade': 'S', 'rows': [
        {'name': f'{row}', 'seats': [{'label': f'{number}-{row}-{seat}', 'x': 60 * number + seat, 'y': row}
                                     for seat in range(50)]} for row in range(40)]} for number in range(10)]
    answer = post(api, world, 'layouts', {'hall_id': hall['id'], 'sections': sections})
    assert answer.status == 201
    layout = api.get(f'/api/layouts/{answer.json()["id"]}').json()
    assert layout['sections'][9]['rows'][39]['seats'][49]['no'] == 19999


def test_event(api, world):
    body = {'title': 'Hamlet', 'kind': 'play', 'rating': None, 'running_minutes': 180}
    answer = post(api, world, 'events', body)
    assert answer.status == 201 and isinstance(answer.json()['id'], int)


def test_a_layout_whose_tickets_would_not_tell_seats_apart_gets_no_show(api, world):
    """From before this was refused where a layout is entered (tests/sql/test_places.py)."""
    hall = world.hall()
    world.sql('UPDATE directory.layouts SET is_ambiguous = true WHERE layout_id = %s', hall['layout_id'])
    for more, field in (({}, 'hall_id'), ({'layout_id': hall['layout_id']}, 'layout_id')):
        answer = api.post('/api/admin/shows', world.show_body(hall_id=hall['id'], **more), token=world.admin.token)
        assert (answer.status, answer.code) == (422, 'validation_failed')
        assert [violation['field'] for violation in answer.json()['violations']] == [field]
        assert 'two seats of the same section, row and label' in answer.json()['violations'][0]['message']
    world.make('layouts', {'hall_id': hall['id'], 'sections': SECTIONS})
    assert world.show(hall_id=hall['id'])['layout_id'] > hall['layout_id'], 'entered anew'


def test_show_takes_the_newest_layout(api, world):
    hall = world.hall()
    newer = world.make('layouts', {'hall_id': hall['id'], 'sections': SECTIONS[:1]})
    show = world.show(hall_id=hall['id'], prices={'VIP': 1})
    assert (show['layout_id'], show['capacity']) == (newer['id'], 4)
    show = world.show(hall_id=hall['id'], layout_id=hall['layout_id'])
    assert (show['layout_id'], show['capacity']) == (hall['layout_id'], CAPACITY)


def test_overlap_in_a_hall_is_refused(api, world):
    hall = world.hall()
    show = world.show(hall_id=hall['id'])
    answer = post(api, world, 'shows', world.show_body(hall_id=hall['id'], starts_at=show['starts_at']))
    assert (answer.status, answer.code) == (409, 'hall_busy')
    # Its draft is gone, and the minute after the end is free.
    assert world.sql('SELECT count(*) FROM show.shows WHERE (hall ->> %s)::int = %s', 'id', hall['id']) == [(1,)]
    world.show(hall_id=hall['id'], starts_at=show['ends_at'])


def test_equal_requests_at_once_enter_one(api, world, background):
    for what, body in [('venues', {'name': 'Arena', 'region': 'Busan'}), ('shows', world.show_body(prices=PRICES))]:
        key = new_key()
        jobs = [background(lambda: api.post(f'/api/admin/{what}', body, token=world.admin.token, key=key)) for _ in range(6)]
        answers = [job.result() for job in jobs]
        assert {answer.code for answer in answers if answer.status != 201} <= {'idempotency_in_flight'}, answers
        assert len({answer.json()['id'] for answer in answers if answer.status == 201}) == 1
        again = api.post(f'/api/admin/{what}', body, token=world.admin.token, key=key)
        assert again.status == 201 and again.headers['Idempotency-Replayed'] == 'true'


def test_a_show_that_is_being_entered_is_not_entered_again(api, world):
    """As a request that is at work leaves its key, and one that died."""
    body, key = world.show_body(), new_key()
    made = api.post('/api/admin/shows', body, token=world.admin.token, key=key)
    assert made.status == 201
    show_id = made.json()['id']
    world.sql('UPDATE directory.requests SET result = NULL, created_at = now() WHERE show_id = %s', show_id)
    busy = api.post('/api/admin/shows', body, token=world.admin.token, key=key)
    assert (busy.status, busy.code) == (409, 'idempotency_in_flight')
    world.sql("UPDATE directory.requests SET created_at = now() - interval '1 hour' WHERE show_id = %s", show_id)
    again = api.post('/api/admin/shows', body, token=world.admin.token, key=key)
    assert (again.status, again.json()['id']) == (201, show_id)


def test_shows_at_once_in_one_hall_leave_one(api, world, background):
    hall = world.hall()
    body = world.show_body(hall_id=hall['id'])
    jobs = [background(lambda: post(api, world, 'shows', body)) for _ in range(4)]
    assert sorted(job.result().status for job in jobs) == [201, 409, 409, 409]


@pytest.mark.parametrize('changes, field', [
    ({'starts_at': rfc3339(time.time() - 60)}, 'starts_at'),
    ({'sales_close_at': rfc3339(time.time() - 7200)}, 'sales_'),
    ({'prices': {'VIP': 1, 'R': 1}}, 'prices'),
    ({'prices': dict(PRICES, A=1)}, 'prices'),
    ({'event_id': 2147483647}, 'event_id'),
    ({'hall_id': 2147483647}, 'hall_id'),
    ({'layout_id': 2147483647}, 'layout_id'),
    ({'currency': 'krw'}, 'currency'),
    ({'currency': 'KRWX'}, 'currency'),
    ({'hold_seconds': 0}, 'hold_seconds'),
    ({'hold_seconds': 3601}, 'hold_seconds'),
    ({'max_seats_per_user': 101}, 'max_seats_per_user'),
    ({'rerelease': {}}, 'rerelease.every_s'),
    ({'rerelease': []}, 'rerelease'),
    ({'rerelease': {'every_s': 0}}, 'rerelease.every_s'),
    ({'rerelease': {'every_s': 2592001}}, 'rerelease.every_s'),
    ({'rerelease': {'every_s': '60'}}, 'rerelease.every_s'),
    ({'rerelease': {'every_s': 60, 'at': 1}}, 'rerelease.at'),
    ({'rerelease': {'every_s': 60, 'at': '11:00'}}, 'rerelease.at'),
    ({'rerelease': {'every_s': 60, 'at': rfc3339(time.time() + 86400 * 4000)}}, 'rerelease.at'),
    ({'rerelease': {'every_s': 60, 'until': 1}}, 'rerelease'),
])
def test_bad_show_is_422(api, world, changes, field):
    answer = post(api, world, 'shows', world.show_body(**changes))
    if field.endswith('_id') and answer.status == 404:
        return
    assert refused_field(answer).startswith(field)


def test_offsets_of_times_are_understood(api, world):
    day = time.strftime('%Y-%m-%d', time.gmtime(time.time() + 500 * 86400))
    show = world.show(starts_at=f'{day}T19:30:00+09:00', hall_id=world.hall()['id'])
    assert show['starts_at'] == f'{day}T10:30:00Z'


def test_what_an_admin_does_is_in_the_audit_trail(api, world):
    venue = world.venue()
    rows = world.sql("SELECT actor::text, action FROM log.audit_trail WHERE object = %s", f'venue {venue["id"]}')
    assert rows == [(world.admin.id, 'venue.create')]


def test_large_show_is_made_in_chunks(api, world, buyer):
    sections = [{'name': 'all', 'grade': 'S', 'rows': 50, 'seats_per_row': 41}]
    show = world.show(hall_id=world.hall(sections)['id'], prices={'S': 10})
    assert show['capacity'] == 2050
    world.hold(buyer, show, [0, 499, 500, 2049])
    wait_for(lambda: world.seats(show)[2049] == 1, 3, 'the last seat')

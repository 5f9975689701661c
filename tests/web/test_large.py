"""Halls of up to 100,000 seats: their shows are prepared by the batch."""
import base64
import signal
import time

import pytest

from client import new_key
from wait import wait_for

OPEN_CLOSE = 'boxoffice-open-close-shows'


def post(api, world, body, key=None):
    return api.post('/api/admin/shows', body, token=world.admin.token, key=key)


def body_of(world, rows, per_row, **changes):
    """The request of a show in a hall of its own with so many seats, in two sections with the same labels."""
    sections = [{'name': name, 'grade': 'S', 'rows': rows, 'seats_per_row': per_row} for name in ('stalls', 'gallery')]
    sections[1]['rows'] = 1
    sections[1]['seats_per_row'] = 1
    return world.show_body(hall_id=world.hall(sections)['id'], prices={'S': 1000}, **changes)


def prepared(answer):
    assert (answer.status, set(answer.json())) == (202, {'id', 'state'}), answer
    assert answer.json()['state'] == 'preparing'
    return answer.json()['id']


def rows_of(world, show_id):
    return [world.sql(f'SELECT count(*) FROM {table} WHERE show_id = %s', show_id)[0][0]
            for table in ('show.shows', 'show.grades', 'show.seats', 'show.seat_places', 'show.plans', 'directory.show_slots')]


def test_twenty_thousand_seats_are_a_show_at_once_and_one_more_is_prepared(api, world, buyer):
    small = post(api, world, body_of(world, 1, 19999))
    assert (small.status, small.json()['capacity']) == (201, 20000)
    key, body = new_key(), body_of(world, 100, 200)
    answer = post(api, world, body, key)
    show_id = prepared(answer)
    assert api.get(f'/api/shows/{show_id}').status == 404
    assert api.post(f'/api/shows/{show_id}/holds', {'seats': [0]}, token=buyer.token).status == 404
    # The hall is taken at once, and the refused request leaves nothing.
    before = world.sql('SELECT count(*) FROM show.shows')
    busy = post(api, world, body)
    assert (busy.status, busy.code) == (409, 'hall_busy') and world.sql('SELECT count(*) FROM show.shows') == before
    again = post(api, world, body, key)
    assert prepared(again) == show_id and again.headers['Idempotency-Replayed'] == 'true'
    world.stack.run(OPEN_CLOSE)
    show = api.get(f'/api/shows/{show_id}').json()
    assert (show['state'], show['capacity'], show['seats_left']) == ('on_sale', 20001, 20001)
    assert prepared(post(api, world, body, key)) == show_id
    seats = world.hold(buyer, show, [0, 20000])['seats']
    assert [(seat['section'], seat['row'], seat['label']) for seat in seats] == [('stalls', 'A', 'A-1'), ('gallery', 'A', 'A-1')]


def test_a_hundred_thousand_seats_are_on_sale_within_seconds(api, world, buyer):
    began = time.monotonic()
    show_id = prepared(post(api, world, body_of(world, 909, 110)))
    answered = time.monotonic() - began
    began = time.monotonic()
    world.stack.run(OPEN_CLOSE)
    finished = time.monotonic() - began
    print(f'layout and answer {answered:.1f} s, finished {finished:.1f} s')
    assert finished < 20
    show = api.get(f'/api/shows/{show_id}').json()
    assert show['capacity'] == 909 * 110 + 1
    answer = api.get(f'/api/layouts/{show["layout_id"]}')
    assert answer.status == 200 and answer.json()['sections'][1]['rows'][0]['seats'][0]['no'] == show['capacity'] - 1
    states = base64.b64decode(api.get(f'/api/shows/{show_id}/availability').json()['states'])
    assert len(states) == (show['capacity'] + 3) // 4 and not any(states)
    world.hold(buyer, show, [5])
    changed = api.patch(f'/api/admin/shows/{show_id}', {'max_seats_per_user': 6}, token=world.admin.token)
    assert changed.status == 200, changed
    cancelled = api.post(f'/api/admin/shows/{show_id}/cancel', {}, token=world.admin.token)
    assert cancelled.status == 200, cancelled
    world.stack.run('boxoffice-release-holds')


def test_a_batch_that_dies_in_the_middle_is_followed_by_one_that_finishes(api, world):
    show_id = prepared(post(api, world, body_of(world, 200, 200)))
    batch = world.stack.launch(OPEN_CLOSE)
    wait_for(lambda: rows_of(world, show_id)[2] > 0, 20, 'it has seats')
    batch.send_signal(signal.SIGKILL)
    batch.wait()
    assert api.get(f'/api/shows/{show_id}').status == 404
    # The slower prune leaves it alone.
    world.sql("UPDATE show.shows SET created_at = now() - interval '1 day' WHERE show_id = %s", show_id)
    world.stack.run('boxoffice-prune')
    wait_for(lambda: world.stack.run(OPEN_CLOSE) and api.get(f'/api/shows/{show_id}').status == 200, 30, 'it is published')
    assert rows_of(world, show_id) == [1, 1, 40001, 40001, 1, 1]


@pytest.mark.parametrize('has_slot', [True, False])
def test_a_large_draft_that_is_given_up_leaves_nothing(api, world, has_slot):
    show_id = prepared(post(api, world, body_of(world, 100, 201)))
    world.sql("UPDATE show.shows SET created_at = now() - interval '1 day' WHERE show_id = %s", show_id)
    if has_slot:
        world.sql("UPDATE show.shows SET sales_open_at = now() - interval '3 days', sales_close_at = now() - interval '2 days', "
                  "starts_at = now() - interval '2 days', ends_at = now() - interval '1 day' WHERE show_id = %s", show_id)
    else:
        world.sql('DELETE FROM directory.show_slots WHERE show_id = %s', show_id)
        world.stack.run(OPEN_CLOSE)
        assert api.get(f'/api/shows/{show_id}').status == 404
    world.stack.run('boxoffice-prune')
    assert rows_of(world, show_id) == [0] * 6


def test_a_large_show_that_cannot_be_finished_keeps_no_other_waiting(api, world, stack, expected):
    expected.patterns += ["could not finish show .*: a layout is gone", "1 large shows could not be finished"]
    first, second = (prepared(post(api, world, body_of(world, 100, 201))) for _ in range(2))
    layout = world.sql('SELECT layout_id FROM show.shows WHERE show_id = %s', first)[0][0]
    world.sql('UPDATE directory.layout_chunks SET first_no = -1 - first_no WHERE layout_id = %s', layout)
    stack.run(OPEN_CLOSE, check=False)
    assert api.get(f'/api/shows/{second}').status == 200
    assert api.get(f'/api/shows/{first}').status == 404
    world.sql('UPDATE directory.layout_chunks SET first_no = -1 - first_no WHERE layout_id = %s', layout)
    stack.run(OPEN_CLOSE)
    assert api.get(f'/api/shows/{first}').status == 200

"""Changes that staff make to events and shows."""
import time

import pytest

from client import new_key
from wait import wait_for
from world import PRICES, rfc3339

DAY = 86400
SHOW_LOCK = 'SELECT pg_advisory_xact_lock(%s, -1)'


def change(api, world, show, **body):
    return api.patch(f'/api/admin/shows/{show["id"]}', body, token=world.admin.token)


def change_event(api, world, event, **body):
    return api.patch(f'/api/admin/events/{event["id"]}', body, token=world.admin.token)


def refused_fields(answer):
    assert answer.code == 'validation_failed', answer
    return [row['field'] for row in answer.json()['violations']]


def seconds(text):
    return int(time.mktime(time.strptime(text, '%Y-%m-%dT%H:%M:%SZ'))) - time.timezone


def later(show, hours):
    return rfc3339(seconds(show['starts_at']) + 3600 * hours)


def prices(show):
    return {grade['code']: grade['price'] for grade in show['grades']}


def slots(world, show):
    return world.sql('SELECT lower(during), upper(during) FROM directory.show_slots WHERE show_id = %s', show['id'])


def release(api, user, hold):
    return api.delete(f'/api/shows/{hold["show_id"]}/holds/{hold["id"]}', token=user.token)


def has_its_hall(world, show):
    """At its time, and at no other."""
    return world.sql("SELECT count(*), bool_and(during = tstzrange(starts_at, ends_at)) FROM directory.show_slots"
                     " JOIN show.shows USING (show_id) WHERE show_id = %s", show['id']) == [(1, True)]


def expire(world, hold):
    for table, column in (('holds', 'expires_at'), ('seats', 'held_until')):
        world.sql(f"UPDATE show.{table} SET {column} = now() - interval '1 s' WHERE hold_id = %s", hold['id'])


# --- events

def test_an_event_changes_in_what_is_given(api, world):
    event = world.event(rating='12', description='x')
    answer = change_event(api, world, event, title='Hamlet', kind='play')
    assert (answer.status, answer.json()) == (200, {**event, 'title': 'Hamlet', 'kind': 'play'})
    answer = change_event(api, world, event, rating=None, description=None, running_minutes=95)
    assert answer.json() == {**event, 'title': 'Hamlet', 'kind': 'play', 'rating': None, 'description': None, 'running_minutes': 95}
    assert change_event(api, world, event).json() == answer.json()
    assert api.get(f'/api/events/{event["id"]}').json() == answer.json()


def test_a_title_is_in_all_lists_within_seconds(api, world):
    event = world.event(title='Before')
    show = world.show(event_id=event['id'])
    path = f'/api/events/{event["id"]}'
    assert api.get(f'{path}/shows').json()['items'][0]['event_title'] == 'Before'
    wait_for(lambda: api.get('/api/events?q=Before').json()['items'], 4, 'the search')
    change_event(api, world, event, title='Afterwards')
    wait_for(lambda: api.get(path).json()['title'] == 'Afterwards', 4, 'the event')
    wait_for(lambda: api.get(f'{path}/shows').json()['items'][0]['event_title'] == 'Afterwards', 4, 'its shows')
    wait_for(lambda: api.get(f'/api/shows/{show["id"]}').json()['event_title'] == 'Afterwards', 4, 'the show')
    wait_for(lambda: api.get('/api/events?q=Afterwards').json()['items'], 4, 'the search')


def test_a_running_time_is_that_of_shows_made_or_moved_from_then_on(api, world):
    event = world.event(running_minutes=60)
    hall = world.hall()
    show = world.show(event_id=event['id'], hall_id=hall['id'])
    change_event(api, world, event, running_minutes=90)
    assert api.get(f'/api/shows/{show["id"]}').json()['ends_at'] == show['ends_at'] == later(show, 1)
    assert world.show(event_id=event['id'])['ends_at'] != show['ends_at']
    changed = change(api, world, show, starts_at=show['starts_at']).json()
    assert (changed['starts_at'], changed['ends_at']) == (show['starts_at'], later(show, 1.5))
    assert has_its_hall(world, show)


# --- shows

def test_a_show_changes_at_once_and_in_lists_within_seconds(api, world, buyer):
    show = world.show(event_id=world.event()['id'])
    when = dict(starts_at=later(show, 5), sales_open_at=rfc3339(time.time() - 60), sales_close_at=later(show, 6))
    body = dict(when, prices={'VIP': 3, 'R': 2, 'S': 1}, max_seats_per_user=2, hold_seconds=30)
    answer = change(api, world, show, **body)
    changed = answer.json()
    assert answer.status == 200 and prices(changed) == body['prices']
    assert {name: changed[name] for name in when} == when
    assert (changed['max_seats_per_user'], changed['hold_seconds'], changed['ends_at']) == (2, 30, later(show, 7))
    assert has_its_hall(world, show)
    wait_for(lambda: api.get(f'/api/shows/{show["id"]}').json() == changed, 4, 'the show')
    row = {name: value for name, value in changed.items() if name != 'grades'}
    wait_for(lambda: api.get(f'/api/events/{show["event_id"]}/shows').json()['items'] == [row], 4, 'its list')
    wait_for(lambda: api.get(f'/api/events/{show["event_id"]}').json()['first_show_at'] == when['starts_at'], 4, 'its event')
    hold = world.hold(buyer, show, [0, 4])
    assert hold['amount'] == 5
    assert api.post(f'/api/shows/{show["id"]}/holds', {'seats': [12]}, token=buyer.token).code == 'seat_limit'


def test_a_show_that_moves_takes_its_new_hall_time_and_gives_the_old_back(api, world):
    hall = world.hall()
    show = world.show(hall_id=hall['id'])
    # Half an hour later overlaps with itself.
    moved = change(api, world, show, starts_at=later(show, 0.5))
    assert moved.status == 200 and has_its_hall(world, show)
    assert moved.json()['sales_close_at'] == moved.json()['starts_at'], 'sales closed at the start and do so still'
    assert change(api, world, show, starts_at=later(show, 10)).status == 200
    second = world.show(hall_id=hall['id'], starts_at=show['starts_at'])
    busy = change(api, world, show, starts_at=later(show, 1))
    assert (busy.status, busy.code) == (409, 'hall_busy')
    assert has_its_hall(world, show) and has_its_hall(world, second)
    wait_for(lambda: api.get(f'/api/shows/{show["id"]}').json()['starts_at'] == later(show, 10), 4, 'it stays where it was')
    # Next to each other is no overlap.
    assert change(api, world, show, starts_at=second['ends_at']).status == 200


def test_prices_and_times_are_fixed_while_somebody_has_seats(api, world, show, buyer):
    hold = world.hold(buyer, show, [0])
    fixed = (dict(prices=dict(PRICES, S=7)), dict(starts_at=later(show, 3)), dict(sales_open_at=rfc3339(time.time() - 9)),
             dict(sales_close_at=later(show, -1)))
    for body in fixed:
        answer = change(api, world, show, **body)
        assert (answer.status, answer.code) == (409, 'show_closed'), (body, answer)
    assert has_its_hall(world, show)
    # The same again is no change, and the rest may change.
    same = change(api, world, show, prices=PRICES, starts_at=show['starts_at'], max_seats_per_user=1, hold_seconds=9)
    assert same.status == 200 and same.json()['max_seats_per_user'] == 1
    assert world.hold_get(buyer, hold)['expires_at'] == hold['expires_at']
    # A hold that is over is no sale; an order that was paid is, until it is given back.
    expire(world, hold)
    assert change(api, world, show, prices=dict(PRICES, S=7)).status == 200
    order = world.buy(buyer, show, [12])
    assert order['amount'] == 7
    assert change(api, world, show, prices=PRICES).code == 'show_closed'
    cancel = f'/api/shows/{show["id"]}/orders/{order["id"]}/cancel'
    assert api.post(cancel, token=buyer.token, key=new_key()).status == 200
    assert change(api, world, show, prices=PRICES).status == 200


def test_freed_seats_follow_the_schedule_that_a_show_is_given(api, world, show, stack, buyer):
    order = world.buy(buyer, show, [0])
    assert change(api, world, show, rerelease={'every_s': 3600}).status == 200
    cancel = f'/api/shows/{show["id"]}/orders/{order["id"]}/cancel'
    assert api.post(cancel, token=buyer.token, key=new_key()).status == 200
    wait_for(lambda: world.seats(show)[0] == 3, 4, 'it rests')
    assert change(api, world, show, rerelease={'every_s': 1}).status == 200

    def is_back():
        stack.run('boxoffice-open-close-shows')
        return world.seats(show)[0] == 0
    wait_for(is_back, 5, 'it is back')


def test_a_schedule_that_is_taken_off_gives_resting_seats_back(api, world, show, stack, buyer, other):
    schedule = {'every_s': 2592000, 'at': later(show, -1)}
    assert change(api, world, show, rerelease=schedule).json()['rerelease'] == schedule
    cancel = f'/api/shows/{show["id"]}/orders/{world.buy(buyer, show, [0, 1])["id"]}/cancel'
    assert api.post(cancel, token=buyer.token, key=new_key()).status == 200
    wait_for(lambda: world.seats(show)[:2] == [3, 3], 4, 'they rest')
    assert change(api, world, show, rerelease=None).json()['rerelease'] is None

    def are_back():
        stack.run('boxoffice-open-close-shows')
        return world.seats(show)[:2] == [0, 0]
    wait_for(are_back, 5, 'they are back')
    world.hold(other, show, [0, 1])
    # A transaction of before may still give a seat back, so this goes on for a while.
    off = 'SELECT rerelease, rerelease_off_at IS NULL FROM show.shows WHERE show_id = %s'
    assert world.sql(off, show['id']) == [(None, False)]
    world.sql("UPDATE show.shows SET rerelease_off_at = rerelease_off_at - interval '10 seconds' WHERE show_id = %s", show['id'])
    stack.run('boxoffice-open-close-shows')
    assert world.sql(off, show['id']) == [(None, True)]


def test_seats_that_rest_come_back_once_and_with_one_event_each(api, world, stack, buyer, other):
    at = rfc3339(int(time.time()) + 3600)
    show = world.show(event_id=world.event()['id'], rerelease={'every_s': 3600, 'at': at})
    assert show['rerelease'] == {'every_s': 3600, 'at': at}
    for no in range(3):
        assert release(api, buyer, world.hold(buyer, show, [no])).status == 204
    wait_for(lambda: world.seats(show)[:4] == [3, 3, 3, 0], 4, 'they rest')
    held = world.hold(buyer, show, [4])
    stack.run('boxoffice-open-close-shows')
    assert world.seats(show)[:4] == [3, 3, 3, 0]
    answer = change(api, world, show, rerelease=None)
    assert answer.status == 200 and answer.json()['rerelease'] is None
    wait_for(lambda: api.get(f'/api/shows/{show["id"]}').json()['rerelease'] is None, 4, 'the show')
    assert change(api, world, show, hold_seconds=9).json()['rerelease'] is None
    for _ in range(2):
        stack.run('boxoffice-open-close-shows')
    wait_for(lambda: world.seats(show)[:5] == [0, 0, 0, 0, 1], 4, 'they are back')
    events = world.sql("SELECT payload -> 'seats' FROM log.event_log WHERE home = 'show' AND entity = %s AND kind = 'seats.rereleased'",
                       str(show['id']))
    assert [[(seat['no'], seat['v']) for seat in row] for row, in events] == [[(0, 3), (1, 3), (2, 3)]]
    # Those that are freed from now on do not rest.
    assert release(api, buyer, held).status == 204
    assert api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0, 1, 4]}, token=other.token).status == 201


def test_null_gives_a_show_its_defaults(api, world, show):
    assert change(api, world, show, hold_seconds=7, max_seats_per_user=1).status == 200
    answer = change(api, world, show, hold_seconds=None, max_seats_per_user=None).json()
    assert (answer['hold_seconds'], answer['max_seats_per_user']) == (300, 4)


@pytest.mark.parametrize('field', ['layout_id', 'hall_id', 'event_id', 'currency', 'prices', 'starts_at', 'sales_open_at'])
def test_null_is_refused_for_what_cannot_be_changed_and_what_has_no_default(api, world, show, field):
    answer = change(api, world, show, **{field: None})
    assert (answer.status, answer.code) == (422, 'validation_failed')
    assert answer.json()['violations'] == [{'field': field, 'message': 'must not be null'}]
    assert api.get(f'/api/shows/{show["id"]}').json() == show


def test_null_closes_sales_at_the_start_again(api, world, show):
    """As where a show is entered: then and when it moves."""
    assert change(api, world, show, sales_close_at=later(show, -1)).json()['sales_close_at'] == later(show, -1)
    assert change(api, world, show, sales_close_at=None).json()['sales_close_at'] == show['starts_at']
    moved = change(api, world, show, sales_close_at=None, starts_at=later(show, 3)).json()
    assert moved['sales_close_at'] == moved['starts_at'] == later(show, 3)


def test_a_show_tells_its_schedule_as_it_was_entered(api, world):
    event = world.event()
    show = world.show(event_id=event['id'])
    assert show['rerelease'] is None
    assert change(api, world, show, rerelease={'every_s': 60}).json()['rerelease'] == {'every_s': 60}
    read = {'every_s': 7, 'at': later(show, -2)}
    assert change(api, world, show, rerelease=read).json()['rerelease'] == read
    wait_for(lambda: api.get(f'/api/shows/{show["id"]}').json()['rerelease'] == read, 4, 'the show')
    shows = f'/api/events/{event["id"]}/shows'
    wait_for(lambda: [row['rerelease'] for row in api.get(shows).json()['items']] == [read], 4, 'its list')
    assert change(api, world, show, rerelease={'every_s': 7, 'at': None}).json()['rerelease'] == {'every_s': 7}


def test_sales_do_not_close_before_the_schedule_begins(api, world):
    """That was given before and that is not given now: freed seats would rest for good."""
    show = world.show()
    first = later(show, -1)
    assert change(api, world, show, rerelease={'every_s': 60, 'at': first}).status == 200
    for body, field in (({'sales_close_at': first}, 'sales_close_at'), ({'sales_close_at': later(show, -2)}, 'sales_close_at'),
                        ({'starts_at': later(show, -2)}, 'starts_at'),
                        ({'starts_at': later(show, -2), 'sales_close_at': later(show, -2)}, 'sales_close_at')):
        assert refused_fields(change(api, world, show, **body)) == [field], body
        assert has_its_hall(world, show)
    assert change(api, world, show, sales_close_at=later(show, -0.5)).status == 200
    # With a schedule of its own a change may: without `at` it begins when sales open.
    assert change(api, world, show, sales_close_at=later(show, -2), rerelease={'every_s': 60}).status == 200
    assert change(api, world, show, sales_close_at=later(show, -3)).status == 200


@pytest.mark.parametrize('how', ['closed', 'cancelled'])
def test_a_closed_show_does_not_change(api, world, show, how):
    if how == 'closed':
        body = world.show_body(sales_open_at=rfc3339(time.time() - 7200), sales_close_at=rfc3339(time.time() - 3600))
        show = world.make('shows', body)
    else:
        assert api.post(f'/api/admin/shows/{show["id"]}/cancel', {}, token=world.admin.token).status == 200
    for body in ({'hold_seconds': 9}, {'starts_at': later(show, 1)}, {}):
        answer = change(api, world, show, **body)
        assert (answer.status, answer.code) == (409, 'show_closed')
    # The relay gives a cancelled show's hall back.
    assert len(slots(world, show)) == 1 or how == 'cancelled'


@pytest.mark.parametrize('body, fields', [
    ({'event_id': 2147483647}, ['event_id']),
    ({'hall_id': 2147483647}, ['hall_id']),
    ({'layout_id': 2147483647}, ['layout_id']),
    ({'currency': 'EUR'}, ['currency']),
    ({'starts_at': rfc3339(time.time() - 60)}, ['starts_at']),
    ({'starts_at': '9999-12-31T23:59:59Z'}, ['starts_at']),
    ({'sales_open_at': '2999-01-01T00:00:00Z'}, ['sales_open_at']),
    ({'sales_close_at': '2999-01-01T00:00:00Z'}, ['sales_close_at']),
    ({'prices': {'VIP': 1, 'R': 1}}, ['prices.S']),
    ({'prices': dict(PRICES, A=1)}, ['prices.A']),
    ({'rerelease': {'every_s': 60, 'at': '2999-01-01T00:00:00Z'}}, ['rerelease.at']),
])
def test_a_change_that_does_not_fit_is_422(api, world, show, body, fields):
    answer = change(api, world, show, **body)
    assert set(fields) <= set(refused_fields(answer))
    assert has_its_hall(world, show)
    assert api.get(f'/api/shows/{show["id"]}').json() == show


def test_admins_at_once_leave_the_show_one_hall(api, world, background):
    """Whoever comes second begins again; none of them gives back the other's hall."""
    show = world.show(hall_id=world.hall()['id'])
    jobs = [background(lambda hours=hours: change(api, world, show, starts_at=later(show, hours))) for hours in range(1, 7)]
    statuses = [job.result().status for job in jobs]
    assert set(statuses) <= {200, 503} and 200 in statuses
    assert len(slots(world, show)) >= 1
    assert change(api, world, show, starts_at=later(show, 20)).status == 200
    assert has_its_hall(world, show)


def test_a_change_waits_for_another_and_begins_again(api, world, show, parked, background, waiting):
    with parked(SHOW_LOCK, show['id']):
        job = background(lambda: change(api, world, show, starts_at=later(show, 2), prices={'VIP': 3, 'R': 2, 'S': 1}))
        waiting()
        assert len(slots(world, show)) == 2, 'the hall at both times'
    assert job.result().status == 200
    assert has_its_hall(world, show)
    # Its second call finds another revision and reads again.
    connection = world.connect()
    connection.autocommit = False
    connection.cursor().execute(SHOW_LOCK, (show['id'],))
    connection.cursor().execute('UPDATE show.shows SET hold_seconds = 11, revision = gen_random_uuid() WHERE show_id = %s', (show['id'],))
    job = background(lambda: change(api, world, show, starts_at=later(show, 4)))
    waiting()
    connection.commit()
    connection.close()
    answer = job.result()
    assert answer.status == 200 and answer.json()['hold_seconds'] == 11
    assert has_its_hall(world, show)


def test_a_change_counts_though_the_lists_are_locked(api, world, show, parked):
    """Lists lag a second behind anyway; the answer must not say that nothing happened."""
    with parked('SELECT FROM listing.shows WHERE show_id = %s FOR UPDATE', show['id']):
        answer = change(api, world, show, prices={'VIP': 3, 'R': 2, 'S': 1})
    assert answer.status == 200
    wait_for(lambda: prices(api.get(f'/api/shows/{show["id"]}').json()) == {'VIP': 3, 'R': 2, 'S': 1}, 4, 'the lists follow')


def test_a_refusal_of_the_show_gives_the_new_time_back(api, world, show, buyer, parked, background, waiting):
    """The slot comes first and the show decides: a seat is sold in between."""
    with parked('SELECT pg_advisory_xact_lock_shared(%s, -1)', show['id']):
        job = background(lambda: change(api, world, show, starts_at=later(show, 2)))
        waiting()
        world.hold(buyer, show, [3])
    assert job.result().code == 'show_closed'
    assert has_its_hall(world, show)


def test_a_hall_that_a_dead_request_took_is_given_back(api, world, show):
    """Killed between slot and show, and between show and slot: the batch mends both, a repetition the first."""
    spare = 'SELECT outcome FROM directory.slot_add(%s, gen_random_uuid(), %s, %s, %s)'
    hall = show['hall']['id']
    world.sql(spare, show['id'], hall, later(show, 2), later(show, 4))
    assert change(api, world, show, starts_at=later(show, 2)).status == 200
    assert has_its_hall(world, show)
    world.sql(spare, show['id'], hall, later(show, 6), later(show, 8))
    world.stack.run('boxoffice-prune')
    assert len(slots(world, show)) == 2, 'it may still be going on'
    world.sql("UPDATE directory.show_slots SET taken_at = taken_at - interval '20 min' WHERE show_id = %s", show['id'])
    world.stack.run('boxoffice-prune')
    assert has_its_hall(world, show)

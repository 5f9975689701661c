"""What everybody may read: lists, pages, dates and seat maps, and how fresh they are."""
import datetime
import time
import urllib.parse
import uuid

import pytest

from wait import wait_for
from world import CAPACITY, rfc3339, unix

EVENT = {'id', 'title', 'kind', 'rating', 'running_minutes', 'venue', 'first_show_at',
         'last_show_at', 'seats_left'}
SHOW = {'id', 'event_id', 'event_title', 'hall', 'starts_at', 'ends_at', 'sales_open_at',
        'sales_close_at', 'state', 'currency', 'grades', 'capacity', 'seats_left', 'layout_id',
        'hold_seconds', 'max_seats_per_user', 'rerelease', 'waiting_room'}
DAY = 86400


def ids_of(api, path, limit=None, between=lambda: None):
    """Ids of a whole list, page by page."""
    found, cursor = [], None
    while True:
        query = [f'limit={limit}'] if limit else []
        query += [f'cursor={urllib.parse.quote(cursor)}'] if cursor else []
        glue = '&' if '?' in path else '?'
        answer = api.get(path + (glue + '&'.join(query) if query else ''))
        assert answer.status == 200, answer
        page = answer.json()
        assert set(page) == {'items', 'next_cursor'}
        assert limit is None or len(page['items']) <= limit
        found += [row['id'] for row in page['items']]
        cursor = page['next_cursor']
        if cursor is None:
            return found
        assert page['items'], 'an empty page with a cursor'
        between()


def listed(api, event_id, path='/api/events?limit=100'):
    return event_id in ids_of(api, path)


def wait_listed(api, event_id):
    wait_for(lambda: listed(api, event_id), 4, f'event {event_id} is listed')


@pytest.fixture(scope='module')
def region():
    return f'Region {uuid.uuid4().hex[:8]}'


@pytest.fixture(scope='module')
def season(world, client, region):
    """25 events with one show each in a region of their own, by day."""
    hall = world.hall(region=region)
    base = int(time.time()) + 30 * DAY
    made = []
    for number in range(25):
        event = world.event(title=f'Season {number} 뮤지컬', kind='musical' if number % 2 else 'play',
                            rating='12' if number % 3 else None)
        show = world.show(event_id=event['id'], hall_id=hall['id'],
                          starts_at=rfc3339(base + number // 2 * DAY + number % 2 * 36000))
        made.append((event, show))
    wait_for(lambda: len(ids_of(client, f'/api/events?region={urllib.parse.quote(region)}')) == 25,
             4, 'the season is listed')
    return made


def test_show_has_its_whole_shape(api, world, show):
    assert set(show) == SHOW
    assert show['state'] == 'on_sale'
    assert show['capacity'] == show['seats_left'] == CAPACITY
    assert show['grades'] == [
        {'code': 'VIP', 'name': 'VIP', 'price': 150000, 'capacity': 4, 'seats_left': 4},
        {'code': 'R', 'name': 'R', 'price': 100000, 'capacity': 8, 'seats_left': 8},
        {'code': 'S', 'name': 'S', 'price': 50000, 'capacity': 12, 'seats_left': 12}]
    assert set(show['hall']) == {'id', 'name', 'venue'}
    assert set(show['hall']['venue']) == {'id', 'name', 'region', 'time_zone'}
    assert unix(show['ends_at']) == unix(show['starts_at']) + 120 * 60
    assert show['sales_close_at'] == show['starts_at']
    assert (show['hold_seconds'], show['max_seats_per_user']) == (300, 4)
    assert show['rerelease'] is None and show['waiting_room'] is None


def test_new_show_is_visible_at_once_and_listed_within_seconds(api, world):
    event = world.event()
    show = world.show(event_id=event['id'])
    assert api.get(f'/api/shows/{show["id"]}').status == 200
    wait_for(lambda: show['id'] in ids_of(api, f'/api/events/{event["id"]}/shows'), 4,
             'the show is in its event')
    wait_listed(api, event['id'])


def test_event_page_has_its_shape(api, season):
    event, show = season[0]
    document = api.get(f'/api/events/{event["id"]}').json()
    assert set(document) == EVENT | {'description'}
    assert document['title'] == 'Season 0 뮤지컬'
    assert document['first_show_at'] == document['last_show_at'] == show['starts_at']
    assert document['venue'] == show['hall']['venue']
    assert document['seats_left'] == CAPACITY


def test_event_without_a_coming_show_is_not_listed(api, world, season):
    event = world.event(title='No show yet')
    answer = api.get(f'/api/events/{event["id"]}')
    assert answer.status in (200, 404)
    assert not listed(api, event['id'])


def test_list_is_ordered_by_first_show_and_id(api, season, region):
    rows = api.get(f'/api/events?limit=100&region={urllib.parse.quote(region)}').json()['items']
    assert [row['id'] for row in rows] == [
        event['id'] for event, show in sorted(season, key=lambda pair: (pair[1]['starts_at'],
                                                                        pair[0]['id']))]
    assert all(set(row) == EVENT for row in rows)


@pytest.mark.parametrize('limit', [1, 7, 20, 100])
def test_pages_show_each_event_once(api, season, region, limit):
    found = ids_of(api, f'/api/events?region={urllib.parse.quote(region)}', limit)
    assert sorted(found) == sorted(event['id'] for event, _ in season)
    assert len(found) == len(set(found))


def test_default_page_has_twenty_rows(api, season, region):
    page = api.get(f'/api/events?region={urllib.parse.quote(region)}').json()
    assert len(page['items']) == 20 and page['next_cursor']


def test_paging_under_inserts_shows_none_twice_and_skips_none(api, world):
    """New shows before, between and behind what was read."""
    event = world.event()
    hall = world.hall()
    base = int(time.time()) + 300 * DAY
    made = [world.show(event_id=event['id'], hall_id=hall['id'],
                       starts_at=rfc3339(base + number * DAY))['id'] for number in range(9)]
    path = f'/api/events/{event["id"]}/shows'
    wait_for(lambda: len(ids_of(api, path)) == 9, 4, 'the shows are listed')
    later = iter(range(100))

    def insert():
        number = next(later)
        world.show(event_id=event['id'], hall_id=hall['id'],
                   starts_at=rfc3339(base + (number * 2 - 3) * DAY + DAY // 2))

    found = ids_of(api, path, 2, insert)
    assert len(found) == len(set(found))
    assert [id for id in found if id in made] == made


def test_filters(api, season, region):
    place = f'/api/events?limit=100&region={urllib.parse.quote(region)}'
    every = {event['id'] for event, _ in season}
    plays = {event['id'] for number, (event, _) in enumerate(season) if number % 2 == 0}
    rated = {event['id'] for number, (event, _) in enumerate(season) if number % 3}
    assert set(ids_of(api, place + '&kind=play')) == plays
    assert set(ids_of(api, place + '&kind=musical')) == every - plays
    assert set(ids_of(api, place + '&kind=movie')) == set()
    assert set(ids_of(api, place + '&rating=12')) == rated
    assert set(ids_of(api, place + '&q=' + urllib.parse.quote('season 7 '))) == {season[7][0]['id']}
    assert set(ids_of(api, place + '&q=' + urllib.parse.quote('뮤지컬'))) == every
    assert set(ids_of(api, place + '&q=%25')) == set(), 'a % is no pattern'
    assert ids_of(api, '/api/events?region=nowhere') == []


def test_an_event_behind_thousands_of_others_is_on_the_next_page(api, world, season):
    first = min((show['starts_at'], event['title'], event['id']) for event, show in season)
    place = '/api/events?q=' + urllib.parse.quote(first[1])
    world.sql("""WITH made AS (INSERT INTO directory.events (title, kind, running_minutes) SELECT 'Another', 'movie', 60 FROM generate_series(1, 5000)
            RETURNING event_id)
        INSERT INTO listing.events (event_id, venue, first_show_at, last_show_at) SELECT event_id, '{}', t, t
        FROM made, date_trunc('hour', now() + interval '2 hours') AS t""")
    try:
        page = api.get(place).json()
        assert page['items'] == [] and page['next_cursor']
        page = api.get(f'{place}&cursor={page["next_cursor"]}').json()
        assert [row['id'] for row in page['items']] == [first[2]] and page['next_cursor'] is None
    finally:
        world.sql("""WITH gone AS (DELETE FROM directory.events WHERE title = 'Another' RETURNING event_id)
            DELETE FROM listing.events WHERE event_id IN (SELECT event_id FROM gone)""")


def local_day(show):
    at = datetime.datetime.fromtimestamp(unix(show['starts_at']),
                                         datetime.timezone(datetime.timedelta(hours=9)))
    return at.date().isoformat()


def test_from_and_to_are_days_at_the_venue_both_included(api, season, region):
    place = f'/api/events?limit=100&region={urllib.parse.quote(region)}'
    days = sorted({local_day(show) for _, show in season})
    low, high = days[2], days[5]
    wanted = {event['id'] for event, show in season if low <= local_day(show) <= high}
    assert set(ids_of(api, f'{place}&from={low}&to={high}')) == wanted
    assert set(ids_of(api, f'{place}&from={days[-1]}')) == \
        {event['id'] for event, show in season if local_day(show) == days[-1]}


def test_filtered_rows_describe_the_shows_that_match(api, world):
    """An event on tour, between two events that stay: Seoul on day 1 and 5, Busan on day 3."""
    seoul, busan = (f'{name} {uuid.uuid4().hex[:8]}' for name in ('Seoul', 'Busan'))
    halls = {name: world.hall(region=name) for name in (seoul, busan)}
    base = int(time.time()) + 50 * DAY

    def show(event, place, day):
        return world.show(event_id=event['id'], hall_id=halls[place]['id'], starts_at=rfc3339(base + day * DAY))

    tour, early, late = world.event(), world.event(), world.event()
    first, away, last = show(tour, seoul, 1), show(tour, busan, 3), show(tour, seoul, 5)
    show(early, busan, 2), show(late, seoul, 4)

    def rows(query, names=('region', 'first', 'last', 'seats')):
        items = api.get(f'/api/events?limit=100&{query}').json()['items']
        return [(row['id'], *({'region': row['venue']['region'], 'first': row['first_show_at'], 'last': row['last_show_at'],
                               'seats': row['seats_left']}[name] for name in names)) for row in items]

    def place(name):
        return f'region={urllib.parse.quote(name)}'

    wait_for(lambda: [row[0] for row in rows(place(busan))] == [early['id'], tour['id']] and
             [row[0] for row in rows(place(seoul))] == [tour['id'], late['id']], 4, 'both places list both of their events')
    assert rows(place(busan))[1] == (tour['id'], busan, away['starts_at'], away['starts_at'], CAPACITY)
    assert rows(place(seoul))[0] == (tour['id'], seoul, first['starts_at'], last['starts_at'], 2 * CAPACITY)
    from_third = f'from={local_day(away)}&to={local_day(last)}'
    assert rows(f'{place(seoul)}&{from_third}', ['first', 'seats']) == [
        (late['id'], rfc3339(base + 4 * DAY), CAPACITY), (tour['id'], last['starts_at'], CAPACITY)], 'in the order of what is shown'
    mine = [row for row in rows(from_third) if row[0] in (tour['id'], early['id'], late['id'])]
    assert mine == [(tour['id'], busan, away['starts_at'], last['starts_at'], 2 * CAPACITY),
                    (late['id'], seoul, rfc3339(base + 4 * DAY), rfc3339(base + 4 * DAY), CAPACITY)]
    assert ids_of(api, f'/api/events?{place(seoul)}&{from_third}', 1) == [late['id'], tour['id']], 'page by page'


@pytest.mark.parametrize('zone, hours', [('Pacific/Kiritimati', 14), ('Etc/GMT+12', -12)])
def test_days_are_right_at_both_ends_of_the_earth(api, world, zone, hours):
    """A minute behind and a minute before midnight there."""
    region = f'{zone} {next(world.numbers)}'
    hall = world.hall(region=region, time_zone=zone)
    midnight = (int(time.time()) // DAY + 40) * DAY - hours * 3600
    day = time.strftime('%Y-%m-%d', time.gmtime(midnight + hours * 3600))
    events = [world.event(), world.event()]
    for event, starts in zip(events, (midnight + 60, midnight + DAY - 60)):
        world.show(event_id=event['id'], hall_id=hall['id'], starts_at=rfc3339(starts))
    place = f'/api/events?region={urllib.parse.quote(region)}'
    wanted = [event['id'] for event in events]
    wait_for(lambda: ids_of(api, place) == wanted, 4, 'both are listed')
    assert ids_of(api, f'{place}&from={day}&to={day}') == wanted
    before, behind = (time.strftime('%Y-%m-%d', time.gmtime(midnight + hours * 3600 + offset)) for offset in (-DAY, DAY))
    assert ids_of(api, f'{place}&to={before}') == ids_of(api, f'{place}&from={behind}') == []


def test_dates_name_days_at_the_venue_with_seats(api, world):
    """23:30 in Seoul and 00:30 of the next day are two dates, though one day in UTC."""
    event = world.event()
    hall = world.hall()
    base = (int(time.time()) // DAY + 20) * DAY
    before, after = base + 14 * 3600 + 1800, base + 15 * 3600 + 1800
    shows = [world.show(event_id=event['id'], hall_id=hall['id'], starts_at=rfc3339(before),
                        sales_close_at=rfc3339(before)),
             world.show(event_id=event['id'], hall_id=world.hall()['id'],
                        starts_at=rfc3339(after))]
    wait_for(lambda: len(api.get(f'/api/events/{event["id"]}/dates').json()['items']) == 2, 4, 'dates')
    items = api.get(f'/api/events/{event["id"]}/dates').json()['items']
    assert items == [{'date': local_day(show), 'shows': 1, 'seats_left': CAPACITY} for show in shows]
    assert items[0]['date'] != items[1]['date']
    day = items[1]['date']
    assert ids_of(api, f'/api/events/{event["id"]}/shows?date={day}') == [shows[1]['id']]
    only = api.get(f'/api/events/{event["id"]}/dates?from={day}&to={day}').json()['items']
    assert [row['date'] for row in only] == [day]


def test_dates_leave_out_what_cannot_be_booked(api, world):
    event = world.event()
    now = int(time.time())
    world.show(event_id=event['id'], sales_open_at=rfc3339(now + 5 * DAY), starts_at=rfc3339(now + 9 * DAY),
               hall_id=world.hall()['id'])
    far = world.show(event_id=event['id'], starts_at=rfc3339(now + 120 * DAY), hall_id=world.hall()['id'])
    wait_for(lambda: len(ids_of(api, f'/api/events/{event["id"]}/shows')) == 2, 4, 'shows')
    path = f'/api/events/{event["id"]}/dates'
    assert api.get(path).json()['items'] == [], 'scheduled, and beyond 92 days'
    day = local_day(far)
    items = api.get(f'{path}?from={day}&to={day}').json()['items']
    assert [row['date'] for row in items] == [day]


def test_dates_of_no_event_are_404(api):
    for path in ('dates', 'shows'):
        assert api.get(f'/api/events/2147483647/{path}').status == 404


def test_shows_of_an_event_have_no_grades(api, show):
    path = f'/api/events/{show["event_id"]}/shows?limit=100'
    wait_for(lambda: show['id'] in ids_of(api, path), 4, 'listed')
    row = api.get(path).json()['items'][0]
    assert set(row) == SHOW - {'grades'}


def test_state_follows_the_clock(api, world):
    """Scheduled, on sale and closed are what the clock says, no batch has to run."""
    now = int(time.time())
    hall = world.hall()
    show = world.show(hall_id=hall['id'], sales_open_at=rfc3339(now + 3), sales_close_at=rfc3339(now + 6),
                      starts_at=rfc3339(now + DAY))
    assert show['state'] == 'scheduled'
    user = world.user()
    answer = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]}, token=user.token)
    assert (answer.status, answer.code) == (409, 'not_on_sale')

    def state():
        return api.get(f'/api/shows/{show["id"]}').json()['state']
    wait_for(lambda: state() == 'on_sale', 6, 'sales open')
    assert api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]}, token=user.token).status == 201
    wait_for(lambda: state() == 'closed', 6, 'sales close')
    answer = api.post(f'/api/shows/{show["id"]}/holds', {'seats': [1]}, token=user.token)
    assert (answer.status, answer.code) == (409, 'not_on_sale')


# --- freshness

def test_seats_left_follows_a_hold_within_4_seconds(api, world, buyer):
    event = world.event()
    show = world.show(event_id=event['id'])
    wait_listed(api, event['id'])
    world.hold(buyer, show, [0, 4, 12])
    start = time.monotonic()

    def seen():
        page = api.get(f'/api/shows/{show["id"]}').json()
        rows = api.get(f'/api/events/{event["id"]}/shows').json()['items']
        event_page = api.get(f'/api/events/{event["id"]}').json()
        return page['seats_left'] == CAPACITY - 3 and rows[0]['seats_left'] == CAPACITY - 3 and \
            event_page['seats_left'] == CAPACITY - 3 and \
            [grade['seats_left'] for grade in page['grades']] == [3, 7, 11]
    wait_for(seen, 4, 'seats_left')
    assert time.monotonic() - start <= 4


def test_availability_follows_within_3_seconds(api, world, show, buyer):
    assert world.seats(show) == [0] * CAPACITY
    hold = world.hold(buyer, show, [1, 23])
    start = time.monotonic()
    wait_for(lambda: [no for no, state in enumerate(world.seats(show)) if state == 1] == [1, 23], 3, 'held')
    assert time.monotonic() - start <= 3
    world.pay(buyer, world.order(buyer, hold))
    wait_for(lambda: [no for no, state in enumerate(world.seats(show)) if state == 2] == [1, 23], 3, 'sold')


def test_availability_shape(api, world, show):
    document = api.get(f'/api/shows/{show["id"]}/availability').json()
    assert set(document) == {'show_id', 'capacity', 'as_of', 'states'}
    assert (document['show_id'], document['capacity']) == (show['id'], CAPACITY)
    assert isinstance(document['as_of'], str) and document['as_of']


def test_availability_of_an_odd_capacity(api, world):
    hall = world.hall([{'name': 'a', 'grade': 'VIP', 'rows': 1, 'seats_per_row': 5}])
    show = world.show(hall_id=hall['id'], prices={'VIP': 1})
    world.hold(world.user(), show, [4])
    wait_for(lambda: world.seats(show) == [0, 0, 0, 0, 1], 3, 'the last seat')


def test_expired_hold_shows_as_available(api, world):
    show = world.show(hold_seconds=1)
    world.hold(world.user(), show, [3])
    wait_for(lambda: world.seats(show)[3] == 1, 3, 'held')
    wait_for(lambda: world.seats(show)[3] == 0, 5, 'free again by the clock')


# --- ETag, caches, trace ids

def test_etag_gives_304_and_changes_with_the_seats(api, world, show, buyer):
    path = f'/api/shows/{show["id"]}/availability'
    first = api.get(path)
    tag = first.headers['ETag']
    for sent in (tag, f'W/{tag}', f'"x", {tag}', '*'):
        answer = api.get(path, headers={'If-None-Match': sent})
        assert answer.status == 304 and answer.body == b'', (sent, answer)
        assert answer.headers['ETag'].removeprefix('W/') == tag.removeprefix('W/')
    assert api.get(path, headers={'If-None-Match': '"x"'}).status == 200
    # A new position of the log alone changes nothing.
    other = world.show()
    world.hold(buyer, other, [0])
    assert api.get(path).headers['ETag'] == tag
    world.hold(buyer, show, [5])
    wait_for(lambda: api.get(path, headers={'If-None-Match': tag}).status == 200, 3, 'another ETag')


def test_layout_is_cached_for_good(api, world, show):
    answer = api.get(f'/api/layouts/{show["layout_id"]}')
    assert answer.headers['Cache-Control'] == 'public, max-age=31536000, immutable'
    document = answer.json()
    assert set(document) == {'id', 'hall_id', 'sections'}
    seats = [seat for section in document['sections'] for row in section['rows'] for seat in row['seats']]
    assert [seat['no'] for seat in seats] == list(range(CAPACITY))
    assert all(set(seat) == {'no', 'label', 'grade', 'x', 'y'} for seat in seats)
    assert [seat['label'] for seat in seats[4:8]] == ['A-1', 'A-2', 'A-3', 'A-4']
    assert [section['name'] for section in document['sections']] == ['floor', 'stalls', 'balcony']


@pytest.mark.parametrize('path', ['/api/events', '/api/events/{event}', '/api/events/{event}/dates',
                                  '/api/events/{event}/shows', '/api/shows/{show}',
                                  '/api/shows/{show}/availability'])
def test_public_reads_live_one_second(api, show, path):
    answer = api.get(path.format(event=show['event_id'], show=show['id']))
    assert answer.headers['Cache-Control'] == 'public, max-age=1, stale-while-revalidate=1'
    assert 'Set-Cookie' not in answer.headers


def test_private_answers_are_not_cached(api, world, show):
    users = [world.user() for _ in range(4)]
    for _ in range(3):
        for user in users:
            answer = api.get('/api/me', token=user.token)
            assert answer.json()['id'] == user.id
            assert answer.headers['Cache-Control'] == 'no-store'
    held = {user.id: world.hold(user, show, [no]) for no, user in enumerate(users)}
    for user in users:
        assert world.hold_get(user, held[user.id])['id'] == held[user.id]['id']
        assert api.get(f'/api/me/wallet', token=user.token).json()['balance'] == 0


def test_token_changes_nothing_of_a_public_read(api, world, show):
    path = f'/api/shows/{show["id"]}'
    assert api.get(path).json() == api.get(path, token=world.user().token).json()


def test_missing_show_is_not_remembered(api, world):
    """A 404 is no-store: what appears a moment later is served."""
    next_id = world.sql("SELECT last_value + 1 FROM directory.show_ids")[0][0]
    assert api.get(f'/api/shows/{next_id}').status == 404
    show = world.show()
    if show['id'] == next_id:
        assert api.get(f'/api/shows/{next_id}').status == 200


def test_cached_answers_have_a_trace_id_of_their_own(api, show):
    path = f'/api/layouts/{show["layout_id"]}'
    answers = [api.get(path) for _ in range(5)]
    assert len({answer.trace_id for answer in answers}) == 5


GOOD_TRACE = [
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
    'cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like',
]
BAD_TRACE = [
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra',
    '00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01',
    'nonsense', '"', '',
]


@pytest.mark.parametrize('path', ['/api/me', '/api/events', '/api/nothing', '/healthz'])
@pytest.mark.parametrize('trace', GOOD_TRACE)
def test_valid_traceparent_is_honoured(api, world, path, trace):
    answer = api.get(path, headers={'traceparent': trace})
    assert answer.trace_id == '4bf92f3577b34da6a3ce929d0e0e4736'


@pytest.mark.parametrize('trace', BAD_TRACE)
def test_invalid_traceparent_is_ignored(api, trace):
    for path in ('/api/me', '/api/events'):
        answer = api.get(path, headers={'traceparent': trace})
        assert answer.trace_id not in trace.lower()


def test_trace_id_goes_into_the_event_log(api, world, show, buyer):
    trace = uuid.uuid4().hex
    api.post(f'/api/shows/{show["id"]}/holds', {'seats': [0]}, token=buyer.token,
             headers={'traceparent': f'00-{trace}-00f067aa0ba902b7-01'})
    rows = world.sql("SELECT traceparent FROM log.event_log WHERE home = 'show' AND entity = %s "
                     "AND kind = 'hold.taken'", str(show['id']))
    assert len(rows) == 1 and rows[0][0].split('-')[1] == trace


# --- calls to the database

def test_read_costs_one_call_and_a_cached_one_none(api, world):
    """GET fills nginx's cache and memcached; HEAD of the same comes to a worker all the same."""
    show = world.show()
    for path in (f'/api/shows/{show["id"]}', f'/api/layouts/{show["layout_id"]}',
                 f'/api/shows/{show["id"]}/availability', f'/api/events/{show["event_id"]}',
                 f'/api/events/{show["event_id"]}/shows?limit=9',
                 f'/api/events/{show["event_id"]}/dates', '/api/events?limit=9'):
        first = api.get(path)
        assert first.db_calls is not None and first.db_calls <= 1, (path, first.db_calls)
    for _ in range(5):
        layout = f'/api/layouts/{world.hall()["layout_id"]}'
        assert api.get(layout).db_calls == 1
        assert api.request('HEAD', layout).db_calls == 0

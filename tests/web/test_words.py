"""Texts from outside: in which form they are kept and found. Which characters they may have is a part of the matrix
(test_matrix.py), for every field of every route."""
import unicodedata
import uuid
from urllib.parse import quote

import nacl.pwhash
import pytest

from test_auth import fresh_email, login, signup
from test_matrix import INVISIBLE
from wait import wait_for


def post(api, world, route, body):
    return api.post(f'/api/admin/{route}', body, token=world.admin.token)


def fields(answer):
    return {row['field'] for row in answer.json().get('violations', [])}


def decomposed(text):
    return unicodedata.normalize('NFD', text)


# Fields that are no visible line. Whoever adds one says here why it is none.
OTHER_WORDS = {
    'email': 'address', 'password': 'secret', 'current': 'secret', 'refresh_token': 'secret', 'token': 'secret',
    'code': 'scanned', 'description': 'lines', 'address': 'lines', 'message': 'lines',
}


def test_every_text_is_a_visible_line_unless_it_is_listed(route):
    for field in route.fields + route.query:
        if field['type'] == 'text' and field['words'] != 'line':
            assert OTHER_WORDS.get(field['name']) == field['words'], field['name']


def test_description_and_address_may_have_lines(api, world):
    text = 'one\n\ttwo\r\nthree'
    event = post(api, world, 'events', {'title': 'T', 'kind': 'play', 'running_minutes': 9, 'description': f'\n{text}\n'})
    assert event.json()['description'] == text
    venue = post(api, world, 'venues', {'name': 'V', 'region': 'R', 'address': f' {text}\n'})
    assert venue.json()['address'] == text


@pytest.mark.parametrize('text', [*INVISIBLE.values(), '\n'], ids=[*INVISIBLE, 'line break'])
def test_text_within_a_layout_can_be_seen(api, world, text):
    def refused(row=None, **section):
        section = dict({'name': 'S', 'grade': 'R', 'rows': [dict({'name': 'A', 'seats': [{'label': '1'}]}, **(row or {}))]}, **section)
        answer = post(api, world, 'layouts', {'hall_id': 1, 'sections': [section]})
        assert answer.status == 422
        return fields(answer)

    assert refused(name=f'a{text}b') == {'sections[0].name'}
    assert refused(grade=f'a{text}b') == {'sections[0].grade'}
    assert refused({'name': f'a{text}b'}) == {'sections[0].rows[0].name'}
    assert refused({'seats': [{'label': f'a{text}b'}]}) == {'sections[0].rows[0].seats[0].label'}


def test_grades_and_prices_meet(api, world):
    hall = world.hall(sections=[{'name': 'S', 'grade': decomposed('특석'), 'rows': 1, 'seats_per_row': 4}])
    for code in ('특석', decomposed('특석'), ' 특석 '):
        show = world.show(hall_id=hall['id'], prices={code: 5})
        assert [(grade['code'], grade['price']) for grade in show['grades']] == [('특석', 5)]
    answer = post(api, world, 'shows', world.show_body(hall_id=hall['id'], prices={'특석': 5, decomposed('특석'): 6}))
    assert answer.status == 422
    buyer = world.user()
    answer = api.post(f'/api/shows/{show["id"]}/holds', {'best': {'count': 1, 'grade': decomposed('특석')}}, token=buyer.token)
    assert answer.status == 201 and answer.json()['seats'][0]['grade'] == '특석'


def test_title_region_and_searches_meet(api, world):
    mark = uuid.uuid4().hex[:8]
    title, region = f'가을 café {mark}', f'부산 {mark}'
    event = post(api, world, 'events', {'title': f'  {decomposed(title)} ', 'kind': 'play', 'running_minutes': 9})
    assert event.status == 201 and event.json()['title'] == title
    world.show(event_id=event.json()['id'], hall_id=world.hall(region=f'{decomposed(region)} ')['id'])
    for query in (f'q={quote(form)}' for form in (title, decomposed(title), f' {title}\u3000', f'CAFÉ {mark}')):
        wait_for(lambda query=query: [row['title'] for row in api.get(f'/api/events?{query}').json()['items']] == [title],
                 10, f'the event is found by {query}')
    for form in (region, decomposed(region), f' {region} '):
        assert [row['title'] for row in api.get(f'/api/events?region={quote(form)}').json()['items']] == [title]


@pytest.mark.parametrize('q', ['%20', '%E3%80%80', 'a%E2%80%8Bb', 'a%0Ab', ''])
def test_search_for_what_no_title_can_have_is_422(api, q):
    answer = api.get(f'/api/events?q={q}')
    assert (answer.status, fields(answer)) == (422, {'q'})


@pytest.mark.parametrize('typed', ['mİke', 'mi\u212ae', 'M\u0130\u212aE'])
def test_letters_of_other_alphabets_do_not_reach_an_address(api, typed):
    rest = f'.{uuid.uuid4().hex[:12]}@example.test'
    assert signup(api, 'mike' + rest).status == 201
    assert login(api, typed + rest).code == 'bad_credentials'
    assert signup(api, typed + rest, password='another password').status == 201
    assert login(api, typed + rest).code == 'bad_credentials'
    assert login(api, typed + rest, 'another password').json()['user']['email'] == typed + rest
    assert login(api, 'MIKE' + rest.upper()).json()['user']['email'] == 'mike' + rest


@pytest.mark.parametrize('typed', ['m\u0130ke', 'mi\u212ae'])
def test_failed_log_ins_of_another_address_are_not_counted_with_it(api, typed):
    rest = f'.{uuid.uuid4().hex[:12]}@example.test'
    assert signup(api, 'mike' + rest).status == 201
    for _ in range(10):
        assert login(api, typed + rest, 'wrong password').status == 401
    assert login(api, typed + rest, 'wrong password').status == 429
    assert login(api, 'mike' + rest).status == 200


@pytest.mark.parametrize('text', ['\u00a0', '\u3000', '\ufe0f', ' ', '\t'])
def test_address_has_no_space_and_nothing_invisible(api, text):
    email = f'a{text}b@example.test'
    assert fields(signup(api, email)) == {'email'}
    assert fields(login(api, email)) == {'email'}


@pytest.mark.parametrize('kept, typed', [('café fish 1', decomposed('café fish 1')), (decomposed('café fish 1'), 'café fish 1'),
                                         ('ｐａｓｓｗｏｒｄ', 'password'), ('비밀번호는여덟자', decomposed('비밀번호는여덟자'))])
def test_password_is_the_same_in_each_way_to_type_it(api, kept, typed):
    email = fresh_email()
    assert signup(api, email, password=kept).status == 201
    assert login(api, email, typed).status == 200
    assert login(api, email, typed + 'x').code == 'bad_credentials'


def test_older_hash_of_a_password_as_typed_is_good(api, world):
    email, password = fresh_email(), 'ﬁsh and chips'
    assert signup(api, email).status == 201
    hashed = nacl.pwhash.argon2id.str(password.encode(), opslimit=1, memlimit=8192).decode()
    world.sql('UPDATE account.users SET password_hash = %s WHERE email = %s', hashed, email)
    assert login(api, email, password).status == 200
    assert login(api, email, 'fish and chips').code == 'bad_credentials'


@pytest.mark.parametrize('currency, status', [('EUR', 201), (' KRW ', 201), ('AAA', 422), ('XTS', 422), ('XAU', 422),
                                              ('krw', 422), ('KR\u200b', 422)])
def test_currency_is_of_iso_4217(api, world, currency, status):
    answer = post(api, world, 'shows', world.show_body(currency=currency))
    assert answer.status == status
    assert fields(answer) == ({'currency'} if status == 422 else set())


@pytest.mark.parametrize('zone, status', [
    ('Asia/Seoul', 201), ('Europe/Stockholm', 201), ('America/Argentina/Buenos_Aires', 201), ('Etc/UTC', 201),
    ('localtime', 422), ('posixrules', 422), ('posix/Asia/Seoul', 422), ('Factory', 422), ('UTC', 422), ('US/Pacific', 422),
    ('Asia/Calcutta', 422), ('Asia/Nowhere', 422), ('asia/seoul', 422), ('Asia/Seoul\u200b', 422)])
def test_zone_has_its_one_name(api, world, zone, status):
    answer = post(api, world, 'venues', {'name': 'V', 'region': 'R', 'time_zone': zone})
    assert answer.status == status
    assert fields(answer) == ({'time_zone'} if status == 422 else set())


def test_code_is_trimmed_and_holder_can_be_seen_at_the_door(world, show, buyer):
    world.sql('UPDATE account.users SET name = %s WHERE user_id = %s', '\u202eAnn\u200b Lee\n', buyer.id)
    order = world.buy(buyer, show, [0])
    answer = world.check_in(order, f' \t{order["tickets"][0]["code"]}\r\n')
    assert answer.status == 200 and answer.json()['holder'] == 'Ann Lee'

"""Accounts: sign up, log in, refresh, log out, throttling."""
import json
import json
import random
import re
import socket
import statistics
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

import fcgi
from recipes import PASSWORD, fresh_email, session
from wait import wait_for
from world import unix

PROFILE = {'id', 'email', 'name', 'phone', 'role', 'created_at'}
LOGIN = {'access_token', 'token_type', 'expires_in', 'refresh_token', 'user'}


def signup(api, email=None, **changes):
    body = dict({'email': email or fresh_email(), 'password': PASSWORD, 'name': 'Ann Lee'}, **changes)
    return api.post('/api/auth/signup', body)


def login(api, email, password=PASSWORD):
    return api.post('/api/auth/login', {'email': email, 'password': password})


def test_signup_gives_the_profile(api):
    email = fresh_email()
    answer = signup(api, email, phone='+821012345678')
    profile = answer.json()
    assert answer.status == 201 and set(profile) == PROFILE
    assert (profile['email'], profile['name'], profile['phone'], profile['role']) == \
        (email, 'Ann Lee', '+821012345678', 'user')
    assert abs(unix(profile['created_at']) - time.time()) < 10
    uuid.UUID(profile['id'])


def test_signup_without_phone_has_null(api):
    assert signup(api).json()['phone'] is None
    assert signup(api, phone=None).json()['phone'] is None


def test_second_signup_with_an_address_is_refused(api):
    email = fresh_email()
    assert signup(api, email).status == 201
    answer = signup(api, email.upper())
    assert (answer.status, answer.code) == (409, 'email_taken')
    # The first one's password still works.
    assert login(api, email).status == 200


@pytest.mark.parametrize('password', ['1234567', 'x' * 129])
def test_password_length_is_8_to_128(api, password):
    assert signup(api, password=password).code == 'validation_failed'


@pytest.mark.parametrize('password', ['12345678', 'x' * 128, '비밀번호는여덟자', ' leading and trailing '])
def test_any_password_of_8_to_128_characters_works(api, password):
    email = fresh_email()
    assert signup(api, email, password=password).status == 201
    assert login(api, email, password).status == 200
    assert login(api, email, password[:-1] + '\u00e9').code == 'bad_credentials'


def test_email_of_254_characters_is_the_longest(api):
    domain = '.'.join(['d' * 60] * 3) + '.test'
    local = 'a' * (254 - len(domain) - 1 - 8) + uuid.uuid4().hex[:8]
    assert signup(api, f'{local}@{domain}').status in (201, 422)
    assert signup(api, f'{local}b@{domain}').status == 422


def test_login_gives_tokens_and_profile(api):
    email = fresh_email()
    profile = signup(api, email).json()
    document = login(api, email).json()
    assert set(document) == LOGIN
    assert (document['token_type'], document['expires_in']) == ('Bearer', 900)
    assert document['user'] == profile
    assert api.get('/api/me', token=document['access_token']).json() == profile


def test_login_does_not_mind_the_case_of_the_address(api):
    email = fresh_email('MiXeD')
    signup(api, email)
    assert login(api, email.swapcase()).status == 200


def test_wrong_password_and_unknown_address_are_answered_alike(api):
    email = fresh_email()
    signup(api, email)
    wrong, unknown = login(api, email, 'not the password'), login(api, fresh_email())
    for answer in (wrong, unknown):
        assert (answer.status, answer.code) == (401, 'bad_credentials')
    same = [{k: v for k, v in answer.json().items() if k != 'trace_id'} for answer in (wrong, unknown)]
    assert same[0] == same[1]
    assert wrong.headers['WWW-Authenticate']


def test_refresh_rotates(api, world):
    document, _ = session(world)
    answer = api.post('/api/auth/refresh', {'refresh_token': document['refresh_token']})
    fresh = answer.json()
    assert answer.status == 200 and set(fresh) == LOGIN
    assert fresh['refresh_token'] != document['refresh_token']
    assert fresh['access_token'] != document['access_token']
    for token in (document['access_token'], fresh['access_token']):
        assert api.get('/api/me', token=token).status == 200


def refresh(api, document):
    return api.post('/api/auth/refresh', {'refresh_token': document['refresh_token']})


def test_reused_refresh_token_revokes_the_family(api, world):
    document, _ = session(world)
    fresh = refresh(api, document).json()
    newest = refresh(api, fresh).json()
    reused = refresh(api, document)
    assert (reused.status, reused.code) == (401, 'refresh_invalid')
    # At once: the thief's tokens and the owner's alike.
    for token in (document, fresh, newest):
        assert api.get('/api/me', token=token['access_token']).code == 'unauthenticated'
    assert refresh(api, newest).code == 'refresh_invalid'


def test_a_guessed_secret_revokes_the_family(api, world):
    document, _ = session(world)
    token = document['refresh_token']
    guess = token[:-2] + ('AA' if token[-2:] != 'AA' else 'QQ')
    assert api.post('/api/auth/refresh', {'refresh_token': guess}).code == 'refresh_invalid'
    assert api.get('/api/me', token=document['access_token']).code == 'unauthenticated'


def test_a_second_tab_does_not_log_the_buyer_out(api, world):
    document, _ = session(world)
    tabs = [refresh(api, document) for _ in range(2)]
    assert [tab.status for tab in tabs] == [200, 200]
    for _ in range(3):
        tabs = [refresh(api, tab.json()) for tab in tabs]
        assert [tab.status for tab in tabs] == [200, 200]
    for tab in tabs:
        assert api.get('/api/me', token=tab.json()['access_token']).status == 200


def test_tabs_that_refresh_at_once_all_go_on(api, world):
    for _ in range(5):
        document, _ = session(world)
        with ThreadPoolExecutor(4) as pool:
            tabs = list(pool.map(lambda _: refresh(api, document), range(4)))
            assert [tab.status for tab in tabs] == [200] * 4
            assert len({tab.json()['refresh_token'] for tab in tabs}) == 4
            tabs = list(pool.map(lambda tab: refresh(api, tab.json()), tabs))
        assert [tab.status for tab in tabs] == [200] * 4


def test_a_fifth_tab_waits(api, world):
    document, _ = session(world)
    answers = [refresh(api, document) for _ in range(5)]
    assert [answer.status for answer in answers] == [200] * 4 + [429]
    assert answers[4].code == 'rate_limited' and 1 <= int(answers[4].headers['Retry-After']) <= 10
    assert api.get('/api/me', token=document['access_token']).status == 200


def pass_time(world, document, seconds):
    """Of the session's refresh tokens."""
    world.sql('UPDATE account.refresh_tokens SET used_at = used_at - make_interval(secs => %s) WHERE user_id = %s',
              seconds, document['user']['id'])


def test_a_buyer_who_leaves_in_the_middle_of_a_refresh_stays_logged_in(api, world, stack):
    """As a navigation to a page of a payment provider does: the request arrives, its answer never."""
    document, _ = session(world)
    body = json.dumps({'refresh_token': document['refresh_token']})
    with socket.create_connection(('127.0.0.1', stack.port)) as connection:
        connection.sendall(f'POST /api/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
                           f'Content-Length: {len(body)}\r\n\r\n{body}'.encode())
        wait_for(lambda: world.sql('SELECT count(*) FROM account.refresh_tokens WHERE user_id = %s', document['user']['id'])[0][0] == 2,
                 5, 'the refresh has happened')
    pass_time(world, document, 60)
    fresh = refresh(api, document)
    assert fresh.status == 200
    assert refresh(api, fresh.json()).status == 200


def test_a_token_that_was_void_when_it_came_revokes_the_family(api, world):
    document, _ = session(world)
    lost = refresh(api, document).json()
    pass_time(world, document, 60)
    heir = refresh(api, document).json()
    assert refresh(api, lost).code == 'refresh_invalid'
    assert refresh(api, heir).code == 'refresh_invalid'
    assert api.get('/api/me', token=heir['access_token']).code == 'unauthenticated'


def test_refreshes_of_a_session_are_limited(api, world):
    document, _ = session(world)
    world.sql('UPDATE account.sessions SET refreshes = 60, refreshes_from = clock_timestamp() WHERE user_id = %s', document['user']['id'])
    answer = refresh(api, document)
    assert (answer.status, answer.code) == (429, 'rate_limited')
    assert 30 <= int(answer.headers['Retry-After']) <= 60
    world.sql("UPDATE account.sessions SET refreshes_from = refreshes_from - interval '1 minute' WHERE user_id = %s",
              document['user']['id'])
    assert refresh(api, document).status == 200


def test_no_access_token_outlives_its_session(api, world):
    document, _ = session(world)
    world.sql("UPDATE account.sessions SET created_at = created_at - interval '90 days' + interval '5 minutes' WHERE user_id = %s",
              document['user']['id'])
    fresh = refresh(api, document).json()
    assert 240 <= fresh['expires_in'] <= 300
    world.sql("UPDATE account.sessions SET created_at = created_at - interval '6 minutes' WHERE user_id = %s", document['user']['id'])
    assert refresh(api, fresh).code == 'refresh_invalid'


@pytest.mark.parametrize('token', ['x', '', 'x' * 500, str(uuid.uuid4()), '..'])
def test_refresh_token_that_is_none_is_refused(api, token):
    answer = api.post('/api/auth/refresh', {'refresh_token': token})
    assert answer.code in ('refresh_invalid', 'validation_failed'), answer


def test_access_token_is_no_refresh_token(api, world):
    document, _ = session(world)
    answer = api.post('/api/auth/refresh', {'refresh_token': document['access_token']})
    assert answer.code in ('refresh_invalid', 'validation_failed')
    assert api.get('/api/me', token=document['refresh_token']).status == 401


def test_refresh_token_with_another_users_id_is_refused(api, world):
    first, _ = session(world)
    second, _ = session(world)
    # Whatever its form, half of one and half of the other is nobody's.
    a, b = first['refresh_token'], second['refresh_token']
    half = len(a) // 2
    assert api.post('/api/auth/refresh', {'refresh_token': a[:half] + b[half:]}).status in (401, 422)
    assert api.get('/api/me', token=second['access_token']).status == 200


def is_refused_everywhere(api, document):
    # Each connection may meet another worker: all must know.
    for _ in range(12):
        assert api.get('/api/me', token=document['access_token']).code == 'unauthenticated'
    return True


def test_logout_ends_access_and_refresh_at_once(api, world):
    document, _ = session(world)
    answer = api.post('/api/auth/logout', token=document['access_token'])
    assert answer.status == 204
    assert is_refused_everywhere(api, document)
    answer = api.post('/api/auth/refresh', {'refresh_token': document['refresh_token']})
    assert answer.code == 'refresh_invalid'


def test_logout_ends_one_session_only(api, world):
    document, body = session(world)
    other = login(api, body['email']).json()
    assert api.post('/api/auth/logout', token=document['access_token']).status == 204
    assert api.get('/api/me', token=other['access_token']).status == 200


def flush_memcached(stack):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(stack.memcached)
        connection.sendall(b'flush_all\r\n')
        assert connection.recv(100) == b'OK\r\n'


def test_revocation_outlives_the_cache(api, world, stack):
    document, _ = session(world)
    assert api.post('/api/auth/logout', token=document['access_token']).status == 204
    flush_memcached(stack)
    assert is_refused_everywhere(api, document)


def test_revocation_by_another_host_arrives(api, world):
    """Written by nobody here: the mirror brings it within a second or two."""
    document, _ = session(world)
    user_id = document['user']['id']
    family = world.sql('SELECT session_id FROM account.sessions WHERE user_id = %s', user_id)[0][0]
    world.sql('SELECT account.session_close(%s, %s, 900)', user_id, family)
    wait_for(lambda: api.get('/api/me', token=document['access_token']).status == 401, 2,
             'a revocation of another host is known')


def test_profile_is_changed_and_shown_at_once(api, world):
    user = world.user()
    answer = api.patch('/api/me', {'name': '이름', 'phone': '+821099998888'}, token=user.token)
    assert answer.status == 200
    profile = api.get('/api/me', token=user.token).json()
    assert profile == answer.json()
    assert (profile['name'], profile['phone']) == ('이름', '+821099998888')
    assert api.patch('/api/me', {'phone': None}, token=user.token).json()['phone'] is None
    assert api.patch('/api/me', {'name': 'Only'}, token=user.token).json()['phone'] is None
    assert api.patch('/api/me', {}, token=user.token).json()['name'] == 'Only'


@pytest.mark.parametrize('name', ['role', 'email', 'id', 'password', 'balance'])
def test_profile_cannot_raise_itself(api, world, name):
    user = world.user()
    answer = api.patch('/api/me', {'name': 'x', name: 'admin'}, token=user.token)
    assert answer.code == 'validation_failed'
    profile = api.get('/api/me', token=user.token).json()
    assert profile['role'] == 'user' and profile['name'] != 'x'


# --- throttling

def test_ten_failures_of_an_account_close_it_for_a_while(api):
    email = fresh_email('throttle')
    signup(api, email)
    for number in range(10):
        assert login(api, email, 'wrong password').status == 401, number
    for password in ('wrong password', PASSWORD):
        answer = login(api, email.upper(), password)
        assert (answer.status, answer.code) == (429, 'rate_limited')
        assert 1 <= int(answer.headers['Retry-After']) <= 300
    # Nobody else is concerned.
    other = fresh_email()
    signup(api, other)
    assert login(api, other).status == 200


def test_address_without_account_is_throttled_alike(api):
    email = fresh_email('nobody')
    statuses = [login(api, email, 'wrong password').status for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_good_logins_are_not_counted(api):
    email = fresh_email()
    signup(api, email)
    for _ in range(12):
        assert login(api, email).status == 200


def somewhere(api):
    """A client at an address of its own, which is limited as any."""
    return api.at(f'127.{random.randrange(1, 256)}.{random.randrange(256)}.{random.randrange(1, 255)}')


def wrong(api, email, times):
    return [login(api, email, 'wrong password').status for _ in range(times)]


def test_strangers_do_not_lock_out_the_owner(api):
    email, home = fresh_email('owner'), somewhere(api)
    signup(api, email)
    assert login(home, email).status == 200
    assert wrong(api, email, 11) == [401] * 10 + [429]
    assert login(api, email).status == 429
    assert login(home, email).status == 200
    # An address is known to one account, not to all.
    other = fresh_email('owner')
    signup(api, other)
    assert wrong(api, other, 10) == [401] * 10
    assert login(home, other).status == 429


def test_an_address_of_the_owner_is_counted_by_itself(api, world):
    email, home, office = fresh_email('owner'), somewhere(api), somewhere(api)
    signup(api, email)
    for place in (home, office):
        assert login(place, email).status == 200
    assert wrong(home, email, 10) == [401] * 10
    for password in ('wrong password', PASSWORD):
        answer = login(home, email, password)
        assert (answer.status, answer.code) == (429, 'rate_limited')
        assert 1 <= int(answer.headers['Retry-After']) <= 300
    assert login(office, email).status == 200
    # What happened at home counts neither against strangers nor at the office.
    assert wrong(api, email, 1) == wrong(office, email, 1) == [401]
    world.sql("UPDATE account.login_addresses AS a SET window_from = window_from - interval '301 s' FROM account.users AS u"
              ' WHERE u.user_id = a.user_id AND u.email = %s', email)
    assert login(home, email).status == 200
    assert wrong(home, email, 11) == [401] * 10 + [429]


def test_an_address_is_known_for_30_days(api, world):
    email, home, office = fresh_email('owner'), somewhere(api), somewhere(api)
    signup(api, email)
    for place in (home, office):
        assert login(place, email).status == 200
    world.sql("UPDATE account.login_addresses AS a SET good_at = good_at - interval '30 days' FROM account.users AS u"
              ' WHERE u.user_id = a.user_id AND u.email = %s', email)
    assert login(office, email).status == 200
    assert wrong(api, email, 10) == [401] * 10
    assert login(home, email).status == 429
    assert login(office, email).status == 200


def test_an_account_knows_its_newest_16_addresses(api, world):
    email, places = fresh_email('owner'), [somewhere(api) for _ in range(17)]
    signup(api, email)
    for place in places:
        assert login(place, email).status == 200
    assert wrong(api, email, 10) == [401] * 10
    assert [login(place, email).status for place in places[:2]] == [429, 200]
    assert world.sql('SELECT count(*) FROM account.login_addresses AS a JOIN account.users AS u USING (user_id) WHERE u.email = %s',
                     email) == [(16,)]


def late_requests(api):
    return int(re.search(r'^boxoffice_requests_late_total (\d+)$', api.get('/metrics').body.decode(), re.M)[1])


def test_a_stranger_who_waited_is_told_to_come_again(api, stack):
    """A request that has been in the queue for so long, straight to the pool. The owner's address is served all the same."""
    email = fresh_email('owner')
    signup(api, email)
    assert login(api.at('127.0.0.9'), email).status == 200

    def ask(path, body, address, seconds):
        return fcgi.request(f'{stack.state}/run/login.sock', 'POST', path, json.dumps(body).encode(), REMOTE_ADDR=address,
                            PASSED_AT=f'{time.time() - seconds:.3f}')
    right = {'email': email, 'password': PASSWORD}
    late = late_requests(api)
    for address, seconds, status in (('127.0.0.10', 0.2, 200), ('127.0.0.11', 1.1, 503), ('127.0.0.9', 5, 200)):
        assert ask('/api/auth/login', right, address, seconds).status == status, (address, seconds)
    fresh = {'email': fresh_email(), 'password': PASSWORD, 'name': 'Ann Lee'}
    refused = ask('/api/auth/signup', fresh, '127.0.0.12', 1.1)
    assert refused.status == 503 and json.loads(refused.body)['code'] == 'unavailable' and int(refused.headers['retry-after']) >= 1
    assert ask('/api/auth/signup', fresh, '127.0.0.12', 0.2).status == 201
    assert late_requests(api) == late + 2


def test_address_is_throttled(api):
    """30 a minute from one address that is not trusted, whoever is named."""
    limited = api.at('127.0.0.2')
    answers = [login(limited, fresh_email(), 'wrong password') for _ in range(35)]
    statuses = [answer.status for answer in answers]
    assert 429 in statuses, statuses
    first = statuses.index(429)
    # The minute may turn once on the way.
    assert 30 <= first
    assert answers[first].code == 'rate_limited'
    assert int(answers[first].headers['Retry-After']) >= 1
    assert signup(limited).code == 'rate_limited'
    assert login(api, fresh_email(), 'wrong password').status == 401
    answer = api.at('127.0.0.2').get('/api/events')
    assert answer.status == 200


def test_login_takes_as_long_for_an_unknown_address(api, world):
    """Nobody learns from the clock who has an account: medians over 50 of each, asked in turns."""
    known = fresh_email('timing')
    signup(api, known)
    hashed = world.sql('SELECT password_hash FROM account.users WHERE lower(email) = %s', known)[0][0]
    difference = None
    for _ in range(3):
        rows = [(True, user.email) for user in world.users(50, password_hash=hashed)]
        rows += [(False, fresh_email('timing')) for _ in range(50)]
        random.shuffle(rows)
        times = {True: [], False: []}
        for is_known, email in rows:
            start = time.perf_counter()
            answer = login(api, email, 'not the password')
            times[is_known].append(time.perf_counter() - start)
            assert answer.code == 'bad_credentials'
        medians = [statistics.median(times[kind]) for kind in (True, False)]
        difference = abs(medians[0] - medians[1]) / max(medians)
        if difference <= 0.1:
            return
    raise AssertionError(f'medians differ by {difference:.0%}')

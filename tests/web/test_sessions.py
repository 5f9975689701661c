"""The sessions of an account: what their owner sees of them, and how he ends all others."""
import time

import pytest

from recipes import PASSWORD, session
from world import unix

KEYS = {'id', 'created_at', 'used_at', 'address', 'agent', 'current'}


@pytest.fixture
def ann(world):
    document, body = session(world)
    return document, body['email']


def login(api, email, **headers):
    answer = api.post('/api/auth/login', {'email': email, 'password': PASSWORD}, headers=headers)
    assert answer.status == 200, answer
    return answer.json()


def sessions(api, document):
    answer = api.get('/api/me/sessions', token=document['access_token'])
    assert answer.status == 200 and set(answer.json()) == {'items'}
    return answer.json()['items']


def is_in(api, document):
    """Each connection may meet another worker: all must agree."""
    statuses = {api.get('/api/me', token=document['access_token']).status for _ in range(6)}
    assert len(statuses) == 1, statuses
    return statuses == {200}


def test_the_caller_sees_his_sessions(api, ann):
    first, email = ann
    second = login(api.at('127.0.0.1'), email, **{'User-Agent': 'Browser/1.0 (phone)'})
    rows = sessions(api, first)
    assert all(set(row) == KEYS for row in rows)
    assert [row['current'] for row in rows] == [False, True], 'the one used last comes first'
    assert rows[0]['agent'] == 'Browser/1.0 (phone)' and rows[0]['address'] == '127.0.0.1'
    for row in rows:
        assert row['created_at'] == row['used_at'] and abs(unix(row['created_at']) - time.time()) < 10
    assert [row['current'] for row in sessions(api, second)] == [True, False]
    assert len({row['id'] for row in rows}) == 2


def test_a_refresh_moves_the_session_to_the_front(api, world, ann):
    first, email = ann
    login(api, email)
    world.sql("UPDATE account.sessions SET created_at = created_at - interval '1 day', used_at = used_at - interval '1 day'"
              ' WHERE user_id = %s', first['user']['id'])
    fresh = api.at('127.0.0.3').post('/api/auth/refresh', {'refresh_token': first['refresh_token']}, headers={'User-Agent': 'Other'}).json()
    row = sessions(api, fresh)[0]
    assert row['current'] and (row['address'], row['agent']) == ('127.0.0.3', 'Other')
    assert unix(row['used_at']) - unix(row['created_at']) >= 86400 - 1


@pytest.mark.parametrize('sent, kept', [
    ('x' * 300, 'x' * 200), ('a\tb', 'a?b'), ('\u00e9t\u00e9', '??t??'), ('<script>', '<script>')])
def test_what_an_agent_calls_itself_is_printable_and_cut(api, ann, sent, kept):
    login(api, ann[1], **{'User-Agent': sent.encode().decode('latin-1')})
    assert sessions(api, ann[0])[0]['agent'] == kept


def test_a_session_made_by_a_command_is_listed(api, world, stack, ann):
    stack.run('boxofficectl', 'token', ann[1])
    row = sessions(api, ann[0])[0]
    assert (row['agent'], row['address'], row['current']) == ('boxofficectl', None, False)


def test_an_ended_session_is_not_listed(api, ann):
    first, email = ann
    second = login(api, email)
    assert api.post('/api/auth/logout', token=second['access_token']).status == 204
    assert [row['current'] for row in sessions(api, first)] == [True]


def test_a_session_that_can_no_longer_be_refreshed_is_not_listed(api, world, ann):
    first, email = ann
    login(api, email)
    world.sql('UPDATE account.refresh_tokens AS t SET expires_at = clock_timestamp() FROM account.sessions AS s'
              ' WHERE s.session_id = t.session_id AND s.user_id = %s'
              ' AND s.created_at = (SELECT max(created_at) FROM account.sessions WHERE user_id = %s)', *[first['user']['id']] * 2)
    assert [row['current'] for row in sessions(api, first)] == [True]


def test_all_others_end_and_this_one_stays(api, ann):
    first, email = ann
    others = [login(api, email) for _ in range(3)]
    answer = api.delete('/api/me/sessions', token=first['access_token'])
    assert answer.status == 204
    # At once, before the mirror could have told it.
    assert [api.get('/api/me', token=other['access_token']).status for other in others] == [401] * 3
    assert is_in(api, first) and not any(is_in(api, other) for other in others)
    for other in others:
        assert api.post('/api/auth/refresh', {'refresh_token': other['refresh_token']}).code == 'refresh_invalid'
    assert [row['current'] for row in sessions(api, first)] == [True]
    assert api.post('/api/auth/refresh', {'refresh_token': first['refresh_token']}).status == 200
    assert api.delete('/api/me/sessions', token=first['access_token']).status == 204, 'again'


def test_sessions_of_another_user_are_neither_seen_nor_ended(api, world, ann):
    stranger, _ = session(world)
    assert [row['current'] for row in sessions(api, stranger)] == [True]
    assert api.delete('/api/me/sessions', token=stranger['access_token']).status == 204
    assert is_in(api, ann[0])


def test_a_log_in_beyond_the_limit_ends_the_oldest(api, world, ann):
    first, email = ann
    user = first['user']['id']
    world.sql('''INSERT INTO account.sessions (user_id, session_id, created_at)
        SELECT %s, md5(%s || n)::uuid, clock_timestamp() - make_interval(hours => n) FROM generate_series(1, 98) AS n''', user, user)
    second = login(api, email)
    assert is_in(api, first), 'a hundred'
    world.sql('UPDATE account.sessions SET used_at = used_at - interval \'200 hours\' WHERE user_id = %s AND used_at ='
              ' (SELECT min(used_at) FROM account.sessions WHERE user_id = %s)', user, user)
    third = login(api, email)
    assert not is_in(api, first) and is_in(api, second) and is_in(api, third)


def test_who_is_an_operator_or_admin_sees_his_own_alone(api, world, ann):
    for staff in (world.operator, world.admin):
        assert api.get('/api/me/sessions', token=staff.token).json() == {'items': []}
        assert api.delete('/api/me/sessions', token=staff.token).status == 204
    assert is_in(api, ann[0])

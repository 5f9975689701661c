"""The checker of every answer is itself checked: a bent answer must not pass."""
import copy
import email.message
import json

import pytest

from client import Answer


def bent(answer, status=None, body=None, **headers):
    made = email.message.Message()
    for name, value in answer.headers.items():
        made[name] = value
    for name, value in headers.items():
        name = name.replace('_', '-')
        del made[name]
        if value is not None:
            made[name] = value
    text = answer.body if body is None else json.dumps(body).encode()
    return Answer(status or answer.status, made, text)


def changed(document, *path, **members):
    document = copy.deepcopy(document)
    place = document
    for step in path:
        place = place[step]
    for name, value in members.items():
        if value is None:
            del place[name]
        else:
            place[name] = value
    return document


@pytest.fixture
def good(api, show):
    return f'/api/shows/{show["id"]}', api.get(f'/api/shows/{show["id"]}')


@pytest.fixture
def problem(api):
    return '/api/shows/2147483647', api.get('/api/shows/2147483647')


BENT_GOOD = {
    'an extra member': lambda a: bent(a, body=changed(a.json(), extra=1)),
    'an extra member inside': lambda a: bent(a, body=changed(a.json(), 'hall', 'venue', extra=1)),
    'a missing member': lambda a: bent(a, body=changed(a.json(), state=None)),
    'a number as a text': lambda a: bent(a, body=changed(a.json(), capacity='24')),
    'a time with a fraction': lambda a: bent(a, body=changed(a.json(), starts_at='2030-01-01T00:00:00.5Z')),
    'a state that is none': lambda a: bent(a, body=changed(a.json(), state='open')),
    'another status': lambda a: bent(a, status=201),
    'a status that is not listed': lambda a: bent(a, status=418),
    'no trace id': lambda a: bent(a, Trace_Id=None),
    'a short trace id': lambda a: bent(a, Trace_Id='abc'),
    'another content type': lambda a: bent(a, Content_Type='text/html'),
    'a header that nobody knows': lambda a: bent(a, X_Powered_By='C'),
    'no Cache-Control': lambda a: bent(a, Cache_Control=None),
}
BENT_PROBLEM = {
    'a code of another status': lambda a: bent(a, body=changed(a.json(), code='forbidden')),
    'a code that is none': lambda a: bent(a, body=changed(a.json(), code='gone_fishing')),
    'another trace id': lambda a: bent(a, body=changed(a.json(), trace_id='0' * 31 + '1')),
    'another status inside': lambda a: bent(a, body=changed(a.json(), status=400)),
    'an extra member': lambda a: bent(a, body=changed(a.json(), hint='x')),
    'no detail': lambda a: bent(a, body=changed(a.json(), detail=None)),
    'plain JSON': lambda a: bent(a, Content_Type='application/json'),
    'cacheable': lambda a: bent(a, Cache_Control='public, max-age=1, stale-while-revalidate=1'),
}


def test_the_answers_themselves_pass(api, good, problem):
    for path, answer in (good, problem):
        api.contract.check('GET', path, bent(answer))


@pytest.mark.parametrize('name', BENT_GOOD)
def test_bent_answer_does_not_pass(api, good, name):
    path, answer = good
    with pytest.raises(AssertionError, match='breaks the contract'):
        api.contract.check('GET', path, BENT_GOOD[name](answer))


@pytest.mark.parametrize('name', BENT_PROBLEM)
def test_bent_problem_does_not_pass(api, problem, name):
    path, answer = problem
    with pytest.raises(AssertionError, match='breaks the contract'):
        api.contract.check('GET', path, BENT_PROBLEM[name](answer))

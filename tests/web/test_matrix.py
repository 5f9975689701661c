"""Each route of the table against everything that all routes of its kind must do."""
import json
import re
import uuid

import pytest

from recipes import by_shape

ABSENT = object()


def call_of(route, world):
    make = by_shape(route.name)
    assert make, f'{route.name} has no recipe in recipes.py: say how it succeeds'
    return make(world)


def only(condition):
    """Marks a test as meant for some rows of the table."""
    def mark(function):
        function.routes = condition
        return function
    return mark


def test_every_route_has_a_recipe(route):
    assert by_shape(route.name), f'{route.name}: say in recipes.py how it succeeds'


def test_success(route, world, api):
    call = call_of(route, world)
    answer = call.send(api, route.method)
    statuses = [row['status'] for row in route.answers] or [200]
    assert answer.status in statuses, answer


@only(lambda route: route.method == 'GET')
def test_cache_control_is_the_rows(route, world, api):
    call = call_of(route, world)
    policies = {'no-store': 'no-store', 'public': 'public, max-age=1, stale-while-revalidate=1',
                'immutable': 'public, max-age=31536000, immutable'}
    assert call.send(api, 'GET').headers['Cache-Control'] == policies[route.cache]


@only(lambda route: route.who != 'none')
def test_no_token_is_401(route, world, api):
    call = call_of(route, world)
    answer = call.send(api, route.method, token=None)
    assert (answer.status, answer.code) == (401, 'unauthenticated')


@only(lambda route: route.who != 'none')
def test_expired_token_is_401(route, world, api):
    call = call_of(route, world)
    signer = world.signer
    token = signer.sign(signer.claims(role='admin', ttl_s=-5))
    answer = call.send(api, route.method, token=token)
    assert (answer.status, answer.code) == (401, 'token_expired')


@only(lambda route: route.who in ('operator', 'admin'))
def test_lesser_role_is_403(route, world, api):
    call = call_of(route, world)
    lesser = [world.user()] + ([world.operator] if route.who == 'admin' else [])
    for user in lesser:
        answer = call.send(api, route.method, token=user.token)
        assert (answer.status, answer.code) == (403, 'forbidden')


@only(lambda route: route.is_owned)
def test_other_owner_is_404(route, world, api):
    """Somebody else's object is answered as one that does not exist, whoever asks."""
    call = call_of(route, world)
    for user in (world.user(), world.operator, world.admin):
        answer = call.send(api, route.method, token=user.token)
        assert (answer.status, answer.code) == (404, 'not_found')
    ghost = re.sub(r'[0-9a-f-]{36}', lambda match: str(uuid.uuid4()), call.path)
    assert ghost != call.path
    other = call.send(api, route.method, path=ghost)
    assert (other.status, other.code) == (404, 'not_found')
    # The owner is served all the same: nothing was changed.
    answer = call.send(api, route.method)
    assert answer.status < 300, answer


@only(lambda route: route.placeholders)
def test_path_id_that_is_none_is_404(route, world, api):
    call = call_of(route, world)
    parts = call.path.split('/')
    template = route.path.split('/')
    bad = {'int': ['0', '-1', 'x', '1.0', '2147483648', '99999999999999999999', '+1', '01x', ''],
           'uuid': ['1', 'x' * 36, str(uuid.uuid4())[:-1], str(uuid.uuid4()) + '0', '']}
    for place, text in enumerate(template):
        found = re.fullmatch(r'\{\w+:(\w+)\}', text)
        for value in bad[found[1]] if found else []:
            path = '/'.join(parts[:place] + [value] + parts[place + 1:])
            answer = call.send(api, route.method, path=path)
            assert (answer.status, answer.code) in ((404, 'not_found'), (405, 'method_not_allowed')), \
                (path, answer)
            assert answer.status == 404 or value == '', (path, answer)


@only(lambda route: route.placeholders)
def test_missing_object_is_404(route, world, api):
    call = call_of(route, world)
    parts = call.path.split('/')
    first = next(place for place, text in enumerate(route.path.split('/')) if text.startswith('{'))
    path = '/'.join(parts[:first] + ['2147483647'] + parts[first + 1:])
    answer = call.send(api, route.method, path=path)
    assert (answer.status, answer.code) == (404, 'not_found')


# --- bodies

# Characters that cannot be seen, or that change what is seen around them.
INVISIBLE = {
    'control': '\x07', 'escape': '\x1b', 'next line': '\x85', 'zero width': '\u200b', 'joiner': '\u200d',
    'override': '\u202e', 'isolate': '\u2066', 'byte order mark': '\ufeff', 'soft hyphen': '\u00ad', 'filler': '\u3164',
    'tag': '\U000e0041', 'line separator': '\u2028', 'no character': '\U0010ffff',
}


def wrong_words(field):
    """What a text must not consist of. A new field is a line unless its row says more."""
    words, least = field['words'], max(field.get('min', 0), 3)
    if words == 'secret':
        return []
    rows = [('blank', ' ' * least), ('other blanks', '\u3000\u00a0\u2800'.ljust(least))]
    if words == 'scanned':
        return rows
    rows += [(what, f'a{text}b'.ljust(least, 'a')) for what, text in INVISIBLE.items()]
    rows.append(('marks', 'a' + '\u0316' * 31))
    if words != 'lines':
        rows += [('line break', 'a\nb'.ljust(least, 'a')), ('tab', 'a\tb'.ljust(least, 'a'))]
    return rows


def wrong_values(field):
    """(what, value) that a field of a shape must refuse."""
    kind = field['type']
    low, high = field.get('min', 0), field.get('max', 0)
    rows = [('object', {}), ('true', True) if kind != 'boolean' else ('text', 'true')]
    if not field.get('nullable'):
        rows.append(('null', None))
    if kind == 'text':
        rows += [('number', 1), ('array', ['a'])]
        if low:
            rows.append(('too short', 'a' * (low - 1)))
        if 0 < high <= 60000:
            rows.append(('too long', 'a' * (high + 1)))
        rows.append(('NUL', 'a\0b' + 'a' * max(low, 0)))
        rows += wrong_words(field)
    elif kind == 'integer':
        rows += [('text', '1'), ('below', low - 1), ('above', high + 1), ('2^53+1', 2**53 + 1),
                 ('fraction', RawNumber(f'{low}.0')), ('exponent', RawNumber('1e0')),
                 ('huge', RawNumber('9' * 40)), ('array', [low])]
    elif kind == 'uuid':
        rows += [('text', 'x'), ('short', '12345678-1234-1234-1234-12345678901'), ('number', 1)]
    elif kind == 'time':
        rows += [('text', 'tomorrow'), ('number', 1), ('no offset', '2030-01-01T00:00:00'),
                 ('no such day', '2030-02-30T00:00:00Z'), ('day alone', '2030-01-01'),
                 ('hour 25', '2030-01-01T25:00:00Z')]
    elif kind == 'enum':
        rows += [('another', 'nothing of these'), ('number', 1), ('empty', '')]
    elif kind == 'boolean':
        rows += [('number', 1)]
    elif kind == 'integers':
        rows += [('number', 1), ('empty', []), ('twice', [low, low]), ('below', [low - 1]),
                 ('above', [high + 1]), ('fraction', [RawNumber('1.0')]), ('text', ['1']),
                 ('null in it', [None]), ('nested', [[low]]), ('object in it', [{}])]
        if field.get('count_max') and field['count_max'] < 5000:
            rows.append(('too many', list(range(low, low + field['count_max'] + 1))))
    elif kind == 'integer_map':
        rows = [('array', [1]), ('number', 1), ('empty', {}), ('text in it', {'VIP': '1'}),
                ('below', {'VIP': low - 1}), ('above', {'VIP': high + 1}),
                ('fraction', {'VIP': RawNumber('1.5')})]
    elif kind in ('object', 'objects'):
        rows = [('number', 1), ('text', 'x')]
    if field.get('format') == 'email':
        rows += [('no @', 'example.test'), ('two @', 'a@@b'), ('space', 'a b@example.test')]
    if field.get('format') == 'phone':
        rows += [('no +', '821012345678'), ('letters', '+82101234abcd'), ('short', '+123456'),
                 ('long', '+1234567890123456')]
    return rows


class RawNumber(float):
    """A number that is written as given."""

    def __new__(cls, text):
        made = super().__new__(cls, 0.5)
        made.text = text
        return made

    def __repr__(self):
        return self.text


def dumps(body):
    """json.dumps with RawNumbers as they are."""
    marks = {}

    def mark(value):
        if isinstance(value, RawNumber):
            name = f'@@{len(marks)}@@'
            marks[f'"{name}"'] = value.text
            return name
        if isinstance(value, dict):
            return {name: mark(part) for name, part in value.items()}
        if isinstance(value, list):
            return [mark(part) for part in value]
        return value

    text = json.dumps(mark(body), ensure_ascii=False)
    for name, number in marks.items():
        text = text.replace(name, number)
    return text.encode()


@only(lambda route: route.fields)
def test_wrong_field_is_422(route, world, api):
    call = call_of(route, world)
    problems = []
    for field in route.fields:
        rows = wrong_values(field)
        if field.get('required'):
            rows.append(('absent', ABSENT))
        for what, value in rows:
            body = dict(call.body)
            if value is ABSENT:
                body.pop(field['name'], None)
            else:
                body[field['name']] = value
            answer = call.send(api, route.method, data=dumps(body))
            named = [row['field'] for row in answer.json().get('violations', [])] \
                if answer.status == 422 else []
            if answer.code != 'validation_failed' or \
                    not any(re.match(re.escape(field['name']) + r'(\b|$)', name) for name in named):
                problems.append(f'{field["name"]} {what} {str(value)[:60]!r}: {answer}')
    assert not problems, '\n'.join(problems)


@only(lambda route: route.has_body)
def test_unknown_field_is_422(route, world, api):
    call = call_of(route, world)
    body = dict(call.body or {}, nonsense=1)
    answer = call.send(api, route.method, body=body)
    assert answer.code == 'validation_failed', answer
    assert [row['field'] for row in answer.json()['violations']] == ['nonsense']


@only(lambda route: route.has_body)
def test_user_id_in_the_body_is_422(route, world, api):
    """The user is always the token's: a field of that name is unknown everywhere."""
    call = call_of(route, world)
    answer = call.send(api, route.method, body=dict(call.body or {}, user_id=world.user().id))
    assert answer.code == 'validation_failed', answer


@only(lambda route: route.has_body)
def test_bad_json_is_400(route, world, api):
    call = call_of(route, world)
    for text in (b'{', b'{"a":1}x', b"{'a':1}", b'{"a":1,}', b'\xff', b'{"a":"\xc3"}', b'nul',
                 b'{"a":NaN}', b'// c\n{}', b'{"a":01}', b'[' * 17 + b']' * 17, b'{"a":"\n"}',
                 b'{"a":1,"a":2}', b'\xef\xbb\xbf{}', b' '):
        answer = call.send(api, route.method, data=text)
        assert (answer.status, answer.code) == (400, 'bad_json'), (text, answer)


@only(lambda route: route.has_body)
def test_body_that_is_no_object_is_422(route, world, api):
    call = call_of(route, world)
    for text in (b'[]', b'1', b'"x"', b'null', b'true'):
        answer = call.send(api, route.method, data=text)
        assert answer.code == 'validation_failed', (text, answer)


@only(lambda route: route.has_body)
def test_body_that_is_not_json_is_415(route, world, api):
    call = call_of(route, world)
    for kind in ('text/plain', 'application/x-www-form-urlencoded', 'application/jsonp',
                 'application/json; charset=latin1', None, ''):
        answer = call.send(api, route.method, data=b'{}', headers={'Content-Type': kind})
        assert (answer.status, answer.code) == (415, 'unsupported_media_type'), (kind, answer)
    answer = call.send(api, route.method, data=b'{', headers={'Content-Type': 'Application/JSON; charset=UTF-8'})
    assert answer.code == 'bad_json', answer


@only(lambda route: route.has_body)
def test_body_over_the_limit_is_413(route, world, api):
    call = call_of(route, world)
    size = route.body_max + 1
    answer = call.send(api, route.method, data=b' ' * (size - 2) + b'{}')
    assert (answer.status, answer.code) == (413, 'body_too_large'), answer
    answer = call.send(api, route.method, data=b' ' * (size - 3) + b'{,')
    assert (answer.status, answer.code) == (400, 'bad_json'), answer


@only(lambda route: route.has_body and not route.fields)
def test_no_body_and_empty_object_are_the_same(route, world, api):
    for data in (None, b'', b'{}'):
        call = call_of(route, world)
        answer = call.send(api, route.method, data=data)
        assert answer.status < 300, answer


# --- queries

def wrong_queries(route):
    rows = [('unknown', 'nonsense=1'), ('unknown without a value', 'nonsense'),
            ('NUL in a name', 'a%00=1'), ('bad percent in a name', '%zz=1')]
    for parameter in route.query:
        name = parameter['name']
        known = 'x' if name in ('q', 'region') else '1'
        rows += [(f'{name} twice', f'{name}={known}&{name}={known}'), (f'{name} NUL', f'{name}=a%00b'),
                 (f'{name} no UTF-8', f'{name}=%ff'), (f'{name} bad percent', f'{name}=%4')]
        if name in ('from', 'to', 'date'):
            rows += [(f'{name} {text}', f'{name}={text}') for text in
                     ('x', '2030-02-30', '20300101', '2030-1-1', '2030-01-01T00:00:00Z', '')]
        if name in ('kind', 'rating', 'state'):
            rows += [(f'{name} unknown value', f'{name}=nothing'), (f'{name} empty', f'{name}=')]
        if name == 'region':
            rows += [('region too long', 'region=' + 'a' * 65), ('region empty', 'region=')]
        if name == 'limit':
            rows += [(f'limit {text}', f'limit={text}') for text in
                     ('0', '101', '-1', 'x', '1.0', '1e1', '', '%201', '99999999999999999999')]
    return rows


def test_wrong_query_is_422(route, world, api):
    call = call_of(route, world)
    problems = []
    for what, query in wrong_queries(route):
        answer = call.send(api, route.method, path=f'{call.path}?{query}')
        if answer.code != 'validation_failed':
            problems.append(f'{what}: ?{query}: {answer}')
    assert not problems, '\n'.join(problems)


@only(lambda route: route.is_list)
def test_bad_cursor_is_400(route, world, api):
    call = call_of(route, world)
    for cursor in ('x', '0', 'AAAA', 'a' * 300, '%F0%9F%8E%AB', "';--", '..', '='):
        answer = call.send(api, route.method, path=f'{call.path}?cursor={cursor}')
        assert (answer.status, answer.code) == (400, 'bad_cursor'), (cursor, answer)


# --- methods

def test_other_methods_are_405(route, world, api):
    call = call_of(route, world)
    allowed = api.request('OPTIONS', call.path)
    assert allowed.status == 204, allowed
    methods = {name.strip() for name in allowed.headers['Allow'].split(',')}
    assert {route.method, 'OPTIONS'} <= methods
    assert ('HEAD' in methods) == ('GET' in methods)
    for method in {'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'BREW'} - methods:
        answer = api.request(method, call.path)
        assert (answer.status, answer.code) == (405, 'method_not_allowed'), (method, answer)
        if method != 'TRACE':       # nginx refuses it before it knows the route
            assert {name.strip() for name in answer.headers['Allow'].split(',')} == methods


@only(lambda route: route.method == 'GET')
def test_head_is_get_without_a_body(route, world, api):
    call = call_of(route, world)
    full = call.send(api, 'GET')
    head = call.send(api, 'HEAD')
    assert head.status == full.status and head.body == b''
    assert head.headers['Content-Type'] == full.headers['Content-Type']
    assert head.headers['Cache-Control'] == full.headers['Cache-Control']
    # These say something else each time: what they are asked counts, or is in the trail.
    if route.template not in ('/metrics', '/readyz', '/api/admin/audit'):
        assert head.headers['Content-Length'] == str(len(full.body))


# --- Idempotency-Key

# A key of a hold finds the hold as it is now, and the seats are what it compares (test_booking.py).
HOLDS = 'POST /api/shows/{id}/holds'

@only(lambda route: route.is_idempotent)
def test_missing_key_is_400(route, world, api):
    call = call_of(route, world)
    for key in (None, ''):
        answer = call.send(api, route.method, key=key)
        assert (answer.status, answer.code) == (400, 'idempotency_key_required'), answer


@only(lambda route: route.takes_key and not route.is_idempotent)
def test_a_key_may_be_missing(route, world, api):
    """Without one, two equal requests are two."""
    call = call_of(route, world)
    for key in (None, ''):
        answer = call.send(api, route.method, key=key)
        assert 'Idempotency-Replayed' not in answer.headers
        assert answer.status < 300 or answer.code == 'hall_busy', answer


@only(lambda route: route.takes_key)
def test_malformed_key_is_400(route, world, api):
    call = call_of(route, world)
    for key in ('a' * 256, 'a b', 'a\tb', 'caf\xe9', 'a\x7f'):
        answer = call.send(api, route.method, key=key)
        assert (answer.status, answer.code) == (400, 'idempotency_key_invalid'), (key, answer)
    answer = call.send(api, route.method, key='~!' + 'k' * 253)
    assert answer.status < 300, answer


@only(lambda route: route.takes_key and route.name != HOLDS)
def test_same_key_and_body_replays(route, world, api):
    call = call_of(route, world)
    first = call.send(api, route.method)
    assert first.status < 300 and 'Idempotency-Replayed' not in first.headers
    for _ in range(2):
        again = call.send(api, route.method)
        assert (again.status, again.json()) == (first.status, first.json())
        assert again.headers['Idempotency-Replayed'] == 'true'


@only(lambda route: route.takes_key and route.name != HOLDS)
def test_same_key_other_body_is_422(route, world, api):
    call = call_of(route, world)
    assert call.send(api, route.method).status < 300
    # The same meaning in other bytes is another body too.
    answer = call.send(api, route.method, data=json.dumps(call.body, indent=1).encode() if call.body else b'{ }')
    assert (answer.status, answer.code) == (422, 'idempotency_mismatch'), answer


@only(lambda route: route.takes_key)
def test_refused_answer_is_not_kept(route, world, api):
    """A 4xx under a key leaves the key free."""
    call = call_of(route, world)
    refused = call.send(api, route.method, body=dict(call.body or {}, nonsense=1))
    assert refused.status == 422
    assert call.send(api, route.method).status < 300


@only(lambda route: route.is_idempotent)
def test_key_belongs_to_one_user(route, world, api):
    """Another user's equal key finds nothing of the first."""
    call = call_of(route, world)
    first = call.send(api, route.method)
    assert first.status < 300
    other = call_of(route, world)
    other.key = call.key
    answer = other.send(api, route.method)
    assert answer.status < 300 and 'Idempotency-Replayed' not in answer.headers


def test_documents_of_the_table_agree(route, api):
    """OpenAPI has each row with its answers and codes, and no other."""
    document = api.contract.document
    operation = document['paths'][route.template][route.method.lower()]
    listed = {int(status) for status in operation['responses'] if status.isdigit()}
    for row in route.answers:
        assert row['status'] in listed
    from openapi import STATUS_OF
    for code in route.codes:
        assert STATUS_OF[code] in listed, code
    assert operation.get('summary') or operation.get('description')


def test_openapi_has_no_other_route(api, stack):
    from routes import load_routes
    from conftest import PROGRAMS
    table = {(route.method, route.template) for route in load_routes(PROGRAMS)}
    document = api.contract.document
    served = {(method.upper(), path) for path, item in document['paths'].items()
              for method in item if method in ('get', 'post', 'patch', 'delete', 'put')}
    assert served == table
    assert document['openapi'].startswith('3.1')


def test_test_routes_are_not_in_openapi(api):
    assert not [path for path in api.contract.document['paths'] if path.startswith('/api/test')]


@pytest.mark.parametrize('path', ['/', '/api', '/api/nothing', '/nothing', '/api/events/',
                                  '/api/shows/1/stream', '/api/shows/1/queue',
                                  '/api/shows/1/pass',
                                  '/api/admin/nothing', '/API/events', '/api//events', '/.problem/404',
                                  '/api/auth', '/healthz/', '/index.html', '/.git/config'])
def test_unknown_address_is_404(api, world, path):
    for method in ('GET', 'POST'):
        answer = api.request(method, path, token=world.admin.token)
        assert (answer.status, answer.code) == (404, 'not_found'), (method, answer)

"""What /api/openapi.json says in words and examples is there for every route, and is true."""
import json
import re
import shutil
import subprocess
from urllib.parse import unquote

import jsonschema
import pytest

from client import new_key
from test_matrix import only


@pytest.fixture
def document(api):
    return json.loads(api.get('/api/openapi.json').body)


def resolve(document, part):
    while '$ref' in part:
        _, kind, name = part['$ref'].rsplit('/', 2)
        part = document['components'][kind][name]
    return part


def operations(document):
    return [(f'{method.upper()} {path}', operation)
            for path, item in document['paths'].items() for method, operation in item.items()]


def contents(document):
    """(where, media type object) of every request and answer."""
    for name, operation in operations(document):
        parts = {'request': operation.get('requestBody', {})}
        parts.update(operation['responses'])
        for key, part in parts.items():
            for content in resolve(document, part).get('content', {}).values():
                yield f'{name} {key}', content


def nodes(part):
    if isinstance(part, dict):
        yield part
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        yield from nodes(child)


def check(document, schema, value):
    resolver = jsonschema.RefResolver.from_schema(document)
    kind = jsonschema.Draft202012Validator
    kind(schema, resolver=resolver, format_checker=jsonschema.FormatChecker()).validate(value)


def test_every_operation_has_a_name_a_chapter_and_says_what_it_does(document):
    chapters = [tag['name'] for tag in document['tags']]
    assert len(set(chapters)) == len(chapters) and all(tag['description'] for tag in document['tags'])
    names = []
    for where, operation in operations(document):
        names.append(operation['operationId'])
        assert re.fullmatch('[a-z]+(_[a-z]+)+', names[-1]), (where, names[-1])
        assert len(operation['tags']) == 1 and operation['tags'][0] in chapters, where
        assert operation['summary'] and not operation['summary'].endswith('.'), where
        assert operation['description'].startswith(operation['summary']), where
        assert operation['description'].endswith('.'), where
        for part in [*operation['parameters'], *operation['responses'].values()]:
            assert resolve(document, part)['description'], where
    assert len(set(names)) == len(names)
    assert {operation['tags'][0] for _, operation in operations(document)} == set(chapters)


def test_every_request_and_answer_has_an_example_that_fits(document):
    count = 0
    for where, content in contents(document):
        assert content['examples'], where
        for example in content['examples'].values():
            value = resolve(document, example)['value']
            try:
                check(document, content['schema'], value)
            except jsonschema.ValidationError as problem:
                raise AssertionError(f'{where}: {problem.message} in {json.dumps(value)}') from None
            assert value not in ({}, [], ''), where
            count += 1
    assert count > 300
    with pytest.raises(jsonschema.ValidationError):
        check(document, {'$ref': '#/components/schemas/Hold'}, {})


@only(lambda route: route.fields)
def test_example_of_a_request_is_taken(route, world, document):
    """Sent to objects that are not there, it may be refused for that alone."""
    operation = document['paths'][route.template][route.method.lower()]
    example = next(iter(operation['requestBody']['content']['application/json']['examples'].values()))
    path = re.sub(r'\{\w+:int\}', '2000000000', route.path)
    path = re.sub(r'\{\w+:uuid\}', '0b7f4e0e-6f0e-4c5b-b0de-7f1d2c3b4a02', path)
    user = {'operator': world.operator, 'admin': world.admin}.get(route.who) or world.user()
    body = dict(resolve(document, example)['value'])
    if 'email' in body:
        body['email'] = f'example.{next(world.numbers)}.{user.id[:8]}@example.test'
    for name in ('venue_id', 'hall_id', 'event_id', 'layout_id'):
        if name in body:
            body[name] = 2000000000
    answer = world.client.request(route.method, path, body, token=user.token if route.who != 'none' else None,
                                  key=new_key() if route.is_idempotent else None)
    fields = {row['field'] for row in answer.json().get('violations', [])} if answer.body else set()
    assert answer.status not in (400, 415) and fields <= {'venue_id', 'hall_id', 'event_id', 'layout_id'}, answer


def test_no_pattern_takes_nul_and_each_takes_a_word(document):
    texts = {'cursor': 'MTc5NTI1NTgwMC4xNw', 'phone': '+821012345678', 'time_zone': 'Asia/Seoul', 'currency': 'KRW'}
    fields = [(parameter['name'], parameter['schema'])
              for _, operation in operations(document) for parameter in operation['parameters']]
    for name, schema in document['components']['schemas'].items():
        if name.endswith('Request'):
            fields += schema['properties'].items()
    checked = set()
    for name, schema in fields:
        kinds = schema.get('type')
        if 'string' in (kinds if isinstance(kinds, list) else [kinds]) and 'pattern' in schema:
            assert not re.search(schema['pattern'], 'a\0b'), name
            assert re.search(schema['pattern'], texts.get(name, 'ann')), name
            checked.add(name)
        elif 'string' in (kinds if isinstance(kinds, list) else [kinds]):
            assert 'format' in schema or 'enum' in schema or name == 'If-None-Match', name
    assert len(checked) > 15


@pytest.mark.parametrize('body, fits', [
    ({'seats': [1]}, True), ({'best': {'count': 2}}, True), ({'seats': [1], 'best': {'count': 2}}, False), ({}, False)])
def test_hold_takes_seats_or_best(api, document, show, buyer, body, fits):
    try:
        check(document, {'$ref': '#/components/schemas/HoldRequest'}, body)
        says = True
    except jsonschema.ValidationError:
        says = False
    answer = api.post(f'/api/shows/{show["id"]}/holds', body, token=buyer.token)
    assert says is fits and (answer.status == 201) is fits


def test_null_is_what_absence_is_in_every_request_that_makes_something(document):
    """Only of members that exclude each other one must be there."""
    def allows_null(part):
        kinds = part.get('type')
        return 'null' in (kinds if isinstance(kinds, list) else [kinds]) or {'type': 'null'} in part.get('anyOf', []) \
            or None in part.get('enum', [])

    def refused(schema, where, seen):
        one_of = {name for choice in schema.get('oneOf', []) for name in choice.get('required', [])}
        for name, part in schema.get('properties', {}).items():
            if name not in schema['required'] and name not in one_of and not allows_null(part):
                yield f'{where}.{name}'
            for node in nodes(part):
                ref = node.get('$ref')
                if isinstance(ref, str) and ref not in seen:
                    yield from refused(resolve(document, node), ref.rsplit('/', 1)[1], seen | {ref})

    found = set()
    for where, operation in operations(document):
        for content in resolve(document, operation.get('requestBody', {})).get('content', {}).values():
            if where.startswith('POST '):
                found |= set(refused(resolve(document, content['schema']), where, set()))
    assert not found


def test_a_show_with_nulls_is_a_show_without(api, world):
    optional = ('layout_id', 'sales_close_at', 'max_seats_per_user', 'hold_seconds', 'rerelease')
    bare = {name: value for name, value in world.show_body().items() if name not in optional}
    bodies = [dict(bare, hall_id=world.hall()['id'], **nulls) for nulls in ({}, dict.fromkeys(optional))]
    shows = [world.make('shows', body) for body in bodies]
    assert all(show['sales_close_at'] == show['starts_at'] for show in shows)
    for name in ('max_seats_per_user', 'hold_seconds', 'rerelease'):
        assert shows[0][name] == shows[1][name], name


def test_a_hold_with_nulls_is_a_hold_without(api, show, buyer):
    path = f'/api/shows/{show["id"]}/holds'
    assert api.post(path, {'seats': [20], 'replaces': None}, token=buyer.token).status == 201
    assert api.post(path, {'best': {'count': 1, 'grade': None}, 'replaces': None}, token=buyer.token).status == 201
    assert len(api.get(path, token=buyer.token).json()['items']) == 2


def test_an_empty_key_is_none_and_the_document_allows_it_where_a_key_may_be_left_out(api, document, world, show, buyer):
    def pattern(path):
        return next(row['schema']['pattern'] for row in document['paths'][path]['post']['parameters'] if row['name'] == 'Idempotency-Key')
    holds, orders = '/api/shows/{id}/holds', '/api/shows/{id}/orders'
    answer = api.post(holds.replace('{id}', str(show['id'])), {'seats': [21]}, token=buyer.token, headers={'Idempotency-Key': ''})
    assert answer.status == 201 and re.search(pattern(holds), '')
    answer = api.post(orders.replace('{id}', str(show['id'])), {'hold_id': answer.json()['id']}, token=buyer.token, headers={'Idempotency-Key': ''})
    assert answer.code == 'idempotency_key_required' and not re.search(pattern(orders), '')


@pytest.mark.parametrize('cursor', ['', 'a%20b', '%00', '=='])
def test_cursor_that_the_document_refuses_is_refused(api, document, cursor):
    parameters = document['paths']['/api/events']['get']['parameters']
    schema = next(parameter['schema'] for parameter in parameters if parameter['name'] == 'cursor')
    assert schema['minLength'] == 1 and not re.search(schema['pattern'], unquote(cursor))
    assert api.get(f'/api/events?cursor={cursor}').status in (400, 422)


def test_only_methods_of_payment_that_are_offered_are_told(api, document, world, show, buyer):
    order = world.order(buyer, world.hold(buyer, show, [9]))
    for method in document['components']['schemas']['PaymentRequest']['properties']['method']['enum']:
        answer = api.post(world.pay_path(order), {'method': method}, token=buyer.token, key=new_key())
        assert answer.status in (200, 402), method
    refused = api.post(world.pay_path(order), {'method': 'card'}, token=buyer.token, key=new_key())
    assert refused.status == 422 and [row['field'] for row in refused.json()['violations']] == ['method']


def test_currencies_and_zones_are_those_that_are_taken(document):
    schema = document['components']['schemas']['ShowRequest']['properties']['currency']
    assert len(schema['enum']) > 100 and all(re.search(schema['pattern'], name) for name in schema['enum'])
    zone = document['components']['schemas']['VenueRequest']['properties']['time_zone']['pattern']
    assert re.search(zone, 'Asia/Seoul')
    assert not re.search(zone, 'posix/Asia/Seoul') and not re.search(zone, 'localtime')


def test_nothing_is_there_that_nobody_refers_to(document):
    used = {node['$ref'] for node in nodes(document) if '$ref' in node}
    used |= {f'#/components/securitySchemes/{name}' for _, operation in operations(document)
             for entry in operation['security'] for name in entry}
    there = {f'#/components/{kind}/{name}' for kind, parts in document['components'].items() for name in parts}
    assert there == used


@pytest.mark.parametrize('command', [['redocly', 'lint'], ['spectral', 'lint', '--fail-severity=warn', '--ruleset']])
def test_linter_has_nothing_to_say(document, tmp_path, command):
    """They come from npm; where they are not installed there is nothing to run."""
    if not shutil.which(command[0]):
        pytest.skip(f'{command[0]} is not installed')
    path, rules = tmp_path / 'openapi.json', tmp_path / 'rules.yaml'
    path.write_text(json.dumps(document))
    rules.write_text('extends: ["spectral:oas"]\n')
    extra = [str(rules)] if command[-1] == '--ruleset' else []
    done = subprocess.run([*command, *extra, str(path)], text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr

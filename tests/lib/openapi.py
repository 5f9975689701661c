"""Checks every answer against the OpenAPI document that the server itself serves.

It also checks what the contract says of all answers (Trace-Id, problem bodies, Cache-Control, headers
that belong to a status). A breach is an AssertionError that names the request.
"""
import json
import re

import jsonschema

# Status by code: the closed list. A code outside of it, or with another status, is a breach.
CODES = {
    400: 'bad_request bad_json bad_cursor idempotency_key_required idempotency_key_invalid',
    401: 'unauthenticated token_expired bad_credentials refresh_invalid',
    402: 'insufficient_balance card_declined',
    403: 'forbidden pass_required',
    404: 'not_found',
    405: 'method_not_allowed',
    409: 'email_taken seats_taken not_enough_seats not_on_sale hold_paying hold_confirmed '
         'extension_limit idempotency_in_flight already_paid payment_in_progress order_closed '
         'too_late already_cancelled already_used hall_busy show_closed not_your_turn',
    410: 'hold_expired turn_missed',
    413: 'body_too_large',
    414: 'uri_too_long',
    415: 'unsupported_media_type',
    422: 'validation_failed seat_limit idempotency_mismatch currency_mismatch',
    429: 'rate_limited',
    431: 'headers_too_large',
    500: 'internal',
    502: 'bad_gateway',
    503: 'unavailable gateway_unavailable',
    504: 'gateway_timeout',
}
STATUS_OF = {code: status for status, codes in CODES.items() for code in codes.split()}

# What nginx answers by itself before (or because) no worker does; any address can give these.
GATEWAY = {'bad_request', 'body_too_large', 'uri_too_long', 'rate_limited', 'headers_too_large',
           'bad_gateway', 'unavailable', 'gateway_timeout', 'method_not_allowed'}

PROBLEM_KEYS = {'type', 'title', 'status', 'detail', 'code', 'trace_id'}
# Members that a problem of a code has besides.
PROBLEM_OPTIONAL = {'seats_taken': {'again_at'}}
PROBLEM_EXTRA = {'validation_failed': {'violations'}, 'seats_taken': {'seats'},
                 'seat_limit': {'limit', 'taken'}}

HEADERS = {
    'server', 'date', 'content-type', 'content-length', 'transfer-encoding', 'connection',
    'cache-control', 'trace-id', 'server-timing', 'etag', 'allow', 'www-authenticate',
    'retry-after', 'idempotency-replayed', 'vary', 'content-encoding', 'keep-alive', 'location', 'x-content-type-options',
}
PAGE_HEADERS = {'content-security-policy'}
CACHE_POLICIES = {
    'no-store',
    'public, max-age=1, stale-while-revalidate=1',
    'public, max-age=31536000, immutable',
}


def closed(schema):
    """The schema with every object that names its members closed to others."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: closed(part) for name, part in schema.items()}
    if isinstance(schema.get('properties'), dict) and 'additionalProperties' not in schema:
        result['additionalProperties'] = False
    return result


class Contract:
    def __init__(self, document):
        self.document = document
        strict = dict(document, components=closed(document.get('components', {})))
        self.resolver = jsonschema.RefResolver.from_schema(strict)
        self.components = strict['components']
        self.validators = {}
        self.templates = sorted(
            ((re.compile('^' + re.sub(r'\\\{[^}]*\\\}', '[^/]+', re.escape(path)) + '$'), path)
             for path in document['paths']),
            key=lambda row: row[1].count('{'))

    def template(self, path):
        """The path template that a path belongs to; None when the document has none."""
        for pattern, template in self.templates:
            if pattern.match(path):
                return template
        return None

    def validator(self, schema):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            kind = jsonschema.Draft202012Validator
            self.validators[key] = kind(closed(schema), resolver=self.resolver,
                                        format_checker=jsonschema.FormatChecker())
        return self.validators[key]

    def resolve(self, part):
        while '$ref' in part:
            part = self.resolver.resolve(part['$ref'])[1]
        return part

    def check(self, method, target, answer):
        path = target.split('?')[0]
        try:
            is_page = path == '/api/' or path.startswith('/problems/')
            self.check_any(method, answer, HEADERS | PAGE_HEADERS if is_page else HEADERS)
            template = self.template(path)
            if path.startswith('/api/test/') or is_page:
                return
            if template is None:
                self.check_unlisted(method, answer)
            else:
                self.check_listed(method, self.document['paths'][template], answer)
        except AssertionError as problem:
            raise AssertionError(f'{method} {target} answered {answer.status}, which breaks the '
                                 f'contract: {problem}\n{answer.headers}\n'
                                 f'{answer.body[:2000]!r}') from None

    def check_any(self, method, answer, known=HEADERS):
        headers = answer.headers
        unknown = {name.lower() for name in headers.keys()} - known
        assert not unknown, f'unknown headers {unknown}'
        assert len(headers.get_all('Trace-Id') or []) == 1, 'there is not one Trace-Id'
        assert re.fullmatch('[0-9a-f]{32}', headers['Trace-Id']), 'Trace-Id is not 32 hex digits'
        assert set(headers['Trace-Id']) != {'0'}, 'Trace-Id is all zero'
        assert len(headers.get_all('Cache-Control') or []) == 1, 'there is not one Cache-Control'
        assert headers['Cache-Control'] in CACHE_POLICIES, 'unknown Cache-Control'
        if answer.status >= 400:
            self.check_problem(method, answer)
        if answer.status in (204, 304) or method == 'HEAD':
            assert answer.body == b'', 'a body where there can be none'
        if headers['ETag']:
            assert re.fullmatch(r'(W/)?"[\x21\x23-\x7e]*"', headers['ETag']), 'malformed ETag'

    def check_problem(self, method, answer):
        headers, status = answer.headers, answer.status
        assert headers['Content-Type'] == 'application/problem+json', 'not problem+json'
        assert headers['Cache-Control'] == 'no-store', 'an error may be cached'
        if status == 401:
            assert (headers['WWW-Authenticate'] or '').startswith('Bearer'), 'no WWW-Authenticate'
        if status == 405:
            assert headers['Allow'], 'no Allow'
        if status in (429, 503):
            assert re.fullmatch('[1-9][0-9]*', headers['Retry-After'] or ''), 'no Retry-After'
        if method == 'HEAD':
            return
        body = answer.json()
        assert STATUS_OF.get(body.get('code')) == status, f'code {body.get("code")} is none of {status}'
        code = body['code']
        extra = PROBLEM_EXTRA.get(code, set())
        assert PROBLEM_KEYS | extra <= set(body), f'missing {PROBLEM_KEYS | extra - set(body)}'
        known = PROBLEM_KEYS | extra | PROBLEM_OPTIONAL.get(code, set())
        assert set(body) <= known, f'extra {set(body) - known}'
        assert body['type'] == f'/problems/{code}', 'type does not name the code'
        assert body['status'] == status, 'status in the body differs'
        assert body['trace_id'] == headers['Trace-Id'], 'trace_id in the body differs'
        assert body['title'] and body['detail'], 'title or detail is empty'
        if code == 'validation_failed':
            assert body['violations'], 'no violations'
            for violation in body['violations']:
                assert set(violation) == {'field', 'message'}, 'a violation of another shape'
                assert isinstance(violation['field'], str) and violation['message']
        if code == 'seats_taken':
            assert body['seats'] and body['seats'] == sorted(set(body['seats'])), 'seats'

    def check_unlisted(self, method, answer):
        assert answer.status >= 400, 'an address that is not in OpenAPI gave a 2xx'
        if method == 'HEAD':
            return
        code = answer.json()['code']
        assert code == 'not_found' or code in GATEWAY, f'{code} at an address that is none'

    def check_listed(self, method, item, answer):
        if method == 'OPTIONS' and answer.status < 400:
            assert answer.status == 204 and answer.headers['Allow'], 'OPTIONS is 204 with Allow'
            return
        operation = item.get('get' if method == 'HEAD' else method.lower())
        if operation is None:
            code = answer.json()['code'] if method != 'HEAD' else None
            assert code in (None, 'method_not_allowed') or code in GATEWAY or code == 'not_found', \
                f'{code} for a method that OpenAPI does not have'
            return
        response = operation['responses'].get(str(answer.status))
        assert response is not None, f'status {answer.status} is not listed'
        response = self.resolve(response)
        for name, header in response.get('headers', {}).items():
            if self.resolve(header).get('required'):
                assert name in answer.headers, f'the header {name} is missing'
        self.check_body(method, response.get('content') or {}, answer)

    def check_body(self, method, content, answer):
        if not content:
            assert answer.body == b'', 'a body where OpenAPI lists none'
            return
        if method == 'HEAD' or answer.status == 304:
            return
        kind = (answer.headers['Content-Type'] or '').split(';')[0]
        assert kind in content, f'content type {kind} is not one of {list(content)}'
        schema = content[kind].get('schema')
        if not schema or not kind.endswith('json'):
            return
        body = json.loads(answer.body)
        errors = sorted(self.validator(schema).iter_errors(body), key=lambda error: str(error.path))
        assert not errors, '; '.join(f'{"/".join(map(str, error.path))}: {error.message[:300]}'
                                     for error in errors[:5])

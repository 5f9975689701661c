"""A client of the HTTP contract that trusts nothing: it checks each answer against OpenAPI.

    answer = client.post('/api/shows/1/holds', {'seats': [1, 2]}, token=user.token)
    assert answer.status == 201 and answer.json()['state'] == 'active'

It remembers which code each route gave, in which test, and every secret that passed. So the end of the
session can check that all codes were provoked and that no secret reached a log.
"""
import collections
import http.client
import json
import os
import re
import socket
import threading
import time
import uuid

MISSING = object()
SECRET_KEYS = {'password', 'access_token', 'refresh_token', 'email', 'phone', 'code'}


def outside_address():
    """An address of this machine besides the loopback, None when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(('192.0.2.1', 9))  # sends nothing; chooses the address of a real interface
        except OSError:
            return None
        return probe.getsockname()[0]


def timeless(document):
    if isinstance(document, dict):
        return {name: timeless(value) for name, value in document.items()
                if name != 'expires_in' or 'expires_at' not in document or isinstance(value, dict)}
    return [timeless(value) for value in document] if isinstance(document, list) else document


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        """Of holds and orders without the seconds that are left, which change while one looks."""
        return timeless(json.loads(self.body))

    @property
    def code(self):
        """Of a problem; None of anything else."""
        return self.json()['code'] if self.status >= 400 and self.body else None

    @property
    def trace_id(self):
        return self.headers['Trace-Id']

    @property
    def db_calls(self):
        """What Server-Timing says; None when no worker answered."""
        found = re.search(r'db;desc="(\d+) calls"', self.headers['Server-Timing'] or '')
        return int(found[1]) if found else None

    def __repr__(self):
        return f'<{self.status} {self.body[:400]!r}>'


class Client:
    def __init__(self, port, source=None, parent=None):
        self.port = port
        self.source = source
        self.contract = parent.contract if parent else None
        self.codes = parent.codes if parent else collections.defaultdict(set)
        self.statuses = parent.statuses if parent else collections.defaultdict(set)
        self.secrets = parent.secrets if parent else set()
        self.local = threading.local()

    def at(self, source):
        """The same client from another address of this machine."""
        return Client(self.port, source, self)

    def connect(self, timeout=30):
        source = (self.source, 0) if self.source else None
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=timeout,
                                          source_address=source)

    def request(self, method, target, body=MISSING, token=None, key=None, headers=None, data=None,
                timeout=30):
        """`body` is sent as JSON, `data` as it is."""
        sent = dict(headers or {})
        if body is not MISSING:
            data = json.dumps(body, ensure_ascii=False).encode()
        if data is not None:
            sent.setdefault('Content-Type', 'application/json')
        if token is not None:
            sent.setdefault('Authorization', f'Bearer {token}')
        if key is not None:
            sent.setdefault('Idempotency-Key', key)
        self.keep_secrets(body if body is not MISSING else None, token)
        answer = self.exchange(method, target, data, sent, timeout)
        self.note(method, target, answer)
        return answer

    def exchange(self, method, target, data, headers, timeout):
        connection = getattr(self.local, 'connection', None)
        fresh = connection is None or time.monotonic() - self.local.used_at > 20
        if fresh:
            connection = self.connect(timeout)
        for is_last in (fresh, True):
            try:
                connection.request(method, target, data, {k: v for k, v in headers.items()
                                                          if v is not None})
                response = connection.getresponse()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # A kept connection that nginx had closed meanwhile: nothing was taken from it.
                connection.close()
                if is_last:
                    self.local.connection = None
                    raise
                connection = self.connect(timeout)
        answer = Answer(response.status, response.headers, response.read())
        self.local.connection, self.local.used_at = connection, time.monotonic()
        return answer

    def note(self, method, target, answer):
        """Validates and remembers."""
        if answer.status < 400 and (answer.headers['Content-Type'] or '').endswith('json') \
                and answer.body and target != '/api/openapi.json':   # its examples are public
            self.keep_secrets(answer.json(), None)
        if self.contract is None:
            return
        self.contract.check(method, target, answer)
        template = self.contract.template(target.split('?')[0])
        test = os.environ.get('PYTEST_CURRENT_TEST', '').split(' ')[0].split('::')[-1]
        row = f'{"GET" if method == "HEAD" else method} {template}'
        self.statuses[row].add(answer.status)
        if answer.code:
            self.codes[(row, answer.code)].add(test)

    def keep_secrets(self, document, token):
        if token and len(token) > 20:
            self.secrets.add(token)
        if isinstance(document, dict):
            for name, value in document.items():
                if name in SECRET_KEYS and isinstance(value, str) and len(value) >= 8 \
                        and not value.isdigit() and len(value) < 4000:
                    self.secrets.add(value)
                self.keep_secrets(value, None)
        elif isinstance(document, list):
            for value in document:
                if isinstance(value, (dict, list)):
                    self.keep_secrets(value, None)

    def raw(self, text, timeout=30):
        """Sends bytes as they are on a connection of their own; the first answer, not validated."""
        source = (self.source, 0) if self.source else None
        with socket.create_connection(('127.0.0.1', self.port), timeout, source) as connection:
            try:
                connection.sendall(text)
            except (BrokenPipeError, ConnectionResetError):
                pass
            response = http.client.HTTPResponse(connection)
            response.begin()
            return Answer(response.status, response.headers, response.read())

    def get(self, target, **options):
        return self.request('GET', target, **options)

    def post(self, target, body=MISSING, **options):
        return self.request('POST', target, body, **options)

    def patch(self, target, body=MISSING, **options):
        return self.request('PATCH', target, body, **options)

    def delete(self, target, **options):
        return self.request('DELETE', target, **options)


def new_key():
    return uuid.uuid4().hex

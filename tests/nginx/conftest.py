"""One system for all tests here; a burst small enough to be reached in no time."""
import os

import pytest

from running import client, world  # noqa: F401
from services import UNSYNCED
from stack import Stack

# Pages that nginx makes by itself, most of which it gives for reasons that no test can bring about.
STATUSES = {400: 'bad_request', 403: 'not_found', 404: 'not_found', 405: 'method_not_allowed',
            411: 'bad_request', 412: 'bad_request', 413: 'body_too_large', 414: 'uri_too_long', 415: 'bad_request',
            416: 'bad_request', 421: 'bad_request', 429: 'rate_limited', 494: 'headers_too_large', 495: 'bad_request',
            496: 'bad_request', 497: 'bad_request', 500: 'internal', 501: 'bad_request', 502: 'bad_gateway',
            503: 'unavailable', 504: 'gateway_timeout', 505: 'bad_request', 507: 'internal'}


@pytest.fixture(scope='session')
def stack():
    lines = f'{os.environ["OUT"]}/statuses.conf'
    with open(lines, 'w') as file:
        for status in [*STATUSES, 408]:
            file.write(f'location = /.test/{status} {{\n\treturn {status};\n}}\n')
    with Stack(f'{os.environ["OUT"]}/stack', os.environ['BUILD'],
               config={'server': {'test_routes': 'yes'}, 'log': {'address': 'whole'}}, postgres=UNSYNCED,
               nginx={'ADDRESS_RATE': 10, 'ADDRESS_BURST': 20, 'SERVER_INCLUDE': lines}) as made:
        yield made

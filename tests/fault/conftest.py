import copy
import os

import pytest

import logs
from running import api, client, load, world  # noqa: F401
from stack import Stack

CONFIG = {'server': {'test_routes': 'yes'}, 'batch': {'settle_after_s': 1},
          'pool catalog': {'workers': 2}, 'pool booking': {'workers': 1}, 'pool account': {'workers': 1},
          'pool login': {'workers': 1}, 'pool admin': {'workers': 1}}
SERVICES = ('postgresql', 'memcached', 'boxofficed', 'nginx', 'relay')


@pytest.fixture(scope='session')
def stack():
    with Stack(os.path.join(os.environ['OUT'], 'stack'), os.environ['BUILD'], config=copy.deepcopy(CONFIG),
               services=SERVICES) as stack:
        yield stack


@pytest.fixture(scope='session', autouse=True)
def no_errors(stack):
    yield
    logs.check(stack)

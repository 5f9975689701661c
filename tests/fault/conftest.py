import copy
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, *(os.path.join(TESTS, name) for name in ('server', 'web', 'lib'))]

from load import check_log  # noqa: E402
from running import api, client, load, world  # noqa: E402, F401
from stack import Stack  # noqa: E402

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
    check_log(stack)

import os
import resource
import shutil
import sys
import tempfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, 'web'), os.path.join(TESTS, 'lib')]

FILES = 4096


@pytest.fixture(scope='session', autouse=True)
def files():
    """A connection is a descriptor."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))


@pytest.fixture(scope='session')
def directory():
    given = os.environ.get('OUT')
    path = given or tempfile.mkdtemp(prefix='boxoffice-race-')
    yield path
    if not given:
        shutil.rmtree(path, ignore_errors=True)

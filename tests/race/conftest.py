import resource

import pytest

FILES = 4096


@pytest.fixture(scope='session', autouse=True)
def files():
    """A connection is a descriptor."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))

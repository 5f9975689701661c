"""Waits for a condition, with a limit. Tests use it instead of sleeping."""
import time


def wait_for(check, limit_s=5, what='the condition'):
    """Asks until check() gives something true and returns that; AssertionError after limit_s."""
    deadline = time.monotonic() + limit_s
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < deadline, f'not within {limit_s} s: {what}'
        time.sleep(0.01)

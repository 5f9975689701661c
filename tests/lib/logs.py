"""Checks the logs of every run: no error that no test provokes, no sanitizer report, no secret."""
import glob
import json
import os
import re

SANITIZERS = re.compile('AddressSanitizer|runtime error:|LeakSanitizer')


def unexpected(path, allowed=(), once=(), trace_ids=()):
    """Lines of a log of our programs that are errors, or no JSON. Allowed are messages like a pattern of `allowed`, each
    pattern of `once` for one line, and all of a request of `trace_ids`."""
    found, left = [], list(once)
    if not os.path.exists(path):
        return found
    with open(path, errors='replace') as file:
        for number, line in enumerate(file, 1):
            if not line.endswith('\n'):
                break           # it is being written
            where = f'{path}:{number}'
            try:
                members = json.loads(line)
            except ValueError:
                found.append(f'{where}: no JSON: {line[:300]}')
                continue
            message = members['msg']
            if members['level'] != 'error' or members.get('trace_id') in trace_ids \
                    or any(re.search(pattern, message) for pattern in allowed):
                continue
            if known := next((pattern for pattern in left if re.search(pattern, message)), None):
                left.remove(known)
            else:
                found.append(f'{where}: an error that no test expects: {line.strip()[:500]}')
    return found


class Secrets:
    """What no log may hold."""

    def __init__(self, secrets):
        self.words = {text.lower() for text in secrets}
        self.short = [text for text in self.words if len(text) < 40 and '@' not in text]

    def are_in(self, line):
        """Whole words for the many, anywhere for passwords and for what tokens and addresses have in common."""
        text = line.lower()
        return (not self.words.isdisjoint(re.split(r'[^a-z0-9@._+-]+', text)) or 'eyj' in text
                or '@example.test' in text or any(secret in text for secret in self.short))


def breaches(stack, secrets=(), **expected):
    """Of all logs of a stack; `expected` goes to unexpected()."""
    found, secrets = [], Secrets(secrets)
    for path in glob.glob(f'{stack.state}/log/*'):
        with open(path, errors='replace') as file:
            for number, line in enumerate(file, 1):
                if secrets.are_in(line):
                    found.append(f'{path}:{number}: a secret in the log')
                if SANITIZERS.search(line):
                    found.append(f'{path}:{number}: {line.strip()[:500]}')
    return found + unexpected(stack.log_path('boxoffice'), **expected)


def check(stack, **expected):
    """As breaches(), asserted. Whatever was away or killed, that is a warning: an error is a bug, or provoked."""
    found = breaches(stack, **expected)
    assert not found, '\n'.join(found[:40])

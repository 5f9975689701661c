"""The route table as the program lists it. The matrix is made from it."""
import json
import re
import subprocess


class Route:
    def __init__(self, row):
        self.method = row['method']
        self.path = row['path']                         # /api/shows/{id:int}/holds
        self.template = re.sub(r':\w+\}', '}', self.path)
        self.name = f'{self.method} {self.template}'
        self.who = row['who'] or 'none'
        self.is_owned = row['is_owned']
        self.is_list = row['is_list']
        self.is_idempotent = row['is_idempotent']       # a key is required
        self.takes_key = row['takes_key']               # it may be given
        self.body_max = row['body_max'] or 64 << 10
        self.cache = row['cache']
        self.codes = row['codes']
        self.answers = row['answers']                   # {status, schema}
        self.fields = row['request']['fields'] if row['request'] else []
        self.query = row['query']                       # fields, as of a body
        self.has_body = self.method != 'GET'
        self.placeholders = re.findall(r'\{(\w+):(\w+)\}', self.path)

    def __repr__(self):
        return self.name


def load_routes(programs):
    done = subprocess.run([f'{programs}/boxofficectl', 'routes', '--json'], text=True,
                          capture_output=True, check=True)
    # Pages for people have tests of their own (test_reference.py).
    return [Route(row) for row in json.loads(done.stdout) if not row['is_page']]

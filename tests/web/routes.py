"""The route table as the program lists it: what the matrix is made of."""
import json
import re
import subprocess

ROLES = ('none', 'user', 'operator', 'admin')


class Route:
    def __init__(self, row):
        self.method = row['method']
        self.path = row['path']                       # /api/shows/{show:int}/holds
        self.template = re.sub(r':\w+\}', '}', self.path)
        self.name = f'{self.method} {self.template}'
        self.who = row['who']
        self.is_owned = row.get('is_owned', False)
        self.flags = set(row.get('flags', []))
        self.codes = list(row.get('codes', []))
        self.answers = row.get('answers', [])
        self.fields = row.get('fields') or []
        self.query = row.get('query') or []
        self.pool = row.get('pool')
        self.is_test = 'test' in self.flags
        self.is_list = 'list' in self.flags
        self.is_idempotent = 'idempotent' in self.flags
        self.has_body = self.method not in ('GET', 'HEAD')
        self.placeholders = re.findall(r'\{(\w+):(\w+)\}', self.path)

    def __repr__(self):
        return self.name


def load_routes(programs):
    done = subprocess.run([f'{programs}/boxofficectl', 'routes', '--json'], text=True,
                          capture_output=True, check=True)
    document = json.loads(done.stdout)
    rows = document['routes'] if isinstance(document, dict) else document
    return [route for route in map(Route, rows) if not route.is_test]

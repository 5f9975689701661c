"""A client that sends these very bytes and looks at all that comes back, and what nginx says of itself."""
import contextlib
import json
import os
import re
import socket
import subprocess

SOURCE = os.environ['SRC']


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b'\r\n\r\n')
        lines = head.decode('latin-1').split('\r\n')
        self.status = int(lines[0].split()[1])
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(':')
            assert name.lower() not in self.headers, f'twice: {line}'
            self.headers[name.lower()] = value.strip()


def send(stack, raw, source='127.0.0.1'):
    """One connection, these very bytes, all that comes back."""
    with socket.create_connection(('127.0.0.1', stack.port), 30, (source, 0)) as client:
        client.settimeout(30)
        client.sendall(raw)
        received = b''
        while piece := client.recv(65536):
            received += piece
    return Answer(received)


def ask(stack, path, method='GET', source='127.0.0.1', body=b'', **headers):
    lines = [f'{method} {path} HTTP/1.1', 'Host: x', 'Connection: close']
    lines += [f'{name.replace("_", "-")}: {value}' for name, value in headers.items()]
    if body or method == 'POST':
        lines.append(f'Content-Length: {len(body)}')
    return send(stack, '\r\n'.join(lines).encode() + b'\r\n\r\n' + body, source)


def codes():
    """{name: (status, title)} of src/base/code.def."""
    with open(f'{SOURCE}/src/base/code.def') as file:
        rows = re.findall(r'^CODE\(\w+, "(\w+)", (\d+), \w+, "([^"]+)",$', file.read(), re.M)
    return {name: (int(status), title) for name, status, title in rows}


def check_problem(answer, code):
    """The one shape of an error, as a worker would have written it."""
    status, title = codes()[code]
    assert answer.status == status
    assert answer.headers['content-type'] == 'application/problem+json'
    assert answer.headers['cache-control'] == 'no-store'
    assert ('retry-after' in answer.headers) == (status in (429, 503))
    trace_id = answer.headers['trace-id']
    assert json.loads(answer.body) == {'type': f'/problems/{code}', 'title': title,
                                       'status': status, 'detail': title, 'code': code,
                                       'trace_id': trace_id}


def accesses(stack):
    """Lines of the site's access log, which nginx writes within a second."""
    with open(stack.log_path('nginx-access')) as file:
        return [json.loads(line) for line in file if line.endswith('\n')]


def served(stack, route):
    """Requests that workers answered so far on a route, "GET /api/events"."""
    text = ask(stack, '/metrics').body.decode()
    return sum(float(line.rsplit(' ', 1)[1]) for line in text.splitlines()
               if line.startswith(f'boxoffice_requests_total{{route="{route}",'))


@contextlib.contextmanager
def settings(stack, **values):
    """nginx with other settings; its zones are empty again."""
    before = dict(stack.nginx)
    stack.nginx.update(values)
    try:
        stack.restart('nginx')
        yield
    finally:
        stack.nginx = before
        stack.restart('nginx')


def certificate(folder):
    """A certificate that nobody signed, and its key."""
    cert, key = f'{folder}/cert.pem', f'{folder}/key.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                    '-subj', '/CN=localhost', '-keyout', key, '-out', cert], check=True, capture_output=True)
    return cert, key

"""A small FastCGI client over unix sockets: it sends what nginx would send."""

import socket
import struct
from dataclasses import dataclass, field

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = 1, 2, 3, 4, 5, 6, 7


@dataclass
class Answer:
    """status 0: the connection ended without an answer (nginx would say 502)."""

    status: int = 0
    headers: dict = field(default_factory=dict)
    body: bytes = b""


def record(kind, content, request_id=1):
    return struct.pack(">BBHHBx", 1, kind, request_id, len(content), 0) + content


def stream(kind, content):
    """The records of a whole stream, its end included."""
    parts = [record(kind, content[i : i + 65000]) for i in range(0, len(content), 65000)]
    return b"".join(parts) + record(kind, b"")


def length(n):
    return struct.pack(">B", n) if n < 128 else struct.pack(">I", n | 0x80000000)


def params_text(params):
    out = b""
    for name, value in params.items():
        name, value = name.encode(), value.encode("utf-8", "surrogateescape")
        out += length(len(name)) + length(len(value)) + name + value
    return out


def message(method, uri, body=b"", headers=None, **params):
    """All records of one request. headers: HTTP names; params: FastCGI names, None removes one."""
    values = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": uri,
        "QUERY_STRING": uri.partition("?")[2],
        "CONTENT_TYPE": "application/json" if body else "",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "REMOTE_ADDR": "127.0.0.1",
        "TRACE_ID": "0123456789abcdef0123456789abcdef",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    for name, value in (headers or {}).items():
        values["HTTP_" + name.upper().replace("-", "_")] = value
    values.update(params)
    values = {name: value for name, value in values.items() if value is not None}
    begin = record(BEGIN, struct.pack(">HB5x", 1, 0))
    return begin + stream(PARAMS, params_text(values)) + stream(STDIN, body)


def parse(raw):
    """The answer in the records of a connection."""
    out, ended, at = b"", False, 0
    while at + 8 <= len(raw):
        _, kind, _, size, padding = struct.unpack(">BBHHB", raw[at : at + 7])
        if kind == STDOUT:
            out += raw[at + 8 : at + 8 + size]
        ended = ended or kind == END
        at += 8 + size + padding
    if not ended:
        return Answer()
    head, _, body = out.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode().split("\r\n"):
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    return Answer(int(headers.get("status", "200").split()[0]), headers, body)


def connect(path, timeout=10):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    connection.connect(str(path))
    return connection


def receive(connection):
    raw = b""
    try:
        while True:
            chunk = connection.recv(65536)
            if not chunk:
                break
            raw += chunk
    except ConnectionResetError:
        pass
    return parse(raw)


def start(path, method, uri, body=b"", headers=None, timeout=10, **params):
    """Sends a request and returns the connection: the answer is fetched with receive()."""
    connection = connect(path, timeout)
    try:
        connection.sendall(message(method, uri, body, headers, **params))
    except BrokenPipeError:
        pass
    return connection


def request(path, method, uri, body=b"", headers=None, timeout=10, **params):
    with start(path, method, uri, body, headers, timeout, **params) as connection:
        return receive(connection)

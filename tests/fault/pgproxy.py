"""A proxy between the workers and PostgreSQL that knows where a call begins and ends.

It forwards each question and each answer whole: from the messages up to a Sync until the server is ready
for the next. So with `before` and `after` a test can lose exactly the answer of one call, which the server
has committed, or exactly the question:

    with PgProxy(socket) as proxy:
        proxy.after = lambda call: call.function != 'show.hold_take'    # False: the connection is cut

It listens with TCP on 127.0.0.1 and connects to the server's unix socket, without TLS."""
import collections
import re
import socket
import struct
import threading

Call = collections.namedtuple('Call', 'function parameters')


def take(connection, count):
    data = b''
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError('ended')
        data += more
    return data


def message(connection):
    """(type, the whole message) of what follows the start of a session."""
    head = take(connection, 5)
    return head[:1], head + take(connection, struct.unpack('!I', head[1:])[0] - 4)


class PgProxy:
    def __init__(self, path):
        self.path = path
        self.calls = []             # of functions, as they were sent
        self.refuses = False        # new connections end at once
        self.before = self.after = lambda call: True
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.open = set()

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *problem):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut_all()

    def reset(self):
        self.calls, self.refuses = [], False
        self.before = self.after = lambda call: True

    def cut_all(self):
        for connection in list(self.open):
            self.shut(connection)

    @staticmethod
    def shut(connection):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, socket.socket(socket.AF_UNIX) as server:
            self.open.update((client, server))
            try:
                if self.refuses:
                    return
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server.connect(self.path)
                length = take(client, 4)
                server.sendall(length + take(client, struct.unpack('!I', length)[0] - 4))
                client.sendall(self.answer(client, server))
                names = {}
                while self.cycle(client, server, names):
                    pass
            except OSError:
                pass
            finally:
                self.open.difference_update((client, server))
                self.shut(client)
                self.shut(server)

    @staticmethod
    def answer(client, server):
        """The server's messages until it is ready, or its last word."""
        data, kind = b'', None
        while kind != b'Z':
            try:
                kind, text = message(server)
            except OSError:
                client.sendall(data)
                raise
            data += text
        return data

    def cycle(self, client, server, names):
        """One question with its answer; False when the session is over."""
        data, kind, call = b'', None, None
        while kind not in (b'S', b'Q', b'X'):
            kind, text = message(client)
            data += text
            if kind == b'P':
                name, query = text[5:].split(b'\0')[:2]
                function = re.search(rb' FROM (\w+\.\w+)\(', query)
                names[name] = function[1].decode() if function else None
            elif kind == b'B':
                _, name, parameters = text[5:].split(b'\0', 2)
                call = Call(names.get(name), parameters)
        is_call = call is not None and call.function is not None
        if is_call:
            self.calls.append(call)
            if not self.before(call):
                return False
        server.sendall(data)
        if kind == b'X':
            return False
        answer = self.answer(client, server)
        if is_call and not self.after(call):
            return False
        client.sendall(answer)
        return True

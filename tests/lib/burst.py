"""Requests at the same moment, over kept connections and as plain bytes."""
import asyncio
import json
import time
import uuid


class Connection:
    def __init__(self, reader, writer, token):
        self.reader, self.writer, self.token = reader, writer, token

    @classmethod
    async def open(cls, port, token):
        return cls(*await asyncio.open_connection('127.0.0.1', port), token)

    async def post(self, path, body):
        text = json.dumps(body).encode()
        self.writer.write(
            f'POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n'
            f'Content-Type: application/json\r\nIdempotency-Key: {uuid.uuid4().hex}\r\n'
            f'Content-Length: {len(text)}\r\n\r\n'.encode() + text)
        head = (await self.reader.readuntil(b'\r\n\r\n')).decode('latin-1').split('\r\n')
        fields = {name.lower(): value for name, _, value in (line.partition(': ') for line in head[1:])}
        data = await self.reader.readexactly(int(fields['content-length']))
        return int(head[0].split()[1]), json.loads(data)


def burst(port, requests):
    """Sends each (token, path, body) on a connection of its own, all at once when all are connected.
    Returns [(status, document, seconds)] in their order."""
    async def one(connection, path, body):
        start = time.monotonic()
        status, document = await connection.post(path, body)
        connection.writer.close()
        return status, document, time.monotonic() - start

    async def run():
        connections = [await Connection.open(port, token) for token, _, _ in requests]
        return await asyncio.gather(*(one(connection, path, body)
                                      for connection, (_, path, body) in zip(connections, requests)))
    return asyncio.run(run())

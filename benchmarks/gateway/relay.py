"""A bare relay: what httptools and uvloop cost when nothing is decided.

It forwards the bytes of a request over a kept connection to the back end, and those of the answer back to the client.
The parsers only tell where a message ends. Left out is everything that makes a proxy: headers of its own, limits,
deadlines, back-pressure, a second request on a connection before the first is answered.

    python -m benchmarks.gateway.relay --port PORT --back-end PORT [--flow pass|json|xml]
"""

import asyncio
from argparse import ArgumentParser
from functools import partial
from typing import cast

import uvloop
from httptools import HttpRequestParser, HttpResponseParser

from benchmarks.gateway.flows import FLOWS, Change


class BackEnd(asyncio.Protocol):
    """A connection to the back end; carries one exchange after the other, for whichever client."""

    __slots__ = ("client", "feed", "pool", "transport", "write")

    def __init__(self, pool: "Pool") -> None:
        self.pool = pool
        self.client: Passing | None = None
        self.feed = HttpResponseParser(self).feed_data

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.write = self.transport.write

    def data_received(self, data: bytes) -> None:
        assert self.client
        self.client.write(data)
        self.feed(data)

    def on_message_complete(self) -> None:
        assert self.client
        self.client.back_end = None
        self.client = None
        self.pool.idle.append(self)

    def connection_lost(self, _error: Exception | None) -> None:
        if self.client:
            self.client.transport.close()
        elif self in self.pool.idle:
            self.pool.idle.remove(self)


class Pool:
    """Connections to the back end that nobody uses at the moment."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle: list[BackEnd] = []
        self._connecting: set[asyncio.Task[None]] = set()

    def connect(self, client: "Passing", first: bytes) -> None:
        """Open a connection for `client` and send the beginning of its request."""
        task = asyncio.get_running_loop().create_task(self._connect(client, first))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, client: "Passing", first: bytes) -> None:
        loop = asyncio.get_running_loop()
        _, fresh = await loop.create_connection(partial(BackEnd, self), "127.0.0.1", self.port)
        fresh.client, client.back_end = client, fresh
        fresh.write(first)


class Passing(asyncio.Protocol):
    """A client whose requests go to the back end as they are."""

    __slots__ = ("back_end", "feed", "pool", "transport", "write")

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.back_end: BackEnd | None = None
        self.feed = HttpRequestParser(self).feed_data

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.write = self.transport.write

    def data_received(self, data: bytes) -> None:
        self.feed(data)
        self.send(data)

    def connection_lost(self, _error: Exception | None) -> None:
        if self.back_end:  # the rest of an answer that nobody waits for
            self.back_end.client = None
            self.back_end.transport.abort()

    def send(self, data: bytes) -> None:
        """Write to the back end, over the connection of this exchange."""
        if self.back_end is not None:
            self.back_end.write(data)
        elif self.pool.idle:
            self.back_end = chosen = self.pool.idle.pop()
            chosen.client = self
            chosen.write(data)
        else:
            self.pool.connect(self, data)


class Changing(Passing):
    """A client whose requests get another body first."""

    __slots__ = ("change", "head", "pieces", "url")

    def __init__(self, pool: Pool, media_type: str, change: Change) -> None:
        super().__init__(pool)
        self.head = (
            b"POST %%b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: %b\r\nContent-Length: %%d\r\n\r\n%%b"
        )
        self.head %= pool.port, media_type.encode()
        self.change = change
        self.pieces: list[bytes] = []

    def data_received(self, data: bytes) -> None:
        self.feed(data)

    def on_url(self, url: bytes) -> None:
        self.url = url

    def on_body(self, piece: bytes) -> None:
        self.pieces.append(piece)

    def on_message_complete(self) -> None:
        body = self.change(b"".join(self.pieces))
        self.pieces.clear()
        self.send(self.head % (self.url, len(body), body))


async def _serve(port: int, pool: Pool, flow: str) -> None:
    asked = FLOWS[flow]
    client = (
        partial(Changing, pool, asked.media_type, asked.change) if asked.change else partial(Passing, pool)
    )
    server = await asyncio.get_running_loop().create_server(client, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


def main() -> None:
    """Serve until a signal ends the process."""
    options = ArgumentParser(prog="python -m benchmarks.gateway.relay")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--back-end", type=int, required=True)
    options.add_argument("--flow", choices=tuple(FLOWS), default="pass")
    asked = options.parse_args()
    uvloop.run(_serve(asked.port, Pool(asked.back_end), asked.flow))


if __name__ == "__main__":
    main()

"""A server that tells what really arrives behind a proxy: the body itself, or its length. Not made for speed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from harness.loop_thread import LoopThread
from httptools import HttpRequestParser

COUNT_PATH = "/pass/count"
"""Where the answer is the number of bytes of the body."""


@contextmanager
def running_echo() -> Iterator[int]:
    """An echo in a thread of this process, as its port."""
    with _Echo("echo") as echo:
        yield echo.port


class _Echo(LoopThread):
    async def _begin(self) -> None:
        self._server = await self._loop.create_server(_Connection, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._server.close()


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._counts = url == COUNT_PATH.encode()
        self._length, self._pieces = 0, list[bytes]()

    def on_body(self, piece: bytes) -> None:
        self._length += len(piece)
        if not self._counts:
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        answer = b"%d" % self._length if self._counts else b"".join(self._pieces)
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))

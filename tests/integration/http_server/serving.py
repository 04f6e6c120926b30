"""A listener on loopback whose engine is a function of the test, and a client that says every byte itself."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from unit.transports.http_server.wire_lab import whole

from micro_integrator.config import HttpListenerSettings, HttpTransportSettings
from micro_integrator.synapse import Arrival, Headers, ReplyChannel
from micro_integrator.transports.http.server.listener import HttpListener
from micro_integrator.transports.http.server.terms import Serve

LOOPBACK = "127.0.0.1"
LIMIT = 10.0
"""Seconds after which a test has failed, whatever it waits for."""
GET = b"GET /orders HTTP/1.1\r\nHost: esb.example\r\n\r\n"


@asynccontextmanager
async def listening(
    serve: Serve,
    *,
    home: Path = Path(),
    listener: HttpListenerSettings | None = None,
    tells_stages: bool = False,
    **settings: Any,
) -> AsyncIterator[HttpListener]:
    """Durations are seconds, as in the program."""
    ports = listener or HttpListenerSettings(port=0, bind_address=LOOPBACK, secured_enable=False)
    made = HttpListener(
        HttpTransportSettings(listener=ports, **settings), home, serve, tells_stages=tells_stages
    )
    async with made:
        yield made


async def echo(arrival: Arrival, reply: ReplyChannel) -> None:
    """Answer with method, target and body of the request."""
    body = await whole(arrival.body)
    await reply.reply(200, Headers(), f"{arrival.method} {arrival.target} ".encode() + body)


@dataclass
class Engine:
    """Remembers what it was asked, and answers when it is told to."""

    arrivals: list[Arrival] = field(default_factory=list)
    replies: list[ReplyChannel] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0

    async def serve(self, arrival: Arrival, reply: ReplyChannel) -> None:
        self.arrivals.append(arrival)
        self.replies.append(reply)
        self.begun.set()
        try:
            await self.release.wait()
            await reply.reply(200, Headers(), b"released")
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.ended.set()


class Pieces:
    """A stream of pieces that are known before, with the length that is said of them."""

    def __init__(
        self, pieces: Sequence[bytes], length: int | None = None, failure: Exception | None = None
    ) -> None:
        self.pieces, self.length, self.failure = pieces, length, failure
        self.is_abandoned = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        if self.failure is not None:
            raise self.failure

    def abandon(self) -> None:
        self.is_abandoned = True


@dataclass
class Answer:
    """One answer as it came over the wire."""

    status: int
    reason: str
    version: str
    fields: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        values = [value for found, value in self.fields if found.lower() == name.lower()]
        assert len(values) < 2, f"{name} came {len(values)} times"
        return values[0] if values else None


class Client:
    """One connection; `async with` connects and closes it."""

    def __init__(
        self, listener: HttpListener, *, tls: ssl.SSLContext | None = None, name: str = LOOPBACK
    ) -> None:
        self._port = listener.ports["https" if tls else "http"]
        self._tls, self._name = tls, name

    async def __aenter__(self) -> Self:
        name = self._name if self._tls else None
        self.reader, self.writer = await asyncio.open_connection(
            LOOPBACK, self._port, ssl=self._tls, server_hostname=name, limit=1024 * 1024
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.transport.abort()

    def send(self, *data: bytes) -> None:
        self.writer.writelines(data)

    async def answer(self, *, has_body: bool = True) -> Answer:
        """Read one answer, as HTTP says where it ends."""
        async with asyncio.timeout(LIMIT):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")[:-2]
            version, status, reason = first.split(" ", 2)
            fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
            found = Answer(int(status), reason, version, fields)
            if has_body and found.status != 100:
                found.body = await self._body(found)
            return found

    async def _body(self, answer: Answer) -> bytes:
        if answer.header("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                body += await self.reader.readexactly(size)
                assert await self.reader.readexactly(2) == b"\r\n"
            assert await self.reader.readexactly(2) == b"\r\n"
            return body
        if (length := answer.header("Content-Length")) is not None:
            return await self.reader.readexactly(int(length))
        return await self.reader.read()

    async def rest(self) -> bytes:
        """Return everything until the listener closes, however it does that."""
        async with asyncio.timeout(LIMIT):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    async def flood(self, piece: bytes, patience: float) -> int:
        """Send `piece` again and again until nobody takes it for `patience` seconds; return the bytes sent."""
        sent = 0
        with suppress(TimeoutError):
            while True:
                self.send(piece)
                sent += len(piece)
                async with asyncio.timeout(patience):
                    await self.writer.drain()
        return sent

    async def ask(self, *data: bytes) -> Answer:
        """Send bytes and read one answer."""
        self.send(*data)
        return await self.answer()


async def asked(listener: HttpListener, *data: bytes) -> Answer:
    """Open a connection, ask once, and close it."""
    async with Client(listener) as client:
        return await client.ask(*data)


def post(body: bytes, *lines: str, target: str = "/orders") -> bytes:
    """Return a request with a body of known length."""
    head = [f"POST {target} HTTP/1.1", "Host: esb.example", f"Content-Length: {len(body)}", *lines, "", ""]
    return "\r\n".join(head).encode() + body


def open_files() -> int:
    """Return how many files this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())

"""A back end on loopback that does exactly what a test says, byte by byte."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"

LIMIT = 10.0
"""Seconds after which a test has failed, whatever it waits for."""

_PIECE = 1024 * 1024


@dataclass
class Received:
    """One request as it came over the wire."""

    method: str
    target: str
    version: str
    fields: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the value of a field that came once, None when it did not come."""
        values = [value for found, value in self.fields if found.lower() == name.lower()]
        assert len(values) < 2, f"{name} came {len(values)} times"
        return values[0] if values else None


class Conversation:
    """One connection, seen from the back end."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, received: list[Received]
    ) -> None:
        self._reader, self._writer, self._received = reader, writer, received

    async def request(self) -> Received:
        """Read a whole request. Raises IncompleteReadError when the connection ends before."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")[:-2]
        method, target, version = first.split(" ")
        fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        found = Received(method, target, version, fields, b"")
        if found.header("Transfer-Encoding") == "chunked":
            found.body = await self._chunks()
        elif (length := found.header("Content-Length")) is not None:
            found.body = await self._reader.readexactly(int(length))
        self._received.append(found)
        return found

    def peer_name(self) -> str:
        """The name in the certificate that the other side has shown."""
        subject = self._writer.get_extra_info("peercert")["subject"]
        return str(dict(field for entry in subject for field in entry)["commonName"])

    async def counted(self) -> int:
        """Read a request without keeping its body; return how many bytes that had."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        left = length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        while left:
            left -= len(await self._reader.read(min(left, _PIECE)))
        return length

    async def counted_chunks(self) -> int:
        """The same, for a body that comes in chunks."""
        await self._reader.readuntil(b"\r\n\r\n")
        total = 0
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            total += size
            left = size + len(b"\r\n")
            while left:
                left -= len(await self._reader.read(min(left, _PIECE)))
        await self._reader.readexactly(len(b"\r\n"))
        return total

    async def begins(self) -> None:
        """Return when the first byte of a request is here."""
        await self._reader.readexactly(1)

    async def send(self, data: bytes) -> None:
        """Say these bytes; returns when the other side has taken most of them."""
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self, body: bytes = b"ok", *fields: str, status: str = "200 OK") -> None:
        """Send a whole response."""
        lines = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "", ""]
        await self.send("\r\n".join(lines).encode("latin-1") + body)

    async def reset(self) -> None:
        """End the connection the hard way."""
        linger = struct.pack("ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()

    async def gone(self) -> None:
        """Return when the other side has closed."""
        with contextlib.suppress(ConnectionError):
            while await self._reader.read(65536):
                pass

    async def _chunks(self) -> bytes:
        body = b""
        while size := int((await self._reader.readline()).strip(), 16):
            body += await self._reader.readexactly(size)
            assert await self._reader.readexactly(2) == b"\r\n"
        assert await self._reader.readline() == b"\r\n"
        return body


Script = Callable[[Conversation], Awaitable[None]]


async def ok(talk: Conversation) -> None:
    """Answer every request."""
    while True:
        await talk.request()
        await talk.send(OK)


@dataclass
class Backend:
    """Runs `script` for each connection; what comes in is kept. A script that is changed counts for new ones."""

    script: Script = ok
    tls: ssl.SSLContext | None = None
    port: int = 0
    """Where it listens; 0 until it does."""
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    ended: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    """The number of each connection that is over, as soon as it is."""

    async def __aenter__(self) -> Self:
        self._open: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self.hang_up()
        await self._server.wait_closed()

    async def hang_up(self) -> None:
        """End all connections, whatever their scripts do."""
        for one in self._open:
            one.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}"

    async def all_gone(self, count: int) -> None:
        """Return when `count` connections are over."""
        async with asyncio.timeout(LIMIT):
            for _ in range(count):
                await self.ended.get()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        work = asyncio.current_task()
        assert work is not None
        self._open.add(work)
        try:
            await self.script(Conversation(reader, writer, self.requests))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side has had enough, or the test has
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()
            self._open.discard(work)
            self.ended.put_nowait(number)

"""One connection through a proxy, and what is done to its bytes on the way."""

import asyncio
import contextlib
import socket
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.holds import Hold
from harness.looks import AsItComes, Stream
from harness.sql_requests import Requests

_PIECE = 65_536
_PIECES_ON_THE_WAY = 256
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass
class Disturbance:
    """What happens to all connections of a proxy at the moment."""

    delay: float = 0.0
    """Seconds that a piece is on its way, in either direction."""
    swallows: bool = False
    clear: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing is swallowed."""
    moving: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nothing is stalled."""
    holds: list[Hold] = field(default_factory=list)


class _Cut(Exception):
    """One end is gone: the other one hears of it by a reset."""


class Link:
    """Carries the bytes of one client; `counts` are those of the proxy, `stream` makes what each direction passes.

    A link that has lost bytes stays dark: it carries nothing more, for a stream with a hole in it cannot exist.
    """

    def __init__(
        self,
        client: socket.socket,
        requests: Requests,
        disturbance: Disturbance,
        counts: Counter[str],
        stream: Callable[[], Stream] = AsItComes,
    ) -> None:
        self._client, self._requests, self._counts = client, requests, counts
        self._disturbance, self._stream = disturbance, stream
        self.was_refused = False
        """Whether the server has refused this connection."""
        self._server: socket.socket | None = None
        self._is_dark = False
        self._reply_hold: Hold | None = None

    @property
    def port(self) -> int | None:
        """The port from which the server sees this client; None when there is no connection to it."""
        server = self._server
        return server.getsockname()[1] if server is not None and server.fileno() >= 0 else None

    async def run(self, host: str, port: int) -> None:
        """Carry bytes between the client and `host`:`port` until both ends have closed; cancelled: reset both."""
        has_ended = False
        try:
            if self._disturbance.swallows:
                await self._swallow_all()
            else:
                await self._disturbance.moving.wait()
                self._server = await connected(host, port)
                await self._both_ways(self._server)
            has_ended = True
        except* ConnectionRefusedError:
            self.was_refused = True
            self._counts["refused"] += 1
        except* (_Cut, OSError):
            self._counts["cut"] += 1
        finally:
            for end in (self._client, self._server):
                if end is not None:
                    _close(end, orderly=has_ended)

    async def _both_ways(self, server: socket.socket) -> None:
        async with asyncio.TaskGroup() as ways:
            ways.create_task(self._carry(self._client, server, to_server=True))
            ways.create_task(self._carry(server, self._client, to_server=False))

    async def _swallow_all(self) -> None:
        while piece := await _received(self._client):
            self._counts["bytes swallowed"] += len(piece)

    async def _carry(self, source: socket.socket, target: socket.socket, *, to_server: bool) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_PIECES_ON_THE_WAY)
        async with asyncio.TaskGroup() as ends:
            ends.create_task(self._take(source, queue))
            ends.create_task(self._give(queue, target, to_server=to_server))

    async def _take(self, source: socket.socket, queue: asyncio.Queue[tuple[float, bytes]]) -> None:
        loop, stream = asyncio.get_running_loop(), self._stream()
        piece = b"anything"
        while piece:
            piece = await _received(source)
            passed = stream.feed(piece, loop.time())
            if passed or not piece:
                await queue.put((loop.time() + self._disturbance.delay, passed))

    async def _give(
        self, queue: asyncio.Queue[tuple[float, bytes]], target: socket.socket, *, to_server: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, piece = await queue.get()
            await asyncio.sleep(due - loop.time())
            await self._disturbance.moving.wait()
            await self._wait_for_holds(piece, to_server=to_server)
            if self._goes_dark():
                self._counts["bytes swallowed"] += len(piece)
                if not piece:  # nor does the other end hear the goodbye
                    await self._disturbance.clear.wait()
                    raise _Cut
            elif piece:
                self._counts["bytes to the server" if to_server else "bytes to the client"] += len(piece)
                await loop.sock_sendall(target, piece)
            else:
                target.shutdown(socket.SHUT_WR)
                return

    def _goes_dark(self) -> bool:
        self._is_dark = self._is_dark or self._disturbance.swallows
        return self._is_dark

    async def _wait_for_holds(self, piece: bytes, *, to_server: bool) -> None:
        hold = self._caught_by(piece) if to_server else self._reply_hold
        if hold is None:
            return
        if not to_server:
            hold.answered()
            self._reply_hold = None
        await hold.over()

    def _caught_by(self, piece: bytes) -> Hold | None:
        """Return what holds this piece itself; a hold of replies waits for the other direction."""
        held = None
        for request in self._requests.feed(piece):
            for hold in self._disturbance.holds:
                if self._is_dark or self._disturbance.swallows or not hold.catches(request):
                    continue
                if hold.of_reply:
                    self._reply_hold = hold
                    self._counts["replies held"] += 1
                else:
                    held = hold
                    self._counts["requests held"] += 1
        return held


async def connected(host: str, port: int) -> socket.socket:
    """Return a new connection, for a loop. Raises OSError."""
    made = socket.socket()
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        await asyncio.get_running_loop().sock_connect(made, (host, port))
    except BaseException:
        made.close()
        raise
    return made


async def _received(source: socket.socket) -> bytes:
    try:
        return await asyncio.get_running_loop().sock_recv(source, _PIECE)
    except ConnectionError:
        return b""


def _close(end: socket.socket, *, orderly: bool) -> None:
    if not orderly:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    end.close()

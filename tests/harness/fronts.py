"""What may stand before liveness sockets and answer in their place: a load balancer, a sidecar, a wrong address."""

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Coroutine, Iterable
from typing import Any

from servers.ports import free_port

from harness.loop_thread import LoopThread

_PIECE = 65_536
HANGS_UP = b""
"""A sidecar that accepts a call for the dead and ends it."""
NONSENSE = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
"""A sidecar that answers in its own language."""
SAYS_NOTHING = None
"""A sidecar that accepts a call for the dead and leaves it open."""


class Front(LoopThread):
    """Listens on a free loopback port and carries each call to the next of `ports` where somebody listens.

    `ports` may be changed at any time: calls that follow go elsewhere. Calls that nobody takes are answered with
    `for_the_dead`, because this one listens for as long as its block lasts. A thread of its own does the work.
    With `listening` calls come in there instead, perhaps from another network.
    """

    def __init__(
        self,
        ports: Iterable[int],
        for_the_dead: bytes | None = HANGS_UP,
        listening: socket.socket | None = None,
    ) -> None:
        self._listening = listening or socket.create_server(("127.0.0.1", free_port()))
        self.port: int = self._listening.getsockname()[1]
        super().__init__(f"front {self.port}")
        self.ports = tuple(ports)
        self.for_the_dead = for_the_dead
        self._turn = itertools.count()
        self._calls: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def reset(self) -> None:
        """End all calls at both ends; returns when that is done."""
        self._run(self._hang_up())

    # in the thread

    async def _begin(self) -> None:
        self._server = await asyncio.start_server(self._accepted, sock=self._listening)

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._hang_up()

    async def _hang_up(self) -> None:
        calls = list(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = self._loop.create_task(self._serve(reader, writer))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken: asyncio.StreamWriter | None = None
        try:
            if (found := await self._reach()) is None:
                await self._answer_for_the_dead(reader, writer)
                return
            theirs, taken = found
            await _first_done(_carry(reader, taken), _carry(theirs, writer))
        except OSError:
            pass  # one end is gone, and so is the call
        finally:
            for end in (writer, taken):
                if end is not None:
                    end.close()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        ports, first = self.ports, next(self._turn)
        for number in range(len(ports)):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", ports[(first + number) % len(ports)])
        return None

    async def _answer_for_the_dead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.for_the_dead is SAYS_NOTHING:
            while await reader.read(_PIECE):
                pass
        elif self.for_the_dead:
            writer.write(self.for_the_dead)
            await writer.drain()
            await reader.read()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(_PIECE):
        target.write(piece)
        await target.drain()


async def _first_done(*ways: Coroutine[Any, Any, None]) -> None:
    """Run all `ways` until one is at its end, which ends the others."""
    running = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in running:
            way.cancel()
        await asyncio.gather(*running, return_exceptions=True)

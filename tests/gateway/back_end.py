"""A back end of the test's own, in a thread: what it does with each connection is a script that may change."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable

from harness import wait_until
from harness.loop_thread import LoopThread
from integration.http.backend import Conversation, Received

_PIECE = 1024 * 1024


class Talk(Conversation):
    """One connection, which may also count what it does not want to keep."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, received: list[Received]
    ) -> None:
        super().__init__(reader, writer, received)
        self._from_client = reader

    async def counted_chunks(self) -> int:
        """Read a request whose body comes in chunks, without keeping it; return how many bytes that had."""
        await self._from_client.readuntil(b"\r\n\r\n")
        total = 0
        while size := int(await self._from_client.readuntil(b"\r\n"), 16):
            total += size
            left = size + len(b"\r\n")
            while left:
                left -= len(await self._from_client.read(min(left, _PIECE)))
        await self._from_client.readexactly(len(b"\r\n"))
        return total


Script = Callable[[Talk], Awaitable[None]]


async def agrees(talk: Talk) -> None:
    """Answer every request with `ok`."""
    while True:
        await talk.request()
        await talk.answer(b"ok")


async def swallows(talk: Talk) -> None:
    """Read whatever comes, and answer nothing."""
    await talk.gone()


class Gate:
    """Where scripts wait until the test lets them pass."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._is_open = loop, asyncio.Event()

    def open(self) -> None:
        """Let everybody pass, from now on."""
        self._loop.call_soon_threadsafe(self._is_open.set)

    async def passed(self) -> None:
        """Return when the gate is open; for scripts."""
        await self._is_open.wait()


class BackEnd(LoopThread):
    """Listens on loopback from the beginning of the block to its end; new connections begin with `script`."""

    def __init__(self, script: Script = agrees, tls: ssl.SSLContext | None = None) -> None:
        super().__init__("back end")
        self._usual = self.script = script
        self._tls = tls
        self.requests: list[Received] = []
        """What has come so far and was kept."""
        self.port = 0
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._connected = self._ended = 0

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def gate(self) -> Gate:
        """Return a closed gate for scripts."""
        return Gate(self._loop)

    def wait_connected(self, count: int) -> None:
        """Return when so many connections were opened."""
        wait_until(
            lambda: self._connected >= count, lambda: f"{count} connections of a node, not {self._connected}"
        )

    def wait_ended(self, count: int) -> None:
        """Return when so many connections are over."""
        wait_until(lambda: self._ended >= count, lambda: f"{count} closed connections, not {self._ended}")

    def hang_up(self) -> None:
        """End all connections, those of a pool too, and begin again as if nothing had been."""
        self._run(self._cancel())
        self.script = self._usual
        self._connected = self._ended = 0
        self.requests.clear()

    # in the thread

    async def _begin(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cancel()

    async def _cancel(self) -> None:
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = self._loop.create_task(self._play(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connected += 1
        try:
            await self.script(Talk(reader, writer, self.requests))
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side has had enough, or the test has
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()
            self._ended += 1

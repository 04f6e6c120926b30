"""A back end in a thread, for tests that wait while a node is served: its script may be changed at any time."""

import asyncio
import ssl

from harness import wait_until
from harness.back_end import Backend, Conversation, Received, Script
from harness.loop_thread import LoopThread


async def agrees(talk: Conversation) -> None:
    """Answer every request with `ok`."""
    while True:
        await talk.request()
        await talk.answer(b"ok")


async def swallows(talk: Conversation) -> None:
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
        self._usual = script
        self._served = Backend(script, tls)

    @property
    def url(self) -> str:
        """Where it is reached."""
        return self._served.url

    @property
    def requests(self) -> list[Received]:
        """What has come so far and was kept."""
        return self._served.requests

    @property
    def script(self) -> Script:
        """What new connections begin with."""
        return self._served.script

    @script.setter
    def script(self, script: Script) -> None:
        self._served.script = script

    def gate(self) -> Gate:
        """Return a closed gate for scripts."""
        return Gate(self._loop)

    def wait_connected(self, count: int) -> None:
        """Return when so many connections were opened."""
        wait_until(
            lambda: self._served.connections >= count,
            lambda: f"{count} connections of a node, not {self._served.connections}",
        )

    def wait_ended(self, count: int) -> None:
        """Return when so many connections are over."""
        ended = self._served.ended
        wait_until(lambda: ended.qsize() >= count, lambda: f"{count} closed connections, not {ended.qsize()}")

    def hang_up(self) -> None:
        """End all connections, those of a pool too, and begin again as if nothing had been."""
        self._run(self._served.hang_up())
        self._served.script, self._served.connections, self._served.ended = self._usual, 0, asyncio.Queue()
        self._served.requests.clear()

    # in the thread

    async def _begin(self) -> None:
        await self._served.__aenter__()

    async def _end(self) -> None:
        await self._served.__aexit__(None, None, None)

"""A trap for one statement: it is executed and not answered, or sent and not yet executed."""

import asyncio
import threading
from collections.abc import Callable

from harness.waiting import LIMIT


class Hold:
    """Catches requests that contain all `texts`; made by `Proxy.hold_reply` and `Proxy.hold_request`.

    `every` false: only the first one. What is caught stays so, with all that follows it in the same direction of
    its connection, until `release`, even when the client has given up meanwhile.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, texts: tuple[bytes, ...], *, of_reply: bool, every: bool
    ) -> None:
        self.of_reply = of_reply
        self._loop, self._texts, self._every = loop, texts, every
        self._released = asyncio.Event()
        self._changed = threading.Condition()
        self._caught = self._answered = 0

    # the test's side

    def wait_caught(self, count: int = 1, within: float = LIMIT) -> None:
        """Return as soon as `count` requests are caught."""
        self._wait("caught", lambda: self._caught >= count, within)

    def wait_answered(self, count: int = 1, within: float = LIMIT) -> None:
        """Return as soon as the server has answered `count` caught requests: they have been executed."""
        assert self.of_reply, "the server has not yet been asked"
        self._wait("answered", lambda: self._answered >= count, within)

    def release(self) -> None:
        """Let everything go and catch no more; calling it again changes nothing."""
        self._loop.call_soon_threadsafe(self._released.set)

    @property
    def caught(self) -> int:
        """Requests caught so far."""
        return self._caught

    # the proxy's side, in its loop

    def catches(self, request: bytes) -> bool:
        """Say whether this request is one; if so it is counted."""
        if self._released.is_set() or (self._caught and not self._every):
            return False
        if not all(text in request for text in self._texts):
            return False
        with self._changed:
            self._caught += 1
            self._changed.notify_all()
        return True

    def answered(self) -> None:
        """The reply to a caught request has come."""
        with self._changed:
            self._answered += 1
            self._changed.notify_all()

    async def over(self) -> None:
        """Return when what is caught may go on."""
        await self._released.wait()

    def _wait(self, what: str, is_so: Callable[[], bool], within: float) -> None:
        with self._changed:
            assert self._changed.wait_for(is_so, within), (
                f"nothing with {self._texts} was {what} in {within:g} s"
            )

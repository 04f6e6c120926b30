"""Calls of a user's code, one after another, in a thread that nobody has to wait for.

A thread cannot be ended from outside. One whose call hangs is left behind as a daemon; should the call return after
all, the thread makes no further one.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import Empty, SimpleQueue
from reprlib import repr as short_repr
from threading import Thread
from typing import NamedTuple

from micro_integrator.kit import boottime

LONGEST_TEXT = 300
"""Characters of an exception's text that are worth a line."""


class Reply(NamedTuple):
    """What came of the call for `task`: an answer, which may be None, or the text of what went wrong."""

    task: str
    answer: str | None
    trouble: str = ""


class Calls:
    """Calls `ask` once for each of `tasks`, in this order."""

    def __init__(self, ask: Callable[[str], object], tasks: Iterable[str], name: str) -> None:
        self.tasks = tuple(tasks)
        self._ask = ask
        self._arrived: SimpleQueue[Reply] = SimpleQueue()
        self._is_over = False
        self._last_took = 0.0
        self._thread = Thread(target=self._call_all, name=name, daemon=True)

    async def replies(self, limit: float) -> list[Reply]:
        """Return what is there after `limit` seconds; the call of the first task without a reply goes on."""
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._thread.start()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(limit):
                    await self._ended.wait()
        finally:
            self._is_over = True
        found = []
        with suppress(Empty):
            while True:
                found.append(self._arrived.get_nowait())
        return found

    @property
    def is_running(self) -> bool:
        """Whether a call is still under way."""
        return self._thread.is_alive()

    def has_hung(self, limit: float) -> bool:
        """Whether the last call is still under way or took longer than `limit` seconds."""
        return self.is_running or self._last_took > limit

    def _call_all(self) -> None:
        try:
            for task in self.tasks:
                if self._is_over:
                    return
                begun = boottime()
                reply = _reply(self._ask, task)
                self._last_took = boottime() - begun
                self._arrived.put(reply)
        finally:
            with suppress(RuntimeError):  # the loop may have ended long before this call did
                self._loop.call_soon_threadsafe(self._ended.set)


def _reply(ask: Callable[[str], object], task: str) -> Reply:
    """Make one call; a reply holds texts only, so that no object of the user's reaches the event loop."""
    try:
        answer = ask(task)
        if answer is None:
            return Reply(task, None)
        if isinstance(answer, str):
            return Reply(task, str(answer))
        return Reply(task, None, f"expected a node id or None, not {short_repr(answer)}")
    except BaseException as error:  # a user's code may raise anything, even SystemExit
        return Reply(task, None, _text(error))


def _text(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:LONGEST_TEXT]
    except Exception:  # its text is made by the user's code as well
        return type(error).__name__

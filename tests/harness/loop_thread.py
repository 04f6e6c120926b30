"""An event loop in a thread of its own, for what serves nodes while a test waits."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from harness.waiting import LIMIT

_Answer = TypeVar("_Answer")


class LoopThread(ABC):
    """Base of servers: the loop runs from the beginning of the block to its end."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._begin())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Do `work` in the loop; return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LIMIT)

    @abstractmethod
    async def _begin(self) -> None:
        """First thing in the loop."""

    @abstractmethod
    async def _end(self) -> None:
        """Last thing in the loop: give back what is open."""

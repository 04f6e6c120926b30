"""A part with a life: the constructor remembers, `async with` starts and stops, every loop has an owner."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

import structlog

STOP_LIMIT = 5.0
"""Seconds a cancelled loop may take to end before it is reported by name and left behind."""


class Component:
    """Base of everything that is started, drained and stopped.

    Override `start` and `stop`; call `super().stop()` first in `stop`, it ends the spawned loops. `stop` may
    be called twice, before `start`, and after a `start` that failed half-way: it gives back whatever exists.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._loops: dict[asyncio.Task[Any], None] = {}  # in the order in which they began

    async def start(self) -> None:
        """Begin work. Raises whatever makes work impossible; then `stop` is called by `async with`."""

    def drain(self) -> None:
        """Take nothing new from now on; returns at once."""

    async def stop(self) -> None:
        """Cancel the spawned loops and wait for them, at most STOP_LIMIT seconds."""
        loops = [loop for loop in self._loops if loop is not asyncio.current_task()]
        for loop in loops:
            loop.cancel()
        if loops:
            _, stuck = await asyncio.wait(loops, timeout=STOP_LIMIT)
            for loop in stuck:
                structlog.get_logger("Component").error(
                    "[{loop}] of [{name}] does not end", loop=loop.get_name(), name=self.name
                )
        self._loops.clear()

    def spawn(self, work: Coroutine[Any, Any, None], name: str = "loop") -> asyncio.Task[None]:
        """Run `work` until it ends or this component stops; a failure is logged, never lost."""
        loop = asyncio.create_task(work, name=f"{self.name}: {name}")
        self._loops[loop] = None
        loop.add_done_callback(self._ended)
        return loop

    def _ended(self, loop: asyncio.Task[Any]) -> None:
        self._loops.pop(loop, None)
        if not loop.cancelled() and (error := loop.exception()) is not None:
            structlog.get_logger("Component").error(
                "[{loop}] failed: {error}", loop=loop.get_name(), error=repr(error), exc_info=error
            )

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

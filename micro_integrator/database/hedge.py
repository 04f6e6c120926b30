"""Opening a connection by several attempts: one whose bytes were lost on the way must not hold up the others.

A login takes four to five exchanges. On a slow way it needs many seconds, and on a way that was dark for a moment it
never ends: nobody can tell which of the two it is. So attempts that wait are left alone, and new ones begin beside
them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

HEDGE_AFTER = 1.0
"""Seconds without an answer after which the next attempt begins."""
MOST_ATTEMPTS = 4
"""Attempts at a time; when there are so many, the newest makes room for the next."""
ENDING_LIMIT = 0.5
"""Seconds for which attempts that were given up are waited for; each ends within a moment, unless it is stuck."""

_Opened = TypeVar("_Opened")


async def hedged(attempt: Callable[[], Awaitable[_Opened]], discard: Callable[[_Opened], object]) -> _Opened:
    """Return what the first attempt that succeeds has opened; `discard` gets what others have opened as well.

    Raises what the last attempt has raised when all have failed. Has no end of its own while attempts wait.
    """

    async def begin() -> _Opened:
        return await attempt()

    def part_with(late: asyncio.Task[_Opened]) -> None:
        if not late.cancelled() and late.exception() is None:
            discard(late.result())

    given_up: set[asyncio.Task[_Opened]] = set()

    def give_up(waiting: asyncio.Task[_Opened]) -> None:
        waiting.cancel()
        waiting.add_done_callback(part_with)
        given_up.add(waiting)
        waiting.add_done_callback(given_up.discard)

    loop = asyncio.get_running_loop()
    chosen: asyncio.Task[_Opened] | None = None
    attempts = [loop.create_task(begin(), name="connection attempt")]
    try:
        while True:
            ended, _ = await asyncio.wait(attempts, timeout=HEDGE_AFTER, return_when=asyncio.FIRST_COMPLETED)
            for one in ended:
                attempts.remove(one)
                if one.exception() is None or not attempts:
                    chosen = one
                    return one.result()
            if not ended:
                if len(attempts) == MOST_ATTEMPTS:
                    give_up(attempts.pop())
                attempts.append(loop.create_task(begin(), name="connection attempt"))
    finally:
        for one in attempts:
            give_up(one)
        if given_up:
            await _ended(given_up, chosen, part_with)


async def _ended(
    given_up: Iterable[asyncio.Task[_Opened]],
    chosen: asyncio.Task[_Opened] | None,
    part_with: Callable[[asyncio.Task[_Opened]], None],
) -> None:
    """Wait until those that were given up have ended; who is cancelled meanwhile does not get `chosen` any more."""
    try:
        await asyncio.wait(given_up, timeout=ENDING_LIMIT)
    except asyncio.CancelledError:
        if chosen is not None:
            part_with(chosen)
        raise

"""A host with several addresses: the first one that lets us in, without waiting long for one that does not.

Families take turns, in the order the resolver likes them; every quarter of a second, or as soon as one has failed, the
next address is tried too (RFC 8305, "happy eyeballs").
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Sequence
from itertools import chain, zip_longest
from typing import Any, TypeAlias

HEAD_START = 0.25
"""Seconds after which the next address is tried although this one has not failed."""

Address: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]
"""Family, and what a socket connects to."""
Spawn: TypeAlias = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


def taking_turns(addresses: Sequence[Address]) -> list[Address]:
    """Return the addresses so that families alternate; each family keeps its order, the first one begins."""
    families = list(dict.fromkeys(family for family, _ in addresses))
    columns = [[one for one in addresses if one[0] == family] for family in families]
    return [one for one in chain.from_iterable(zip_longest(*columns)) if one is not None]


async def connected(addresses: Sequence[Address], spawn: Spawn) -> socket.socket:
    """Return a socket connected to one of `addresses`. Raises the OSError of the first when all have failed."""
    if len(addresses) == 1:
        return await _attempt(addresses[0])
    race = _Race()
    try:
        return await race.run(addresses, spawn)
    finally:
        race.end()


class _Race:
    """Attempts under way at the same time."""

    def __init__(self) -> None:
        self._winner: socket.socket | None = None
        self._errors: list[OSError] = []
        self._runners: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()

    async def run(self, addresses: Sequence[Address], spawn: Spawn) -> socket.socket:
        """Begin one attempt after the other; return the first connected socket. Raises OSError."""
        for address in addresses:
            self._runners.append(spawn(self._try(address), "connect"))
            is_last = len(self._runners) == len(addresses)
            await self._wait(None if is_last else HEAD_START)
            if (winner := self._winner) is not None:
                self._winner = None
                return winner
        raise self._errors[0]

    async def _wait(self, seconds: float | None) -> None:
        """Return when somebody has won, when all have failed, or when the time is over."""
        try:
            async with asyncio.timeout(seconds):
                while self._winner is None and len(self._errors) < len(self._runners):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return  # the next address gets its chance

    def end(self) -> None:
        """Stop those that still run, and close what nobody has taken."""
        for runner in self._runners:
            runner.cancel()
        if self._winner is not None:
            self._winner.close()

    async def _try(self, address: Address) -> None:
        try:
            found = await _attempt(address)
        except OSError as error:
            self._errors.append(error)
        else:
            if self._winner is None:
                self._winner = found
            else:
                found.close()
        self._news.set()


async def _attempt(address: Address) -> socket.socket:
    family, where = address
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, where)
    except BaseException:
        made.close()
        raise
    return made

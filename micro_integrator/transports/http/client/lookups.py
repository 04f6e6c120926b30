"""Names of hosts become addresses: asked anew for every connection, but by all who want to know it just then together.

A silent name server holds a thread for many seconds. Those of the loop are few, and a process does not end before they
do; so each question has a thread of its own, which is left behind when nobody wants the answer any more.
"""

import asyncio
import errno
import socket
import threading
from contextlib import suppress

from micro_integrator.transports.http.client.racing import Address, Spawn, taking_turns
from micro_integrator.transports.http.failure import stopped

MOST = 64
"""Hosts that are looked up at the same time; further ones wait."""


class Lookups:
    """Those under way."""

    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._open: dict[tuple[str, int], asyncio.Future[list[Address]]] = {}
        self._places = asyncio.Semaphore(MOST)

    async def addresses_of(self, host: str, port: int) -> list[Address]:
        """Return the addresses of a host. Raises OSError, UnicodeError; HttpError when the sender stops."""
        found = self._open.get((host, port))
        if found is None:
            found = self._open[host, port] = asyncio.get_running_loop().create_future()
            self._spawn(self._look_up(host, port, found), "look-up")
        return await asyncio.shield(found)  # others may wait for it longer

    async def _look_up(self, host: str, port: int, found: asyncio.Future[list[Address]]) -> None:
        try:
            async with self._places:
                found.set_result(await addresses_of(host, port))
        except (OSError, UnicodeError) as error:
            found.set_exception(error)
        finally:
            del self._open[host, port]
            if not found.done():
                found.set_exception(stopped())
            found.exception()  # whoever has asked may have gone


async def addresses_of(host: str, port: int) -> list[Address]:
    """Ask the resolver of the system, outside the loop. Raises OSError, UnicodeError."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[Address]] = loop.create_future()

    def ask() -> None:
        answer: list[Address] | OSError | UnicodeError
        try:
            told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer = taking_turns([(family, address) for family, _, _, _, address in told])
        except (OSError, UnicodeError) as error:
            answer = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, answer)

    def settle(answer: list[Address] | OSError | UnicodeError) -> None:
        if found.done():
            return
        if isinstance(answer, list):
            found.set_result(answer)
        else:
            found.set_exception(answer)

    try:
        threading.Thread(target=ask, name="look-up", daemon=True).start()
    except RuntimeError as error:  # there is none to be had
        raise OSError(errno.EAGAIN, str(error)) from error
    return await found

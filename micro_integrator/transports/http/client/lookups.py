"""Names of hosts become addresses: asked anew for every connection, but by all who want to know it just then together.

The system has few threads for such questions, and a silent name server holds one for many seconds. If every request to
such a host asked by itself, no other host would be found meanwhile.
"""

import asyncio

from micro_integrator.transports.http.client.racing import Address, Spawn, addresses_of
from micro_integrator.transports.http.failure import stopped


class Lookups:
    """Those under way."""

    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._open: dict[tuple[str, int], asyncio.Future[list[Address]]] = {}

    async def addresses_of(self, host: str, port: int) -> list[Address]:
        """Return the addresses of a host. Raises OSError, UnicodeError; HttpError when the sender stops."""
        found = self._open.get((host, port))
        if found is None:
            found = self._open[host, port] = asyncio.get_running_loop().create_future()
            self._spawn(self._look_up(host, port, found), "look-up")
        return await asyncio.shield(found)  # others may wait for it longer

    async def _look_up(self, host: str, port: int, found: asyncio.Future[list[Address]]) -> None:
        try:
            found.set_result(await addresses_of(host, port))
        except (OSError, UnicodeError) as error:
            found.set_exception(error)
        finally:
            del self._open[host, port]
            if not found.done():
                found.set_exception(stopped())
            found.exception()  # whoever has asked may have gone

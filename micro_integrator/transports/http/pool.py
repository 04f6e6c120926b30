"""Connections by route: taken, given back, waited for, and closed when they have been idle for too long."""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from micro_integrator.kit import Clock
from micro_integrator.transports.http.answer import Answer
from micro_integrator.transports.http.connection import Connection
from micro_integrator.transports.http.failure import Code, HttpError
from micro_integrator.transports.http.target import Route

Lost = Callable[[Connection], None]
Opener = Callable[[Route, Lost], Awaitable[Connection]]

GRACE = 10.0
"""Seconds before the end announced by a back end during which a connection is not used any more."""

_KEEP_ALIVE = re.compile(r"\btimeout\s*=\s*([0-9]{1,6})", re.IGNORECASE)


@dataclass(slots=True)
class Place:
    """What there is for one route."""

    idle: list[Connection] = field(default_factory=list)
    """The one given back last is taken first, so that the others can expire."""
    held: int = 0
    """Connections open or being opened, idle ones included."""
    waiters: deque[asyncio.Future[Connection | None]] = field(default_factory=deque)
    """Those who wait get a connection, or None when one may be opened."""


class Pool:
    """At most `limit` connections for each route; who comes later waits at most `patience` seconds."""

    def __init__(self, open_one: Opener, clock: Clock, *, limit: int, patience: float, idle_time: float) -> None:
        self._open_one, self._clock = open_one, clock
        self._limit, self._patience, self._idle_time = limit, patience, idle_time
        self._places: dict[Route, Place] = {}
        self._is_closed = False

    @property
    def held(self) -> int:
        """How many connections there are to all routes."""
        return sum(place.held for place in self._places.values())

    def take_idle(self, route: Route) -> Connection | None:
        """Return a connection that waits to be used again, None when there is none."""
        place = self._places.get(route)
        while place is not None and place.idle:
            connection = place.idle.pop()
            if self._clock.now() < connection.expires_at and connection.is_open:
                return connection
            connection.close()
        return None

    async def take_fresh(self, route: Route) -> Connection:
        """Open a connection, or wait until one may be opened or is given back. Raises HttpError."""
        if self._is_closed:
            raise _stopped()
        place = self._places.setdefault(route, Place())
        if place.held >= self._limit:
            connection = await self._wait(place, route)
            if connection is not None:
                return connection
        else:
            place.held += 1
        try:
            return await self._open_one(route, self._forget)
        except BaseException:
            self._free(place)
            raise

    def give_back(self, connection: Connection, answer: Answer) -> None:
        """Take a connection back after an answer; it is closed when it cannot be used again."""
        expires_at = self._clock.now() + usable_for(answer, self._idle_time)
        if self._is_closed or not answer.keeps_alive or expires_at <= self._clock.now():
            connection.close()
        else:
            connection.expires_at = expires_at
            self.put(connection)

    def put(self, connection: Connection) -> None:
        """Give a connection to whoever waits, else keep it."""
        place = self._places[connection.route]
        while place.waiters:
            waiter = place.waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        place.idle.append(connection)

    def sweep(self) -> None:
        """Close what has been idle for too long."""
        now = self._clock.now()
        for place in self._places.values():
            for connection in [one for one in place.idle if one.expires_at <= now]:
                place.idle.remove(connection)
                connection.close()
        for route in [route for route, place in self._places.items() if not place.held]:
            del self._places[route]

    def close(self) -> None:
        """Close idle connections at once, others when they are given back; who waits gets an error."""
        self._is_closed = True
        for place in self._places.values():
            for connection in place.idle:
                connection.close()
            place.idle.clear()
            for waiter in place.waiters:
                if not waiter.done():
                    waiter.set_exception(_stopped())
            place.waiters.clear()

    async def _wait(self, place: Place, route: Route) -> Connection | None:
        waiter = asyncio.get_running_loop().create_future()
        place.waiters.append(waiter)
        try:
            async with asyncio.timeout(self._patience):
                return await waiter
        except TimeoutError as error:
            text = (
                "No available connections to serve the request. "
                f"Maximum active connections limit {self._limit} of {route} is reached"
            )
            raise HttpError(text, Code.CONNECT_TIMED_OUT) from error
        finally:
            self._retire(waiter, place)
"""
"""

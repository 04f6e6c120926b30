"""Connections by route: taken, given back, waited for, and closed when they have been idle for too long."""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from micro_integrator.kit import Clock
from micro_integrator.transports.http.answer import Answer
from micro_integrator.transports.http.connection import Connection
from micro_integrator.transports.http.failure import Code, HttpError
from micro_integrator.transports.http.target import Route

Opener = Callable[[Route], Awaitable[Connection]]

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

    def __init__(
        self, open_one: Opener, clock: Clock, *, limit: int, patience: float, idle_time: float
    ) -> None:
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
            given = await self._wait(place, route)
            if given is not None:
                return given
        else:
            place.held += 1
        try:
            connection = await self._open_one(route)
        except BaseException:
            self._free(place)
            raise
        connection.watch(self._forget)
        return connection

    def give_back(self, connection: Connection, answer: Answer) -> None:
        """Take a connection back after an answer; it is closed when it cannot be used again."""
        if self._is_closed or connection.is_lost or not answer.keeps_alive:
            connection.close()
        else:
            connection.expires_at = self._clock.now() + usable_for(answer, self._idle_time)
            self._put(connection)

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
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        place.waiters.append(waiter)
        try:
            async with asyncio.timeout(self._patience):
                return await waiter
        except TimeoutError as error:
            self._decline(waiter, place)
            text = (
                "No available connections to serve the request. "
                f"Maximum active connections limit {self._limit} of {route} is reached"
            )
            raise HttpError(text, Code.CONNECT_TIMED_OUT) from error
        except asyncio.CancelledError:
            self._decline(waiter, place)
            raise

    def _decline(self, waiter: asyncio.Future[Connection | None], place: Place) -> None:
        """Give up waiting; what arrived in the same moment goes to the next in line."""
        if waiter in place.waiters:
            place.waiters.remove(waiter)
        if not waiter.done() or waiter.cancelled() or waiter.exception() is not None:
            return
        connection = waiter.result()
        if connection is None:
            self._free(place)
        else:
            self._put(connection)

    def _put(self, connection: Connection) -> None:
        place = self._places[connection.route]
        if (waiter := _next(place)) is not None:
            waiter.set_result(connection)
        else:
            place.idle.append(connection)

    def _free(self, place: Place) -> None:
        """Let the next in line open a connection instead of one that is gone."""
        if (waiter := _next(place)) is not None:
            waiter.set_result(None)
        else:
            place.held -= 1

    def _forget(self, connection: Connection) -> None:
        place = self._places[connection.route]
        if connection in place.idle:
            place.idle.remove(connection)
        self._free(place)


def usable_for(answer: Answer, idle_time: float) -> float:
    """Return for how many seconds a connection is good after `answer`: what the back end announces, less grace."""
    for name, value in answer.fields:
        if name.lower() == "keep-alive" and (found := _KEEP_ALIVE.search(value)) is not None:
            announced = float(found[1])
            # of a short time a part has to do: otherwise such a connection would never be used again
            return min(idle_time, announced - min(GRACE, announced / 4))
    return idle_time


def _next(place: Place) -> asyncio.Future[Connection | None] | None:
    while place.waiters:
        waiter = place.waiters.popleft()
        if not waiter.done():
            return waiter
    return None


def _stopped() -> HttpError:
    return HttpError("Error in Sender: it has been stopped", Code.CANCELLED)

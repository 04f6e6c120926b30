"""Connections by route: taken, given back, waited for, and closed when they have been idle for too long."""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from micro_integrator.transports.http.client.connection import Connection
from micro_integrator.transports.http.client.target import Route
from micro_integrator.transports.http.failure import Code, HttpError, stopped

Opener = Callable[[Route], Awaitable[Connection]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections a route may have, and how long each is used. Durations are seconds."""

    connections: int = 32767
    """To one route, idle ones included."""
    waiting: int | None = None
    """Requests that may wait for a connection to one route; None = any number."""
    patience: float = 90.0
    """How long one of them waits."""
    idle_time: float = 170.0
    """How long an idle connection is kept."""
    grace: float = 10.0
    """Time before the end announced by a back end during which a connection is not used any more."""
    lifespan: float = math.inf
    """How long a connection is used at all."""

    def expiry(self, connection: Connection, now: float) -> float:
        """Return until when an idle connection may be taken: not as long as the back end announces, less grace."""
        announced, end = connection.idle_limit, connection.opened_at + self.lifespan
        kept = self.idle_time
        if announced is not None:
            # of a short time a part has to do: otherwise such a connection would never be used again
            kept = min(kept, announced - min(self.grace, announced / 4))
        return now + kept if now + kept < end else end


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
    """Keeps connections within `limits`; who comes when all are taken waits. Owns what it has given out, too."""

    def __init__(self, open_one: Opener, now: Callable[[], float], limits: Limits) -> None:
        """`now` returns the time of the running loop's clock."""
        self._open_one, self._now, self._limits = open_one, now, limits
        self._places: dict[Route, Place] = {}
        self._is_closed = False

    @property
    def held(self) -> int:
        """How many connections there are to all routes."""
        return sum(place.held for place in self._places.values())

    def take_idle(self, route: Route, now: float) -> Connection | None:
        """Return a connection that waits to be used again, None when there is none."""
        place = self._places.get(route)
        while place is not None and place.idle:
            connection = place.idle.pop()
            if now < connection.expires_at and connection.is_open():
                return connection
            connection.close()
        return None

    async def take_fresh(self, route: Route) -> Connection:
        """Open a connection, or wait until one may be opened or is given back. Raises HttpError."""
        if self._is_closed:
            raise stopped()
        place = self._places.setdefault(route, Place())
        if place.held >= self._limits.connections:
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
        connection.belong_to(self)
        return connection

    def give_back(self, connection: Connection) -> None:
        """Take a connection back after an answer; it is closed when it cannot be used again."""
        now = self._now()
        connection.expires_at = self._limits.expiry(connection, now)
        if self._is_closed or not connection.is_reusable or connection.expires_at <= now:
            connection.close()  # nor may the next in line have one that has lived long enough
        else:
            self._put(connection)

    def forget(self, connection: Connection) -> None:
        """Make room for another connection: this one is closed."""
        place = self._places[connection.route]
        if connection in place.idle:
            place.idle.remove(connection)
        self._free(place)

    def sweep(self) -> None:
        """Close what has been idle for too long."""
        now = self._now()
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
                    waiter.set_exception(stopped())
            place.waiters.clear()

    async def _wait(self, place: Place, route: Route) -> Connection | None:
        limits = self._limits
        if limits.waiting is not None and len(place.waiters) >= limits.waiting:
            text = f"Number of queued messages exceeds the limit {limits.waiting} of {route}"
            raise HttpError(text, Code.CONNECT_TIMED_OUT)
        waiter: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        place.waiters.append(waiter)
        try:
            async with asyncio.timeout(limits.patience):
                return await waiter
        except TimeoutError as error:
            self._decline(waiter, place)
            text = (
                "No available connections to serve the request. "
                f"Maximum active connections limit {limits.connections} of {route} is reached"
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
        if place.waiters and (waiter := _next(place)) is not None:
            waiter.set_result(connection)
        else:
            place.idle.append(connection)

    def _free(self, place: Place) -> None:
        """Let the next in line open a connection instead of one that is gone."""
        if (waiter := _next(place)) is not None:
            waiter.set_result(None)
        else:
            place.held -= 1


def _next(place: Place) -> asyncio.Future[Connection | None] | None:
    while place.waiters:
        waiter = place.waiters.popleft()
        if not waiter.done():
            return waiter
    return None

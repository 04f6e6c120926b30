"""How long connections are kept: on a clock that is moved by hand."""

import asyncio
import math
from dataclasses import dataclass
from typing import cast

import pytest

from micro_integrator.synapse import EndpointError
from micro_integrator.transports.http.client.connection import Connection, Owner
from micro_integrator.transports.http.client.pool import Limits, Pool
from micro_integrator.transports.http.client.target import Route

ROUTE = Route("http", "h", 80)


@dataclass
class FakeConnection:
    route: Route = ROUTE
    opened_at: float = 0.0
    expires_at: float = 0.0
    idle_limit: float | None = None
    is_reusable: bool = True
    is_alive: bool = True
    closed: int = 0
    owner: Owner | None = None

    def belong_to(self, owner: Owner) -> None:
        self.owner = owner

    def is_open(self) -> bool:
        return self.is_alive

    def close(self) -> None:
        self.closed += 1


class Bench:
    """A pool that opens connections which do nothing."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.time = 0.0
        self.opened: list[FakeConnection] = []
        self.pool = Pool(self._open, lambda: self.time, limits or Limits(connections=10, idle_time=60.0))

    async def _open(self, route: Route) -> Connection:
        self.opened.append(FakeConnection(route, self.time))
        return cast(Connection, self.opened[-1])

    async def fresh(self) -> Connection:
        return await self.pool.take_fresh(ROUTE)

    def idle(self) -> Connection | None:
        return self.pool.take_idle(ROUTE, self.time)


async def test_a_connection_expires_when_it_has_been_idle_for_too_long() -> None:
    bench = Bench()
    connection = await bench.fresh()
    bench.pool.give_back(connection)
    bench.time = 59
    assert bench.idle() is connection
    bench.pool.give_back(connection)
    bench.time = 120
    assert bench.idle() is None
    assert bench.opened[0].closed == 1


async def test_a_connection_is_not_used_beyond_its_span_of_life() -> None:
    bench = Bench(Limits(idle_time=60.0, lifespan=100.0))
    connection = await bench.fresh()
    for bench.time in (50.0, 99.0):
        bench.pool.give_back(connection)
        assert bench.idle() is connection
    bench.pool.give_back(connection)
    bench.time = 100.0
    assert bench.idle() is None


async def test_who_waits_is_not_given_a_connection_that_has_lived_long_enough() -> None:
    bench = Bench(Limits(connections=1, lifespan=100.0))
    old = await bench.fresh()
    waiting = asyncio.ensure_future(bench.fresh())
    await asyncio.sleep(0)
    bench.time = 101.0
    bench.pool.give_back(old)
    assert bench.opened[0].closed == 1
    bench.pool.forget(old)
    assert await waiting is not old


async def test_the_sweep_closes_what_nobody_asks_for() -> None:
    bench = Bench()
    first, second = [await bench.fresh() for _ in range(2)]
    bench.pool.give_back(first)
    bench.time = 30
    bench.pool.give_back(second)
    bench.time = 70
    bench.pool.sweep()
    assert [one.closed for one in bench.opened] == [1, 0]
    assert bench.idle() is second


async def test_the_connection_given_back_last_is_taken_first() -> None:
    bench = Bench()
    first, second = [await bench.fresh() for _ in range(2)]
    bench.pool.give_back(first)
    bench.pool.give_back(second)
    assert bench.idle() is second


async def test_a_connection_the_back_end_has_closed_is_passed_over() -> None:
    bench = Bench()
    first, second = [await bench.fresh() for _ in range(2)]
    bench.pool.give_back(first)
    bench.pool.give_back(second)
    bench.opened[1].is_alive = False
    assert bench.idle() is first


async def test_a_spent_connection_is_not_kept() -> None:
    bench = Bench()
    spent = await bench.fresh()
    bench.opened[0].is_reusable = False
    bench.pool.give_back(spent)
    assert bench.opened[0].closed == 1
    assert bench.idle() is None


async def test_only_so_many_may_wait_for_a_connection() -> None:
    bench = Bench(Limits(connections=1, waiting=0))
    await bench.fresh()
    with pytest.raises(EndpointError, match="Number of queued messages exceeds the limit 0") as caught:
        await bench.fresh()
    assert caught.value.code == 101508


@pytest.mark.parametrize(
    ("announced", "seconds"), [(None, 60), (5, 3.75), (40, 30), (300, 60), (0, 0), (math.inf, 60)]
)
def test_a_connection_is_kept_a_little_shorter_than_the_back_end_announces(
    announced: float | None, seconds: float
) -> None:
    connection = cast(Connection, FakeConnection(idle_limit=announced))
    assert Limits(idle_time=60.0).expiry(connection, 100.0) == 100 + seconds

"""How long connections are kept: on a clock that is moved by hand."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from micro_integrator.transports.http.answer import Answer
from micro_integrator.transports.http.connection import Connection
from micro_integrator.transports.http.pool import Pool, usable_for
from micro_integrator.transports.http.target import Route

ROUTE = Route("http", "h", 80)


@dataclass
class HandClock:
    time: float = 0.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class FakeConnection:
    route: Route = ROUTE
    expires_at: float = 0.0
    is_open: bool = True
    is_lost: bool = False
    closed: int = 0
    lost: list[object] = field(default_factory=list)

    def watch(self, lost: object) -> None:
        self.lost.append(lost)

    def close(self) -> None:
        self.closed += 1


def answered(*fields: tuple[str, str], keeps_alive: bool = True) -> Answer:
    answer = Answer(is_head=False, max_body=1)
    answer.fields, answer.keeps_alive = list(fields), keeps_alive
    return answer


class Bench:
    """A pool that opens connections which do nothing."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.opened: list[FakeConnection] = []
        self.pool = Pool(self._open, self.clock, limit=10, patience=1.0, idle_time=60.0)

    async def _open(self, route: Route) -> Connection:
        self.opened.append(FakeConnection(route))
        return cast(Connection, self.opened[-1])


async def test_a_connection_expires_when_it_has_been_idle_for_too_long() -> None:
    bench = Bench()
    connection = await bench.pool.take_fresh(ROUTE)
    bench.pool.give_back(connection, answered())
    bench.clock.time = 59
    assert bench.pool.take_idle(ROUTE) is connection
    bench.pool.give_back(connection, answered())
    bench.clock.time = 120
    assert bench.pool.take_idle(ROUTE) is None
    assert bench.opened[0].closed == 1


async def test_the_sweep_closes_what_nobody_asks_for() -> None:
    bench = Bench()
    first, second = [await bench.pool.take_fresh(ROUTE) for _ in range(2)]
    bench.pool.give_back(first, answered())
    bench.clock.time = 30
    bench.pool.give_back(second, answered())
    bench.clock.time = 70
    bench.pool.sweep()
    assert [one.closed for one in bench.opened] == [1, 0]
    assert bench.pool.take_idle(ROUTE) is second


async def test_the_connection_given_back_last_is_taken_first() -> None:
    bench = Bench()
    first, second = [await bench.pool.take_fresh(ROUTE) for _ in range(2)]
    bench.pool.give_back(first, answered())
    bench.pool.give_back(second, answered())
    assert bench.pool.take_idle(ROUTE) is second


async def test_a_connection_the_back_end_has_closed_is_passed_over() -> None:
    bench = Bench()
    first, second = [await bench.pool.take_fresh(ROUTE) for _ in range(2)]
    bench.pool.give_back(first, answered())
    bench.pool.give_back(second, answered())
    bench.opened[1].is_open = False
    assert bench.pool.take_idle(ROUTE) is first


async def test_a_connection_lost_or_spent_is_not_kept() -> None:
    bench = Bench()
    spent, lost = [await bench.pool.take_fresh(ROUTE) for _ in range(2)]
    bench.pool.give_back(spent, answered(keeps_alive=False))
    bench.opened[1].is_lost = True
    bench.pool.give_back(lost, answered())
    assert bench.pool.take_idle(ROUTE) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 60),
        ("timeout=5", 3.75),
        ("timeout=5, max=100", 3.75),
        ("max=100, Timeout = 40", 30),
        ("timeout=300", 60),
        ("timeout=0", 0),
        ("max=100", 60),
    ],
)
def test_a_connection_is_kept_a_little_shorter_than_the_back_end_announces(
    header: str | None, seconds: float
) -> None:
    fields = [] if header is None else [("keep-alive", header)]
    assert usable_for(answered(*fields), 60) == seconds

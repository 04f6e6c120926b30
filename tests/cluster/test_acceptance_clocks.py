"""Wall clocks that are wrong and step, of a node and of the database server (A5 of the acceptance)."""

import json
import time
from pathlib import Path

import pytest
from harness import CLEAN, Fleet, Group, MakeClock, MakeServer, Node, Server, Sink, WallClock

HOUR = 3600.0
TEN_MINUTES = 600.0
BUSY = 10.0
"""Seconds that a machine with much else to do may add."""
ANCHORED_ANEW = 5.0 + 1.0
"""Seconds until an interval task goes on whatever the database clock says: max(interval, 5 s) + 1 s."""


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest, make_server: MakeServer) -> Server:
    """A server for this test alone, not yet started."""
    return make_server(request.param)


def test_the_wall_clocks_of_nodes_move_no_fire_and_cost_nobody_its_membership(
    server: Server, make_clock: MakeClock, folder: Path, sink: Sink
) -> None:
    server.start()
    with Fleet(Group(folder, server.create_database(), sink), 2) as fleet:
        clocks = {home.name: _clock_of(fleet, home.name, make_clock) for home in fleet.homes}
        clocks["node-1"].shift(-TEN_MINUTES)
        fleet.deploy(6, leased=2)
        fleet.start()
        owner, boots, began = fleet.owner(), fleet.boot_ids(), time.monotonic()
        for step in (HOUR, -HOUR, 0.0):
            clocks[owner.name].shift(step)
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), by=[owner], count=3)
            [other] = fleet.others(owner)
            assert _offset(owner.name, as_told_by=other.lives[-1]) == pytest.approx(step, abs=BUSY)
        assert fleet.silence(began) < 1 + BUSY
        assert fleet.boot_ids() == boots
        assert not fleet.evictions()
        assert fleet.books() == CLEAN


def test_when_the_database_clock_steps_interval_tasks_go_on_and_nobody_is_evicted(
    server: Server, make_clock: MakeClock, folder: Path, sink: Sink
) -> None:
    clock = make_clock(server)
    server.start()
    with Fleet(Group(folder, server.create_database(), sink), 2) as fleet:
        fleet.deploy(6, leased=2)
        fleet.start()
        boots = fleet.boot_ids()
        for step in (HOUR, -HOUR, 0.0):
            stepped = time.monotonic()
            clock.shift(step)
            fleet.wait_fired(fleet.tasks, since=stepped + 1, count=3)
            assert fleet.silence(stepped) < ANCHORED_ANEW + BUSY
        assert fleet.boot_ids() == boots
        assert not fleet.evictions()
        assert fleet.books() == CLEAN


def _offset(name: str, *, as_told_by: Node) -> float:
    """Return by how many seconds the wall clock of a node is ahead, as operators read it on another one."""
    rows = json.loads(as_told_by.control("cluster", "members", "--json").stdout)["rows"]
    return float(next(row["clock offset ms"] for row in rows if row["node"] == name)) / 1000


def _clock_of(fleet: Fleet, name: str, make_clock: MakeClock) -> WallClock:
    clock = make_clock(fleet.home(name).root)
    fleet.environments[name] = clock.environment
    return clock

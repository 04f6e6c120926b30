"""Everything at once, by a seed: three nodes and their database under random faults."""

import os
import time
from contextlib import ExitStack
from pathlib import Path

from harness import CLEAN, Chaos, Fleet, Group, MakeClock, MakeServer, Sink, wait_until

SEED = int(os.environ.get("MI_CHAOS_SEED", "4"))
"""Another one is tried by the variable; what the nodes make of the same strikes differs from run to run."""
SECONDS = 60.0
CLAIMED, LEASED, EVERY = 180, 20, 2
RECOVERY = 90.0
"""Seconds until every task has fired again, on a machine with much else to do."""
LATE = 6.0
"""Seconds by which a fire may be late: its claim was repeated, or the machine had much else to do."""


def test_a_minute_of_random_faults_makes_no_duplicate_loses_no_key_unnamed_and_two_owners_at_no_time(
    make_server: MakeServer, make_clock: MakeClock, folder: Path, sink: Sink
) -> None:
    server = make_server("postgresql")
    server.start()
    group = Group(folder, server.create_database(), sink)
    with ExitStack() as house:
        house.callback(group.end)
        fleet = house.enter_context(Fleet(group, 3))
        clocks = {home.name: make_clock(home.root) for home in fleet.homes}
        fleet.environments = {name: clock.environment for name, clock in clocks.items()}
        fleet.deploy(CLAIMED, every=EVERY, leased=LEASED)
        fleet.start()
        report = Chaos(group, fleet.proxies, SEED, clocks=clocks, server=server, begin=fleet.begin).run(
            SECONDS
        )
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), within=RECOVERY)
        fleet.wait_active(3)
        assert report.faults.total() >= SECONDS / 3
        assert len(report.executed) >= CLAIMED
        wait_until(lambda: fleet.books() == CLEAN, lambda: f"clean books: {fleet.books()}", within=5)
        hasty = [task for task in fleet.claimed if _seconds_gained(fleet, task) > LATE]
        assert hasty == [], "keys pass no faster than time: what is missing fell into a hole"


def _seconds_gained(fleet: Fleet, task: str) -> float:
    fires = [arrival for arrival in fleet.sink.of(task) if arrival.key is not None]
    first, last = fires[0], fires[-1]
    assert first.key is not None
    assert last.key is not None
    return (last.key - first.key) * EVERY - (last.at - first.at)

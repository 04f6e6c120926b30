"""Wall clocks that step an hour, of a node and of the database server."""

import time
from collections.abc import Iterator

from harness import WallClock

from benchmarks.cluster.case import Case, Measured
from benchmarks.cluster.stage import NO_FAULTS_NO_RIVALS, stage

HOUR = 3600.0
STEPS = (HOUR, 0.0, -HOUR, 0.0)
INTERVAL = 1.0
ANCHORED_ANEW = 5.0 + 1.0


def _of_a_node(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 2, claimed=10, leased=5, clocks=True) as here:
        fleet = here.fleet
        owner, boots = fleet.owner(), fleet.boot_ids()
        clock = WallClock(owner.root)
        for number in range(times):
            stepped = time.monotonic()
            clock.shift(STEPS[number % len(STEPS)])
            fleet.wait_fired(fleet.tasks, since=stepped, count=5)
            yield {
                "longest silence, s": fleet.silence(stepped),
                "leases lost": sum(boots[node] != boot for node, boot in fleet.boot_ids().items()),
                **here.faults(),
            }


def _of_the_database(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 2, claimed=10, leased=5) as here:
        fleet, boots = here.fleet, here.fleet.boot_ids()
        for number in range(times):
            stepped = time.monotonic()
            here.clock.shift(STEPS[number % len(STEPS)])
            fleet.wait_fired(fleet.tasks, since=stepped, count=8)
            yield {
                "longest silence, s": fleet.silence(stepped),
                "leases lost": sum(boots[node] != boot for node, boot in fleet.boot_ids().items()),
                **here.faults(),
            }


CASES = (
    Case(
        "A5-node",
        "the owner's wall clock steps by an hour, either way; two nodes, 15 tasks of 1 s, fast profile",
        "nobody loses its lease, fire times as before",
        8,
        _of_a_node,
        {"longest silence, s": 2 * INTERVAL, "leases lost": 0, **NO_FAULTS_NO_RIVALS},
    ),
    Case(
        "A5-database",
        "the database's clock steps by an hour, either way; two nodes, 15 tasks of 1 s, fast profile",
        "nobody loses its lease, interval tasks go on within max(interval, 5 s) + 1 s",
        8,
        _of_the_database,
        {"longest silence, s": ANCHORED_ANEW, "leases lost": 0, **NO_FAULTS_NO_RIVALS},
    ),
)

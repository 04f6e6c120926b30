"""Processes that are gone, or stand still, and whose address says nothing about it: the lease decides."""

import time
from contextlib import ExitStack

from harness import (
    CLEAN,
    FAST_WINDOW,
    HANGS_UP,
    NONSENSE,
    ROUND_ROBIN,
    SAYS_NOTHING,
    Front,
    Group,
    Machines,
    Node,
    on,
    takeover_within,
    tried,
    wait_until,
)

pytestmark = on("postgresql", because="the database does not know who answers at an address")

BUSY = 5.0
"""Seconds that a machine with much else to do may add."""


def test_sidecars_that_answer_for_the_dead_delay_the_takeover_until_the_lease_is_over(group: Group) -> None:
    with Machines(group, 4, settings=ROUND_ROBIN) as fleet, ExitStack() as house:
        survivor, *victims = fleet.homes
        for home, answer in zip(victims, (HANGS_UP, NONSENSE, SAYS_NOTHING), strict=True):
            sidecar = house.enter_context(Front([fleet.ports[home.name]], answer))
            fleet.advertise(home, sidecar.port)
        fleet.deploy(8)
        fleet.start()
        fleet.wait_complete()
        wait_until(lambda: all(map(fleet.tasks_of, fleet.homes)), "tasks everywhere")
        killed = time.monotonic()
        for home in victims:
            home.lives[-1].kill()
        fleet.wait_fired(fleet.tasks, since=killed, by=[survivor], count=2)
        taken = fleet.last_first_fire(fleet.tasks, since=killed, by=[survivor])
        assert taken - killed < takeover_within(FAST_WINDOW) + 1 + BUSY
        assert sorted(fleet.deaths()) == [(home.name, "LEASE_EXPIRED") for home in victims]
        assert fleet.books() == CLEAN


def test_a_process_that_stands_still_longer_than_its_lease_is_evicted_by_the_lease_and_by_nothing_else(
    group: Group,
) -> None:
    with Machines(group, 2) as fleet:
        fleet.deploy(4)
        fleet.start()
        fleet.wait_complete()
        frozen = fleet.owner()
        trial = tried(fleet, Node.freeze)
        assert trial.takeover < takeover_within(FAST_WINDOW) + 1 + BUSY
        frozen.lives[-1].thaw()
        frozen.lives[-1].wait_logged("joining again under a new boot id")
        fleet.wait_active()
        fleet.wait_complete()
        assert fleet.deaths() == [(frozen.name, "LEASE_EXPIRED")]
        assert fleet.evicted_alive() == []
        assert fleet.books() == CLEAN

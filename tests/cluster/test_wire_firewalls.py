"""Firewalls in the way of the wire: one that drops is silence, one that resets is a lie, told once per process."""

import time
from collections import Counter

from harness import CLEAN, ROUND_ROBIN, Group, Machines, on, said, wait_until

BUSY = 5.0
"""Seconds that a machine with much else to do may add."""
ROUNDS = 3


@on("postgresql", because="the database does not know of the wire")
def test_a_firewall_that_drops_costs_no_node_its_lease_and_the_wire_is_complete_again_when_it_is_lifted(
    group: Group,
) -> None:
    with Machines(group, 3, settings=ROUND_ROBIN, is_walled=True) as fleet:
        walls = fleet.walls
        fleet.deploy(6)
        fleet.start()
        fleet.wait_complete()
        boots, began = fleet.boot_ids(), time.monotonic()
        for wall in walls.values():
            wall.black_hole()
        walls["node-1"].reset()  # this one ends what stands as well: a suspicion, which nobody can confirm
        for home in fleet.homes:
            home.lives[-1].wait_logged("Wire is incomplete (missing")
        for home in fleet.homes[1:]:
            home.lives[-1].wait_logged("Member [node-1] gives no evidence (time-out); waiting for its lease")
        fleet.deploy(7)
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        for wall in walls.values():
            wall.heal()
        fleet.wait_complete()
        assert fleet.boot_ids() == boots
        assert fleet.deaths() == []
        assert fleet.silence(began, fleet.claimed[:6]) < 2 + BUSY
        assert fleet.books() == CLEAN


@on("postgresql", "mariadb", because="an eviction is a statement, and a file is not shared by machines")
def test_a_firewall_that_resets_costs_a_process_one_false_eviction_and_no_task_a_fire(group: Group) -> None:
    with Machines(group, 3, settings=ROUND_ROBIN, is_walled=True) as fleet:
        walls = fleet.walls
        fleet.deploy(6)
        fleet.start()
        fleet.wait_complete()
        began = time.monotonic()
        for _ in range(ROUNDS):
            for wall in walls.values():
                wall.refuse()
            for wall in walls.values():
                wall.reset()
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
            for wall in walls.values():
                wall.heal()
            fleet.wait_active()
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=1)
        victims = fleet.evicted_alive()
        assert victims, "the resets have convinced somebody"
        assert max(Counter(victims).values()) == 1
        assert sorted(fleet.deaths()) == sorted((victim, "REFUSED") for victim in victims)
        wait_until(
            lambda: (
                {name for name, endpoint in fleet.endpoints().items() if endpoint is None} == set(victims)
            ),
            lambda: f"{victims} without an endpoint: {fleet.endpoints()}",
        )
        for victim in victims:
            assert len(said(fleet.home(victim), "was evicted while alive; its endpoint is withdrawn")) == 1
        assert fleet.silence(began) < 2 + BUSY
        assert fleet.books() == CLEAN

"""Endpoints that lead to somebody else: a wrong key in a file, a load balancer, an address that was given away."""

import random
import time
from contextlib import ExitStack

import pytest
from harness import CLEAN, ROUND_ROBIN, Front, Group, Home, Machines, Server, Sessions, on, said

pytestmark = on("postgresql", because="the database does not know who answers at an address")

STROKES = 12
BUSY = 5.0
"""Seconds that a machine with much else to do may add."""


def test_an_endpoint_that_leads_to_another_member_is_one_warning_and_nobody_is_evicted_while_connections_die(
    group: Group, server: Server
) -> None:
    with Machines(group, 3, settings=ROUND_ROBIN) as fleet, ExitStack() as house:
        first, second, third = fleet.homes
        doors = {
            home.name: house.enter_context(Front([fleet.ports[home.name]])) for home in (first, second, third)
        }
        doors[second.name].ports = (fleet.ports[first.name],)
        for name, door in doors.items():
            fleet.advertise(fleet.home(name), door.port)
        fleet.deploy(6)
        fleet.start()
        fleet.wait_complete()
        boots, began = fleet.boot_ids(), time.monotonic()
        assert group.database is not None
        sessions = Sessions(server, group.database, random.Random(8))
        for stroke in range(STROKES):
            if stroke == STROKES // 2:  # what led to it until now, and was proven, leads elsewhere
                doors[third.name].ports = (fleet.ports[first.name],)
            for door in doors.values():
                door.reset()
            sessions.kill_one()
            time.sleep(0.5)
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        assert fleet.boot_ids() == boots
        assert fleet.deaths() == []
        for home, wrong in ((first, second), (third, second), (first, third), (second, third)):
            assert len(_warnings(home, f"Endpoint of member [{wrong.name}] leads to [{first.name}]")) == 1
        assert fleet.silence(began) < 2 + BUSY
        assert fleet.books() == CLEAN


@pytest.mark.parametrize("is_fair", [True, False], ids=["round robin", "always the same"])
def test_behind_a_load_balancer_the_group_works_by_polling_and_the_lease_decides_about_the_dead(
    group: Group, is_fair: bool
) -> None:
    with Machines(group, 3) as fleet:
        ports = fleet.ports.values() if is_fair else [fleet.ports["node-1"]]
        with Front(ports) as balancer:
            for home in fleet.homes:
                fleet.advertise(home, balancer.port)
            fleet.deploy(3)
            fleet.start()
            owner = fleet.owner()
            _change_through_the_table(fleet)
            boots = fleet.boot_ids()
            owner.lives[-1].kill()
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), by=fleet.others(owner), count=2)
            assert set(fleet.deaths()) == {(owner.name, "LEASE_EXPIRED")}
            now = fleet.boot_ids()
            assert all(boots[home.name] == now[home.name] for home in fleet.others(owner))
            told = [len(_warnings(home, "Endpoint of member", " leads to ")) for home in fleet.homes]
            assert max(told) == 1, "one for each address"
            assert fleet.books() == CLEAN


def _change_through_the_table(fleet: Machines) -> None:
    """Add a task everywhere: without a wire the nodes learn of each other's change by looking at the database."""
    fleet.deploy(4)
    fleet.wait_fired(fleet.tasks, since=time.monotonic())


def _warnings(home: Home, *texts: str) -> list[str]:
    return said(home, " WARN {PeerWire}", *texts)

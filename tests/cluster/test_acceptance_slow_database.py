"""A database that answers late, or loses single connections (A9 and A10 of the acceptance)."""

import random
import time

from harness import CLEAN, DEFAULT_LEASE, ROUND_ROBIN, Fleet, Group, Server, Sessions, on

pytestmark = on("postgresql", "mariadb", because="only a server can be far away")

BUSY = 5.0
"""Seconds that a machine with much else to do may add."""
EACH_WAY = 0.6
"""Seconds: every exchange with the database takes twice that longer."""
LOGIN = 8.0
"""Seconds for a login with its exchanges, over such a way."""


def test_no_task_stops_when_every_exchange_takes_more_than_a_second_and_a_lost_connection_comes_back(
    group: Group, server: Server
) -> None:
    with Fleet(group, 2, settings=DEFAULT_LEASE) as fleet:
        fleet.deploy(3, every=2, leased=3)
        fleet.start()
        owner, boots, began = fleet.owner(), fleet.boot_ids(), time.monotonic()
        proxy = fleet.proxies[owner.name]
        proxy.delay(EACH_WAY)
        fleet.wait_fired(fleet.claimed, since=began, by=[owner], count=4)
        assert group.database is not None
        assert Sessions(server, group.database).kill_all(proxy) > 0
        fleet.wait_fired(fleet.claimed, since=time.monotonic() + LOGIN, by=[owner], count=2)
        proxy.heal()
        fleet.wait_fired(fleet.claimed, since=time.monotonic(), by=[owner], count=2)
        assert fleet.silence(began, fleet.leased) < 2 + BUSY
        assert fleet.boot_ids() == boots, "nobody lost its lease"
        assert not fleet.evictions()
        assert not fleet.loud()
        assert fleet.books() == CLEAN


def test_single_sessions_killed_at_random_cost_no_lease_and_no_task_its_owner(
    group: Group, server: Server
) -> None:
    with Fleet(group, 3, settings=ROUND_ROBIN) as fleet:
        fleet.deploy(9, leased=6)
        fleet.start()
        assert group.database is not None
        sessions = Sessions(server, group.database, random.Random(10))
        boots, began = fleet.boot_ids(), time.monotonic()
        while time.monotonic() < began + 20:
            sessions.kill_one()
            time.sleep(1)
        assert sessions.killed >= 10
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        assert fleet.boot_ids() == boots
        assert not fleet.evictions()
        assert fleet.silence(began) < 2 + BUSY
        assert fleet.books() == CLEAN

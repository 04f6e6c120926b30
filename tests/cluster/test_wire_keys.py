"""A node that has read another key than its neighbours: it is a stranger on the wire and a member all the same."""

import time

from harness import CLEAN, ROUND_ROBIN, Group, Machines, on, said, wait_until

pytestmark = on("postgresql", because="the key is a text in a row on every database")

OTHER_KEY = "5a" * 32


def test_a_node_with_another_key_is_warned_of_and_works_by_polling_and_its_death_is_found_by_the_lease(
    group: Group,
) -> None:
    with Machines(group, 3, settings=ROUND_ROBIN) as fleet:
        fleet.deploy(6)
        fleet.start()
        fleet.wait_complete()
        *old, newcomer = fleet.homes
        newcomer.lives[-1].stop()
        group.execute("UPDATE MI_CLUSTER_SIGNAL SET WIRE_KEY = :key", key=OTHER_KEY)
        boots = fleet.boot_ids()
        node = fleet.begin(newcomer)
        for home in fleet.homes:
            missing = ", ".join(
                f"[{other.name}]" for other in fleet.others(home) if newcomer in (home, other)
            )
            home.lives[-1].wait_logged(f"Wire is incomplete (missing {missing}); polling every 500 ms")
        fleet.deploy(9)  # who is told of it over no wire has to find it
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        wait_until(lambda: fleet.tasks_of(newcomer), "tasks of the newcomer, as of everybody else")
        node.kill()
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), by=old, count=2)
        now = fleet.boot_ids()
        assert all(now[home.name] == boots[home.name] for home in old)
        assert fleet.deaths() == [(newcomer.name, "LEASE_EXPIRED")]
        for home in old:
            assert len(said(home, " WARN {PeerWire} - Wire handshake", "failed: wrong key")) == 1
        assert fleet.books() == CLEAN

"""A database that is silent for a while, for one node or for all (A6, A7 and A8 of the acceptance)."""

import time

from harness import (
    CLEAN,
    DEFAULT_LEASE,
    DEFAULT_WINDOW,
    FAST_WINDOW,
    ROUND_ROBIN,
    Fleet,
    Group,
    Server,
    Sessions,
    on,
    takeover_within,
    wait_until,
)

pytestmark = on("postgresql", "mariadb", because="only a server can be out of reach")

BUSY = 5.0
"""Seconds that a machine with much else to do may add."""
CONNECTIONS = 4
"""What a node holds when nothing hangs: lease, claims, and a pool of two."""


def test_half_a_lease_without_the_database_interrupts_no_consumer_and_evicts_nobody(group: Group) -> None:
    with Fleet(group, 2, settings=DEFAULT_LEASE) as fleet:
        fleet.deploy(4, leased=4)
        fleet.start()
        began = time.monotonic()
        boots = fleet.boot_ids()
        for proxy in fleet.proxies.values():
            proxy.black_hole()
        time.sleep(DEFAULT_WINDOW / 2)
        for proxy in fleet.proxies.values():
            proxy.heal()
        fleet.wait_fired(fleet.claimed, since=time.monotonic(), count=2)
        assert fleet.silence(began, fleet.leased) < 1 + BUSY < DEFAULT_WINDOW / 2
        assert fleet.boot_ids() == boots
        assert fleet.loud() == []
        assert fleet.evictions() == []
        assert fleet.books() == CLEAN


def test_without_the_database_everything_stops_by_the_deadline_and_goes_on_by_itself_afterwards(
    group: Group, server: Server
) -> None:
    with Fleet(group, 2, settings=ROUND_ROBIN) as fleet:
        fleet.deploy(6, leased=4)
        fleet.start()
        began = time.monotonic()
        for proxy in fleet.proxies.values():
            proxy.black_hole()
        time.sleep(3 * FAST_WINDOW)
        late = [each for each in fleet.sink.of(None) if each.at > began + FAST_WINDOW]
        assert late == [], "an owner has stopped before its lease is over"
        healed = time.monotonic()
        for proxy in fleet.proxies.values():
            proxy.heal()
        fleet.wait_fired(fleet.tasks, since=healed, count=2)
        assert all(len(home.lives) == 1 for home in fleet.homes), "no restart"
        assert fleet.group.database is not None
        sessions = Sessions(server, fleet.group.database)
        wait_until(
            lambda: all(
                len(sessions.of(proxy)) <= CONNECTIONS >= proxy.connections()
                for proxy in fleet.proxies.values()
            ),
            lambda: f"no connection left behind: {[sessions.of(proxy) for proxy in fleet.proxies.values()]}",
        )
        assert fleet.books() == CLEAN


def test_a_body_that_the_deadline_cuts_short_is_named_and_not_repeated(group: Group) -> None:
    with Fleet(group, 1) as fleet:
        fleet.deploy(1)
        fleet.start()
        fleet.sink.hold("task-000")
        [held] = fleet.sink.wait_for_more(1, "task-000")[-1:]
        fleet.proxies["node-1"].black_hole()
        told = f"Occurrence {held.key} of task [task-000] began and was cut short"
        fleet.node("node-1").wait_logged(" WARN ", told)
        fleet.proxies["node-1"].heal()
        fleet.sink.release("task-000")
        fleet.wait_fired(fleet.claimed, since=time.monotonic(), count=2)
        assert fleet.books() == CLEAN


def test_the_tasks_of_a_node_cut_off_from_the_database_run_elsewhere_and_never_in_parallel(
    group: Group,
) -> None:
    with Fleet(group, 3, settings=ROUND_ROBIN) as fleet:
        fleet.deploy(9, leased=6)
        fleet.start()
        victim = fleet.owner()
        tasks = fleet.tasks_of(victim)
        assert set(tasks) & set(fleet.leased)
        began = time.monotonic()
        fleet.proxies[victim.name].black_hole()
        fleet.wait_fired(tasks, since=began, by=fleet.others(victim), count=2)
        assert fleet.silence(began, tasks) < takeover_within(FAST_WINDOW) + 1 + BUSY
        fleet.proxies[victim.name].heal()
        victim.lives[-1].wait_logged("joining again under a new boot id")
        fleet.wait_active(3)
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        assert fleet.books() == CLEAN

"""Owners that stand still and go on as if nothing had happened (A4 of the acceptance)."""

import time
from collections.abc import Callable

import pytest
from harness import (
    CLEAN,
    FAST_WINDOW,
    Arrival,
    Fleet,
    Group,
    Hold,
    Home,
    Node,
    Proxy,
    on,
    takeover_within,
    tried,
)

pytestmark = on("postgresql", "mariadb", because="on SQLite a process may be stopped inside its commit")

BUSY = 5.0
"""Seconds that a machine with much else to do may add."""


def test_a_frozen_owner_loses_its_tasks_fires_nothing_when_it_goes_on_and_works_again_without_a_restart(
    group: Group,
) -> None:
    with Fleet(group, 2) as fleet:
        fleet.deploy(6, leased=4)
        fleet.start()
        frozen = fleet.owner()
        [heir] = fleet.others(frozen)
        trial = tried(fleet, Node.freeze)
        assert trial.takeover < takeover_within(FAST_WINDOW) + 1 + BUSY
        thawed = time.monotonic()
        frozen.lives[-1].thaw()
        frozen.lives[-1].wait_logged("joining again under a new boot id")
        fleet.wait_active(2)
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), by=[heir], count=2)
        assert _begun_after(fleet, frozen, thawed) == []
        late = frozen.lives[-1].log().partition("Process freeze of")[2]
        assert "Skipped" not in late, "what was missed meanwhile is the heir's to count"
        tried(fleet, Node.kill, victim=heir)
        assert fleet.books() == CLEAN


@pytest.mark.parametrize("part", [0.2, 0.8, 1.0, 1.3, 1.6])
def test_a_freeze_of_any_length_makes_no_duplicate_and_no_key_is_lost(group: Group, part: float) -> None:
    with Fleet(group, 2) as fleet:
        fleet.deploy(6, leased=4)
        fleet.start()
        frozen = fleet.owner().lives[-1]
        frozen.freeze()
        time.sleep(part * FAST_WINDOW)
        frozen.thaw()
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=3)
        fleet.wait_active(2)
        assert fleet.books() == CLEAN


def _begun_after(fleet: Fleet, frozen: Home, thawed: float) -> list[Arrival]:
    """Return the fires of a thawed node that had not begun before it was stopped.

    One body of each task may have been on its way to the sink then: that of the next key, if it has one.
    """
    found = []
    for task in fleet.tasks:
        fires = [each for each in fleet.sink.of(task) if each.node == frozen.name]
        late = [each for each in fires if each.at > thawed]
        last = max((each.key for each in fires if each.at <= thawed and each.key is not None), default=-1)
        found += late[1:] + [each for each in late[:1] if each.key is not None and each.key > last + 1]
    return found


def _claim_unanswered(proxy: Proxy) -> Hold:
    hold = proxy.hold_reply(b"MI_TASK_FENCE", b"LAST_FIRE_AT")
    hold.wait_answered()
    return hold


def _claim_on_its_way(proxy: Proxy) -> Hold:
    hold = proxy.hold_request(b"MI_TASK_FENCE", b"LAST_FIRE_AT")
    hold.wait_caught()
    return hold


def _renewal_unanswered(proxy: Proxy) -> Hold:
    hold = proxy.hold_reply(b"MI_NODE_LEASE", b"SET RENEW_SEQ")
    hold.wait_answered()
    return hold


@pytest.mark.parametrize("caught", [_claim_unanswered, _claim_on_its_way, _renewal_unanswered])
def test_a_freeze_inside_a_statement_delays_nobody_else_and_its_key_is_run_or_named(
    group: Group, caught: Callable[[Proxy], Hold]
) -> None:
    with Fleet(group, 2) as fleet:
        fleet.deploy(6)
        fleet.start()
        owner = fleet.owner()

        def freeze(node: Node) -> None:
            hold = caught(fleet.proxies[owner.name])
            node.freeze()
            hold.release()

        trial = tried(fleet, freeze)
        assert trial.takeover < takeover_within(FAST_WINDOW) + 1 + BUSY
        owner.lives[-1].thaw()
        fleet.wait_active(2)
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        assert fleet.books() == CLEAN

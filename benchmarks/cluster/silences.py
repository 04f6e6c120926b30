"""Nodes that stand still, and databases that are silent, slow or cut connections."""

import random
import time
from collections.abc import Iterator
from functools import partial

from harness import (
    DEFAULT_LEASE,
    DEFAULT_WINDOW,
    FAST_WINDOW,
    ROUND_ROBIN,
    Node,
    Proxy,
    Sessions,
    takeover_within,
    tried,
)

from benchmarks.cluster.case import Case, Measured
from benchmarks.cluster.stage import NO_FAULTS_NO_RIVALS, stage

SHORTEST, LONGEST = 0.2, 3.0
"""Freezes in lease windows: spread evenly over all times."""
HEART_BEAT = 0.5
EACH_WAY = 0.6
KILLED_FOR = 300.0
INTERVAL = 1.0


def _short_freezes(kind: str, times: int) -> Iterator[Measured]:
    """Freezes shorter than the lease, and some around its end: whether anybody takes over is left open."""
    with stage(kind, 2, claimed=10, leased=5) as here:
        fleet = here.fleet
        for number in range(times):
            owner = fleet.owner()
            node = owner.lives[-1]
            node.freeze()
            time.sleep(FAST_WINDOW * (SHORTEST + (1.5 - SHORTEST) * number / max(times - 1, 1)))
            node.thaw()
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
            fleet.wait_active(2)
            yield {"restarts": len(owner.lives) - 1, **here.faults()}


def _long_freezes(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 2, claimed=10, leased=5) as here:
        fleet = here.fleet
        for number in range(times):
            time.sleep(random.uniform(0.0, INTERVAL))
            frozen = fleet.owner()
            began = time.monotonic()
            trial = tried(fleet, Node.freeze)
            asleep = FAST_WINDOW * (1.5 + (LONGEST - 1.5) * number / max(times - 1, 1))
            time.sleep(max(0.0, began + asleep - time.monotonic()))
            thawed = time.monotonic()
            frozen.lives[-1].thaw()
            fleet.wait_active(2)
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
            late = [each for each in fleet.sink.of(None) if each.at > thawed and each.node == frozen.name]
            yield {
                "takeover, s": trial.takeover,
                "fires of the old owner after it went on": len(late),
                **here.faults(),
            }


def _half_a_lease(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 2, claimed=5, leased=5, settings=DEFAULT_LEASE) as here:
        fleet = here.fleet
        for _ in range(times):
            began, boots = time.monotonic(), fleet.boot_ids()
            loud = len(fleet.loud())
            for proxy in fleet.proxies.values():
                proxy.black_hole()
            time.sleep(DEFAULT_WINDOW / 2)
            for proxy in fleet.proxies.values():
                proxy.heal()
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
            yield {
                "longest silence of a consumer, s": fleet.silence(began, fleet.leased),
                "leases lost": sum(boots[node] != boot for node, boot in fleet.boot_ids().items()),
                "lines above WARN": len(fleet.loud()) - loud,
                **here.faults(),
            }
            time.sleep(DEFAULT_WINDOW / 2)


def _three_leases(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 3, claimed=12, leased=6, settings=ROUND_ROBIN) as here:
        fleet = here.fleet
        sessions = Sessions(here.server, here.database)
        for _ in range(times):
            began = time.monotonic()
            for proxy in fleet.proxies.values():
                proxy.black_hole()
            time.sleep(3 * FAST_WINDOW)
            healed = time.monotonic()
            late = [each.at - began for each in fleet.sink.of(None) if each.at > began]
            for proxy in fleet.proxies.values():
                proxy.heal()
            fleet.wait_fired(fleet.tasks, since=healed, count=2)
            yield {
                "last fire after the cut, s": max(late, default=0.0),
                "first fire of the last task after the database is back, s": fleet.last_first_fire(
                    fleet.tasks, since=healed
                )
                - healed,
                "restarts": sum(len(home.lives) - 1 for home in fleet.homes),
                "most sessions of a node": max(len(sessions.of(proxy)) for proxy in fleet.proxies.values()),
                **here.faults(),
            }
            time.sleep(FAST_WINDOW)


def _one_cut_off(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 3, claimed=12, leased=6, settings=ROUND_ROBIN) as here:
        fleet = here.fleet
        for number in range(times):
            victim = fleet.owner(fleet.claimed[number % len(fleet.claimed)])
            proxy = fleet.proxies[victim.name]
            trial = tried(fleet, partial(_cut_off, proxy), victim=victim)
            proxy.heal()
            fleet.wait_active(3)
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
            yield {"takeover, s": trial.takeover, **here.faults()}
            # round robin gives the newcomer its share after a window
            fleet.wait_fired(fleet.tasks, since=time.monotonic() + 2 * FAST_WINDOW)


def _cut_off(proxy: Proxy, _: Node) -> None:
    proxy.black_hole()


def _slow(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 2, claimed=5, leased=5, every=2, settings=DEFAULT_LEASE) as here:
        fleet = here.fleet
        sessions = Sessions(here.server, here.database)
        for _ in range(times):
            began, boots = time.monotonic(), fleet.boot_ids()
            for proxy in fleet.proxies.values():
                proxy.delay(EACH_WAY)
            time.sleep(DEFAULT_WINDOW)
            sessions.kill_all(fleet.proxies[fleet.owner().name])
            fleet.wait_fired(fleet.tasks, since=time.monotonic() + DEFAULT_WINDOW, count=2)
            for proxy in fleet.proxies.values():
                proxy.heal()
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
            yield {
                "leases lost": sum(boots[node] != boot for node, boot in fleet.boot_ids().items()),
                "longest silence of a claimed task, s": fleet.silence(began, fleet.claimed),
                "longest silence of a consumer, s": fleet.silence(began, fleet.leased),
                **here.faults(),
            }


def _sessions_killed(kind: str, times: int, seconds: float = KILLED_FOR) -> Iterator[Measured]:
    with stage(kind, 3, claimed=12, leased=6, settings=ROUND_ROBIN, walled=True) as here:
        fleet, chance = here.fleet, random.Random(10)
        sessions = Sessions(here.server, here.database, chance)
        for _ in range(times):
            began, boots, killed, reset = time.monotonic(), fleet.boot_ids(), sessions.killed, 0
            for number in range(round(seconds)):
                sessions.kill_one()
                reset += here.walls[chance.choice(sorted(here.walls))].reset()
                time.sleep(max(0.0, began + number + 1 - time.monotonic()))
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
            yield {
                "sessions killed": sessions.killed - killed,
                "connections of the wire reset": reset,
                "leases lost": sum(boots[node] != boot for node, boot in fleet.boot_ids().items()),
                "longest silence, s": fleet.silence(began),
                **here.faults(),
            }


TAKEOVER = takeover_within(FAST_WINDOW)
CASES = (
    Case(
        "A4-short",
        "owner stands still for 0.2 to 1.5 W, then goes on; two nodes, 15 tasks of 1 s, fast profile",
        "no duplicate, no restart",
        25,
        _short_freezes,
        {"restarts": 0, **NO_FAULTS_NO_RIVALS},
    ),
    Case(
        "A4-long",
        "owner stands still for 1.5 to 3 W, then goes on; two nodes, 15 tasks of 1 s, fast profile",
        f"others fire <= W + G + L/5 + 1 s = {TAKEOVER:.1f} s later; the old owner nothing",
        25,
        _long_freezes,
        {
            "takeover, s": TAKEOVER,
            "fires of the old owner after it went on": 0,
            **NO_FAULTS_NO_RIVALS,
        },
    ),
    Case(
        "A6",
        "database silent for W / 2 = 7.5 s for all; two nodes, default lease",
        "no lease lost, consumers uninterrupted, nothing above WARN",
        5,
        _half_a_lease,
        {
            "longest silence of a consumer, s": 2 * INTERVAL,
            "leases lost": 0,
            "lines above WARN": 0,
            **NO_FAULTS_NO_RIVALS,
        },
    ),
    Case(
        "A7",
        "database silent for 3 W = 9 s for all; three nodes, fast profile",
        f"all stops within W, goes on <= HB + 1 s = {HEART_BEAT + 1:.1f} s after the end; 4 sessions a node",
        10,
        _three_leases,
        {
            "last fire after the cut, s": FAST_WINDOW,
            "first fire of the last task after the database is back, s": HEART_BEAT + 1,
            "restarts": 0,
            "most sessions of a node": 4,
            **NO_FAULTS_NO_RIVALS,
        },
    ),
    Case(
        "A8",
        "database silent for one node of three, fast profile",
        f"its tasks fire elsewhere <= W + G + L/5 + 1 s = {TAKEOVER:.1f} s later, never in parallel",
        10,
        _one_cut_off,
        {"takeover, s": TAKEOVER, **NO_FAULTS_NO_RIVALS},
    ),
    Case(
        "A9",
        "every exchange with the database 1.2 s longer, and all sessions of the owner killed; default lease, "
        "tasks of 2 s",
        "no lease lost, consumers uninterrupted (claimed tasks wait for a new login of several exchanges)",
        5,
        _slow,
        {"leases lost": 0, "longest silence of a consumer, s": 4.0, **NO_FAULTS_NO_RIVALS},
    ),
    Case(
        "A10",
        "each second for 5 min a database session killed and the connections of the wire to one node reset, at random; "
        "three nodes, fast profile",
        "no lease lost, no silence above interval + 2 s",
        1,
        _sessions_killed,
        {"leases lost": 0, "longest silence, s": INTERVAL + 2, **NO_FAULTS_NO_RIVALS},
    ),
    Case(
        "A10-short",
        "each second for 30 s a database session killed and the connections of the wire to one node reset, at random; "
        "three nodes, fast profile",
        "no lease lost, no silence above interval + 2 s",
        1,
        partial(_sessions_killed, seconds=30.0),
        {"leases lost": 0, "longest silence, s": INTERVAL + 2, **NO_FAULTS_NO_RIVALS},
    ),
)

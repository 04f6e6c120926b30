"""Faults of all kinds at random, for long: of the database, the wires, the processes and the clocks.

The seed stands in the row: the variable MI_CHAOS_SEED repeats its strikes, and what the nodes make of them differs from
run to run. The logs of a run that did not keep its promises stay in the folder that it names.
"""

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from harness import (
    DEFAULT_LEASE,
    DEFAULT_WINDOW,
    FAST_WINDOW,
    ROUND_ROBIN,
    Chaos,
    Fleet,
    Node,
    Report,
    WallClock,
    own_server,
    tried,
)
from harness.home import Settings
from harness.looks import FATES
from harness.storm import UNTOLD_TAKEOVER, Storm, Verdict, gathered
from harness.strikes import KINDS
from servers.server import PrivateServer

from benchmarks.cluster.case import Case, Measured
from benchmarks.cluster.stage import QUIET_LOGS

CLAIMED, LEASED, EVERY = 180, 20, 2
LONG, SHORT = 600.0, 120.0
KILLS = 10
KNOWN_AFTER = 6.0
"""Seconds after which a node that has just started is known to all others, one heart-beat at the most."""
KINDS_BUT_LOOKS = tuple(kind for kind in KINDS if not kind.startswith("LOOKs "))
TAKEOVER = "takeover without LOOKs, s"

Strike = Callable[[Storm, int], tuple[Report, Measured]]
"""Called with what is there and the seed; returns what was done, and figures besides those of every storm."""


def _played(kind: str, times: int, strike: Strike, settings: Settings, window: float) -> Iterator[Measured]:
    for number in range(times):
        seed = int(os.environ.get("MI_CHAOS_SEED", random.randrange(10_000))) + number
        folder = Path(tempfile.mkdtemp(prefix="mi-storm-"))
        print(f"  seed {seed}, logs in {folder}", flush=True)
        chosen = {**QUIET_LOGS, **settings}
        tasks = {"claimed": CLAIMED, "leased": LEASED, "every": EVERY}
        with (
            own_server(kind) as server,
            gathered(server, folder, _clock, settings=chosen, window=window, **tasks) as storm,
        ):
            report, figures = strike(storm, seed)
            verdict = storm.verdict(report)
        print(verdict, flush=True)
        if verdict.is_clean:
            shutil.rmtree(folder)
        yield {"seed": seed, **_summary(report, verdict), **figures}


def _of_all_kinds(storm: Storm, seed: int) -> tuple[Report, Measured]:
    report = Chaos(storm.victims, seed).run(LONG)
    storm.wait_recovered()
    return report, {}


def _without_looks(storm: Storm, seed: int) -> tuple[Report, Measured]:
    """All LOOKs meet a fault, during the storm and after it, when one owner after the other is killed."""
    for wire in storm.fleet.walls.values():
        wire.disturb_looks(FATES)
    report = Chaos(storm.victims, seed, KINDS_BUT_LOOKS).run(SHORT)
    storm.wait_recovered()
    _start_anew(storm.fleet)
    takeovers = list[float]()
    for _ in range(KILLS):
        storm.wait_recovered()
        time.sleep(KNOWN_AFTER)
        owner = storm.fleet.owner()
        takeovers.append(tried(storm.fleet, Node.kill).takeover)
        storm.fleet.begin(owner).wait_started()
    storm.wait_recovered()
    met = {fate: sum(wire.counts[f"LOOKs {fate}"] for wire in storm.fleet.walls.values()) for fate in FATES}
    return report, {TAKEOVER: max(takeovers), **{f"LOOKs {fate}": count for fate, count in met.items()}}


def _start_anew(fleet: Fleet) -> None:
    """Give every node a new life: one that was falsely evicted has no endpoint, and dies without evidence."""
    for home in fleet.homes:
        home.lives[-1].stop()
        fleet.begin(home).wait_started()
    fleet.wait_active()


def _summary(report: Report, verdict: Verdict) -> Measured:
    return {
        "faults": report.faults.total(),
        **{kind: report.faults[kind] for kind in KINDS},
        "thousand keys executed": sum(report.executed.values()) / 1000,
        "duplicates": len(verdict.duplicates),
        "unaccounted keys": len(verdict.unaccounted),
        "tasks ahead of time": len(verdict.hasty),
        "rivals": len(verdict.rivals),
        "overlaps after a false eviction": len(verdict.misled),
        "false evictions": sum(verdict.false_evictions.values()),
        "false evictions of one life": max(verdict.false_evictions.values(), default=0),
    }


def _clock(whose: Path | PrivateServer) -> WallClock:
    return WallClock(whose) if isinstance(whose, Path) else WallClock.of(whose)


KEPT = {
    "duplicates": 0.0,
    "unaccounted keys": 0.0,
    "tasks ahead of time": 0.0,
    "rivals": 0.0,
    "false evictions of one life": 1.0,
}
CASES = (
    Case(
        "chaos",
        "faults of all kinds at random for 10 min; three nodes with wires, 200 tasks of 2 s, round robin, fast profile",
        "no duplicate, every missing key accounted for, no two owners at a time but after a false eviction, of which "
        "there is one per process at most",
        1,
        partial(_played, strike=_of_all_kinds, settings=ROUND_ROBIN, window=FAST_WINDOW),
        KEPT,
    ),
    Case(
        "chaos-looks",
        "every LOOK dropped, delayed or doubled: 2 min of random faults, then ten times kill -9 of the owner; three "
        "nodes with wires, 200 tasks of 2 s, default lease",
        f"as above; taken over within 2.5 s and two heart-beats = {UNTOLD_TAKEOVER:g} s",
        1,
        partial(_played, strike=_without_looks, settings=DEFAULT_LEASE, window=DEFAULT_WINDOW),
        {**KEPT, TAKEOVER: UNTOLD_TAKEOVER},
    ),
)

"""Everything at once, by a seed: three nodes, the wires between them and their database under random faults."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from harness import DEFAULT_LEASE, DEFAULT_WINDOW, ROUND_ROBIN, Chaos, MakeClock, MakeServer, Node, tried
from harness.looks import FATES
from harness.storm import UNTOLD_TAKEOVER, gathered

SEED = int(os.environ.get("MI_CHAOS_SEED", "6"))
"""Another one is tried by the variable; what the nodes make of the same strikes differs from run to run."""
SECONDS, SECONDS_WITHOUT_LOOKS = 60.0, 15.0
CLAIMED, LEASED, EVERY = 180, 20, 2
BUSY = 5.0
"""Seconds that a machine with much else to do may add."""
AROUND_THE_LEASE = ("kill", "stop", "freeze", "reset", "session", "wire reset")

Record = Callable[[str, object], None]


@pytest.mark.parametrize("kind", ["postgresql", pytest.param("mariadb", marks=pytest.mark.slow)])
def test_a_minute_of_random_faults_makes_no_duplicate_loses_no_key_unnamed_and_two_owners_at_no_time(
    kind: str, make_server: MakeServer, make_clock: MakeClock, folder: Path, record_property: Record
) -> None:
    tasks = {"claimed": CLAIMED, "leased": LEASED, "every": EVERY}
    with ExitStack() as house:
        storm = house.enter_context(
            gathered(make_server(kind), folder, make_clock, settings=ROUND_ROBIN, **tasks)
        )
        house.callback(storm.fleet.group.end)
        report = Chaos(storm.victims, SEED).run(SECONDS)
        storm.wait_recovered()
        verdict = storm.verdict(report)
        record_property("seen", f"{kind}: {report}\n{verdict}")
        assert verdict.is_clean, f"{verdict}\n{report}"
        assert report.faults.total() >= SECONDS / 3
        assert len(report.executed) >= CLAIMED / 2, "something was going on"


def test_when_every_look_is_dropped_delayed_or_doubled_only_times_get_worse(
    make_server: MakeServer, make_clock: MakeClock, folder: Path, record_property: Record
) -> None:
    server, tasks = make_server("postgresql"), {"claimed": 20, "leased": 5, "every": 2}
    with ExitStack() as house:
        storm = house.enter_context(
            gathered(server, folder, make_clock, settings=DEFAULT_LEASE, window=DEFAULT_WINDOW, **tasks)
        )
        house.callback(storm.fleet.group.end)
        wires = storm.fleet.walls.values()
        for wire in wires:
            wire.disturb_looks(FATES)
        passed = sum(wire.counts["LOOKs passed"] for wire in wires)
        report = Chaos(storm.victims, SEED, AROUND_THE_LEASE).run(SECONDS_WITHOUT_LOOKS)
        storm.wait_recovered()
        assert tried(storm.fleet, Node.kill).takeover <= UNTOLD_TAKEOVER + BUSY
        verdict = storm.verdict(report)
        record_property("seen", f"{report}\n{verdict}")
        assert verdict.is_clean, f"{verdict}\n{report}"
        assert sum(wire.counts["LOOKs passed"] for wire in wires) == passed

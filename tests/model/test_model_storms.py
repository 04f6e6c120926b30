"""The shipped code in random storms: no rule of coordination 8.11 is broken, and everything runs again afterwards."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from model.bounds import Bounds
from model.storm import storm

PARTS = 4
RUNS = 15
"""Seeds in each part."""
SECONDS = 8.0
"""Of processor time for each part; on a slow machine it is cut short, and says so."""


@pytest.mark.parametrize("part", range(PARTS))
def test_no_storm_breaks_a_rule(part: int, record_property: Callable[[str, object], None]) -> None:
    bounds = Bounds(SECONDS)
    for seed in bounds.tour(range(part * RUNS, (part + 1) * RUNS)):
        bounds.add(storm(seed))
    record_property("seen", f"Storms, part {part}: {bounds}")


@pytest.mark.parametrize(("seed", "has_wire"), [(1, True), (5, False)])
def test_the_same_seed_tells_the_same_story(seed: int, has_wire: bool) -> None:
    first, second = storm(seed), storm(seed)
    assert first.has_wire is has_wire
    assert first.lines == second.lines
    assert first.witness.starts == second.witness.starts


def test_a_seed_tells_its_story_in_every_process() -> None:
    script = "from model.storm import storm; print(storm(1).lines)"
    python = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", script], env=python, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(storm(1).lines)

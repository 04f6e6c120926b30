"""The shipped code in random storms: no rule of coordination 8.11 is broken, and everything runs again afterwards."""

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


def test_the_same_seed_tells_the_same_story() -> None:
    first, second = storm(3), storm(3)
    assert [(line.at, line.text) for line in first.lines] == [(line.at, line.text) for line in second.lines]
    assert first.witness.starts == second.witness.starts

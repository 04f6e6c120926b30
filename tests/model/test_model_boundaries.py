"""The shipped code with one fault at one statement: lost, late, twice, or the end or a freeze of who waits for it."""

from collections.abc import Callable, Sequence

import pytest
from model.boundaries import FAULTS, Fault, every_boundary, told
from model.bounds import Bounds
from model.stories import MOMENTS, STORIES, Story, tell
from model.task_stories import TASK_STORIES
from model.wire_stories import WIRE_STORIES

SECONDS = 8.0
"""Of processor time for each part; a run on a slow machine is cut short, and says so."""
PARTS = 4
STRIDE = 8
"""Each part tries every eighth pair of statement and fault: prime to the number of faults, so that all have a turn."""
Record = Callable[[str, object], None]
LEASES, FENCES = "UPDATE MI_NODE_LEASE", "MI_TASK_FENCE"


@pytest.mark.parametrize("part", range(PARTS))
def test_no_fault_at_a_statement_about_tasks_breaks_a_rule(part: int, record_property: Record) -> None:
    seen = _tour(every_boundary(FAULTS, FENCES)[part::STRIDE])
    record_property("seen", f"Statements about tasks, part {part} of {STRIDE}: {seen}")


@pytest.mark.parametrize("part", range(PARTS))
def test_no_fault_at_a_statement_about_the_lease_breaks_a_rule(part: int, record_property: Record) -> None:
    seen = _tour(every_boundary(FAULTS, LEASES)[part::STRIDE])
    record_property("seen", f"Statements about the lease, part {part} of {STRIDE}: {seen}")


@pytest.mark.parametrize("story", STORIES + TASK_STORIES)
def test_no_moment_of_a_story_breaks_a_rule(story: Story, record_property: Record) -> None:
    bounds = Bounds(SECONDS)
    for moment in bounds.tour(MOMENTS):
        bounds.add(tell(story, moment))
    record_property("seen", f"{story.__name__}: {bounds}")


@pytest.mark.parametrize("story", WIRE_STORIES)
def test_no_moment_of_a_story_of_the_wire_breaks_a_rule(story: Story, record_property: Record) -> None:
    bounds = Bounds(SECONDS)
    for moment in bounds.tour(MOMENTS[::3]):
        bounds.add(tell(story, moment))
    record_property("seen", f"{story.__name__}: {bounds}")


def _tour(cases: Sequence[tuple[int, Fault]]) -> Bounds:
    bounds = Bounds(SECONDS)
    for number, fault in bounds.tour(cases):
        bounds.add(told(number, fault)[0])
    return bounds

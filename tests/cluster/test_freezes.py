"""A process that does not know that time has passed."""

import time

import pytest
from harness import Group, task_xml

TASKS = ("beat-a", "beat-b", "beat-c")


@pytest.mark.parametrize("seconds", [1.8, 4.5], ids=["shorter-than-the-lease", "longer-than-the-lease"])
def test_after_a_freeze_missed_fires_are_counted_and_not_made_up_in_a_burst(
    group: Group, seconds: float
) -> None:
    home, sink = group.home(), group.sink
    for task in TASKS:
        home.deploy(task, task_xml(task, every=1))
    node = home.start()
    sink.wait_for(2 * len(TASKS))
    node.freeze()
    time.sleep(seconds)
    thawed = time.monotonic()
    node.thaw()
    sink.wait_for_more(3 * len(TASKS))

    for task in TASKS:
        soon = [arrival for arrival in sink.of(task) if 0 <= arrival.at - thawed < 0.9]
        assert len(soon) <= 2, "at most the newest missed one, late, and the next on the grid"
        assert sink.gaps(task), "a freeze of more than an interval costs occurrences"
        assert group.unaccounted(task) == set(), node.log()
        assert sink.stale(task) == []
    assert sink.duplicates() == []
    assert len({line for line in node.lines("Successfully joined")}) == 1, "no new boot id was needed"
    assert node.lines("Process freeze of ")

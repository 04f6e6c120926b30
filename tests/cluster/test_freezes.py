"""A process that does not know that time has passed."""

import time

from harness import Group, Node, task_xml

TASKS = ("beat-a", "beat-b", "beat-c")


def test_after_a_freeze_longer_than_the_lease_missed_fires_are_counted_and_not_made_up_in_a_burst(
    group: Group,
) -> None:
    node = _frozen_for(3.6, group, lease_ms=3000)
    node.wait_logged("Lost connection to the cluster.")
    node.wait_logged("Re-joined the cluster successfully.")


def test_after_a_freeze_shorter_than_the_lease_missed_fires_are_counted_and_nothing_else_happens(
    group: Group,
) -> None:
    node = _frozen_for(1.8, group, lease_ms=9000)
    assert not node.lines("Lost connection to the cluster.")


def _frozen_for(seconds: float, group: Group, *, lease_ms: int) -> Node:
    lease = {"heart_beat_interval": lease_ms // 6, "heart_beat_max_retry": 6}
    home, sink = group.home(settings={"cluster_config": lease}), group.sink
    for task in TASKS:
        home.deploy(task, task_xml(task, every=1))
    node = home.start()
    sink.wait_for(2 * len(TASKS))
    node.freeze()
    time.sleep(seconds)
    thawed = time.monotonic()
    node.thaw()
    sink.wait_for_more(3 * len(TASKS))

    assert any(sink.gaps(task) for task in TASKS), "two fires of one task at least fell into the freeze"
    assert sink.duplicates() == []
    for task in TASKS:
        soon = [arrival for arrival in sink.of(task) if 0 <= arrival.at - thawed < 0.9]
        assert len(soon) <= 2, "at most the newest missed one, late, and the next on the grid"
        assert group.unaccounted(task) == set(), node.log()
        assert sink.stale(task) == []
    node.wait_logged("Process freeze of ")
    assert len(node.lines("Successfully joined")) == 1, "the lease was still there: nobody wanted it"
    return node

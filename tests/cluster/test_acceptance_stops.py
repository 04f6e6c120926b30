"""Nodes that are stopped or killed on purpose: what it costs their tasks (A2, A3 and A12 of the acceptance)."""

import time

from harness import CLEAN, FAST_WINDOW, Fleet, Group, Node, on, takeover_within, task_xml, tried

pytestmark = on("postgresql", "mariadb", because="nodes that reach the database by proxies of their own")

BUSY = 5.0
"""Seconds that a machine with much else to do may add."""
SHORT_LEASE = {"cluster_config": {"heart_beat_interval": 250, "heart_beat_max_retry": 6}}
WINDOW = 1.5


def test_when_the_owner_is_stopped_no_occurrence_is_lost(group: Group) -> None:
    with Fleet(group, 2) as fleet:
        fleet.deploy(10, every=2)
        fleet.start()
        before = {task: set(fleet.sink.gaps(task)) for task in fleet.tasks}
        owner = fleet.owner()
        trial = tried(fleet, Node.stop)
        assert fleet.books() == CLEAN
        for task in fleet.tasks:
            assert set(fleet.sink.gaps(task)) == before[task], "a hand-over skips nothing"
        assert trial.silence < takeover_within(FAST_WINDOW), "long before a lease could end"
        assert not fleet.evictions()
        assert owner.lives[-1].process.returncode == 0


def test_when_the_owner_is_killed_its_tasks_run_elsewhere_as_soon_as_its_lease_is_over(group: Group) -> None:
    with Fleet(group, 3) as fleet:
        fleet.deploy(10)
        fleet.start()
        trial = tried(fleet, Node.kill)
        assert trial.silence < takeover_within(FAST_WINDOW) + 1 + BUSY
        assert fleet.books() == CLEAN


def test_a_node_that_was_away_for_ten_windows_finds_everything_as_it_was_left(group: Group) -> None:
    with Fleet(group, 2, settings=SHORT_LEASE, ids=False) as fleet:
        fleet.deploy(2)
        group.deploy("once", task_xml("once", once=True))
        group.deploy("counted", task_xml("counted", every=1, count=5))
        group.deploy("quiet", task_xml("quiet", every=1))
        fleet.start()
        group.wait_for_row("once", lambda row: row.state == "COMPLETED")
        fleet.sink.wait_for(1, "quiet")
        owner = fleet.owner()
        [other] = fleet.others(owner)
        assert other.lives[-1].control("task", "pause", "quiet").returncode == 0
        quiet = fleet.sink.keys("quiet")
        owner.lives[-1].kill()
        killed = time.monotonic()
        group.wait_for_row("counted", lambda row: row.state == "COMPLETED" and row.fired_count == 5)
        fleet.wait_fired(fleet.tasks, since=killed + 10 * WINDOW, by=[other])
        back = owner.start()
        back.wait_logged("Successfully joined the cluster")
        other.lives[-1].kill()
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), by=[owner], count=2)
        assert len(fleet.sink.of("once")) == 1
        assert fleet.sink.keys("quiet") == quiet
        assert len(set(fleet.sink.keys("counted"))) <= 5
        assert group.unaccounted("counted") == set()
        assert fleet.books() == CLEAN

"""Two nodes with the same tasks on one database: every task has one owner, and a new one when that one leaves."""

import time
from collections.abc import Callable

from harness import Group, TaskRow, task_xml, wait_until

TASKS = tuple(f"beat-{number}" for number in range(6))
LEASE = 3.0
"""Seconds; what the homes of these tests have (harness.home.QUICK)."""


def test_two_homes_never_fire_the_same_key_and_each_takes_over_from_the_other(group: Group) -> None:
    sink = group.sink
    one, other = group.home("node-1"), group.home("node-2")
    for task in TASKS:
        group.deploy(task, task_xml(task, every=1))
    leaving, staying = one.begin(), other.begin()
    leaving.wait_started()
    staying.wait_started()
    sink.wait_for_more(len(TASKS))
    for home, heir in ((one, "node-2"), (other, "node-1")):
        assert leaving.stop() == 0
        for task in TASKS:
            group.wait_for_row(task, _owned_by(heir))
        sink.wait_for_more(2 * len(TASKS))
        leaving, staying = staying, home.start()
    leaving.stop()
    staying.stop()

    assert sink.duplicates() == []
    for task in TASKS:
        assert {arrival.node for arrival in sink.of(task)} == {"node-1", "node-2"}
        assert sink.overlaps(task) == []
        assert sink.stale(task) == []
        assert group.unaccounted(task) == set(), group.log()


def test_a_task_is_scheduled_on_one_node_of_two_that_start_together(group: Group) -> None:
    homes = [group.home("node-1", node_id=None), group.home("node-2", node_id=None)]
    nodes = [home.begin() for home in homes]
    for node in nodes:
        node.wait_logged("Successfully joined the cluster")
    group.deploy("task-1", task_xml("task-1", every=1))
    group.sink.wait_for(2, "task-1")
    owners = [node for node in nodes if node.lines("Task scheduled: [ESB_TASK][task-1].")]
    assert len(owners) == 1
    assert not any(" ERROR " in node.log() for node in nodes)


def test_tasks_gather_on_one_node_and_on_the_survivor_and_a_one_shot_runs_once_in_the_whole_group(
    group: Group,
) -> None:
    homes = {name: group.home(name) for name in ("node-1", "node-2")}
    nodes = {name: home.begin() for name, home in homes.items()}
    for node in nodes.values():
        node.wait_started()
    group.deploy("task-1", task_xml("task-1", every=1))
    group.sink.wait_for(1, "task-1")
    for task, xml in (
        ("task-2", task_xml("task-2", every=1)),
        ("once", task_xml("once", once=True)),
        ("counted", task_xml("counted", every=1, count=1)),
    ):
        group.deploy(task, xml)
    for task in ("once", "counted"):
        group.wait_for_row(task, lambda row: row.state == "COMPLETED")
    wait_until(lambda: len(_owners(group)) == 1, "both tasks on one node")
    [first] = _owners(group)
    [survivor] = nodes.keys() - {first}
    nodes[first].stop()
    for task in ("task-1", "task-2"):
        group.wait_for_row(task, _owned_by(survivor))
        nodes[survivor].wait_logged(f"Task scheduled: [ESB_TASK][{task}].")
    nodes[survivor].stop()
    nodes[first] = homes[first].start()
    group.sink.wait_for_more(2, "task-1")
    assert [len(group.sink.of(task)) for task in ("once", "counted")] == [1, 1]
    assert not nodes[first].lines("Task scheduled: [ESB_TASK][once]")
    for task in ("once", "counted"):
        row = group.row(task)
        assert row is not None
        assert (row.state, row.fired_count, row.owner) == ("COMPLETED", 1, None)
    shown = group.rows("SELECT TASK_NAME, TASK_STATE FROM COORDINATED_TASK_TABLE ORDER BY TASK_NAME")
    assert shown[:2] == [("counted", "COMPLETED"), ("once", "COMPLETED")]


def test_a_task_runs_where_it_is_deployed_and_its_row_goes_with_the_last_deployment(
    group: Group,
) -> None:
    one, other, sink = group.home("node-1"), group.home("node-2"), group.sink
    for home in (one, other):
        home.start()
    assert group.rows("SELECT NODE_ID FROM LEADER_STATUS_TABLE") == [("node-1",)]
    other.deploy("beat", task_xml("beat", every=1))
    sink.wait_for(1, "beat")
    time.sleep(LEASE)  # as long as anything that cleans up would wait
    assert group.row("beat"), "the leader keeps what only another member deploys"
    one.deploy("beat", task_xml("beat", every=1))
    one.lives[0].wait_logged("StartupTask named 'beat' has been deployed")
    sink.wait_for_more(2, "beat")
    assert {arrival.node for arrival in sink.of("beat")} == {"node-2"}
    other.undeploy("beat")
    group.wait_for_row("beat", _owned_by("node-1"))
    sink.wait_for_more(2, "beat")
    assert sink.of("beat")[-1].node == "node-1"
    one.undeploy("beat")
    wait_until(lambda: group.row("beat") is None, "the row deleted")
    assert sink.duplicates() == []
    assert group.unaccounted("beat") == set(), group.log()


def _owners(group: Group) -> set[str]:
    """Who owns the tasks that are not completed."""
    found = group.rows("SELECT OWNER_NODE_ID FROM MI_TASK_FENCE WHERE STATE = 'RUNNING'")
    return {str(owner) for (owner,) in found}


def _owned_by(node: str) -> Callable[[TaskRow], bool]:
    return lambda row: row.owner == node

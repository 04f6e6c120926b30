"""A coordination database brought back from a backup while the nodes live."""

import time

from harness import Backup, Group, Node, on, task_xml, wait_until
from servers.server import Database

TASKS = tuple(f"beat-{number}" for number in range(4))
SETTINGS: dict[str, dict[str, object]] = {
    "cluster_config": {"heart_beat_interval": 500, "heart_beat_max_retry": 12},
    "task_handling": {"resolver_class": "round_robin"},
}
LEASES_ARE_OVER = 7.5
"""Seconds: longer than a lease of 6 s with its grace."""
LOST = "Coordination database went backwards; run 'cluster accept-rollback' when it is the right one"
LEADS = "Current node state changed from: MEMBER to: COORDINATOR"
OWNERS = "SELECT DISTINCT OWNER_BOOT_ID FROM MI_TASK_FENCE"
PASSES = "SELECT LAST_HEARTBEAT FROM LEADER_STATUS_TABLE"
FROZEN = "a node that is stopped in its commit holds the lock of an SQLite file"


@on("postgresql", "mariadb", because=FROZEN)
def test_after_a_restored_backup_nothing_runs_until_the_operator_accepts_and_then_no_key_comes_again(
    group: Group, database: Database
) -> None:
    nodes = [_start(group, name) for name in ("node-1", "node-2")]
    _deploy(group)
    backup = Backup(database)
    _run_on(group)
    _restore(backup, nodes)
    time.sleep(LEASES_ARE_OVER)  # the operator thinks about it, and those who wait may be evicted
    _accept(group, nodes)


@on("postgresql", "mariadb", because=FROZEN)
def test_a_backup_older_than_the_tasks_and_their_owner_costs_no_key_that_a_node_remembers(
    group: Group, database: Database
) -> None:
    nodes = [_start(group, "node-1")]
    backup = Backup(database)
    nodes.append(_start(group, "node-2"))
    _deploy(group)
    _run_on(group)
    _restore(backup, nodes)
    _accept(group, nodes)


def _start(group: Group, name: str) -> Node:
    node = group.home(name, settings=SETTINGS).start()
    lease = f"SELECT STATUS FROM MI_NODE_LEASE WHERE NODE_ID = '{name}'"
    wait_until(lambda: group.rows(lease) == [("ACTIVE",)], f"{name} active")
    return node


def _deploy(group: Group) -> None:
    for task in TASKS:
        group.deploy(task, task_xml(task, every=1))
    for task in TASKS:
        group.sink.wait_for(1, task)
    wait_until(lambda: len(group.rows(OWNERS)) == len(group.homes), "tasks on both nodes")


def _run_on(group: Group) -> None:
    for task in TASKS:
        group.sink.wait_for_more(2, task)


def _restore(backup: Backup, nodes: list[Node]) -> None:
    for node in nodes:
        node.freeze()
    backup.restore()
    for node in nodes:
        node.thaw()
    for node in nodes:
        node.wait_logged(" ERROR ", LOST)
        node.wait_logged("Lost connection to the cluster.")


def _accept(group: Group, nodes: list[Node]) -> None:
    sink = group.sink
    before = {task: max(sink.keys(task)) for task in TASKS}
    for node in nodes:
        accepted = node.control("cluster", "accept-rollback")
        assert accepted.returncode == 0, accepted.stderr
        if node is nodes[0]:  # it leads again while the other one alone remembers its tasks
            wait_until(lambda: len(nodes[0].lines(LEADS)) == 2, "the leader back")
            _wait_for_passes(group)
    for task in TASKS:
        wait_until(lambda task=task: max(sink.keys(task)) > before[task] + 1, f"{task} going on")  # type: ignore[misc]
    assert sink.duplicates() == []
    assert sink.stale(TASKS[0]) == []
    for node in nodes:
        assert len(node.lines(" ERROR ")) == 1, node.log()
        assert len(node.lines("Lost connection to the cluster.")) == 1, node.log()


def _wait_for_passes(group: Group) -> None:
    """Return when the leader has completed two passes: whatever it would do at once is done."""
    for _ in range(2):
        [former] = group.rows(PASSES)
        wait_until(lambda former=former: group.rows(PASSES) != [former], "a completed pass")  # type: ignore[misc]

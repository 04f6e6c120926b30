"""What a task takes with it from one node to the next: its keys, its count, its calendar, its pause."""

import time

from harness import Group, Home, Node, Proxy, TaskRow, on, task_xml, wait_until
from servers.server import Database

COUNT, BEFORE = 10, 7
"""Fires of a counted task, and how many of them the first owner makes."""
BEHIND_A_PROXY = "a request that is held on its way needs a server"


def test_a_counted_task_makes_the_rest_of_its_fires_on_the_survivor(group: Group) -> None:
    homes = [group.home("node-1"), group.home("node-2")]
    group.deploy("counted", task_xml("counted", every=1, count=COUNT))
    owner = homes[0].start()
    homes[1].start()
    group.sink.wait_for(BEFORE, "counted")
    owner.kill()
    row = group.wait_for_row("counted", lambda row: row.state == "COMPLETED")
    assert row.fired_count == COUNT
    assert group.sink.duplicates() == []
    assert {arrival.node for arrival in group.sink.of("counted")} == {"node-1", "node-2"}
    # a key that was claimed and not executed counts too; it is named
    assert len(group.sink.of("counted")) >= COUNT - 1
    assert group.unaccounted("counted") == set()


def test_a_cron_task_that_moves_after_its_time_does_not_fire_before_the_next_day(group: Group) -> None:
    homes = [group.home("node-1"), group.home("node-2")]
    owner = homes[0].start()
    heir = homes[1].start()
    soon = time.localtime(time.time() + 4)
    group.deploy("today", task_xml("today", cron=_daily(soon)))
    group.deploy("too-late", task_xml("too-late", cron=_daily(time.localtime(time.time() - 120))))
    group.sink.wait_for(1, "today")
    group.wait_for_row("too-late", lambda row: row.state == "RUNNING")
    assert owner.stop() == 0
    for task in ("today", "too-late"):
        heir.wait_logged(f"Task scheduled: [ESB_TASK][{task}].")
    group.deploy("beat", task_xml("beat", every=1))
    group.sink.wait_for(2, "beat")
    assert [len(group.sink.of(task)) for task in ("today", "too-late")] == [1, 0]


def test_a_task_redeployed_on_all_nodes_in_quick_succession_runs_once_and_leaves_no_orphan(
    group: Group,
) -> None:
    homes, sink = [group.home("node-1"), group.home("node-2")], group.sink
    group.deploy("beat", task_xml("beat", every=1))
    nodes = [home.start() for home in homes]
    sink.wait_for(1, "beat")
    for number in (1, 2, 3):
        for home in homes:
            home.undeploy("beat")
        for node in nodes:
            wait_until(lambda node=node, times=number: _undeployed(node) == times, "it undeployed")  # type: ignore[misc]
        for home in homes:
            home.deploy("beat", task_xml("beat", every=1))
        for node in nodes:
            wait_until(lambda node=node, times=number: _deployed(node) == times + 1, "it deployed")  # type: ignore[misc]
        sink.wait_for_more(1, "beat")
    sink.wait_for_more(2, "beat")
    assert sink.duplicates() == []
    assert sink.overlaps("beat") == []
    assert group.unaccounted("beat") == set(), group.log()
    for home in homes:
        home.undeploy("beat")
    wait_until(lambda: group.rows("SELECT TASK_NAME FROM MI_TASK_FENCE") == [], "the row deleted")
    wait_until(lambda: group.rows("SELECT TASK_NAME FROM COORDINATED_TASK_TABLE") == [], "and its mirror")


def test_after_a_restart_of_all_nodes_under_new_ids_nothing_runs_again_that_was_completed_or_paused(
    group: Group,
) -> None:
    homes = [group.home(name, node_id=None) for name in ("node-1", "node-2")]
    group.deploy("once", task_xml("once", once=True))
    group.deploy("quiet", task_xml("quiet", every=1))
    group.deploy("beat", task_xml("beat", every=1))
    nodes = [home.start() for home in homes]
    group.wait_for_row("once", lambda row: row.state == "COMPLETED")
    group.sink.wait_for(1, "quiet")
    assert nodes[0].control("task", "pause", "quiet").returncode == 0
    quiet = group.sink.keys("quiet")
    for node in nodes:
        node.kill()
    _all_start(homes)
    group.sink.wait_for_more(2, "beat")
    assert len(group.sink.of("once")) == 1
    assert group.sink.keys("quiet") == quiet
    assert group.sink.duplicates() == []
    assert group.unaccounted("beat") == set()


@on("postgresql", "mariadb", because=BEHIND_A_PROXY)
def test_a_task_assigned_by_a_leader_that_dies_before_it_tells_anybody_starts_all_the_same(
    group: Group, database: Database
) -> None:
    with Proxy.before(database) as proxy:
        leader = group.home("node-1", through=proxy).start()
        other = group.home("node-2")
        member = other.start()
        member.wait_logged("Connected with node [node-1]")
        signal = proxy.hold_request(b"MI_CLUSTER_SIGNAL", b"SEQ + 1", every=True)
        other.deploy("beat", task_xml("beat", every=1))
        signal.wait_caught()
        assert _is_assigned(group.row("beat"))
        leader.kill()
        group.sink.wait_for(1, "beat")
    assert group.sink.arrivals[0].node == "node-2"


def _deployed(node: Node) -> int:
    return len(node.lines("StartupTask named 'beat' has been deployed"))


def _undeployed(node: Node) -> int:
    return len(node.lines("StartupTask named 'beat' has been undeployed"))


def _is_assigned(row: TaskRow | None) -> bool:
    return row is not None and row.owner == "node-2"


def _all_start(homes: list[Home]) -> None:
    for node in [home.begin() for home in homes]:
        node.wait_started()


def _daily(instant: time.struct_time) -> str:
    return f"{instant.tm_sec} {instant.tm_min} {instant.tm_hour} * * ?"

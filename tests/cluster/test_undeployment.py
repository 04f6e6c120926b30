"""Artifacts that go away while their tasks run."""

import re

from harness import Group, Proxy, on, task_xml, wait_until
from servers.server import Database

MANY = 200
LONGEST_PASS_MS = 2000


def test_two_hundred_tasks_undeployed_at_once_do_not_block_the_deployment(group: Group) -> None:
    home = group.home()
    names = [f"task-{number:03}" for number in range(MANY)]
    for name in names:
        home.deploy(name, task_xml(name, cron="0 0 0 1 1 ? 2099"))
    node = home.start()
    known = "SELECT TASK_NAME FROM MI_TASK_FENCE"
    wait_until(lambda: len(group.rows(known)) == MANY, "a row for each task")
    for name in names:
        home.undeploy(name)
    home.deploy("after", task_xml("after", every=1))
    group.sink.wait_for(1, "after")
    wait_until(lambda: group.rows(known) == [("after",)], "all other rows deleted")

    passes = [
        (int(count), int(took))
        for count, took in re.findall(r"Deployment cycle: \S+ \S+ -(\d+), faulty 0, (\d+) ms", node.log())
    ]
    assert sum(count for count, _ in passes) == MANY
    assert sum(took for count, took in passes if count) < LONGEST_PASS_MS
    assert len(node.lines("Task deleted: [ESB_TASK][task-")) == MANY


def test_a_task_redeployed_at_once_goes_on_with_its_keys_in_one_instance(group: Group) -> None:
    home, sink = group.home(), group.sink
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    sink.wait_for(1, "beat")
    for _ in range(3):
        home.undeploy("beat")
        node.wait_logged("StartupTask named 'beat' has been undeployed")
        home.deploy("beat", task_xml("beat", every=1))
        sink.wait_for_more(1, "beat")
    sink.wait_for_more(2, "beat")
    assert sink.duplicates() == []
    assert sink.overlaps("beat") == []
    assert group.unaccounted("beat") == set(), node.log()
    assert group.rows("SELECT COUNT(*) FROM MI_TASK_FENCE WHERE ORPHAN_SINCE IS NOT NULL") == [(0,)]


@on("postgresql", "mariadb", because="a request that is held on its way needs a server")
def test_a_task_given_to_a_node_that_has_just_undeployed_it_leaves_no_row(
    group: Group, database: Database
) -> None:
    with Proxy.before(database) as proxy:
        homes = [group.home("node-1", through=proxy), group.home("node-2")]
        group.deploy("beat", task_xml("beat", every=1))
        leader = homes[0].start()
        group.sink.wait_for(1, "beat")
        other = homes[1].start()
        leader.wait_logged("Member added [node-2]")
        assignment = proxy.hold_request(b"ORPHAN_SINCE = NULL", b"FENCE + 1")
        homes[0].undeploy("beat")
        assignment.wait_caught()
        homes[1].undeploy("beat")
        other.wait_logged("StartupTask named 'beat' has been undeployed")
        orphans = "SELECT TASK_NAME FROM MI_TASK_FENCE WHERE ORPHAN_SINCE IS NOT NULL"
        wait_until(lambda: group.rows(orphans) == [("beat",)], "the undeployment noted")
        assignment.release()
        wait_until(lambda: group.rows("SELECT TASK_NAME FROM MI_TASK_FENCE") == [], "the row deleted")
    assert group.sink.duplicates() == []

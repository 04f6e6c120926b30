"""Who comes, who goes and who leads, as the other nodes tell it and as WSO2's tables show it."""

from harness import Group, Node, task_xml, wait_until

LEADER = "SELECT NODE_ID FROM LEADER_STATUS_TABLE"
MEMBERS = "SELECT NODE_ID FROM CLUSTER_NODE_STATUS_TABLE ORDER BY NODE_ID"
STATUS = "SELECT NODE_ID, STATUS FROM MI_NODE_LEASE ORDER BY NODE_ID"
MANY = 6


def test_of_two_nodes_that_join_an_empty_database_exactly_one_reports_the_other(group: Group) -> None:
    nodes = [group.home(name, node_id=None).begin() for name in ("node-1", "node-2")]
    ids = _join(nodes)
    wait_until(lambda: group.rows(MEMBERS) == [(each,) for each in sorted(ids)], "both in WSO2's table")
    wait_until(lambda: all(map(_heard, nodes)), "each node knowing the other")
    reports = [node.lines("Member added [") for node in nodes]
    assert sorted(map(len, reports)) == [0, 1]
    for node, own in zip(nodes, ids, strict=True):
        assert not node.lines("Member added [", own), "nobody reports itself"
    assert not any(" ERROR " in node.log() for node in nodes)


def test_those_who_stay_report_a_stopped_node_and_the_next_one_leads(group: Group) -> None:
    homes = [group.home("node-2"), group.home("node-3")]
    group.deploy("beat", task_xml("beat", every=1))
    leader = homes[0].start()
    group.sink.wait_for(1, "beat")
    heir = homes[1].start()
    wait_until(lambda: group.rows(MEMBERS) == [("node-2",), ("node-3",)], "both members in the table")
    assert group.rows(LEADER) == [("node-2",)]
    assert leader.stop() == 0
    heir.wait_logged("Member removed [node-2]")
    heir.wait_logged("Current node state changed from: MEMBER to: COORDINATOR")
    assert group.rows(LEADER) == [("node-3",)]
    assert group.rows(MEMBERS) == [("node-3",)]
    assert group.rows(STATUS) == [("node-2", "LEFT"), ("node-3", "ACTIVE")]

    again = homes[0].start()  # at once, under the same id
    _join([again])
    heir.wait_logged("Member added [node-2]")
    again.wait_logged("Connected with node [node-3]")
    group.sink.wait_for_more(2, "beat")
    assert group.rows(LEADER) == [("node-3",)], "whoever leads goes on leading"
    assert not any(" ERROR " in node.log() for node in (leader, heir, again))
    assert group.unaccounted("beat") == set()
    assert group.sink.duplicates() == []


def test_many_nodes_that_start_at_once_on_an_empty_database_all_join_without_an_error(group: Group) -> None:
    nodes = [group.home(f"node-{number}").begin() for number in range(MANY)]
    _join(nodes)
    expected = [(f"node-{number}", "ACTIVE") for number in range(MANY)]
    wait_until(lambda: group.rows(STATUS) == expected, "all nodes active")
    group.deploy("beat", task_xml("beat", every=1))
    group.sink.wait_for(2, "beat")
    assert len(group.rows(LEADER)) == 1
    assert len({arrival.node for arrival in group.sink.arrivals}) == 1
    assert not any(" ERROR " in node.log() or "Traceback" in node.log() for node in nodes), group.log()


def _join(nodes: list[Node]) -> list[str]:
    """Return the ids of the nodes, as they say it when they have joined."""
    said = [node.wait_logged("Successfully joined the cluster with id [") for node in nodes]
    return [line.rpartition("[")[2].rstrip("] ") for line in said]


def _heard(node: Node) -> list[str]:
    return node.lines("Member added [") + node.lines("Connected with node [")

"""Two groups on one database."""

from harness import Group, Node, task_xml


def test_equally_named_tasks_of_two_groups_do_not_see_each_other(group: Group) -> None:
    nodes: dict[str, Node] = {}
    for name in ("red", "blue"):
        home = group.home(name, node_id="node-1", settings={"cluster_config": {"group_id": name}})
        home.deploy("beat", task_xml("beat", every=1))
        home.deploy("once", task_xml("once", once=True))
        nodes[name] = home.begin()
    for node in nodes.values():
        node.wait_started()
    group.sink.wait_for(2, "once")
    assert {arrival.node for arrival in group.sink.of("once")} == {"red", "blue"}
    nodes["red"].control("task", "pause", "beat")
    red = sum(arrival.node == "red" for arrival in group.sink.of("beat"))
    while sum(arrival.node == "blue" for arrival in group.sink.of("beat")) < 3:
        group.sink.wait_for_more(1)
    assert sum(arrival.node == "red" for arrival in group.sink.of("beat")) == red
    rows = [group.row("beat", name) for name in nodes]
    assert [row and row.intent for row in rows] == ["PAUSE", "RUN"]
    assert not any(" ERROR " in node.log() for node in nodes.values())

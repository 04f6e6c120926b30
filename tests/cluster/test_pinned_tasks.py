"""Tasks that run on servers by name, without coordination."""

from harness import Group, task_xml


def test_a_pinned_task_runs_on_the_named_server_only_and_has_no_row(group: Group) -> None:
    homes = [group.home("node-1"), group.home("node-2")]
    group.deploy("pinned-task", task_xml("pinned-task", every=1, pinned="srvA, srvB"))
    nodes = [
        home.begin(f"-DSynapseServerName={name}") for home, name in zip(homes, ("srvB", "srvC"), strict=True)
    ]
    elsewhere = "Server name not in pinned servers list. Not starting Task : pinned-task"
    nodes[1].wait_logged(elsewhere)
    group.sink.wait_for(2, "pinned-task")
    assert nodes[0].lines("Task scheduled: [ESB_TASK][pinned-task].")
    assert not nodes[0].lines(elsewhere)
    assert {arrival.node for arrival in group.sink.arrivals} == {"node-1"}
    assert group.row("pinned-task") is None


def test_a_task_pinned_to_two_servers_runs_on_both(group: Group) -> None:
    homes = [group.home("node-1"), group.home("node-2")]
    group.deploy("pinned-task", task_xml("pinned-task", every=1, pinned="srvA srvB"))
    for home, name in zip(homes, ("srvA", "srvB"), strict=True):
        home.begin(f"-DSynapseServerName={name}")
    sink = group.sink
    sink.wait_for(1, "pinned-task")
    while len({arrival.node for arrival in sink.arrivals}) < 2:
        sink.wait_for_more(1)

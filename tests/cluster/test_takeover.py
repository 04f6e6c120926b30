"""A process that is gone is known at once: by the wire, or by looking at this host; one that is frozen is not dead."""

import time
from collections.abc import Callable

import pytest
from harness import Group, Home, Node, TaskRow, task_xml
from servers.ports import free_port

PATIENT = {"heart_beat_interval": 5000, "heart_beat_max_retry": 3}
"""A lease of 15 s: what is taken over sooner was not taken over by the lease."""
SOON = 8.0
"""Seconds on a busy machine; measured figures are in docs/measurements.md."""
OFFSET = 10
"""What a server adds to its ports unless it is told otherwise."""
TASKS = ("beat-1", "beat-2", "beat-3")


def test_the_tasks_of_a_killed_process_run_elsewhere_at_once_because_its_port_refuses(group: Group) -> None:
    homes = [group.home(f"node-{number}", settings=_machine()) for number in (1, 2, 3)]
    nodes = _start(group, homes, own_hosts=True)
    owner = _kill_owner(group, nodes)
    told = [
        node for node in nodes.values() if node.lines(f"Member [{owner}] is dead (REFUSED); taking over 3")
    ]
    assert len(told) == 1
    for name in nodes.keys() - {owner}:
        nodes[name].wait_logged(f"Member removed [{owner}]")
    assert group.sink.duplicates() == []
    for task in TASKS:
        assert group.unaccounted(task) == set(), group.log()


def test_a_process_of_the_same_host_is_missed_without_asking_the_network(group: Group) -> None:
    homes = [group.home(f"node-{number}", settings={"cluster_config": PATIENT}) for number in (1, 2)]
    nodes = _start(group, homes, own_hosts=False)
    owner = _kill_owner(group, nodes)
    assert any(node.lines(f"Member [{owner}] is dead (PROCESS_GONE)") for node in nodes.values())
    assert group.sink.duplicates() == []


def test_after_the_death_of_all_a_node_of_the_same_host_under_a_new_id_takes_over_at_once(
    group: Group,
) -> None:
    settings = {"cluster_config": PATIENT}
    nodes = _start(
        group, [group.home(f"node-{number}", settings=settings) for number in (1, 2)], own_hosts=False
    )
    newcomer = group.home("node-3", settings=settings)
    for task in TASKS:
        newcomer.deploy(task, task_xml(task, every=1))
    for node in nodes.values():
        node.freeze()  # so that none of them sees the others die
    for node in nodes.values():
        node.kill()
    node = newcomer.start()
    began = time.monotonic()
    for name in nodes:
        node.wait_logged(f"Member [{name}] is dead (PROCESS_GONE)", within=SOON)
    group.sink.wait_for_more(3, "beat-1")
    assert time.monotonic() - began < SOON
    assert group.sink.duplicates() == []
    assert group.unaccounted("beat-1") == set(), group.log()


def test_a_frozen_process_is_never_taken_for_dead(group: Group) -> None:
    homes = [group.home(f"node-{number}", settings=_machine()) for number in (1, 2)]
    nodes = _start(group, homes, own_hosts=True)
    row = group.row("beat-1")
    assert row is not None
    assert row.owner is not None
    owner = nodes[row.owner]
    owner.freeze()
    time.sleep(6)  # longer than the silence after which a connection is given up
    owner.thaw()
    group.sink.wait_for_more(2, "beat-1")
    after = group.row("beat-1")
    assert after is not None
    assert (after.owner, after.fence) == (row.owner, row.fence)
    assert "is dead (" not in group.log()
    assert group.sink.duplicates() == []


def test_without_fast_takeover_evidence_is_only_told_and_the_lease_decides(group: Group) -> None:
    settings = {"cluster_config": {"endpoint": "127.0.0.1", "fast_takeover": "off"}}
    homes = [group.home(f"node-{number}", settings=settings) for number in (1, 2)]
    nodes = _start(group, homes, own_hosts=True)
    owner = _kill_owner(group, nodes, within=20.0)
    (survivor,) = (node for name, node in nodes.items() if name != owner)
    assert survivor.lines(f"Member [{owner}] seems to be dead (REFUSED); fast_takeover is off")
    assert survivor.lines(f"Member [{owner}] is dead (LEASE_EXPIRED)")


def test_a_node_that_says_goodbye_is_not_suspected(group: Group) -> None:
    homes = [group.home(f"node-{number}", settings=_machine()) for number in (1, 2)]
    nodes = _start(group, homes, own_hosts=True)
    row = group.row("beat-1")
    assert row is not None
    leaver = nodes[row.owner or ""]
    began = time.monotonic()
    assert leaver.stop() == 0
    group.wait_for_row("beat-1", _is_run_by_another_than(row))
    assert time.monotonic() - began < SOON
    group.sink.wait_for_more(2, "beat-1")
    assert "FailureDetector" not in group.log()
    assert group.unaccounted("beat-1") == set(), group.log()


def test_the_port_of_the_wire_in_use_costs_a_warning_and_another_port(group: Group) -> None:
    port = free_port()
    same = {"cluster_config": {**PATIENT, "endpoint": "127.0.0.1", "wire_port": port - OFFSET}}
    homes = [group.home(f"node-{number}", settings=same) for number in (1, 2)]
    nodes = _start(group, homes, own_hosts=True)
    assert (
        len([node for node in nodes.values() if node.lines("WARN {PeerWire}", f"Port {port} of the wire")])
        == 1
    )


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_with_a_complete_wire_nobody_polls(group: Group) -> None:
    homes = [group.home(f"node-{number}", settings=_machine()) for number in (1, 2)]
    nodes = {home.name: _begin(home, own_hosts=True) for home in homes}
    _wait_for_wires(nodes)
    time.sleep(3)  # what the joins have caused is over
    before = {name: _statements(node) for name, node in nodes.items()}
    time.sleep(15)
    for name, node in nodes.items():
        assert (_statements(node) - before[name]) / 15 <= 1.5, name


def _machine() -> dict[str, dict[str, object]]:
    """Settings of a node that looks like one on another machine, together with its own host id."""
    return {"cluster_config": {**PATIENT, "endpoint": "127.0.0.1"}}


def _begin(home: Home, *, own_hosts: bool) -> Node:
    node = home.begin(*([f"-Dmi.host.id={home.name}"] if own_hosts else []))
    node.wait_started()
    return node


def _start(group: Group, homes: list[Home], *, own_hosts: bool) -> dict[str, Node]:
    for task in TASKS:
        group.deploy(task, task_xml(task, every=1))
    nodes = {home.name: _begin(home, own_hosts=own_hosts) for home in homes}
    _wait_for_wires(nodes)
    group.sink.wait_for(2, "beat-1")
    return nodes


def _wait_for_wires(nodes: dict[str, Node]) -> None:
    for name, node in nodes.items():
        for other in nodes.keys() - {name}:
            node.wait_logged(f"Wire to member [{other}] is up")


def _kill_owner(group: Group, nodes: dict[str, Node], within: float = SOON) -> str:
    """Kill the owner of the tasks; return its name when another one runs them."""
    row = group.row("beat-1")
    assert row is not None
    assert row.owner is not None
    began = time.monotonic()
    nodes[row.owner].kill()
    group.wait_for_row("beat-1", _is_run_by_another_than(row))
    group.sink.wait_for_more(1, "beat-1")
    assert time.monotonic() - began < within
    return row.owner


def _is_run_by_another_than(former: TaskRow) -> Callable[[TaskRow], bool]:
    return lambda row: row.owner not in {None, former.owner} and row.state == "RUNNING"


def _statements(node: Node) -> float:
    _, text = node.probe("/metrics")
    lines = [line for line in text.splitlines() if line.startswith("mi_cluster_statements_total")]
    return float(lines[0].rpartition(" ")[2])

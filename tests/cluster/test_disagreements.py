"""Members with different settings or artifacts: told in one line each, and every task still has one owner."""

import time

from harness import Group, task_xml, wait_until

LEASES = "SELECT NODE_ID, BOOT_ID, LEASE_MS FROM MI_NODE_LEASE WHERE STATUS = 'ACTIVE' ORDER BY NODE_ID"


def test_members_with_different_heart_beats_are_told_and_each_is_judged_by_its_own(group: Group) -> None:
    patient = {"cluster_config": {"heart_beat_interval": 500, "heart_beat_max_retry": 16}}
    homes = [group.home("node-1", settings=patient), group.home("node-2")]
    group.deploy("beat", task_xml("beat", every=1))
    nodes = [homes[0].start()]
    group.sink.wait_for(1, "beat")
    nodes.append(homes[1].start())
    nodes[0].wait_logged(
        " WARN ", "Heart-beats differ: member [node-2] has 500 ms x 6, this node 500 ms x 16"
    )
    nodes[1].wait_logged(
        " WARN ", "Heart-beats differ: member [node-1] has 500 ms x 16, this node 500 ms x 6"
    )
    leases = group.rows(LEASES)
    assert [length for *_, length in leases] == [8000, 3000]
    nodes[0].freeze()
    time.sleep(5)  # longer than node-2 itself may be silent, shorter than node-1 may
    nodes[0].thaw()
    group.sink.wait_for_more(2, "beat")
    assert group.rows(LEASES) == leases
    assert {arrival.node for arrival in group.sink.arrivals} == {"node-1"}
    nodes[0].kill()
    group.sink.wait_for_more(1, "beat")
    assert group.sink.arrivals[-1].node == "node-2"
    assert group.sink.duplicates() == []
    for node in nodes:
        assert len(node.lines("Heart-beats differ")) == 1


def test_members_in_different_time_zones_are_told_what_that_does_to_cron_tasks(group: Group) -> None:
    homes = [group.home("node-1"), group.home("node-2")]
    group.deploy("cron", task_xml("cron", cron="* * * * * ?"))
    group.deploy("beat", task_xml("beat", every=1))
    nodes = [homes[0].start(TZ="UTC"), homes[1].start(TZ="Asia/Tokyo")]
    nodes[0].wait_logged(" WARN ", "Time zones differ: member [node-2] has JST, this node UTC")
    nodes[1].wait_logged(" WARN ", "Time zones differ: member [node-1] has UTC, this node JST")
    nodes[0].wait_logged(" WARN ", "Definitions of task [cron] differ between [node-1] and [node-2]")
    group.sink.wait_for_more(2, "cron")
    assert {arrival.node for arrival in group.sink.of("cron")} == {"node-1"}
    assert len(group.sink.tenures("cron")) == 1
    assert not nodes[0].lines("of task [beat] differ")
    nodes[0].stop()  # nobody has its definition any more: the other one is adopted
    _arrives_from(group, "cron", "node-2")
    assert group.sink.duplicates() == []


def test_a_definition_changed_on_half_of_the_nodes_is_run_there_and_nowhere_else(group: Group) -> None:
    homes, sink = [group.home("node-1"), group.home("node-2")], group.sink
    group.deploy("beat", task_xml("beat", every=1))
    owner = homes[0].start()
    sink.wait_for(1, "beat")
    other = homes[1].start()
    other.wait_logged("Connected with node [node-1]")
    homes[1].deploy("beat", task_xml("beat", every=2))
    _arrives_from(group, "beat", "node-2")
    owner.wait_logged(" WARN ", "Definitions of task [beat] differ between [node-1] and [node-2]")
    former = [arrival for arrival in sink.of("beat") if arrival.node == "node-1"]
    sink.wait_for_more(1, "beat")
    assert [arrival for arrival in sink.of("beat") if arrival.node == "node-1"] == former

    homes[0].deploy("beat", task_xml("beat", every=2))
    owner.wait_logged("StartupTask: beat has been updated from the file")
    assert other.stop() == 0
    _arrives_from(group, "beat", "node-1")
    assert sink.duplicates() == []
    assert sink.overlaps("beat") == []
    assert sink.stale("beat") == []
    assert group.unaccounted("beat") == set(), group.log()
    assert len(owner.lines("Definitions of task [beat] differ")) == 1
    assert not any(" ERROR " in node.log() for node in (owner, other))


def _arrives_from(group: Group, task: str, node: str) -> None:
    wait_until(lambda: group.sink.of(task)[-1].node == node, f"{task} run by {node}")

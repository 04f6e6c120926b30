"""Two live nodes that were given the same id."""

from harness import Group, task_xml


def test_the_second_node_with_an_id_never_fires_says_who_holds_it_and_takes_its_place_once_it_is_free(
    group: Group,
) -> None:
    first, second = (
        group.home("home-1", node_id="node-1"),
        group.home("home-2", node_id="node-1"),
    )
    group.deploy("beat", task_xml("beat", every=1))
    holder = first.start()
    intruder = second.begin("-DSynapseServerName=second")
    second.deploy("local", task_xml("local", every=1, pinned="second"))
    told = intruder.wait_logged(" ERROR ", "Node id [node-1] is held by a live process")
    assert f"pid {holder.process.pid}," in told
    assert "this node runs no coordinated task until that lease ends" in told

    intruder.wait_started()
    group.sink.wait_for_more(1, "local")
    assert intruder.probe("/liveness")[0] == 200
    group.sink.wait_for_more(2, "beat")
    assert {arrival.node for arrival in group.sink.of("beat")} == {"home-1"}

    holder.kill()
    intruder.wait_logged("Successfully joined the cluster with id [node-1]")
    while group.sink.of("beat")[-1].node != "home-2":
        group.sink.wait_for_more(1, "beat")
    assert group.sink.duplicates() == []
    assert group.sink.stale("beat") == []
    assert group.unaccounted("beat") == set()

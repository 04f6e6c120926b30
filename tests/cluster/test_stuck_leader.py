"""A leader whose planning passes come to nothing, though its lease is renewed."""

from harness import Group, Proxy, on, task_xml
from servers.server import Database


@on("postgresql", "mariadb", because="a request that is held on its way needs a server")
def test_a_leader_that_finishes_no_pass_is_replaced_and_keeps_its_tasks(
    group: Group, database: Database
) -> None:
    with Proxy.before(database) as proxy:
        homes, sink = [group.home("node-1", through=proxy), group.home("node-2")], group.sink
        group.deploy("beat", task_xml("beat", every=1))
        stuck = homes[0].start()
        sink.wait_for(1, "beat")
        other = homes[1].start()
        other.wait_logged("Connected with node [node-1]")
        proxy.hold_request(b"UPDATE LEADER_STATUS_TABLE", every=True)
        other.wait_logged("Current node state changed from: MEMBER to: COORDINATOR")
        homes[1].deploy("new", task_xml("new", every=1))
        sink.wait_for(1, "new")
        proxy.heal()
        stuck.wait_logged("Current node state changed from: COORDINATOR to: MEMBER")
        sink.wait_for_more(1, "beat")
        assert group.rows("SELECT NODE_ID FROM LEADER_STATUS_TABLE") == [("node-2",)]
        assert {arrival.node for arrival in sink.of("beat")} == {"node-1"}
        assert len(sink.tenures("beat")) == 1
        assert sink.gaps("beat") == []
        assert not stuck.lines("Lost connection")

"""Java nodes in the same group: two masters would fire everything twice."""

from harness import Group, JavaMember, task_xml
from servers.server import Database

HERE = "-DSynapseServerName=here"
REFUSAL = (
    "Group default is in use by members that do not hold leases ([java-1]); refusing to coordinate tasks"
)


def test_while_members_without_leases_live_nothing_is_coordinated_and_everything_goes_on_when_they_are_gone(
    group: Group, database: Database
) -> None:
    homes, sink = [group.home("node-1"), group.home("node-2")], group.sink
    group.deploy("beat", task_xml("beat", every=1))
    homes[0].deploy("local", task_xml("local", every=1, pinned="here"))
    nodes = [homes[0].start(HERE)]
    sink.wait_for(1, "beat")
    with JavaMember(database):
        nodes[0].wait_logged(" ERROR ", REFUSAL)
        nodes.append(homes[1].start())
        nodes[1].wait_logged(" ERROR ", REFUSAL)
        sink.wait_for_more(1, "local")
        fired = sink.keys("beat")
        sink.wait_for_more(4, "local")
        assert sink.keys("beat") == fired, "another master fires it"
    sink.wait_for_more(2, "beat")
    for node in nodes:
        assert len(node.lines(" ERROR ")) == 1, node.log()
    assert sink.duplicates() == []
    assert sink.stale("beat") == []
    assert group.unaccounted("beat") == set()

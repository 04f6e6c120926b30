"""Groups at the limit of the wire, with one node and many stand-ins that have rows and sockets but no process."""

import json
import time

from harness import (
    DEFAULT_LEASE,
    ROUND_ROBIN,
    Group,
    Home,
    Machines,
    StandIns,
    on,
    said,
    task_xml,
    wait_until,
)

pytestmark = on("postgresql", because="the database does not know how members are connected")

MOST = 64
"""Members of a group with a wire."""


def test_sixty_four_members_have_a_wire_and_with_the_sixty_fifth_they_poll_until_one_leaves(
    group: Group,
) -> None:
    home = _only_node(group)
    node = home.lives[-1]
    assert group.database is not None
    with StandIns(group.database) as others:
        names = [f"stand-in-{number:02}" for number in range(2, MOST + 1)]
        others.join(*names)
        wait_until(lambda: len(said(home, "Wire to member [stand-in-")) == MOST - 1, "a wire to each of them")
        assert len(others.connected()) == MOST - 1
        assert not node.lines("Wire is incomplete")

        others.join("one-too-many")
        node.wait_logged(f" WARN {{PeerWire}} - The group has {MOST + 1} members, more than {MOST}: no wire")
        node.wait_logged("Wire is incomplete (missing")
        wait_until(lambda: others.connected() == [], "the end of all connections")
        group.sink.wait_for_more(2, "beat")

        others.leave("one-too-many")
        node.wait_logged(f"Wire is complete ({MOST} members)")
        assert len(said(home, " WARN {PeerWire}")) == 1
        assert "FailureDetector" not in node.log()
    assert group.unaccounted("beat") == set()


def test_a_member_whose_socket_never_answers_costs_one_warning_and_is_waited_for_by_polling(
    group: Group,
) -> None:
    home = _only_node(group)
    node = home.lives[-1]
    assert group.database is not None
    with StandIns(group.database) as others:
        others.join("mute", answers=False)
        node.wait_logged(" WARN {PeerWire}", "failed: time-out")
        node.wait_logged("Wire is incomplete (missing [mute]); polling every 500 ms")
        group.sink.wait_for_more(2, "beat")
    assert len(said(home, " WARN {PeerWire}")) == 1
    assert "is dead" not in node.log()


def test_a_member_that_renews_its_lease_while_another_waits_for_the_leader_is_not_evicted(
    group: Group,
) -> None:
    with Machines(group, 2, settings={**DEFAULT_LEASE, **ROUND_ROBIN}) as fleet:
        fleet.deploy(2)
        fleet.start()
        assert group.database is not None
        leader = fleet.home(fleet.leader() or "")
        [follower] = fleet.others(leader)
        with StandIns(group.database, every=0.05) as others:
            others.join("reset")
            wait_until(lambda: len(_up(follower)) == 1, "a wire to the stand-in")
            leader.lives[-1].freeze()
            time.sleep(1.1)  # whoever hangs up on a young connection is asked after a pause only
            others.vanish("reset")
            wait_until(lambda: _evidence(follower) == "REFUSED", "evidence")
            time.sleep(1)  # the leader is given 0.2 s
            assert fleet.deaths() == []


def _only_node(group: Group) -> Home:
    home = group.home("node-1", settings={"cluster_config": {"endpoint": "127.0.0.1"}})
    home.deploy("beat", task_xml("beat", every=1))
    home.start("-Dmi.host.id=node-1")
    group.sink.wait_for(1, "beat")
    return home


def _evidence(asked: Home) -> str | None:
    """Return what `asked` says of the stand-in called reset."""
    answer = asked.lives[-1].control("cluster", "members", "--json")
    assert answer.returncode == 0, answer.stderr
    [found] = [row["evidence"] for row in json.loads(answer.stdout)["rows"] if row["node"] == "reset"]
    return str(found) if found else None


def _up(home: Home) -> list[str]:
    return said(home, "Wire to member [reset] is up")

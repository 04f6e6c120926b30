"""What operators see of a group and do to it, from whichever node they ask."""

import json
from typing import Any

from harness import UNWIRED, Group, Node, task_xml, wait_until

SPREAD = {"task_handling": {"resolver_class": "round_robin", "rebalance": "never"}}


LEASE_AND_GRACE = 4.0
"""Seconds, with the settings of test homes."""


def members(asked: Node) -> list[dict[str, Any]]:
    answer = asked.control("cluster", "members", "--json")
    assert answer.returncode == 0, answer.stderr
    found: list[dict[str, Any]] = json.loads(answer.stdout)["rows"]
    return found


def test_the_members_look_the_same_from_every_node(group: Group) -> None:
    homes = [group.home("node-1"), group.home("node-2")]
    group.deploy("beat", task_xml("beat", every=1))
    nodes = [homes[0].start()]
    group.sink.wait_for(1)
    nodes.append(homes[1].start())
    wait_until(lambda: [row["status"] for row in members(nodes[0])] == ["ACTIVE", "ACTIVE"], "both ACTIVE")
    for asked in nodes:
        first, second = members(asked)
        assert (first["node"], first["coordinator"], first["tasks"]) == ("node-1", True, 1)
        assert (second["node"], second["coordinator"], second["tasks"]) == ("node-2", False, 0)
        assert {first["heart-beat ms"], second["heart-beat ms"]} == {"500 x 6"}
        assert first["boot id"] != second["boot id"]
        assert first["release"] == second["release"]
        assert first["host"] == second["host"]
        assert all(0 <= row["lease age ms"] < 3000 for row in (first, second))
        assert first["started"] < second["started"]
    text = nodes[1].control("cluster", "members").stdout
    assert text.splitlines()[0].split("  ")[0] == "node"

    assert nodes[0].stop() == 0
    left = members(nodes[1])[0]
    assert (left["node"], left["status"], left["coordinator"], left["tasks"]) == ("node-1", "LEFT", False, 0)
    wait_until(lambda: members(nodes[1])[1]["coordinator"], "a new coordinator")
    assert members(nodes[1])[1]["tasks"] == 1


def test_the_metrics_tell_who_coordinates_and_how_long_a_takeover_took(group: Group) -> None:
    homes = [group.home("node-1", settings=UNWIRED), group.home("node-2", settings=UNWIRED)]
    group.deploy("beat", task_xml("beat", every=1))
    leads = homes[0].start()
    group.sink.wait_for(1)
    follows = homes[1].start()
    wait_until(lambda: _metric(follows, "mi_cluster_members") == 2, "both members seen")
    assert [_metric(node, "mi_cluster_is_coordinator") for node in (leads, follows)] == [1, 0]
    assert abs(_metric(follows, "mi_cluster_db_clock_skew_seconds")) < 5
    leads.kill()
    wait_until(lambda: _metric(follows, "mi_cluster_is_coordinator") == 1, "another coordinator")
    wait_until(lambda: _metric(follows, "mi_cluster_failovers_total") == 1, "an eviction")
    assert _metric(follows, "mi_cluster_failover_seconds_count") == 1
    assert _metric(follows, "mi_cluster_failover_seconds_sum") >= LEASE_AND_GRACE


def test_a_node_that_is_alone_says_so(alone: Group) -> None:
    node = alone.home().start()
    for words in (("members",), ("accept-rollback",)):
        refused = node.control("cluster", *words)
        assert refused.returncode == 1
        assert refused.stderr.startswith(
            ("This node is alone", "The coordination database did not go backwards")
        )


def test_a_task_is_moved_through_the_passive_node_without_a_gap_or_a_duplicate(group: Group) -> None:
    owner, passive, sink = group.home("node-1"), group.home("node-2"), group.sink
    group.deploy("beat", task_xml("beat", every=1))
    owns = owner.start()
    sink.wait_for(2)
    asked = passive.start()
    _wait_until_both_have(group, "beat")

    moved = asked.control("task", "move", "beat", "node-2")
    assert moved.stdout == "Task [beat] is moved to [node-2].\n", moved.stderr
    sink.wait_for_more(2)
    assert {arrival.node for arrival in sink.of("beat")[-2:]} == {"node-2"}
    assert owns.control("task", "move", "beat", "node-1").returncode == 0
    sink.wait_for_more(2)

    assert [tenure.node for tenure in sink.tenures("beat")] == ["node-1", "node-2", "node-1"]
    assert sink.rivals("beat") == []
    assert sink.duplicates() == []
    assert sink.gaps("beat") == []
    audited = (passive.root / "repository" / "logs" / "audit.log").read_text()
    assert '\\"taskName\\": \\"beat\\", \\"node\\": \\"node-2\\"' in audited


def test_a_move_waits_for_the_body_and_then_takes_effect(group: Group) -> None:
    homes, sink = [group.home(name, settings=SPREAD) for name in ("node-1", "node-2")], group.sink
    group.deploy("slow", task_xml("slow", every=1, sequential="true"))
    owns = homes[0].start()
    sink.hold("slow")
    sink.wait_for(1)
    asked = homes[1].start()
    _wait_until_both_have(group, "slow")
    told = asked.control("task", "move", "slow", "node-2")
    assert told.stdout.startswith("Task [slow] will be moved to [node-2]: stored"), told
    assert {arrival.node for arrival in sink.arrivals} == {"node-1"}
    sink.release("slow")
    group.wait_for_row("slow", lambda row: row.owner == "node-2")
    sink.wait_for_more(2)
    assert sink.overlaps("slow") == []
    assert sink.duplicates() == []
    assert not owns.lines(" ERROR ")


def test_a_move_to_a_node_that_cannot_have_the_task_is_refused_with_the_reason(group: Group) -> None:
    one, other = group.home("node-1"), group.home("node-2")
    one.deploy("beat", task_xml("beat", every=1))
    node = one.start()
    group.sink.wait_for(1)
    other.start()
    wait_until(lambda: len(members(node)) == 2 and members(node)[1]["status"] == "ACTIVE", "two members")
    _wait_until_refused(node, "node-2", "Task [beat] is not deployed on node [node-2]")
    _wait_until_refused(node, "nod-2", "There is no ACTIVE node [nod-2] (did you mean 'node-2'?)")
    unknown = node.control("task", "move", "baet", "node-2")
    assert "There is no task [baet]" in unknown.stderr
    usage = node.control("task", "move", "beat")
    assert (usage.returncode, usage.stderr.splitlines()[0]) == (
        2,
        "micro-integrator: expected: task move NAME NODE",
    )


def test_a_rollback_is_accepted_only_after_one_and_no_remembered_key_comes_again(group: Group) -> None:
    home, sink = group.home(), group.sink
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    sink.wait_for(1)
    refused = node.control("cluster", "accept-rollback")
    assert refused.returncode == 1
    assert refused.stderr == "The coordination database did not go backwards; there is nothing to accept\n"

    [(fence, key, count)] = group.rows("SELECT FENCE, LAST_FIRE_KEY, FIRED_COUNT FROM MI_TASK_FENCE")
    sink.wait_for_more(3)
    group.execute("UPDATE MI_NODE_LEASE SET RENEW_SEQ = 0")
    node.wait_logged(" ERROR ", "Coordination database went backwards; run 'cluster accept-rollback'")
    remembered = sink.keys("beat")
    group.execute(
        "UPDATE MI_TASK_FENCE SET FENCE = :fence, LAST_FIRE_KEY = :key, FIRED_COUNT = :count, CLAIM_ID = 'old'",
        fence=fence,
        key=key,
        count=count,
    )
    accepted = node.control("cluster", "accept-rollback")
    assert accepted.stdout.startswith("Accepted: 1 task(s) that node [node-1] remembers"), accepted.stderr
    sink.wait_for_more(2)
    assert min(sink.keys("beat")[len(remembered) :]) > max(remembered)
    assert sink.duplicates() == []
    assert node.control("cluster", "accept-rollback").returncode == 1


def test_a_task_that_the_restored_database_never_knew_goes_on_after_its_last_key(group: Group) -> None:
    home, sink = group.home(), group.sink
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    sink.wait_for(3)
    group.execute("UPDATE MI_NODE_LEASE SET RENEW_SEQ = 0")
    node.wait_logged(" ERROR ", "Coordination database went backwards")
    remembered = sink.keys("beat")
    group.execute("DELETE FROM MI_TASK_FENCE")
    assert node.control("cluster", "accept-rollback").returncode == 0
    sink.wait_for_more(2)
    assert min(sink.keys("beat")[len(remembered) :]) > max(remembered)
    assert sink.duplicates() == []


def _wait_until_refused(asked: Node, target: str, reason: str) -> None:
    """A node looks at the group at every heart-beat: until then it may know a member less."""
    wait_until(lambda: reason in asked.control("task", "move", "beat", target).stderr, reason)


def _metric(node: Node, name: str) -> float:
    _, text = node.probe(f"/metrics?name[]={name}")
    return float(text.splitlines()[-1].split()[-1])


def _wait_until_both_have(group: Group, task: str) -> None:
    def told() -> bool:
        active = {node for (node,) in group.rows("SELECT NODE_ID FROM MI_NODE_LEASE WHERE STATUS = 'ACTIVE'")}
        published = group.rows("SELECT NODE_ID, TASKS FROM MI_NODE_DEPLOYMENT")
        return {node for node, tasks in published if f'"{task}"' in tasks} == active == {"node-1", "node-2"}

    wait_until(told, f"two ACTIVE nodes that have {task}")

"""What the leader writes: rows for new tasks, owners for orphans, definitions for those that lost theirs."""

from dataclasses import replace

import pytest
from unit.tasks.planning_group import Group, at_once, fence_row, group, new_owners, node, published

from micro_integrator.tasks.planning import complete_plan, draft_heirs, draft_plan, heirs, load_of
from micro_integrator.tasks.resolvers import make_resolver

ACTIVE_PASSIVE = make_resolver(None, None)
ROUND_ROBIN = make_resolver("round_robin", None)


def test_a_published_task_without_a_row_is_inserted_together_with_its_owner() -> None:
    (new,) = group("n1", tasks=1).plan(ROUND_ROBIN).insertions
    assert (new.task, new.definition, new.intent, new.owner) == ("t0", "d1", "RUN", node("n1"))


def test_a_new_task_gets_the_definition_that_most_active_nodes_have() -> None:
    nodes = [node("n1"), node("n2"), node("n3"), node("n4", is_active=False), node("n5", is_active=False)]
    definitions = {"n1": "d1", "n2": "d2", "n3": "d2", "n4": "d1", "n5": "d1"}
    field = Group(nodes, {each: {"t": published(definition)} for each, definition in definitions.items()})
    (new,) = field.plan(ROUND_ROBIN).insertions
    assert (new.definition, new.owner) == ("d2", node("n2"))


def test_of_definitions_with_equally_many_publishers_a_new_task_gets_the_smallest() -> None:
    field = Group([node("n1"), node("n2")], {"n1": {"t": published("d9")}, "n2": {"t": published("d3")}})
    (new,) = field.plan(ROUND_ROBIN).insertions
    assert (new.definition, new.owner) == ("d3", node("n2"))


def test_a_task_that_one_publisher_of_its_definition_wants_paused_begins_paused_and_owned() -> None:
    field = group("n1", "n2", tasks=1)
    field.published["n2"]["t0"] = published(paused=True)
    (new,) = field.plan(ROUND_ROBIN).insertions
    assert (new.intent, new.owner) == ("PAUSE", node("n1"))


@pytest.mark.parametrize("definition", ["d1", "d2"])
def test_the_wish_of_another_definition_does_not_pause_a_new_task(definition: str) -> None:
    field = group("n1", "n2", "n3", tasks=1)
    field.published["n3"]["t0"] = published(definition, paused=True)
    (new,) = field.plan(ROUND_ROBIN).insertions
    assert new.intent == ("PAUSE" if definition == "d1" else "RUN")


def test_nodes_that_join_or_drain_bring_no_task_and_get_none() -> None:
    field = group("n1", "n2", rows={"t": None})
    field.nodes[0] = node("n1", is_active=False)
    field.published["n1"]["other"] = published()
    plan = field.plan(ACTIVE_PASSIVE)
    assert plan.insertions == ()
    assert new_owners(plan) == ["n2"]


def test_the_tasks_of_a_dead_node_go_to_one_that_has_them() -> None:
    field = group("n1", "n2", rows={"t": "gone", "u": "n1"})
    field.rows["t"] = fence_row("t", "gone", holds=False)
    (given,) = field.plan(ROUND_ROBIN).assignments
    assert given.row is field.rows["t"]
    assert given.owner == node("n2")


def test_a_task_never_goes_to_a_node_with_another_definition_or_a_refusal() -> None:
    field = group("n1", "n2", "n3", rows={"t": None})
    field.published["n1"]["t"] = published("d2")
    field.published["n2"]["t"] = published(refused=True)
    assert new_owners(field.plan(ACTIVE_PASSIVE)) == ["n3"]


def test_a_task_that_every_candidate_has_refused_is_named_and_waits() -> None:
    field = group("n1", "n2", tasks=1, rows={"t": None, "u": None})
    for each in ("n1", "n2"):
        field.published[each] |= {"t": published(refused=True), "t0": published(refused=True)}
    plan = field.plan(ROUND_ROBIN)
    assert plan.refused == ("t", "t0")
    assert [each.row.task for each in plan.assignments] == ["u"]
    assert [(each.task, each.owner) for each in plan.insertions] == [("t0", None)]


def test_a_task_that_nobody_has_waits_and_is_not_called_refused() -> None:
    field = group("n1", rows={"t": None})
    field.published["n1"].clear()
    plan = field.plan(ROUND_ROBIN)
    assert (plan.assignments, plan.adoptions, plan.refused) == ((), (), ())


def test_only_refusals_of_nodes_that_the_resolver_accepts_count() -> None:
    field = group("n1", "n2", rows={"t": None})
    field.published["n2"]["t"] = published(refused=True)
    assert field.plan(make_resolver("task_node", {"task_nodes": "n2"})).refused == ("t",)
    assert field.plan(make_resolver("task_node", {"task_nodes": "n1,n2"})).refused == ()


def test_a_completed_task_stays_without_owner_and_a_paused_one_gets_one() -> None:
    field = group("n1", rows={"done": None, "paused": None})
    field.rows["done"] = fence_row("done", state="COMPLETED")
    field.rows["paused"] = fence_row("paused", state="PAUSED", intent="PAUSE")
    assert [each.row.task for each in field.plan(ROUND_ROBIN).assignments] == ["paused"]


def test_a_definition_that_nobody_has_any_more_is_replaced_and_its_task_assigned_at_once() -> None:
    field = group("n1", "n2", "n3", rows={"t": None})
    for each, definition in {"n1": "d8", "n2": "d9", "n3": "d9"}.items():
        field.published[each]["t"] = published(definition)
    plan = field.plan(ACTIVE_PASSIVE)
    assert [(each.task, each.old, each.new) for each in plan.adoptions] == [("t", "d1", "d9")]
    assert new_owners(plan) == ["n2"]


def test_a_definition_that_a_draining_node_still_has_is_kept() -> None:
    field = group("n1", "n2", rows={"t": None})
    field.nodes[0] = node("n1", is_active=False)
    field.published["n2"]["t"] = published("d2")
    plan = field.plan(ROUND_ROBIN)
    assert (plan.adoptions, plan.assignments) == ((), ())


def test_a_refused_definition_is_still_somebodys_and_not_replaced() -> None:
    field = group("n1", "n2", rows={"t": None})
    field.published["n1"]["t"] = published(refused=True)
    field.published["n2"]["t"] = published("d2")
    plan = field.plan(ROUND_ROBIN)
    assert (plan.adoptions, plan.refused) == ((), ("t",))


def test_a_completed_task_runs_again_under_a_new_definition() -> None:
    field = group("n1", rows={"t": None})
    field.rows["t"] = fence_row("t", state="COMPLETED", definition="d0")
    plan = field.plan(ROUND_ROBIN)
    assert [each.new for each in plan.adoptions] == ["d1"]
    assert new_owners(plan) == ["n1"]


def test_an_owner_that_is_alive_keeps_its_task_while_a_new_definition_is_adopted() -> None:
    field = group("n1", "n2", rows={"t": "n1"})
    field.rows["t"].definition = "d0"
    plan = field.plan(ROUND_ROBIN, {"n1", "n2"}, rebalance=True)
    assert len(plan.adoptions) == 1
    assert (plan.assignments, plan.moves) == ((), ())


@pytest.mark.parametrize("answer", ["n2", "n9", ""])
def test_an_answer_that_is_no_candidate_counts_as_none(answer: str) -> None:
    field = group("n1", "n2", rows={"t": None})
    field.published["n2"]["t"] = published(refused=True)
    draft = draft_plan(field.rows, field.nodes, field.published, ROUND_ROBIN)
    assert complete_plan(draft, {"t": answer, "unheard of": "n1"}).assignments == ()


def test_a_resolver_sees_load_owners_and_publications_of_active_nodes() -> None:
    field = group("n1", "n2", "n3", rows={"a": "n1", "b": "n1", "c": "n2", "d": None, "e": "n3"})
    field.rows["b"].move_to = "n2"
    field.nodes[2] = node("n3", 9, is_active=False)
    seen = draft_plan(field.rows, field.nodes, field.published, ROUND_ROBIN, "n2").view
    assert (seen.this_node, seen.nodes) == ("n2", ("n1", "n2"))
    assert seen.load == {"n1": 1, "n2": 2}
    assert seen.owners == {"a": "n1", "b": "n1", "c": "n2", "e": "n3"}
    assert seen.candidates == {"d": ("n1", "n2")}
    assert seen.published["n1"] == {"a", "b", "c", "d", "e"}


def test_a_leaver_leaves_each_task_to_a_candidate_and_those_without_to_nobody() -> None:
    field = group("n1", "n2", "n3", rows={"a": "n1", "b": "n1", "c": "n1", "e": "n2"})
    field.published["n2"]["b"] = published("d2")
    field.published["n2"]["c"] = field.published["n3"]["c"] = published(refused=True)
    mine = [row for row in field.rows.values() if row.owner_node == "n1"]
    seen = draft_heirs(mine, field.nodes, field.published, load_of(field.rows.values()), "n1")
    found = heirs(seen, at_once(ROUND_ROBIN.choose(seen)), field.nodes)
    assert {task: heir.node_id for task, heir in found.items()} == {"a": "n3", "b": "n3"}


def test_a_leaver_hands_a_moving_task_to_where_it_was_to_move() -> None:
    field = group("n1", "n2", "n3", rows={"a": "n1", "b": "n1"})
    rows = [replace(row, move_to="n3") for row in field.rows.values()]
    field.published["n3"]["b"] = published(refused=True)
    seen = draft_heirs(rows, field.nodes, field.published, {}, "n1")
    found = heirs(seen, at_once(ACTIVE_PASSIVE.choose(seen)), field.nodes)
    assert {task: heir.node_id for task, heir in found.items()} == {"a": "n3", "b": "n2"}


def test_the_last_node_to_leave_has_no_heirs_and_says_nothing() -> None:
    field = group("n1", rows={"a": "n1"})
    seen = draft_heirs(field.rows.values(), field.nodes, field.published, {}, "n1")
    assert heirs(seen, at_once(ACTIVE_PASSIVE.choose(seen)), field.nodes) == {}

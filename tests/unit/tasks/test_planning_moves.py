"""Tasks that have an owner change it only to even out, to gather, and never for nothing."""

import pytest
from unit.tasks.planning_group import Group, fence_row, group, new_owners, node, published

from micro_integrator.tasks.planning import Plan
from micro_integrator.tasks.resolvers import make_resolver

ACTIVE_PASSIVE = make_resolver(None, None)
ROUND_ROBIN = make_resolver("round_robin", None)
TASK_NODE = make_resolver("task_node", {"task_nodes": "n1,n2"})


def targets(plan: Plan) -> dict[str, str | None]:
    return {move.row.task: move.to for move in plan.moves}


def crowd(*nodes: str, owner: str, tasks: int) -> Group:
    return group(*nodes, rows={f"t{number}": owner for number in range(tasks)})


def test_a_newcomer_gets_the_surplus_and_no_more() -> None:
    field = group("n1", "n2", "n3", rows={"a": "n1", "b": "n1", "c": "n1", "d": "n2", "e": "n2", "f": "n2"})
    assert targets(field.plan(ROUND_ROBIN, {"n1", "n2", "n3"}, rebalance=True)) == {"a": "n3", "d": "n3"}


def test_nothing_moves_while_counts_differ_by_one() -> None:
    field = group("n1", "n2", rows={"a": "n1", "b": "n1", "c": "n2"})
    assert field.plan(ROUND_ROBIN, {"n1", "n2"}, rebalance=True).moves == ()


def test_nothing_moves_to_a_newcomer_that_has_not_settled_or_without_rebalancing() -> None:
    field = crowd("n1", "n2", owner="n1", tasks=6)
    assert field.plan(ROUND_ROBIN, {"n1"}, rebalance=True).moves == ()
    assert field.plan(ROUND_ROBIN, {"n1", "n2"}).moves == ()


def test_tasks_already_on_their_way_count_where_they_go() -> None:
    field = crowd("n1", "n2", owner="n1", tasks=6)
    for task in ("t0", "t1"):
        field.rows[task].move_to = "n2"
    assert targets(field.plan(ROUND_ROBIN, {"n1", "n2"}, rebalance=True)) == {"t2": "n2"}


def test_orphans_given_to_a_newcomer_count_before_anything_moves() -> None:
    field = group("n1", "n2", rows={"a": "n1", "b": "n1", "c": None, "d": None})
    plan = field.plan(ROUND_ROBIN, {"n1", "n2"}, rebalance=True)
    assert new_owners(plan) == ["n2", "n2"]
    assert plan.moves == ()


def test_only_what_the_newcomer_can_run_moves_to_it() -> None:
    field = crowd("n1", "n2", owner="n1", tasks=6)
    for task in ("t0", "t2"):
        field.published["n2"][task] = published("d2")
    field.published["n2"]["t1"] = published(refused=True)
    del field.published["n2"]["t3"]
    assert targets(field.plan(ROUND_ROBIN, {"n1", "n2"}, rebalance=True)) == {"t4": "n2", "t5": "n2"}


def test_a_node_that_is_not_listed_gets_nothing_by_evening_out_either() -> None:
    field = crowd("n1", "n2", "n3", owner="n1", tasks=4)
    plan = field.plan(TASK_NODE, {"n1", "n2", "n3"}, rebalance=True)
    assert targets(plan) == {"t0": "n2", "t1": "n2"}


def test_what_a_draining_node_owns_is_left_to_its_own_hand_over() -> None:
    field = crowd("n1", "n2", owner="n1", tasks=4)
    field.nodes[0] = node("n1", is_active=False)
    assert field.plan(ROUND_ROBIN, {"n1", "n2"}, rebalance=True).moves == ()


@pytest.mark.parametrize(
    "trouble", ["gone", "draining", "undeployed", "refused", "another definition", "owner"]
)
def test_a_move_that_cannot_be_followed_is_cleared(trouble: str) -> None:
    field = group("n1", "n2", rows={"t": "n1"})
    field.rows["t"].move_to = "n1" if trouble == "owner" else "n2"
    if trouble == "gone":
        del field.nodes[1]
    elif trouble == "draining":
        field.nodes[1] = node("n2", is_active=False)
    elif trouble == "undeployed":
        del field.published["n2"]["t"]
    elif trouble == "refused":
        field.published["n2"]["t"] = published(refused=True)
    elif trouble == "another definition":
        field.published["n2"]["t"] = published("d2")
    assert targets(field.plan(ROUND_ROBIN)) == {"t": None}


def test_a_move_to_a_node_that_the_resolver_does_not_accept_is_cleared() -> None:
    field = group("n1", "n3", rows={"t": "n1"})
    field.rows["t"].move_to = "n3"
    assert targets(field.plan(TASK_NODE)) == {"t": None}


def test_a_task_whose_move_is_cleared_counts_where_it_is_and_may_move_elsewhere() -> None:
    field = group("n1", "n2", rows={"a": "n1", "b": "n1", "c": None})
    field.rows["a"].move_to = "gone"
    plan = field.plan(ROUND_ROBIN, {"n1", "n2"}, rebalance=True)
    assert (new_owners(plan), targets(plan)) == (["n2"], {"a": None})
    field.rows["c"] = fence_row("c", "n1")
    assert targets(field.plan(ROUND_ROBIN, {"n1", "n2"}, rebalance=True)) == {"a": "n2"}


def test_a_move_that_can_be_followed_stays() -> None:
    field = group("n1", "n2", rows={"t": "n1"})
    field.rows["t"].move_to = "n2"
    assert field.plan(ROUND_ROBIN).moves == ()


def test_split_tasks_gather_on_the_active_node_when_it_can_run_them() -> None:
    field = group("n1", "n2", rows={"a": "n1", "b": "n1", "c": "n2", "d": "n2"})
    field.rows["e"] = fence_row("e", "n1")
    field.published["n1"] |= {"e": published(), "d": published("d2")}
    assert targets(field.plan(ACTIVE_PASSIVE, {"n1", "n2"})) == {"c": "n1"}


def test_evening_out_never_works_against_gathering() -> None:
    field = crowd("n1", "n2", owner="n1", tasks=6)
    assert field.plan(ACTIVE_PASSIVE, {"n1", "n2"}, rebalance=True).moves == ()

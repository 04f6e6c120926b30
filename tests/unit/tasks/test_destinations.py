"""Where an operator may move a task, and what is said when he may not."""

import pytest
from unit.tasks.planning_group import Group, fence_row, group, node, published

from micro_integrator.tasks.destination import obstacle
from micro_integrator.tasks.resolvers import Resolver, make_resolver
from micro_integrator.tasks.resolvers.round_robin import RoundRobin

ROUND_ROBIN = RoundRobin()


def said(on: Group, task: str, target: str, resolver: Resolver = ROUND_ROBIN) -> str:
    return obstacle(on.rows[task], target, on.rows.values(), on.nodes, on.published, resolver)


def test_a_task_may_go_to_an_active_node_that_has_it() -> None:
    assert said(group("n1", "n2", rows={"t": "n1"}), "t", "n2") == ""


@pytest.mark.parametrize("owner", ["n1", None])
def test_without_a_valid_owner_nobody_could_hand_it_over(owner: str | None) -> None:
    on = group("n1", "n2", rows={"t": owner})
    on.rows["t"].owner_holds = False
    assert said(on, "t", "n2") == "Task [t] has no owner at present; the coordinator chooses one"


def test_a_completed_task_goes_nowhere() -> None:
    on = group("n1", "n2", rows={"t": None})
    on.rows["t"].state = "COMPLETED"
    assert said(on, "t", "n2") == "Task [t] is completed; no node owns it"


def test_a_node_that_is_not_there_is_named_with_those_that_are() -> None:
    on = group("node-1", "node-2", rows={"t": "node-1"})
    assert said(on, "t", "nod-2") == (
        "There is no ACTIVE node [nod-2] (did you mean 'node-2'?); there are node-1, node-2"
    )


def test_a_node_that_leaves_gets_nothing() -> None:
    on = group("n1", "n2", rows={"t": "n1"})
    on.nodes[1] = node("n2", is_active=False)
    assert said(on, "t", "n2") == "There is no ACTIVE node [n2]; there are n1"


def test_a_node_without_the_task_or_with_another_definition_or_a_failed_start_is_refused() -> None:
    on = group("n1", "n2", rows={"t": "n1"})
    on.published["n2"] = {"t": published("d2")}
    assert said(on, "t", "n2") == "Node [n2] has another definition of task [t] than the one in force"
    on.published["n2"] = {"t": published(refused=True)}
    assert said(on, "t", "n2").startswith("Task [t] could not be started on node [n2]")
    on.published["n2"] = {}
    assert said(on, "t", "n2") == "Task [t] is not deployed on node [n2]"


def test_a_node_that_is_not_listed_for_tasks_is_refused() -> None:
    listed = make_resolver("task_node", {"task_nodes": "n1"})
    assert "gives no tasks to node [n2]" in said(group("n1", "n2", rows={"t": "n1"}), "t", "n2", listed)


def test_a_move_that_the_resolver_would_take_back_is_refused() -> None:
    active_passive = make_resolver(None, None)
    on = group("n1", "n2", rows={"t": "n1", "u": "n1", "v": "n1"})
    assert said(on, "t", "n2", active_passive) == (
        "The resolver keeps all tasks on node [n1] and would move task [t] back there"
    )
    on.rows |= {task: fence_row(task, "n1", move_to="n2") for task in ("u", "v")}
    assert said(on, "t", "n2", active_passive) == ""


def test_the_only_task_of_a_group_takes_the_active_node_with_it() -> None:
    assert said(group("n1", "n2", rows={"t": "n1"}), "t", "n2", make_resolver(None, None)) == ""

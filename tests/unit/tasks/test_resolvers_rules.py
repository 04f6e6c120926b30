"""Which node each of the built-in resolvers chooses, and what it says while it cannot."""

import pytest
from unit.tasks.planning_group import at_once, group, new_owners, view

from micro_integrator.observability import recorded_lines
from micro_integrator.tasks.resolvers import Resolver, make_resolver

JAVA = "org.wso2.micro.integrator.ntask.coordination.task.resolver."


def choice(resolver: Resolver, candidates: dict[str, str], load: dict[str, int]) -> dict[str, str]:
    return dict(at_once(resolver.choose(view(candidates, load))))


def test_active_passive_gives_everything_to_the_node_that_owns_most() -> None:
    tasks = {"a": "n1 n2 n3", "b": "n1 n2 n3"}
    assert choice(make_resolver(None, None), tasks, {"n1": 1, "n2": 4, "n3": 4}) == {"a": "n2", "b": "n2"}


def test_active_passive_begins_on_the_node_with_the_longest_running_lease() -> None:
    seen = view({"a": "n1 n2 n3"}, {"n1": 0, "n2": 0, "n3": 0}, started={"n1": 30, "n2": 10, "n3": 10})
    assert at_once(make_resolver(None, None).choose(seen)) == {"a": "n2"}


def test_active_passive_takes_the_next_best_node_where_the_active_one_cannot() -> None:
    tasks = {"a": "n1 n3", "b": "n1 n2"}
    assert choice(make_resolver(None, None), tasks, {"n1": 0, "n2": 9, "n3": 2}) == {"a": "n3", "b": "n2"}


def test_a_new_leader_with_active_passive_chooses_the_node_its_predecessor_chose() -> None:
    field = group("n1", "n2", "n3", rows={"a": "n2", "b": None})
    for _ in range(3):
        field.write(
            field.plan(make_resolver(None, None))
        )  # a fresh resolver, as on a node that has just begun to lead
        assert field.rows["b"].owner_node == "n2"
        field.rows["b"].owner_holds = False


def test_round_robin_gives_each_task_to_the_node_with_fewest_and_of_equal_ones_to_the_first() -> None:
    tasks = dict.fromkeys("abcd", "n1 n2 n3")
    chosen = choice(make_resolver("round_robin", None), tasks, {"n1": 1, "n2": 0, "n3": 1})
    assert chosen == {"a": "n2", "b": "n1", "c": "n2", "d": "n3"}


def test_round_robin_passes_over_a_node_that_cannot_run_the_task() -> None:
    assert choice(make_resolver("round_robin", None), {"a": "n2"}, {"n1": 0, "n2": 9}) == {"a": "n2"}


def test_one_node_of_two_that_are_expected_assigns_nothing_and_says_why_once() -> None:
    resolver = make_resolver("round_robin", {"task_server_count": "2"})
    field = group("n1", "n2", tasks=4)
    newcomer = field.nodes.pop()
    with recorded_lines() as lines:
        for _ in range(3):
            field.write(field.plan(resolver))
    assert lines.texts() == ["Waiting for 2 nodes to resolve the tasks. Only 1 node(s) available cluster ..."]
    assert [row.owner_node for row in field.rows.values()] == [None] * 4  # no task lacks a row
    field.nodes.append(newcomer)
    field.write(field.plan(resolver))
    assert field.counts() == {"n1": 2, "n2": 2}


def test_the_server_count_holds_up_orphans_after_a_loss_and_leaves_owned_tasks_alone() -> None:
    resolver = make_resolver("round_robin", {"task_server_count": "2"})
    field = group("n1", rows={"kept": "n1", "lost": "n2"})
    field.rows["lost"].owner_holds = False
    plan = field.plan(resolver)
    assert (new_owners(plan), plan.moves) == ([None], ()), (
        "the dead owner is taken out, nobody takes its place"
    )
    field.write(plan)
    assert field.plan(resolver).assignments == ()


def test_waiting_is_said_again_when_the_number_of_nodes_has_changed_or_was_enough_meanwhile() -> None:
    resolver, tasks = make_resolver("round_robin", {"task_server_count": "3"}), {"a": "n1"}
    with recorded_lines() as lines:
        for nodes in (1, 1, 2, 2, 3, 2):
            choice(resolver, tasks, {f"n{number}": 0 for number in range(1, nodes + 1)})
        choice(resolver, {}, {"n1": 0})
    assert [text.split("Only ")[1][0] for text in lines.texts()] == ["1", "2", "2"]


def test_task_nodes_are_used_in_turn_and_other_nodes_never() -> None:
    resolver = make_resolver("task_node", {"task_nodes": "n1,n2 , n3"})
    tasks = dict.fromkeys("abcdef", "n1 n2 n3 n4")
    chosen = choice(resolver, tasks, {"n1": 0, "n2": 0, "n3": 0, "n4": 0})
    assert sorted(chosen.values()) == ["n1", "n1", "n2", "n2", "n3", "n3"]
    assert not resolver.accepts("n4")


def test_of_equally_loaded_task_nodes_the_first_in_the_list_is_used() -> None:
    resolver = make_resolver("task_node", {"task_nodes": "n2,n1"})
    assert choice(resolver, {"a": "n1 n2"}, {"n1": 0, "n2": 0}) == {"a": "n2"}


def test_five_tasks_all_get_a_task_node_when_both_nodes_start_at_once() -> None:
    field = group("n1", "n2", tasks=5)
    field.write(field.plan(make_resolver("task_node", {"task_nodes": "n1,n2"})))
    assert sorted(field.counts().values()) == [2, 3]


def test_with_no_listed_node_alive_tasks_wait_say_so_and_start_when_one_appears() -> None:
    resolver = make_resolver("task_node", {"task_nodes": "n1,n2"})
    with recorded_lines() as lines:
        for _ in range(2):
            assert choice(resolver, {"a": "n3", "b": "n3"}, {"n3": 0}) == {}
    assert lines.texts() == [
        "No nodes defined in the task_nodes is found in the cluster. "
        f"Hence can't resolve a location for the task {task}"
        for task in "ab"
    ]
    assert choice(resolver, {"a": "n2 n3", "b": "n2 n3"}, {"n2": 0, "n3": 0}) == {"a": "n2", "b": "n2"}


def test_a_task_that_only_unlisted_nodes_can_run_waits_and_the_others_do_not() -> None:
    resolver = make_resolver("task_node", {"task_nodes": "n1"})
    with recorded_lines() as lines:
        assert choice(resolver, {"a": "n2", "b": "n1 n2"}, {"n1": 0, "n2": 0}) == {"b": "n1"}
    assert lines.texts() == ["None of the task_nodes in the cluster can run the task a"]


@pytest.mark.parametrize(
    ("logger", "name", "properties"),
    [
        ("RoundRobinResolver", "round_robin", {"task_server_count": "2"}),
        ("TaskNodeResolver", "task_node", {"task_nodes": "n2"}),
    ],
)
def test_lines_come_under_the_name_operators_search_for(
    logger: str, name: str, properties: dict[str, str]
) -> None:
    with recorded_lines() as lines:
        choice(make_resolver(name, properties), {"a": "n1"}, {"n1": 0})
    assert [record.names.short for record in lines.records] == [logger]


@pytest.mark.parametrize(
    ("short", "java", "rebalances"),
    [
        ("active_passive", "ActivePassiveResolver", False),
        ("round_robin", "RoundRobinResolver", True),
        ("task_node", "TaskNodeResolver", False),
    ],
)
def test_a_resolver_is_known_by_its_short_and_its_java_name(short: str, java: str, rebalances: bool) -> None:
    properties = {"task_nodes": "n1"}
    made = [make_resolver(name, properties) for name in (short, JAVA + java)]
    assert type(made[0]) is type(made[1])
    assert made[0].rebalances is rebalances

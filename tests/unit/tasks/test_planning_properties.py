"""What holds for every plan, whatever the table and the publications look like."""

from hypothesis import given
from hypothesis import strategies as st
from unit.tasks.planning_group import Group, fence_row, group, node, published

from micro_integrator.tasks.planning import Plan
from micro_integrator.tasks.resolvers import Resolver, make_resolver

NODES = ["n1", "n2", "n3", "n4"]
GONE = "n9"
TASKS = [f"t{number}" for number in range(6)]
DEFINITIONS = st.sampled_from(["d1", "d2"])

entries = st.builds(
    lambda definition, paused, refused: published(definition, paused=paused, refused=refused),
    DEFINITIONS,
    st.booleans(),
    st.sampled_from([False, False, True]),
)
publications = st.fixed_dictionaries(
    {each: st.dictionaries(st.sampled_from(TASKS), entries) for each in NODES}
)
members = st.builds(node, st.sampled_from(NODES), st.integers(0, 3), is_active=st.booleans())
owners = st.none() | st.sampled_from([*NODES, GONE])


@st.composite
def groups(draw: st.DrawFn) -> Group:
    """Draw any state of a group, odd ones included: some nodes are missing, some rows name them nevertheless."""
    nodes = draw(st.lists(members, unique_by=lambda each: each.node_id))
    published_by = draw(publications)
    field = Group(nodes, {each.node_id: published_by[each.node_id] for each in nodes})
    alive = {each.node_id for each in nodes}
    for task in draw(st.sets(st.sampled_from(TASKS))):
        state = draw(st.sampled_from(["NONE", "RUNNING", "PAUSED", "COMPLETED"]))
        owner = draw(owners) if state != "COMPLETED" else None
        field.rows[task] = fence_row(
            task,
            owner,
            definition=draw(st.sampled_from(["d0", "d1", "d2"])),
            state=state,
            move_to=draw(owners),
            holds=owner in alive and draw(st.booleans()),
        )
    return field


def any_resolver() -> st.SearchStrategy[Resolver]:
    return st.sampled_from(
        [
            make_resolver("active_passive", None),
            make_resolver("round_robin", None),
            make_resolver("task_node", {"task_nodes": "n3,n1"}),
        ]
    )


def is_empty(plan: Plan) -> bool:
    return not (plan.insertions or plan.adoptions or plan.assignments or plan.moves)


def can_run(field: Group, node_id: str, task: str, definition: str, resolver: Resolver) -> bool:
    entry = field.published[node_id].get(task)
    is_published = entry is not None and entry.definition == definition and not entry.refused
    return is_published and resolver.accepts(node_id)


@given(groups(), any_resolver())
def test_after_a_plan_every_task_with_a_candidate_has_an_owner_and_the_others_have_none(
    field: Group, resolver: Resolver
) -> None:
    before = dict(field.rows)
    plan = field.plan(resolver)
    field.write(plan)
    active = [each.node_id for each in field.nodes if each.is_active]
    for task, row in field.rows.items():
        had_owner = task in before and before[task].owner_holds
        if had_owner or row.state == "COMPLETED":
            continue
        candidates = [each for each in active if can_run(field, each, task, row.definition, resolver)]
        assert row.owner_holds == bool(candidates)
        assert not row.owner_holds or row.owner_node in candidates


@given(groups(), any_resolver())
def test_no_plan_touches_a_task_with_a_valid_owner_except_by_a_move(field: Group, resolver: Resolver) -> None:
    plan = field.plan(resolver, NODES, rebalance=True)
    held = {task for task, row in field.rows.items() if row.owner_holds}
    assert held.isdisjoint(each.row.task for each in plan.assignments)
    assert held >= {move.row.task for move in plan.moves}


@given(groups(), any_resolver())
def test_every_task_published_by_an_active_node_has_a_row_afterwards(
    field: Group, resolver: Resolver
) -> None:
    field.write(field.plan(resolver))
    for each in field.nodes:
        assert not each.is_active or field.published[each.node_id].keys() <= field.rows.keys()


@given(groups(), any_resolver())
def test_a_definition_changes_only_when_no_live_node_has_it(field: Group, resolver: Resolver) -> None:
    for adoption in field.plan(resolver).adoptions:
        entries = [tasks[adoption.task] for tasks in field.published.values() if adoption.task in tasks]
        assert adoption.old not in {entry.definition for entry in entries}
        assert adoption.new in {entry.definition for entry in entries}


@given(groups(), any_resolver())
def test_a_plan_that_is_carried_out_leaves_nothing_to_plan(field: Group, resolver: Resolver) -> None:
    field.write(field.plan(resolver))
    assert is_empty(field.plan(resolver))


@given(groups(), any_resolver(), st.booleans())
def test_moving_comes_to_an_end(field: Group, resolver: Resolver, rebalance: bool) -> None:
    for _ in range(20):
        plan = field.plan(resolver, NODES, rebalance=rebalance)
        if is_empty(plan):
            return
        field.write(plan)
        field.hand_over()
    raise AssertionError("tasks wander")


@given(groups(), any_resolver())
def test_tasks_move_only_to_settled_nodes_that_can_run_them(field: Group, resolver: Resolver) -> None:
    for move in field.plan(resolver, {"n1", "n2"}, rebalance=True).moves:
        assert move.to is None or move.to in {"n1", "n2"}
        assert move.to is None or can_run(field, move.to, move.row.task, move.row.definition, resolver)


@given(groups(), any_resolver())
def test_the_order_in_which_things_were_read_does_not_matter(field: Group, resolver: Resolver) -> None:
    turned = Group(
        field.nodes[::-1],
        {each: dict(reversed(tasks.items())) for each, tasks in reversed(field.published.items())},
        dict(reversed(field.rows.items())),
    )
    assert turned.plan(resolver, NODES, rebalance=True) == field.plan(resolver, NODES, rebalance=True)


@given(st.integers(1, 4), st.integers(0, 40))
def test_round_robin_shares_a_fresh_set_evenly(nodes: int, tasks: int) -> None:
    field = group(*NODES[:nodes], tasks=tasks)
    field.write(field.plan(make_resolver("round_robin", None)))
    counts = field.counts().values()
    assert sum(counts) == tasks
    assert max(counts) - min(counts) <= 1


@given(st.lists(st.sampled_from(NODES), max_size=40))
def test_one_round_of_rebalancing_leaves_counts_within_one(held_by: list[str]) -> None:
    field = group(*NODES, rows={f"t{number}": owner for number, owner in enumerate(held_by)})
    field.write(field.plan(make_resolver("round_robin", None), NODES, rebalance=True))
    assert is_empty(field.plan(make_resolver("round_robin", None), NODES, rebalance=True))
    field.hand_over()
    counts = field.counts().values()
    assert max(counts) - min(counts) <= 1

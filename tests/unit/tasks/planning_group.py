"""A group on paper: rows, nodes and publications for the tests of plans, and what a plan makes of them."""

from collections.abc import Collection, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from micro_integrator.cluster import FenceRow, Node, Published
from micro_integrator.tasks.planning import Plan, complete_plan, draft_plan
from micro_integrator.tasks.resolvers import Resolver, View

T = TypeVar("T")


def fence_row(
    task: str,
    owner: str | None = None,
    *,
    definition: str = "d1",
    state: str = "RUNNING",
    intent: str = "RUN",
    move_to: str | None = None,
    holds: bool = True,
) -> FenceRow:
    """Return a row; with `holds` False its owner has no lease any more."""
    return FenceRow(
        task=task,
        fence=7,
        owner_node=owner,
        owner_boot=owner and f"boot of {owner}",
        state=state,
        intent=intent,
        intent_seq=0,
        intent_done=0,
        definition=definition,
        anchor_at=None,
        anchor_key=None,
        last_key=-1,
        last_state=None,
        claim_id=None,
        fired_count=0,
        move_to=move_to,
        trigger_seq=0,
        trigger_done=0,
        trigger_at=None,
        trigger_claim=None,
        orphan_since=None,
        owner_holds=owner is not None and holds,
    )


def node(node_id: str, started_at: int = 0, *, is_active: bool = True) -> Node:
    return Node(node_id, f"boot of {node_id}", started_at, is_active)


def published(definition: str = "d1", *, paused: bool = False, refused: bool = False) -> Published:
    return Published(definition, "body", paused, refused)


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it waits")


@dataclass
class Group:
    """What a leader knows, and the table it writes to."""

    nodes: list[Node]
    published: dict[str, dict[str, Published]]
    rows: dict[str, FenceRow] = field(default_factory=dict)

    def plan(self, resolver: Resolver, settled: Collection[str] = (), *, rebalance: bool = False) -> Plan:
        draft = draft_plan(self.rows, self.nodes, self.published, resolver, "n1")
        return complete_plan(draft, at_once(resolver.choose(draft.view)), settled, rebalance)

    def write(self, plan: Plan) -> None:
        """Do what the statements of a pass do."""
        for new in plan.insertions:
            owner = new.owner.node_id if new.owner else None
            self.rows[new.task] = fence_row(
                new.task, owner, definition=new.definition, state="NONE", intent=new.intent
            )
        for adoption in plan.adoptions:
            row = self.rows[adoption.task]
            state = "NONE" if row.state == "COMPLETED" else row.state
            self.rows[row.task] = replace(row, definition=adoption.new, state=state)
        for given in plan.assignments:
            row = self.rows[given.row.task]
            assert row.state != "COMPLETED"
            self.rows[row.task] = replace(
                row,
                owner_node=given.owner.node_id if given.owner else None,
                owner_boot=given.owner.boot_id if given.owner else None,
                owner_holds=given.owner is not None,
                fence=row.fence + 1,
                move_to=None,
            )
        for move in plan.moves:
            self.rows[move.row.task] = replace(self.rows[move.row.task], move_to=move.to)

    def hand_over(self) -> None:
        """Let every task arrive where it was to move."""
        for row in list(self.rows.values()):
            if row.move_to is not None:
                self.rows[row.task] = replace(row, owner_node=row.move_to, move_to=None, fence=row.fence + 1)

    def counts(self) -> dict[str, int]:
        """Return how many tasks each ACTIVE node owns."""
        owners = [row.owner_node for row in self.rows.values() if row.owner_holds]
        return {each.node_id: owners.count(each.node_id) for each in self.nodes if each.is_active}


def new_owners(plan: Plan) -> list[str | None]:
    """Return to whom a plan gives orphans, in the order of their names."""
    return [given.owner.node_id if given.owner else None for given in plan.assignments]


def group(*nodes: str, tasks: int = 0, rows: Mapping[str, str | None] | None = None) -> Group:
    """Return a group of ACTIVE nodes that all publish the tasks; `rows` are tasks with their owners."""
    names = [f"t{number}" for number in range(tasks)] + list(rows or {})
    return Group(
        [node(each) for each in nodes],
        {each: {name: published() for name in names} for each in nodes},
        {name: fence_row(name, owner) for name, owner in (rows or {}).items()},
    )


def view(
    candidates: Mapping[str, str], load: Mapping[str, int], started: Mapping[str, int] | None = None
) -> View:
    """Return what a resolver sees: tasks with their candidates' ids between blanks, nodes with their load."""
    nodes = tuple(sorted(load))
    return View(
        this_node=nodes[0] if nodes else "",
        nodes=nodes,
        candidates={task: tuple(ids.split()) for task, ids in sorted(candidates.items())},
        started=started or dict.fromkeys(nodes, 0),
        load=load,
        published=dict.fromkeys(nodes, frozenset(candidates)),
        owners={},
    )

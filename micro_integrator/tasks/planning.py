"""What the leader shall write, and who inherits from a node that leaves (coordination 8.5, 8.7).

A plan is made in two steps, because the resolver may be the user's code and is waited for in between:

    draft = draft_plan(rows, nodes, published, resolver)     what follows from the table and the publications alone
    answers = await resolver.choose(draft.view)              a node for each task that needs one
    plan = complete_plan(draft, answers, settled=...)        the writes

The same rows and answers give the same plan on every node. Nothing here is a safety device: every write of a plan is
a compare-and-set on what was read, so an old plan writes nothing or costs a hop.

The adoptions of a plan are written before its assignments. An adopted task may be assigned by the same plan:
adoption leaves FENCE and owner alone, which is what an assignment compares, and an assignment skips rows that are
COMPLETED. Should the adoption come too late, the new owner's claims fail on DEF_HASH and it releases the task.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from micro_integrator.cluster import Assignment, FenceRow, Insertion, Node, Publications, Published
from micro_integrator.tasks.candidates import Field
from micro_integrator.tasks.moving import even_out, gather
from micro_integrator.tasks.resolvers import Resolver, View


@dataclass(frozen=True, slots=True)
class Adoption:
    """A task whose current definition no live node publishes any more; both are definition hashes."""

    task: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Move:
    """MOVE_TO of a task that has an owner. None clears one that cannot be followed any more."""

    row: FenceRow
    to: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written, in this order; tasks are sorted by name."""

    insertions: tuple[Insertion, ...]
    adoptions: tuple[Adoption, ...]
    assignments: tuple[Assignment, ...]
    moves: tuple[Move, ...]
    refused: tuple[str, ...]
    """Tasks without an owner that every node which could have run them has refused."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan whose owners are still to be chosen: one for each task in `view.candidates`."""

    view: View
    field: Field
    resolver: Resolver
    insertions: tuple[Insertion, ...]
    adoptions: tuple[Adoption, ...]
    orphans: tuple[FenceRow, ...]
    dead_ends: tuple[FenceRow, ...]
    """Rows on their way to a node that cannot have them any more."""
    resting: tuple[FenceRow, ...]
    """Rows that an ACTIVE node owns and that are on their way to nowhere, or to a dead end."""
    refused: tuple[str, ...]


def draft_plan(
    rows: Mapping[str, FenceRow],
    nodes: Iterable[Node],
    published: Publications,
    resolver: Resolver,
    this_node: str = "",
) -> Draft:
    """Decide what needs no choice, and ask in `view` for the rest. `this_node` is told to the resolver only."""
    field, ordered = Field(nodes, published), [rows[task] for task in sorted(rows)]
    insertions, adoptions = _insertions(rows, field), _adoptions(ordered, field)
    definitions = {row.task: row.definition for row in ordered}
    definitions |= {each.task: each.definition for each in insertions}
    definitions |= {each.task: each.new for each in adoptions}
    adopted = {each.task for each in adoptions}
    orphans = tuple(row for row in ordered if _needs_owner(row, is_reset=row.task in adopted))
    vacant = sorted([row.task for row in orphans] + [each.task for each in insertions])
    owned = [row for row in ordered if row.owner_holds]
    dead_ends = {
        row.task: row for row in owned if row.move_to and not _can_move(row, definitions, field, resolver)
    }
    view = view_of(
        this_node,
        field,
        candidates={task: field.candidates(task, definitions[task]) for task in vacant},
        owners={row.task: row.owner_node for row in owned if row.owner_node},
        load=load_of(replace(row, move_to=None) if row.task in dead_ends else row for row in owned),
    )
    return Draft(
        view,
        field,
        resolver,
        insertions,
        adoptions,
        orphans,
        dead_ends=tuple(dead_ends.values()),
        resting=tuple(
            row
            for row in owned
            if row.owner_node in field.active and (row.move_to is None or row.task in dead_ends)
        ),
        refused=tuple(
            task for task in vacant if _is_refused(field.publishers(task, definitions[task]), resolver)
        ),
    )


def complete_plan(
    draft: Draft, answers: Mapping[str, str], settled: Collection[str] = (), rebalance: bool = False
) -> Plan:
    """Make the plan of a draft and the resolver's answers; an answer that is no candidate counts as none.

    Tasks move only to `settled` nodes, those that have been ACTIVE for a while: to the resolver's gathering node if
    it has one, else, with `rebalance`, until the nodes' counts differ by one at most.
    """
    owners = _chosen(draft.view, answers, draft.field.active)
    moves: dict[str, str | None] = {row.task: None for row in draft.dead_ends}
    moves |= _moves(draft, Counter(node.node_id for node in owners.values()), frozenset(settled), rebalance)
    ways = {row.task: row for row in (*draft.resting, *draft.dead_ends)}
    return Plan(
        insertions=tuple(replace(each, owner=owners.get(each.task)) for each in draft.insertions),
        adoptions=draft.adoptions,
        assignments=tuple(
            Assignment(row, owners.get(row.task))
            for row in draft.orphans
            if row.task in owners or row.owner_boot is not None  # a dead owner is no owner
        ),
        moves=tuple(Move(ways[task], moves[task]) for task in sorted(moves)),
        refused=draft.refused,
    )


def draft_heirs(
    rows: Iterable[FenceRow],
    nodes: Iterable[Node],
    published: Publications,
    load: Mapping[str, int],
    leaver: str,
) -> View:
    """Ask who inherits `rows`, the tasks of the node `leaver`; `load` is how many tasks each node owns.

    A task that is on its way to another node is inherited by that node, if it can still have it.
    """
    field = Field((node for node in nodes if node.node_id != leaver), published)
    left = sorted(rows, key=lambda row: row.task)
    candidates = {row.task: field.candidates(row.task, row.definition) for row in left}
    for row in left:
        if row.move_to in candidates[row.task]:
            candidates[row.task] = (row.move_to,)
    return view_of(leaver, field, candidates, {row.task: leaver for row in left}, load)


def heirs(view: View, answers: Mapping[str, str], nodes: Iterable[Node]) -> dict[str, Node]:
    """Return the heir of each task; what is missing goes to nobody and is released."""
    return _chosen(view, answers, {node.node_id: node for node in nodes})


def load_of(rows: Iterable[FenceRow]) -> Counter[str]:
    """Count the tasks of each node that owns some; one that is moving counts where it goes."""
    places = (row.move_to or row.owner_node for row in rows if row.owner_holds)
    return Counter(node for node in places if node is not None)


def _insertions(rows: Mapping[str, FenceRow], field: Field) -> tuple[Insertion, ...]:
    """One publisher that wants its task paused is enough: a pause is undone by a word, a start is not."""
    found = []
    for task in sorted(field.tasks().difference(rows)):
        if (definition := field.leading_definition(task)) is not None:
            is_paused = any(entry.paused for entry in field.publishers(task, definition).values())
            found.append(Insertion(task, definition, "PAUSE" if is_paused else "RUN", owner=None))
    return tuple(found)


def _adoptions(rows: Iterable[FenceRow], field: Field) -> tuple[Adoption, ...]:
    """A definition that a live node still has is never replaced here: that node may be about to return."""
    lost = (row for row in rows if not field.is_live(row.task, row.definition))
    successors = ((row, field.leading_definition(row.task)) for row in lost)
    return tuple(Adoption(row.task, row.definition, new) for row, new in successors if new is not None)


def _needs_owner(row: FenceRow, *, is_reset: bool) -> bool:
    """A completed task needs one when the adoption of a new definition resets it."""
    return row.is_orphaned or (is_reset and not row.owner_holds)


def _can_move(row: FenceRow, definitions: Mapping[str, str], field: Field, resolver: Resolver) -> bool:
    """Whether MOVE_TO can be followed: it is another node, and one that can run the task."""
    target = row.move_to
    if target is None or target == row.owner_node or not resolver.accepts(target):
        return False
    return field.can_run(target, row.task, definitions[row.task])


def _is_refused(publishers: Mapping[str, Published], resolver: Resolver) -> bool:
    refusals = [entry.refused for node, entry in publishers.items() if resolver.accepts(node)]
    return bool(refusals) and all(refusals)


def view_of(
    this_node: str,
    field: Field,
    candidates: Mapping[str, tuple[str, ...]],
    owners: dict[str, str],
    load: Mapping[str, int],
) -> View:
    """Return the group as a resolver shall see it."""
    return View(
        this_node=this_node,
        nodes=tuple(field.active),
        candidates=MappingProxyType({task: nodes for task, nodes in candidates.items() if nodes}),
        started=MappingProxyType({node: field.active[node].started_at for node in field.active}),
        load=MappingProxyType({node: load.get(node, 0) for node in field.active}),
        published=MappingProxyType({node: frozenset(field.published.get(node, ())) for node in field.active}),
        owners=MappingProxyType(owners),
    )


def _chosen(view: View, answers: Mapping[str, str], nodes: Mapping[str, Node]) -> dict[str, Node]:
    return {
        task: nodes[node]
        for task, candidates in view.candidates.items()
        if (node := answers.get(task)) in candidates and node in nodes
    }


def _moves(draft: Draft, given: Counter[str], settled: frozenset[str], rebalance: bool) -> dict[str, str]:
    """Return where resting tasks go, judged by the load there will be when all assignments are made."""
    load = {node: count + given[node] for node, count in draft.view.load.items()}
    resting = {row.task: row for row in draft.resting}
    owners = {task: row.owner_node for task, row in resting.items() if row.owner_node}

    def may_go(task: str, node: str) -> bool:
        is_wanted = node in settled and draft.resolver.accepts(node)
        return is_wanted and draft.field.can_run(node, task, resting[task].definition)

    if (centre := draft.resolver.gathering_node(replace(draft.view, load=load))) is not None:
        return gather(owners, centre, may_go)
    return even_out(owners, load, may_go) if rebalance else {}

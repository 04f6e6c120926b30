"""Whether an operator may move a task to a node, and if not, why (coordination 8.7)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from micro_integrator.cluster import FenceRow, Node, Publications
from micro_integrator.kit import did_you_mean
from micro_integrator.tasks.candidates import Field
from micro_integrator.tasks.planning import load_of, view_of
from micro_integrator.tasks.resolvers import Resolver


def obstacle(
    row: FenceRow,
    target: str,
    rows: Iterable[FenceRow],
    nodes: Iterable[Node],
    published: Publications,
    resolver: Resolver,
) -> str:
    """Say what keeps `row` from the node `target`; empty when nothing does.

    A move that the resolver would take back at once is no move: it is refused as well.
    """
    field = Field(nodes, published)
    if row.state == "COMPLETED":
        return f"Task [{row.task}] is completed; no node owns it"
    if not row.owner_holds:
        return f"Task [{row.task}] has no owner at present; the coordinator chooses one"
    if target not in field.active:
        guess = did_you_mean(target, field.active)
        return f"There is no ACTIVE node [{target}]{guess}; there are {', '.join(field.active)}"
    if not resolver.accepts(target):
        return f"The resolver gives no tasks to node [{target}]; see [task_handling] resolver_class"
    return _unfit(row, target, field) or _taken_back(row, target, rows, field, resolver)


def _unfit(row: FenceRow, target: str, field: Field) -> str:
    entry = field.published.get(target, {}).get(row.task)
    if entry is None:
        return f"Task [{row.task}] is not deployed on node [{target}]"
    if entry.definition != row.definition:
        return f"Node [{target}] has another definition of task [{row.task}] than the one in force"
    if entry.refused:
        return f"Task [{row.task}] could not be started on node [{target}]; deploy it there again first"
    return ""


def _taken_back(
    row: FenceRow, target: str, rows: Iterable[FenceRow], field: Field, resolver: Resolver
) -> str:
    after = [replace(one, move_to=target) if one.task == row.task else one for one in rows]
    owners = {one.task: one.move_to or one.owner_node or "" for one in after if one.owner_holds}
    candidates: Mapping[str, tuple[str, ...]] = {}
    gathers_at = resolver.gathering_node(view_of(target, field, candidates, owners, load_of(after)))
    if gathers_at in {None, target}:
        return ""
    return f"The resolver keeps all tasks on node [{gathers_at}] and would move task [{row.task}] back there"

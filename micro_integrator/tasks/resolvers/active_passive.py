"""Active-passive: one node runs everything, the others wait for it to go.

The active node is the one that owns most tasks; with equal numbers the one that joined first. It follows from the
table alone, so a new leader chooses the same node as its predecessor.
"""

from collections.abc import Mapping

from micro_integrator.tasks.resolvers.resolver import Resolver, View


def most_active(nodes: tuple[str, ...], view: View) -> str:
    """Return which of `nodes` owns most tasks; else the one with the longest-running lease, else the smallest id."""
    return min(nodes, key=lambda node: (-view.load[node], view.started[node], node))


def choose_active(view: View) -> dict[str, str]:
    """Give each task to the active node, or to the next best one where the active node cannot run it."""
    return {task: most_active(candidates, view) for task, candidates in view.candidates.items()}


class ActivePassive(Resolver):
    """The default. Takes no properties."""

    def gathering_node(self, view: View) -> str | None:
        """Return the active node: a task that could only start elsewhere follows when it can."""
        return most_active(view.nodes, view) if view.nodes else None

    async def choose(self, view: View) -> Mapping[str, str]:
        """See Resolver."""
        return choose_active(view)

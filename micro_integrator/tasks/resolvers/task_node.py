"""Task node: tasks run on the nodes of a list, and nowhere else."""

from collections.abc import Iterable, Mapping
from typing import Self

from micro_integrator.observability import get_logger
from micro_integrator.tasks.resolvers.resolver import Resolver, ResolverError, View
from micro_integrator.tasks.resolvers.round_robin import share_out

log = get_logger("TaskNodeResolver")

TASK_NODES = "task_nodes"


def listed_candidates(view: View, listed: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the candidates of each task that are in the list, in the order of the list."""
    return {
        task: tuple(node for node in listed if node in candidates)
        for task, candidates in view.candidates.items()
    }


class TaskNode(Resolver):
    """Round robin over `nodes`: among equally loaded ones the first in the list."""

    def __init__(self, nodes: tuple[str, ...]) -> None:
        self._nodes = nodes
        self._told: dict[str, tuple[str, ...]] = {}
        """Tasks that wait, each with the nodes there were when we said so."""

    @classmethod
    def from_properties(cls, properties: Mapping[str, str]) -> Self:
        """Read `task_nodes`: ids with commas, blanks around them ignored. Raises ResolverError."""
        text = properties.get(TASK_NODES, "")
        nodes = tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))
        if not nodes:
            raise ResolverError(
                f"[[task_resolver]] {TASK_NODES}", text, "expected node ids with commas between them"
            )
        return cls(nodes)

    def accepts(self, node: str) -> bool:
        """Only listed nodes own tasks."""
        return node in self._nodes

    async def choose(self, view: View) -> Mapping[str, str]:
        """See Resolver."""
        possible = listed_candidates(view, self._nodes)
        self._tell_waiting([task for task, nodes in possible.items() if not nodes], view)
        return share_out({task: nodes for task, nodes in possible.items() if nodes}, view.load)

    def _tell_waiting(self, waiting: list[str], view: View) -> None:
        """Say why each of these tasks waits, again only when the nodes have changed."""
        is_any_here = any(self.accepts(node) for node in view.nodes)
        for task in waiting:
            if self._told.get(task) == view.nodes:
                continue
            if is_any_here:
                log.info("None of the task_nodes in the cluster can run the task {task}", task=task)
            else:
                log.info(
                    "No nodes defined in the task_nodes is found in the cluster. "
                    "Hence can't resolve a location for the task {task}",
                    task=task,
                )
        self._told = dict.fromkeys(waiting, view.nodes)

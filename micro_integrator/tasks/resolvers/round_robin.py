"""Round robin: each task goes to the node that owns fewest, once enough nodes are there."""

from collections.abc import Mapping
from typing import Self

from micro_integrator.observability import get_logger
from micro_integrator.tasks.resolvers.resolver import Resolver, ResolverError, View

log = get_logger("RoundRobinResolver")

SERVER_COUNT = "task_server_count"


def share_out(candidates: Mapping[str, tuple[str, ...]], load: Mapping[str, int]) -> dict[str, str]:
    """Give each task to its least loaded candidate, the first of equal ones; what is given counts for the next."""
    counts, chosen = dict(load), {}
    for task, nodes in candidates.items():
        chosen[task] = node = min(nodes, key=counts.__getitem__)
        counts[node] += 1
    return chosen


class RoundRobin(Resolver):
    """Spreads tasks evenly. `server_count` is the number of nodes below which nothing is assigned.

    The number counts whenever a task needs an owner, so tasks of a lost node wait for its replacement. Tasks that
    have an owner keep running.
    """

    rebalances = True

    def __init__(self, server_count: int = 0) -> None:
        self._server_count = server_count
        self._told: int | None = None
        """The number of nodes that was too small when we last said so."""

    @classmethod
    def from_properties(cls, properties: Mapping[str, str]) -> Self:
        """Read `task_server_count`; without it there is no waiting. Raises ResolverError."""
        text = properties.get(SERVER_COUNT, "0")
        number = text.strip()
        if not (number.isascii() and number.isdigit()):
            raise ResolverError(
                f"[[task_resolver]] {SERVER_COUNT}", text, "expected a whole number of at least 0"
            )
        return cls(int(number))

    async def choose(self, view: View) -> Mapping[str, str]:
        """See Resolver."""
        available = len(view.nodes)
        if available >= self._server_count:
            self._told = None
            return share_out(view.candidates, view.load)
        if view.candidates and available != self._told:
            self._told = available
            log.info(
                "Waiting for {expected} nodes to resolve the tasks. Only {available} node(s) available cluster ...",
                expected=self._server_count,
                available=available,
            )
        return {}

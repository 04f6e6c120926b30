"""Who chooses nodes for tasks: the port between a plan and the rule, or the user's own code, that decides."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from micro_integrator.kit import MicroIntegratorError


class ResolverError(MicroIntegratorError):
    """The setting `key` has a `value` with which no resolver can work; the server does not start."""

    def __init__(self, key: str, value: str, why: str) -> None:
        super().__init__(f"{key} = '{value}': {why}")
        self.key, self.value, self.why = key, value, why


@dataclass(frozen=True, slots=True)
class View:
    """The group as a resolver sees it while it chooses. Nodes are node ids; all mappings are read-only."""

    this_node: str
    """The node on which the resolver is asked."""
    nodes: tuple[str, ...]
    """All ACTIVE nodes, sorted."""
    candidates: Mapping[str, tuple[str, ...]]
    """The tasks that need an owner, sorted by name, each with the nodes that can run it: sorted, at least one."""
    started: Mapping[str, int]
    """When each node joined, in milliseconds by the database's clock."""
    load: Mapping[str, int]
    """How many tasks each node owns; a task that is moving counts where it goes."""
    published: Mapping[str, frozenset[str]]
    """Which tasks each node has deployed."""
    owners: Mapping[str, str]
    """The present owner of each task that has a valid one."""


class Resolver(ABC):
    """Chooses owners. What it remembers serves its log lines only: the choice follows from the view."""

    rebalances = False
    """Whether tasks are evened out over the nodes unless `[task_handling] rebalance` says otherwise."""

    is_unfinished = False
    """Whether the last choice had no time for some tasks: they wait for a pass, and for nothing else."""

    def accepts(self, node: str) -> bool:
        """Whether `node` may own tasks at all."""
        return True

    def gathering_node(self, view: View) -> str | None:
        """Return where tasks that are split over several nodes are moved together; None: they may stay split."""
        return None

    @abstractmethod
    async def choose(self, view: View) -> Mapping[str, str]:
        """Return the node for each task of `view.candidates`; a task that is left out shall wait."""

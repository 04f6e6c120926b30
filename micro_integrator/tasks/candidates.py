"""Which nodes can run a task, by what they publish (coordination 8.5)."""

from collections import Counter
from collections.abc import Iterable

from micro_integrator.cluster import Node, Publications, Published


class Field:
    """Who could run what: the ACTIVE nodes, and what live nodes publish."""

    def __init__(self, nodes: Iterable[Node], published: Publications) -> None:
        self.published = published
        self.active = {
            node.node_id: node for node in sorted(nodes, key=lambda node: node.node_id) if node.is_active
        }

    def tasks(self) -> set[str]:
        """Return all tasks that ACTIVE nodes publish."""
        return {task for node in self.active for task in self.published.get(node, ())}

    def publishers(self, task: str, definition: str) -> dict[str, Published]:
        """Return the ACTIVE nodes that publish `task` with this definition, sorted."""
        found = ((node, self.published.get(node, {}).get(task)) for node in self.active)
        return {node: entry for node, entry in found if entry is not None and entry.definition == definition}

    def can_run(self, node: str, task: str, definition: str) -> bool:
        """Whether `node` is ACTIVE, publishes `task` with this definition and has not refused it."""
        entry = self.published.get(node, {}).get(task) if node in self.active else None
        return entry is not None and entry.definition == definition and not entry.refused

    def candidates(self, task: str, definition: str) -> tuple[str, ...]:
        """Return the nodes that can run `task`, sorted."""
        return tuple(node for node in self.active if self.can_run(node, task, definition))

    def leading_definition(self, task: str) -> str | None:
        """Return the hash that most ACTIVE nodes publish, of equal ones the smallest."""
        entries = (self.published.get(node, {}).get(task) for node in self.active)
        counts = Counter(entry.definition for entry in entries if entry is not None)
        return min(counts, key=lambda definition: (-counts[definition], definition), default=None)

    def is_live(self, task: str, definition: str) -> bool:
        """Whether any live node, ACTIVE or not, publishes `task` with this definition."""
        entries = (tasks.get(task) for tasks in self.published.values())
        return any(entry is not None and entry.definition == definition for entry in entries)

"""Nodes that have deployed different things under one name, said once each (coordination 8.5)."""

from collections import defaultdict

from micro_integrator.cluster import Publications
from micro_integrator.observability import gauge, get_logger

log = get_logger("TaskFence")

DRIFT = gauge("mi_cluster_artifact_drift", "Tasks whose definition or body differs between members")

Seen = tuple[str, str, str]
"""What differs, and the two nodes."""


class Drift:
    """Compares publications; a difference that lasts longer than the window is no rolling deployment."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._since: dict[tuple[str, Seen], float] = {}
        self._told: set[tuple[str, Seen]] = set()

    def note(self, published: Publications, now: float) -> None:
        """Take in what live members publish at `now` (seconds)."""
        present = {(task, seen) for task, seen in _differences(published).items()}
        DRIFT.set(len(present))
        self._since = {one: self._since.get(one, now) for one in present}
        self._told &= present
        for one in sorted(present - self._told):
            if now - self._since[one] >= self._window:
                self._told.add(one)
                task, (what, here, there) = one
                log.warning(
                    "{what} of task [{task}] differ between [{here}] and [{there}]",
                    what=what,
                    task=task,
                    here=here,
                    there=there,
                )


def _differences(published: Publications) -> dict[str, Seen]:
    """Return for each task that differs what does, and the first two nodes that disagree."""
    versions: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for node in sorted(published):
        for task, entry in published[node].items():
            versions[task].append((node, entry.definition, entry.body))
    found: dict[str, Seen] = {}
    for task, entries in versions.items():
        first, definition, body = entries[0]
        for node, other_definition, other_body in entries[1:]:
            if other_definition != definition:
                found[task] = ("Definitions", first, node)
                break
            if other_body != body:
                found.setdefault(task, ("Bodies", first, node))
    return found

"""Which tasks change their node although they have one: as few as possible, each at most once."""

from collections.abc import Callable, Iterator, Mapping

MayGo = Callable[[str, str], bool]
"""Whether a task may go to a node."""


def gather(owners: Mapping[str, str], node: str, may_go: MayGo) -> dict[str, str]:
    """Return the tasks that move to `node`: all that may. `owners` are the tasks that rest, with their nodes."""
    return {task: node for task, owner in owners.items() if owner != node and may_go(task, node)}


def even_out(owners: Mapping[str, str], load: Mapping[str, int], may_go: MayGo) -> dict[str, str]:
    """Return the tasks that move, and where to, until no possible move is left between nodes that differ by > 1.

    `load` counts all tasks of a node, those included that do not rest. Each move makes the sum of the squares of
    the counts smaller, so rounds come to an end, however often the surplus is judged anew.
    """
    surplus = _Surplus(owners, load, may_go)
    moves: dict[str, str] = {}
    while (move := surplus.next_move()) is not None:
        task, node = move
        moves[task] = node
    return moves


class _Surplus:
    """The counts as they will be, and what may still be moved."""

    def __init__(self, owners: Mapping[str, str], load: Mapping[str, int], may_go: MayGo) -> None:
        self._load, self._may_go = dict(load), may_go
        self._moved: set[str] = set()
        self._owned: dict[str, list[str]] = {node: [] for node in load}
        for task, node in owners.items():
            self._owned[node].append(task)
        self._waiting = {(source, to): self._movable(source, to) for source in load for to in load}

    def _movable(self, source: str, target: str) -> Iterator[str]:
        """Yield the tasks that may go from `source` to `target` and have not gone elsewhere meanwhile."""
        for task in self._owned[source]:
            if task not in self._moved and self._may_go(task, target):
                yield task

    def next_move(self) -> tuple[str, str] | None:
        """Take one task from the fullest node that has one for the emptiest node."""
        by_load = sorted(self._load, key=lambda node: (self._load[node], node))
        for target in by_load:
            for source in sorted(by_load, key=lambda node: (-self._load[node], node)):
                if self._load[source] - self._load[target] <= 1:
                    break
                if (task := next(self._waiting[source, target], None)) is not None:
                    self._moved.add(task)
                    self._load[source] -= 1
                    self._load[target] += 1
                    return task, target
        return None

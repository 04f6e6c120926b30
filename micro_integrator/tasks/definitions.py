"""Which definition of a task is the current one, when this node has another (coordination 8.5).

DEF_HASH changes by a redeployment on a node that had the current one, or when no live node publishes it any more.
"""

from enum import Enum, auto

from micro_integrator.cluster import FenceRow


class Standing(Enum):
    """How a definition deployed here relates to the current one."""

    CURRENT = auto()
    SUCCESSOR = auto()
    """This node replaced the current definition, or nobody has it any more: it becomes the current one."""
    DIFFERS = auto()
    """Another node has the current one: this node may not run the task."""


def standing(row: FenceRow, mine: str, replaced: str | None, published_elsewhere: bool) -> Standing:
    """Judge definition hash `mine` against `row`; `replaced` is what this node had published before it."""
    if row.definition == mine:
        return Standing.CURRENT
    if row.definition == replaced or not published_elsewhere:
        return Standing.SUCCESSOR
    return Standing.DIFFERS

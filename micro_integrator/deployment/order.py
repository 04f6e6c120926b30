"""The order of loading, activating and undoing: between kinds of artifact, and between applications."""

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from typing import TypeVar

N = TypeVar("N", bound=Hashable)

LOAD_ORDER = (
    "localEntry",
    "endpoint",
    "sequence",
    "messageStore",
    "template",
    "proxy",
    "task",
    "messageProcessor",
    "api",
    "inboundEndpoint",
)
"""Kinds by their root element: what is referred to comes first. Undone in reverse."""

ACTIVATION_ORDER = ("api", "proxy", "messageProcessor", "task", "inboundEndpoint")
"""Kinds that begin to work: the called before their callers. All others are passive and come before."""


def load_rank(kind: str) -> int:
    """Return the place of `kind` in LOAD_ORDER; unknown kinds come last."""
    return LOAD_ORDER.index(kind) if kind in LOAD_ORDER else len(LOAD_ORDER)


def activation_rank(kind: str) -> tuple[int, int]:
    """Return the place of `kind` in activation: passive kinds in load order, then the active ones."""
    active = ACTIVATION_ORDER.index(kind) + 1 if kind in ACTIVATION_ORDER else 0
    return active, load_rank(kind)


def in_dependency_order(needs: Mapping[str, Set[str]]) -> tuple[list[str], list[str]]:
    """Return the keys of `needs`, each after the keys it needs, ties alphabetical; and those in a cycle.

    Needed names that are no keys do not count. Keys of a cycle, and what hangs on it, follow alphabetically.
    """
    open_needs = {
        key: {name for name in names if name in needs and name != key} for key, names in needs.items()
    }
    ordered: list[str] = []
    while ready := sorted(key for key, names in open_needs.items() if not names):
        for key in ready:
            del open_needs[key]
        ordered += ready
        for names in open_needs.values():
            names.difference_update(ready)
    in_cycle = sorted(open_needs)
    return ordered + in_cycle, in_cycle


def first_keeps(claims: Sequence[tuple[str, Iterable[N]]]) -> dict[str, tuple[N, str]]:
    """Return who comes too late: claimant → (what it wanted, who has it).

    `claims` are (claimant, names) in order of precedence; a claimant gets all of its names or none.
    """
    taken: dict[N, str] = {}
    late: dict[str, tuple[N, str]] = {}
    for claimant, wanted in claims:
        names = list(wanted)
        rival = next(((name, taken[name]) for name in names if taken.get(name, claimant) != claimant), None)
        if rival is not None:
            late[claimant] = rival
        else:
            taken.update(dict.fromkeys(names, claimant))
    return late

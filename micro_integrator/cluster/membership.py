"""Who came and who went: the difference of two looks at the group (coordination 8.3).

No event is stored and none can be lost: whoever missed a look sees the difference at the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from micro_integrator.cluster.lease import LeaseRow
from micro_integrator.cluster.snapshot import MEMBERS, Snapshot


@dataclass(frozen=True, slots=True)
class Added:
    """A boot id is ACTIVE that was not before."""

    row: LeaseRow


@dataclass(frozen=True, slots=True)
class Removed:
    """A boot id that was a member has left, was evicted, or is gone."""

    row: LeaseRow


@dataclass(frozen=True, slots=True)
class CoordinatorChanged:
    """Another node leads; None: nobody does at present."""

    node_id: str | None


Change = Added | Removed | CoordinatorChanged


def changes(before: Snapshot | None, after: Snapshot) -> list[Change]:
    """Return what happened between two looks; departures come first. `before` None: everybody is new."""
    old = {row.boot_id: row for row in _members(before)}
    new = {row.boot_id: row for row in _members(after)}
    found: list[Change] = [Removed(row) for boot_id, row in old.items() if boot_id not in new]
    found += [Added(row) for boot_id, row in new.items() if boot_id not in old]
    former = before.leader.node_id if before and before.leader else None
    leader = after.leader.node_id if after.leader else None
    if leader != former:
        found.append(CoordinatorChanged(leader))
    return found


def is_older(mine: LeaseRow, other: LeaseRow) -> bool:
    """Whether I announce `other`: of two nodes exactly one does, the one that has joined first."""
    return (mine.started_at, mine.node_id) < (other.started_at, other.node_id)


def _members(snapshot: Snapshot | None) -> Iterator[LeaseRow]:
    return (row for row in (snapshot.leases if snapshot else ()) if row.status in MEMBERS)

"""Lease rows and looks at the group, with only what a test cares about."""

from dataclasses import replace

from micro_integrator.cluster.lease import LeaseRow
from micro_integrator.cluster.snapshot import LeaderRow, Snapshot


def lease(node: str, boot: str = "", *, status: str = "ACTIVE", started: int = 0, seq: int = 1) -> LeaseRow:
    """Return the row of a node with a lease of 3 s."""
    return LeaseRow(node, boot or f"boot of {node}", 1, 3000, seq, 0, status, started, None)


def look(*leases: LeaseRow, at: float = 0.0, leader: str | None = None, beat: int = 0) -> Snapshot:
    """Return what a node saw at boot-time second `at`."""
    row = LeaderRow(leader, beat) if leader else None
    return Snapshot(0, 0, 0, at, leases, row)


def renewed(row: LeaseRow) -> LeaseRow:
    """Return the row after one more renewal."""
    return replace(row, renew_seq=row.renew_seq + 1)

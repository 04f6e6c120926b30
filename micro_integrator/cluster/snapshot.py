"""What a node sees of its group with one look: leases, leader, signal, and the database's time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from micro_integrator.cluster.group import Node
from micro_integrator.cluster.lease import LIVE, LeaseRow

MEMBERS = frozenset({"ACTIVE", "DRAINING"})
"""STATUS values of a node that may own tasks."""


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """Who leads, and when it last finished a planning pass (database ms)."""

    node_id: str
    heartbeat: int


@dataclass(frozen=True)
class Snapshot:
    """One answer of the database; `answered_at` is the moment it arrived, on this machine's boot-time clock."""

    now_ms: int
    seq: int
    fence_floor: int
    answered_at: float
    leases: tuple[LeaseRow, ...] = ()
    leader: LeaderRow | None = None
    heartbeats: Mapping[str, int] = field(default_factory=dict)
    """Node id → LAST_HEARTBEAT of CLUSTER_NODE_STATUS_TABLE."""

    @property
    def live(self) -> tuple[LeaseRow, ...]:
        """Members whose lease nobody has ended, sorted by node id."""
        return tuple(row for row in self.leases if row.status in LIVE)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The live members as planning sees them."""
        return tuple(
            Node(row.node_id, row.boot_id, row.started_at, row.status == "ACTIVE") for row in self.live
        )

    def is_older_than(self, former: "Snapshot") -> bool:
        """Whether it shows less than an earlier look did: what only rises has fallen, so the database went back."""
        return self.seq < former.seq or self.fence_floor < former.fence_floor

    def lease_of(self, node_id: str) -> LeaseRow | None:
        """The lease row of `node_id`, whatever its status."""
        return next((row for row in self.leases if row.node_id == node_id), None)

    def active_boot(self, node_id: str) -> str | None:
        """The boot id under which `node_id` may be given tasks; None when it may not."""
        row = self.lease_of(node_id)
        return row.boot_id if row is not None and row.status == "ACTIVE" else None


def snapshot_of(rows: Iterable[Any], answered_at: float) -> Snapshot | None:
    """Return what the rows of SNAPSHOT say; None when the group's signal row is gone."""
    leases, heartbeats, leader, signal = [], {}, None, None
    for kind, node_id, boot_id, status, info, endpoint, *numbers in rows:
        if kind == "lease":
            epoch, lease_ms, renew_seq, renewed_at, started_at, deploy_seq = map(int, numbers)
            row = LeaseRow(
                node_id,
                boot_id,
                epoch,
                lease_ms,
                renew_seq,
                renewed_at,
                status,
                started_at,
                info,
                deploy_seq,
                endpoint or None,
            )
            leases.append(row)
        elif kind == "member":
            heartbeats[node_id] = int(numbers[0])
        elif kind == "leader":
            leader = LeaderRow(node_id, int(numbers[0]))
        else:
            signal = [int(number) for number in numbers[:3]]
    if signal is None:
        return None
    seq, floor, now_ms = signal
    ordered = tuple(sorted(leases, key=lambda row: row.node_id))
    return Snapshot(now_ms, seq, floor, answered_at, ordered, leader, heartbeats)

"""The members of the group as an operator sees them: one line per lease row, whoever holds it.

Read past everything this node remembers, so that a node that has lost its own lease still shows the truth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from micro_integrator.cluster import group_statements as sql
from micro_integrator.cluster.fences import CoordinationError
from micro_integrator.cluster.identity import Identity, told
from micro_integrator.cluster.lease import LeaseRow
from micro_integrator.cluster.snapshot import Snapshot, snapshot_of
from micro_integrator.cluster.wire import WireState
from micro_integrator.database import DatabaseError, DataSource
from micro_integrator.kit import boottime

_WORDS = {(True, True): "both", (True, False): "outgoing", (False, True): "incoming", (False, False): "none"}


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One line of `cluster members`; instants are milliseconds since 1970 by the database's clock."""

    node: str
    status: str
    is_coordinator: bool
    lease_age_ms: int
    """Since the last renewal."""
    clock_offset_ms: int | None
    """By how much its wall clock was ahead of the database's at its last renewal."""
    boot_id: str
    heartbeat: str | None
    """Heart-beat in ms x retries, as this member has set them; None when its row does not say."""
    tasks: int
    """How many it owns."""
    release: str | None
    host: str | None
    started_ms: int
    wire: str | None
    """How this node is connected with it: both, outgoing, incoming or none; None for this node itself, or no wire."""
    evidence: str | None
    """What the wire knows of its death: CHECKING, UNKNOWN, REFUSED or REPLACED; None while nothing is suspected."""


class Roster:
    """Reads the group for people."""

    def __init__(self, identity: Identity, source: DataSource) -> None:
        self._group, self._source = identity.group_id, source

    async def lines(self, wires: Mapping[str, WireState]) -> Sequence[MemberLine]:
        """Return all lease rows of the group, sorted by node id; `wires` says how live ones are connected with me.

        Raises CoordinationError without the database.
        """
        try:
            snapshot = snapshot_of(await self._source.rows(sql.SNAPSHOT, group=self._group), boottime())
            counted = await self._source.rows(sql.COUNT_BY_OWNER, group=self._group)
        except DatabaseError as error:
            raise CoordinationError(f"The coordination database does not answer: {error}") from error
        if snapshot is None:
            return ()
        owned = {boot_id: int(count) for boot_id, count in counted}
        return [
            _line(row, snapshot, owned.get(row.boot_id, 0), wires.get(row.node_id)) for row in snapshot.leases
        ]


def _line(row: LeaseRow, snapshot: Snapshot, tasks: int, wire: WireState | None) -> MemberLine:
    leads = snapshot.leader is not None and snapshot.leader.node_id == row.node_id
    about = told(row.info)
    wire = wire if wire is not None and wire.boot_id == row.boot_id else None
    is_known = "hb_ms" in about and "retries" in about
    return MemberLine(
        node=row.node_id,
        status=row.status,
        is_coordinator=leads and row.status == "ACTIVE",
        lease_age_ms=max(0, snapshot.now_ms - row.renewed_at),
        clock_offset_ms=about.get("clock_offset_ms"),
        boot_id=row.boot_id,
        heartbeat=f"{about['hb_ms']} x {about['retries']}" if is_known else None,
        tasks=tasks,
        release=_text(about, "release"),
        host=_text(about, "host"),
        started_ms=row.started_at,
        wire=_WORDS[wire.is_outgoing, wire.is_incoming] if wire else None,
        evidence=(wire.evidence or None) if wire else None,
    )


def _text(about: Mapping[str, Any], name: str) -> str | None:
    value = about.get(name)
    return None if value is None else str(value)

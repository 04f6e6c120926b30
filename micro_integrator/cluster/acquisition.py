"""Winning the lease row of my own node id (L1): insert it, or take it over when its holder is provably gone."""

from collections.abc import Mapping
from datetime import UTC, datetime

from micro_integrator.cluster import group_statements as sql
from micro_integrator.cluster.identity import Identity, ProcessMark
from micro_integrator.cluster.lease import LIVE, LeaseRow, Sighting, Takeable, Tenure, may_take
from micro_integrator.cluster.own_lease import OwnLease
from micro_integrator.database import Connection, LostRace
from micro_integrator.kit import MicroIntegratorError, boottime
from micro_integrator.observability import get_logger

log = get_logger("LeaseManager")


class Held(MicroIntegratorError):
    """The node id belongs to a process that may be alive; `expires_in` seconds until its lease can be taken."""

    def __init__(self, text: str, expires_in: float) -> None:
        super().__init__(text)
        self.expires_in = expires_in


class Ended(MicroIntegratorError):
    """The boot id that asks was evicted before it had joined; boot ids are never reused, so a fresh one must ask."""


class Acquisition:
    """The search for a lease; remembers across attempts how long the present holder has been silent."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._row = OwnLease(identity)
        self._sighting = Sighting()
        self.former_boots: set[str] = set()
        self.predecessors: set[str] = set()
        """Boot ids found under my node id: what they have claimed was claimed by "me"."""

    async def acquire(self, connection: Connection, boot_id: str) -> Tenure:
        """Make the row mine under `boot_id`.

        Raises Held while another process has it, Ended when `boot_id` has had it and lost it, DatabaseError otherwise.
        """
        row = await self._row.read(connection)
        if row is None:
            return await self._insert(connection, boot_id)
        if row.boot_id == boot_id and row.status not in LIVE:
            raise Ended(f"Node [{row.node_id}] was evicted before it had joined")
        if row.boot_id == boot_id:  # an earlier attempt of unknown outcome did succeed, perhaps renewals too
            return self._tenure(boot_id, row.epoch, sent=row.renew_seq)
        self.predecessors.add(row.boot_id)
        self._sighting.note(row, boottime())
        verdict = may_take(row, self._sighting, boottime(), frozenset(self.former_boots), self._is_dead)
        if verdict is Takeable.HELD:
            raise self._held(row)
        return await self._take(connection, row, boot_id)

    async def _insert(self, connection: Connection, boot_id: str) -> Tenure:
        try:
            await connection.changed(sql.INSERT_LEASE, **self._values(boot_id))
        except LostRace as race:
            raise Held(f"Node id [{self._identity.node_id}] was just taken by another process", 0.1) from race
        return self._tenure(boot_id, 1)

    async def _take(self, connection: Connection, row: LeaseRow, boot_id: str) -> Tenure:
        seen: Mapping[str, object] = {
            "seen_boot": row.boot_id,
            "seen_epoch": row.epoch,
            "seen_seq": row.renew_seq,
            "seen_status": row.status,
        }
        if await connection.changed(sql.TAKE_LEASE, **self._values(boot_id), **seen) == 1:
            return self._tenure(boot_id, row.epoch + 1)
        raise Held(f"Node id [{self._identity.node_id}] was just taken by another process", 0.1)

    def _values(self, boot_id: str) -> dict[str, object]:
        return {
            "group": self._identity.group_id,
            "node": self._identity.node_id,
            "boot": boot_id,
            "lease_ms": round(self._identity.window * 1000),
            "info": self._identity.info(),
        }

    def _tenure(self, boot_id: str, epoch: int, sent: int = 0) -> Tenure:
        return Tenure(boot_id, epoch, self._identity.window, sent=sent)

    def _is_dead(self, row: LeaseRow) -> bool:
        holder = ProcessMark.from_info(row.info)
        return holder is not None and self._identity.mark.proves_death_of(holder)

    def _held(self, row: LeaseRow) -> Held:
        holder = ProcessMark.from_info(row.info)
        since = datetime.fromtimestamp(row.started_at / 1000, UTC)
        host = f"{holder.host}, pid {holder.pid}" if holder else "unknown"
        text = (
            f"Node id [{row.node_id}] is held by a live process (boot id {row.boot_id}, host {host}, "
            f"since {since:%Y-%m-%d %H:%M:%S} UTC); this node runs no coordinated task until that lease ends"
        )
        return Held(text, self._sighting.expires_at(row) - boottime())

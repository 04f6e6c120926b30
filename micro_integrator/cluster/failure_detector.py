"""From a suspicion to an eviction: what a member does when the wire, or this host, shows that another one is dead.

Evidence spares the waiting for a lease to run out, and nothing else: the eviction is the same compare-and-set on the
row as it was read a moment ago (coordination 8.8). The leader acts at once, the others a little later if it has not.
"""

from collections.abc import Awaitable, Callable

from micro_integrator.cluster.identity import Identity, ProcessMark
from micro_integrator.cluster.lease import LIVE, LeaseRow
from micro_integrator.cluster.neighbours import Neighbours
from micro_integrator.cluster.snapshot import Snapshot
from micro_integrator.cluster.watch import Watch
from micro_integrator.cluster.wire import WireEvents
from micro_integrator.database import DatabaseError
from micro_integrator.kit import Component, SystemClock, boottime
from micro_integrator.observability import get_logger

log = get_logger("FailureDetector")

OTHERS_WAIT = 0.2
"""Seconds that the leader is ahead of the others."""
PROOF_PAUSES = (0.0, 0.05, 0.1, 0.2, 0.4)
"""Seconds between looks at this host's processes: one that ends has closed its sockets first."""


class FailureDetector(Component, WireEvents):
    """Acts on what the wire says. `evicted` is called after an eviction; it raises the signal."""

    def __init__(
        self,
        identity: Identity,
        watch: Watch,
        neighbours: Neighbours,
        evicted: Callable[[], Awaitable[None]],
        *,
        acts: bool,
    ) -> None:
        super().__init__("failure detector")
        self._identity, self._watch, self._neighbours = identity, watch, neighbours
        self._evicted, self._acts = evicted, acts
        self._clock = SystemClock()
        self._met: frozenset[str] = frozenset()

    def meet(self, snapshot: Snapshot) -> None:
        """Look for each member once whether its process is here and gone: then it will never come to the wire."""
        for row in snapshot.live:
            if row.boot_id not in self._met and self._is_gone(row):
                self.spawn(
                    self._take_over(row.node_id, row.boot_id, "PROCESS_GONE"), f"death of {row.node_id}"
                )
        self._met = frozenset(row.boot_id for row in snapshot.live)

    def looked_for(self, seq: int) -> None:
        """See WireEvents."""
        self._watch.look_soon()

    def completeness(self, is_complete: bool) -> None:
        """See WireEvents; what was missed while somebody could not be told is looked for once more."""
        self._watch.is_polling = not is_complete
        self._watch.look_soon()

    def pinged(self, node_id: str, boot_id: str, renew_seq: int, at: float) -> None:
        """See WireEvents."""
        self._watch.judge.hear(node_id, boot_id, renew_seq, at)

    def suspected(self, node_id: str, boot_id: str) -> None:
        """See WireEvents."""
        self._watch.look_soon()
        log.info("Connection to member [{node}] ended; checking", node=node_id)
        self.spawn(self._look_for_proof(node_id, boot_id), f"proof of {node_id}")

    def alive(self, node_id: str, boot_id: str) -> None:
        """See WireEvents."""
        log.info("Member [{node}] is alive", node=node_id)

    def no_evidence(self, node_id: str, boot_id: str, reason: str) -> None:
        """See WireEvents."""
        log.info(
            "Member [{node}] gives no evidence ({reason}); waiting for its lease", node=node_id, reason=reason
        )

    def evidence(self, node_id: str, boot_id: str, reason: str) -> None:
        """See WireEvents."""
        self.spawn(self._take_over(node_id, boot_id, reason), f"death of {node_id}")

    async def _look_for_proof(self, node_id: str, boot_id: str) -> None:
        """A process of this host that is gone needs no evidence."""
        for pause in PROOF_PAUSES:
            await self._clock.sleep(pause)
            row = _live_row(self._watch.snapshot, node_id, boot_id)
            if row is None:
                return
            if self._is_gone(row):
                await self._take_over(node_id, boot_id, "PROCESS_GONE")
                return

    def _is_gone(self, row: LeaseRow) -> bool:
        """Local proof: the process was one of this host, and is there no more."""
        holder = ProcessMark.from_info(row.info)
        return holder is not None and self._identity.mark.proves_death_of(holder)

    async def _take_over(self, node_id: str, boot_id: str, reason: str) -> None:
        if not self._acts:
            log.info(
                "Member [{node}] seems to be dead ({reason}); fast_takeover is off, waiting for its lease",
                node=node_id,
                reason=reason,
            )
            return
        try:
            snapshot = await self._watch.look()
            seen = row = _live_row(snapshot, node_id, boot_id)
            if not self._is_first(snapshot, node_id):
                await self._clock.sleep(OTHERS_WAIT)
                snapshot = await self._watch.look()
                row = _live_row(snapshot, node_id, boot_id)
            if row is None or seen is None or snapshot.active_boot(self._identity.node_id) is None:
                return
            if row.tuple_seen != seen.tuple_seen:  # the dead do not renew: its lease shall decide
                return
            silence = self._watch.judge.silence(row, boottime())
            if await self._neighbours.evict(row, silence, reason):
                await self._evicted()
        except DatabaseError as error:
            log.debug("Member [{node}] could not be evicted: {error}", node=node_id, error=error)
        self._watch.look_soon()

    def _is_first(self, snapshot: Snapshot, suspect: str) -> bool:
        """Whether it is for me to act at once: I lead, or the leader is the suspect and I am the first in line."""
        me = self._identity.node_id
        if snapshot.leader is not None and snapshot.leader.node_id != suspect:
            return snapshot.leader.node_id == me
        active = [node.node_id for node in snapshot.nodes if node.is_active and node.node_id != suspect]
        return bool(active) and min(active) == me


def _live_row(snapshot: Snapshot | None, node_id: str, boot_id: str) -> LeaseRow | None:
    row = snapshot.lease_of(node_id) if snapshot is not None else None
    return row if row is not None and row.boot_id == boot_id and row.status in LIVE else None

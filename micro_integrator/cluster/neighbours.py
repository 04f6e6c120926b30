"""The other members: announced when they come and go, evicted when their lease is over, tidied away after a day."""

import contextlib

from micro_integrator.cluster import group_statements as sql
from micro_integrator.cluster.identity import Identity, told
from micro_integrator.cluster.lease import LeaseRow
from micro_integrator.cluster.membership import Added, CoordinatorChanged, Removed, changes, is_older
from micro_integrator.cluster.snapshot import MEMBERS, Snapshot
from micro_integrator.database import DatabaseError, DataSource, LostRace
from micro_integrator.observability import counter, gauge, get_logger, histogram

log = get_logger("ClusterCoordinator")
detector_log = get_logger("FailureDetector")

MEMBER_COUNT = gauge("mi_cluster_members", "Members of the group that may own tasks")
COORDINATOR_CHANGES = counter("mi_cluster_coordinator_changes_total", "Times that another node began to lead")
FAILOVERS = counter("mi_cluster_failovers_total", "Members that this node has evicted")
FAILOVER_SECONDS = histogram(
    "mi_cluster_failover_seconds",
    "Seconds from the last renewal seen of a member to its eviction by this node",
    buckets=(1, 2, 3, 4, 5, 7.5, 10, 15, 17, 20, 30, 60, 120),
)

DAY_MS = 86_400_000
MOST_NAMES = 10_000
"""Boot ids whose node is remembered; nodes that come and go for months are not kept for ever."""


class Neighbours:
    """What this node says and does about the others; it begins to speak when it is a member itself."""

    def __init__(self, identity: Identity, source: DataSource) -> None:
        self.names: dict[str, str] = {}
        """Boot id → node id of the members seen, the present ones and the latest of the former ones."""
        self._identity, self._source = identity, source
        self._known: Snapshot | None = None
        self._compared: set[str] = set()
        self._beat_at = float("-inf")

    def start_anew(self) -> None:
        """This node has a new boot id: everybody is new to it."""
        self._known = None

    def announce(self, snapshot: Snapshot) -> None:
        """Log what has changed since the last call, each change once."""
        mine = snapshot.lease_of(self._identity.node_id)
        if mine is None:
            return
        before, self._known = self._known, snapshot
        self._remember(snapshot)
        MEMBER_COUNT.set(sum(row.status in MEMBERS for row in snapshot.leases))
        for change in changes(before, snapshot):
            match change:
                case Added(row) if row.boot_id != mine.boot_id:
                    self._compare(row)
                    if is_older(mine, row):
                        log.info("Member added [{node}]", node=row.node_id)
                    else:  # it was here before this node, though it may have become ACTIVE later
                        log.info("Connected with node [{node}]", node=row.node_id)
                case Removed(row) if row.boot_id != mine.boot_id:
                    log.info("Member removed [{node}]", node=row.node_id)
                case CoordinatorChanged(str(leader)):
                    COORDINATOR_CHANGES.inc()
                    if leader != self._identity.node_id:
                        log.info("Coordinator changed to [{node}]", node=leader)
                case _:  # this node itself, or nobody leads for a moment
                    pass

    def _remember(self, snapshot: Snapshot) -> None:
        for row in snapshot.leases:
            self.names.pop(row.boot_id, None)  # and to the end: whoever is gone longest stands first
            self.names[row.boot_id] = row.node_id
        while len(self.names) > MOST_NAMES:
            del self.names[next(iter(self.names))]
        self._compared &= {row.node_id for row in snapshot.leases}

    async def beat(self, now: float) -> None:
        """Let WSO2's table show that this node lives: at every second heart-beat. Raises DatabaseError."""
        if now < self._beat_at:
            return
        self._beat_at = now + 1.6 * self._identity.heart_beat
        mine = {"group": self._identity.group_id, "node": self._identity.node_id}
        if await self._source.changed(sql.BEAT_MEMBER, **mine) == 0:
            with contextlib.suppress(LostRace):
                await self._source.changed(sql.INSERT_MEMBER, **mine)

    def _compare(self, other: LeaseRow) -> None:
        """Members may differ in heart-beat and time zone; whoever reads the logs should know."""
        if other.node_id in self._compared:
            return
        self._compared.add(other.node_id)
        with contextlib.suppress(KeyError):
            theirs, mine = told(other.info), told(self._identity.info())
            if (theirs["hb_ms"], theirs["retries"]) != (mine["hb_ms"], mine["retries"]):
                log.warning(
                    "Heart-beats differ: member [{node}] has {their_ms} ms x {their_retries}, this node {my_ms} ms x "
                    "{my_retries}; each is judged by its own",
                    node=other.node_id,
                    their_ms=theirs["hb_ms"],
                    their_retries=theirs["retries"],
                    my_ms=mine["hb_ms"],
                    my_retries=mine["retries"],
                )
            if theirs["zone"] != mine["zone"]:
                log.warning(
                    "Time zones differ: member [{node}] has {theirs}, this node {mine}; cron tasks without a zone of "
                    "their own have different definitions there: set [task_handling] timezone",
                    node=other.node_id,
                    theirs=theirs["zone"],
                    mine=mine["zone"],
                )

    async def evict(self, row: LeaseRow, silence: float, reason: str = "LEASE_EXPIRED") -> bool:
        """End a lease that has been silent for `silence` seconds, unless it was renewed meanwhile (L3 b).

        `reason` is what shows the death. Raises DatabaseError.
        """
        group = self._identity.group_id
        met = await self._source.changed(
            sql.EVICT_LEASE,
            group=group,
            node=row.node_id,
            seen_boot=row.boot_id,
            seen_epoch=row.epoch,
            seen_seq=row.renew_seq,
            seen_status=row.status,
        )
        if met != 1:
            return False
        FAILOVERS.inc()
        FAILOVER_SECONDS.observe(silence)
        count = "an unknown number of"  # what has been done is told, whatever happens to the question
        with contextlib.suppress(DatabaseError):
            count = str((await self._source.rows(sql.COUNT_OWNED, group=group, boot=row.boot_id))[0][0])
        detector_log.info(
            "Member [{node}] is dead ({reason}); taking over {count} task(s)",
            node=row.node_id,
            reason=reason,
            count=count,
        )
        await self.forget(row.node_id)
        return True

    async def forget(self, node_id: str) -> None:
        """Take a member out of WSO2's table. Raises DatabaseError."""
        await self._source.changed(sql.DELETE_MEMBER, group=self._identity.group_id, node=node_id)

    async def purge(self, snapshot: Snapshot) -> None:
        """Delete leases and publications that ended more than a day ago. Raises DatabaseError."""
        for row in snapshot.leases:
            if row.status in {"LEFT", "EVICTED"} and snapshot.now_ms - row.renewed_at > DAY_MS:
                ended = {"group": self._identity.group_id, "node": row.node_id, "boot": row.boot_id}
                await self._source.changed(sql.PURGE_DEPLOYMENT, **ended)
                await self._source.changed(sql.PURGE_LEASE, **ended)

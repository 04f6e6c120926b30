"""This node as a member of its group: lease, cluster time, publication, and the heart-beat of the main loop.

The lease thread wins and renews; `Member` brings its news into the main loop, reads one snapshot per heart-beat,
and tells a `Listener` (the tasks) when it may own something, when it must stop, and when something changed.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

from micro_integrator.cluster import statements as sql
from micro_integrator.cluster.cluster_time import ClusterTime
from micro_integrator.cluster.identity import Identity
from micro_integrator.cluster.lease_thread import LeaseEvents, LeaseThread
from micro_integrator.cluster.ownership import DatabaseFences
from micro_integrator.cluster.schema import check_promises, check_schema
from micro_integrator.database import Connection, DatabaseError, DataSource, LostRace
from micro_integrator.kit import Component, SystemClock, boottime, jittered
from micro_integrator.observability import gauge, get_logger

log = get_logger("ClusterCoordinator")
ds_log = get_logger("TasksDSComponent")

LEASE_AGE = gauge("mi_cluster_lease_age_seconds", "Seconds since the last renewal of this node's lease")
RENEWAL_SECONDS = gauge("mi_cluster_heartbeat_duration_seconds", "Round trip of the last lease renewal")

FIRST_ATTEMPT_LIMIT = 3.0
"""Seconds for which the start waits for the first answer about the join; then it goes on without."""


DEPLOYMENT_LIMIT = 300.0
"""Seconds after which a node becomes ACTIVE with whatever is deployed."""


class Listener(Protocol):
    """Who owns tasks; all calls come in the main loop."""

    def joined(self) -> None:
        """A new boot id is ACTIVE: tasks may be owned."""
        ...

    def fenced(self) -> None:
        """Stop: no claim, no body, under any boot id, until told otherwise."""
        ...

    async def renewed(self) -> None:
        """The lease is back before anybody took over: read my rows; when this returns, acting is allowed."""
        ...

    def changed(self) -> None:
        """Somebody changed something in the group, or it is time to look anyway."""
        ...


class Member(Component, LeaseEvents):
    """A node with a coordination database. `boot_id` is empty until a lease is won and ACTIVE."""

    is_clustered = True

    def __init__(self, identity: Identity, source: DataSource, *, create_tables: bool) -> None:
        super().__init__("cluster member")
        self.node_id = identity.node_id
        self.boot_id = ""
        self.window = identity.window
        self.fences = DatabaseFences(identity, source, identity.window / 4)
        self._identity, self._source, self._create_tables = identity, source, create_tables
        self._time = ClusterTime()
        self._clock = SystemClock()
        self._lease = LeaseThread(identity, source, self, self._prepare)
        self._listener: Listener | None = None
        self._definitions: dict[str, dict[str, object]] = {}
        self._deploy_seq = 0
        self._deployed = asyncio.Event()
        self._seen_seq = -1
        self._active_boot = ""

    # life

    async def start(self) -> None:
        """Join in the background; returns after the first answer about the join, or after FIRST_ATTEMPT_LIMIT."""
        ds_log.info("Initializing task coordination.")
        await self._source.open()
        LEASE_AGE.set_function(lambda: self.lease_age)
        self._lease.start()
        self.spawn(self._tick(), "tick")
        self.spawn(self._heart_beat(), "heart-beat")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_ATTEMPT_LIMIT):
                await self._lease.first_attempt.wait()

    async def stop(self) -> None:
        """End the loops, the lease thread and the connections; a lease that was not left expires by itself."""
        await super().stop()
        await self._lease.stop()
        await self.fences.close()
        await self._source.close()

    def listen(self, listener: Listener) -> None:
        """Name who owns tasks."""
        self._listener = listener

    def start_draining(self) -> None:
        """STATUS := DRAINING: this node takes nothing new."""
        self._lease.set_status("DRAINING")

    async def leave(self, limit: float) -> bool:
        """STATUS := LEFT, the signal raised; False if the database did not answer within `limit` seconds."""
        if not self.boot_id:
            return True
        left = await self._lease.leave(limit)
        if left:
            with contextlib.suppress(DatabaseError):
                await self.raise_signal()
        return left

    # what tasks ask

    @property
    def is_joined(self) -> bool:
        """Whether a lease is held and not fenced."""
        return bool(self.boot_id) and self.may_act(self.boot_id)

    @property
    def lease_age(self) -> float:
        """Seconds since the last renewal; infinite before the first."""
        return boottime() - self._lease.renewed_at

    def now_ms(self) -> int:
        """Cluster time in milliseconds."""
        return self._time.at(boottime())

    def may_act(self, boot_id: str) -> bool:
        """L4, inline: whether what began under `boot_id` may go on at this instant."""
        return self._lease.may_act(boot_id)

    async def publish(self, definitions: dict[str, dict[str, object]]) -> None:
        """Tell the group which tasks this node has; before the join it is only remembered."""
        self._definitions = definitions
        if self.boot_id:
            await self._publish()

    def deployed(self) -> None:
        """The first deployment pass is finished: become ACTIVE."""
        self._deployed.set()

    async def raise_signal(self) -> None:
        """Wake the others: SEQ + 1."""
        await self._source.changed(sql.RAISE_SIGNAL, group=self._identity.group_id)

    # news of the lease thread

    def joined(self, boot_id: str) -> None:
        """See LeaseEvents."""
        self.spawn(self._become_active(boot_id), "join")

    def activated(self, boot_id: str) -> None:
        """See LeaseEvents; a new boot id owns nothing yet, so there is nothing to read before it may act."""
        self._active_boot = boot_id
        self._lease.unfence(boot_id)
        if self._listener is not None:
            self._listener.joined()

    def fenced(self, boot_id: str) -> None:
        """See LeaseEvents."""
        log.info("Lost connection to the cluster.")
        if self._listener is not None:
            self._listener.fenced()

    def renewed(self, boot_id: str) -> None:
        """See LeaseEvents; before a boot id was ACTIVE there is nothing to read."""
        if self._active_boot == boot_id:
            self.spawn(self._come_back(boot_id), "re-join")

    async def _become_active(self, boot_id: str) -> None:
        self.fences.adopt_boot(boot_id)
        if not await self._until_done("first snapshot", self._snapshot, boot_id):
            return
        await self._until_deployed()
        self.boot_id = boot_id
        if await self._until_done("publication", self._publish, boot_id):
            self._lease.set_status("ACTIVE")

    async def _until_deployed(self) -> None:
        try:
            async with asyncio.timeout(DEPLOYMENT_LIMIT):
                await self._deployed.wait()
        except TimeoutError:
            log.warning(
                "The first deployment takes long; node [{node}] is active without it", node=self.node_id
            )

    async def _come_back(self, boot_id: str) -> None:
        if self._listener is not None:
            try:
                await self._listener.renewed()
            except DatabaseError as error:
                log.debug("Fence rows could not be read after the renewal: {error}", error=error)
                return  # the next renewal calls again
        if self._lease.is_fenced:
            self._lease.unfence(boot_id)
            log.info("Re-joined the cluster successfully.")
        if self._listener is not None:
            self._listener.changed()

    async def _until_done(self, what: str, work: Callable[[], Awaitable[object]], boot_id: str) -> bool:
        """Repeat `work` while the database fails it and the lease of `boot_id` stands."""
        while self._lease.grant.boot_id == boot_id:
            try:
                await work()
            except DatabaseError as error:
                log.debug("{what} failed: {error}", what=what, error=error)
                await self._clock.sleep(jittered(1.0))
            else:
                return True
        return False

    # loops

    async def _tick(self) -> None:
        while True:
            self._lease.tick()
            RENEWAL_SECONDS.set(self._lease.last_latency)
            await self._clock.sleep(0.5)

    async def _heart_beat(self) -> None:
        looked = boottime()
        while True:
            await self._clock.sleep(jittered(self._identity.heart_beat))
            if not self._time.is_known:
                continue
            try:
                moved = await self._snapshot()
            except DatabaseError as error:
                log.debug("No snapshot: {error}", error=error)  # the lease thread raises the alarm, not we
                continue
            if self._listener is not None and (moved or boottime() - looked > self.window):
                looked = boottime()
                self._listener.changed()

    async def _snapshot(self) -> bool:
        """Read database time and signal; True when the signal moved."""
        sent_at = boottime()
        rows = await self._source.rows(sql.SNAPSHOT, group=self._identity.group_id)
        now_ms, seq = rows[0]
        self._time.sample(int(now_ms), sent_at, boottime())
        moved = bool(seq != self._seen_seq)
        self._seen_seq = seq
        return moved

    async def _publish(self) -> None:
        self._deploy_seq += 1
        values: dict[str, object] = {
            "group": self._identity.group_id,
            "node": self._identity.node_id,
            "boot": self.boot_id,
            "deploy_seq": self._deploy_seq,
            "tasks": json.dumps(self._definitions, separators=(",", ":")),
        }
        if await self._source.changed(sql.UPDATE_DEPLOYMENT, **values) == 0:
            with contextlib.suppress(LostRace):
                await self._source.changed(sql.INSERT_DEPLOYMENT, **values)
        self._lease.set_deploy_seq(self._deploy_seq)

    async def _prepare(self, connection: Connection) -> None:
        """In the lease thread, before each join: the tables, what the database promises, the group's signal row."""
        await check_schema(connection, create_tables=self._create_tables)
        await check_promises(connection)
        rows = await connection.rows(sql.SNAPSHOT, group=self._identity.group_id)
        if not rows:
            with contextlib.suppress(LostRace):
                await connection.changed(
                    sql.INSERT_SIGNAL, group=self._identity.group_id, wire_key=secrets.token_hex(32)
                )

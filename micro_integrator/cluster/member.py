"""This node as a member of its group: lease, cluster time, publication, leadership.

The lease thread wins and renews; the watch looks at the group. `Member` brings their news together in the main loop
and tells `MemberEvents` (the tasks) when it may own something, when it must stop, and when something changed.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from micro_integrator.cluster import group_statements as sql
from micro_integrator.cluster.cluster_time import ClusterTime
from micro_integrator.cluster.failure_detector import FailureDetector
from micro_integrator.cluster.group import Node, Publications, Published
from micro_integrator.cluster.identity import Identity, told
from micro_integrator.cluster.leadership import Leadership
from micro_integrator.cluster.lease_events import LeaseEvents
from micro_integrator.cluster.lease_thread import LeaseThread
from micro_integrator.cluster.member_events import MemberEvents
from micro_integrator.cluster.neighbours import Neighbours
from micro_integrator.cluster.ownership import DatabaseFences
from micro_integrator.cluster.publications import PublishedTasks
from micro_integrator.cluster.refusal import Refusal
from micro_integrator.cluster.revoked_tokens import RevokedTokens
from micro_integrator.cluster.roster import MemberLine, Roster
from micro_integrator.cluster.schema import check_promises, check_schema
from micro_integrator.cluster.snapshot import Snapshot
from micro_integrator.cluster.watch import Watch
from micro_integrator.cluster.wire import NONE, Neighbour, Wire, WireSettings
from micro_integrator.database import Connection, DatabaseError, DataSource, LostRace
from micro_integrator.kit import Component, SystemClock, boottime, jittered, wall_ms
from micro_integrator.observability import gauge, get_logger

log = get_logger("ClusterCoordinator")
ds_log = get_logger("TasksDSComponent")

LEASE_AGE = gauge("mi_cluster_lease_age_seconds", "Seconds since the last renewal of this node's lease")
RENEWAL_SECONDS = gauge("mi_cluster_heartbeat_duration_seconds", "Round trip of the last lease renewal")
IS_COORDINATOR = gauge("mi_cluster_is_coordinator", "Whether this node plans for the group")
CLOCK_SKEW = gauge(
    "mi_cluster_db_clock_skew_seconds", "Clock of the coordination database minus this host's wall clock"
)

FIRST_ATTEMPT_LIMIT = 3.0
"""Seconds for which the start waits for the first answer about the join; then it goes on without."""
DEPLOYMENT_LIMIT = 300.0
"""Seconds after which a node becomes ACTIVE with whatever is deployed."""


class Member(Component, LeaseEvents):
    """A node with a coordination database. `boot_id` is empty until a lease is won and ACTIVE."""

    is_clustered = True

    def __init__(
        self,
        identity: Identity,
        source: DataSource,
        *,
        create_tables: bool,
        wire: WireSettings | None = None,
        fast_takeover: bool = True,
    ) -> None:
        """`wire` None: no wire, everything by leases and polling."""
        super().__init__("cluster member")
        self.node_id = identity.node_id
        self.boot_id = ""
        self.window, self.heart_beat = identity.window, identity.heart_beat
        self.fences = DatabaseFences(identity, source, identity.window / 4)
        self.revoked_tokens = RevokedTokens(identity.group_id, source)
        self._identity, self._source, self._create_tables = identity, source, create_tables
        self._time = ClusterTime()
        self._clock = SystemClock()
        wire = wire or WireSettings(
            identity.group_id, identity.node_id, identity.window, port=0, endpoint=NONE, is_sqlite=False
        )
        self._watch = Watch(identity, source, self._time, self._looked)
        self._neighbours = Neighbours(identity, source)
        self._detector = FailureDetector(
            identity, self._watch, self._neighbours, self.raise_signal, acts=fast_takeover
        )
        self._lease = LeaseThread(identity, source, self, self._prepare, partial(Wire, wire, self._detector))
        self._refusal = Refusal(identity.group_id, identity.window)
        self._leadership = Leadership(identity, source)
        self._published = PublishedTasks(identity, source)
        self._roster = Roster(identity, source)
        self._events = MemberEvents()
        self._deployed = asyncio.Event()
        self._active_boot = ""
        self._is_watching = self._is_draining = self._is_connected = False

    # life

    async def start(self) -> None:
        """Join in the background; returns after the first answer about the join, or after FIRST_ATTEMPT_LIMIT."""
        ds_log.info("Initializing task coordination.")
        await self._source.open()
        LEASE_AGE.set_function(lambda: self.lease_age)
        IS_COORDINATOR.set_function(lambda: self.is_leader)
        CLOCK_SKEW.set_function(self._clock_skew)
        self._lease.start()
        self.spawn(self._tick(), "tick")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_ATTEMPT_LIMIT):
                await self._lease.first_attempt.wait()

    async def stop(self) -> None:
        """End the loops, the lease thread and the connections; a lease that was not left expires by itself."""
        await self._watch.stop()
        await self._detector.stop()
        await super().stop()
        await self._lease.stop()
        await self.fences.close()
        await self._source.close()

    def listen(self, events: MemberEvents) -> None:
        """Name who owns tasks."""
        self._events = events

    def start_draining(self) -> None:
        """STATUS := DRAINING: this node takes nothing new, and leads no more."""
        self._is_draining = True
        self._leadership.step_down()
        self._lease.set_status("DRAINING")

    async def leave(self, limit: float) -> bool:
        """STATUS := LEFT, the signal raised; False if the database did not answer within `limit` seconds."""
        if not self.boot_id:
            return True
        await self._watch.stop()
        left = await self._lease.leave(limit)
        if left:
            with contextlib.suppress(DatabaseError, TimeoutError):
                async with asyncio.timeout(limit):
                    await self.raise_signal()
                    await self._leadership.resign()
                    await self._neighbours.forget(self.node_id)
            await self._lease.say_goodbye()
        await self._lease.stop()
        return left

    # what tasks ask

    @property
    def is_joined(self) -> bool:
        """Whether a lease is held and not fenced."""
        return bool(self.boot_id) and self.may_act(self.boot_id)

    @property
    def is_leader(self) -> bool:
        """Whether this node plans for the group."""
        return self._leadership.is_leader and self.is_joined

    @property
    def lease_age(self) -> float:
        """Seconds since the last renewal; infinite before the first."""
        return boottime() - self._lease.renewed_at

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest look at the group."""
        return self._watch.snapshot

    @property
    def nodes(self) -> Sequence[Node]:
        """The live members, as of the newest look."""
        return self.snapshot.nodes if self.snapshot else ()

    def now_ms(self) -> int:
        """Cluster time in milliseconds."""
        return self._time.at(boottime())

    def _clock_skew(self) -> float:
        return (self.now_ms() - wall_ms()) / 1000 if self._time.is_known else float("nan")

    def may_act(self, boot_id: str) -> bool:
        """L4, inline: whether what began under `boot_id` may go on at this instant."""
        return self._lease.may_act(boot_id) and not self._refusal.stands

    @property
    def has_rolled_back(self) -> bool:
        """Whether the database shows an older state than it has confirmed."""
        return self._refusal.has_rolled_back

    def node_of(self, boot_id: str) -> str | None:
        """The node that has lived under `boot_id`, if that is known here."""
        if boot_id in self._lease.predecessors:
            return self.node_id
        return self._neighbours.names.get(boot_id)

    async def publications(self, *, afresh: bool = False) -> Publications:
        """See Cluster. Raises DatabaseError."""
        snapshot = await self._watch.look() if afresh else self.snapshot
        return await self._published.read(snapshot, afresh=afresh) if snapshot else {}

    async def publish(self, tasks: Mapping[str, Published]) -> None:
        """Tell the group which tasks this node has; before the join it is only remembered."""
        fresh = tasks.keys() - self._published.mine.keys()
        self._published.mine = dict(tasks)
        if self.boot_id:
            await self._publish()
            await self.fences.published(fresh)

    async def _publish(self) -> None:
        self._lease.set_deploy_seq(await self._published.publish(self.boot_id))

    def deployed(self) -> None:
        """The first deployment pass is finished: become ACTIVE."""
        self._deployed.set()

    async def raise_signal(self) -> None:
        """Wake the others: SEQ + 1; what I see of the group is looked at again as well."""
        await self._source.changed(sql.RAISE_SIGNAL, group=self._identity.group_id)
        if self._lease.wire.states and (seq := await self._watch.read_seq()) is not None:
            self._lease.wire.look(seq)
        self._watch.look_soon()

    async def look(self) -> None:
        """Look at the group now. Raises DatabaseError."""
        await self._watch.look()

    async def confirm_leadership(self) -> None:
        """A planning pass is complete. Raises DatabaseError."""
        await self._leadership.confirm()

    async def purge_departed(self) -> None:
        """Delete what members have left behind that went more than a day ago. Raises DatabaseError."""
        if self.snapshot is not None:
            await self._neighbours.purge(self.snapshot)

    def went_backwards(self) -> None:
        """See LeaseEvents; also called when a fence row shows an older state than it had here.

        A late word about a lease that the operator has let go is no news.
        """
        if not self.has_rolled_back and not self._lease.wants_new_boot:
            self._refusal.has_rolled_back = True
            self.fenced(self.boot_id)

    def accept_rollback(self) -> None:
        """The rows were raised to what is remembered: join anew."""
        self._refusal.has_rolled_back = False
        self._lease.rejoin()

    # what operators ask

    async def members(self) -> Sequence[MemberLine]:
        """Return one line per lease row of the group. Raises CoordinationError without the database."""
        return await self._roster.lines(self._lease.wire.states)

    # news of the lease thread

    def joined(self, boot_id: str) -> None:
        """See LeaseEvents."""
        self._is_connected = True
        self.spawn(self._become_active(boot_id), "join")

    def activated(self, boot_id: str) -> None:
        """See LeaseEvents; a new boot id owns nothing yet, so there is nothing to read before it may act."""
        self._active_boot = boot_id
        self._lease.unfence(boot_id)
        self._neighbours.start_anew()
        self._watch.look_soon()
        self._events.joined()
        self.spawn(self._wake_group(boot_id), "signal of the join")
        self.spawn(self._be_ready_to_claim(boot_id), "connection for claims")

    def fenced(self, boot_id: str) -> None:
        """See LeaseEvents."""
        if self._is_connected:  # said once, also when several reasons come one after the other
            self._is_connected = False
            log.info("Lost connection to the cluster.")
        self._leadership.step_down()
        self._events.fenced()

    def renewed(self, boot_id: str) -> None:
        """See LeaseEvents; before a boot id was ACTIVE there is nothing to read."""
        if self._active_boot == boot_id and not self._refusal.stands:
            self.spawn(self._come_back(boot_id), "re-join")

    async def _become_active(self, boot_id: str) -> None:
        self.fences.adopt_boot(boot_id)
        if not await self._until_done("first look at the group", self._watch.look, boot_id):
            return
        if not self._is_watching:
            self._is_watching = True
            await self._watch.start()
        await self._until_deployed()
        while self._refusal.stands and self._lease.grant.boot_id == boot_id:
            await self._clock.sleep(jittered(1.0))
        if self._lease.grant.boot_id != boot_id:
            return  # another one has been won meanwhile
        self.boot_id = boot_id
        if await self._until_done("publication", self._publish, boot_id):
            self._lease.set_status("ACTIVE")

    async def _wake_group(self, boot_id: str) -> None:
        """There is one more that may own tasks: let the leader plan anew."""
        await self._until_done("signal of the join", self.raise_signal, boot_id)

    async def _be_ready_to_claim(self, boot_id: str) -> None:
        await self._until_done("connection for claims", self.fences.prepare_claims, boot_id)

    async def _until_deployed(self) -> None:
        try:
            async with asyncio.timeout(DEPLOYMENT_LIMIT):
                await self._deployed.wait()
        except TimeoutError:
            log.warning(
                "The first deployment takes long; node [{node}] is active without it", node=self.node_id
            )

    async def _come_back(self, boot_id: str) -> None:
        try:
            await self._events.renewed()
        except DatabaseError as error:
            log.debug("Fence rows could not be read after the renewal: {error}", error=error)
            return  # the next renewal calls again
        if self._refusal.stands:
            return
        self._is_connected = True
        if self._lease.is_fenced:
            self._lease.unfence(boot_id)
            log.info("Re-joined the cluster successfully.")
        self._watch.look_soon()
        self._events.changed()

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

    # news of the watch

    async def _looked(self, before: Snapshot | None, after: Snapshot) -> None:
        """Say who came and went, evict who is expired, stand for election, wake the tasks."""
        self._lease.clock_offset_ms = wall_ms() - self.now_ms()
        self._tell_wire(after)
        self._look_for_foreigners(after)
        if self.boot_id and before is not None and after.is_older_than(before):
            self.went_backwards()
        if (
            not self.boot_id
            or not self.may_act(self.boot_id)
            or after.active_boot(self.node_id) != self.boot_id
        ):
            return
        self._neighbours.announce(after)
        if self._is_draining:  # the others look after the group
            return
        self._detector.meet(after)
        await self._neighbours.beat(after.answered_at)
        judge = self._watch.judge
        for row in judge.expired(boottime()):
            if await self._neighbours.evict(row, judge.silence(row, boottime())):
                await self.raise_signal()
            self._watch.look_soon()
        if not self.may_act(self.boot_id):  # lost while the others were looked after
            return
        led = self._leadership.is_leader
        await self._leadership.look(after)
        if before is None or before.seq != after.seq or led is not self._leadership.is_leader:
            self._events.changed()

    def _tell_wire(self, snapshot: Snapshot) -> None:
        """Let the wire know the others, and whether a loopback address can be reached by all of them."""
        others = [row for row in snapshot.live if row.node_id != self.node_id]
        host = self._identity.mark.host
        self._lease.is_group_on_this_host = all(told(row.info).get("host") == host for row in others)
        self._lease.wire.set_members(
            (Neighbour(row.node_id, row.boot_id, row.endpoint, row.renew_seq) for row in others), snapshot.seq
        )

    def _look_for_foreigners(self, snapshot: Snapshot) -> None:
        stood = self._refusal.stands
        self._refusal.note(snapshot)
        if self._refusal.stands == stood or not self._active_boot:
            return
        if stood:
            self.spawn(self._come_back(self._active_boot), "return")
        else:
            self.fenced(self._active_boot)

    # loops

    async def _tick(self) -> None:
        while True:
            self._lease.tick()
            self._refusal.remind(boottime())
            RENEWAL_SECONDS.set(self._lease.last_latency)
            await self._clock.sleep(0.5)

    async def _prepare(self, connection: Connection) -> None:
        """In the lease thread, before each join: the tables, what the database promises, the group's signal row."""
        await check_schema(connection, create_tables=self._create_tables)
        await check_promises(connection)
        rows = await connection.rows(sql.READ_SIGNAL, group=self._identity.group_id)
        if not rows:
            with contextlib.suppress(LostRace):
                await connection.changed(
                    sql.INSERT_SIGNAL, group=self._identity.group_id, wire_key=secrets.token_hex(32)
                )

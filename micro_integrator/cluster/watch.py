"""Looking at the group: a snapshot per heart-beat, and as soon as anything has moved (coordination 8.3).

One loop does it all, so that a node never has two looks under way: between two snapshots it reads the signal row,
and a moved signal, a lease that could expire or a call of `look_soon` brings the next snapshot forward.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from micro_integrator.cluster import group_statements as sql
from micro_integrator.cluster.cluster_time import ClusterTime
from micro_integrator.cluster.identity import Identity
from micro_integrator.cluster.judging import Judge
from micro_integrator.cluster.snapshot import Snapshot, snapshot_of
from micro_integrator.database import DatabaseError, DataSource
from micro_integrator.kit import Component, SystemClock, boottime, jittered
from micro_integrator.observability import get_logger

log = get_logger("ClusterCoordinator")

POLL = 0.5
"""Seconds between two reads of the signal."""
SOONEST = 0.01
"""Seconds between two snapshots, however much there is to see."""

Looked = Callable[[Snapshot | None, Snapshot], Awaitable[None]]
"""Called with the former and the new snapshot; a DatabaseError ends that look, not the watch."""


class Watch(Component):
    """Takes snapshots while it runs; `snapshot` is the newest."""

    def __init__(self, identity: Identity, source: DataSource, time: ClusterTime, looked: Looked) -> None:
        super().__init__("watch")
        self.snapshot: Snapshot | None = None
        self.judge = Judge()
        self._identity, self._source, self._time, self._looked = identity, source, time, looked
        self.is_polling = True
        """Whether changes must be looked for, because not every member can be told of them over the wire."""
        self._wanted, self._looking = asyncio.Event(), asyncio.Lock()
        self._clock = SystemClock()

    async def start(self) -> None:
        """Begin to look."""
        self.spawn(self._look_for_ever(), "looks")

    def look_soon(self) -> None:
        """Bring the next snapshot forward to now."""
        self._wanted.set()

    async def look(self) -> Snapshot:
        """Take a snapshot, and let the others know what it shows. Raises DatabaseError."""
        async with self._looking:
            return await self._look()

    async def _look(self) -> Snapshot:
        sent_at = boottime()
        rows = await self._source.rows(sql.SNAPSHOT, group=self._identity.group_id)
        after = snapshot_of(rows, boottime())
        if after is None:
            raise DatabaseError(f"group [{self._identity.group_id}] has no row in MI_CLUSTER_SIGNAL")
        self._time.sample(after.now_ms, sent_at, after.answered_at)
        before, self.snapshot = self.snapshot, after
        self.judge.note(after, self._identity.node_id)
        await self._looked(before, after)
        return after

    async def _look_for_ever(self) -> None:
        due = self._next_look()
        while True:
            await self._wait(due)
            try:
                if self._wanted.is_set() or boottime() >= due:
                    self._wanted.clear()
                    await self.look()
                    due = self._next_look()
                elif self.is_polling and await self.read_seq() != (self.snapshot and self.snapshot.seq):
                    self._wanted.set()
            except DatabaseError as error:  # the lease thread raises the alarm, not we
                log.debug("No look at the group: {error}", error=error)
                due = boottime() + jittered(POLL)

    def _next_look(self) -> float:
        """A lease that could expire is looked at in that very moment."""
        now = boottime()
        rhythm = self._identity.heart_beat
        due = now + jittered(min(rhythm, self._identity.window / 5) if self.is_polling else rhythm)
        return min(due, self.judge.next_expiry) if self.judge.next_expiry > now else due

    async def _wait(self, due: float) -> None:
        """Wait for the next poll or look; a wanted look waits only as long as it must."""
        await self._clock.sleep(SOONEST)
        pause = min(due - boottime(), jittered(POLL) - SOONEST)
        if pause > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wanted.wait()

    async def read_seq(self) -> int | None:
        """Read where the signal stands; None when its row is gone. Raises DatabaseError."""
        sent_at = boottime()
        rows = await self._source.rows(sql.READ_SIGNAL, group=self._identity.group_id)
        if not rows:
            return None
        now_ms, seq = map(int, rows[0])
        self._time.sample(now_ms, sent_at, boottime())
        return seq

"""Runs by hand: `task trigger T` on any node, executed once by the owner (coordination 8.6).

Numbers are taken one after another by an idempotent claim, serialised with the regular runs. They work on paused
tasks, do not count for `count`, and grow stale after a minute.
"""

import asyncio
import secrets

from micro_integrator.cluster import Cluster, FenceRow
from micro_integrator.database import DatabaseError
from micro_integrator.kit import SystemClock, backoff
from micro_integrator.observability import get_logger
from micro_integrator.tasks.owned import Owned
from micro_integrator.tasks.scheduler import Scheduler

log = get_logger("TaskFence")

STALE_MS = 60_000
LOOK_AGAIN = 0.05
"""Seconds between two looks whether the regular runs have ended."""


class ByHand:
    """Executes requested runs of owned tasks."""

    def __init__(self, cluster: Cluster, scheduler: Scheduler) -> None:
        self._cluster, self._scheduler = cluster, scheduler
        self._clock = SystemClock()

    def begin(self, owned: Owned, row: FenceRow) -> None:
        """Run what `row` asks for and has not had, unless that is under way."""
        if owned.by_hand or row.trigger_seq <= row.trigger_done:
            return
        owned.by_hand, owned.upcoming = True, None
        runs = self._scheduler.spawn(self._run_all(owned, row), f"{owned.task.name} by hand")
        runs.add_done_callback(lambda _: self._ended(owned))

    def _ended(self, owned: Owned) -> None:
        owned.by_hand = False
        self._scheduler.go_on(owned)

    async def _run_all(self, owned: Owned, row: FenceRow) -> None:
        while owned.bodies or owned.asked:
            await self._clock.sleep(LOOK_AGAIN)
        for number in range(row.trigger_done + 1, row.trigger_seq + 1):
            await self._run_one(owned, row, number)

    async def _run_one(self, owned: Owned, row: FenceRow, number: int) -> None:
        claim_id = f"{owned.boot_id}:{secrets.token_hex(8)}"
        if not await self._claim(owned, number, claim_id):
            return
        if row.trigger_at is not None and self._cluster.now_ms() - row.trigger_at > STALE_MS:
            log.warning(
                "Run t{number} by hand of task [{task}] was asked for more than a minute ago; passed over",
                number=number,
                task=owned.task.name,
            )
        elif self._cluster.may_act(owned.boot_id):
            fire = self._scheduler.fire_of(owned, self._cluster.now_ms(), trigger_seq=number)
            await asyncio.wait([self._scheduler.run(owned, fire, claim_id)])
        await self._end(owned, claim_id)

    async def _claim(self, owned: Owned, number: int, claim_id: str) -> bool:
        """Take a number; sent again with the same claim id while its outcome is unknown."""
        delays = backoff(0.05, 1.0)
        while self._cluster.may_act(owned.boot_id):
            try:
                return await self._cluster.fences.claim_trigger(owned.row, number, claim_id)
            except DatabaseError as error:
                log.debug("Run by hand of [{task}] undecided: {error}", task=owned.task.name, error=error)
                await self._clock.sleep(next(delays))
        return False

    async def _end(self, owned: Owned, claim_id: str) -> None:
        try:
            await self._cluster.fences.end_trigger(owned.row, claim_id)
        except DatabaseError as error:  # costs the next owner one warning
            log.debug(
                "End of a run by hand of [{task}] not written: {error}", task=owned.task.name, error=error
            )

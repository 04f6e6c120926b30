"""Tasks under one cluster face: what is deployed, who runs it, and what happens when the lease comes and goes."""

import asyncio
from contextlib import suppress

from micro_integrator.cluster import Cluster
from micro_integrator.database import DatabaseError
from micro_integrator.kit import Component, SystemClock, boottime
from micro_integrator.observability import get_logger
from micro_integrator.tasks.assigner import Assigner
from micro_integrator.tasks.owned import Owned
from micro_integrator.tasks.release import release, release_of
from micro_integrator.tasks.scheduler import Scheduler
from micro_integrator.tasks.task import Limits, Task

log = get_logger("AbstractQuartzTaskManager")

CANCEL_LIMIT = 2.0
"""Seconds that a cancelled body has to end before its task is left to the lease."""


class Keeper(Component):
    """Implements `cluster.Listener` and `SchedulerEvents` for the tasks that are deployed here."""

    def __init__(self, cluster: Cluster, limits: Limits) -> None:
        super().__init__("task keeper")
        self.cluster = cluster
        self.scheduler = Scheduler(cluster, self, limits)
        self.assigner = Assigner(cluster, self.scheduler)
        self._clock = SystemClock()
        self._retiring: set[str] = set()
        self._is_back = False
        self._quiet = asyncio.Event()
        cluster.listen(self)

    async def start(self) -> None:
        """Begin; nothing is owned before the cluster says so."""
        await self.scheduler.start()
        await self.assigner.start()

    async def stop(self) -> None:
        """Cancel what runs; nothing is written."""
        await self.assigner.stop()
        await self.scheduler.stop()
        await super().stop()

    # what is deployed

    def add(self, task: Task) -> None:
        """Deploy a task, or replace its definition; it runs after the next pass."""
        deployed, name = self.assigner.deployed, task.name
        former = deployed.get(name)
        if former is not None and former.definition_hash != task.definition_hash:
            self.assigner.replaced[name] = former.definition_hash
        deployed[name] = task
        self.assigner.removed.discard(name)
        if (owned := self.scheduler.owned.get(name)) is not None:
            if owned.task.definition_hash == task.definition_hash:
                owned.task = task
                if owned.stopped and owned.row.intent == "RUN":  # it had been undeployed a moment ago
                    owned.stopped = False
                    self.scheduler.schedule(owned)
            else:
                self.scheduler.halt(owned)
        self.assigner.wake()

    def remove(self, name: str) -> None:
        """Undeploy a task: it claims nothing more; the row is given up when its body has ended."""
        task = self.assigner.deployed.pop(name, None)
        if task is None:
            return
        self.assigner.replaced[name] = task.definition_hash
        self.assigner.removed.add(name)
        if (owned := self.scheduler.owned.get(name)) is not None:
            self.scheduler.halt(owned)
        log.info("Task deleted: {task}", task=task.log_name)
        self.assigner.wake()

    def forget_progress(self, name: str) -> None:
        """The last key was reset by an operator: the next pass reads it anew."""
        if (owned := self.scheduler.owned.get(name)) is not None:
            owned.progress.last_key = -1
        self.assigner.wake()

    # Listener

    def joined(self) -> None:
        """A new boot id: whatever began under a former one is void."""
        for owned in list(self.scheduler.owned.values()):
            self.scheduler.drop(owned)
        self.assigner.wake()

    def fenced(self) -> None:
        """Cancel every body; nothing is claimed until the lease is back."""
        for owned in self.scheduler.owned.values():
            owned.upcoming = None
            for body in owned.bodies:
                body.cancel()

    async def renewed(self) -> None:
        """Read my rows, so that a pause or a loss during the silence is known before anything acts."""
        rows = {row.task: row for row in await self.cluster.fences.read()}
        self.assigner.owner.return_to(rows)
        self._is_back = True

    def changed(self) -> None:
        """Make a pass; after a re-join also take up the schedules again."""
        if self._is_back:
            self._is_back = False
            for owned in list(self.scheduler.owned.values()):
                self.scheduler.schedule(owned)
        self.assigner.wake()

    # SchedulerEvents

    def refused(self, owned: Owned, key: int) -> None:
        """See SchedulerEvents; the next pass explains it."""
        self.assigner.owner.note_refusal(owned, key)
        self.assigner.wake()

    def idle(self, owned: Owned) -> None:
        """See SchedulerEvents; the next pass, or the end of this node, has waited for it."""
        self._quiet.set()
        self.assigner.wake()

    def used_up(self, owned: Owned) -> None:
        """See SchedulerEvents."""
        if owned.task.name not in self._retiring and owned.task.count != 0:
            self._retiring.add(owned.task.name)
            self.spawn(self._complete(owned), f"completion of {owned.task.name}")

    async def _complete(self, owned: Owned) -> None:
        """STATE := COMPLETED; repeated while the lease stands, the row then says so for good."""
        try:
            while self.cluster.may_act(owned.boot_id):
                try:
                    self.scheduler.claims.forget(owned.task.name)
                    ending = (release_of(owned), owned.task.definition_hash)
                    await self.cluster.fences.complete([ending])
                except DatabaseError as error:
                    log.debug("Completion of [{task}] undecided: {error}", task=owned.task.name, error=error)
                    await self._clock.sleep(1.0)
                else:
                    self.scheduler.drop(owned)
                    return
        finally:
            self._retiring.discard(owned.task.name)

    # leaving

    async def leave(self, limit: float) -> list[str]:
        """Finish and give up everything within `limit` seconds; return the names of bodies that were cancelled."""
        self.assigner.drain()
        self.cluster.start_draining()
        for owned in list(self.scheduler.owned.values()):
            self.scheduler.halt(owned)
        await self._release_idle(boottime() + limit)
        late = [owned for owned in self.scheduler.owned.values() if not owned.is_idle]
        for owned in late:
            for body in owned.bodies:
                body.cancel()
        await self._release_idle(boottime() + CANCEL_LIMIT)
        return sorted(owned.task.name for owned in late)

    async def _release_idle(self, until: float) -> None:
        """Release each task as soon as its claim is decided and its body has ended."""
        while self.scheduler.owned:
            idle = [owned for owned in self.scheduler.owned.values() if owned.is_idle]
            if idle:
                for owned in idle:
                    self.scheduler.claims.forget(owned.task.name)
                await release(self.cluster, [release_of(owned) for owned in idle])
                for owned in idle:
                    self.scheduler.drop(owned)
            elif boottime() >= until:
                return
            else:
                self._quiet.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(until - boottime()):
                        await self._quiet.wait()

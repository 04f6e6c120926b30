"""Tasks under one cluster face: what is deployed, who runs it, and what happens when the lease comes and goes."""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress

from micro_integrator.cluster import Cluster, CoordinationError, MemberEvents, Memory, Node, Release
from micro_integrator.database import DatabaseError
from micro_integrator.kit import Component, SystemClock, boottime
from micro_integrator.observability import get_logger, written
from micro_integrator.tasks.follower import Follower
from micro_integrator.tasks.leader import Leader
from micro_integrator.tasks.owned import Owned
from micro_integrator.tasks.planning import draft_heirs, heirs, load_of
from micro_integrator.tasks.release import release, release_of
from micro_integrator.tasks.scheduler import Scheduler
from micro_integrator.tasks.task import Limits, Planning, Task

log = get_logger("AbstractQuartzTaskManager")

CANCEL_LIMIT = 2.0
"""Seconds that a cancelled body has to end before its task is left to the lease."""
HEIR_LIMIT = 2.0
"""Seconds that a leaving node spends on finding heirs; without them the leader finds owners."""


class Keeper(Component, MemberEvents):
    """Follows `MemberEvents` and `SchedulerEvents` for the tasks that are deployed here."""

    def __init__(self, cluster: Cluster, limits: Limits, planning: Planning) -> None:
        super().__init__("task keeper")
        self.cluster = cluster
        self.scheduler = Scheduler(cluster, self, limits)
        self.follower = Follower(cluster, self.scheduler)
        self.leader = Leader(cluster, planning)
        self.resolver = planning.resolver
        self._clock = SystemClock()
        self._retiring: set[str] = set()
        self._is_back = False
        self._quiet = asyncio.Event()
        cluster.listen(self)

    async def start(self) -> None:
        """Begin; nothing is owned before the cluster says so."""
        await self.scheduler.start()
        await self.follower.start()
        await self.leader.start()

    async def stop(self) -> None:
        """Cancel what runs; nothing is written."""
        await self.leader.stop()
        await self.follower.stop()
        await self.scheduler.stop()
        await super().stop()

    # what is deployed

    def add(self, task: Task) -> None:
        """Deploy a task, or replace its definition; it runs after the next pass."""
        self.follower.add(task)

    def remove(self, name: str) -> None:
        """Undeploy a task: it claims nothing more; the row is given up when its body has ended."""
        if (task := self.follower.remove(name)) is not None:
            log.info("Task deleted: {task}", task=task.log_name)

    async def deployed(self) -> None:
        """The first deployment pass is finished: join with what there is."""
        await self.follower.announce()
        self.cluster.deployed()

    # MemberEvents

    def joined(self) -> None:
        """A new boot id: whatever began under a former one is void."""
        for owned in list(self.scheduler.owned.values()):
            self.scheduler.drop(owned)
        self.changed()

    def fenced(self) -> None:
        """Cancel every body; nothing is claimed until the lease is back."""
        for owned in self.scheduler.owned.values():
            owned.upcoming = None
            for body in owned.bodies:
                body.cancel()

    async def renewed(self) -> None:
        """Read my rows, so that a pause or a loss during the silence is known before anything acts."""
        rows = {row.task: row for row in await self.cluster.fences.read_own()}
        self.follower.owner.return_to(rows)
        self._is_back = True

    def changed(self) -> None:
        """Make passes; after a re-join also take up the schedules again."""
        if self._is_back:
            self._is_back = False
            for owned in list(self.scheduler.owned.values()):
                self.scheduler.schedule(owned)
        self.follower.wake()
        self.leader.wake()

    # SchedulerEvents

    def refused(self, owned: Owned, key: int) -> None:
        """See SchedulerEvents; the next pass explains it."""
        self.follower.owner.note_refusal(owned, key)
        self.follower.wake()

    def idle(self, owned: Owned) -> None:
        """See SchedulerEvents; the next pass, or the end of this node, has waited for it."""
        self._quiet.set()
        self.follower.wake()

    def used_up(self, owned: Owned) -> None:
        """See SchedulerEvents."""
        if owned.task.name not in self._retiring and owned.task.count != 0:
            self._retiring.add(owned.task.name)
            self.spawn(self._complete(owned), f"completion of {owned.task.name}")

    async def _complete(self, owned: Owned) -> None:
        """STATE := COMPLETED; repeated while the lease stands, the row then says so for good."""
        try:
            await written()  # nobody will name a key of this task after that
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

    # the operator's word after a restored backup

    async def accept_rollback(self) -> int:
        """Raise rows to what is remembered here, and join anew; returns how many tasks are remembered.

        Raises CoordinationError when the database did not go backwards.
        """
        if not self.cluster.has_rolled_back:
            raise CoordinationError(
                "The coordination database did not go backwards; there is nothing to accept"
            )
        memories = [
            Memory(
                task=name,
                definition=owned.row.definition,
                intent=owned.row.intent,
                fence=owned.row.fence,
                last_key=owned.progress.last_key,
                fired_count=owned.progress.fired_count,
            )
            for name, owned in self.scheduler.owned.items()
        ]
        await self.cluster.fences.raise_to(memories)
        self.leader.hold(self.cluster.window)
        self.cluster.accept_rollback()
        return len(memories)

    # leaving

    async def leave(self, limit: float) -> list[str]:
        """Finish and hand over everything within `limit` seconds; return the names of bodies that were cancelled."""
        until = boottime() + limit
        await self.follower.stop()  # a pass under way would take up again what is halted here
        await self.leader.stop()
        self.cluster.start_draining()
        for owned in list(self.scheduler.owned.values()):
            self.scheduler.halt(owned)
        successors = await self._successors()
        await self._release_idle(until, successors)
        late = [owned for owned in self.scheduler.owned.values() if not owned.is_idle]
        for owned in late:
            for body in owned.bodies:
                body.cancel()
        await self._release_idle(boottime() + CANCEL_LIMIT, successors)
        return sorted(owned.task.name for owned in late)

    async def _successors(self) -> Mapping[str, Node]:
        """Ask the resolver who shall have the tasks of this node, and give up what was never started here."""
        cluster = self.cluster
        if not cluster.is_joined:
            return {}
        try:
            async with asyncio.timeout(HEIR_LIMIT):
                await cluster.look()
                rows = await cluster.fences.read()
                mine = [row for row in rows if row.owner_boot == cluster.boot_id]
                nodes, published = cluster.nodes, await cluster.publications()
                view = draft_heirs(mine, nodes, published, load_of(rows), cluster.node_id)
                found = heirs(view, await self.resolver.choose(view), nodes)
                unknown = [row for row in mine if row.task not in self.scheduler.owned]
                await release(
                    cluster, [Release(row.task, row.fence, heir=found.get(row.task)) for row in unknown]
                )
        except (DatabaseError, TimeoutError) as error:
            log.debug("No heirs were found: {error}", error=repr(error))
            return {}
        return found

    async def _release_idle(self, until: float, successors: Mapping[str, Node]) -> None:
        """Give up each task as soon as its claim is decided and its body has ended."""
        while self.scheduler.owned:
            self._quiet.clear()
            if idle := [owned for owned in self.scheduler.owned.values() if owned.is_idle]:
                await self._release(idle, successors)
            elif boottime() >= until:
                return
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(until - boottime()):
                        await self._quiet.wait()

    async def _release(self, idle: Collection[Owned], successors: Mapping[str, Node]) -> None:
        for owned in idle:
            self.scheduler.claims.forget(owned.task.name)
        await release(self.cluster, [release_of(owned, successors.get(owned.task.name)) for owned in idle])
        for owned in idle:
            self.scheduler.drop(owned)
        if successors:
            with suppress(DatabaseError):  # LEFT raises the signal as well
                await self.cluster.raise_signal()

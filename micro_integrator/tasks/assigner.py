"""One pass over the rows: what this node deploys is published, inserted, taken and run (coordination 8.5, 8.7).

A node takes what it deploys and nobody holds, by compare-and-set on exactly the row it read. A pass reads the table
once and then writes only what differs; it runs when something was deployed or changed, and once per window anyway.
"""

import asyncio
from dataclasses import replace

from micro_integrator.cluster import Cluster, FenceRow, Release
from micro_integrator.database import DatabaseError, Refused
from micro_integrator.kit import Component, SystemClock, backoff, boottime, settle_heap
from micro_integrator.observability import get_logger
from micro_integrator.tasks.definitions import Standing, standing
from micro_integrator.tasks.owner import Owner
from micro_integrator.tasks.release import release, release_of
from micro_integrator.tasks.scheduler import Scheduler
from micro_integrator.tasks.task import Task

log = get_logger("CoordinatedTaskScheduler")
fence_log = get_logger("TaskFence")

REMIND_EVERY = 60.0
"""Seconds between two lines about the same standing trouble."""

MANY = 100
"""Tasks started in one pass that are worth a moment's pause for the memory they will keep."""

Rows = dict[str, FenceRow]


class Assigner(Component):
    """Keeps the rows equal to what is deployed. The face fills `deployed`, `replaced` and `removed`."""

    def __init__(self, cluster: Cluster, scheduler: Scheduler) -> None:
        super().__init__("task assigner")
        self.deployed: dict[str, Task] = {}
        self.replaced: dict[str, str] = {}
        """Definition hashes that this node had published before a redeployment."""
        self.removed: set[str] = set()
        self.owner = Owner(cluster, scheduler)
        self._cluster, self._scheduler = cluster, scheduler
        self._clock = SystemClock()
        self._due = asyncio.Event()
        self._published: dict[str, dict[str, object]] = {}
        self._told: dict[str, str] = {}
        self._told_at = float("-inf")
        self._leaving = False

    async def start(self) -> None:
        """Begin to make passes; the first waits for `wake`."""
        self.spawn(self._pass_for_ever(), "passes")

    def wake(self) -> None:
        """Make a pass soon."""
        self._due.set()

    def drain(self) -> None:
        """Take nothing more."""
        self._leaving = True

    async def _pass_for_ever(self) -> None:
        delays = backoff(0.2, 5.0)
        while True:
            await self._due.wait()
            self._due.clear()
            boot_id = self._cluster.boot_id
            if self._leaving or not boot_id or not self._cluster.may_act(boot_id):
                continue
            try:
                await self.make_pass()
            except Exception as error:  # whatever ends a pass must not end all passes
                self._tell_trouble(error)
                await self._clock.sleep(next(delays))
                self._due.set()
            else:
                delays = backoff(0.2, 5.0)

    def _tell_trouble(self, error: Exception) -> None:
        """A database that is away is the lease thread's news; everything else is ours."""
        is_known = isinstance(error, DatabaseError)
        is_elsewhere = is_known and not isinstance(error, Refused)
        if is_elsewhere or boottime() - self._told_at < REMIND_EVERY:
            log.debug("Pass given up: {error}", error=error)
            return
        self._told_at = boottime()
        log.error("Tasks cannot be assigned: {error}", error=error, exc_info=None if is_known else error)

    async def make_pass(self) -> None:
        """Publish, read all rows, write what differs, follow what is mine. Raises DatabaseError."""
        changed = await self._publish()
        rows = await self._read()
        changed |= await self._retire_removed(rows)
        if missing := [task for name, task in self.deployed.items() if name not in rows]:
            await self._insert(missing)
            rows, changed = await self._read(), True
        changed |= await self._settle_definitions(rows)
        former_owners = await self._take_orphans(rows)
        boot_id = self._cluster.boot_id
        mine = {name: row for name, row in rows.items() if row.owner_boot == boot_id}
        if await self.owner.follow(mine, self.deployed, former_owners) >= MANY:
            settle_heap()
        await self._cluster.fences.purge(rows.values(), self._cluster.window)
        if changed or former_owners:
            await self._cluster.raise_signal()

    async def _read(self) -> Rows:
        return {row.task: row for row in await self._cluster.fences.read()}

    async def _publish(self) -> bool:
        """Tell the group what is deployed here, when that has changed."""
        published: dict[str, dict[str, object]] = {
            task.name: {
                "definition": task.definition_hash,
                "body": task.body_hash,
                "kind": "task",
                "paused": task.starts_paused,
                "refused": False,
            }
            for task in self.deployed.values()
        }
        if published == self._published:
            return False
        await self._cluster.publish(published)
        self._published = published
        return True

    async def _retire_removed(self, rows: Rows) -> bool:
        """Give up and mark as orphaned what was undeployed here, once it is idle."""
        self.removed.difference_update(self.deployed)
        idle = {name for name in self.removed if not self._is_busy(name)}
        if not idle:
            return False
        await release(
            self._cluster, [self._ending(rows[name]) for name in idle if self._is_mine(rows.get(name))]
        )
        for name in idle & self._scheduler.owned.keys():
            self._scheduler.drop(self._scheduler.owned[name])
        await self._cluster.fences.undeploy(sorted(idle))
        self.removed.difference_update(idle)
        for name in idle:
            rows.pop(name, None)
        return True

    def _is_mine(self, row: FenceRow | None) -> bool:
        return row is not None and row.owner_boot == self._cluster.boot_id

    def _ending(self, row: FenceRow) -> Release:
        """A row may be mine without having been started: undeployed right after it was taken."""
        owned = self._scheduler.owned.get(row.task)
        return Release(row.task, row.fence) if owned is None else release_of(owned)

    def _is_busy(self, name: str) -> bool:
        owned = self._scheduler.owned.get(name)
        return owned is not None and not owned.is_idle

    async def _insert(self, tasks: list[Task]) -> None:
        values = [
            (task.name, task.definition_hash, "PAUSE" if task.starts_paused else "RUN") for task in tasks
        ]
        await self._cluster.fences.insert(values)

    async def _settle_definitions(self, rows: Rows) -> bool:
        """Make my definition the current one where it is due; say where another node has a different one."""
        differing = [
            task
            for name, task in self.deployed.items()
            if name in rows and rows[name].definition != task.definition_hash
        ]
        differing = [task for task in differing if not self._is_busy(task.name)]  # the end of a body wakes us
        if not differing:
            return False
        elsewhere = await self._cluster.fences.published_elsewhere()
        changes = []
        for task in differing:
            row = rows[task.name]
            is_published = row.definition in elsewhere.get(task.name, ())
            if (
                standing(row, task.definition_hash, self.replaced.get(task.name), is_published)
                is Standing.DIFFERS
            ):
                self._tell_difference(task, row)
            else:
                changes.append((task.name, row.definition, task.definition_hash))
        met = await self._cluster.fences.adopt(changes) if changes else set()
        for name in met:
            self.replaced.pop(name, None)
        rows.update(await self._read() if met else {})
        return bool(met)

    def _tell_difference(self, task: Task, row: FenceRow) -> None:
        if self._told.get(task.name) != row.definition:
            self._told[task.name] = row.definition
            fence_log.warning(
                "Definitions of task [{task}] differ between [{here}] and [{there}]",
                task=task.name,
                here=self._cluster.node_id,
                there=row.owner_node,
            )

    def _runnable(self, rows: Rows) -> list[FenceRow]:
        """Rows whose current definition is the one deployed here."""
        return [
            rows[name]
            for name, task in self.deployed.items()
            if name in rows and rows[name].definition == task.definition_hash
        ]

    async def _take_orphans(self, rows: Rows) -> dict[str, str | None]:
        """Own what nobody holds; return who held it before."""
        orphans = [row for row in self._runnable(rows) if row.is_orphaned]
        met = await self._cluster.fences.take(orphans) if orphans else set()
        for orphan in orphans:
            if orphan.task in met:
                rows[orphan.task] = replace(
                    orphan,
                    fence=orphan.fence + 1,
                    owner_node=self._cluster.node_id,
                    owner_boot=self._cluster.boot_id,
                    owner_holds=True,
                    state="NONE" if orphan.state == "RUNNING" else orphan.state,
                )
        return {row.task: row.owner_node for row in orphans if row.task in met}

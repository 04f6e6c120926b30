"""What every node does about its own tasks: publishes what is deployed, follows its rows, gives up what it must.

Which node owns a task is the leader's business. A row that is mine is started, paused, moved or given up as it says;
what stands in the way is a body that still runs, and its end makes the next pass (coordination 8.5, 8.7).
"""

from collections.abc import Mapping
from contextlib import suppress

from micro_integrator.cluster import Cluster, FenceRow, Node, Published, Release
from micro_integrator.database import DatabaseError
from micro_integrator.kit import REMIND_EVERY, boottime, settle_heap
from micro_integrator.tasks.owner import Owner
from micro_integrator.tasks.passes import Passes
from micro_integrator.tasks.release import release, release_of
from micro_integrator.tasks.scheduler import Scheduler
from micro_integrator.tasks.task import Task

MANY = 100
"""Tasks started in one pass that are worth a moment's pause for the memory they will keep."""

Rows = dict[str, FenceRow]


class Follower(Passes):
    """Keeps what runs here equal to what is deployed and to what the rows say."""

    def __init__(self, cluster: Cluster, scheduler: Scheduler) -> None:
        super().__init__("follower", cluster, cluster.window)
        self.deployed: dict[str, Task] = {}
        self.owner = Owner(cluster, scheduler, self.wake)
        self._scheduler = scheduler
        self._replaced: dict[str, set[str]] = {}
        """Definition hashes that this node had before, until the present one has taken their place."""
        self._undeployed: dict[str, float] = {}
        """Names to be noted as undeployed, and the moment from which to ask."""
        self._published: dict[str, Published] = {}
        self._undecided: dict[str, int] = {}
        """Fences of releases without an answer: a late copy may still come, so these are released again first."""

    # what is deployed

    def add(self, task: Task) -> None:
        """Deploy a task, or replace the one of that name; it runs as soon as its row says so."""
        former = self.deployed.get(task.name)
        if former is not None and former.definition_hash != task.definition_hash:
            self._replaced.setdefault(task.name, set()).add(former.definition_hash)
        self.deployed[task.name] = task
        self._undeployed.pop(task.name, None)
        self.owner.starts.forgive(task.name)
        if (owned := self._scheduler.owned.get(task.name)) is not None:
            if owned.task.definition_hash == task.definition_hash and task.prepare is None:
                owned.task = task
            else:  # the next pass starts it anew
                self._scheduler.halt(owned)
        self.wake()

    def remove(self, name: str) -> Task | None:
        """Undeploy a task: it claims nothing more, and its row is given up when its body has ended."""
        if (task := self.deployed.pop(name, None)) is None:
            return None
        self._replaced.setdefault(name, set()).add(task.definition_hash)
        self._undeployed[name] = boottime()
        self.owner.starts.forgive(name)
        if (owned := self._scheduler.owned.get(name)) is not None:
            self._scheduler.halt(owned)
        self.wake()
        return task

    async def announce(self) -> None:
        """Publish before the first pass, so that this node joins with what it has."""
        with suppress(DatabaseError):  # the passes publish it later
            await self._publish()

    # passes

    async def make_pass(self) -> None:
        """See Passes."""
        has_changed = await self._publish()
        await self._replace_definitions()
        known = {name: (owned.row.fence, owned.started_key) for name, owned in self._scheduler.owned.items()}
        rows = {row.task: row for row in await self.cluster.fences.read_own()}
        if await self._was_restored(rows, known):
            self.cluster.went_backwards()
            return
        has_changed |= await self._give_up(rows)
        if started := await self.owner.follow(rows, self.deployed):
            has_changed = True
            if started >= MANY:
                settle_heap()
        has_changed |= await self._note_undeployed()
        await self._retry_refused()
        if has_changed:
            await self.cluster.raise_signal()

    async def _was_restored(self, rows: Rows, known: Mapping[str, tuple[int, int | None]]) -> bool:
        """Whether the table shows less of what is `known`; a row disappears only after I have given it up."""
        if any(_is_older(row, *known[name]) for name, row in rows.items() if name in known):
            return True
        for name in known.keys() - rows.keys():
            row = await self.cluster.fences.read_one(name)
            if name in self._scheduler.owned and (row is None or row.fence < known[name][0]):
                return True
        return False

    async def _publish(self) -> bool:
        """Tell the group what is deployed here, when that has changed."""
        published = {
            task.name: Published(
                task.definition_hash, task.body_hash, task.starts_paused, self.owner.starts.refuses(task.name)
            )
            for task in self.deployed.values()
        }
        if published == self._published:
            return False
        await self.cluster.publish(published)
        self._published = published
        return True

    async def _replace_definitions(self) -> None:
        """Make what was deployed anew the current definition, where one that it replaces was current."""
        ripe = {
            name: formers.copy()
            for name, formers in self._replaced.items()
            if self._is_published(name) and not self._is_busy(name)
        }
        if not ripe:
            return
        changes = [
            (name, former, self.deployed[name].definition_hash)
            for name, formers in ripe.items()
            for former in sorted(formers)
        ]
        await self.cluster.fences.adopt([change for change in changes if change[1] != change[2]])
        for name, formers in ripe.items():
            self._replaced[name] -= formers
            if not self._replaced[name]:
                del self._replaced[name]

    def _is_published(self, name: str) -> bool:
        """Whether the group has been told of the present definition: what was deployed just now waits for that."""
        entry, task = self._published.get(name), self.deployed.get(name)
        return entry is not None and task is not None and entry.definition == task.definition_hash

    async def _give_up(self, rows: Rows) -> bool:
        """Release what is mine and not to be run here any more, and hand over what is to move."""
        places = {node.node_id: node for node in self.cluster.nodes if node.is_active}
        ripe: dict[str, Node | None] = {}
        for name, row in rows.items():
            heir = places.get(row.move_to) if row.move_to not in {None, self.cluster.node_id} else None
            if heir is None and self._may_run(row):
                continue
            if (owned := self._scheduler.owned.get(name)) is not None:
                self._scheduler.halt(owned)
            is_undecided = name in self._replaced and name in self.deployed
            if not is_undecided and not self._is_busy(name):
                ripe[name] = heir
        endings = [self._ending(rows.pop(name), heir) for name, heir in ripe.items()]
        undecided = await release(self.cluster, endings)
        self._undecided = {one.task: one.fence for one in endings if one.task in undecided}
        for name in ripe.keys() & self._scheduler.owned.keys():
            self._scheduler.drop(self._scheduler.owned[name])
        for name in ripe.keys() - self.deployed.keys():  # given to this node when it had just undeployed it
            self._undeployed.setdefault(name, boottime())
        return bool(ripe)

    def _may_run(self, row: FenceRow) -> bool:
        task = self.deployed.get(row.task)
        is_current = task is not None and task.definition_hash == row.definition
        return (
            is_current
            and self._undecided.get(row.task) != row.fence
            and not self.owner.starts.refuses(row.task)
        )

    def _ending(self, row: FenceRow, heir: Node | None) -> Release:
        """A row may be mine without having been started: given up right after it was assigned."""
        owned = self._scheduler.owned.get(row.task)
        return Release(row.task, row.fence, heir=heir) if owned is None else release_of(owned, heir)

    def _is_busy(self, name: str) -> bool:
        owned = self._scheduler.owned.get(name)
        return owned is not None and not owned.is_idle

    async def _note_undeployed(self) -> bool:
        """Mark what was undeployed here; while only nodes that may be restarting have it, ask once per window."""
        now = boottime()
        ripe = {name for name, at in self._undeployed.items() if at <= now and not self._is_busy(name)}
        if not ripe:
            return False
        settled = await self.cluster.fences.undeploy(ripe)
        for name in ripe:
            if name in settled:
                del self._undeployed[name]
            else:
                self._undeployed[name] = now + self.cluster.window
        return bool(settled)

    async def _retry_refused(self) -> None:
        """Try again what no other node has taken either."""
        for name in self.owner.starts.refused_before(boottime() - REMIND_EVERY):
            row = await self.cluster.fences.read_one(name)
            if row is not None and row.is_orphaned:
                self.owner.starts.forgive(name)
                self.wake()


def _is_older(row: FenceRow, fence: int, started_key: int | None) -> bool:
    """Whether a row, read after its fence and key were known here, shows less than that: a restored database."""
    is_behind = started_key is not None and row.last_key < started_key
    return row.fence < fence or (is_behind and not row.was_reset)

"""When, and on which node: scheduled work with exactly one owner.

The room offers `Task` (what to run, and when), `Tasks` (add, remove, list, pause, activate, trigger, leave) and the
triggers. It knows fences, claims and leases through the face of the cluster; what a body does is nobody's business
here. Start reading with `occurrence`, which key is next; then `scheduler`, the life of one fire:

    due ──▶ claims: one statement per batch ── row met ──▶ deadline ahead? ──▶ body ──▶ DONE or FAILED
                                            └─ no row ──▶ not run, and said why

then `planning`, who shall own what, and `follower`, what a node makes of the rows it owns.
"""

from pathlib import Path

from micro_integrator.cluster import Cluster, Standalone
from micro_integrator.kit import Component
from micro_integrator.observability import gauge
from micro_integrator.tasks.control import Control, Effect, TaskLine
from micro_integrator.tasks.keeper import Keeper
from micro_integrator.tasks.resolvers import ResolverError, make_resolver
from micro_integrator.tasks.task import (
    MAX_NAME,
    Body,
    BodyFailed,
    Fire,
    FireMode,
    Limits,
    Misfire,
    Planning,
    Task,
)
from micro_integrator.tasks.triggers import Cron, Interval, Once, Trigger, TriggerError, read_trigger

OWNED = gauge("mi_task_assigned", "Tasks that this node owns")

ALONE_PERIOD = 2.0
"""Seconds between two passes over tasks that cannot leave this node, when nothing wakes them."""


class Tasks(Component):
    """All tasks of this node. Pinned ones run here without coordination; their keys are kept in a local file."""

    def __init__(self, cluster: Cluster, pinned_file: Path, limits: Limits, planning: Planning) -> None:
        super().__init__("tasks")
        self._limits = limits
        self.control = Control(self._keepers)
        self._coordinated = Keeper(cluster, limits, planning if cluster.is_clustered else _alone())
        self._pinned_file = pinned_file
        self._pinned: Keeper | None = None
        self._pinned_cluster: Standalone | None = None

    def _keepers(self) -> list[Keeper]:
        return [self._coordinated] + ([self._pinned] if self._pinned else [])

    async def start(self) -> None:
        """Begin; nothing runs before the cluster allows it."""
        OWNED.set_function(lambda: self.running)
        if self._coordinated.cluster.is_clustered:
            self._pinned_cluster = Standalone(self._coordinated.cluster.node_id, self._pinned_file)
            self._pinned = Keeper(self._pinned_cluster, self._limits, _alone())
            await self._pinned_cluster.start()
            await self._pinned.start()
        await self._coordinated.start()

    async def stop(self) -> None:
        """Cancel what still runs."""
        for keeper in reversed(self._keepers()):
            await keeper.stop()
        await super().stop()

    def add(self, task: Task) -> None:
        """Deploy a task, or replace the one of that name."""
        (self._pinned if task.pinned and self._pinned else self._coordinated).add(task)

    def remove(self, name: str) -> None:
        """Undeploy a task; returns at once."""
        for keeper in self._keepers():
            keeper.remove(name)

    async def deployed(self) -> None:
        """The first deployment pass is finished: this node may own tasks."""
        for keeper in self._keepers():
            await keeper.deployed()

    def plan_every(self, seconds: float) -> None:
        """From now on let at most `seconds` pass between two planning passes."""
        if self._coordinated.cluster.is_clustered:
            self._coordinated.leader.period = seconds

    async def accept_rollback(self) -> int:
        """The database is the right one although it went backwards; returns how many tasks this node remembers.

        Raises CoordinationError when it did not.
        """
        return await self._coordinated.accept_rollback()

    @property
    def running(self) -> int:
        """How many tasks this node owns."""
        return sum(len(keeper.scheduler.owned) for keeper in self._keepers())

    async def leave(self, limit: float) -> list[str]:
        """Claim nothing more, let bodies end within `limit` seconds, give up every task.

        Returns the names of the tasks whose bodies had to be cancelled.
        """
        cancelled: list[str] = []
        for keeper in self._keepers():
            cancelled += await keeper.leave(limit)
        return cancelled

    @property
    def has_bodies(self) -> bool:
        """Whether a body still runs: then the lease must not be given back."""
        return any(owned.bodies for keeper in self._keepers() for owned in keeper.scheduler.owned.values())


def _alone() -> Planning:
    """There is one node to choose, whatever the resolver of the group would say."""
    return Planning(make_resolver(None, None), rebalances=False, period=ALONE_PERIOD)


__all__ = [
    "MAX_NAME",
    "Body",
    "BodyFailed",
    "Control",
    "Cron",
    "Effect",
    "Fire",
    "FireMode",
    "Interval",
    "Limits",
    "Misfire",
    "Once",
    "Planning",
    "ResolverError",
    "Task",
    "TaskLine",
    "Tasks",
    "Trigger",
    "TriggerError",
    "make_resolver",
    "read_trigger",
]

"""The leader's pass: what the group has deployed and the rows, planned and written (coordination 8.5, 8.7).

Every node has one; it does nothing where the node does not lead. With nothing changed it sends nothing but the touch
of the leader row that says "a pass is complete". Two leaders would waste work and harm nothing: each write is
conditioned on what was read.
"""

from collections.abc import Sequence

from micro_integrator.cluster import Cluster, FenceRow
from micro_integrator.kit import REMIND_EVERY, Reminders, boottime
from micro_integrator.observability import get_logger
from micro_integrator.tasks.drift import Drift
from micro_integrator.tasks.passes import Passes
from micro_integrator.tasks.planning import Plan, complete_plan, draft_plan
from micro_integrator.tasks.task import Planning

log = get_logger("CoordinatedTaskScheduler")


class Leader(Passes):
    """Plans for the group while this node leads it."""

    def __init__(self, cluster: Cluster, planning: Planning) -> None:
        super().__init__("leader", cluster, planning.period)
        self._resolver, self._rebalances = planning.resolver, planning.rebalances
        self._drift = Drift(cluster.window)
        self._has_news = True
        self._is_new = True
        self._planned_at = self._confirmed_at = self._tidied_at = self._held_until = float("-inf")
        self._active_since: dict[str, float] = {}
        self._refusals = Reminders()

    def hold(self, seconds: float) -> None:
        """Plan nothing for a while: other nodes may still remember what the table has forgotten."""
        self._held_until = boottime() + seconds

    def wake(self) -> None:
        """Plan anew soon."""
        self._has_news = True
        super().wake()

    async def make_pass(self) -> None:
        """Plan if there is news or it is time, and say that this leader finishes its passes. Raises DatabaseError."""
        now = boottime()
        if not self.cluster.is_leader:
            self._drift.note({}, now)  # another node compares now
            self._is_new = self._has_news = True
            return
        is_due = now - self._planned_at > self.cluster.window
        if (self._has_news or is_due) and now >= self._held_until:
            self._has_news = False
            try:
                await self._plan(now)
            except BaseException:
                self._has_news = True
                raise
            self._planned_at = now
        elif now - self._confirmed_at < self.cluster.heart_beat * 0.8:
            return
        await self.cluster.confirm_leadership()
        self._confirmed_at = now

    async def _plan(self, now: float) -> None:
        cluster = self.cluster
        rows = {row.task: row for row in await cluster.fences.read()}
        published = await cluster.publications()
        draft = draft_plan(rows, cluster.nodes, published, self._resolver, cluster.node_id)
        if draft.adoptions:
            # a definition in force has been published before; what was known of that may be older than the rows
            published = await cluster.publications(afresh=True)
            draft = draft_plan(rows, cluster.nodes, published, self._resolver, cluster.node_id)
        answers = await self._resolver.choose(draft.view)
        if self._resolver.is_unfinished:
            self.wake()
        plan = complete_plan(draft, answers, settled=self._settled(now), rebalance=self._rebalances)
        self._tell_refused(plan.refused, now)
        self._drift.note(published, now)
        if await self._write(plan):
            await cluster.raise_signal()
        else:
            await self._tidy(rows, now)

    def _settled(self, now: float) -> frozenset[str]:
        """Nodes that have been ACTIVE for the window: only to them are running tasks moved."""
        active = {node.boot_id: node.node_id for node in self.cluster.nodes if node.is_active}
        self._active_since = {boot_id: self._active_since.get(boot_id, now) for boot_id in active}
        return frozenset(
            active[boot_id]
            for boot_id, since in self._active_since.items()
            if now - since >= self.cluster.window
        )

    async def _write(self, plan: Plan) -> bool:
        """Write a plan; True if it had anything to write."""
        fences = self.cluster.fences
        if plan.adoptions:
            await fences.adopt([(one.task, one.old, one.new) for one in plan.adoptions])
        if plan.insertions:
            await fences.insert(plan.insertions)
        if plan.assignments:
            await fences.assign(plan.assignments)
        if plan.moves:
            await fences.move([(one.row, one.to) for one in plan.moves])
        return bool(plan.adoptions or plan.insertions or plan.assignments or plan.moves)

    async def _tidy(self, rows: dict[str, FenceRow], now: float) -> None:
        """When nothing else is to be done: WSO2's table, undeployed tasks, departed members."""
        fences, cluster = self.cluster.fences, self.cluster
        gone = await fences.purge(rows.values(), round(cluster.now_ms() - cluster.window * 1000))
        await fences.mirror((row for row in rows.values() if row.task not in gone), afresh=self._is_new)
        self._is_new = False
        if now - self._tidied_at > REMIND_EVERY:
            self._tidied_at = now
            await cluster.purge_departed()

    def _tell_refused(self, tasks: Sequence[str], now: float) -> None:
        for task in tasks:
            if self._refusals.is_due(now, task):
                log.error(
                    "Task [{task}] could not be started on any node that has it; trying again every minute",
                    task=task,
                )

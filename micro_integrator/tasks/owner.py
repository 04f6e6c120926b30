"""Follows the rows that are mine: start, pause, resume, refused claims, loss (coordination 8.5)."""

from collections.abc import Callable, Iterable, Mapping

from micro_integrator.cluster import Cluster, FenceRow
from micro_integrator.kit import boottime
from micro_integrator.observability import get_logger
from micro_integrator.tasks.by_hand import ByHand
from micro_integrator.tasks.owned import VETOES, Owned, progress_of
from micro_integrator.tasks.scheduler import Scheduler
from micro_integrator.tasks.starts import Starts
from micro_integrator.tasks.task import Task

log = get_logger("AbstractQuartzTaskManager")
fence_log = get_logger("TaskFence")

SPREAD_MS = 1000
"""Tasks started together have their first fires spread over at most this long."""


class Owner:
    """Keeps what the scheduler runs equal to what the rows of this node say."""

    def __init__(self, cluster: Cluster, scheduler: Scheduler, wake: Callable[[], None]) -> None:
        self.starts = Starts(scheduler, wake)
        self._cluster, self._scheduler = cluster, scheduler
        self._by_hand = ByHand(cluster, scheduler)
        self._refused: dict[str, int] = {}

    def note_refusal(self, owned: Owned, key: int) -> None:
        """A claim met nothing; the next `follow` says why."""
        self._refused[owned.task.name] = key

    async def follow(self, mine: Mapping[str, FenceRow], deployed: Mapping[str, Task]) -> int:
        """Act on all rows that are mine, those that cannot be given up yet included.

        Returns how many tasks were started, paused or resumed. Raises DatabaseError.
        """
        for owned in list(self._scheduler.owned.values()):
            row, task = mine.get(owned.task.name), deployed.get(owned.task.name)
            if row is None or row.fence != owned.row.fence:
                self._explain_refusal(owned, row)
                self._scheduler.drop(owned)
            elif _is_replaced(owned, row, task) and owned.is_idle:
                self._scheduler.drop(owned)
        fresh = [
            row
            for name, row in mine.items()
            if name not in self._scheduler.owned and _is_current(row, deployed.get(name))
        ]
        started = await self._start(self.starts.ready(fresh, deployed), deployed)
        for name, row in mine.items():
            known = self._scheduler.owned.get(name)
            if known is not None and known.row is not row:
                self._refresh(known, row)
        return started + await self._follow_intents(
            {name: row for name, row in mine.items() if self._runs_as_deployed(row, deployed.get(name))}
        )

    def _runs_as_deployed(self, row: FenceRow, task: Task | None) -> bool:
        owned = self._scheduler.owned.get(row.task)
        return _is_current(row, task) and (owned is None or owned.task is task)

    def return_to(self, rows: Mapping[str, FenceRow]) -> None:
        """After a silence: drop what was taken from this node, take over what was changed."""
        for owned in list(self._scheduler.owned.values()):
            row = rows.get(owned.task.name)
            if row is None or row.fence != owned.row.fence or row.owner_boot != owned.boot_id:
                self._scheduler.drop(owned)
                continue
            self._refresh(owned, row)
            if row.intent != "RUN":
                self._scheduler.halt(owned)

    async def _start(self, rows: Iterable[FenceRow], deployed: Mapping[str, Task]) -> int:
        """STATE := RUNNING or PAUSED where nobody has changed the intent meanwhile; then start locally."""
        wanted = [(row, "RUNNING" if row.intent == "RUN" else "PAUSED") for row in rows]
        if not wanted:
            return 0
        met = await self._cluster.fences.start(wanted)
        started = [(row, state) for row, state in wanted if row.task in met]
        for index, (row, state) in enumerate(started):
            row.state, row.intent_done = state, row.intent_seq
            spread = SPREAD_MS * index // len(started)
            former = self._cluster.node_of((row.claim_id or "").partition(":")[0])
            self._scheduler.begin(deployed[row.task], row, self._cluster.boot_id, former, spread)
        return len(started)

    def _refresh(self, owned: Owned, row: FenceRow) -> None:
        """Take over what others have written to the row, and what a lost answer has hidden from us."""
        claimed_here = row.claim_id is not None and row.claim_id.startswith(f"{owned.boot_id}:")
        never_started = claimed_here and row.last_key != owned.started_key and not owned.asked
        if row.last_key > owned.progress.last_key and never_started:
            owned.tell_not_started(row.last_key)
        if not owned.asked and (row.last_key >= owned.progress.last_key or row.was_reset):
            owned.progress = progress_of(row)  # otherwise it was read before the last claim
            owned.note_unfinished(row)
        former, owned.row = owned.row, row
        row.state = former.state
        self._explain_refusal(owned, row)
        self._by_hand.begin(owned, row)

    async def _follow_intents(self, mine: Mapping[str, FenceRow]) -> int:
        """Stop what the operator wants paused, once it is idle; resume what he wants to run."""
        ripe: list[tuple[FenceRow, str]] = []
        for name, row in mine.items():
            owned = self._scheduler.owned.get(name)
            if owned is None:
                continue
            if row.intent_done == row.intent_seq:
                self._resume_halted(owned, row)
            elif row.intent == "RUN":
                ripe.append((row, "RUNNING"))
            else:
                self._scheduler.halt(owned)
                if owned.is_idle:
                    ripe.append((row, "PAUSED"))
        met = await self._cluster.fences.start(ripe) if ripe else set()
        for name in met:
            self._take_effect(self._scheduler.owned[name], mine[name])
        return len(met)

    def _resume_halted(self, owned: Owned, row: FenceRow) -> None:
        """It had been stopped to be given up, and that has been taken back."""
        if owned.stopped and row.intent == "RUN" and not row.move_to:
            owned.stopped = False
            self._scheduler.schedule(owned)

    def _take_effect(self, owned: Owned, row: FenceRow) -> None:
        row.intent_done = row.intent_seq
        was_paused, is_paused = owned.row.state == "PAUSED", row.intent == "PAUSE"
        owned.row.state = row.state = "PAUSED" if is_paused else "RUNNING"
        owned.stopped = is_paused
        if is_paused and not was_paused:
            log.info("Task paused: {task}", task=owned.task.log_name)
        if not is_paused:
            if was_paused:
                log.info("Task resumed: {task}", task=owned.task.log_name)
            owned.starting = True
            self._scheduler.schedule(owned)

    def _explain_refusal(self, owned: Owned, row: FenceRow | None) -> None:
        """Say why a claim met nothing: a warning once per minute and task, else DEBUG."""
        key = self._refused.pop(owned.task.name, None)
        if key is None:
            return
        reason = _reason(owned, row, key)
        VETOES.labels(owned.task.name, reason).inc()
        say = fence_log.warning if owned.reminders.is_due(boottime(), reason) else fence_log.debug
        say(
            "Fire of task [{task}] key {key} refused: {reason} (owner {owner}, fence {fence})",
            task=owned.task.name,
            key=key,
            reason=reason,
            owner=row.owner_node if row else None,
            fence=row.fence if row else None,
        )
        self._scheduler.schedule(owned)


def _is_current(row: FenceRow, task: Task | None) -> bool:
    return task is not None and row.definition == task.definition_hash


def _is_replaced(owned: Owned, row: FenceRow, task: Task | None) -> bool:
    """Whether what is deployed here now is current, and another task than the one that runs."""
    return _is_current(row, task) and owned.task is not task


def _reason(owned: Owned, row: FenceRow | None, key: int) -> str:
    if row is None or row.fence != owned.row.fence or row.owner_boot != owned.boot_id:
        return "LOST_OWNERSHIP"
    if row.definition != owned.task.definition_hash:
        return "DEFINITION_CHANGED"
    if row.intent != "RUN":
        return "PAUSED"
    return "ALREADY_FIRED" if row.last_key >= key else "COUNT_USED"

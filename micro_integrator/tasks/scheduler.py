"""The owner's side: waits until an occurrence is due, has it claimed, runs the body, notes the end.

One heap of due times and one timer serve all tasks; a body is background work of its own, so that a slow one never
keeps another task waiting.
"""

import asyncio
import heapq
import itertools
from functools import partial
from typing import Protocol

from micro_integrator.cluster import Cluster, FenceRow, Finish
from micro_integrator.kit import Component, Reminders, boottime
from micro_integrator.observability import get_logger
from micro_integrator.tasks.claims import Asked, Claims
from micro_integrator.tasks.occurrence import Occurrence, default_misfire, is_ahead, next_occurrence
from micro_integrator.tasks.owned import Meters, Owned, progress_of
from micro_integrator.tasks.task import Fire, Limits, Task

log = get_logger("AbstractQuartzTaskManager")

LONGEST_SLEEP = 1.0
"""Seconds after which due times are compared with cluster time again, should its offset have moved."""

STEP_MS = 1000
"""By how much cluster time must fall back before all due times are found anew."""

POSTPONED_MS = 100


class SchedulerEvents(Protocol):
    """What the scheduler leaves to others."""

    def used_up(self, owned: Owned) -> None:
        """The count of an idle task leaves nothing to run."""
        ...

    def refused(self, owned: Owned, key: int) -> None:
        """A claim met nothing: the row must say why."""
        ...

    def idle(self, owned: Owned) -> None:
        """A stopped task has no undecided claim and no body any more: it may be paused or given away."""
        ...


class Scheduler(Component):
    """Runs the tasks that this node owns."""

    def __init__(self, cluster: Cluster, events: SchedulerEvents, limits: Limits) -> None:
        super().__init__("scheduler")
        self.owned: dict[str, Owned] = {}
        self.claims = Claims(cluster, self._decided, self._gave_up)
        self._cluster, self._events, self._limits = cluster, events, limits
        self._bodies = 0
        self._reminders = Reminders()
        self._heap: list[tuple[int, int, Owned, Occurrence]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._seen_ms = 0

    async def start(self) -> None:
        """Begin to claim."""
        await self.claims.start()

    async def stop(self) -> None:
        """Cancel the timer, the claims and every body that still runs."""
        if self._timer is not None:
            self._timer.cancel()
        await self.claims.stop()
        await super().stop()

    # tasks come and go

    def begin(
        self, task: Task, row: FenceRow, boot_id: str, former_owner: str | None, spread_ms: int
    ) -> None:
        """Start a task whose row is mine; a paused one is known and not scheduled.

        `former_owner` is the node that held it before, `spread_ms` delays the first fire of a new grid.
        """
        owned = Owned(task, row, boot_id, Meters(task.name), progress_of(row))
        owned.stopped = row.intent != "RUN"
        self.owned[task.name] = owned
        paused = " [Paused]" if owned.stopped else ""
        log.info("Task scheduled: {task}{paused}.", task=task.log_name, paused=paused)
        owned.note_unfinished(row)
        if owned.former_claim is None:
            owned.tell_unfinished(row, former_owner)
        self.schedule(owned, spread_ms)

    def halt(self, owned: Owned) -> None:
        """Claim nothing more for this task; what runs goes on."""
        owned.stopped = True
        owned.upcoming = None

    def drop(self, owned: Owned) -> None:
        """The task is not mine any more: cancel what runs."""
        self.halt(owned)
        for body in owned.bodies:
            body.cancel()
        if self.owned.get(owned.task.name) is owned:
            del self.owned[owned.task.name]

    def schedule(self, owned: Owned, spread_ms: int = 0) -> None:
        """Find the next occurrence and wait for it."""
        if owned.stopped or owned.asked or owned.by_hand or not self._cluster.may_act(owned.boot_id):
            return  # without a lease nothing is due; the re-join schedules anew
        if owned.former_claim is not None:
            self._ask_again(owned, owned.former_claim)
            return
        if owned.is_used_up:
            if owned.is_idle:
                self._events.used_up(owned)
            return
        now_ms = self._cluster.now_ms()
        self._seen_ms = max(self._seen_ms, now_ms)
        if is_ahead(owned.task.trigger, owned.progress, now_ms):
            owned.tell_ahead()
        misfire = owned.task.misfire or default_misfire(owned.task.trigger, starting=owned.starting)
        occurrence = next_occurrence(owned.task.trigger, owned.progress, now_ms, misfire, spread_ms)
        owned.upcoming = occurrence
        if occurrence is not None:
            heapq.heappush(self._heap, (occurrence.due_ms, next(self._order), owned, occurrence))
            if self._heap[0][3] is occurrence:
                self._arm()

    def go_on(self, owned: Owned) -> None:
        """A claim was given up or a body has ended: wait for the next occurrence, or say that all is quiet."""
        if owned.upcoming is None:
            self.schedule(owned)
        if owned.stopped and owned.is_idle:
            self._events.idle(owned)

    # time

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._heap:
            wait = (self._heap[0][0] - self._cluster.now_ms()) / 1000
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(max(wait, 0.0), LONGEST_SLEEP), self._wake)

    def _wake(self) -> None:
        """Ask for everything that is due."""
        now_ms = self._cluster.now_ms()
        is_set_back, self._seen_ms = now_ms < self._seen_ms - STEP_MS, now_ms
        if is_set_back:
            self._wait_anew()
        while self._heap and self._heap[0][0] <= now_ms:
            _, _, owned, occurrence = heapq.heappop(self._heap)
            if owned.upcoming is occurrence:
                owned.upcoming = None
                self._ask(owned, occurrence, now_ms)
        self._arm()

    def _wait_anew(self) -> None:
        """The database clock was set back: what was due in a second may now be an hour ahead (8.6)."""
        self._heap.clear()
        for owned in self.owned.values():
            if owned.upcoming is not None:
                self.schedule(owned)

    def _ask(self, owned: Owned, waited_for: Occurrence, now_ms: int) -> None:
        if owned.bodies and owned.task.waits_for_body:
            return  # the end of the body schedules anew
        if not self._limits.permit(self._bodies, beside=bool(owned.bodies)):
            self._postpone(owned, waited_for, now_ms)
            return
        if not self._cluster.may_act(owned.boot_id):  # what it has missed may be another node's to count
            self._wait_a_moment(owned, waited_for, now_ms)
            return
        occurrence: Occurrence | None = waited_for
        if waited_for.anchor_at is None:  # time may have passed over more than this one
            misfire = owned.task.misfire or default_misfire(owned.task.trigger, starting=owned.starting)
            occurrence = next_occurrence(owned.task.trigger, owned.progress, now_ms, misfire)
        if occurrence is None:
            return
        if occurrence.gap is not None:
            if owned.task.fire_mode != "lease":  # nobody counts the looks of a consumer
                owned.tell_skipped(occurrence.gap)
            owned.progress.last_key = occurrence.gap.last
        if occurrence.due_ms > now_ms:
            self.schedule(owned)
        elif owned.task.fire_mode == "lease":
            self._fire_unclaimed(owned, occurrence)
        else:
            owned.tell_going_on()
            owned.asked = True
            self.claims.ask(Asked(owned, occurrence))

    def _ask_again(self, owned: Owned, former_claim: str) -> None:
        """Claim the last key once more, which was not run to its end."""
        if not owned.bodies:  # else the end of the body schedules anew
            owned.asked = True
            occurrence = Occurrence(owned.progress.last_key, self._cluster.now_ms())
            self.claims.ask(Asked(owned, occurrence, former_claim))

    def _fire_unclaimed(self, owned: Owned, occurrence: Occurrence) -> None:
        """Fire mode `lease`: the deadline decides, and nothing is written."""
        owned.progress.pass_to(occurrence)
        owned.starting = False
        if self._cluster.may_act(owned.boot_id):
            self.run(owned, self.fire_of(owned, occurrence.due_ms), "")

    def _postpone(self, owned: Owned, occurrence: Occurrence, now_ms: int) -> None:
        """Too many bodies have not ended: look again a little later; what is missed meanwhile is counted as skipped."""
        self._wait_a_moment(owned, occurrence, now_ms)
        if self._reminders.is_due(boottime()):
            log.warning(
                "{count} bodies have not ended; task [{task}] waits until some have",
                count=self._bodies,
                task=owned.task.name,
            )

    def _wait_a_moment(self, owned: Owned, occurrence: Occurrence, now_ms: int) -> None:
        owned.upcoming = occurrence
        heapq.heappush(self._heap, (now_ms + POSTPONED_MS, next(self._order), owned, occurrence))

    # claims come back

    def _decided(self, batch: list[Asked], met: set[str], claim_id: str) -> None:
        for asked in batch:
            asked.owned.asked = False
            if asked.owned.task.name in met:
                self._claimed(asked, claim_id)
            else:
                self._events.refused(asked.owned, asked.occurrence.key)

    def _claimed(self, asked: Asked, claim_id: str) -> None:
        owned, key = asked.owned, asked.occurrence.key
        progress = owned.progress
        if asked.former_claim is None:
            progress.fired_count += 1
        progress.pass_to(asked.occurrence)
        owned.starting, owned.former_claim = False, None
        is_dropped = self.owned.get(owned.task.name) is not owned
        if is_dropped:
            owned.tell_not_started(key)
            return
        owned.started_key, owned.last_state = key, "CLAIMED"
        owned.tell_overlap()
        is_again = asked.former_claim is not None
        fire = self.fire_of(owned, asked.occurrence.due_ms, key=key, redelivered=is_again)
        self.run(owned, fire, claim_id)
        if not owned.task.waits_for_body:
            self.schedule(owned)

    def _gave_up(self, asked: Asked) -> None:
        asked.owned.asked = False
        self.go_on(asked.owned)

    def fire_of(
        self,
        owned: Owned,
        due_ms: int,
        *,
        key: int | None = None,
        trigger_seq: int | None = None,
        redelivered: bool = False,
    ) -> Fire:
        """Return a fire under the fence and boot id of `owned`: of an occurrence, a run by hand, or neither."""
        return Fire(
            task=owned.task.name,
            fence=owned.row.fence,
            key=key,
            trigger_seq=trigger_seq,
            due_ms=due_ms,
            redelivered=redelivered,
            allowed=partial(self._cluster.may_act, owned.boot_id),
        )

    # bodies

    def run(self, owned: Owned, fire: Fire, claim_id: str) -> asyncio.Task[None]:
        """Start the body of a claimed occurrence or run by hand, as background work of its own."""
        body = self.spawn(self._body(owned, fire, claim_id), owned.task.name)
        owned.bodies[body] = fire.key
        self._bodies += 1
        body.add_done_callback(partial(self._body_ended, owned, fire, claim_id))
        return body

    def _body_ended(self, owned: Owned, fire: Fire, claim_id: str, body: asyncio.Task[None]) -> None:
        # not in the body itself: one that is cancelled before its first step would never come here
        owned.bodies.pop(body, None)
        self._bodies -= 1
        if not fire.is_begun and fire.key is not None:
            owned.tell_not_started(fire.key)
        was_run = fire.is_begun and not body.cancelled()
        if fire.key is not None and not was_run and owned.task.fire_mode == "claim_retry":
            owned.former_claim = claim_id
        self.go_on(owned)

    async def _body(self, owned: Owned, fire: Fire, claim_id: str) -> None:
        # asked here and nowhere earlier: between a claim and this step a freeze may lie (L4)
        if not fire.may_act():
            return
        fire.is_begun = True
        try:
            state = await self._perform(owned, fire)
            if fire.key is not None:
                await self._note_end(owned, Finish(fire.task, fire.fence, fire.key, claim_id, state))
        except asyncio.CancelledError:
            if owned.task.fire_mode != "lease":  # nobody counts the looks of a consumer
                owned.tell_cut_short(fire.key_text)
            if fire.key == owned.started_key:
                owned.last_state = "FAILED"
            raise

    async def _note_end(self, owned: Owned, finish: Finish) -> None:
        if finish.key == owned.started_key:
            owned.last_state = finish.state
        if owned.task.fire_mode == "claim_retry":
            await self.claims.finish_now(finish)
        elif finish.key == owned.started_key:  # an older key has been superseded already
            self.claims.finish(finish)

    async def _perform(self, owned: Owned, fire: Fire) -> str:
        """Run the body; DONE or FAILED. Cancellation passes through."""
        meters, began = owned.meters, boottime()
        meters.executions.inc()
        meters.running.inc()
        try:
            await owned.task.body(fire)
        except Exception as error:  # whatever a body raises must not end the schedule
            owned.tell_failed(fire.key_text, error)
            return "FAILED"
        else:
            meters.last_success.set(self._cluster.now_ms() / 1000)
            return "DONE"
        finally:
            meters.running.dec()
            meters.duration.observe(boottime() - began)

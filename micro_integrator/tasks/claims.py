"""Taking occurrences: what falls due is claimed in one statement per batch, and how it ended is noted lazily.

There is no tick: one batch is outstanding, and what falls due meanwhile is the next. A claim whose fate is unknown
is sent again with the same claim id until the database has answered, a newer occurrence is due, or the lease ends;
it is never replaced by a read (coordination 8.6).
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from micro_integrator.cluster import Claim, Cluster, Finish
from micro_integrator.database import DatabaseError
from micro_integrator.kit import Component, SystemClock, backoff
from micro_integrator.observability import get_logger, histogram, written
from micro_integrator.tasks.occurrence import Occurrence
from micro_integrator.tasks.owned import Owned

log = get_logger("TaskFence")

BATCH = 500
PACE = 0.004
"""Seconds between the starts of two claim statements: with many tasks it saves most of them, for 2 ms of delay."""
LAZY = 1.0
"""Seconds that the end of a body may wait to be written; the next claim of its task makes it needless."""
RETRY_CAP = 1.0
MOST_FINISHES = 20_000
"""Ends of bodies kept while the database is away; beyond it the oldest are forgotten, which costs a warning later."""

LAG = histogram("mi_task_claim_lag_seconds", "Seconds between the due time of an occurrence and its claim")


@dataclass(slots=True)
class Asked:
    """One occurrence on its way to being claimed."""

    owned: Owned
    occurrence: Occurrence
    former_claim: str | None = None

    def claim(self) -> Claim:
        """Return what the statement needs."""
        owned = self.owned
        limit = owned.task.count
        return Claim(
            owned.task.name,
            owned.row.fence,
            owned.task.definition_hash,
            self.occurrence.key,
            -1 if limit is None else limit,
            self.occurrence.anchor_at,
            self.former_claim,
        )


Decided = Callable[[list[Asked], set[str], str], None]
"""Called with a batch, the names that were met, and the claim id."""
GaveUp = Callable[[Asked], None]
"""Called for an occurrence that is not asked for any more; its claim may have succeeded unseen."""


class Claims(Component):
    """The one way from due to started, and from ended to DONE."""

    def __init__(self, cluster: Cluster, decided: Decided, gave_up: GaveUp) -> None:
        super().__init__("claims")
        self._cluster, self._decided, self._gave_up = cluster, decided, gave_up
        self._clock = SystemClock()
        self._asked: deque[Asked] = deque()
        self._waiting = asyncio.Event()
        self._sent_at = float("-inf")
        self._finishes: dict[str, Finish] = {}
        self._finished = asyncio.Event()

    async def start(self) -> None:
        """Begin to claim."""
        self.spawn(self._claim_for_ever(), "claims")
        self.spawn(self._finish_for_ever(), "ends")

    def ask(self, asked: Asked) -> None:
        """Claim this occurrence with the next batch."""
        self._asked.append(asked)
        self._waiting.set()

    def finish(self, finish: Finish) -> None:
        """Note how an occurrence ended; written within LAZY seconds unless the next claim comes first."""
        if len(self._finishes) >= MOST_FINISHES:
            self._finishes.pop(next(iter(self._finishes)))
        self._finishes[finish.task] = finish
        self._finished.set()

    async def finish_now(self, finish: Finish) -> None:
        """Write how an occurrence ended before the task goes on (`claim_retry`). Repeats while the lease stands."""
        boot_id = self._cluster.boot_id
        if finish.state == "FAILED":
            await written()  # that it has failed: nobody will run it again
        delays = backoff(0.1, RETRY_CAP)
        while self._cluster.may_act(boot_id):
            try:
                await self._cluster.fences.finish([finish])
            except DatabaseError as error:
                log.debug("End of task [{task}] not written: {error}", task=finish.task, error=error)
                await self._clock.sleep(next(delays))
            else:
                return

    def forget(self, task: str) -> str | None:
        """Take back the unwritten end of a task that is about to be released with it: DONE, FAILED or None."""
        finish = self._finishes.pop(task, None)
        return finish.state if finish else None

    async def flush(self) -> None:
        """Write all ends known so far. Raises DatabaseError; they are then kept."""
        finishes = list(self._finishes.values())
        if finishes:
            await self._cluster.fences.finish(finishes)
            for finish in finishes:
                if self._finishes.get(finish.task) is finish:
                    del self._finishes[finish.task]

    async def _claim_for_ever(self) -> None:
        while True:
            await self._waiting.wait()
            await self._keep_pace()
            batch = [self._asked.popleft() for _ in range(min(BATCH, len(self._asked)))]
            if not self._asked:
                self._waiting.clear()
            try:
                await self._claim(batch)
            except Exception as error:  # one batch must not silence all tasks for ever
                log.error("Claim of {count} task(s) failed", count=len(batch), exc_info=error)
                for asked in batch:
                    self._gave_up(asked)
                await self._clock.sleep(RETRY_CAP)

    async def _keep_pace(self) -> None:
        """Let a few milliseconds gather one batch instead of several; what waits longer has gathered already."""
        pause = self._sent_at + PACE - self._clock.now()
        if pause > 0:
            await self._clock.sleep(pause)
        self._sent_at = self._clock.now()

    async def _claim(self, batch: list[Asked]) -> None:
        """Send one batch until it is decided."""
        claim_id = f"{self._cluster.boot_id}:{secrets.token_hex(8)}"
        delays = backoff(0.05, RETRY_CAP)
        await self._let_lines_be_written(batch)
        batch = self._not_stopped(batch)
        for asked in batch:
            if asked.owned.task.fire_mode == "claim":
                self._finishes.pop(asked.owned.task.name, None)
        while batch := self._still_wanted(batch):
            try:
                met = await self._cluster.fences.claim([asked.claim() for asked in batch], claim_id)
            except DatabaseError as error:
                log.debug("Claim of {count} task(s) undecided: {error}", count=len(batch), error=error)
                await self._clock.sleep(next(delays))
            else:
                self._measure(batch)
                self._decided(batch, met, claim_id)
                return

    async def _let_lines_be_written(self, batch: list[Asked]) -> None:
        """Claimed first, a key that these lines name would be lost without a word if this process were killed now."""
        telling = [asked.owned for asked in batch if asked.owned.is_telling]
        for owned in telling:
            owned.is_telling = False
        if telling:
            await written()

    def _measure(self, batch: list[Asked]) -> None:
        now_ms = self._cluster.now_ms()
        for asked in batch:
            LAG.observe((now_ms - asked.occurrence.due_ms) / 1000)

    def _not_stopped(self, batch: list[Asked]) -> list[Asked]:
        """Part with tasks that were stopped before their claim was first sent; later it must be decided."""
        for asked in batch:
            if asked.owned.stopped:
                self._gave_up(asked)
        return [asked for asked in batch if not asked.owned.stopped]

    def _still_wanted(self, batch: list[Asked]) -> list[Asked]:
        """Part with what may not run any more: the lease has ended, or a newer key is due."""
        kept = []
        for asked in batch:
            if self._cluster.may_act(asked.owned.boot_id) and not self._is_overtaken(asked):
                kept.append(asked)
            else:
                self._gave_up(asked)
        return kept

    def _is_overtaken(self, asked: Asked) -> bool:
        """Only a trigger without a count goes on to its next key: a counted run must not be used up unseen."""
        owned = asked.owned
        if owned.task.count is not None or asked.former_claim is not None:
            return False
        following = owned.following(asked.occurrence)
        return following is not None and following <= self._cluster.now_ms()

    async def _finish_for_ever(self) -> None:
        while True:
            await self._finished.wait()
            self._finished.clear()
            await self._clock.sleep(LAZY * 0.9)
            try:
                await self.flush()
            except DatabaseError as error:
                log.debug("{count} end(s) not written: {error}", count=len(self._finishes), error=error)
                await self._clock.sleep(RETRY_CAP)
                self._finished.set()

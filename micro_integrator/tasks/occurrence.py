"""Which occurrence of a task is next, when it is due, and which were missed (coordination 8.6).

Keys are integers that strictly increase per task: the scheduled instant (epoch ms) of a cron trigger, an ordinal for
intervals, whose grid is due(n) = ANCHOR_AT + (n - ANCHOR_KEY) x interval. An occurrence is *missed* when a newer one
is due as well, or when it is overdue by more than a minute; otherwise it fires late.
"""

from dataclasses import dataclass

from micro_integrator.tasks.task import Misfire
from micro_integrator.tasks.triggers import Cron, Interval, Trigger

OVERDUE_MS = 60_000
"""Quartz's threshold: beyond it an occurrence is missed even if no newer one is due."""

FUTURE_KEY_MS = 3_600_000
"""A cron key so far ahead of cluster time was written under a wrong database clock."""

MOST_COUNTED = 1_000_000


@dataclass(slots=True)
class Progress:
    """How far a task has come: the columns of its fence row that the grid depends on."""

    last_key: int
    anchor_at: int | None
    anchor_key: int | None
    fired_count: int

    def pass_to(self, occurrence: "Occurrence") -> None:
        """This occurrence was taken: the next one comes after it, on its grid."""
        self.last_key = occurrence.key
        if occurrence.anchor_at is not None:
            self.anchor_at, self.anchor_key = occurrence.anchor_at, occurrence.key


@dataclass(frozen=True, slots=True)
class Gap:
    """Occurrences that nobody will run: how many, and the first and last key."""

    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The next one: its key, when it is due (cluster time, ms), what a claim must write, what it passes over."""

    key: int
    due_ms: int
    anchor_at: int | None = None
    gap: Gap | None = None


def next_occurrence(
    trigger: Trigger, progress: Progress, now_ms: int, misfire: Misfire, spread_ms: int = 0
) -> Occurrence | None:
    """Return the occurrence to wait for or to claim at `now_ms`, or None if a cron trigger has no more.

    `spread_ms` delays the very first occurrence of an interval, so that tasks started together do not fire together.
    """
    if isinstance(trigger, Cron):
        return _next_cron(trigger, progress, now_ms, misfire)
    return _next_interval(trigger, progress, now_ms, misfire, spread_ms)


def default_misfire(trigger: Trigger, *, starting: bool) -> Misfire:
    """Cron skips; an interval skips while running, and makes up one run when its owner starts."""
    return "fire_once" if starting and isinstance(trigger, Interval) else "skip"


def is_ahead(trigger: Trigger, progress: Progress, now_ms: int) -> bool:
    """Whether a cron key lies so far in the future that only an operator's reset helps."""
    return isinstance(trigger, Cron) and progress.last_key > now_ms + FUTURE_KEY_MS


def _next_interval(
    trigger: Interval, progress: Progress, now_ms: int, misfire: Misfire, spread_ms: int
) -> Occurrence:
    first = progress.last_key + 1
    if progress.anchor_at is None or progress.anchor_key is None:
        return Occurrence(first, now_ms + spread_ms, anchor_at=now_ms + spread_ms)
    anchor_at, anchor_key, step = progress.anchor_at, progress.anchor_key, trigger.milliseconds
    if trigger.due(anchor_at, anchor_key, progress.last_key) > now_ms + max(step, 5000):
        return Occurrence(first, now_ms, anchor_at=now_ms)  # the database clock was set back: a new grid
    newest = trigger.key_at(anchor_at, anchor_key, now_ms)
    if newest < first:
        return Occurrence(first, trigger.due(anchor_at, anchor_key, first))
    if now_ms - trigger.due(anchor_at, anchor_key, newest) > OVERDUE_MS and misfire == "skip":
        newest += 1
    gap = Gap(newest - first, first, newest - 1) if newest > first else None
    return Occurrence(newest, trigger.due(anchor_at, anchor_key, newest), gap=gap)


def _next_cron(trigger: Cron, progress: Progress, now_ms: int, misfire: Misfire) -> Occurrence | None:
    if progress.anchor_at is None:  # it has missed nothing: nobody has ever waited for it
        after = max(now_ms, progress.last_key)
        due = trigger.next_after(after)
        return None if due is None else Occurrence(due, due, anchor_at=due)
    first = trigger.next_after(progress.last_key)
    if first is None or first > now_ms:
        return None if first is None else Occurrence(first, first)
    newest = trigger.latest_not_after(now_ms, progress.last_key) or first
    if now_ms - newest > OVERDUE_MS and misfire == "skip":
        following = trigger.next_after(newest)
        if following is None:
            return None
        return Occurrence(following, following, gap=_cron_gap(trigger, progress.last_key, first, newest))
    if newest == first:
        return Occurrence(first, first)
    last_missed = trigger.latest_not_after(newest - 1, progress.last_key) or first
    return Occurrence(newest, newest, gap=_cron_gap(trigger, progress.last_key, first, last_missed))


def _cron_gap(trigger: Cron, after: int, first: int, last: int) -> Gap:
    return Gap(trigger.count_between(after, last, MOST_COUNTED), first, last)

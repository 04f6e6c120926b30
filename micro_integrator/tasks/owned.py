"""What this node knows of one task it owns: its row, how far it has come, what runs at present."""

import asyncio
from dataclasses import dataclass, field

from micro_integrator.cluster import FenceRow
from micro_integrator.kit import Reminders, boottime
from micro_integrator.observability import counter, gauge, get_logger, histogram
from micro_integrator.tasks.occurrence import Gap, Occurrence, Progress
from micro_integrator.tasks.task import BodyFailed, Task
from micro_integrator.tasks.triggers import Interval

fence_log = get_logger("TaskFence")
body_log = get_logger("NTaskAdapter")

EXECUTIONS = counter("mi_task_executions_total", "Bodies started", ["task"])
FAILURES = counter("mi_task_failures_total", "Bodies that failed", ["task"])
MISFIRES = counter("mi_task_misfires_total", "Occurrences that were skipped", ["task"])
DURATION = histogram("mi_task_duration_seconds", "Seconds that a body ran", ["task"])
RUNNING = gauge("mi_task_running", "Bodies running at present", ["task"])
LAST_SUCCESS = gauge(
    "mi_task_last_success_timestamp_seconds", "When a body last succeeded, seconds since 1970", ["task"]
)
VETOES = counter("mi_task_vetoes_total", "Fires refused", ["task", "reason"])


class Meters:
    """The metrics of one task, looked up once."""

    __slots__ = ("duration", "executions", "failures", "last_success", "misfires", "running")

    def __init__(self, task: str) -> None:
        self.executions = EXECUTIONS.labels(task)
        self.failures = FAILURES.labels(task)
        self.misfires = MISFIRES.labels(task)
        self.duration = DURATION.labels(task)
        self.running = RUNNING.labels(task)
        self.last_success = LAST_SUCCESS.labels(task)


@dataclass(eq=False, slots=True)
class Owned:
    """A task under one boot id and fence, from the start by this node until it is released or lost."""

    task: Task
    row: FenceRow
    boot_id: str
    meters: Meters
    progress: Progress
    upcoming: Occurrence | None = None
    asked: bool = False
    """Whether a claim is under way: a task has at most one."""
    stopped: bool = False
    """Whether no new occurrence may be claimed: paused, undeployed, leaving, or lost."""
    starting: bool = True
    """Until the first claim, missed occurrences count as missed during a restart."""
    by_hand: bool = False
    started_key: int | None = None
    """The newest key whose body this process has started."""
    last_state: str | None = None
    """What is known of `started_key`: CLAIMED, DONE or FAILED."""
    former_claim: str | None = None
    """`claim_retry`: the claim under which the last key was taken and not run to its end; it comes before any other."""
    is_telling: bool = False
    """Whether a line that accounts for a key may be on its way to the log: the next claim must not overtake it."""
    skipped: int = 0
    failed: int = 0
    bodies: dict[asyncio.Task[None], int | None] = field(default_factory=dict)
    """Body → its key (None: it has none), in the order in which they began."""
    reminders: Reminders = field(default_factory=Reminders)

    @property
    def is_idle(self) -> bool:
        """Whether no claim is undecided and no body runs: the state in which a task may be given away."""
        return not self.asked and not self.bodies and not self.by_hand

    @property
    def is_used_up(self) -> bool:
        """Whether the trigger's count leaves nothing to run."""
        return self.task.count is not None and self.progress.fired_count >= self.task.count

    def note_unfinished(self, row: FenceRow) -> None:
        """Take the last key of `row` for one to be run again, if nobody has run it and the fire mode says so."""
        is_pending = self.former_claim is not None or row.last_key != self.started_key
        is_unfinished = row.last_state == "CLAIMED" and is_pending
        self.former_claim = row.claim_id if is_unfinished and self.task.fire_mode == "claim_retry" else None

    def following(self, occurrence: Occurrence) -> int | None:
        """When the occurrence after this one is due (ms); from then on this one is missed."""
        trigger = self.task.trigger
        if isinstance(trigger, Interval):
            return occurrence.due_ms + trigger.milliseconds
        return trigger.next_after(occurrence.key)

    def tell_skipped(self, gap: Gap) -> None:
        """Log and count occurrences that nobody will run, before the claim that passes over them."""
        self.is_telling = True
        self.skipped += gap.count
        self.meters.misfires.inc(gap.count)
        fence_log.info(
            "Skipped {count} occurrence(s) of task [{task}] between {first} and {last}",
            count=gap.count,
            task=self.task.name,
            first=gap.first,
            last=gap.last,
        )

    def tell_going_on(self) -> None:
        """Name the newest key while its body runs, before the claim that takes its place in the row."""
        if self.started_key is not None and self.started_key in self.bodies.values():
            self.is_telling = True
            fence_log.info(
                "Occurrence {key} of task [{task}] goes on while the next one is claimed",
                key=self.started_key,
                task=self.task.name,
            )

    def tell_ahead(self) -> None:
        """Warn, once a minute, that the last key lies where no clock has been yet."""
        if self.reminders.is_due(boottime(), "ahead"):
            fence_log.warning(
                "Last key {key} of task [{task}] lies more than an hour in the future: the database clock was wrong; "
                "pause the task and run 'task reset {task}'",
                key=self.progress.last_key,
                task=self.task.name,
            )

    def tell_overlap(self) -> None:
        """Warn, once a minute, that a run begins while earlier ones go on."""
        if self.bodies and self.reminders.is_due(boottime(), "overlap"):
            body_log.warning(
                "A run of task [{task}] begins while {count} earlier one(s) go on",
                task=self.task.name,
                count=len(self.bodies),
            )

    def tell_not_started(self, key: int) -> None:
        """Log a key that is claimed in the table and whose body will never run."""
        self.is_telling = True
        fence_log.warning(
            "Occurrence {key} of task [{task}] was claimed and not started", key=key, task=self.task.name
        )

    def tell_cut_short(self, key_text: str) -> None:
        """Name an occurrence whose body had begun and was cancelled: the lease has ended, or the time to drain."""
        self.is_telling = True
        fence_log.warning(
            "Occurrence {key} of task [{task}] began and was cut short", key=key_text, task=self.task.name
        )

    def tell_unfinished(self, row: FenceRow, former_owner: str | None) -> None:
        """Name the last key of `row` if a dead owner has claimed it."""
        if row.last_state != "CLAIMED" or row.claim_id is None:
            return
        self.is_telling = True
        fence_log.warning(
            "Occurrence {key} of task [{task}] was claimed by [{owner}]; not known to have finished",
            key=row.last_key,
            task=row.task,
            owner=former_owner or row.claim_id.partition(":")[0],
        )

    def tell_failed(self, key_text: str, error: Exception) -> None:
        """Log and count a body that has failed, unless it has told so itself."""
        self.is_telling = True
        self.failed += 1
        self.meters.failures.inc()
        if not (isinstance(error, BodyFailed) and error.is_told):
            body_log.error(
                "Error in executing task: {task} key {key}: {error}",
                task=self.task.log_name,
                key=key_text,
                error=str(error) or repr(error),
            )


def progress_of(row: FenceRow) -> Progress:
    """Return how far a task has come, by its row."""
    return Progress(row.last_key, row.anchor_at, row.anchor_key, row.fired_count)

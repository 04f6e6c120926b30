"""What must never happen, judged from outside while a run goes on (coordination 8.11).

P1   no occurrence starts twice
P2   no two nodes act for one task: once a body has begun under a fence, nobody acts under a lower one; two owners
     never both believe that they may act; a body of a live lease is not overlapped by another node's. Excepted is
     who was evicted on false evidence, until it learns of it (see `evictions`)
P3   a stale owner changes nothing: fences and keys never fall, claims land only on rows of their own boot id

P5   a definition in force stays so while a live node has it, unless a node that has had it too puts another there
P6   what the row calls paused does not begin, unless by hand

P4, that everything runs in the end, and the accounts of all keys are asked for by the runs themselves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from model.evictions import Evictions
from model.process import Process
from model.simulated_database import FenceUpdate, FenceWatch

from micro_integrator.tasks import Fire


class Violation(AssertionError):
    """A rule was broken; the text names the rule first."""


@dataclass(frozen=True, slots=True)
class Start:
    """A body that has begun."""

    at: float
    process: str
    task: str
    key: str
    fence: int
    is_redelivered: bool


class Witness(FenceWatch):
    """Hears of every change of a row and of every body; `check` is called whenever time is about to pass."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.starts: list[Start] = []
        self.violations: list[str] = []
        self.processes: list[Process] = []
        self.evictions = Evictions(self.processes, lambda text: self._broken("P2", text))
        self.is_over = False
        self.is_paused: Callable[[str], bool] = lambda task: False
        """Whether the row of a task says that its owner has followed a pause."""
        self.shortest_orphanage = 0.0
        """Seconds that a row must have been undeployed before it may be deleted; 0 where clocks are set."""
        self._now = now
        self._started: dict[tuple[str, str], Start] = {}
        self._fence_acted: dict[str, int] = {}
        self._highest_fence: dict[str, int] = {}
        self._orphaned_at: dict[str, float | None] = {}
        self._claimed_definition: dict[tuple[str, int], str] = {}
        self._running: dict[int, tuple[Process, str, Fire]] = {}

    def check(self) -> None:
        """Raise Violation if a rule was broken up to now."""
        self._check_beliefs()
        self.evictions.check()
        if self.violations:
            raise Violation(self.violations[0])

    def keys_started(self, task: str) -> set[str]:
        """The keys of all bodies of `task` that began."""
        return {start.key for start in self.starts if start.task == task}

    def last_start(self, task: str) -> Start | None:
        """The newest body of `task`."""
        return next((start for start in reversed(self.starts) if start.task == task), None)

    # bodies

    def body_began(self, process: Process, boot_id: str, fire: Fire, definition: str) -> None:
        """A body takes its first step."""
        if self.is_over:
            return
        start = Start(
            self._now(), process.name, fire.task, fire.key_text, fire.fence, is_redelivered=fire.redelivered
        )
        has_number = fire.key is not None or fire.trigger_seq is not None
        former = self._started.setdefault((fire.task, fire.key_text), start)
        is_excused_now = self.evictions.excuses(process, boot_id)
        is_excused = former.is_redelivered and is_excused_now
        if has_number and former is not start and not fire.redelivered and not is_excused:
            self._broken("P1", f"[{fire.task}] key {fire.key_text} started by {former} and by {start}")
        claimed = self._claimed_definition.get((fire.task, fire.key or 0), definition)
        if fire.key is not None and claimed != definition:
            self._broken("P3", f"[{fire.task}] key {fire.key} runs {definition}, claimed under {claimed}")
        if fire.trigger_seq is None and self.is_paused(fire.task) and not is_excused_now:
            self._broken("P6", f"[{fire.task}] key {fire.key_text} begins on {process.name} and is paused")
        self._check_overlap(process, boot_id, fire)
        self.starts.append(start)
        self._running[id(fire)] = (process, boot_id, fire)
        self.acted(process, boot_id, fire)

    def body_ended(self, fire: Fire) -> None:
        """A body is over, whatever the reason."""
        self._running.pop(id(fire), None)

    def acted(self, process: Process, boot_id: str, fire: Fire) -> None:
        """A body does something irreversible."""
        if self.is_over:
            return
        newest = self._fence_acted.setdefault(fire.task, fire.fence)
        if fire.fence < newest and not self.evictions.excuses(process, boot_id):
            self._broken(
                "P2", f"{process.name} acts on [{fire.task}] under fence {fire.fence} after {newest}"
            )
        self._fence_acted[fire.task] = max(newest, fire.fence)

    def _check_overlap(self, process: Process, boot_id: str, fire: Fire) -> None:
        if self.evictions.excuses(process, boot_id):
            return
        for other, other_boot, running in self._running.values():
            is_elsewhere = running.task == fire.task and other is not process
            is_held = other.lease_stands(other_boot) and not self.evictions.voids(other_boot)
            if is_elsewhere and other.is_alive and is_held:
                self._broken(
                    "P2",
                    f"[{fire.task}] begins on {process.name} while key {running.key_text} runs on {other.name}",
                )

    def _check_beliefs(self) -> None:
        believers: dict[str, Process] = {}
        for process in self.processes:
            if not process.is_alive:
                continue
            process.note_grant()
            for task in process.tasks_it_may_act_on():
                former = believers.setdefault(task, process)
                if former is process or self.evictions.excuses(process, process.boot_id):
                    continue
                if self.evictions.excuses(former, former.boot_id):
                    believers[task] = process
                else:
                    self._broken("P2", f"{former.name} and {process.name} both own [{task}] and may act")

    # rows

    def updated(self, update: FenceUpdate) -> None:
        """See FenceWatch."""
        if self.is_over:
            return
        if update.fence < update.old_fence or update.key < update.old_key:
            self._broken("P3", f"fence or key of a row fell: {update}")
        if update.boot != update.old_boot and update.fence == update.old_fence:
            self._broken("P3", f"a row changed its owner and kept its fence: {update}")
        self._highest_fence[update.task] = max(self._highest_fence.get(update.task, 0), update.fence)
        if update.claim is not None and (update.claim, update.key) != (update.old_claim, update.old_key):
            if update.claim.partition(":")[0] != update.old_boot:
                self._broken("P3", f"a claim of a stale owner landed: {update}")
            self._claimed_definition[update.task, update.key] = update.definition
        if update.new_definition != update.definition:
            self._check_definition(update)
        if update.orphan_since != update.old_orphan_since:
            self._orphaned_at[update.task] = self._now() if update.orphan_since is not None else None

    def _check_definition(self, update: FenceUpdate) -> None:
        holders = (update.holders or "").split(",")
        both = {update.definition, update.new_definition}
        is_replaced = any(
            both <= process.definitions[update.task]
            for process in self.processes
            if process.boot_id not in holders
        )
        if update.holders and not is_replaced:
            self._broken(
                "P5", f"a definition that a live member has published was taken out of force: {update}"
            )

    def deleted(self, task: str, fence: int) -> None:
        """See FenceWatch; what was forgotten after its time may begin anew."""
        since = self._orphaned_at.pop(task, None)
        if since is None or self._now() - since < self.shortest_orphanage:
            self._broken("P3", f"[{task}] was deleted; undeployed at {since}")
        for known in [known for known in self._started if known[0] == task]:
            del self._started[known]

    def inserted(self, task: str, fence: int) -> None:
        """See FenceWatch."""
        if fence <= self._highest_fence.get(task, -1):
            self._broken("P3", f"[{task}] came back under fence {fence}, which was used before")
        self._highest_fence[task] = fence

    def evicted(self, boot_id: str) -> None:
        """See FenceWatch."""
        self.evictions.evicted(boot_id)

    def restored(self) -> None:
        """See FenceWatch: what was lost may be given again."""
        self._highest_fence.clear()

    def _broken(self, rule: str, text: str) -> None:
        if not self.is_over:
            self.violations.append(f"{rule} at {self._now():.3f} s: {text}")


def unaccounted(
    last_keys: dict[str, int], starts: Iterable[Start], named: Callable[[str], set[int]]
) -> list[str]:
    """Name every ordinal up to the last key of its task that neither ran nor was named in a log line."""
    ran: dict[str, set[int]] = {}
    for start in starts:
        if start.key.isdigit():
            ran.setdefault(start.task, set()).add(int(start.key))
    return [
        f"[{task}] key {key}"
        for task, last in sorted(last_keys.items())
        for key in sorted(set(range(last + 1)) - ran.get(task, set()) - named(task))
    ]

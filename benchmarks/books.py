"""What a firing node has done, read from its tables, its metrics and the kernel: two readings make an account."""

from collections.abc import Callable
from dataclasses import dataclass

from harness import Node, rows
from servers.server import Database

from benchmarks.processes import cpu_seconds

_SUMS = """
    SELECT {now_ms}, COUNT(*), SUM(LAST_FIRE_KEY), SUM(FIRED_COUNT), COUNT(DISTINCT CLAIM_ID),
           MIN(LAST_FIRE_KEY)
      FROM MI_TASK_FENCE WHERE STATE = 'RUNNING'
"""
_MISFIRES, _FAILURES, _RUNNING = "mi_task_misfires_total", "mi_task_failures_total", "mi_task_running"
_IN_TIME, _CLAIMS = 'mi_task_claim_lag_seconds_bucket{le="0.2"}', "mi_task_claim_lag_seconds_count"

TOLERATED_BACKLOG = 0.1
"""Bodies more under way at the end than at the beginning, as a share of the fires of one second."""


@dataclass(frozen=True)
class Reading:
    """The books at one moment; all numbers are sums over all tasks since their start."""

    at_ms: int
    """The database's clock."""
    tasks: int
    keys: int
    """Sum of the tasks' last keys: grows by every occurrence, whether it was run or skipped."""
    fired: int
    batches: int
    """Different claim statements among the tasks' last fires."""
    lowest_key: int
    """The last key of the task that has fired least; -1 while one has not fired at all."""
    misfires: int
    failures: int
    running: int
    """Bodies under way at this moment."""
    claims: int
    claims_in_time: int
    """Claims answered within 0.2 s of the due time."""
    cpu: float
    """Seconds of processor time used by the node."""
    arrived: int
    """What a sink has counted."""

    @classmethod
    def of(cls, node: Node, database: Database, arrived: Callable[[], int]) -> "Reading":
        """Read table and metrics of a running node, and the sink's count."""
        [sums] = rows(database, _SUMS)
        at_ms, tasks, keys, fired, batches, lowest = (int(value or 0) for value in sums)
        names = (_MISFIRES, _FAILURES, _RUNNING, "mi_task_claim_lag_seconds_bucket", _CLAIMS)
        _, text = node.probe("/metrics?" + "&".join(f"name[]={name}" for name in names))
        return cls(
            at_ms=at_ms,
            tasks=tasks,
            keys=keys,
            fired=fired,
            batches=batches,
            lowest_key=lowest if tasks else -1,
            misfires=_sum(text, _MISFIRES),
            failures=_sum(text, _FAILURES),
            running=_sum(text, _RUNNING),
            claims=_sum(text, _CLAIMS),
            claims_in_time=_sum(text, _IN_TIME),
            cpu=cpu_seconds(node.process.pid),
            arrived=arrived(),
        )


@dataclass(frozen=True)
class Account:
    """What happened between two readings."""

    before: Reading
    after: Reading

    @property
    def seconds(self) -> float:
        """By the database's clock."""
        return (self.after.at_ms - self.before.at_ms) / 1000

    @property
    def fires(self) -> int:
        """Occurrences that were claimed."""
        return self.after.fired - self.before.fired

    @property
    def rate(self) -> float:
        """Claimed fires per second."""
        return self.fires / self.seconds

    @property
    def skipped(self) -> int:
        """Occurrences passed over: keys that moved on without a fire, or that the node counted as misfires."""
        keys = self.after.keys - self.before.keys
        return max(keys - self.fires, self.after.misfires - self.before.misfires)

    @property
    def failures(self) -> int:
        """Bodies that failed."""
        return self.after.failures - self.before.failures

    @property
    def arrivals(self) -> int:
        """Requests that came to the sink."""
        return self.after.arrived - self.before.arrived

    @property
    def is_complete(self) -> bool:
        """Whether every task fired every second: nothing skipped or failed, claims and bodies keep up."""
        tasks = self.after.tasks
        keeps_up = self.fires >= tasks * (self.seconds - 2) and self.backlog <= tasks * TOLERATED_BACKLOG
        return keeps_up and not self.skipped and not self.failures

    @property
    def backlog(self) -> int:
        """Bodies by which those under way have grown."""
        return self.after.running - self.before.running

    @property
    def late(self) -> float:
        """Per cent of the claims that were answered more than 0.2 s after their due time."""
        claims = self.after.claims - self.before.claims
        in_time = self.after.claims_in_time - self.before.claims_in_time
        return 100 * (1 - in_time / claims) if claims else 0.0

    @property
    def batch(self) -> int:
        """Fires per claim statement."""
        return round(self.after.tasks / max(self.after.batches, 1))

    @property
    def cpu(self) -> float:
        """Per cent of one core that the node used."""
        return 100 * (self.after.cpu - self.before.cpu) / self.seconds

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s: {self.rate:.0f} fires/s, skipped {self.skipped}, failed {self.failures}, "
            f"backlog {self.backlog:+}, late {self.late:.1f} %, node {self.cpu:.0f} % of a core"
        )


def _sum(metrics: str, start: str) -> int:
    return int(sum(float(line.rpartition(" ")[2]) for line in metrics.splitlines() if line.startswith(start)))

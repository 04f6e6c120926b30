"""Cluster time: the database's clock, carried by this machine's boot-time clock (coordination 8.6).

Nodes fire by one clock, whatever their own wall clocks say. Each snapshot select brings the database time; its
distance to the middle of the round trip is the offset, and of the last samples the one with the shortest round
trip is the truest.
"""

from collections import deque

from micro_integrator.observability import get_logger

log = get_logger("ClusterTime")

SAMPLES = 8
STEP_MS = 1000
"""A change of the offset that an operator should know about."""


class ClusterTime:
    """Milliseconds since 1970 by the clock of the coordination database."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=SAMPLES)
        self._offset_ms: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether a first sample has been taken; before it nothing may fire."""
        return self._offset_ms is not None

    def sample(self, database_ms: int, sent_at: float, answered_at: float) -> None:
        """Take the database time of a select sent and answered at these boot-time seconds."""
        offset = database_ms - (sent_at + answered_at) / 2 * 1000
        if (
            self._offset_ms is not None
            and abs(offset - self._offset_ms) > STEP_MS + (answered_at - sent_at) * 1000
        ):
            self._samples.clear()  # older samples belong to a clock that no longer exists
            log.warning("Database clock stepped by {step_ms} ms", step_ms=round(offset - self._offset_ms))
        self._samples.append((answered_at - sent_at, offset))
        self._offset_ms = min(self._samples)[1]

    def at(self, boot_seconds: float) -> int:
        """Cluster time in ms at a moment of this machine's boot-time clock."""
        assert self._offset_ms is not None  # noqa: S101 - nobody asks before the join
        return round(boot_seconds * 1000 + self._offset_ms)

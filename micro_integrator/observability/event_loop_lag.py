"""How long the event loop keeps others waiting: a timer that notices how late it was called."""

from collections import deque

from micro_integrator.kit import Clock, Component
from micro_integrator.observability.logger import get_logger
from micro_integrator.observability.metrics import gauge

PERIOD = 0.5
"""Seconds between two measurements."""

REMEMBERED = 10.0
"""Seconds a lag counts: one period of an ordinary liveness probe, which could not be answered meanwhile."""

NOTEWORTHY = 1.0
"""Seconds of lag that are worth a line in the log."""

log = get_logger("EventLoopLag")
_lag = gauge("mi_event_loop_lag_seconds", "Longest delay of the event loop in the last 10 seconds")


class EventLoopLag(Component):
    """Measures the delay of the loop it is started on."""

    def __init__(self, clock: Clock) -> None:
        super().__init__("event loop lag")
        self._clock = clock
        self._due: float | None = None
        self._late: deque[tuple[float, float]] = deque()  # (when measured, seconds)

    async def start(self) -> None:
        """Begin to measure."""
        self.spawn(self._measure(), "timer")

    def worst(self) -> float:
        """Return the longest lag of the last seconds, including one that is still going on."""
        now = self._clock.now()
        while self._late and self._late[0][0] < now - REMEMBERED:
            self._late.popleft()
        ongoing = now - self._due if self._due is not None else 0.0
        return max(0.0, ongoing, *(late for _, late in self._late))

    async def _measure(self) -> None:
        while True:
            self._due = self._clock.now() + PERIOD
            await self._clock.sleep(PERIOD)
            now = self._clock.now()
            late = now - self._due
            self._late.append((now, late))
            _lag.set(self.worst())
            if late > NOTEWORTHY:
                log.warning("The event loop stood still for {seconds:.1f} s", seconds=late)

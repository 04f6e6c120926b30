"""The time of a connection's exchanges: how long a head may take, and how long nothing may come.

One timer for the whole life of a connection: when it rings somebody looks at the time and sets it anew, so that an
exchange which ends in time sets none.
"""

import asyncio
import math
from collections.abc import Callable


class Stopwatch:
    """Rings not later than the limit that was set; `ring` is called with the time."""

    __slots__ = ("_due", "_loop", "_ring", "_timer", "deadline", "heard_at", "silence")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, silence: float, ring: Callable[[float], None]
    ) -> None:
        self._loop, self._ring = loop, ring
        self.silence = silence
        """Seconds in which nothing may come."""
        self.deadline = 0.0
        """When the head of an answer must be here."""
        self.heard_at = 0.0
        """When something came last, or was taken from us."""
        self._due = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, deadline: float) -> None:
        """An exchange begins."""
        now = self._loop.time()
        self.deadline, self.heard_at = deadline, now
        if deadline < self._due or now + self.silence < self._due:
            self.set(min(deadline, now + self.silence))

    def heard(self) -> None:
        """Note that it is not silent."""
        self.heard_at = self._loop.time()

    def set(self, limit: float) -> None:
        """Ring at `limit`, a time of the loop's clock."""
        self.stop()
        self._due, self._timer = limit, self._loop.call_at(limit, self._rings)

    def stop(self) -> None:
        """Do not ring any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._due, self._timer = math.inf, None

    def _rings(self) -> None:
        self._due, self._timer = math.inf, None
        self._ring(self._loop.time())

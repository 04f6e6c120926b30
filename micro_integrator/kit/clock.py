"""Time as a parameter, so that rules about time can be tested without waiting."""

import asyncio
import time
from typing import Protocol

_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boottime() -> float:
    """Seconds on a clock that nobody can set and that counts suspended time too (Linux CLOCK_BOOTTIME)."""
    return time.clock_gettime(_BOOTTIME)


def wall_ms() -> int:
    """Milliseconds since 1970 on this host's wall clock: for display and standalone mode only."""
    return time.time_ns() // 1_000_000


class Clock(Protocol):
    """What waits and measures; `SystemClock` in production, a hand-moved one in tests."""

    def now(self) -> float:
        """Seconds on a monotonic clock."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        ...


class SystemClock:
    """The clock of this machine."""

    now = staticmethod(boottime)

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running event loop."""
        await asyncio.sleep(seconds)

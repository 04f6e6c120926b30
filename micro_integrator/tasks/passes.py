"""Work that is repeated whenever something has changed: one pass at a time, a failed one is made again."""

import asyncio
import contextlib
from abc import abstractmethod

from micro_integrator.cluster import Cluster
from micro_integrator.database import DatabaseError, Refused
from micro_integrator.kit import Component, Reminders, SystemClock, backoff, boottime
from micro_integrator.observability import get_logger

log = get_logger("CoordinatedTaskScheduler")


class Passes(Component):
    """Makes passes while this node may act; `wake` asks for one, and one comes every `period` seconds anyway."""

    def __init__(self, name: str, cluster: Cluster, period: float) -> None:
        super().__init__(name)
        self.cluster, self.period = cluster, period
        self._clock = SystemClock()
        self._due = asyncio.Event()
        self._reminders = Reminders()

    async def start(self) -> None:
        """Begin."""
        self.spawn(self._pass_for_ever(), "passes")

    def wake(self) -> None:
        """Make a pass soon."""
        self._due.set()

    @abstractmethod
    async def make_pass(self) -> None:
        """Compare what is with what should be, and write what differs. Raises DatabaseError."""

    async def _pass_for_ever(self) -> None:
        delays = backoff(0.2, 5.0)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.period):
                    await self._due.wait()
            self._due.clear()
            if not self.cluster.is_joined:
                continue
            try:
                await self.make_pass()
            except Exception as error:  # whatever ends a pass must not end all passes
                self._tell_trouble(error)
                await self._clock.sleep(next(delays))
                self._due.set()
            else:
                delays = backoff(0.2, 5.0)

    def _tell_trouble(self, error: Exception) -> None:
        """A database that is away is the lease thread's news; everything else is ours."""
        is_known = isinstance(error, DatabaseError)
        is_elsewhere = is_known and not isinstance(error, Refused)
        if is_elsewhere or not self._reminders.is_due(boottime()):
            log.debug("A pass of the {name} failed: {error}", name=self.name, error=error)
            return
        log.error("Tasks cannot be coordinated: {error}", error=error, exc_info=None if is_known else error)

"""The order in which a node stops taking work, finishes it, and leaves (transports 15.4).

readiness 503 ──▶ no new deployments ──▶ tasks: no new claim, bodies end, rows are given up at once
all bodies ended ──▶ STATUS := LEFT; otherwise the lease is left to run out
"""

from collections.abc import Sequence

from micro_integrator.cluster import Member, Standalone
from micro_integrator.config import Settings
from micro_integrator.deployment import Deployment
from micro_integrator.management import Readiness
from micro_integrator.observability import get_logger
from micro_integrator.tasks import Tasks

log = get_logger("ServerManagement")

LEAVE_LIMIT = 3.0
"""Seconds for the last word to the coordination database; without it the lease runs out by itself."""


class Shutdown:
    """One graceful stop."""

    def __init__(
        self,
        settings: Settings,
        readiness: Readiness,
        deployment: Deployment,
        tasks: Tasks,
        cluster: Member | Standalone,
    ) -> None:
        self._settings, self._readiness = settings, readiness
        self._deployment, self._tasks, self._cluster = deployment, tasks, cluster

    async def drain(self) -> bool:
        """Run the steps; False when a body had to be cancelled."""
        self._readiness.stopping = True
        self._deployment.drain()
        cancelled = await self._tasks.leave(self._settings.task_handling.drain_timeout)
        self._tell(cancelled)
        if self._tasks.has_bodies:
            log.error("Bodies ignore their cancellation; the lease is left to run out")
        else:
            await self._cluster.leave(LEAVE_LIMIT)
        return not cancelled

    def _tell(self, cancelled: Sequence[str]) -> None:
        if cancelled:
            log.error(
                "Cancelled after {limit} s, still running: {tasks}",
                limit=self._settings.task_handling.drain_timeout,
                tasks=", ".join(f"[{name}]" for name in cancelled),
            )

"""The order in which a node stops taking work, finishes it, and leaves (transports 15.4).

readiness 503 ──▶ no new deployments ─┬▶ tasks: no new claim, bodies end, rows are given up at once ─┬▶ STATUS := LEFT
                                      └▶ a moment for balancers ──▶ ports closed ──▶ requests end ───┘

Where a body ignores its cancellation, the lease is left to run out.
"""

import asyncio
from collections.abc import Sequence

from micro_integrator.cluster import Member, Standalone
from micro_integrator.config import Settings
from micro_integrator.deployment import Deployment
from micro_integrator.kit import SystemClock
from micro_integrator.management import Readiness
from micro_integrator.observability import get_logger
from micro_integrator.tasks import Tasks
from micro_integrator.transports import HttpListener

log = get_logger("ServerManagement")

LEAVE_LIMIT = 3.0
"""Seconds for the last word to the coordination database; without it the lease runs out by itself."""
REQUESTS_SHARE = 0.8
"""Part of the time for a stop in which requests may end; what follows needs the rest."""


class Shutdown:
    """One graceful stop."""

    def __init__(
        self,
        settings: Settings,
        readiness: Readiness,
        deployment: Deployment,
        tasks: Tasks,
        listener: HttpListener,
        cluster: Member | Standalone,
    ) -> None:
        self._settings, self._readiness = settings, readiness
        self._deployment, self._tasks, self._listener, self._cluster = deployment, tasks, listener, cluster
        self._clock = SystemClock()

    async def drain(self) -> bool:
        """Run the steps; False when a body or a request had to be cancelled."""
        self._readiness.stopping = True
        self._deployment.drain()
        cancelled, unanswered = await asyncio.gather(
            self._tasks.leave(self._settings.task_handling.drain_timeout), self._let_requests_end()
        )
        self._tell(cancelled)
        if self._tasks.has_bodies:
            log.error("Bodies ignore their cancellation; the lease is left to run out")
        else:
            await self._cluster.leave(LEAVE_LIMIT)
        return not cancelled and not unanswered

    async def _let_requests_end(self) -> int:
        """Return how many requests are not answered yet when their time is over."""
        server = self._settings.server
        if self._listener.ports:
            await self._clock.sleep(server.lb_drain_delay)
        self._listener.drain()
        unanswered = await self._listener.settle(server.graceful_shutdown_timeout * REQUESTS_SHARE)
        if unanswered:
            log.error("Cancelled at the stop: {count} request(s)", count=unanswered)
        return unanswered

    def _tell(self, cancelled: Sequence[str]) -> None:
        if cancelled:
            log.error(
                "Cancelled after {limit} s, still running: {tasks}",
                limit=self._settings.task_handling.drain_timeout,
                tasks=", ".join(f"[{name}]" for name in cancelled),
            )

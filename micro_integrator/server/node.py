"""A running server, as the daemon and the control socket see it."""

import os
from dataclasses import dataclass, field

from micro_integrator.cluster import Member, Standalone
from micro_integrator.config import Settings, load, reloadable
from micro_integrator.deployment import Deployment
from micro_integrator.management import Readiness
from micro_integrator.observability import get_logger, toggle_debug
from micro_integrator.server.log_outputs import open_logs
from micro_integrator.server.shutdown import Shutdown
from micro_integrator.tasks import Tasks
from micro_integrator.transports import HttpListener

log = get_logger("CarbonServer")


@dataclass
class Node:
    """What was opened, and what can be done with all of it."""

    settings: Settings
    cluster: Member | Standalone
    tasks: Tasks
    deployment: Deployment
    listener: HttpListener
    readiness: Readiness
    ports: dict[str, int]
    """Open listeners by name."""
    restart_wanted: bool = False
    _applied: Settings | None = field(default=None, init=False)

    @property
    def node_id(self) -> str:
        """The id under which this node is known in its group."""
        return self.cluster.node_id

    async def drain(self) -> bool:
        """Take nothing new and finish what runs; False when something had to be cancelled."""
        return await Shutdown(
            self.settings, self.readiness, self.deployment, self.tasks, self.listener, self.cluster
        ).drain()

    def reload(self) -> None:
        """Read deployment.toml and the log levels again. Raises MicroIntegratorError; then nothing changed."""
        former = self._applied or self.settings
        properties = {**self.settings.properties, "nodeId": self.node_id}  # a random one must not change
        fresh = load(self.settings.home.root, properties=properties, environ=os.environ)
        changes = reloadable(former, fresh)
        open_logs(fresh)
        self.tasks.plan_every(fresh.task_handling.resolving_period)
        self._applied = fresh
        log.info("Reloaded; in force now: {keys}", keys=", ".join(changes.applied) or "log levels")
        if changes.restart:
            log.warning("These keys need a restart: {keys}", keys=", ".join(changes.restart))

    def toggle_debug(self) -> None:
        """Switch the root logger to DEBUG, or back."""
        log.info("Root logger is now at {level}", level=toggle_debug())

    def report(self) -> dict[str, object]:
        """Return what `status` shows."""
        return {
            "node id": self.node_id,
            "ports": ", ".join(f"{name} {port}" for name, port in self.ports.items()),
            "coordinator": self.cluster.is_leader,
            "clustered": self.cluster.is_clustered,
            "joined": self.cluster.is_joined,
            "tasks": self.tasks.running,
            "ready": self.readiness.is_ready,
        }

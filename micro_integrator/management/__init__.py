"""Shows and steers a running node: probes and metrics over HTTP, commands over the unix socket in the home.

Knows the rooms below through small protocols only, never how they do their work. Start reading in `probes`.
"""

from micro_integrator.management.commands import (
    Command,
    CommandError,
    Commands,
    Reply,
    Request,
    status_command,
)
from micro_integrator.management.control import Control, ControlError
from micro_integrator.management.listener import ListenError, PortInUse
from micro_integrator.management.on_cluster import cluster_commands
from micro_integrator.management.on_tasks import TaskControl, TaskRow, task_commands
from micro_integrator.management.probes import Probes
from micro_integrator.management.readiness import Readiness

__all__ = [
    "Command",
    "CommandError",
    "Commands",
    "Control",
    "ControlError",
    "ListenError",
    "PortInUse",
    "Probes",
    "Readiness",
    "Reply",
    "Request",
    "TaskControl",
    "TaskRow",
    "cluster_commands",
    "status_command",
    "task_commands",
]

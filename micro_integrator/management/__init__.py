"""Shows and steers a running node: probes and metrics, the management API, and commands over the socket in the home.

Probes and metrics answer over HTTP, the management API over HTTPS, or over HTTP beside the probes.

Knows the rooms below through small protocols, and the deployment by its catalogue; never how they do their work.
Start reading in `probes`, then `rest`.
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
from micro_integrator.management.on_cluster import cluster_commands
from micro_integrator.management.on_tasks import TaskControl, TaskRow, task_commands
from micro_integrator.management.probes import Probes
from micro_integrator.management.readiness import Readiness
from micro_integrator.management.rest import (
    ROOT,
    ManagementListener,
    ThisNode,
    Users,
    management_app,
    own_key_store,
    users_of,
)

__all__ = [
    "ROOT",
    "Command",
    "CommandError",
    "Commands",
    "Control",
    "ControlError",
    "ManagementListener",
    "Probes",
    "Readiness",
    "Reply",
    "Request",
    "TaskControl",
    "TaskRow",
    "ThisNode",
    "Users",
    "cluster_commands",
    "management_app",
    "own_key_store",
    "status_command",
    "task_commands",
    "users_of",
]

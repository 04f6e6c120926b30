"""The process: what is opened in which order, how it is told to stop, and what it tells other processes.

`app` is the composition root and names every other room: read it first. `node` is what it has opened, `daemon`
lends it a process: event loop, signals, pid file, exit code. `announcement` is what another process may know of a
running node.

The names below are imported when they are first used: `status` or `stop` on the command line read an
announcement and must not wait for every database driver and XML library to be loaded.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from micro_integrator.server.announcement import Announcement, read_announcement
    from micro_integrator.server.app import running
    from micro_integrator.server.daemon import run_daemon
    from micro_integrator.server.process_identity import ProcessIdentity
    from micro_integrator.server.resolver_choice import planning
else:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = ["Announcement", "ProcessIdentity", "planning", "read_announcement", "run_daemon", "running"]

_HOMES = {
    "Announcement": "announcement",
    "ProcessIdentity": "process_identity",
    "planning": "resolver_choice",
    "read_announcement": "announcement",
    "run_daemon": "daemon",
    "running": "app",
}

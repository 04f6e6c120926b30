"""`status`: what the node of this home says about itself, to people or as JSON."""

import json
import sys
from pathlib import Path
from typing import Any

from micro_integrator.cli.arguments import Arguments
from micro_integrator.cli.control_client import NoAnswer, NotRunning, ask
from micro_integrator.cli.places import control_socket, pid_file
from micro_integrator.server import Announcement, read_announcement

READY, NOT_READY, NOT_RUNNING = 0, 1, 5


def status(wanted: Arguments, home: Path) -> int:
    """Print who runs in `home`; the exit code tells ready, not ready and not running apart."""
    node = read_announcement(pid_file(home))
    if node is None:
        print(
            json.dumps({"state": "not running"}) if "--json" in wanted.options else f"No node runs in {home}"
        )
        return NOT_RUNNING
    announced = _announced(node)
    known = announced | _answered(home) | announced  # who it is comes first, and from the process itself
    if "--json" in wanted.options:
        print(json.dumps(known))
    else:
        known["ports"] = ", ".join(f"{name} {port}" for name, port in node.ports.items())
        width = max(map(len, known))
        for fact, value in known.items():
            print(f"{fact.ljust(width)}  {_shown(value)}")
    return READY if known["ready"] else NOT_READY


def _announced(node: Announcement) -> dict[str, Any]:
    return {
        "pid": node.process.pid,
        "state": node.state,
        "uptime": _duration(node.process.age()),
        "node id": node.node_id,
        "ports": dict(node.ports),
    }


def _answered(home: Path) -> dict[str, Any]:
    """Return what only the node itself knows; little while it does not answer."""
    unknown = {"coordinator": None, "ready": False}
    try:
        answer = ask(control_socket(home), {"command": "status"})
    except NotRunning:
        return unknown
    except NoAnswer as error:
        print(error, file=sys.stderr)
        return unknown
    return unknown | dict(*answer.get("rows", [])[:1])


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None or value == "" else str(value)


def _duration(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"{days} d {hour:02}:{minute:02}:{second:02}" if days else f"{hour:02}:{minute:02}:{second:02}"

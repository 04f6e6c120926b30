"""What a node tells other processes of this machine: who it is and how far it has come.

It stands in `<pid file>.meta`, as JSON. The standard library is all it needs, so that the command line may
ask about a node without loading what a node is made of.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from micro_integrator.server.process_identity import ProcessIdentity

State = Literal["starting", "started", "stopping"]


def meta_path(pid_file: Path) -> Path:
    """Return where the announcement that belongs to `pid_file` stands."""
    return pid_file.with_name(pid_file.name + ".meta")


@dataclass(frozen=True)
class Announcement:
    """One node of this home, as it described itself last."""

    process: ProcessIdentity
    state: State
    node_id: str
    stop_timeout: float
    """Seconds the node gives itself for a graceful stop."""
    ports: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> bytes:
        """Return the text of the file."""
        content = {
            "pid": self.process.pid,
            "start_ticks": self.process.start_ticks,
            "boot_id": self.process.boot_id,
            "state": self.state,
            "node_id": self.node_id,
            "stop_timeout": self.stop_timeout,
            "ports": dict(self.ports),
        }
        return json.dumps(content, indent=2).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Read what `as_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        read = json.loads(content)
        process = ProcessIdentity(int(read["pid"]), int(read["start_ticks"]), str(read["boot_id"]))
        return cls(process, read["state"], read["node_id"], float(read["stop_timeout"]), read["ports"])


def read_announcement(pid_file: Path) -> Announcement | None:
    """Return what the node that is alive behind `pid_file` says; None if there is no such node.

    A file that was left behind, and one that cannot be understood, count as nobody.
    """
    try:
        said = Announcement.from_json(meta_path(pid_file).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return said if said.process.is_alive() else None

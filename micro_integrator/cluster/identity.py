"""Who this process is: node, group, boot id, and the marks by which a dead process on this host is recognised."""

import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from micro_integrator import __version__
from micro_integrator.kit import kernel_boot_id, process_start


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """What tells one process of one host from all others (INFO column of MI_NODE_LEASE)."""

    host: str
    """Machine id and kernel boot id, or the value of `-Dmi.host.id`."""
    kernel: str
    """Kernel boot id: a pid means nothing across reboots."""
    pid_space: str
    """PID name space: a pid means nothing in another container."""
    pid: int
    started: int
    """Start time of the process in clock ticks since the kernel booted; pids are used again, pairs are not."""

    @classmethod
    def of_this_process(cls, properties: Mapping[str, str]) -> Self:
        """Read the marks of the running process; `mi.host.id` in `properties` overrides the host id."""
        kernel = kernel_boot_id()
        machine = _text("/etc/machine-id") or os.uname().nodename
        return cls(
            host=properties.get("mi.host.id") or f"{machine}/{kernel}",
            kernel=kernel,
            pid_space=_link("/proc/self/ns/pid"),
            pid=os.getpid(),
            started=process_start(os.getpid()) or 0,
        )

    @classmethod
    def from_info(cls, info: str | None) -> Self | None:
        """Read the marks out of an INFO column; None when they are not all there."""
        fields = told(info)
        try:
            return cls(
                fields["host"],
                fields["kernel"],
                fields["pid_space"],
                int(fields["pid"]),
                int(fields["started"]),
            )
        except (ValueError, KeyError, TypeError):
            return None

    def proves_death_of(self, other: "ProcessMark") -> bool:
        """Whether this process can see that `other` no longer exists: local proof of coordination 8.8."""
        neighbours = (self.host, self.kernel, self.pid_space) == (other.host, other.kernel, other.pid_space)
        return neighbours and process_start(other.pid) != other.started


@dataclass(frozen=True, slots=True)
class Identity:
    """The name under which this process takes part in its group."""

    node_id: str
    group_id: str
    mark: ProcessMark
    heart_beat: float
    """Seconds between two snapshots (HB)."""
    retries: int
    """Renewals that may be missed (R)."""

    @property
    def window(self) -> float:
        """W = L: seconds of silence after which other nodes may take this node's tasks."""
        return self.heart_beat * self.retries

    def info(self, clock_offset_ms: int | None = None) -> str:
        """Return the INFO column of the lease row: at most 1000 characters of JSON.

        `clock_offset_ms`: by how much this host's wall clock is ahead of the database's; None while it is not known.
        """
        fields = {
            "host": self.mark.host[:300],
            "kernel": self.mark.kernel,
            "pid_space": self.mark.pid_space,
            "pid": self.mark.pid,
            "started": self.mark.started,
            "release": __version__,
            "hb_ms": round(self.heart_beat * 1000),
            "retries": self.retries,
            "zone": time.tzname[0],
            "clock_offset_ms": clock_offset_ms,
        }
        return json.dumps(fields, separators=(",", ":"))


def told(info: str | None) -> Mapping[str, Any]:
    """Read an INFO column; a member of another release may have told other things about itself, or nothing."""
    try:
        fields = json.loads(info or "")
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def new_boot_id() -> str:
    """Return an id that no other process, and no earlier life of this one, has ever had."""
    return str(uuid.uuid4())


def _text(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return "unknown"

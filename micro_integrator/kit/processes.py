"""What the kernel knows of processes: a number alone says little, because it is given away again."""

from pathlib import Path

_STATE, _START_TIME = 0, 19
"""Positions in /proc/PID/stat, counted behind the command name (which may hold blanks and brackets)."""


def process_start(pid: int) -> int | None:
    """Return when the living process `pid` began, in clock ticks since the kernel booted.

    None if there is no such process, or only its exit code is left.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in {"Z", "X"} else int(fields[_START_TIME])


def kernel_boot_id() -> str:
    """Return the id the kernel gave itself when it booted; `unknown` where it does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"

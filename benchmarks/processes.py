"""What the kernel knows of a process: processor time and memory."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Return the processor time that process `pid` has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of process `pid` in MB of 10^6 bytes."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    return round(kilobytes * 1024 / 1e6, 1)

"""Who a process is: its number alone says little, because the kernel gives it away again."""

import os
import time
from dataclasses import dataclass
from typing import Self

from micro_integrator.kit import kernel_boot_id, process_start

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class ProcessIdentity:
    """A process of this machine, told apart from every other one that has, had or will have its number."""

    pid: int
    start_ticks: int
    """When it began, in clock ticks since the machine was booted."""
    boot_id: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Return the living process numbered `pid`; None if there is none, or only its exit code is left."""
        started = process_start(pid)
        return None if started is None else cls(pid, started, kernel_boot_id())

    @classmethod
    def mine(cls) -> Self:
        """Return the process this code runs in."""
        me = cls.of(os.getpid())
        assert me is not None  # noqa: S101 - the reader of the file is alive
        return me

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return self == ProcessIdentity.of(self.pid)

    def age(self) -> float:
        """Seconds since it began, counting time the machine was suspended."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) - self.start_ticks / _TICKS_PER_SECOND

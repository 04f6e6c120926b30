"""A single run, right after deployment."""

from dataclasses import dataclass, field

from micro_integrator.tasks.triggers.interval import Interval


@dataclass(frozen=True, slots=True)
class Once(Interval):
    """An interval of one second with one occurrence: due when its first owner starts, and never again."""

    seconds: float = field(default=1, init=False)
    count: int | None = field(default=1, init=False)

"""What a case is: something done several times on one stage, figures of each time, and limits for them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

Measured = Mapping[str, float]
"""What one time has shown, in words with a unit → the value."""

Times = Callable[[str, int], Iterator[Measured]]
"""Called with the kind of database and how many times; yields what each time has shown."""


@dataclass(frozen=True)
class Case:
    """One row of the table. `name` is what the command line calls it."""

    name: str
    what: str
    """What is done, to whom, with which settings."""
    goal: str
    times: int
    run: Times
    at_most: Mapping[str, float] = field(default_factory=dict)
    """Figure → what it must not exceed, each time."""
    at_least: Mapping[str, float] = field(default_factory=dict)
    median_at_most: Mapping[str, float] = field(default_factory=dict)
    """Figure → what the median of all times must not exceed."""
    kinds: tuple[str, ...] = ("postgresql", "mariadb")
    """Databases it is played on."""

    def is_met(self, seen: list[Measured]) -> bool:
        """Whether every time has kept within the limits, and the medians within theirs."""
        medians = {what: median(one[what] for one in seen) for what in self.median_at_most}
        return all(medians[what] <= limit for what, limit in self.median_at_most.items()) and all(
            all(one[what] <= limit for what, limit in self.at_most.items())
            and all(one[what] >= limit for what, limit in self.at_least.items())
            for one in seen
        )

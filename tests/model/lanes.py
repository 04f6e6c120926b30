"""Whose code runs at present: a lane of a process, with the clock of its machine.

A process has two lanes, as a node has two threads: the main loop and the lease keeper. Tasks and timers inherit
the lane through their context.
"""

from asyncio import Handle
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NodeClock:
    """The boot-time clock of a machine: true seconds, run fast or slow, from a start of its own."""

    rate: float = 1.0
    offset: float = 0.0

    def at(self, true_time: float) -> float:
        """What this clock shows at `true_time`."""
        return true_time * self.rate + self.offset

    def true(self, shown: float) -> float:
        """The true time at which this clock shows `shown`."""
        return (shown - self.offset) / self.rate


@dataclass(eq=False, slots=True)
class Lane:
    """One thread of a process. While it stands still its callbacks are kept and time goes on."""

    name: str
    clock: NodeClock = NodeClock()
    stands_still: bool = False
    steps: int = 0
    kept: list[Handle] = field(default_factory=list)
    """Callbacks that came up while the lane stood still, oldest first."""
    latest_message: float = 0.0
    """True time at which the newest message from another thread arrives; none may overtake it."""
    lease: "Lane | None" = None
    """The lane of the lease keeper beside this main loop."""

    @property
    def process(self) -> str:
        """The process whose thread this is."""
        return self.name.partition("/")[0]

    def context(self) -> Context:
        """A context in which code runs on this lane."""
        context = copy_context()
        context.run(LANE.set, self)
        return context


WORLD = Lane("world")
"""Outside of every process: the database, the adversary, the witness."""

LANE: ContextVar[Lane] = ContextVar("lane", default=WORLD)

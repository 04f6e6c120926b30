"""How much a model test has looked at: printed, so that a run in which little happened is seen."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from model.world import World

T = TypeVar("T")


class Bounds:
    """Counts runs and what happened in them; a tour is cut short after `seconds` of processor time."""

    def __init__(self, seconds: float) -> None:
        self._end = time.process_time() + seconds
        self._runs = self._planned = self._statements = self._bodies = 0
        self._evident = self._alive = 0
        self._virtual = 0.0
        self._faults: Counter[str] = Counter()

    def tour(self, cases: Iterable[T]) -> Iterator[T]:
        """Yield `cases` while there is time."""
        planned = list(cases)
        self._planned += len(planned)
        for case in planned:
            if time.process_time() > self._end:
                return
            self._runs += 1
            yield case

    def add(self, world: World) -> None:
        """Count a run that is over."""
        self._statements += world.network.statements
        self._bodies += len(world.witness.starts)
        self._evident += world.witness.evictions.by_evidence
        self._alive += world.witness.evictions.of_the_living
        self._virtual += world.loop.now
        self._faults += world.network.faults

    def __str__(self) -> str:
        cut = f", cut short: {self._planned} were planned" if self._runs < self._planned else ""
        evictions = (
            f"{self._evident} evictions by evidence, {self._alive} of the living; " if self._evident else ""
        )
        faults = ", ".join(f"{count} x {kind}" for kind, count in sorted(self._faults.items()))
        return (
            f"{self._runs} runs{cut}; {self._statements} statements, {self._virtual:.0f} virtual seconds, "
            f"{self._bodies} bodies; {evictions}faults: {faults}"
        )

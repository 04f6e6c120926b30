"""Random faults for a group of running nodes, and an account of what was done and what went on meanwhile.

    report = Chaos(Victims(group, proxies), seed=7).run(60)

The same seed makes the same strikes; what the nodes make of them differs from run to run.
"""

import heapq
import itertools
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.strikes import KINDS, Strike, plan
from harness.victims import Undo, Victims, shift_of


@dataclass(frozen=True)
class Report:
    """What a run did and saw."""

    seed: int
    seconds: float
    strikes: tuple[Strike, ...]
    executed: Mapping[str, int]
    """Task → different keys that arrived during the run."""
    counts: Mapping[str, int]
    """What the proxies before the database have counted, together."""
    wire_counts: Mapping[str, int]
    """What those between the nodes have counted."""

    @property
    def faults(self) -> Counter[str]:
        """Kind of fault → how often."""
        return Counter(strike.kind for strike in self.strikes)

    @property
    def seconds_stepped(self) -> float:
        """By how much the database's clock may have passed over time that never was."""
        return sum(abs(shift_of(strike)) for strike in self.strikes if strike.kind == "server clock")

    def __str__(self) -> str:
        return (
            f"chaos with seed {self.seed} for {self.seconds:.1f} s\n"
            f"  faults: {_listed(self.faults)}\n"
            f"  executed keys: {sum(self.executed.values())} of {len(self.executed)} tasks\n"
            f"  connections: {_listed(self.counts)}\n"
            f"  wires: {_listed(self.wire_counts)}"
        )


class Chaos:
    """Strikes at `victims`.

    `faults` are kinds of `strikes.KINDS`, by default all that have a victim here. `window` is the unit of their
    duration, the lease in seconds; `every` is the mean time between strikes. To be run by the thread that has started
    the nodes and the server, with which they end.
    """

    def __init__(
        self,
        victims: Victims,
        seed: int,
        faults: Sequence[str] = tuple(KINDS),
        *,
        window: float = 3.0,
        every: float = 1.0,
    ) -> None:
        self.seed = seed
        self._victims, self._faults, self._window, self._every = victims, faults, window, every
        self._undoing: list[tuple[float, int, Undo]] = []
        self._numbers = itertools.count()

    def run(self, seconds: float) -> Report:
        """Strike for `seconds`, end all faults, wait until every node has started again; prints the report."""
        began, done = time.monotonic(), list[Strike]()
        names = self._victims.names()
        strikes = plan(self.seed, seconds, names, self._faults, window=self._window, every=self._every)
        try:
            for strike in strikes:
                self._pass_time(began, strike.at)
                done.append(strike)
                if undo := self._victims.hit(strike):
                    entry = (strike.at + strike.lasts, next(self._numbers), undo)
                    heapq.heappush(self._undoing, entry)
            self._pass_time(began, seconds)
        finally:
            while self._undoing:
                heapq.heappop(self._undoing)[2]()
            report = self._report(began, done)
            print(report, *done, sep="\n")
        for home in self._victims.homes.values():
            home.lives[-1].wait_started()
        return report

    def _pass_time(self, began: float, until: float) -> None:
        """Wait until `until` seconds after the beginning; faults that are over by then end on the way."""
        while self._undoing and self._undoing[0][0] <= until:
            at, _, undo = heapq.heappop(self._undoing)
            _sleep_until(began + at)
            undo()
        _sleep_until(began + until)

    def _report(self, began: float, done: list[Strike]) -> Report:
        victims = self._victims
        keys = {(each.task, each.key) for each in victims.group.sink.of(None) if each.at >= began}
        executed = Counter(task for task, key in keys if key is not None)
        counts, wire_counts = (
            sum((proxy.counts for proxy in proxies.values()), Counter[str]())
            for proxies in (victims.proxies, victims.wires)
        )
        return Report(self.seed, time.monotonic() - began, tuple(done), executed, counts, wire_counts)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {what}" for what, number in sorted(counts.items())) or "none"


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))

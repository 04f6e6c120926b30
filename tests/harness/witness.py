"""A sink that knows when each body has begun, and so whether two owners have decided to act at overlapping times.

A body that was on its way when its node froze may arrive long after others have taken over, and no rule is broken. Its
node says when it began, by a wall clock; the steps of that clock are known, so the moment can be found.
"""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from urllib.parse import parse_qs, urlsplit

from harness.artifacts import NAMESPACE, SEQUENCE, to_sink
from harness.home import Home
from harness.sink import Arrival, Sink

STAMPED = "stamped"
"""The sequence for tasks whose bodies say when they began."""
_LONGEST_WAY = 60.0
"""Seconds between the beginning of a body and its arrival: whatever lies further back was told by another clock."""
_EARLY = 0.1
"""Seconds by which two clocks of one machine may differ."""


@dataclass(frozen=True)
class Overlap:
    """Two owners of one task: the later one began before the earlier one had done its last; monotonic seconds."""

    task: str
    earlier: str
    later: str
    since: float
    until: float

    def __str__(self) -> str:
        return f"{self.task}: {self.earlier} and {self.later} for {self.until - self.since:.3f} s"


class Witness(Sink):
    """`deploy` gives a home the sequence; `shifts` must name all steps of the nodes' wall clocks before they happen."""

    def __init__(self) -> None:
        super().__init__()
        self.shifts: Mapping[str, set[float]] = {}
        """Node → how many seconds its wall clock has ever been ahead."""
        self._stamped: list[tuple[Arrival, float]] = []
        self._wall_offset = time.monotonic() - time.time()

    def deploy(self, home: Home) -> None:
        """Give `home` the sequence that stamps each call."""
        now = '<property name="uri.var.began" expression="get-property(\'SYSTEM_TIME\')"/>'
        call = f'<sequence key="{SEQUENCE}"/>'
        home.deploy(STAMPED, f'<sequence xmlns="{NAMESPACE}" name="{STAMPED}">{now}{call}</sequence>')
        home.deploy(SEQUENCE, to_sink(self.url, f"{home.name}&began={{uri.var.began}}"))

    def take(self, path: str) -> Arrival:
        """See Sink."""
        arrival = super().take(path)
        told_ms = float(parse_qs(urlsplit(path).query)["began"][0])
        self._stamped.append((arrival, told_ms / 1000))
        return arrival

    def overlaps_of_owners(self) -> list[Overlap]:
        """Return all pairs of owners, of any task, who decided to act at overlapping times."""
        tenures: dict[str, dict[int, list[float]]] = defaultdict(dict)
        nodes: dict[tuple[str, int], str] = {}
        for arrival, told in list(self._stamped):
            began = self._began(arrival, told)
            tenure = tenures[arrival.task].setdefault(arrival.fence, [began, began])
            tenure[:] = min(tenure[0], began), max(tenure[1], began)
            nodes[arrival.task, arrival.fence] = arrival.node
        return [
            Overlap(task, nodes[task, low], nodes[task, high], fences[high][0], fences[low][1])
            for task, fences in tenures.items()
            for low, high in combinations(sorted(fences), 2)
            if fences[high][0] < fences[low][1]
        ]

    def _began(self, arrival: Arrival, told: float) -> float:
        """Return the monotonic moment that a wall clock with known steps has told."""
        moments = (told - shift + self._wall_offset for shift in self.shifts.get(arrival.node, {0.0}))
        possible = [moment for moment in moments if arrival.at - _LONGEST_WAY < moment < arrival.at + _EARLY]
        return max(possible, default=arrival.at)

"""Three nodes with many tasks under faults of all kinds, and the verdict on what they made of it.

Each node looks like a machine of its own: it has its own host id and wall clock, reaches the database by a proxy, and
is reached by the others through another one.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.chaos import Report
from harness.clocks import MakeClock
from harness.fleet import FAST_WINDOW
from harness.group import Group
from harness.headlines import Headlines
from harness.home import Settings
from harness.machines import Machines
from harness.sessions import Server
from harness.victims import Victims
from harness.witness import STAMPED, Overlap, Witness

NODES = 3
RECOVERY = 90.0
"""Seconds until every task has fired, on a machine with much else to do."""
UNTOLD_TAKEOVER = 2.5 + 2 * 5.0
"""Seconds until a task has its next owner when no LOOK arrives, with the default lease. The former one is known to be
dead after 2.5 s; the leader and the next owner each look once per heart-beat. By the lease alone it is over 16 s."""
_DEAD = re.compile(r"Member \[(?P<node>.+?)\] is dead \((?P<reason>\w+)\)")
_EVICTED_ALIVE = "was evicted while alive; its endpoint is withdrawn"
_ACTS_FOR = 0.9
"""The part of a lease for which a node may act after its last renewal."""
_LATE = 6.0
"""Seconds by which a fire may be late: its claim was repeated, or the machine had much else to do."""
_SOON = 20.0
"""Seconds that may lie between an eviction, its line in the log, and the first fire of the next owner."""


@dataclass(frozen=True)
class Verdict:
    """What a group has made of the faults that hit it."""

    duplicates: tuple[tuple[str, int], ...]
    """Occurrences that ran twice."""
    unaccounted: tuple[tuple[str, int], ...]
    """Keys that neither ran, nor are counted as skipped, nor named."""
    hasty: tuple[str, ...]
    """Tasks whose keys have passed faster than time: what is missing fell into a hole."""
    unreadable: tuple[str, ...]
    """Requests that the sink could not read."""
    rivals: tuple[Overlap, ...]
    """Owners who decided to act at the same time, and no network had lied."""
    misled: tuple[Overlap, ...]
    """The same after a false eviction, until the lease of its victim ended."""
    false_evictions: Mapping[str, int]
    """Life of a node → how often it was evicted while alive."""
    deaths: Mapping[str, int]
    """What has shown that a member is dead → how often."""

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        broken = self.duplicates or self.unaccounted or self.hasty or self.unreadable or self.rivals
        return not broken and max(self.false_evictions.values(), default=0) <= 1

    def __str__(self) -> str:
        lines = {
            "duplicates": self.duplicates,
            "unaccounted": self.unaccounted,
            "hasty": self.hasty,
            "unreadable": self.unreadable,
            "rivals": self.rivals,
            "overlaps after a false eviction": self.misled,
            "false evictions": self.false_evictions.items(),
            "taken for dead": self.deaths.items(),
        }
        shown = (f"  {what}: {', '.join(map(str, found)) or 'none'}" for what, found in lines.items())
        return "\n".join(["verdict", *shown])


class Storm:
    """What is there while a storm lasts; made by `gathered`. `every` and `window` are in seconds."""

    def __init__(
        self,
        fleet: Machines,
        victims: Victims,
        witness: Witness,
        deaths: Headlines,
        *,
        every: int,
        window: float,
    ) -> None:
        self.fleet, self.victims = fleet, victims
        self._witness, self._deaths = witness, deaths
        self._every, self._window = every, window

    def wait_recovered(self) -> None:
        """Wait until all nodes are members, and every task has fired since now."""
        self.fleet.wait_fired(self.fleet.tasks, since=time.monotonic(), within=RECOVERY)
        self.fleet.wait_active(NODES)

    def verdict(self, report: Report) -> Verdict:
        """Judge everything so far; calls that are on their way get time to arrive."""
        books = self.fleet.books()
        overlaps = self._witness.overlaps_of_owners()
        misled = {one for one in overlaps if self._is_misled(one)}
        most_gained = _LATE + report.seconds_stepped
        evicted = {
            f"{home.name}, life {number}": len(node.lines(_EVICTED_ALIVE))
            for home in self.fleet.homes
            for number, node in enumerate(home.lives, start=1)
        }
        return Verdict(
            duplicates=books.duplicates,
            unaccounted=books.unaccounted,
            hasty=tuple(task for task in self.fleet.claimed if self._seconds_gained(task) > most_gained),
            unreadable=books.unreadable,
            rivals=tuple(one for one in overlaps if one not in misled),
            misled=tuple(misled),
            false_evictions={life: count for life, count in evicted.items() if count},
            deaths=Counter(reason for _, _, reason in self._accusations()),
        )

    def _is_misled(self, overlap: Overlap) -> bool:
        """Whether the earlier owner was taken for dead, and has stopped at the end of its lease at the latest."""
        was_accused = any(
            node == overlap.earlier and reason != "LEASE_EXPIRED" and abs(at - overlap.since) < _SOON
            for at, node, reason in self._accusations()
        )
        return was_accused and overlap.until - overlap.since < _ACTS_FOR * self._window

    def _seconds_gained(self, task: str) -> float:
        """Return by how much the keys of `task` have overtaken the time; a late fire gains nothing."""
        offsets = [
            each.at - each.key * self._every for each in self._witness.of(task) if each.key is not None
        ]
        return min(offsets[: max(len(offsets) // 5, 1)]) - min(offsets)

    def _accusations(self) -> Iterator[tuple[float, str, str]]:
        """Yield when a member was taken for dead, which one, and why."""
        for seen in list(self._deaths.seen):
            if told := _DEAD.search(seen.line):
                yield seen.at, told["node"], told["reason"]


@contextmanager
def gathered(
    server: Server,
    folder: Path,
    make_clock: MakeClock,
    *,
    claimed: int,
    leased: int,
    every: int,
    settings: Settings | None = None,
    window: float = FAST_WINDOW,
) -> Iterator[Storm]:
    """Start `server` and three nodes on it; every task has fired. `window`: the lease that `settings` make."""
    server_clock = make_clock(server)
    server.start()
    with ExitStack() as house:
        witness = house.enter_context(Witness())
        group = Group(folder, server.create_database(), witness)
        fleet = house.enter_context(Machines(group, NODES, settings=settings, is_walled=True))
        clocks = {home.name: make_clock(home.root) for home in fleet.homes}
        for home in fleet.homes:
            fleet.environments[home.name] = clocks[home.name].environment
            fleet.words[home.name] += (f"-DSynapseServerName={home.name}",)
            witness.deploy(home)
        victims = Victims(
            group,
            fleet.proxies,
            wires=fleet.walls,
            clocks=clocks,
            server=server,
            server_clock=server_clock,
            loops=True,
            begin=fleet.begin,
        )
        witness.shifts = victims.shifts
        fleet.deploy(claimed, every=every, leased=leased, sequence=STAMPED)
        deaths = house.enter_context(Headlines(group, "] is dead ("))
        fleet.start(RECOVERY)
        yield Storm(fleet, victims, witness, deaths, every=every, window=window)

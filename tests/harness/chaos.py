"""Random faults for a group of running nodes, and an account of what was done and what went on meanwhile.

    report = Chaos(group, proxies, seed=7).run(60)

The same seed makes the same strikes; what the nodes make of them differs from run to run.
"""

import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.clocks import WallClock
from harness.group import Group
from harness.home import Home
from harness.node import Node
from harness.outages import Frozen, crash
from harness.proxy import Proxy
from harness.sessions import Server, Sessions
from harness.strikes import KINDS, Strike, plan

COORDINATION = b"MI_"
"""Stands in every statement on the additive tables."""
_LONGEST_DELAY = 1.5
_LONGEST_SHIFT = 3600.0

Undo = Callable[[], object]


@dataclass(frozen=True)
class Report:
    """What a run did and saw."""

    seed: int
    seconds: float
    strikes: tuple[Strike, ...]
    executed: Mapping[str, int]
    """Task → different keys that arrived during the run."""
    counts: Mapping[str, int]
    """What the proxies have counted, together."""

    @property
    def faults(self) -> Counter[str]:
        """Kind of fault → how often."""
        return Counter(strike.kind for strike in self.strikes)

    def __str__(self) -> str:
        faults = ", ".join(f"{number} {kind}" for kind, number in sorted(self.faults.items())) or "none"
        counts = ", ".join(f"{number} {what}" for what, number in sorted(self.counts.items())) or "none"
        return (
            f"chaos with seed {self.seed} for {self.seconds:.1f} s\n"
            f"  faults: {faults}\n"
            f"  executed keys: {sum(self.executed.values())} of {len(self.executed)} tasks\n"
            f"  connections: {counts}"
        )


class Chaos:
    """Strikes at what it is given: all nodes of the `group`, `proxies` and `clocks` by name, the `server`.

    `faults` are kinds of `strikes.KINDS`, by default all that have a victim here. `window` is the nodes' lease in
    seconds and `every` the mean time between strikes. `begin` starts a node again, by default as `Home.begin` does.
    To be run by the thread that has started the nodes and the server, with which they end.
    """

    def __init__(
        self,
        group: Group,
        proxies: Mapping[str, Proxy],
        seed: int,
        faults: Sequence[str] = tuple(KINDS),
        *,
        clocks: Mapping[str, WallClock] | None = None,
        server: Server | None = None,
        begin: Callable[[Home], Node] = Home.begin,
        window: float = 3.0,
        every: float = 1.0,
    ) -> None:
        self.seed = seed
        self._group, self._proxies, self._clocks, self._server = group, proxies, clocks or {}, server
        self._homes = {home.name: home for home in group.homes}
        self._faults, self._begin, self._window, self._every = faults, begin, window, every
        self._undoing: list[tuple[float, int, Undo]] = []
        self._numbers = itertools.count()

    def run(self, seconds: float) -> Report:
        """Strike for `seconds`, end all faults, wait until every node has started again; prints the report."""
        began, done = time.monotonic(), list[Strike]()
        try:
            for strike in self._plan(seconds):
                self._pass_time(began, strike.at)
                done.append(strike)
                if undo := self._hit(strike):
                    entry = (strike.at + strike.lasts, next(self._numbers), undo)
                    heapq.heappush(self._undoing, entry)
            self._pass_time(began, seconds)
        finally:
            while self._undoing:
                heapq.heappop(self._undoing)[2]()
            report = self._report(began, done)
            print(report, *done, sep="\n")
        for home in self._homes.values():
            home.lives[-1].wait_started()
        return report

    def _plan(self, seconds: float) -> list[Strike]:
        victims = {
            "node": list(self._homes),
            "proxy": list(self._proxies),
            "clock": list(self._clocks),
            "server": [self._server.kind] if self._server else [],
        }
        return plan(self.seed, seconds, victims, self._faults, window=self._window, every=self._every)

    def _pass_time(self, began: float, until: float) -> None:
        """Wait until `until` seconds after the beginning; faults that are over by then end on the way."""
        while self._undoing and self._undoing[0][0] <= until:
            at, _, undo = heapq.heappop(self._undoing)
            _sleep_until(began + at)
            undo()
        _sleep_until(began + until)

    def _report(self, began: float, done: list[Strike]) -> Report:
        keys = {(each.task, each.key) for each in self._group.sink.of(None) if each.at >= began}
        executed = Counter(task for task, key in keys if key is not None)
        counts = sum((proxy.counts for proxy in self._proxies.values()), Counter[str]())
        return Report(self.seed, time.monotonic() - began, tuple(done), executed, counts)

    # the strikes; each returns what ends it

    def _hit(self, strike: Strike) -> Undo | None:
        match KINDS[strike.kind].victim:
            case "node":
                return self._hit_node(strike, self._homes[strike.victim])
            case "clock":
                clock = self._clocks[strike.victim]
                clock.shift(round((2 * strike.force - 1) * _LONGEST_SHIFT))
                return lambda: clock.shift(0)
            case "proxy":
                return _hit_proxy(strike, self._proxies[strike.victim])
            case _:
                assert self._server is not None
                return self._hit_server(strike, self._server)

    def _hit_node(self, strike: Strike, home: Home) -> Undo:
        node = home.lives[-1]
        assert node.process.poll() is None, f"{home.name} has ended by itself:\n{node.log()}"
        match strike.kind:
            case "freeze":
                node.freeze()
                return node.thaw
            case "kill":
                node.kill()
                return lambda: self._begin(home)
            case _:
                node.process.terminate()
                return lambda: (node.wait(), self._begin(home))

    def _hit_server(self, strike: Strike, server: Server) -> Undo | None:
        match strike.kind:
            case "server freeze":
                return Frozen(server).thaw
            case "server crash":
                crash(server)
                return server.start
            case "server restart":
                server.stop()
                return server.start
            case _:
                assert self._group.database is not None
                Sessions(server, self._group.database).kill_one()
                return None


def _hit_proxy(strike: Strike, proxy: Proxy) -> Undo | None:
    match strike.kind:
        case "reset":
            proxy.reset()
            return None
        case "delay":
            proxy.delay(strike.force * _LONGEST_DELAY)
        case "black hole":
            proxy.black_hole()
        case "stall":
            proxy.stall()
        case "refuse":
            proxy.refuse()
        case "held reply":
            proxy.hold_reply(COORDINATION)
        case _:
            proxy.hold_request(COORDINATION)
    return proxy.heal


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))

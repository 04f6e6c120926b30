"""What random faults can hit, and how each kind of fault is done and undone."""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from harness.artifacts import task_xml
from harness.clocks import WallClock
from harness.group import Group
from harness.home import Home
from harness.node import Node
from harness.outages import Frozen, crash
from harness.proxy import Proxy
from harness.sessions import Server, Sessions
from harness.strikes import KINDS, Strike

COORDINATION = b"MI_"
"""Stands in every statement on the additive tables."""
LONGEST_DELAY = 1.5
LONGEST_SHIFT = 3600.0

Undo = Callable[[], object]

_BLOCKER = """
import pathlib, threading

class Blocker:
    order = ""

    async def execute(self):
        order = pathlib.Path(self.order)
        if order.exists():
            seconds = float(order.read_text())
            order.unlink()
            threading.Event().wait(seconds)
"""


class Victims:
    """All nodes of the `group`; by name of the home `proxies` before their database, `wires` between them, `clocks`.

    `server`: the one that all of them share, and its clock. `begin` starts a node again. With `loops` every node gets
    a task that blocks its main loop on demand; it is pinned, so the server must be named like the home.
    """

    def __init__(
        self,
        group: Group,
        proxies: Mapping[str, Proxy],
        *,
        wires: Mapping[str, Proxy] | None = None,
        clocks: Mapping[str, WallClock] | None = None,
        server: Server | None = None,
        server_clock: WallClock | None = None,
        loops: bool = False,
        begin: Callable[[Home], Node] = Home.begin,
    ) -> None:
        self.group, self.proxies, self.wires = group, proxies, wires or {}
        self.homes = {home.name: home for home in group.homes}
        self.shifts: dict[str, set[float]] = {name: {0.0} for name in clocks or {}}
        """Home → how far its wall clock has been ahead so far, in seconds."""
        self._clocks, self._server, self._server_clock = clocks or {}, server, server_clock
        self._loops, self._begin = loops, begin
        if loops:
            for home in group.homes:
                _deploy_blocker(home)

    def names(self) -> dict[str, Sequence[str]]:
        """Return what is there to be hit, as `strikes.plan` wants it."""
        server = [self._server.kind] if self._server else []
        return {
            "node": list(self.homes),
            "loop": list(self.homes) if self._loops else [],
            "proxy": list(self.proxies),
            "wire": list(self.wires),
            "LOOKs": list(self.wires),
            "clock": list(self._clocks),
            "server": server,
            "server clock": server if self._server_clock else [],
        }

    def hit(self, strike: Strike) -> Undo | None:
        """Do it; returns what ends it, None when it is over at once."""
        match KINDS[strike.kind].victim:
            case "node":
                return self._hit_node(strike, self.homes[strike.victim])
            case "loop":
                return _block(_order(self.homes[strike.victim]), strike.lasts)
            case "clock":
                self.shifts[strike.victim].add(shift_of(strike))
                return _shift(self._clocks[strike.victim], shift_of(strike))
            case "server clock":
                assert self._server_clock is not None
                return _shift(self._server_clock, shift_of(strike))
            case "proxy":
                return _hit_proxy(strike.kind, strike.force, self.proxies[strike.victim])
            case "wire":
                return _hit_wire(strike, self.wires[strike.victim])
            case "LOOKs":
                return _disturb_looks(strike, self.wires[strike.victim])
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
                return partial(self._begin, home)
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
                assert self.group.database is not None
                Sessions(server, self.group.database, random.Random(strike.force)).kill_one()
                return None


def shift_of(strike: Strike) -> float:
    """Return by how many seconds a strike at a clock moves it."""
    return float(round((2 * strike.force - 1) * LONGEST_SHIFT))


def _shift(clock: WallClock, seconds: float) -> Undo:
    clock.shift(seconds)
    return partial(clock.shift, 0.0)


def _hit_wire(strike: Strike, wire: Proxy) -> Undo | None:
    if strike.kind == "wire lie":
        wire.refuse()
        wire.reset()
        return wire.heal
    return _hit_proxy(strike.kind.removeprefix("wire "), strike.force, wire)


def _disturb_looks(strike: Strike, wire: Proxy) -> Undo:
    wire.disturb_looks([strike.kind.removeprefix("LOOKs ")])
    return partial(wire.disturb_looks, ())


def _hit_proxy(kind: str, force: float, proxy: Proxy) -> Undo | None:
    match kind:
        case "reset":
            proxy.reset()
            return None
        case "delay":
            proxy.delay(force * LONGEST_DELAY)
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


def _order(home: Home) -> Path:
    return home.root / "block"


def _deploy_blocker(home: Home) -> None:
    home.add_module("blocker", _BLOCKER)
    task = task_xml(
        "blocker", every=1, pinned=home.name, task_class="blocker:Blocker", order=str(_order(home))
    )
    home.deploy("blocker", task)


def _block(order: Path, seconds: float) -> Undo:
    order.write_text(str(seconds))
    return partial(order.unlink, missing_ok=True)  # a node that was not there is not blocked later

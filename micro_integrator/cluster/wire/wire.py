"""The wire as a whole: the liveness socket, a connection to every other live member, and what comes of them."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from micro_integrator.cluster.wire.complaints import Complaints
from micro_integrator.cluster.wire.completeness import Completeness
from micro_integrator.cluster.wire.connector import Connector
from micro_integrator.cluster.wire.endpoint import NONE, Surroundings, advertised, bind_address
from micro_integrator.cluster.wire.events import Tell, WireEvents
from micro_integrator.cluster.wire.frames import Kind, encode_numbers
from micro_integrator.cluster.wire.handshake import WireKey
from micro_integrator.cluster.wire.hints import Coalesced, Hints
from micro_integrator.cluster.wire.limits import Limits
from micro_integrator.cluster.wire.links import Life, Links
from micro_integrator.cluster.wire.listener import Listener
from micro_integrator.cluster.wire.own_addresses import route_address
from micro_integrator.cluster.wire.standing import Neighbour, Standing
from micro_integrator.cluster.wire.switchboard import Switchboard
from micro_integrator.kit import Component, SystemClock, boottime
from micro_integrator.observability import get_logger

log = get_logger("PeerWire")

GOODBYE = 0.2
"""Seconds that the goodbyes may take to be sent."""
NAMED = 10
"""Names in one line about those who are missing."""


@dataclass(frozen=True, slots=True)
class WireSettings:
    """What does not change while the process lives."""

    group_id: str
    node_id: str
    window: float
    """W: seconds for which a suspected member is asked whether it lives."""
    port: int
    """Port to listen on; 0 = any free one."""
    endpoint: str | None
    """The key `endpoint`; None when it is not given, `none` for no wire at all."""
    is_sqlite: bool
    """All members are on this host: listen on loopback only."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class WireState:
    """What the wire knows of one live member, for people."""

    boot_id: str
    address: str | None
    """Where it is called; None when it has no endpoint."""
    is_outgoing: bool
    is_incoming: bool
    evidence: str
    """Empty, CHECKING, UNKNOWN, REFUSED or REPLACED."""


Callee = tuple[Life, str]
"""Whom a connector calls, and where."""


class Wire(Component):
    """Runs in the loop in which it was started; its other methods may be called from any thread unless they say so.

    Everything is a hint and nothing raises: whoever has no wire asks the database more often.
    """

    def __init__(self, settings: WireSettings, events: WireEvents, tell: Tell) -> None:
        super().__init__("peer wire")
        self.states: Mapping[str, WireState] = {}
        """Node id → state of the other live members; replaced as a whole, never changed."""
        self._settings, self._limits = settings, settings.limits
        self._events, self._tell = events, tell
        self._standing = Standing(settings.group_id, settings.node_id)
        self._links = Links(self._review)
        self._hints = Hints(events, tell, self._limits.look_every)
        self._board = Switchboard(
            self._standing,
            self._links,
            self._hints,
            Complaints(self._limits.complain_every),
            self._limits,
            events,
            tell,
        )
        self._listener = Listener(self._board, self.spawn)
        self._looks = Coalesced(self._limits.look_every, self._send_look)
        self._completeness = Completeness(self._limits.patience)
        self._connectors: dict[Callee, tuple[Connector, asyncio.Task[None]]] = {}
        self._clock = SystemClock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._is_too_large = False
        self._has_met = False
        self._was_started = self._is_over = False

    # life

    async def start(self) -> None:
        """Open the liveness socket, once; without one there is no wire, which is said in one line."""
        if self._was_started or self._settings.endpoint == NONE:
            return
        self._was_started = True
        try:
            await self._listener.start(self._bound_to(), self._settings.port)
        except (OSError, ValueError) as error:
            log.warning("No wire to other members, they are found by polling: {error}", error=error)
            return
        if self._is_over:
            self._listener.stop()
            return
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self.spawn(self._tick(), "ticks")

    async def stop(self) -> None:
        """End all connections without a goodbye; the liveness socket stays open, it ends with the process."""
        self._loop, self._is_over = None, True
        self._listener.stop()
        for link in self._links.all():  # before the loops are cancelled, for they say goodbye
            link.cut("stopped")
        await super().stop()

    def release(self) -> None:
        """Give the port back, in the wire's loop: to all others this process is dead. A graceful stop never does."""
        self._listener.release()

    async def bye(self) -> None:
        """Say goodbye to everybody, in the wire's loop, and call nobody any more; takes GOODBYE seconds at most."""
        self._standing.is_leaving = True
        links = self._links.all()
        for link in links:
            link.farewell()
        self._call_neighbours()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE):
                await asyncio.gather(*(link.closed() for link in links))

    # what the lease says

    def endpoint(self, lease_address: str | None, *, is_group_on_this_host: bool) -> str | None:
        """Return what belongs into ENDPOINT of my lease row; None when nobody can call this node.

        `lease_address` is the local address of the lease connection (`address_of`).
        """
        if self._loop is None:
            return None
        surroundings = Surroundings(
            self._listener.port,
            self._bound_to(),
            self._settings.endpoint,
            lease_address,
            route_address(),
            is_group_on_this_host,
        )
        found = advertised(surroundings)
        return str(found) if found else None

    def set_identity(self, boot_id: str, epoch: int, wire_key: str, renew_seq: int) -> None:
        """Take the name of a newly won lease and the key of the group; everybody is called anew."""
        self._here(self._rename, boot_id, epoch, wire_key, renew_seq)

    def renewed(self, renew_seq: int) -> None:
        """My renewal `renew_seq` is confirmed."""
        self._standing.renew_seq = renew_seq

    # what the main loop says

    def set_members(self, others: Iterable[Neighbour], seq: int) -> None:
        """Know the other live members and the signal as of the newest snapshot."""
        self._here(self._meet, tuple(others), seq)

    def look(self, seq: int) -> None:
        """Tell everybody that the signal stands at `seq`."""
        self._here(self._looks.offer, seq)

    @property
    def is_complete(self) -> bool:
        """Whether every other live member is connected, in either direction."""
        return self._completeness.is_complete

    # in the wire's loop

    def _here(self, action: Callable[..., None], *arguments: object) -> None:
        if (loop := self._loop) is None:
            return
        if threading.get_ident() == self._thread:
            action(*arguments)
        else:
            with contextlib.suppress(RuntimeError):  # the loop has just been closed
                loop.call_soon_threadsafe(action, *arguments)

    def _bound_to(self) -> str | None:
        return bind_address(self._settings.endpoint, is_sqlite=self._settings.is_sqlite)

    def _rename(self, boot_id: str, epoch: int, wire_key: str, renew_seq: int) -> None:
        self._standing.rename(boot_id, epoch)
        self._standing.renew_seq = renew_seq
        try:
            self._standing.key = WireKey(wire_key)
        except ValueError as error:
            self._standing.key = None
            log.warning(
                "Wire key of group [{group}] cannot be used: {error}",
                group=self._settings.group_id,
                error=error,
            )
        for link in self._links.all():  # they know this node by another name
            link.farewell()
        for callee in list(self._connectors):
            self._hang_up(callee)
        self._call_neighbours()

    def _meet(self, others: tuple[Neighbour, ...], seq: int) -> None:
        self._has_met = True
        was_too_large, self._is_too_large = self._is_too_large, len(others) >= self._limits.members
        if self._is_too_large and not was_too_large:
            log.warning(
                "The group has {count} members, more than {most}: no wire, polling every 500 ms",
                count=len(others) + 1,
                most=self._limits.members,
            )
        self._standing.meet(others)
        self._hints.know(others, seq)
        self._call_neighbours()
        self._review()

    def _call_neighbours(self) -> None:
        """Have one connector for each live member that can be called, and no other."""
        wanted: dict[Callee, Neighbour] = {}
        if self._standing.key is not None and not self._is_too_large and not self._standing.is_leaving:
            wanted = {
                (one.life, one.endpoint): one for one in self._standing.neighbours.values() if one.endpoint
            }
        for callee, (_, background) in list(self._connectors.items()):
            if callee not in wanted or background.done():
                self._hang_up(callee)
        for callee in sorted(wanted.keys() - self._connectors.keys()):
            connector = Connector(wanted[callee], self._settings.window, self._board)
            self._connectors[callee] = connector, self.spawn(connector.keep(), f"to {callee[0][0]}")

    def _hang_up(self, callee: Callee) -> None:
        _, background = self._connectors.pop(callee)
        background.cancel()

    def _send_look(self, seq: int) -> None:
        frame = encode_numbers(Kind.LOOK, seq)
        for link in self._links.one_of_each():
            link.send(frame)

    async def _tick(self) -> None:
        count = 0
        while True:
            await self._clock.sleep(self._limits.tick)
            count += 1
            for link in self._links.all():
                link.tick(self._limits.quiet_ticks)
            if count % self._limits.ping_ticks == 0:
                ping = encode_numbers(Kind.PING, count, self._standing.renew_seq)
                for link in self._links.outgoing.values():
                    link.send(ping)
            self._review()

    def _review(self) -> None:
        """See who is connected, and say so if that makes a difference."""
        if not self._has_met or self._standing.is_leaving:
            return
        others = self._standing.neighbours
        evidence = {life: connector.evidence for (life, _), (connector, _) in self._connectors.items()}
        links = self._links
        self.states = {
            one.node_id: WireState(
                one.boot_id,
                one.endpoint,
                one.life in links.outgoing,
                one.life in links.incoming,
                evidence.get(one.life, ""),
            )
            for one in others.values()
        }
        missing = [
            one.node_id for one in others.values() if self._is_too_large or not links.reaches(one.life)
        ]
        if not self._completeness.note(missing, boottime()):
            return
        if self.is_complete:
            log.info("Wire is complete ({count} members)", count=len(others) + 1)
        else:
            log.info("Wire is incomplete (missing {names}); polling every 500 ms", names=_listed(missing))
        self._tell(self._events.completeness, self.is_complete)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"[{name}]" for name in sorted(names)[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"

"""TCP between the machines of a run: the shipped wire runs unchanged above it, on asyncio's own streams.

What is written arrives whole and in its order, only hints go ways of their own. A process that stands still is
connected to by its kernel and says nothing; one that is gone refuses. The world may refuse in the name of the living:
this is the false evidence that the rules must bear.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from random import Random
from typing import Any

from model.lanes import LANE, WORLD, Lane
from model.network import Network
from model.virtual_loop import VirtualLoop

from micro_integrator.cluster.wire.frames import Kind

Address = tuple[str, int]
Factory = Callable[[], Any]
"""Makes the asyncio protocol of a connection."""
KIND_AT = 2
"""Where a frame says what it is."""


@dataclass(eq=False, slots=True)
class Listening:
    """A listening socket; without `factory` its kernel accepts and nobody serves."""

    lane: Lane
    context: Context
    address: Address
    factory: Factory | None

    @property
    def sockets(self) -> tuple["Listening"]:
        """Itself, as asyncio's Server has it."""
        return (self,)

    def getsockname(self) -> Address:
        """Where it listens."""
        return self.address

    def close(self) -> None:
        """Serve nobody any more; the port stays open, as the wire holds it by a second descriptor."""
        self.factory = None


class Transport(asyncio.Transport):
    """One end of a connection, in the hands of `lane`."""

    def __init__(self, sockets: "Sockets", lane: Lane, context: Context, address: Address) -> None:
        super().__init__({"peername": address})
        self.lane, self.context = lane, context
        self.protocol: Any = None
        """None where the kernel has accepted and nobody serves."""
        self.is_over = False
        self._has_ended = False
        self._sockets = sockets

    def write(self, data: Any) -> None:
        """Send; see asyncio, as for what follows."""
        if not self.is_over:
            self._sockets.send(self, bytes(data))

    def close(self) -> None:
        """Let the other end read the end of the file."""
        self.abort()

    def abort(self) -> None:
        """End it now."""
        if not self.is_over:
            self._sockets.send(self, None)
            self.lose(None)

    def is_closing(self) -> bool:
        """Whether it is over."""
        return self.is_over

    def get_write_buffer_size(self) -> int:
        """Nothing waits here; what is silent waits in the network."""
        return 0

    def lose(self, error: OSError | None) -> None:
        """It is over; its owner hears of it as soon as it can."""
        self.is_over = True
        self._sockets.forget(self)
        if self.protocol is not None:
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, error, context=self.context)

    def arrived(self, data: bytes | None) -> None:
        """Take in what the other end has sent; None = its end of the file."""
        if self.is_over or self._has_ended or self.protocol is None:
            return  # a late hint comes to nobody
        if data is None:
            self._has_ended = True
            self.protocol.eof_received()
        else:
            self.protocol.data_received(data)


@dataclass(eq=False, slots=True)
class _Connection:
    caller: Transport
    callee: Transport
    chance: Random
    latest: float = 0.0
    """True time at which the newest bytes arrive; none may overtake them."""


class Sockets:
    """All machines, what listens there, and all connections. A lane is that of a lease keeper, who owns the wire."""

    def __init__(self, loop: VirtualLoop, network: Network, seed: int) -> None:
        self.refused_alive: set[Lane] = set()
        """In whose names the world has refused although they live."""
        self._loop, self._network, self._seed = loop, network, seed
        self._machines: dict[str, str] = {}
        self._places: dict[Lane, str] = {}
        self._listening: dict[Address, Listening] = {}
        self._connections: dict[Transport, _Connection] = {}
        self._calls: dict[tuple[str, Address], int] = {}
        self._rejected: set[tuple[Lane, Lane]] = set()
        self._silent: set[Lane] = set()
        self._held: list[tuple[_Connection, Transport, bytes | None]] = []
        self._context = copy_context()
        self._context.run(LANE.set, WORLD)

    def place(self, lane: Lane, host: str) -> str:
        """Let a process run on a machine; returns the machine's address."""
        self._places[lane] = self._machines.setdefault(host, f"10.0.0.{len(self._machines) + 1}")
        return self._places[lane]

    # what the world does

    def end(self, lane: Lane) -> None:
        """The process is gone: its kernel ends its connections and refuses new ones."""
        for address in [place for place, one in self._listening.items() if one.lane is lane]:
            del self._listening[address]
        for end in self._ends(lane):
            self.send(end, None)
            end.is_over = True
            self.forget(end)

    def reset(self, lane: Lane) -> None:
        """Somebody on the way resets all connections of a process."""
        for end in self._ends(lane):
            self._break(self._connections[end])

    def reject(self, caller: Lane, callee: Lane) -> None:
        """Somebody on the way resets what `caller` has with `callee`, and refuses in its name from now on."""
        self._rejected.add((caller, callee))
        for end in self._ends(caller):
            connection = self._connections[end]
            if end is connection.caller and connection.callee.lane is callee:
                self._break(connection)

    def silence(self, lane: Lane) -> None:
        """Nothing reaches a process, and nothing comes from it; what is sent waits."""
        self._silent.add(lane)

    def heal(self) -> None:
        """End all that `reject` and `silence` have begun; what has waited goes on."""
        self._rejected.clear()
        self._silent.clear()
        held, self._held = self._held, []
        for connection, receiver, data in held:
            self._carry(connection, receiver, data)

    def forge(self, lane: Lane, frame: bytes) -> None:
        """Somebody on the way puts a frame into every connection of a process."""
        for end in self._ends(lane):
            self._loop.call_soon(end.arrived, frame, context=end.context)

    def _ends(self, lane: Lane) -> list[Transport]:
        return [end for end in self._connections if end.lane is lane]

    def _break(self, connection: _Connection) -> None:
        for end in (connection.caller, connection.callee):
            if not end.is_over:
                end.lose(ConnectionResetError("reset by somebody on the way"))

    # what the loop asks

    def listen(self, factory: Factory, port: int) -> Listening:
        """Open `port` of the machine whose code asks, or the next one that is free."""
        ip = self._places[LANE.get()]
        while (ip, port) in self._listening:
            port += 1
        listening = Listening(LANE.get(), copy_context(), (ip, port), factory)
        self._listening[ip, port] = listening
        return listening

    async def connect(self, factory: Factory, address: Address) -> tuple[Transport, Any]:
        """Call `address`. Raises ConnectionRefusedError; never answers where a process is silent."""
        lane, opened = LANE.get(), self._loop.create_future()
        caller, chance = Transport(self, lane, copy_context(), address), self._chance(lane, address)
        at = self._loop.now + self._moment(chance)
        self._loop.call_at(at, self._knock, caller, address, chance, opened, context=self._context)
        try:
            await opened
        except asyncio.CancelledError:
            caller.abort()  # it may have been opened in this very moment
            raise
        caller.protocol = factory()
        caller.protocol.connection_made(caller)
        return caller, caller.protocol

    def _chance(self, lane: Lane, address: Address) -> Random:
        """Each call has a chance of its own: the order of calls made in one instant makes no difference."""
        count = self._calls[lane.name, address] = self._calls.get((lane.name, address), 0) + 1
        return Random(f"{self._seed} {lane.name} {address} {count}")

    def _moment(self, chance: Random) -> float:
        return chance.uniform(0.0005, 0.005)

    def _knock(
        self, caller: Transport, address: Address, chance: Random, opened: asyncio.Future[None]
    ) -> None:
        listening = self._listening.get(address)
        if opened.done() or caller.lane in self._silent or (listening and listening.lane in self._silent):
            return
        if listening is None:
            opened.set_exception(ConnectionRefusedError("refused"))
        elif (caller.lane, listening.lane) in self._rejected:
            self._network.count("false refusal")
            self.refused_alive.add(listening.lane)
            opened.set_exception(ConnectionRefusedError("refused by somebody on the way"))
        else:
            self._accept(caller, listening, chance)
            opened.set_result(None)

    def _accept(self, caller: Transport, listening: Listening, chance: Random) -> None:
        callee = Transport(self, listening.lane, listening.context, listening.address)
        connection = _Connection(caller, callee, chance)
        self._connections[caller] = self._connections[callee] = connection
        if listening.factory is not None:
            callee.protocol = listening.factory()
            self._loop.call_soon(callee.protocol.connection_made, callee, context=callee.context)

    # what transports ask

    def send(self, end: Transport, data: bytes | None) -> None:
        """Put a frame on its way, or the end of the file."""
        if (connection := self._connections.get(end)) is not None:
            receiver = connection.callee if end is connection.caller else connection.caller
            self._carry(connection, receiver, data)

    def forget(self, end: Transport) -> None:
        """This end is over; the other one does not know yet."""
        self._connections.pop(end, None)

    def _carry(self, connection: _Connection, receiver: Transport, data: bytes | None) -> None:
        if connection.caller.lane in self._silent or connection.callee.lane in self._silent:
            self._held.append((connection, receiver, data))
        elif data is not None and data[KIND_AT] == Kind.LOOK:
            post = self._network.adversary.hint(connection.chance)
            self._network.count(post.kind)
            for delay in post.arrivals:
                self._deliver(self._loop.now + delay, receiver, data)
        else:
            connection.latest = max(connection.latest, self._loop.now + self._moment(connection.chance))
            self._deliver(connection.latest, receiver, data)

    def _deliver(self, at: float, receiver: Transport, data: bytes | None) -> None:
        shown = receiver.lane.clock.at(at)
        self._loop.call_at(shown, receiver.arrived, data, context=receiver.context)

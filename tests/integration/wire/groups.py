"""Groups of wires in one process: who is a live member is what a test says, instead of a database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from micro_integrator.cluster.wire import Limits, Neighbour, Wire, WireEvents, WireSettings
from micro_integrator.cluster.wire.frames import Decoder, Frame, Kind, encode
from micro_integrator.cluster.wire.handshake import (
    Introduction,
    Proof,
    Side,
    WireKey,
    greeting,
    nonce_of,
)

KEY, OTHER_KEY = "5a" * 32, "a5" * 32
QUICK = Limits(
    connect=1.0,
    handshake=0.4,
    tick=0.05,
    patience=0.2,
    reconnect_first=0.02,
    reconnect_cap=0.1,
    settled=0.0,
)
"""The same rules with shorter waits; silence after 0.35 s."""
PATIENT = replace(QUICK, quiet_ticks=10_000)
"""For tests in which somebody says nothing for long without being silent."""
LIMIT = 10.0
ANY = frozenset(Kind)


class Heard(WireEvents):
    """What a wire has told, in order; `until` waits for it."""

    def __init__(self) -> None:
        self.news: list[tuple[Any, ...]] = []
        self._more = asyncio.Event()

    def tell(self, call: Callable[..., object], *arguments: object) -> None:
        """Take news; stands for the way into another loop."""
        self.news.append((call.__name__, *arguments))
        self._more.set()

    def of(self, *kinds: str) -> list[tuple[Any, ...]]:
        """Return the news of some kinds."""
        return [told for told in self.news if told[0] in kinds]

    async def until(self, *wanted: Any) -> tuple[Any, ...]:
        """Return the first news that begins with `wanted`, now or when it comes."""
        async with asyncio.timeout(LIMIT):
            while not (found := [told for told in self.news if told[: len(wanted)] == wanted]):
                self._more.clear()
                await self._more.wait()
        return found[0]

    def forget(self) -> None:
        """Begin anew."""
        self.news.clear()


@dataclass
class Node:
    """One wire with what it has told."""

    wire: Wire
    heard: Heard
    node_id: str
    boot_id: str
    renew_seq: int = 1
    endpoint: str | None = None

    def neighbour(self) -> Neighbour:
        """Return it as a snapshot shows it to others."""
        return Neighbour(self.node_id, self.boot_id, self.endpoint, self.renew_seq)

    def kill(self) -> None:
        """End its sockets as the kernel does for a process that was killed: no goodbye, the port refuses."""
        self.wire.release()
        for link in self.wire._links.all():
            link.cut("killed")
        for callee in list(self.wire._connectors):
            self.wire._hang_up(callee)


@dataclass
class Group:
    """Nodes, and what each of them is told of the others."""

    nodes: list[Node] = field(default_factory=list)
    seq: int = 1

    async def add(
        self,
        node_id: str,
        *,
        limits: Limits = QUICK,
        boot_id: str = "",
        key: str = KEY,
        port: int = 0,
        window: float = 2.0,
    ) -> Node:
        """Start a wire that nobody knows yet."""
        heard = Heard()
        settings = WireSettings("group", node_id, window, port, "127.0.0.1", False, limits)
        wire = Wire(settings, heard, heard.tell)
        node = Node(wire, heard, node_id, boot_id or f"boot of {node_id}")
        self.nodes.append(node)
        await wire.start()
        wire.set_identity(node.boot_id, 1, key, node.renew_seq)
        node.endpoint = wire.endpoint(None, is_group_on_this_host=True)
        return node

    def introduce(self, *nodes: Node) -> None:
        """Let all `nodes` (default: the whole group) see each other in a snapshot."""
        among = nodes or tuple(self.nodes)
        for node in among:
            node.wire.set_members([other.neighbour() for other in among if other is not node], self.seq)

    async def connected(self, *names: str, window: float = 2.0) -> list[Node]:
        """Start nodes and return them when their wires are complete in both directions."""
        nodes = [await self.add(name, window=window) for name in names]
        self.introduce()
        for node in nodes:
            await node.heard.until("completeness", True)
        await until(
            lambda: all(
                peer.is_outgoing and peer.is_incoming for n in nodes for peer in n.wire.states.values()
            )
        )
        return nodes

    async def stop(self) -> None:
        """End everything, ports included; nothing may have failed on the way."""
        for node in self.nodes:
            for _, work in node.wire._connectors.values():
                assert not work.done() or work.cancelled() or work.exception() is None
            node.wire.release()
            await node.wire.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that nobody tells."""
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.005)


def port_of(node: Node) -> int:
    """Return the port on which a node listens."""
    assert node.endpoint is not None
    return int(node.endpoint.rpartition(":")[2])


class Caller:
    """A connection to a liveness socket, or from one, on which a test says what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._decoder = Decoder()

    @classmethod
    async def to(cls, node: Node) -> "Caller":
        """Connect to a node."""
        return cls(*await asyncio.open_connection("127.0.0.1", port_of(node)))

    @classmethod
    async def to_member(cls, node: Node, node_id: str) -> "Caller":
        """Connect to a node as a member of its group."""
        caller = await cls.to(node)
        await caller.introduce(node_id, f"boot of {node_id}")
        welcome = await caller.hear()
        assert welcome is not None
        assert welcome.kind is Kind.WELCOME
        caller.say(Kind.PING, bytes(16))
        pong = await caller.hear()
        assert pong is not None
        assert pong.kind is Kind.PONG
        return caller

    async def __aenter__(self) -> "Caller":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.transport.abort()

    def say(self, kind: Kind, payload: bytes = b"") -> None:
        """Send a frame."""
        self.writer.write(encode(kind, payload))

    async def hear(self) -> Frame | None:
        """Return the next frame; None when the other side has ended the connection."""
        async with asyncio.timeout(LIMIT):
            while (frame := self._decoder.take(ANY)) is None:
                try:
                    piece = await self.reader.read(4096)
                except ConnectionError:
                    return None
                if not piece:
                    return None
                self._decoder.feed(piece)
            return frame

    async def was_ended(self) -> bool:
        """Return True when the other side has ended the connection without another frame."""
        return await self.hear() is None

    async def introduce(self, node_id: str, boot_id: str, *, key: str = KEY, group: str = "group") -> None:
        """Be a connector up to AUTH."""
        nonce = b"n" * 16
        self.say(Kind.HELLO, greeting(nonce))
        challenge = await self.hear()
        assert challenge is not None
        proof = Proof(WireKey(key), nonce, nonce_of(challenge.payload))
        me = Introduction(group, node_id, boot_id, 1)
        self.say(Kind.AUTH, proof.introduce(Side.CONNECTOR, me))

    async def admit(self, node_id: str, boot_id: str, *, key: str = KEY) -> None:
        """Be a listener up to WELCOME."""
        hello = await self.hear()
        assert hello is not None
        nonce = b"s" * 16
        self.say(Kind.CHALLENGE, greeting(nonce))
        assert await self.hear() is not None
        proof = Proof(WireKey(key), nonce_of(hello.payload), nonce)
        self.say(Kind.WELCOME, proof.introduce(Side.LISTENER, Introduction("group", node_id, boot_id, 1)))


Answering = Callable[[Caller], Coroutine[None, None, None]]
"""What somebody does with a call."""


@asynccontextmanager
async def stand_in(answer: Answering) -> AsyncIterator[int]:
    """Listen like a member and let `answer` deal with each connection; yields the port."""
    callers: list[Caller] = []

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(caller := Caller(reader, writer))
        await answer(caller)

    server = await asyncio.start_server(accepted, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for caller in callers:
            caller.writer.transport.abort()


def sees(node: Node, port: int, name: str = "node-2") -> None:
    """Let `node` believe that a member answers at `port`."""
    node.wire.set_members([Neighbour(name, f"boot of {name}", f"127.0.0.1:{port}", 1)], 1)

"""Members without a process: rows in the table of leases, and sockets that shake hands as a node would.

For groups too large to be started, and for members that misbehave in one way only. They have nothing deployed, so
they are given no task; they stand for no election.
"""

import asyncio
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from servers.server import Database
from servers.settings import settings_of

from harness.loop_thread import LoopThread
from harness.tables import execute, rows
from micro_integrator.cluster.wire.frames import TO_LISTENER, Decoder, Frame, Kind, encode, encode_numbers
from micro_integrator.cluster.wire.handshake import (
    NONCE,
    Introduction,
    Proof,
    Side,
    WireKey,
    greeting,
    nonce_of,
)
from micro_integrator.database import Connection, DataSource, Statement

_GROUP = "default"
_LEASE_MS = 15_000
_INSERT = """
    INSERT INTO MI_NODE_LEASE (GROUP_ID, NODE_ID, BOOT_ID, LEASE_EPOCH, LEASE_MS, RENEW_SEQ, RENEWED_AT, STATUS,
                               DEPLOY_SEQ, ENDPOINT, STARTED_AT, INFO)
    VALUES """
_ROW = "(:group, :node{0}, :boot{0}, 1, :lease_ms, 1, 1, 'ACTIVE', 0, :endpoint{0}, 1, '{{}}')"
_RENEW = """
    UPDATE MI_NODE_LEASE SET RENEW_SEQ = RENEW_SEQ + 1
     WHERE GROUP_ID = :group AND BOOT_ID LIKE :boots AND STATUS = 'ACTIVE'
"""
_LEAVE = "UPDATE MI_NODE_LEASE SET STATUS = 'LEFT' WHERE GROUP_ID = :group AND NODE_ID = :node"
_RAISE = "UPDATE MI_CLUSTER_SIGNAL SET SEQ = SEQ + 1 WHERE GROUP_ID = :group"


@dataclass
class StandIn:
    """One member; `answers` false: its socket listens and says nothing."""

    node_id: str
    answers: bool = True
    server: asyncio.Server | None = None
    talks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def boot_id(self) -> str:
        """Under which it is found in the table."""
        return f"stand-in {self.node_id}"

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        assert self.server is not None
        return f"127.0.0.1:{self.server.sockets[0].getsockname()[1]}"


class StandIns(LoopThread):
    """Stand-ins in the group of `database`, which a node must have joined; their leases are renewed until the end.

    `every` is the time between two renewals in seconds. A thread of its own does the work.
    """

    def __init__(self, database: Database, every: float = 1.0) -> None:
        super().__init__("stand-ins")
        self.members: dict[str, StandIn] = {}
        self._database, self._every = database, every
        [[key]] = rows(
            database, "SELECT WIRE_KEY FROM MI_CLUSTER_SIGNAL WHERE GROUP_ID = :group", group=_GROUP
        )
        self._key = WireKey(key)
        self._renewing: asyncio.Future[None] | None = None

    def join(self, *names: str, answers: bool = True) -> None:
        """Let members appear, all at once; they are ACTIVE and can be called."""
        values: dict[str, object] = {"group": _GROUP, "lease_ms": _LEASE_MS}
        for number, name in enumerate(names):
            member = self.members[name] = StandIn(name, answers)
            self._run(self._listen(member))
            values |= {
                f"node{number}": name,
                f"boot{number}": member.boot_id,
                f"endpoint{number}": member.endpoint,
            }
        execute(self._database, _INSERT + ", ".join(map(_ROW.format, range(len(names)))), **values)
        execute(self._database, _RAISE, group=_GROUP)

    def leave(self, name: str) -> None:
        """Let a member say LEFT; whoever calls it then is refused."""
        execute(self._database, _LEAVE, group=_GROUP, node=name)
        self.vanish(name)
        execute(self._database, _RAISE, group=_GROUP)

    def vanish(self, name: str) -> None:
        """End the sockets of a member as the end of its process would; its lease is still renewed."""
        self._run(_end(self.members[name]))

    def connected(self) -> Sequence[str]:
        """Return the members that a node talks with."""
        return [name for name, member in self.members.items() if member.talks]

    # in the thread

    async def _begin(self) -> None:
        connection = await DataSource(settings_of(self._database)).connect()
        self._renewing = self._loop.create_task(self._renew(connection))

    async def _renew(self, connection: Connection) -> None:
        try:
            while True:
                await connection.changed(Statement(_RENEW), group=_GROUP, boots="stand-in %")
                await asyncio.sleep(self._every)
        finally:
            await connection.close()

    async def _end(self) -> None:
        for member in self.members.values():
            await _end(member)
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    async def _listen(self, member: StandIn) -> None:
        def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talk = self._loop.create_task(self._talk(member, reader, writer))
            member.talks.add(talk)
            talk.add_done_callback(member.talks.discard)

        member.server = await asyncio.start_server(accepted, "127.0.0.1", 0)

    async def _talk(
        self, member: StandIn, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            if not member.answers:
                await reader.read()
                return
            heard = Decoder()
            await self._let_in(member, heard, reader, writer)
            while (frame := await _next(heard, reader, TO_LISTENER)).kind is not Kind.BYE:
                if frame.kind is Kind.PING:
                    writer.write(encode_numbers(Kind.PONG, frame.numbers()[0], 1))
        except OSError:
            pass  # the node has ended it
        finally:
            writer.close()

    async def _let_in(
        self, member: StandIn, heard: Decoder, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        hello = await _next(heard, reader, {Kind.HELLO})
        nonce = secrets.token_bytes(NONCE)
        writer.write(encode(Kind.CHALLENGE, greeting(nonce)))
        await _next(heard, reader, {Kind.AUTH})
        proof = Proof(self._key, nonce_of(hello.payload), nonce)
        me = Introduction(_GROUP, member.node_id, member.boot_id, 1)
        writer.write(encode(Kind.WELCOME, proof.introduce(Side.LISTENER, me)))


async def _next(heard: Decoder, reader: asyncio.StreamReader, expected: Collection[Kind]) -> Frame:
    while (frame := heard.take(expected)) is None:
        if not (piece := await reader.read(4096)):
            raise ConnectionResetError
        heard.feed(piece)
    return frame


async def _end(member: StandIn) -> None:
    if member.server is not None:
        member.server.close()
    for talk in list(member.talks):
        talk.cancel()
    await asyncio.gather(*member.talks, return_exceptions=True)

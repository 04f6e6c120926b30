"""Members for tests: identities that look like other machines, and an activation to wait for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from servers.server import Database
from servers.settings import settings_of

from micro_integrator.cluster import (
    Claim,
    Cluster,
    FenceTable,
    Identity,
    Member,
    MemberEvents,
    Node,
    ProcessMark,
)
from micro_integrator.database import DatabaseError, DataSource

Source = Callable[[], DataSource]


def source_of(database: Database, directory: Path) -> DataSource:
    """Return a data source as the server makes it from its settings."""
    return DataSource(settings_of(database, directory=directory))


def identity(
    node: str = "node-1", *, group: str = "default", host: str = "", window: float = 3.0
) -> Identity:
    """A node of a group; with `host` it looks like another machine, where no local proof is possible."""
    mark = ProcessMark.of_this_process({"mi.host.id": host} if host else {})
    return Identity(node, group, replace(mark, pid_space=host or mark.pid_space), window / 3, 3)


class Activation(MemberEvents):
    """Only notes when it may own something."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.fences = 0

    def joined(self) -> None:
        """See MemberEvents."""
        self.event.set()

    def fenced(self) -> None:
        """See MemberEvents."""
        self.fences += 1


@asynccontextmanager
async def active_member(source: DataSource, who: Identity) -> AsyncIterator[Member]:
    """A member whose lease is ACTIVE."""
    active = Activation()
    joined = Member(who, source, create_tables=True)
    joined.listen(active)
    async with joined:
        joined.deployed()
        await asyncio.wait_for(active.event.wait(), 20)
        yield joined


def owner(joined: Cluster) -> Node:
    """Return a joined node as an owner of tasks."""
    node_id = joined.node_id if joined.is_clustered else joined.boot_id
    return Node(node_id, joined.boot_id, 0, is_active=True)


async def decided(fences: FenceTable, claims: list[Claim], claim_id: str) -> set[str]:
    """Send a claim until the database has decided it, as the server does; return the tasks it won."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await fences.claim(claims, claim_id)
            except DatabaseError:
                await asyncio.sleep(0.01)

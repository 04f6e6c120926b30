"""Where a case is played: nodes behind proxies, a sink, and a database server of their own."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness import DEFAULT_LEASE, Fleet, Group, Machines, Proxy, Sink, WallClock, own_server
from harness.home import Settings
from harness.sessions import Server
from servers.server import Database

QUIET_LOGS: Settings = {"logging": {"files": False}}
WIRED: Settings = {"cluster_config": {**DEFAULT_LEASE["cluster_config"], "endpoint": "127.0.0.1"}}
"""The default lease, and an address at which nodes of one machine reach each other."""


@dataclass(frozen=True)
class Stage:
    """Nodes that run, and what they run on."""

    fleet: Fleet
    server: Server
    database: Database
    clock: WallClock
    """That of the database server."""
    walls: Mapping[str, Proxy]
    """Home → what stands before its liveness socket, if anything does."""

    def faults(self) -> dict[str, float]:
        """Return what must be zero."""
        return faults_of(self.fleet)


def faults_of(fleet: Fleet) -> dict[str, float]:
    """Return what must be zero after any fault."""
    books = fleet.books()
    found = {
        "duplicates": len(books.duplicates),
        "unaccounted keys": len(books.unaccounted),
        "fires with an old fence": len(books.stale),
    }
    return {**found, "rivals": len(books.rivals)} if fleet.leased else dict(found)


NO_FAULTS = {"duplicates": 0.0, "unaccounted keys": 0.0, "fires with an old fence": 0.0}
NO_FAULTS_NO_RIVALS = {**NO_FAULTS, "rivals": 0.0}


@contextmanager
def stage(
    kind: str,
    nodes: int,
    *,
    claimed: int,
    leased: int = 0,
    every: int = 1,
    settings: Settings | None = None,
    clocks: bool = False,
    wired: bool = False,
    hosts: bool = False,
    walled: bool = False,
) -> Iterator[Stage]:
    """Start `nodes` on a fresh server of `kind`; every task has fired.

    `clocks`: every node has a wall clock to set; `wired`: the nodes have connections to each other; `hosts`: each looks
    like a machine of its own; `walled`: both, and each is reached through a proxy only.
    """
    with ExitStack() as house:
        folder = Path(house.enter_context(tempfile.TemporaryDirectory(prefix="mi-bench-")))
        server = house.enter_context(own_server(kind))
        clock = WallClock.of(server)
        server.start()
        database = server.create_database()
        sink = house.enter_context(Sink())
        group = Group(folder, database, sink)
        chosen = {**QUIET_LOGS, **(settings or {})}
        fleet: Fleet = (
            Machines(group, nodes, settings=chosen, is_walled=True)
            if walled
            else Fleet(group, nodes, settings=chosen, is_wired=wired)
        )
        house.enter_context(fleet)
        walls = fleet.walls if isinstance(fleet, Machines) else {}
        if hosts:
            fleet.words = {home.name: (f"-Dmi.host.id={home.name}",) for home in fleet.homes}
        if clocks:
            for home in fleet.homes:
                fleet.environments[home.name] = WallClock(home.root).environment
        fleet.deploy(claimed, every=every, leased=leased)
        fleet.start()
        yield Stage(fleet, server, database, clock, walls)


@contextmanager
def stage_on_file(nodes: int, *, claimed: int, settings: Settings) -> Iterator[Fleet]:
    """Start `nodes` with a wire on a fresh SQLite file; every task has fired."""
    with ExitStack() as house:
        folder = Path(house.enter_context(tempfile.TemporaryDirectory(prefix="mi-bench-")))
        database = Database("sqlite", f"jdbc:sqlite:{folder}/cluster.db", "", "")
        group = Group(folder, database, house.enter_context(Sink()))
        fleet = house.enter_context(Fleet(group, nodes, settings={**QUIET_LOGS, **settings}, is_wired=True))
        fleet.deploy(claimed)
        fleet.start()
        yield fleet


def version(server: Server) -> str:
    """Return name and version of a running server."""
    [[text]] = server.execute("SELECT version()")
    return str(text) if "MariaDB" in str(text) else " ".join(str(text).split()[:2])

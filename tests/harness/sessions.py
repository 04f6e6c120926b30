"""The sessions that clients have on a database server, and how single ones end."""

import random
from dataclasses import dataclass
from pathlib import Path

from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer
from servers.server import Database

from harness.node import Node
from harness.proxy import Proxy

Server = PostgreSQLServer | MariaDBServer


@dataclass(frozen=True)
class Session:
    """One session: its number on the server, and the port of its client."""

    number: int
    port: int


class Sessions:
    """Those on one database; `kill_one` chooses by `chance`, so that a seed repeats its choices."""

    def __init__(self, server: Server, database: Database, chance: random.Random | None = None) -> None:
        self.killed = 0
        self._server, self._name = server, database.url.rpartition("/")[2]
        self._chance = chance or random.Random()

    def of(self, client: Node | Proxy | None = None) -> list[Session]:
        """Return the sessions of a node, of all who come through a proxy, or (None) of everybody."""
        found = self._on_postgresql() if isinstance(self._server, PostgreSQLServer) else self._on_mariadb()
        if client is None:
            return found
        ports = client.ports() if isinstance(client, Proxy) else client_ports(client.process.pid)
        return [session for session in found if session.port in ports]

    def kill(self, session: Session) -> None:
        """End one session; one that has ended already is no error."""
        self._server.kill_session(session.number)
        self.killed += 1

    def kill_one(self, client: Node | Proxy | None = None) -> Session | None:
        """End one of them at random and return it; None when there is none."""
        found = self.of(client)
        if not found:
            return None
        chosen = self._chance.choice(found)
        self.kill(chosen)
        return chosen

    def kill_all(self, client: Node | Proxy | None = None) -> int:
        """End all that are there now; return how many."""
        found = self.of(client)
        for session in found:
            self.kill(session)
        return len(found)

    def _on_postgresql(self) -> list[Session]:
        rows = self._server.execute(
            """
            SELECT pid, client_port FROM pg_stat_activity
             WHERE datname = $1 AND backend_type = 'client backend' ORDER BY backend_start, pid
            """,
            self._name,
        )
        return [Session(number, port) for number, port in rows]

    def _on_mariadb(self) -> list[Session]:
        rows = self._server.execute(
            "SELECT id, host FROM information_schema.processlist WHERE db = %s ORDER BY id", self._name
        )
        return [Session(number, int(host.rpartition(":")[2])) for number, host in rows]


def client_ports(pid: int) -> set[int]:
    """Return the local TCP ports of a process of this machine; empty when it has ended."""
    sockets = set()
    try:
        files = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return set()
    for file in files:
        try:
            sockets.add(str(file.readlink()))
        except OSError:  # closed meanwhile
            continue
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return {int(each[1].rpartition(":")[2], 16) for each in fields if f"socket:[{each[9]}]" in sockets}

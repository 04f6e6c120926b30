"""Private, durable databases for a benchmark, by kind."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from harness import rows
from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.database import DataSource, Statement

KINDS = ("postgresql", "mariadb", "sqlite")

_SERVERS = {"postgresql": PostgreSQLServer, "mariadb": MariaDBServer}
_DURABILITY = {
    "postgresql": "SELECT CONCAT('fsync ', current_setting('fsync'))",
    "mariadb": "SELECT CONCAT('innodb_flush_log_at_trx_commit ', @@innodb_flush_log_at_trx_commit)",
    "sqlite": "SELECT 'synchronous ' || synchronous FROM pragma_synchronous",
}


@contextmanager
def fresh_database(kind: str) -> Iterator[Database]:
    """An empty database of `kind` that is gone afterwards; its server, if it has one, is ours alone."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="mi-bench-") as folder:
            yield Database("sqlite", f"jdbc:sqlite:{folder}/cluster.db", "", "")
        return
    server = _SERVERS[kind]()
    try:
        server.start()
        yield server.create_database()
    finally:
        server.remove()


def durability(database: Database) -> str:
    """Return the setting that says whether commits reach the disk, as the server reports it."""
    [[text]] = rows(database, _DURABILITY[database.kind])
    return str(text)


def refresh_statistics(database: Database) -> None:
    """Let PostgreSQL count the fence rows now, as it does by itself within a minute; others need nothing."""
    if database.kind == "postgresql":
        asyncio.run(_change(database, Statement("ANALYZE MI_TASK_FENCE")))


async def _change(database: Database, statement: Statement) -> None:
    source = DataSource(settings_of(database))
    await source.open()
    try:
        await source.changed(statement)
    finally:
        await source.close()

"""A copy of the coordination tables, and its return: what a restored backup looks like to those who live on."""

import asyncio
from typing import Any

from servers.server import Database
from servers.settings import settings_of

from harness.tables import rows
from micro_integrator.database import DataSource, Statement

TABLES = (
    "LEADER_STATUS_TABLE",
    "CLUSTER_NODE_STATUS_TABLE",
    "COORDINATED_TASK_TABLE",
    "MI_NODE_LEASE",
    "MI_NODE_DEPLOYMENT",
    "MI_TASK_FENCE",
    "MI_CLUSTER_SIGNAL",
)


class Backup:
    """What the tables hold when it is made. Bring it back while nobody writes: it takes several statements."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._saved = {table: rows(database, f"SELECT * FROM {table}") for table in TABLES}

    def restore(self) -> None:
        """Make the tables what they were."""
        asyncio.run(self._restore())

    async def _restore(self) -> None:
        connection = await DataSource(settings_of(self._database)).connect()
        try:
            for table, saved in self._saved.items():
                await connection.changed(Statement(f"DELETE FROM {table}"))
                for row in saved:
                    await connection.changed(Statement(_insert(table, row)), **_named(row))
        finally:
            await connection.close()


def _insert(table: str, row: tuple[Any, ...]) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join(f':{name}' for name in _named(row))})"


def _named(row: tuple[Any, ...]) -> dict[str, Any]:
    return {f"column_{number}": value for number, value in enumerate(row)}

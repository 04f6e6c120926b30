"""Looking into the coordination tables, past the product."""

import asyncio
from typing import Any

from servers.server import Database
from servers.settings import settings_of

from micro_integrator.database import DataSource, Statement


def rows(database: Database, sql: str, **values: object) -> list[tuple[Any, ...]]:
    """Return what a SELECT finds; call it where no event loop runs."""
    return asyncio.run(_rows(database, sql, values))


async def _rows(database: Database, sql: str, values: dict[str, object]) -> list[tuple[Any, ...]]:
    source = DataSource(settings_of(database))
    await source.open()
    try:
        return [tuple(row) for row in await source.rows(Statement(sql), **values)]
    finally:
        await source.close()

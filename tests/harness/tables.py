"""Looking into the coordination tables, past the product's own view of them."""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from servers.scripts import run_script, script_for
from servers.server import Database
from servers.settings import settings_of

from harness.waiting import wait_until
from micro_integrator.database import DataSource, Statement


class TaskRow(NamedTuple):
    """What MI_TASK_FENCE says about one task."""

    owner: str | None
    fence: int
    state: str
    intent: str
    last_key: int
    last_state: str | None
    fired_count: int


def rows(database: Database, sql: str, **values: object) -> list[tuple[Any, ...]]:
    """Return what a SELECT finds; call it where no event loop runs."""
    return asyncio.run(_rows(database, sql, values))


def task_row(database: Database, task: str, group: str = "default") -> TaskRow | None:
    """Return the row of `task`, if there is one."""
    found = rows(
        database,
        """
        SELECT OWNER_NODE_ID, FENCE, STATE, INTENT, LAST_FIRE_KEY, LAST_FIRE_STATE, FIRED_COUNT
          FROM MI_TASK_FENCE WHERE GROUP_ID = :group AND TASK_NAME = :task
        """,
        group=group,
        task=task,
    )
    return TaskRow(*found[0]) if found else None


def wait_for_row(database: Database, task: str, is_so: Callable[[TaskRow], bool]) -> TaskRow:
    """Return the row of `task` as soon as it is as wanted."""
    seen: list[TaskRow | None] = [None]

    def look() -> bool:
        seen[0] = row = task_row(database, task)
        return row is not None and is_so(row)

    wait_until(look, lambda: f"the wanted row of {task}; it is {seen[0]}")
    assert seen[0] is not None
    return seen[0]


def execute(database: Database, sql: str, **values: object) -> int:
    """Change rows, as a stranger with a client of the database could; return how many."""
    return asyncio.run(_execute(database, sql, values))


def create_tables(database: Database, script: str = "cluster") -> None:
    """Make tables by one of the scripts for this kind of database; call it where no event loop runs."""
    asyncio.run(_create_tables(database, script))


async def _create_tables(database: Database, script: str) -> None:
    connection = await DataSource(settings_of(database)).connect()
    try:
        await run_script(connection, script_for(database.kind, script))
    finally:
        await connection.close()


async def _execute(database: Database, sql: str, values: dict[str, object]) -> int:
    connection = await DataSource(settings_of(database)).connect()
    try:
        return await connection.changed(Statement(sql), **values)
    finally:
        await connection.close()


async def _rows(database: Database, sql: str, values: dict[str, object]) -> list[tuple[Any, ...]]:
    source = DataSource(settings_of(database))
    await source.open()
    try:
        return [tuple(row) for row in await source.rows(Statement(sql), **values)]
    finally:
        await source.close()

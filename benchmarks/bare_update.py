"""The claim statement without a product around it: the same batches through the database's driver, in a bare loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiomysql
import asyncpg
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.cluster.statements import CLAIM
from micro_integrator.database import DataSource, Statement

BOOT = "bare"
SECONDS = 3.0
"""Length of one round."""
ROUNDS = 5

_OWN_ALL = Statement("UPDATE MI_TASK_FENCE SET OWNER_BOOT_ID = :boot")
_TASKS = Statement("SELECT TASK_NAME, FENCE, DEF_HASH, LAST_FIRE_KEY FROM MI_TASK_FENCE")

Execute = Callable[[str, Sequence[Any]], Awaitable[int]]
"""Runs one statement with its values and returns the rows it hit."""


def bare_rates(database: Database, batch: int) -> list[float]:
    """Return claimed rows per second of a loop of claims of `batch` rows, on the table a node has left, by round.

    One round is not enough: on a machine that others use, two of them have differed by half.
    """
    return [asyncio.run(_measure(database, batch)) for _ in range(ROUNDS)]


async def _measure(database: Database, batch: int) -> float:
    source = DataSource(settings_of(database))
    await source.open()
    await source.changed(_OWN_ALL, boot=BOOT)
    tasks = sorted(tuple(row) for row in await source.rows(_TASKS))
    await source.close()
    if database.kind == "postgresql":
        return await _on_postgresql(source, tasks, batch)
    return await _on_mariadb(source, tasks, batch)


async def _on_postgresql(source: DataSource, tasks: list[tuple[Any, ...]], batch: int) -> float:
    connection = await asyncpg.connect(
        **_place(source),
        database=source.target.database,
        server_settings={"plan_cache_mode": "force_custom_plan", "jit": "off"},
    )

    async def execute(text: str, values: Sequence[Any]) -> int:
        return len(await connection.fetch(text, *values))

    try:
        return await _claim_in_turn(source, tasks, batch, execute)
    finally:
        await connection.close()


async def _on_mariadb(source: DataSource, tasks: list[tuple[Any, ...]], batch: int) -> float:
    connection = await aiomysql.connect(
        **_place(source), db=source.target.database, autocommit=True, charset="utf8mb4"
    )

    async def execute(text: str, values: Sequence[Any]) -> int:
        async with connection.cursor() as cursor:
            return int(await cursor.execute(text, values))

    try:
        return await _claim_in_turn(source, tasks, batch, execute)
    finally:
        connection.close()


async def _claim_in_turn(
    source: DataSource, tasks: list[tuple[Any, ...]], batch: int, execute: Execute
) -> float:
    statement = source.dialect.rendered_batch(CLAIM)
    claimed, number, began = 0, 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < SECONDS:
        chosen = [tasks[(claimed + offset) % len(tasks)] for offset in range(batch)]
        number += 1
        rows = [
            {"T": name, "F": fence, "D": definition, "K": key + number, "C": -1, "A": None, "P": None}
            for name, fence, definition, key in chosen
        ]
        values = {"group": "default", "boot": BOOT, "claim": f"{BOOT}:{number:016x}"}
        values |= source.dialect.batch_values(CLAIM, rows)
        hit = await execute(statement.sql, [values[name] for name in statement.binds])
        if hit != batch:
            raise RuntimeError(f"a claim of {batch} rows hit {hit}")
        claimed += batch
    return claimed / elapsed


def _place(source: DataSource) -> dict[str, Any]:
    target = source.target
    [host] = target.hosts
    return {"host": host.name, "port": host.port, "user": target.username, "password": target.password}

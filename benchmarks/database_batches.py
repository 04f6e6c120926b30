"""Batches: how many occurrences one connection of the product claims per second, by the size of the batch.

The room `database` alone, in this process, on 5,000 rows. Beside each rate stand the microseconds of processor time
that this process spends on one claimed occurrence.

    python -m benchmarks.database_batches [--database postgresql|mariadb|sqlite] [--seconds 3]
"""

import asyncio
import time
from argparse import ArgumentParser

from servers.server import Database
from servers.settings import settings_of

from benchmarks.databases import KINDS, durability, fresh_database
from benchmarks.results import Run
from micro_integrator.cluster.group_statements import INSERT_SIGNAL
from micro_integrator.cluster.schema import check_schema
from micro_integrator.cluster.statements import CLAIM, INSERT_FENCES
from micro_integrator.database import MAX_ROWS, Connection, DataSource, Statement

TASKS = 5000
SIZES = (1, 10, 100, MAX_ROWS)
GROUP, NODE, BOOT = "default", "node-1", "0b8f8f5e-7d0c-4a6b-9a53-0c3f2c1f4a11"
FENCES = Statement("SELECT TASK_NAME, FENCE FROM MI_TASK_FENCE")


async def fill(connection: Connection) -> dict[str, int]:
    """Insert TASKS tasks owned by this boot id; return their fences."""
    await check_schema(connection, create_tables=True)
    await connection.changed(INSERT_SIGNAL, group=GROUP, wire_key="0" * 64)
    new: dict[str, str] = {"D": "d" * 64, "I": "RUN", "N": NODE, "B": BOOT}
    rows = [{"T": f"[ESB_TASK][task-{number:05}]", **new} for number in range(TASKS)]
    for start in range(0, TASKS, MAX_ROWS):
        await connection.insert_batch(INSERT_FENCES, rows[start : start + MAX_ROWS], group=GROUP)
    return {row.task_name: row.fence for row in await connection.rows(FENCES)}


async def measure(
    connection: Connection, fences: dict[str, int], size: int, seconds: float
) -> tuple[float, float]:
    """Claim in batches of `size` for some seconds; return claims per second and CPU microseconds per claim."""
    names = list(fences)
    claimed = position = 0
    began, cpu = time.perf_counter(), time.process_time()
    while (elapsed := time.perf_counter() - began) < seconds:
        chosen = [names[(position + offset) % TASKS] for offset in range(size)]
        position += size
        key = time.time_ns()
        rows = [
            {"T": name, "F": fences[name], "D": "d" * 64, "K": key, "C": -1, "A": None, "P": None}
            for name in chosen
        ]
        hit = await connection.update_batch(CLAIM, rows, group=GROUP, boot=BOOT, claim=f"{BOOT}:{key:016x}")
        assert len(hit) == size
        claimed += size
    return claimed / elapsed, (time.process_time() - cpu) / claimed * 1e6


async def measure_all(database: Database, seconds: float) -> dict[str, str]:
    """Return rate and cost for each size of batch."""
    connection = await DataSource(settings_of(database)).connect()
    figures = {}
    try:
        fences = await fill(connection)
        for size in SIZES:
            rate, cpu = await measure(connection, fences, size, seconds)
            figures[f"claims/s in batches of {size} (us each)"] = f"{rate:,.0f} ({cpu:.0f})"
    finally:
        await connection.close()
    return figures


def main() -> None:
    """Measure and record one database."""
    options = ArgumentParser(prog="python -m benchmarks.database_batches")
    options.add_argument("--database", choices=KINDS, default="postgresql")
    options.add_argument("--seconds", type=float, default=3.0, help="length of each figure")
    asked = options.parse_args()
    run = Run("database_batches", asked.database)
    with fresh_database(asked.database) as database:
        figures = asyncio.run(measure_all(database, asked.seconds))
        run.record(figures | {"durability": durability(database)})


if __name__ == "__main__":
    main()

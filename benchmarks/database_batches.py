"""How many occurrences one connection claims per second, by size of the batch, on all three databases.

    python benchmarks/database_batches.py [seconds per figure]

Commits are flushed to disk (read back and printed). `cpu` is what this process spends on one claimed occurrence.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.cluster.schema import check_schema
from micro_integrator.cluster.statements import CLAIM, INSERT_FENCES, INSERT_SIGNAL
from micro_integrator.database import Connection, DataSource, Statement

TASKS = 5000
SIZES = (1, 10, 100, 500)
GROUP, NODE, BOOT = "default", "node-1", "0b8f8f5e-7d0c-4a6b-9a53-0c3f2c1f4a11"
DURABILITY = Statement(
    "",
    postgresql="SELECT 'fsync ' || current_setting('fsync')",
    mysql="SELECT CONCAT('innodb_flush_log_at_trx_commit ', @@innodb_flush_log_at_trx_commit)",
    sqlite="SELECT 'synchronous ' || synchronous FROM pragma_synchronous",
)
FENCES = Statement("SELECT TASK_NAME, FENCE FROM MI_TASK_FENCE")


@contextmanager
def databases() -> Iterator[list[Database]]:
    """Private databases of all kinds."""
    servers = [PostgreSQLServer(), MariaDBServer()]
    with tempfile.TemporaryDirectory() as folder:
        try:
            for server in servers:
                server.start()
            sqlite = Database("sqlite", f"jdbc:sqlite:{folder}/cluster.db", "", "")
            yield [*(server.create_database() for server in servers), sqlite]
        finally:
            for server in servers:
                server.remove()


async def fill(connection: Connection) -> dict[str, int]:
    """Insert TASKS tasks owned by this boot id; return their fences."""
    await check_schema(connection, create_tables=True)
    await connection.changed(INSERT_SIGNAL, group=GROUP, wire_key="0" * 64)
    rows = [{"T": f"[ESB_TASK][task-{number:05}]", "D": "d" * 64, "I": "RUN"} for number in range(TASKS)]
    for start in range(0, TASKS, 500):
        await connection.insert_batch(
            INSERT_FENCES, rows[start : start + 500], group=GROUP, node=NODE, boot=BOOT
        )
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


async def report(database: Database, seconds: float) -> None:
    """Print one line per size of batch."""
    source = DataSource(settings_of(database))
    connection = await source.connect()
    try:
        fences = await fill(connection)
        [[durability]] = await connection.rows(DURABILITY)
        for size in SIZES:
            rate, cpu = await measure(connection, fences, size, seconds)
            print(f"{database.kind:10} {size:5} {rate:12,.0f} {cpu:9.1f}   {durability}", flush=True)
    finally:
        await connection.close()


async def main() -> None:
    """Measure every database in turn."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    print(f"load average {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
    print(f"{'database':10} {'batch':>5} {'claims/s':>12} {'cpu us':>9}")
    with databases() as found:
        for database in found:
            await report(database, seconds)


asyncio.run(main())

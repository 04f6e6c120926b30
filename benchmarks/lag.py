"""Lag: how long after its due time an occurrence is claimed, and its body started, with 1,000 tasks of one second.

The rooms `tasks` and `cluster` run in this process as in a node, on a real database; their bodies note how late they
were started, which includes the claim's way to the disk. The first fires are spread over a second, so that a task is
due every millisecond. At the same time a process of its own measures how late an idle event loop calls a timer. The
goal: the 99th percentile of the bodies is at most 20 ms above that of the timer. The claim's own lag is what the table
says: the database's time in the claim statement less the due time, from one look per second.

    python -m benchmarks.lag [--database postgresql|mariadb|sqlite] [--seconds 60] [--tasks 1000]
"""

import asyncio
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import uvloop
from servers.server import Database
from servers.settings import settings_of

from benchmarks.databases import KINDS, durability, fresh_database
from benchmarks.idle_timer import idle_timer
from benchmarks.results import Run, percentile
from micro_integrator.cluster import Identity, Member, ProcessMark
from micro_integrator.database import DataSource, Statement
from micro_integrator.observability import set_level
from micro_integrator.tasks import Fire, Interval, Limits, Planning, Task, Tasks, make_resolver

ALLOWED_MS = 20.0
LIMITS = Limits()
PLANNING = Planning(make_resolver(None, None), rebalances=False, period=2.0)
CALM = 5.0
"""Seconds after the first fires that are not counted."""

_CLAIM_LAGS = Statement("""
    SELECT LAST_FIRE_AT - (ANCHOR_AT + (LAST_FIRE_KEY - ANCHOR_KEY) * 1000) FROM MI_TASK_FENCE
""")


class Bodies:
    """The latenesses of bodies in ms, noted by the bodies themselves."""

    def __init__(self, cluster: Member) -> None:
        self.latenesses: list[float] = []
        self._cluster = cluster

    async def __call__(self, fire: Fire) -> None:
        """Note one fire."""
        self.latenesses.append(self._cluster.now_ms() - fire.due_ms)


async def measure(database: Database, tasks: int, seconds: float) -> tuple[list[float], list[float]]:
    """Return the latenesses of bodies and of claims, in ms."""
    source = DataSource(settings_of(database))
    identity = Identity("node-1", "default", ProcessMark.of_this_process({}), 5.0, 3)
    cluster = Member(identity, source, create_tables=True)
    bodies = Bodies(cluster)
    with tempfile.TemporaryDirectory(prefix="mi-bench-") as folder:
        async with cluster, Tasks(cluster, Path(folder) / "pinned.json", LIMITS, PLANNING) as running:
            for number in range(tasks):
                name = f"task-{number:05}"
                running.add(Task(name, Interval(1, None), None, bodies, definition_hash="d", body_hash="b"))
            await running.deployed()
            while len(bodies.latenesses) < tasks:
                await asyncio.sleep(0.1)
            await asyncio.sleep(CALM)
            bodies.latenesses.clear()
            claims: list[float] = []
            for _ in range(round(seconds)):
                await asyncio.sleep(1.0)
                claims += [row[0] for row in await source.rows(_CLAIM_LAGS)]
            await running.leave(10)
            await cluster.leave(5)
    return bodies.latenesses, claims


def shown(latenesses: Sequence[float]) -> str:
    """Return p50, p99 and the largest."""
    return f"{percentile(latenesses, 50):.1f} / {percentile(latenesses, 99):.1f} / {max(latenesses):.1f}"


def main() -> None:
    """Measure and record one database."""
    options = ArgumentParser(prog="python -m benchmarks.lag")
    options.add_argument("--database", choices=KINDS, default="postgresql")
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--tasks", type=int, default=1000)
    asked = options.parse_args()
    set_level("root", "ERROR")
    run = Run("lag", asked.database)
    with fresh_database(asked.database) as database, idle_timer() as timer:
        bodies, claims = uvloop.run(measure(database, asked.tasks, asked.seconds))
        setting = durability(database)
    above = percentile(bodies, 99) - percentile(timer.latenesses, 99)
    run.record(
        {
            "due to body, p50 / p99 / max ms": shown(bodies),
            "due to claim, p50 / p99 / max ms": shown(claims),
            "idle timer, p50 / p99 / max ms": shown(timer.latenesses),
            "p99 above the idle timer, ms": round(above, 1),
            "fires": len(bodies),
            "durability": setting,
        },
        met=above <= ALLOWED_MS,
    )


if __name__ == "__main__":
    main()

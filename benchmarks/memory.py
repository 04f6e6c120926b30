"""Memory: what a node holds that fires 1,000 tasks of one second, at the beginning and after five minutes.

A real node on PostgreSQL, logging at ERROR, the body does nothing. Resident MB (10^6 bytes), looked at every second;
"first" is half a minute after the last task has begun to fire.

    python -m benchmarks.memory [--database postgresql|mariadb|sqlite] [--seconds 300]
"""

import time
from argparse import ArgumentParser

from benchmarks.databases import KINDS
from benchmarks.fires import NOTHING
from benchmarks.load_steps import loaded_node
from benchmarks.processes import resident_megabytes
from benchmarks.results import Run

TASKS = 1000
CALM = 30.0


def main() -> None:
    """Measure and record."""
    options = ArgumentParser(prog="python -m benchmarks.memory")
    options.add_argument("--database", choices=KINDS, default="postgresql")
    options.add_argument("--seconds", type=float, default=300.0)
    asked = options.parse_args()
    run = Run("memory", asked.database)
    seen: list[float] = []
    with loaded_node(asked.database, NOTHING) as loaded:
        loaded.load(TASKS)
        time.sleep(CALM)
        until = time.monotonic() + asked.seconds
        while time.monotonic() < until:
            seen.append(resident_megabytes(loaded.node.process.pid))
            time.sleep(1.0)
        loaded.node.stop()
    run.record(
        {
            "first, MB": seen[0],
            "last, MB": seen[-1],
            "highest, MB": max(seen),
            "tasks": TASKS,
            "seconds": round(asked.seconds),
        }
    )


if __name__ == "__main__":
    main()

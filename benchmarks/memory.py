"""Memory: what a node holds while its tasks fire: at the beginning, and after each part of a long time.

A real node, logging at ERROR, the body does nothing. Resident MB (10^6 bytes), looked at every second. "First" is half
a minute after the last task has begun to fire. With an hour or more the goal is a flat line after the fifth minute:
the highest of the last ten minutes is at most 5 % above the highest of minutes five to fifteen.

    python -m benchmarks.memory [--database postgresql|mariadb|sqlite] [--tasks 1000] [--every 1] [--seconds 300]
"""

import time
from argparse import ArgumentParser

from benchmarks.databases import KINDS
from benchmarks.fires import NOTHING
from benchmarks.load_steps import loaded_node
from benchmarks.processes import resident_megabytes
from benchmarks.results import Figure, Run

CALM = 30.0
MINUTE = 60
HOUR = 60 * MINUTE
SHOWN_AFTER = (5, 15, 30, 60)
"""Minutes."""
TOLERATED = 1.05


def main() -> None:
    """Measure and record."""
    options = ArgumentParser(prog="python -m benchmarks.memory")
    options.add_argument("--database", choices=KINDS, default="postgresql")
    options.add_argument("--tasks", type=int, default=1000)
    options.add_argument("--every", type=int, default=1, help="seconds between two fires of a task")
    options.add_argument("--seconds", type=int, default=300)
    asked = options.parse_args()
    run = Run("memory", f"{asked.database}, {asked.tasks:,} tasks of {asked.every} s")
    seen: list[float] = []
    with loaded_node(asked.database, NOTHING, every=asked.every) as loaded:
        loaded.load(asked.tasks)
        time.sleep(CALM)
        began = time.monotonic()
        while len(seen) < asked.seconds:
            seen.append(resident_megabytes(loaded.node.process.pid))
            time.sleep(max(0.0, began + len(seen) - time.monotonic()))
        loaded.node.stop()
    run.record(_figures(seen), met=_is_flat(seen) if len(seen) >= HOUR else None)


def _figures(seen: list[float]) -> dict[str, Figure]:
    later = {
        f"after {minutes} min, MB": seen[minutes * MINUTE - 1]
        for minutes in SHOWN_AFTER
        if minutes * MINUTE < len(seen)
    }
    return {
        "first, MB": seen[0],
        **later,
        "last, MB": seen[-1],
        "highest, MB": max(seen),
        "seconds": len(seen),
    }


def _is_flat(seen: list[float]) -> bool:
    """Look at one value a second for an hour or more."""
    return max(seen[-10 * MINUTE :]) <= TOLERATED * max(seen[5 * MINUTE : 15 * MINUTE])


if __name__ == "__main__":
    main()

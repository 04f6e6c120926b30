"""Runs all benchmarks one after the other and writes docs/measurements.md; about fifty minutes.

The cases of benchmarks.cluster take hours and are run on their own.

    python -m benchmarks
"""

import subprocess
import sys

from benchmarks import CHECKOUT
from benchmarks.databases import KINDS

RUNS = (
    ("startup",),
    ("deploy_files", "--database", "sqlite"),
    ("deploy_files", "--database", "postgresql"),
    ("deploy_files", "--database", "mariadb"),
    ("lag", "--database", "postgresql"),
    ("lag", "--database", "mariadb"),
    ("fires", "--database", "postgresql"),
    ("fires", "--database", "mariadb"),
    ("fires_http", "--database", "postgresql"),
    ("fires_http", "--database", "mariadb"),
    ("memory",),
    ("http_sender",),
    *(("database_batches", "--database", kind) for kind in KINDS),
    ("gateway",),
    ("gateway.large_body",),
    ("gateway.many_apis",),
    ("gateway.endurance",),
)


def main() -> int:
    """Run every benchmark in a process of its own; 1 when one of them could not be run."""
    status = 0
    for name, *options in RUNS:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", *options], cwd=CHECKOUT, check=False
        )
        status |= done.returncode != 0
    subprocess.run([sys.executable, "-m", "benchmarks.render"], cwd=CHECKOUT, check=True)
    return status


if __name__ == "__main__":
    sys.exit(main())

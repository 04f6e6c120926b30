"""Start-up: how long a node takes from its process to the sample's first line, and what it holds then.

The launcher starts the shipped configuration and sample ten times, each in a fresh home, with the Python environment
that it builds itself (one start before the counted ones builds or warms it). Times are seconds from the start of the
process, the shell included, until a line is read from its output; memory is resident MB (10^6 bytes) five seconds
after the start. The number of modules is told by a task of Python code inside the node.

    python -m benchmarks.startup [--runs 10]
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import CHECKOUT
from benchmarks.processes import resident_megabytes
from benchmarks.results import Run

START_GOAL = 1.5
MEMORY_GOAL = 90.0
STARTED, SAMPLE = "{StartupFinalizer} - WSO2 Micro Integrator started in", "Hello from the sample task"
MEMORY_AFTER = 5.0
"""Seconds from the start of the process until its memory is looked at."""
LAST_BASE_PORT = 9191

COUNTING_TASK = """
<task xmlns="http://ws.apache.org/ns/synapse" name="count" class="module_count:Count"><trigger once="true"/></task>
"""
COUNTING_CODE = """
import sys

class Count:
    def execute(self):
        print(f"modules: {len(sys.modules) - 1}", flush=True)
"""


@dataclass(frozen=True)
class Start:
    """What one start was like."""

    started: float
    sample: float
    memory: float


@contextmanager
def process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A node in `home`, stopped when the block is left."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MI_", "CARBON_"))
    }
    launcher = str(CHECKOUT / "bin" / "micro-integrator.sh")
    command = ["setpriv", "--pdeathsig", "KILL", launcher, "run", f"-DportOffset={20000 - LAST_BASE_PORT}"]
    with subprocess.Popen(
        command,
        env=environment | {"MI_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as node:
        try:
            yield node
        finally:
            node.terminate()


@contextmanager
def shipped_home() -> Iterator[Path]:
    """A home with what is shipped in the checkout."""
    with tempfile.TemporaryDirectory(prefix="mi-bench-") as folder:
        for name in ("conf", "carbonapps"):
            shutil.copytree(CHECKOUT / name, Path(folder) / name)
        yield Path(folder)


def start_once() -> Start:
    """Start a node, wait for its lines, look at its memory, stop it."""
    began = time.monotonic()
    with shipped_home() as home, process(home) as node:
        started = time_of_line(node, STARTED, began)
        sample = time_of_line(node, SAMPLE, began)
        time.sleep(max(0.0, began + MEMORY_AFTER - time.monotonic()))
        return Start(started, sample, resident_megabytes(node.pid))


def time_of_line(node: subprocess.Popen[str], text: str, began: float) -> float:
    """Return the seconds since `began` when a line with `text` was read. Raises RuntimeError if the node ends."""
    assert node.stdout
    for line in node.stdout:
        if text in line:
            return time.monotonic() - began
    raise RuntimeError(f"the node ended with {node.wait()} before it said '{text}'")


def count_modules() -> int:
    """Return the number of modules in a node that runs the sample."""
    with shipped_home() as home:
        (home / "lib").mkdir()
        (home / "lib" / "module_count.py").write_text(COUNTING_CODE)
        (home / "carbonapps" / "count.xml").write_text(COUNTING_TASK)
        return _counted_modules(home)


def _counted_modules(home: Path) -> int:
    with process(home) as node:
        assert node.stdout
        for line in node.stdout:
            if found := re.search(r"modules: (\d+)", line):
                return int(found[1])
    raise RuntimeError(f"the node ended with {node.returncode} before it counted its modules")


def spread(values: Sequence[float], form: str) -> str:
    """Return median, least and largest."""
    return f"{median(values):{form}} ({min(values):{form}} - {max(values):{form}})"


def main() -> None:
    """Measure and record."""
    options = ArgumentParser(prog="python -m benchmarks.startup")
    options.add_argument("--runs", type=int, default=10)
    asked = options.parse_args()
    run = Run("startup", "shipped sample on SQLite")
    start_once()
    starts = [start_once() for _ in range(asked.runs)]
    started, memory = [one.started for one in starts], [one.memory for one in starts]
    run.record(
        {
            "started line, s: median (min - max)": spread(started, ".2f"),
            "sample's line, s": spread([one.sample for one in starts], ".2f"),
            "resident memory, MB": spread(memory, ".1f"),
            "modules imported": count_modules(),
            "runs": len(starts),
        },
        met=median(started) < START_GOAL and median(memory) < MEMORY_GOAL,
    )


if __name__ == "__main__":
    main()

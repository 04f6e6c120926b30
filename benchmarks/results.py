"""Results of benchmarks: printed as a row with the load of the machine beside it, and kept as lines of JSON."""

import json
import math
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import CHECKOUT

FOLDER = CHECKOUT / "benchmarks" / "results"

Figure = float | int | str
Figures = Mapping[str, Figure]
"""What was measured, in words with a unit → the value."""


@dataclass
class Run:
    """One run of the benchmark `name`, in the circumstances `variant`; made before anything is measured."""

    name: str
    variant: str
    load_before: float = field(default_factory=lambda: round(os.getloadavg()[0], 2))
    """The load average of one minute, before the run adds its own."""

    def record(self, figures: Figures, *, met: bool | None = None) -> None:
        """Print the figures and keep them. `met`: whether the goal was reached, None where there is none."""
        row = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": commit(),
            "machine": machine(),
            "load": self.load_before,
            "variant": self.variant,
            "met": met,
            "figures": dict(figures),
        }
        with _file(self.name).open("a") as file:
            file.write(json.dumps(row) + "\n")
        verdict = {True: "  goal met", False: "  GOAL MISSED", None: ""}[met]
        print(f"{self.name} {self.variant}{verdict}  (load before: {self.load_before:.2f})")
        for what, value in figures.items():
            print(f"  {what:42} {value}", flush=True)


def results(name: str) -> list[dict[str, Any]]:
    """Return all kept results of a benchmark, the oldest first."""
    return [json.loads(line) for line in _file(name).read_text().splitlines()] if _file(name).exists() else []


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest of `values` that is not exceeded by `percent` per cent of them."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def commit() -> str:
    """Return the commit that is checked out, with a `+` when the package differs from it."""
    short = _git("rev-parse", "--short", "HEAD")
    return short + ("+" if _git("status", "--porcelain", "--", "micro_integrator") else "")


def machine() -> str:
    """Return cores, processor and memory of this machine."""
    model = next(
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores {model}, {memory:.0f} GiB, Linux {os.uname().release}"


def _file(name: str) -> Path:
    return FOLDER / f"{name}.jsonl"


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", "-C", CHECKOUT, *words], capture_output=True, text=True, check=True
    ).stdout.strip()

"""Runs cases and adds one row for each that is complete."""

import platform
import sqlite3
import sys
from argparse import ArgumentParser
from statistics import median

from harness import own_server

from benchmarks.cluster.case import Case, Measured
from benchmarks.cluster.progress import Progress
from benchmarks.cluster.stage import version
from benchmarks.cluster.table import CASES, KINDS, variant
from benchmarks.results import Figure, Run


def main() -> int:
    """Play what the command line asks for; 1 when a goal was missed or a case ended by itself."""
    options = ArgumentParser(prog="python -m benchmarks.cluster")
    options.add_argument("--database", action="append", choices=KINDS)
    options.add_argument(
        "--case", action="append", choices=tuple(CASES), help="by default all without -short"
    )
    options.add_argument("--times", type=int, help="instead of as often as the case says")
    asked = options.parse_args()
    names = asked.case or [name for name in CASES if not (name.endswith("-short") and name != "A4-short")]
    status = 0
    for name in names:
        for kind in asked.database or CASES[name].kinds:
            try:
                status |= not play(CASES[name], kind, asked.times or CASES[name].times)
            except AssertionError as error:  # what was waited for did not come: the others go on
                print(f"{name} on {kind} ended early: {error}", flush=True)
                status = 1
    return status


def play(case: Case, kind: str, times: int) -> bool:
    """Do what is missing of a case, and record it; True when its goal was met."""
    run = Run("cluster", variant(case.name, kind))
    progress = Progress(case.name, kind)
    seen = progress.done()[:times]
    if seen:
        print(f"{case.name} on {kind}: {len(seen)} of {times} were done before")
    if len(seen) < times:
        for measured in case.run(kind, times - len(seen)):
            seen.append(measured)
            progress.add(measured)
            print(f"  {case.name} on {kind}, {len(seen)} of {times}: {dict(measured)}", flush=True)
    is_met = case.is_met(seen)
    run.record({"times": len(seen), **_summary(seen), "versions": _versions(kind)}, met=is_met)
    progress.clear()
    return is_met


def _summary(seen: list[Measured]) -> dict[str, Figure]:
    return {what: _spread([one[what] for one in seen]) for what in seen[0]}


def _spread(values: list[float]) -> Figure:
    """Median and largest; counts that are the same each time, and what was measured once, are one number."""
    middle, most = median(values), max(values)
    return f"{middle:.4g}" if middle == most else f"{middle:.3g} / {most:.3g}"


def _versions(kind: str) -> str:
    python = f"Python {platform.python_version()}"
    if kind == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}, {python}"
    with own_server(kind) as server:
        server.start()
        return f"{version(server)}, {python}"


if __name__ == "__main__":
    sys.exit(main())

"""Deployment of many files: how long until 1,000 task files, dropped at once, are all scheduled.

A real node with the default settle time (1 s) and interval (1 s). The files are written beside carbonapps first and
then renamed into it one after the other, which takes some ms; the clock begins before the first rename and stops when
the node has logged "Task scheduled" for each of them. The second figure is when the table shows all of them RUNNING.

    python -m benchmarks.deploy_files [--database postgresql|mariadb|sqlite] [--files 1000]
"""

import time
from argparse import ArgumentParser

from harness import LIMIT, Node, rows, task_xml, wait_until
from servers.server import Database

from benchmarks.databases import KINDS, durability, fresh_database
from benchmarks.fires import NOTHING
from benchmarks.load_steps import SEQUENCE
from benchmarks.nodes import deploy, running_node
from benchmarks.processes import cpu_seconds
from benchmarks.results import Run

GOAL = 5.0


def scheduled(node: Node) -> int:
    """Return how many tasks the node says it has scheduled."""
    return node.log().count("Task scheduled: ")


def running(database: Database) -> int:
    """Return how many tasks the table shows as running."""
    [[count]] = rows(database, "SELECT COUNT(*) FROM MI_TASK_FENCE WHERE STATE = 'RUNNING'")
    return int(count)


def drop(node: Node, files: int) -> float:
    """Put all files into carbonapps; return when that began (monotonic seconds)."""
    prepared = node.root / "prepared"
    prepared.mkdir()
    for number in range(files):
        name = f"task-{number:05}"
        (prepared / f"{name}.xml").write_text(task_xml(name, every=10, sequence=SEQUENCE))
    began = time.monotonic()
    for file in sorted(prepared.iterdir()):
        file.rename(node.root / "carbonapps" / file.name)
    return began


def main() -> None:
    """Measure and record one database."""
    options = ArgumentParser(prog="python -m benchmarks.deploy_files")
    options.add_argument("--database", choices=KINDS, default="postgresql")
    options.add_argument("--files", type=int, default=1000)
    asked = options.parse_args()
    run = Run("deploy_files", asked.database)
    with (
        fresh_database(asked.database) as database,
        running_node(database, {"logging": {"files": False}}) as node,
    ):
        deploy(node, "sequence.xml", NOTHING)
        node.wait_logged(f"Sequence named '{SEQUENCE}' has been deployed")
        cpu = cpu_seconds(node.process.pid)
        began = drop(node, asked.files)
        wait_until(lambda: scheduled(node) == asked.files, lambda: node.log()[-2000:], 3 * LIMIT)
        logged = time.monotonic() - began
        wait_until(lambda: running(database) == asked.files, "RUNNING in the table")
        shown = time.monotonic() - began
        cpu = cpu_seconds(node.process.pid) - cpu
        setting = durability(database)
        node.stop()
    run.record(
        {
            "all scheduled by the log, s": round(logged, 2),
            "all RUNNING in the table, s": round(shown, 2),
            "files": asked.files,
            "node, s of processor time": round(cpu, 2),
            "durability": setting,
        },
        met=logged <= GOAL,
    )


if __name__ == "__main__":
    main()

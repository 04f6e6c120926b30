"""The highest rate of fires that a node sustains: searched step by step, then proved on a fresh node."""

from argparse import ArgumentParser
from collections.abc import Callable

from servers.server import Database

from benchmarks.books import Account
from benchmarks.databases import durability
from benchmarks.load_steps import STEP, Count, highest_step, loaded_node, no_sink
from benchmarks.results import Figure, Figures, Run

Beside = Callable[[Account, Database], Figures]
"""Returns what to report beside the account; called when the node has stopped, with the database it has left."""


def sustained(
    name: str, sequence: str, *, goal: int, last: int, beside: Beside, arrived: Count = no_sink
) -> None:
    """Measure and record the benchmark `name` as the command line asks; the search begins at `goal` tasks."""
    options = ArgumentParser(prog=f"python -m benchmarks.{name}")
    options.add_argument("--database", choices=("postgresql", "mariadb"), default="postgresql")
    options.add_argument("--seconds", type=float, default=60.0, help="length of the run that counts")
    options.add_argument("--first", type=int, default=goal, help="tasks to begin with, in steps of 1,000")
    options.add_argument("--last", type=int, default=last, help="tasks to end with")
    asked = options.parse_args()
    run = Run(name, asked.database)
    with loaded_node(asked.database, sequence, arrived) as node:
        tasks = highest_step(node, asked.first, asked.last)
    while tasks > 0:
        with loaded_node(asked.database, sequence, arrived) as node:
            node.load(tasks)
            account = node.watch(asked.seconds)
            if account.is_complete:
                node.node.stop()
                more = {**beside(account, node.database), "durability": durability(node.database)}
                run.record(_figures(account) | more, met=tasks >= goal)
                return
        tasks -= STEP
    run.record({"fires/s, nothing skipped": 0}, met=False)


def _figures(account: Account) -> dict[str, Figure]:
    return {
        "fires/s, nothing skipped": round(account.rate),
        "tasks of 1 s": account.after.tasks,
        "seconds": round(account.seconds),
        "node, % of one core": round(account.cpu),
        "claims answered > 0.2 s late, %": round(account.late, 2),
        "rows per claim statement": account.batch,
    }

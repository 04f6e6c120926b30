"""A node under a load of tasks, and the search for the highest load that it carries."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness import LIMIT, Node, task_xml, wait_until
from servers.server import Database

from benchmarks.books import Account, Reading
from benchmarks.databases import fresh_database, refresh_statistics
from benchmarks.nodes import QUIET, deploy, running_node

STEP = 1000
"""Tasks of one file, fires per second of one step."""
PROBE = 10.0
"""Seconds a step is watched during the search."""
CALM = 3.0
"""Seconds after a change of the load that are not counted."""
SEQUENCE = "work"
"""What the sequence is called that the tasks run."""

Count = Callable[[], int]
"""Asks a sink how many requests have come."""


def no_sink() -> int:
    """Stand for a sink where there is none."""
    return 0


class LoadedNode:
    """A node with `tasks` tasks of `every` seconds, on a database of its own."""

    def __init__(self, node: Node, database: Database, arrived: Count, every: int = 1) -> None:
        self.tasks, self.every = 0, every
        self.node, self.database = node, database
        self._arrived = arrived

    def load(self, tasks: int) -> None:
        """Deploy files until `tasks` tasks run and each has fired."""
        while self.tasks < tasks:
            deploy(self.node, f"tasks-{self.tasks:05}.xml", _definitions(self.tasks, self.every))
            self.tasks += STEP
        wait_until(self._is_loaded, lambda: f"{tasks} tasks that fire: {self.node.log()[-2000:]}", 3 * LIMIT)
        refresh_statistics(self.database)

    def watch(self, seconds: float) -> Account:
        """Return what the node does within `seconds`, and print it."""
        time.sleep(CALM)
        before = self._read()
        time.sleep(seconds)
        account = Account(before, self._read())
        print(f"  {self.tasks} tasks, {account}", flush=True)
        return account

    def _is_loaded(self) -> bool:
        reading = self._read()
        return reading.tasks == self.tasks and reading.lowest_key >= 0

    def _read(self) -> Reading:
        return Reading.of(self.node, self.database, self._arrived)


@contextmanager
def loaded_node(
    kind: str, sequence: str, arrived: Count = no_sink, *, every: int = 1
) -> Iterator[LoadedNode]:
    """A node on a fresh database of `kind`, still without tasks; `sequence` is what they will do."""
    with fresh_database(kind) as database, running_node(database, QUIET) as node:
        deploy(node, "sequence.xml", sequence)
        yield LoadedNode(node, database, arrived, every)


def highest_step(node: LoadedNode, first: int, last: int) -> int:
    """Add tasks step by step; return the last number that was carried for a while, less than `first` if none was."""
    for tasks in range(first, last + 1, STEP):
        node.load(tasks)
        if not node.watch(PROBE).is_complete:
            return tasks - STEP
    return last


def _definitions(first: int, every: int) -> str:
    tasks = "".join(
        task_xml(f"task-{number:05}", every=every, sequence=SEQUENCE) for number in range(first, first + STEP)
    )
    return f'<definitions xmlns="http://ws.apache.org/ns/synapse">{tasks}</definitions>'

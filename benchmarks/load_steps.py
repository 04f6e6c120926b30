"""The search for the highest load that a node carries: more tasks of one second each, until one is skipped."""

import time
from collections.abc import Callable, Iterator

from harness import LIMIT, Node, task_xml, wait_until
from servers.server import Database

from benchmarks.books import Account, Reading
from benchmarks.databases import refresh_statistics
from benchmarks.nodes import deploy

STEP = 1000
"""Tasks of one file, fires per second of one step."""
PROBE = 10.0
"""Seconds a step is watched during the search."""
CALM = 3.0
"""Seconds after a change of the load that are not counted."""


class LoadSteps:
    """A node with `tasks` tasks of one second, all injecting into `sequence`; `arrived` asks a sink for its count."""

    def __init__(
        self, node: Node, database: Database, sequence: str, arrived: Callable[[], int] = lambda: 0
    ) -> None:
        self.tasks = 0
        self._node, self._database, self._sequence, self._arrived = node, database, sequence, arrived

    def highest(self, first: int, last: int, seconds: float) -> Account | None:
        """Return the account of the highest load carried for `seconds`, None when not even one step is carried."""
        for tasks in range(first, last + 1, STEP):
            self.set(tasks)
            if not self._watch(PROBE).is_complete:
                break
        while not (account := self._watch(seconds)).is_complete:
            if self.tasks == STEP:
                return None
            self.set(self.tasks - STEP)
        return account

    def set(self, tasks: int) -> None:
        """Deploy or undeploy files until `tasks` tasks run and each has fired."""
        while self.tasks < tasks:
            deploy(self._node, _file(self.tasks), _tasks(self.tasks, self._sequence))
            self.tasks += STEP
        while self.tasks > tasks:
            self.tasks -= STEP
            (self._node.root / "carbonapps" / _file(self.tasks)).unlink()
        wait_until(self._is_set, lambda: f"{tasks} tasks that fire: {self._node.log()[-2000:]}", 3 * LIMIT)
        refresh_statistics(self._database)

    def _is_set(self) -> bool:
        reading = self._read()
        return reading.tasks == self.tasks and reading.lowest_key >= 0

    def _read(self) -> Reading:
        return Reading.of(self._node, self._database, self._arrived)

    def _watch(self, seconds: float) -> Account:
        time.sleep(CALM)
        before = self._read()
        time.sleep(seconds)
        account = Account(before, self._read())
        print(
            f"  {self.tasks} tasks, {account.seconds:.0f} s: {account.rate:.0f} fires/s, skipped {account.skipped}, "
            f"failed {account.failures}, backlog {account.backlog:+}, node {account.cpu:.0f} % of a core, "
            f"late {account.late:.1f} %",
            flush=True,
        )
        return account


def _file(first: int) -> str:
    return f"tasks-{first:05}.xml"


def _tasks(first: int, sequence: str) -> str:
    tasks = "".join(_each_task(first, sequence))
    return f'<definitions xmlns="http://ws.apache.org/ns/synapse">{tasks}</definitions>'


def _each_task(first: int, sequence: str) -> Iterator[str]:
    for number in range(first, first + STEP):
        yield task_xml(f"task-{number:05}", every=1, sequence=sequence)

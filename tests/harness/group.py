"""Homes that share one database and one sink."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from servers.server import Database

from harness.accounts import LifeLog, named_keys
from harness.home import Home, Settings
from harness.proxy import Proxy
from harness.sink import Sink
from harness.tables import TaskRow, execute, rows, task_row, wait_for_row

IN_FLIGHT = 5.0
"""Seconds that a call may be on its way to the sink, behind one that began later, and a line on its way to the log."""


class Group:
    """Makes homes; `end` kills whatever still runs in them."""

    def __init__(self, folder: Path, database: Database | None, sink: Sink) -> None:
        self.sink, self.database = sink, database
        self.homes: list[Home] = []
        self._folder = folder

    def home(
        self,
        name: str = "node-1",
        *,
        node_id: str | None = "",
        settings: Settings | None = None,
        through: Proxy | None = None,
    ) -> Home:
        """Make a home; the node's id is its name unless `node_id` gives another, or None for a random one.

        With `through` its node reaches the database by that proxy only.
        """
        chosen = name if node_id == "" else node_id
        database = through.rerouted(self._tables()) if through else self.database
        home = Home(self._folder / name, chosen, database, self.sink.url, settings)
        self.homes.append(home)
        return home

    def deploy(self, name: str, xml: str) -> None:
        """Put an artifact into every home."""
        for home in self.homes:
            home.deploy(name, xml)

    def row(self, task: str, group: str = "default") -> TaskRow | None:
        """Return what the tables say about `task`."""
        return task_row(self._tables(), task, group)

    def wait_for_row(self, task: str, is_so: Callable[[TaskRow], bool]) -> TaskRow:
        """Return the row of `task` as soon as it is as wanted."""
        return wait_for_row(self._tables(), task, is_so)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a SELECT on the shared database finds."""
        return rows(self._tables(), sql)

    def execute(self, sql: str, **values: object) -> int:
        """Change rows of the shared database as a stranger would; return how many."""
        return execute(self._tables(), sql, **values)

    def _tables(self) -> Database:
        assert self.database is not None
        return self.database

    def log(self) -> str:
        """Everything that all nodes of all homes have printed."""
        return "".join(home.log() for home in self.homes)

    def life_logs(self) -> list[LifeLog]:
        """The same, life by life."""
        return [log for home in self.homes for log in home.life_logs()]

    def unaccounted(self, task: str) -> set[int]:
        """Return the keys of an interval task that neither arrived nor are counted or named in a log."""
        until = time.monotonic() + IN_FLIGHT
        while (
            found := set(self.sink.gaps(task)) - named_keys(self.life_logs(), task)
        ) and time.monotonic() < until:
            time.sleep(0.1)
        return found

    def end(self) -> None:
        """Kill what still runs, each by its own process id; pytest shows the logs of a test that failed."""
        for home in self.homes:
            for node in home.lives:
                if node.process.poll() is None:
                    node.kill()
            print(f"--- {home.name}\n{home.log()}")

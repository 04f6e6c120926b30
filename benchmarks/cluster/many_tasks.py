"""Thousands of tasks on nodes without a sink: how they are deployed, and what the tables say about them."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from harness import Fleet, Group, Server, Sink, own_server, rows, task_xml
from harness.home import Settings
from servers.server import Database

from benchmarks.cluster.stage import QUIET_LOGS

WAIT = 240.0
SELDOM = "0 0 3 1 1 ?"
"""A cron text that does not come true while anybody watches."""
_STEP = 1000
"""Tasks of one file."""
_NAMESPACE = "http://ws.apache.org/ns/synapse"
_NOTHING = f'<sequence xmlns="{_NAMESPACE}" name="work"><drop/></sequence>'


class LastFire(NamedTuple):
    """The last occurrence of one interval task; times by the database's clock."""

    key: int
    due_ms: int
    at_ms: int


@dataclass(frozen=True)
class Crowd:
    """Homes whose nodes are not yet started; their tasks call nobody."""

    fleet: Fleet
    server: Server
    database: Database

    def deploy(self, tasks: int, **task: Any) -> None:
        """Give every home `tasks` tasks whose bodies do nothing."""
        self.fleet.group.deploy("work", _NOTHING)
        for first in range(0, tasks, _STEP):
            names = range(first, min(first + _STEP, tasks))
            self.fleet.group.deploy(f"tasks-{first:05}", _definitions(names, sequence="work", **task))

    def count(self, where: str) -> int:
        """Return how many tasks are so."""
        [[count]] = rows(self.database, f"SELECT COUNT(*) FROM MI_TASK_FENCE WHERE {where}")
        return int(count)

    def most_owned(self) -> int:
        """Return how many tasks the busiest node owns; endless while some, or all, have no owner."""
        found = rows(
            self.database, "SELECT OWNER_NODE_ID, COUNT(*) FROM MI_TASK_FENCE GROUP BY OWNER_NODE_ID"
        )
        is_settled = found and all(owner for owner, _ in found)
        return max(int(count) for _, count in found) if is_settled else 10**9

    def fired(self) -> tuple[int, int]:
        """Return the database's time in ms and the sum of all fires."""
        [[now_ms, count]] = rows(self.database, "SELECT {now_ms}, SUM(FIRED_COUNT) FROM MI_TASK_FENCE")
        return int(now_ms), int(count)


def last_fires(database: Database, where: str, every: int) -> dict[str, LastFire]:
    """Return the newest occurrence of each interval task of `every` seconds that is as `where` says."""
    found = rows(
        database,
        f"""
        SELECT TASK_NAME, LAST_FIRE_KEY, ANCHOR_AT + (LAST_FIRE_KEY - ANCHOR_KEY) * {every * 1000}, LAST_FIRE_AT
          FROM MI_TASK_FENCE WHERE {where}
        """,
    )
    return {name: LastFire(*map(int, fire)) for name, *fire in found}


@contextmanager
def crowd(kind: str, size: int, settings: Settings, *, is_wired: bool = False) -> Iterator[Crowd]:
    """`size` homes on a fresh server of `kind`; with a wire each looks like a machine of its own."""
    with ExitStack() as house:
        folder = Path(house.enter_context(tempfile.TemporaryDirectory(prefix="mi-bench-")))
        server = house.enter_context(own_server(kind))
        server.start()
        database = server.create_database()
        group = Group(folder, database, house.enter_context(Sink()))
        chosen = {**QUIET_LOGS, **settings}
        fleet = house.enter_context(Fleet(group, size, settings=chosen, is_wired=is_wired))
        if is_wired:
            fleet.words = {home.name: (f"-Dmi.host.id={home.name}",) for home in fleet.homes}
        yield Crowd(fleet, server, database)


def _definitions(numbers: Iterable[int], **task: Any) -> str:
    tasks = "".join(task_xml(f"task-{number:05}", **task) for number in numbers)
    return f'<definitions xmlns="{_NAMESPACE}">{tasks}</definitions>'

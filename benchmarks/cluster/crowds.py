"""Many statements, many tasks: what members cost while idle, and what they carry together."""

import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from harness import DEFAULT_LEASE, ROUND_ROBIN, Fleet, Group, Sink, own_server, rows, task_xml, wait_until
from harness.home import Home, Settings
from harness.loads import statements
from servers.server import Database

from benchmarks.cluster.case import Case, Measured
from benchmarks.cluster.stage import QUIET_LOGS, stage
from benchmarks.databases import refresh_statistics

SELDOM = "0 0 3 1 1 ?"
"""A cron text that does not come true while anybody watches."""
IDLE_TASKS = 100
STEP = 1000
"""Tasks of one file."""
NAMESPACE = "http://ws.apache.org/ns/synapse"
NOTHING = f'<sequence xmlns="{NAMESPACE}" name="work"><drop/></sequence>'
SILENT: Settings = {"logging": {"level": "ERROR", "files": False}}
WAIT = 240.0
CALM = 5.0
LOOK_EVERY = 2.0


def _idle(kind: str, times: int, seconds: float = 600.0, nodes: int = 10) -> Iterator[Measured]:
    with stage(kind, nodes, claimed=0, settings=DEFAULT_LEASE) as here:
        group = here.fleet.group
        group.deploy("idle", _definitions(range(IDLE_TASKS), cron=SELDOM))
        wait_until(lambda: _count(here.database, "STATE = 'RUNNING'") == IDLE_TASKS, "idle tasks", WAIT)
        for _ in range(times):
            time.sleep(CALM)
            before, began = statements(here.server, here.database), time.monotonic()
            time.sleep(seconds)
            sent = statements(here.server, here.database) - before
            yield {"statements/s per member": sent / (time.monotonic() - began) / nodes}


def _together(kind: str, times: int, tasks: int = 6000, seconds: float = 30.0) -> Iterator[Measured]:
    """The same tasks on one node, then on three; more of them than the machine carries would measure the skipping."""
    settings = {**SILENT, **ROUND_ROBIN}
    with _nodes(kind, 3, settings) as (fleet, database):
        fleet.group.deploy("work", NOTHING)
        for first in range(0, tasks, STEP):
            names = range(first, first + STEP)
            fleet.group.deploy(f"tasks-{first:05}", _definitions(names, every=1, sequence="work"))
        for _ in range(times):
            [first_home, *others] = fleet.homes
            first_home.start()
            alone = _rate(database, tasks, seconds)
            for home in others:
                home.start()
            fleet.wait_active(3)
            wait_until(lambda: _most_owned(database) <= tasks / 3 + 2, "tasks evenly spread", WAIT)
            three = _rate(database, tasks, seconds)
            yield {
                "fires/s of one node": alone,
                "fires/s of three nodes": three,
                "three nodes / one node": three / alone,
            }
            for home in fleet.homes:
                home.lives[-1].stop()


def _half_leave(kind: str, times: int, tasks: int = 10_000, every: int = 10) -> Iterator[Measured]:
    settings = {**SILENT, **ROUND_ROBIN}
    with _nodes(kind, 2, settings) as (fleet, database):
        fleet.group.deploy("work", NOTHING)
        for first in range(0, tasks, STEP):
            names = range(first, first + STEP)
            fleet.group.deploy(f"tasks-{first:05}", _definitions(names, every=every, sequence="work"))
        for home in fleet.homes:
            home.start()
        for number in range(times):
            leaver, stayer = fleet.homes if number % 2 else reversed(fleet.homes)
            fleet.wait_active(2)
            wait_until(lambda: _most_owned(database) <= tasks / 2 + 2, "tasks evenly spread", WAIT)
            wait_until(lambda: _count(database, "ANCHOR_AT IS NULL") == 0, "a first fire of every task", WAIT)
            refresh_statistics(database)
            time.sleep(2 * every)
            yield _handed_over(leaver, stayer, database, tasks)
            leaver.start()


def _handed_over(leaver: Home, stayer: Home, database: Database, tasks: int) -> Measured:
    """Stop one of two nodes and look at the next fire of each of its tasks, by the database's clock."""
    before = _fires(database, f"OWNER_NODE_ID = '{leaver.name}'")
    began = time.monotonic()
    leaver.lives[-1].process.terminate()
    wait_until(
        lambda: _count(database, f"OWNER_NODE_ID = '{stayer.name}'") == tasks, "all tasks handed over", WAIT
    )
    handed_over = time.monotonic() - began
    assert leaver.lives[-1].wait() == 0
    fires = _next_fires(database, before)
    return {
        "tasks handed over": len(before),
        "handed over after, s": handed_over,
        "next fire after it was due, s": max((fire.at_ms - fire.due_ms) / 1000 for fire in fires.values()),
        "occurrences skipped": sum(fire.key - before[task].key - 1 for task, fire in fires.items()),
    }


def _next_fires(database: Database, before: Mapping[str, "_LastFire"]) -> dict[str, "_LastFire"]:
    """Return the first fire of each task after those in `before`; looks several times per interval."""
    found: dict[str, _LastFire] = {}
    until = time.monotonic() + WAIT
    while len(found) < len(before):
        assert time.monotonic() < until, f"{len(found)} of {len(before)} tasks have fired again"
        time.sleep(LOOK_EVERY)
        for task, fire in _fires(database, "STATE = 'RUNNING'").items():
            if task in before and fire.key > before[task].key:
                found.setdefault(task, fire)
    return found


@contextmanager
def _nodes(kind: str, size: int, settings: Settings) -> Iterator[tuple[Fleet, Database]]:
    """Homes whose nodes are not yet started; their tasks call nobody."""
    with ExitStack() as house:
        folder = Path(house.enter_context(tempfile.TemporaryDirectory(prefix="mi-bench-")))
        server = house.enter_context(own_server(kind))
        server.start()
        database = server.create_database()
        group = Group(folder, database, house.enter_context(Sink()))
        yield house.enter_context(Fleet(group, size, settings={**QUIET_LOGS, **settings})), database


def _rate(database: Database, tasks: int, seconds: float) -> float:
    wait_until(
        lambda: _count(database, "STATE = 'RUNNING' AND ANCHOR_AT IS NOT NULL") == tasks, "fires", WAIT
    )
    refresh_statistics(database)
    time.sleep(CALM)
    began, before = _fired(database)
    time.sleep(seconds)
    ended, after = _fired(database)
    return (after - before) / ((ended - began) / 1000)


class _LastFire(NamedTuple):
    """The last occurrence of one interval task; times by the database's clock."""

    key: int
    due_ms: int
    at_ms: int


def _fires(database: Database, where: str, every: int = 10) -> dict[str, _LastFire]:
    found = rows(
        database,
        f"""
        SELECT TASK_NAME, LAST_FIRE_KEY, ANCHOR_AT + (LAST_FIRE_KEY - ANCHOR_KEY) * {every * 1000}, LAST_FIRE_AT
          FROM MI_TASK_FENCE WHERE {where}
        """,
    )
    return {name: _LastFire(*map(int, fire)) for name, *fire in found}


def _fired(database: Database) -> tuple[int, int]:
    """Return the database's time in ms and the sum of all fires."""
    [[now_ms, count]] = rows(database, "SELECT {now_ms}, SUM(FIRED_COUNT) FROM MI_TASK_FENCE")
    return int(now_ms), int(count)


def _count(database: Database, where: str) -> int:
    [[count]] = rows(database, f"SELECT COUNT(*) FROM MI_TASK_FENCE WHERE {where}")
    return int(count)


def _most_owned(database: Database) -> int:
    """Return how many tasks the busiest node owns; endless while some have no owner."""
    found = rows(database, "SELECT OWNER_NODE_ID, COUNT(*) FROM MI_TASK_FENCE GROUP BY OWNER_NODE_ID")
    return max(int(count) for _, count in found) if all(owner for owner, _ in found) else 10**9


def _definitions(numbers: Iterable[int], **task: Any) -> str:
    tasks = "".join(task_xml(f"task-{number:05}", **task) for number in numbers)
    return f'<definitions xmlns="{NAMESPACE}">{tasks}</definitions>'


CASES = (
    Case(
        "A14",
        "ten idle nodes for 10 min, default lease, 100 tasks that do not fire",
        "<= 4 statements/s per member",
        1,
        _idle,
        {"statements/s per member": 4.0},
    ),
    Case(
        "A14-short",
        "four idle nodes for 60 s, default lease, 100 tasks that do not fire",
        "<= 4 statements/s per member",
        1,
        partial(_idle, seconds=60.0, nodes=4),
        {"statements/s per member": 4.0},
    ),
    Case(
        "three-nodes",
        "6,000 empty tasks of 1 s, offered to one node and then to three (round robin); not the most they carry",
        ">= 0.8 x the fires/s of one node",
        1,
        _together,
        at_least={"three nodes / one node": 0.8},
    ),
    Case(
        "10,000-tasks",
        "SIGTERM of one of two nodes that share 10,000 tasks of 10 s",
        "every heir claims its next key <= 5 s after it was due",
        1,
        _half_leave,
        {"next fire after it was due, s": 5.0},
    ),
)

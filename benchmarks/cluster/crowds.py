"""Many tasks, many nodes: what members carry together, and what becomes of a crowd when a node goes or all come."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from harness import ROUND_ROBIN, Node, wait_until
from harness.home import Home, Settings

from benchmarks.cluster.case import Case, Measured
from benchmarks.cluster.many_tasks import WAIT, Crowd, LastFire, crowd, last_fires
from benchmarks.cluster.stage import WIRED
from benchmarks.databases import refresh_statistics
from benchmarks.results import percentile

SILENT: Settings = {"logging": {"level": "ERROR", "files": False}}
CALM = 5.0
LOOK_EVERY = 2.0


def _together(kind: str, times: int, tasks: int = 6000, seconds: float = 60.0) -> Iterator[Measured]:
    """The same tasks on one node, then on three; more of them than the machine carries would measure the skipping."""
    with crowd(kind, 3, {**SILENT, **ROUND_ROBIN}) as here:
        fleet = here.fleet
        here.deploy(tasks, every=1)
        for _ in range(times):
            [first_home, *others] = fleet.homes
            first_home.start()
            alone = _rate(here, tasks, seconds)
            for home in others:
                home.start()
            fleet.wait_active(3)
            wait_until(lambda: here.most_owned() <= tasks / 3 + 2, "tasks evenly spread", WAIT)
            three = _rate(here, tasks, seconds)
            yield {
                "fires/s of one node": alone,
                "fires/s of three nodes": three,
                "three nodes / one node": three / alone,
            }
            for home in fleet.homes:
                home.lives[-1].stop()


def _rate(here: Crowd, tasks: int, seconds: float) -> float:
    wait_until(lambda: here.count("STATE = 'RUNNING' AND ANCHOR_AT IS NOT NULL") == tasks, "fires", WAIT)
    refresh_statistics(here.database)
    time.sleep(CALM)
    began, before = here.fired()
    time.sleep(seconds)
    ended, after = here.fired()
    return (after - before) / ((ended - began) / 1000)


def _half_go(
    kind: str,
    times: int,
    *,
    settings: Settings,
    end: Callable[[Node], object],
    is_wired: bool,
    tasks: int = 10_000,
    every: int = 10,
) -> Iterator[Measured]:
    """One of two nodes that share all tasks goes, by `end`; then the other one, and so on."""
    with crowd(kind, 2, {**SILENT, **ROUND_ROBIN, **settings}, is_wired=is_wired) as here:
        here.deploy(tasks, every=every)
        fleet = here.fleet
        for node in [fleet.begin(home) for home in fleet.homes]:
            node.wait_started()
        for number in range(times):
            leaver, stayer = fleet.homes if number % 2 else reversed(fleet.homes)
            fleet.wait_active(2)
            wait_until(lambda: here.most_owned() <= tasks / 2 + 2, "tasks evenly spread", WAIT)
            wait_until(lambda: here.count("ANCHOR_AT IS NULL") == 0, "a first fire of every task", WAIT)
            refresh_statistics(here.database)
            time.sleep(2 * every)
            yield _moved(here, leaver, stayer, end, tasks, every)
            fleet.begin(leaver).wait_started()


def _moved(
    here: Crowd, leaver: Home, stayer: Home, end: Callable[[Node], object], tasks: int, every: int
) -> Measured:
    """Look at the next fire of each task of a node that goes, by the database's clock."""
    before = last_fires(here.database, f"OWNER_NODE_ID = '{leaver.name}'", every)
    began = time.monotonic()
    end(leaver.lives[-1])
    wait_until(lambda: here.count(f"OWNER_NODE_ID = '{stayer.name}'") == tasks, "all tasks elsewhere", WAIT)
    elsewhere = time.monotonic() - began
    leaver.lives[-1].wait()
    fires = _next_fires(here, before, every)
    return {
        "tasks that moved": len(before),
        "all elsewhere after, s": elsewhere,
        "next fire after it was due, s": max((fire.at_ms - fire.due_ms) / 1000 for fire in fires.values()),
        "occurrences skipped": sum(fire.key - before[task].key - 1 for task, fire in fires.items()),
    }


def _next_fires(here: Crowd, before: Mapping[str, LastFire], every: int) -> dict[str, LastFire]:
    """Return the first fire of each task after those in `before`; looks several times per interval."""
    found: dict[str, LastFire] = {}
    until = time.monotonic() + WAIT
    while len(found) < len(before):
        assert time.monotonic() < until, f"{len(found)} of {len(before)} tasks have fired again"
        time.sleep(LOOK_EVERY)
        for task, fire in last_fires(here.database, "STATE = 'RUNNING'", every).items():
            if task in before and fire.key > before[task].key:
                found.setdefault(task, fire)
    return found


def _all_come(kind: str, times: int, nodes: int = 20) -> Iterator[Measured]:
    """Nodes that start within a second on a database without tables; each is a process that needs processor time."""
    for _ in range(times):
        with crowd(kind, nodes, WIRED, is_wired=True) as here:
            fleet, began = here.fleet, time.monotonic()
            for home in fleet.homes:
                fleet.begin(home)
            launched = time.monotonic() - began
            for home in fleet.homes:
                home.lives[-1].wait_logged("Successfully joined the cluster", within=WAIT)
            fleet.wait_active(nodes)
            joins = [_join_seconds(home.log()) for home in fleet.homes]
            yield {
                "launched within, s": launched,
                "all ACTIVE after, s": time.monotonic() - began,
                "join of a node, median, s": percentile(joins, 50),
                "join of a node, longest, s": max(joins),
                "lines above WARN": len(fleet.loud()),
            }


def _join_seconds(log: str) -> float:
    """From a node's first word about the group to its lease, by its own log."""
    asked, won = (
        next(line for line in log.splitlines() if text in line)
        for text in ("Initializing task coordination", "Successfully joined the cluster")
    )
    return _seconds(won) - _seconds(asked)


def _seconds(line: str) -> float:
    """The time of day of a log line: `[2026-03-02 09:15:07,114] ...`."""
    hours, minutes, seconds = line[12:24].replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


GOES_ON = "every heir claims its next key <= 5 s after it was due"
CASES = (
    Case(
        "three-nodes",
        "6,000 empty tasks of 1 s for 60 s, offered to one node and then to three (round robin); "
        "not the most they carry",
        ">= 6,000 fires/s, and of three nodes >= 0.8 x as many",
        1,
        _together,
        at_least={"three nodes / one node": 0.8},
    ),
    Case(
        "10,000-tasks",
        "SIGTERM of one of two nodes that share 10,000 tasks of 10 s",
        GOES_ON,
        1,
        partial(_half_go, settings={}, end=lambda node: node.process.terminate(), is_wired=False),
        {"next fire after it was due, s": 5.0},
    ),
    Case(
        "A15",
        "kill -9 of one of two nodes with a wire that share 10,000 tasks of 10 s, default lease",
        f"all elsewhere <= 5 s after the kill; {GOES_ON}",
        3,
        partial(_half_go, settings=WIRED, end=Node.kill, is_wired=True),
        {"all elsewhere after, s": 5.0, "next fire after it was due, s": 5.0},
    ),
    Case(
        "A13",
        "twenty nodes started at once on an empty database, default lease; two cores carry the start of all processes",
        "a join takes <= 10 s, nothing above WARN",
        1,
        _all_come,
        {"join of a node, longest, s": 10.0, "lines above WARN": 0},
    ),
)

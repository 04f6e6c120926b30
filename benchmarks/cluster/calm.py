"""Nothing happens: what members ask of the database while idle, and how exactly tasks fire for a long time."""

import time
from collections.abc import Iterator
from functools import partial

from harness import DEFAULT_LEASE, ROUND_ROBIN, Node, wait_until
from harness.loads import statements
from servers.postgresql import PostgreSQLServer

from benchmarks.cluster.case import Case, Measured
from benchmarks.cluster.many_tasks import SELDOM, WAIT, Crowd, crowd, last_fires
from benchmarks.cluster.stage import NO_FAULTS, WIRED, stage
from benchmarks.results import percentile

CALM = 20.0
"""Seconds until what joining and deploying have caused is over."""
SENT = "mi_cluster_statements_total"
_CALLS = """
    SELECT SUM(calls) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
     WHERE d.datname = $1 AND query !~* '^(BEGIN|COMMIT|ROLLBACK)'
"""


def _idle(
    kind: str, times: int, *, tasks: int, nodes: int = 3, seconds: float = 120.0, is_wired: bool = True
) -> Iterator[Measured]:
    with crowd(kind, nodes, WIRED if is_wired else DEFAULT_LEASE, is_wired=is_wired) as here:
        fleet = here.fleet
        here.deploy(tasks, cron=SELDOM)
        for node in [fleet.begin(home) for home in fleet.homes]:
            node.wait_started()
        fleet.wait_active(nodes)
        wait_until(lambda: here.count("STATE = 'RUNNING'") == tasks, "idle tasks", WAIT)
        for _ in range(times):
            time.sleep(CALM)
            before, counted, began = _sent(here), _counted(here), time.monotonic()
            time.sleep(seconds)
            after, counted_now, passed = _sent(here), _counted(here), time.monotonic() - began
            rates = {name: (after[name] - before[name]) / passed for name in before}
            leader = fleet.leader() or ""
            others = [rate for name, rate in rates.items() if name != leader]
            yield {
                "statements/s per node, as the server counts": (counted_now - counted) / passed / nodes,
                "statements/s of the leader": rates[leader],
                "statements/s of another node, most": max(others),
            }


def _counted(here: Crowd) -> int:
    """What the server has answered; on PostgreSQL without what begins and ends transactions."""
    if not isinstance(here.server, PostgreSQLServer):
        return statements(here.server, here.database)
    here.server.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    [[count]] = here.server.execute(_CALLS, here.database.url.rpartition("/")[2])
    return int(count)


def _sent(here: Crowd) -> dict[str, float]:
    """Home → the statements its node has sent, by its own metric."""
    return {home.name: _metric(home.lives[-1]) for home in here.fleet.homes}


def _metric(node: Node) -> float:
    _, text = node.probe("/metrics")
    [line] = [line for line in text.splitlines() if line.startswith(SENT)]
    return float(line.rpartition(" ")[2])


def _undisturbed(kind: str, times: int, tasks: int = 200, seconds: float = 600.0) -> Iterator[Measured]:
    settings = {**WIRED, **ROUND_ROBIN}
    with stage(kind, 3, claimed=tasks, settings=settings, wired=True, hosts=True) as here:
        for _ in range(times):
            lags: list[float] = []
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                time.sleep(1.0)
                fires = last_fires(here.database, "LAST_FIRE_AT IS NOT NULL", 1)
                lags.extend(fire.at_ms - fire.due_ms for fire in fires.values())
            missing = sum(len(here.fleet.sink.gaps(task)) for task in here.fleet.tasks)
            yield {
                "keys executed": len(here.fleet.sink.of(None)),
                "keys missing": missing,
                "claim after due, p50, ms": percentile(lags, 50),
                "claim after due, p99, ms": percentile(lags, 99),
                **here.faults(),
            }


_LIMITS = {"statements/s of the leader": 1.1, "statements/s of another node, most": 1.0}
_GOAL = "<= 1 statement/s, the leader <= 1.1"
_EXACT = {"keys missing": 0.0, "claim after due, p99, ms": 100.0, **NO_FAULTS}
CASES = (
    Case(
        "A1",
        "nothing for 10 min; three nodes with a wire, 200 tasks of 1 s, round robin, default lease",
        "no key missing, claims <= 100 ms after they were due (p99)",
        1,
        _undisturbed,
        _EXACT,
    ),
    Case(
        "A1-short",
        "nothing for 60 s; three nodes with a wire, 200 tasks of 1 s, round robin, default lease",
        "no key missing, claims <= 100 ms after they were due (p99)",
        1,
        partial(_undisturbed, seconds=60.0),
        _EXACT,
    ),
    *(
        Case(
            f"idle-{tasks}",
            f"three idle nodes with a wire for 2 min, default lease, {tasks:,} tasks that do not fire",
            _GOAL,
            1,
            partial(_idle, tasks=tasks),
            _LIMITS,
        )
        for tasks in (0, 1000, 10_000)
    ),
    Case(
        "A14",
        "ten idle nodes with a wire for 10 min, default lease, 100 tasks that do not fire",
        _GOAL,
        1,
        partial(_idle, tasks=100, nodes=10, seconds=600.0),
        _LIMITS,
    ),
    Case(
        "A14-leases",
        "ten idle nodes without a wire for 10 min, default lease, 100 tasks that do not fire",
        "<= 4 statements/s per member",
        1,
        partial(_idle, tasks=100, nodes=10, seconds=600.0, is_wired=False),
        {"statements/s of the leader": 4.0, "statements/s of another node, most": 4.0},
    ),
)

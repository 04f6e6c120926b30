"""Nodes that leave: stopped, killed, or all at once."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from harness import FAST_WINDOW, UNWIRED, Fleet, Node, takeover_within, task_xml, tried

from benchmarks.cluster.case import Case, Measured
from benchmarks.cluster.stage import NO_FAULTS, WIRED, faults_of, stage, stage_on_file

TASKS = 20
KNOWN_AFTER = 6.0
"""Seconds after which a node that has just started is known to all others, one heart-beat at the most."""
INTERVAL = 1.0


def _stopped(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 2, claimed=TASKS) as here:
        fleet = here.fleet
        for _ in range(times):
            _any_moment()
            owner = fleet.owner()
            before = {task: set(fleet.sink.gaps(task)) for task in fleet.tasks}
            trial = tried(fleet, Node.stop)
            lost = sum(len(set(fleet.sink.gaps(task)) - before[task]) for task in fleet.tasks)
            yield {
                "occurrences lost": lost,
                "longest silence beyond the interval, s": trial.silence - INTERVAL,
                **here.faults(),
            }
            owner.start()
            fleet.wait_active()


def _idle_stopped(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 2, claimed=TASKS) as here:
        for _ in range(times):
            _any_moment()
            [idle] = here.fleet.others(here.fleet.owner())
            began = time.monotonic()
            code = idle.lives[-1].stop()
            yield {"gone after, s": time.monotonic() - began, "exit code": code}
            idle.start()
            here.fleet.wait_active()


def _killed(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 3, claimed=TASKS, hosts=True) as here:
        fleet = here.fleet
        for _ in range(times):
            _any_moment()
            owner = fleet.owner()
            trial = tried(fleet, Node.kill)
            yield {"longest silence, s": trial.silence, **here.faults()}
            fleet.begin(owner).wait_started()
            fleet.wait_active()


def _killed_with_wire(kind: str, times: int, *, hosts: bool) -> Iterator[Measured]:
    """With `hosts` every node looks like a machine of its own: only its port tells that a process is gone."""
    with _wired(kind, hosts=hosts) as fleet:
        for _ in range(times):
            time.sleep(KNOWN_AFTER)
            _any_moment()
            owner = fleet.owner()
            trial = tried(fleet, Node.kill)
            yield {"longest silence, s": trial.silence, **faults_of(fleet)}
            fleet.begin(owner).wait_started()
            fleet.wait_active()


@contextmanager
def _wired(kind: str, *, hosts: bool) -> Iterator[Fleet]:
    if kind == "sqlite":
        with stage_on_file(3, claimed=TASKS, settings=WIRED) as fleet:
            yield fleet
        return
    with stage(kind, 3, claimed=TASKS, settings=WIRED, wired=True, hosts=hosts) as here:
        yield here.fleet


def _all_killed(kind: str, times: int) -> Iterator[Measured]:
    with stage(kind, 3, claimed=TASKS) as here:
        fleet = here.fleet
        fleet.group.deploy("once", task_xml("once", once=True))
        fleet.group.deploy("quiet", task_xml("quiet", every=1))
        fleet.sink.wait_for(1, "quiet")
        fleet.owner("quiet").lives[-1].control("task", "pause", "quiet")
        fleet.group.wait_for_row("once", lambda row: row.state == "COMPLETED")
        quiet = len(fleet.sink.of("quiet"))
        for number in range(times):
            for home in fleet.homes:
                home.lives[-1].kill()
            for position, home in enumerate(fleet.homes):
                # ids that nobody has had: an old lease cannot be taken over by its own node
                home.configure(f"life-{number}-{position}", fleet.proxied(home), UNWIRED)
            began = time.monotonic()
            for node in [fleet.begin(home) for home in fleet.homes]:
                node.wait_started()
            fleet.wait_fired(fleet.tasks, since=began, count=2)
            yield {
                "all tasks again after, s": fleet.last_first_fire(fleet.tasks, since=began) - began,
                "runs of completed tasks": len(fleet.sink.of("once")) - 1,
                "runs of paused tasks": len(fleet.sink.of("quiet")) - quiet,
                **here.faults(),
            }


def _any_moment() -> None:
    time.sleep(random.uniform(0.0, INTERVAL))


TAKEOVER = takeover_within(FAST_WINDOW)
CASES = (
    Case(
        "A2",
        "SIGTERM of the owner, two nodes, 20 tasks of 1 s, fast profile",
        "no occurrence lost, silence <= interval + 1 s",
        20,
        _stopped,
        {"occurrences lost": 0, "longest silence beyond the interval, s": 1.0, **NO_FAULTS},
    ),
    Case(
        "idle-stop",
        "SIGTERM of the node that owns nothing",
        "gone in less than 1 s",
        20,
        _idle_stopped,
        {"gone after, s": 1.0, "exit code": 0},
    ),
    Case(
        "kill",
        "kill -9 of the owner, three nodes, 20 tasks of 1 s, fast profile",
        f"longest silence <= W + G + L/5 + 2 s = {TAKEOVER + 1:.1f} s",
        20,
        _killed,
        {"longest silence, s": TAKEOVER + 1, **NO_FAULTS},
    ),
    Case(
        "A3",
        "kill -9 of the owner, three nodes with a wire, each as a machine of its own, 20 tasks of 1 s, default lease",
        "longest silence <= 1.2 s (median), <= 2.5 s (most)",
        30,
        partial(_killed_with_wire, hosts=True),
        {"longest silence, s": 2.5, **NO_FAULTS},
        median_at_most={"longest silence, s": 1.2},
    ),
    Case(
        "A3-host",
        "kill -9 of the owner, three nodes with a wire on one machine, 20 tasks of 1 s, default lease",
        "longest silence <= 1.2 s (median), <= 2.5 s (most)",
        30,
        partial(_killed_with_wire, hosts=False),
        {"longest silence, s": 2.5, **NO_FAULTS},
        median_at_most={"longest silence, s": 1.2},
        kinds=("postgresql", "mariadb", "sqlite"),
    ),
    Case(
        "A12",
        "kill -9 of all three nodes, started again under new ids; fast profile",
        "paused stay paused, completed do not run again, no duplicate",
        5,
        _all_killed,
        {"runs of completed tasks": 0, "runs of paused tasks": 0, **NO_FAULTS},
    ),
)

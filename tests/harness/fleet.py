"""Several homes that share their tasks, each behind a proxy of its own, and the books of what they did."""

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from servers.server import Database

from harness.accounts import all_named_keys
from harness.artifacts import SEQUENCE, task_xml
from harness.group import IN_FLIGHT, Group
from harness.home import Home, Settings
from harness.node import Node
from harness.proxy import Proxy
from harness.waiting import LIMIT, wait_until

FAST_WINDOW = 3.0
"""W of `profile = "fast"`, which homes of tests have unless they say otherwise."""

DEFAULT_WINDOW = 15.0
DEFAULT_LEASE: Settings = {"cluster_config": {"heart_beat_interval": 5000, "heart_beat_max_retry": 3}}
"""What a node has without any settings."""

ROUND_ROBIN: Settings = {"task_handling": {"resolver_class": "round_robin"}}


def takeover_within(window: float) -> float:
    """W + G + L/5 + 1 s: until the tasks of a silent owner belong to others, by leases alone (coordination 8.8)."""
    return window + max(1.0, window / 10) + window / 5 + 1


@dataclass(frozen=True)
class Books:
    """What must not be, after any fault; all empty when nothing went wrong."""

    duplicates: tuple[tuple[str, int], ...] = ()
    """Occurrences that ran twice."""
    stale: tuple[tuple[str, int], ...] = ()
    """Task and fence of fires that came after one with a higher fence."""
    unaccounted: tuple[tuple[str, int], ...] = ()
    """Keys that neither ran, nor are counted as skipped, nor named."""
    rivals: tuple[str, ...] = ()
    """Tasks of fire mode `lease` that two owners ran at overlapping times."""
    unreadable: tuple[str, ...] = ()
    """Requests that the sink could not read."""


CLEAN = Books()


UNWIRED: Settings = {"cluster_config": {"endpoint": "none"}}
"""Nodes that know each other through the database only."""


def with_cluster_keys(settings: Settings | None, **cluster: object) -> Settings:
    """Return `settings` with keys of `cluster_config` added."""
    former = settings or {}
    return {**former, "cluster_config": {**former.get("cluster_config", {}), **cluster}}


class Fleet:
    """`size` homes named node-1, node-2 ...; nodes that still run at the end of the block are killed.

    Everything is judged at the sink. `ids` false: the nodes have random ids. `is_wired` false: the nodes know each
    other through the database only, as if every one of them were behind a firewall.
    """

    def __init__(
        self,
        group: Group,
        size: int,
        *,
        settings: Settings | None = None,
        ids: bool = True,
        is_wired: bool = False,
    ) -> None:
        self.group, self.sink = group, group.sink
        self.homes: list[Home] = []
        self.proxies: dict[str, Proxy] = {}
        self.claimed: list[str] = []
        """Interval tasks of one second or more whose keys are counted."""
        self.leased: list[str] = []
        """Tasks of fire mode `lease`: their fires have no keys."""
        self.environments: dict[str, dict[str, str]] = {}
        """Home → environment variables of its nodes."""
        self.words: dict[str, tuple[str, ...]] = {}
        """Home → options of its nodes."""
        self._size, self._has_ids = size, ids
        self._settings = settings if is_wired else with_cluster_keys(settings, **UNWIRED["cluster_config"])
        self._open = ExitStack()

    def __enter__(self) -> Self:
        assert self.group.database is not None
        for number in range(1, self._size + 1):
            name = f"node-{number}"
            if self.group.database.kind != "sqlite":  # nobody stands before a file
                self.proxies[name] = self._open.enter_context(Proxy.before(self.group.database))
            node_id = name if self._has_ids else None
            self.homes.append(
                self.group.home(
                    name, node_id=node_id, settings=self._settings, through=self.proxies.get(name)
                )
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for home in self.homes:
            for node in home.lives:
                if node.process.poll() is None:
                    node.kill()
        self._open.close()

    # life

    def deploy(self, count: int, *, every: int = 1, leased: int = 0, sequence: str = SEQUENCE) -> None:
        """Give all homes `count` claimed tasks and `leased` ones of fire mode `lease`, which inject to `sequence`."""
        self.claimed = [f"task-{number:03}" for number in range(count)]
        self.leased = [f"lease-{number:03}" for number in range(leased)]
        for task in self.claimed:
            self.group.deploy(task, task_xml(task, every=every, sequence=sequence))
        for task in self.leased:
            consumer = task_xml(task, every=every, sequence=sequence, fire_mode="lease", sequential="true")
            self.group.deploy(task, consumer)

    def begin(self, home: Home) -> Node:
        """Start a node without waiting for anything."""
        words = self.words.get(home.name, ())
        return home.begin(*words, **self.environments.get(home.name, {}))

    def start(self, within: float = LIMIT) -> None:
        """Start all nodes, wait until all are members and, at most `within` seconds, until every task has fired."""
        for node in [self.begin(home) for home in self.homes]:
            node.wait_started()
        self.wait_active()
        self.wait_fired(self.tasks, within=within)

    # what is seen

    @property
    def tasks(self) -> list[str]:
        """All tasks that were deployed here."""
        return self.claimed + self.leased

    def node(self, name: str) -> Node:
        """Return the present life of a home."""
        return self.home(name).lives[-1]

    def home(self, name: str) -> Home:
        """Return the home of that name."""
        return next(home for home in self.homes if home.name == name)

    def owner(self, task: str | None = None) -> Home:
        """Return where `task`, by default the first one, fired last."""
        return self.home(self.sink.of(task or self.tasks[0])[-1].node)

    def others(self, *homes: Home) -> list[Home]:
        """Return all homes but these."""
        return [home for home in self.homes if home not in homes]

    def tasks_of(self, home: Home) -> list[str]:
        """Return the tasks that fired last in `home`."""
        return [task for task in self.tasks if self.owner(task) is home]

    def statuses(self) -> dict[str, str]:
        """Return node id → STATUS of its lease."""
        return dict(self.group.rows("SELECT NODE_ID, STATUS FROM MI_NODE_LEASE"))

    def boot_ids(self) -> dict[str, str]:
        """Return node id → the boot id of its lease."""
        return dict(self.group.rows("SELECT NODE_ID, BOOT_ID FROM MI_NODE_LEASE"))

    def proxied(self, home: Home) -> Database:
        """Return the database as `home` reaches it."""
        assert self.group.database is not None
        return self.proxies[home.name].rerouted(self.group.database)

    def leader(self) -> str | None:
        """Return the node id in WSO2's leader table."""
        found = self.group.rows("SELECT NODE_ID FROM LEADER_STATUS_TABLE")
        return found[0][0] if found else None

    def evictions(self) -> list[str]:
        """Return the lines in which somebody was taken for dead."""
        return [line for line in self.group.log().splitlines() if "is dead (LEASE_EXPIRED)" in line]

    def loud(self) -> list[str]:
        """Return the lines above WARN of all nodes."""
        found = (line for line in self.group.log().splitlines() if " ERROR " in line or " FATAL " in line)
        return list(found)

    def wait_active(self, count: int | None = None) -> None:
        """Wait until as many nodes as there are homes, or `count`, are members."""
        wanted = count or len(self.homes)
        wait_until(
            lambda: sum(status == "ACTIVE" for status in self.statuses().values()) == wanted,
            lambda: f"{wanted} active nodes; there are {self.statuses()}",
        )

    def wait_fired(
        self,
        tasks: Iterable[str],
        *,
        since: float = float("-inf"),
        by: Collection[Home] | None = None,
        count: int = 1,
        within: float = LIMIT,
    ) -> None:
        """Wait until each of `tasks` has fired `count` times after `since`, in one of the homes `by`."""
        names = {home.name for home in by} if by is not None else None
        wait_until(
            lambda: not self._waiting(tasks, since, names, count),
            lambda: f"fires of {self._waiting(tasks, since, names, count)}; leases {self.statuses()}",
            within,
        )

    def _waiting(
        self, tasks: Iterable[str], since: float, names: Collection[str] | None, count: int
    ) -> list[str]:
        missing = dict.fromkeys(tasks, count)
        for arrival in reversed(self.sink.of(None)):
            if arrival.at <= since:
                break
            if arrival.task in missing and (names is None or arrival.node in names):
                missing[arrival.task] -= 1
        return [task for task, wanted in missing.items() if wanted > 0]

    def last_first_fire(
        self, tasks: Iterable[str], *, since: float, by: Collection[Home] | None = None
    ) -> float:
        """Return when the last of `tasks` had fired for the first time after `since` in one of the homes `by`."""
        names = {home.name for home in (self.homes if by is None else by)}
        return max(
            next(each.at for each in self.sink.of(task) if each.at > since and each.node in names)
            for task in tasks
        )

    def silence(self, since: float, tasks: Iterable[str] | None = None) -> float:
        """Return the longest silence of any task from the last fire before `since` until now."""
        return max(self._silence(task, since) for task in (self.tasks if tasks is None else tasks))

    def _silence(self, task: str, since: float) -> float:
        before = [arrival.at for arrival in self.sink.of(task) if arrival.at <= since]
        return self.sink.longest_silence(task, max(before, default=since), time.monotonic())

    def books(self) -> Books:
        """Look at everything that has arrived, and at all logs; calls that are on their way may still arrive."""
        until = time.monotonic() + IN_FLIGHT
        while (unaccounted := self._unaccounted()) and time.monotonic() < until:
            time.sleep(0.1)
        return Books(
            duplicates=tuple(self.sink.duplicates()),
            stale=tuple((each.task, each.fence) for task in self.tasks for each in self.sink.stale(task)),
            unaccounted=unaccounted,
            rivals=tuple(task for task in self.leased if self.sink.rivals(task)),
            unreadable=tuple(self.sink.unreadable),
        )

    def _unaccounted(self) -> tuple[tuple[str, int], ...]:
        # the gaps before the logs: a key is named before the next one of its task can arrive
        gaps = {task: self.sink.gaps(task) for task in self.claimed}
        named = all_named_keys(self.group.life_logs(), self.claimed)
        return tuple((task, key) for task in self.claimed for key in gaps[task] if key not in named[task])


@dataclass(frozen=True)
class Trial:
    """What one fault cost, in seconds."""

    silence: float
    """The longest time without a fire of any of the tasks that were hit."""
    takeover: float
    """From the fault until the last of these tasks had fired elsewhere."""


def tried(fleet: Fleet, fault: Callable[[Node], object], *, victim: Home | None = None) -> Trial:
    """Do `fault` to the node of `victim`, by default an owner; returns when others fire all of its tasks."""
    hit = victim or fleet.owner()
    tasks, others = fleet.tasks_of(hit), fleet.others(hit)
    began = time.monotonic()
    fault(hit.lives[-1])
    fleet.wait_fired(tasks, since=began, by=others, count=2)
    taken = fleet.last_first_fire(tasks, since=began, by=others)
    return Trial(fleet.silence(began, tasks), taken - began)

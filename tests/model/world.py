"""A run: one database, one network, any number of processes, and everything random from one seed."""

import asyncio
import secrets
import uuid
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from harness.accounts import LifeLog, named_keys
from model.keeper import ModelLeaseThread, ModelListener, ModelWire
from model.lanes import LANE, NodeClock
from model.network import Adversary, Network, SimulatedSource
from model.process import Process, Work
from model.simulated_database import EPOCH_MS, SimulatedDatabase
from model.sockets import Sockets
from model.virtual_loop import VirtualLoop
from model.witness import Violation, Witness, unaccounted

import micro_integrator.cluster
import micro_integrator.cluster.identity
import micro_integrator.cluster.member
import micro_integrator.cluster.wire.wire
import micro_integrator.kit.clock
import micro_integrator.kit.retry
from micro_integrator.cluster import ProcessMark
from micro_integrator.config import DataSourceSettings
from micro_integrator.observability.journal import journal
from micro_integrator.observability.layouts import Record

GATHERING = 0.02
"""Seconds that a line may be on its way to the log."""
WRITING = 0.002
"""Seconds that it takes when somebody waits for it."""
STEP_LIMIT = 2_000_000
"""Callbacks of one run beyond which something must be looping."""


@dataclass(frozen=True, slots=True)
class Line:
    """A log line of a process."""

    at: float
    process: str
    text: str


class World:
    """Everything that a run consists of. Times are seconds of true time, unless a node counts them."""

    def __init__(self, seed: int, adversary: Callable[[Random], Adversary], window: float) -> None:
        self.random = Random(seed)
        self.window = window
        self.drain_timeout = 5.0
        self.has_wire = False
        """Whether processes that start have a wire."""
        self.resolver: str | None = None
        """Name of the resolver that all nodes use; None = the default."""
        self.loop = VirtualLoop(STEP_LIMIT)
        self.witness = Witness(lambda: self.loop.now)
        self.database = SimulatedDatabase(lambda: self.loop.now, self.witness)
        self.witness.is_paused = self.database.is_paused
        self.network = Network(self.loop, self.database, adversary(self.random))
        self.network.answered = self.witness.evictions.answered
        self.sockets = self.loop.sockets = Sockets(self.loop, self.network, seed)
        self.lines: list[Line] = []
        self._written: dict[str, float] = {}
        """Process → all its lines until then are in the log for certain."""
        self.loop.before_time_passes = self._check
        self._lives = 0

    # processes

    @property
    def processes(self) -> list[Process]:
        """All processes that ever were."""
        return self.witness.processes

    @property
    def alive(self) -> list[Process]:
        """Those that are not gone."""
        return [process for process in self.processes if process.is_alive]

    def start(
        self,
        node_id: str,
        work: Mapping[str, Work],
        *,
        host: str = "",
        clock: NodeClock | None = None,
    ) -> Process:
        """Start a process; without `host` each node id has a machine of its own."""
        self._lives += 1
        process = Process(self, node_id, self._lives, host or node_id, clock or NodeClock(), work)
        self.processes.append(process)
        process.start(self.loop)
        return process

    def source(self, settings: DataSourceSettings, **options: Any) -> SimulatedSource:
        """The way of one process to the database, as `DataSource.configured` would give it."""
        return SimulatedSource(self.network, settings, **options)

    def process_start(self, number: int) -> int | None:
        """What the kernel knows of a process."""
        return next((process.number for process in self.alive if process.number == number), None)

    def _check(self) -> None:
        if self.witness.is_over:
            return
        for failure in self.loop.failures:
            raise Violation(f"{failure['message']}: {failure.get('exception')!r}") from failure.get(
                "exception"
            )
        self.witness.check()

    # what is asked afterwards

    async def sleep(self, seconds: float) -> None:
        """Let true time pass."""
        await asyncio.sleep(seconds)

    def named(self, task: str) -> set[int]:
        """The ordinals of `task` that log lines count as skipped, or name."""
        killed = {process.name for process in self.processes if process.was_killed}
        texts: dict[bool, list[str]] = {True: [], False: []}
        for line in self.lines:
            texts[line.process in killed].append(line.text)
        logs = [LifeLog("\n".join(lines), was_killed) for was_killed, lines in texts.items()]
        return named_keys(logs, task)

    def last_keys(self) -> dict[str, int]:
        """LAST_FIRE_KEY of every task."""
        rows = self.database.execute("SELECT TASK_NAME, LAST_FIRE_KEY FROM MI_TASK_FENCE", ())
        return dict(rows.fetchall())

    def check_accounts(self) -> None:
        """Every key was executed, counted as skipped, or named. Raises Violation."""
        if missing := unaccounted(self.last_keys(), self.witness.starts, self.named):
            raise Violation(f"unaccounted: {', '.join(missing)}")

    def check_nothing_lost(self, tasks: Iterable[str]) -> None:
        """Rule L: every key was executed, not only named. Raises Violation."""
        last = self.last_keys()
        for task in tasks:
            missing = set(map(str, range(last[task] + 1))) - self.witness.keys_started(task)
            if missing:
                raise Violation(f"L: keys {', '.join(sorted(missing))} of [{task}] never ran")

    def put(self, record: Record) -> None:
        """Take a log line (see observability's Output)."""
        if not self.witness.is_over:  # tasks that are ended after the story tell nothing that belongs to it
            self.lines.append(Line(self.loop.now, LANE.get().process, record.message))

    def when_written(self, told: Callable[[], object]) -> None:
        """See Output: what the process of this lane has told so far outlives it a moment from now."""
        lane, asked = LANE.get(), self.loop.now
        last = next((line.at for line in reversed(self.lines) if line.process == lane.process), -GATHERING)
        if asked - last >= GATHERING:  # nothing is on its way
            told()
            return

        def is_written() -> None:
            self._written[lane.process] = asked
            told()

        self.loop.call_later(WRITING, is_written, context=lane.context())

    def forget_unwritten(self, process: str, at: float) -> None:
        """A process was killed, and had stood still since `at`: its last lines were on their way to the log."""
        until = max(self._written.get(process, 0.0), at - GATHERING)
        self.lines[:] = [line for line in self.lines if line.process != process or line.at <= until]

    def close(self) -> None:
        """End of the output: nothing to do."""


class _Time:
    """Stands for the module `time` where kit reads its clocks."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def clock_gettime(self, clock: int) -> float:
        """The boot-time clock of the machine whose code asks."""
        return self._loop.time()

    def time_ns(self) -> int:
        """The wall clock of a machine whose owner has set it."""
        return EPOCH_MS * 1_000_000 + round(self._loop.now * 1e9)


def _mark(properties: Mapping[str, str]) -> ProcessMark:
    host, number = properties["host"], int(properties["pid"])
    return ProcessMark(host, host, host, number, number)


@contextmanager
def world_of(seed: int, adversary: Callable[[Random], Adversary], window: float = 3.0) -> Iterator[World]:
    """A world in which the shipped code finds itself: its clocks, its chance, its lease thread, its log."""
    world = World(seed, adversary, window)
    chance = Random(world.random.getrandbits(64))
    with ExitStack() as patches:
        for target, name, value in (
            (micro_integrator.kit.clock, "time", _Time(world.loop)),
            (micro_integrator.kit.retry, "random", chance),
            (micro_integrator.cluster.member, "LeaseThread", ModelLeaseThread),
            (micro_integrator.cluster.member, "Wire", ModelWire),
            (micro_integrator.cluster.wire.wire, "Listener", ModelListener),
            (micro_integrator.cluster.wire.wire, "route_address", lambda: None),
            (micro_integrator.cluster, "DataSource", SimpleNamespace(configured=world.source)),
            (ProcessMark, "of_this_process", _mark),
            (micro_integrator.cluster.identity, "process_start", world.process_start),
            (uuid, "uuid4", lambda: uuid.UUID(int=chance.getrandbits(128))),
            (secrets, "token_bytes", lambda size=32: chance.randbytes(size)),
            (secrets, "token_hex", lambda size=32: f"{chance.getrandbits(8 * size):0{2 * size}x}"),
        ):
            patches.enter_context(patch.object(target, name, value))
        former = journal.outputs, journal.apart
        journal.use_outputs((world,))
        try:
            yield world
        finally:
            _end(world)
            journal.use_outputs(*former)


def run(world: World, story: Coroutine[Any, Any, None]) -> None:
    """Let a story happen. Raises Violation, be it that a callback has failed."""
    world.loop.run_until_complete(story)


def _end(world: World) -> None:
    """Let every task end, those of killed processes included: none may be left for the garbage collector."""
    world.witness.is_over = True
    loop = world.loop
    for process in world.processes:
        loop.go_on(process.keeper)
        loop.go_on(process.main)
    while tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=60))
    loop.close()
    world.database.close()

"""One process of a run: the shipped Member and Tasks under their own lanes, with bodies that take their time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from model.keeper import ModelLeaseThread, ModelWire, raise_what_it_raised
from model.lanes import LANE, Lane, NodeClock
from model.virtual_loop import VirtualLoop

from micro_integrator.cluster import CoordinationError, Member, join
from micro_integrator.cluster.wire import NONE
from micro_integrator.config import COORDINATION, DataSourceSettings, Ports
from micro_integrator.config.sections.cluster import ClusterSettings
from micro_integrator.database import DatabaseError
from micro_integrator.server.shutdown import Shutdown
from micro_integrator.tasks import (
    Control,
    Fire,
    FireMode,
    Interval,
    Limits,
    Planning,
    Task,
    Tasks,
    Trigger,
    make_resolver,
)

if TYPE_CHECKING:
    from model.world import World

PLANNING_PERIOD = 2.0
"""Seconds between two passes of the leader."""
STEP = 0.1
"""Seconds between two things that a body does."""
NO_PINNED_TASKS = Path("/nonexistent/tasks.json")


@dataclass(frozen=True, slots=True)
class Work:
    """A task of a run and what its body does; times in seconds on the clock of its node."""

    name: str
    interval: int = 1
    version: str = "1"
    count: int | None = None
    fire_mode: FireMode = "claim"
    sequential: bool = False
    shortest: float = 0.0
    longest: float = 0.5
    """A body takes between these times, asking `may_act` on its way."""
    stubborn: float = 0.0
    """So long a body goes on after its cancellation."""

    @property
    def trigger(self) -> Trigger:
        """When it is due."""
        return Interval(self.interval, self.count)

    @property
    def definition(self) -> str:
        """DEF_HASH."""
        return sha256(f"{self.interval} {self.count} {self.fire_mode} {self.version}".encode()).hexdigest()


class Process:
    """A life of a node, from its start to its end. `number` tells lives of one node id apart."""

    def __init__(
        self, world: "World", node_id: str, number: int, host: str, clock: NodeClock, work: Mapping[str, Work]
    ) -> None:
        self.name = f"{node_id}#{number}"
        self.node_id, self.host, self.clock, self.number = node_id, host, clock, number
        self.work = dict(work)
        self.definitions: defaultdict[str, set[str]] = defaultdict(set)
        """By task: the definitions that it has ever had."""
        for one in work.values():
            self.definitions[one.name].add(one.definition)
        self.is_alive, self.was_killed = True, False
        self._frozen_at = float("inf")
        self.main, self.keeper = Lane(self.name, clock), Lane(f"{self.name}/lease", clock)
        self.main.lease = self.keeper
        self._world = world
        self._end = asyncio.Event()
        ip = world.sockets.place(self.keeper, host)
        self.member = self._join(world.window, ip if world.has_wire else NONE)
        self.tasks: Tasks | None = None
        self._deadlines: dict[str, float] = {}
        self._lease = cast(ModelLeaseThread, self.member._lease)
        self._lease.learned = partial(world.witness.evictions.learned, self)
        self.wire.evident = world.witness.evictions.evident

    # what the world does to it

    def start(self, loop: VirtualLoop) -> None:
        """Begin to live."""
        life = loop.create_task(self._live(), name=self.name, context=self.main.context())
        life.add_done_callback(raise_what_it_raised)

    def freeze(self) -> None:
        """SIGSTOP."""
        self.main.stands_still = self.keeper.stands_still = True
        self._frozen_at = min(self._frozen_at, self._world.loop.now)

    def block(self) -> None:
        """A body blocks the main loop."""
        self.main.stands_still = True

    def go_on(self, loop: VirtualLoop) -> None:
        """SIGCONT, or the end of what blocked it."""
        if self.is_alive:
            self._frozen_at = float("inf")
            loop.go_on(self.keeper)
            loop.go_on(self.main)

    def kill(self) -> None:
        """SIGKILL: nothing of it ever runs again; what it has sent is on its way."""
        self.was_killed = True
        self._is_gone()
        self.freeze()
        self._world.forget_unwritten(self.name, self._frozen_at)

    def stop(self) -> None:
        """SIGTERM."""
        self._end.set()

    def deploy(self, work: Work) -> None:
        """Deploy a task, or another definition of it."""
        self.work[work.name] = work
        self.definitions[work.name].add(work.definition)
        if self.tasks is not None:
            self.in_context(self.tasks.add, self._task(work))

    def undeploy(self, name: str) -> None:
        """Take a task away."""
        self.work.pop(name, None)
        if self.tasks is not None:
            self.in_context(self.tasks.remove, name)

    def order(self, request: Callable[[Control], Awaitable[object]]) -> None:
        """Let an operator ask for something here; what is refused, or never answered, is his affair."""
        if self.tasks is not None:
            work = self._asked(request, self.tasks.control)
            self._world.loop.create_task(work, context=self.main.context())

    async def _asked(self, request: Callable[[Control], Awaitable[object]], control: Control) -> None:
        with suppress(CoordinationError, DatabaseError):
            await request(control)

    def accept_rollback(self) -> None:
        """The operator says that the database is the right one."""
        assert self.tasks is not None
        work = self.tasks.accept_rollback()
        self._world.loop.create_task(work, context=self.main.context())

    def in_context(self, action: Any, *arguments: object) -> None:
        """Call something in the main loop of this process."""
        self._world.loop.call_soon(action, *arguments, context=self.main.context())

    def _is_gone(self) -> None:
        self.is_alive = False
        self._world.sockets.end(self.keeper)

    # what the witness asks

    @property
    def wire(self) -> ModelWire:
        """Its part of the wire."""
        return cast(ModelWire, self._lease.wire)

    @property
    def boot_id(self) -> str:
        """The boot id under which it may act; empty while there is none."""
        return self._lease.grant.boot_id

    @property
    def was_refused_alive(self) -> bool:
        """Whether the network has refused in its name although it lives."""
        return self.keeper in self._world.sockets.refused_alive

    def tasks_it_may_act_on(self) -> Iterator[str]:
        """The tasks that this process believes to own, and on which it would act at this instant."""
        if self.tasks is None:
            return
        token = LANE.set(self.main)
        for keeper in self.tasks._keepers():
            if keeper.cluster is self.member:
                for name, owned in keeper.scheduler.owned.items():
                    if not owned.stopped and self.member.may_act(owned.boot_id):
                        yield name
        LANE.reset(token)

    def note_grant(self) -> None:
        """Remember the newest deadline of the present boot id."""
        grant = self._lease.grant
        self._deadlines[grant.boot_id] = grant.deadline

    def lease_stands(self, boot_id: str) -> bool:
        """Whether the deadline that `boot_id` has earned lies ahead, whatever flags say."""
        self.note_grant()
        return self.clock.at(self._world.loop.now) < self._deadlines.get(boot_id, float("-inf"))

    # its life

    async def _live(self) -> None:
        resolver = make_resolver(self._world.resolver, None)
        planning = Planning(resolver, resolver.rebalances, PLANNING_PERIOD)
        async with self.member, Tasks(self.member, NO_PINNED_TASKS, Limits(), planning) as tasks:
            self.tasks = tasks
            for work in self.work.values():
                tasks.add(self._task(work))
            await tasks.deployed()
            await self._end.wait()
            await self._shutdown(tasks).drain()
        self._is_gone()

    def _join(self, window: float, endpoint: str) -> Member:
        """The shipped way into a group, with what it reads of the settings."""
        settings = SimpleNamespace(
            cluster_config=ClusterSettings(
                node_id=self.node_id,
                group_id="group",
                heart_beat_interval=window / 3,
                heart_beat_max_retry=3,
                create_tables=False,
                endpoint=endpoint,
            ),
            ports=Ports(),
            datasources={
                COORDINATION: DataSourceSettings(
                    id=COORDINATION, url="jdbc:sqlite:/model.db", username=self.name
                )
            },
            properties={"host": self.host, "pid": str(self.number)},
        )
        member = join(cast(Any, settings))
        assert isinstance(member, Member)
        return member

    def _shutdown(self, tasks: Tasks) -> Shutdown:
        """The shipped order of leaving, for a server that has tasks only."""
        settings = SimpleNamespace(
            task_handling=SimpleNamespace(drain_timeout=self._world.drain_timeout),
            server=SimpleNamespace(lb_drain_delay=0.0, graceful_shutdown_timeout=60.0),
        )
        rest = cast(Any, SimpleNamespace(drain=lambda: None, ports={}, settle=_nobody_served))
        return Shutdown(cast(Any, settings), rest, rest, tasks, rest, self.member)

    def _task(self, work: Work) -> Task:
        async def body(fire: Fire) -> None:
            await self._perform(work, fire)

        return Task(
            name=work.name,
            trigger=work.trigger,
            count=work.count,
            body=body,
            definition_hash=work.definition,
            body_hash="body",
            fire_mode=work.fire_mode,
            sequential=work.sequential,
        )

    async def _perform(self, work: Work, fire: Fire) -> None:
        witness = self._world.witness
        boot_id = self.member.boot_id
        witness.body_began(self, boot_id, fire, work.definition)
        left, is_cancelled = self._world.random.uniform(work.shortest, work.longest), False
        try:
            while left > 0:
                try:
                    await asyncio.sleep(min(left, STEP))
                except asyncio.CancelledError:
                    if not work.stubborn:
                        raise
                    left, is_cancelled = (left if is_cancelled else work.stubborn), True
                left -= STEP
                if fire.may_act():
                    witness.acted(self, boot_id, fire)
        finally:
            witness.body_ended(fire)


async def _nobody_served(limit: float) -> int:
    return 0

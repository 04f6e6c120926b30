"""A run under random trouble, then under fair weather: everything that may go wrong, in an order of chance."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from random import Random

from model.adversaries import Moody
from model.lanes import NodeClock
from model.process import Process, Work
from model.stories import CLAIM
from model.witness import Violation
from model.world import World, run, world_of

from micro_integrator.cluster.wire.frames import Kind, encode_numbers

WINDOW = 3.0
FAIR = 20.0
"""Seconds of fair weather after which every task must run again."""
RECENT = 6.0
"""A task that runs has begun a body within so many seconds."""
LEAVING = 12.0
TARGETS = ("", "MI_TASK_FENCE", "LAST_FIRE_KEY", "MI_NODE_LEASE")
"""What the harmed statements of a run have in common."""

WORK = (
    Work("a"),
    Work("b", interval=2, longest=1.5),
    Work("c", sequential=True, longest=2.5),
    Work("d", interval=3, fire_mode="claim_retry", stubborn=1.0),
    Work("e", fire_mode="lease", longest=1.5),
)


class Storm:
    """Makes trouble for the processes of a world, for `seconds`."""

    def __init__(self, world: World, seconds: float) -> None:
        self._world, self._seconds = world, seconds
        self._random = Random(world.random.getrandbits(64))
        self._work = {work.name: work for work in self._random.sample(WORK, self._random.choice((2, 3, 4)))}
        self._nodes = [f"node-{number}" for number in range(1, self._random.choice((2, 3)) + 1)]
        world.resolver = self._random.choice((None, "round_robin"))
        self._calmness = self._random.choice((0.5, 1.5, 4.0))
        trouble = [
            self._freeze, self._block, self._kill, self._kill_in_a_claim, self._stop, self._cut_off, self._reset,
            self._set_clock, self._start_elsewhere, self._redefine, self._undeploy,
        ]  # fmt: skip
        if world.has_wire:
            trouble += [self._lie, self._reset_wires, self._silence_wires, self._forge_hint]
        self._trouble = self._random.sample(trouble, self._random.randint(1, len(trouble)))
        self._trouble += [self._operate] * self._random.choice((0, 1, 4))
        self._doomed: dict[str, Process] = {}
        """Process → it dies as soon as it has sent a claim."""
        world.network.sent = self._sent

    async def rage(self) -> None:
        """Start the nodes and make trouble."""
        for node_id in self._nodes:
            self._start(node_id)
        await asyncio.sleep(self._random.uniform(0.0, 2.0) * WINDOW)
        while self._world.loop.now < self._seconds:
            await asyncio.sleep(self._random.expovariate(1 / self._calmness))
            self._random.choice(self._trouble)()

    async def calm_down(self) -> None:
        """No more trouble; every node is there. Raises Violation for a task that does not run then (P4)."""
        world = self._world
        self._doomed.clear()
        world.sockets.heal()
        for process in world.alive:
            world.network.heal(process.name, lambda: True)
            process.go_on(world.loop)
        for node_id in self._nodes:
            if not any(process.node_id == node_id for process in world.alive):
                self._start(node_id)
        for work in self._work.values():
            for process in world.alive:
                process.deploy(work)
        await asyncio.sleep(FAIR / 3)
        for task in self._work:
            for process in world.alive:
                process.order(lambda control, task=task: control.activate(task, "operator"))  # type: ignore[misc]
        await asyncio.sleep(2 * FAIR / 3)
        for task in self._work:
            last = world.witness.last_start(task)
            if last is None or world.loop.now - last.at > RECENT:
                raise Violation(f"P4 at {world.loop.now:.3f} s: [{task}] does not run; last {last}")
        joined = {process.node_id for process in world.alive if process.member.is_joined}
        if missing := [node_id for node_id in self._nodes if node_id not in joined]:
            raise Violation(f"P4 at {world.loop.now:.3f} s: {', '.join(missing)} cannot join")

    async def end(self) -> None:
        """Stop every process. Raises Violation for a key that nobody accounts for."""
        for process in self._world.alive:
            process.stop()
        await asyncio.sleep(LEAVING)
        self._world.check_accounts()

    # kinds of trouble

    def _start(self, node_id: str, *, elsewhere: bool = False) -> None:
        clock = NodeClock(self._random.uniform(0.9, 1.1), self._random.uniform(0, 1e6))
        host = f"{node_id}-{self._random.random()}" if elsewhere else node_id
        self._world.start(node_id, self._work, host=host, clock=clock)

    def _victim(self) -> Process | None:
        alive = self._world.alive
        return self._random.choice(alive) if alive else None

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self._world.network.after(seconds, action)

    def _length(self) -> float:
        return self._random.uniform(0, self._random.choice((0.3, 1.0, 3.0)) * WINDOW)

    def _count(self, kind: str) -> None:
        self._world.network.faults[kind] += 1

    def _freeze(self) -> None:
        if (victim := self._victim()) is not None:
            self._count("freeze")
            victim.freeze()
            self._later(self._length(), lambda: victim.go_on(self._world.loop))

    def _block(self) -> None:
        if (victim := self._victim()) is not None:
            self._count("blocked main loop")
            victim.block()
            self._later(self._length(), lambda: victim.go_on(self._world.loop))

    def _kill(self) -> None:
        if (victim := self._victim()) is not None:
            self._let_die(victim)

    def _kill_in_a_claim(self) -> None:
        if (victim := self._victim()) is not None:
            self._doomed[victim.name] = victim

    def _sent(self, process: str, text: str) -> None:
        if CLAIM in text and (victim := self._doomed.pop(process, None)) is not None:
            self._later(self._random.uniform(0.0, 0.003), lambda: self._let_die(victim))

    def _let_die(self, victim: Process) -> None:
        if not victim.is_alive:
            return
        self._count("kill")
        victim.kill()
        elsewhere = self._random.random() < 0.5
        self._later(self._length(), lambda: self._start(victim.node_id, elsewhere=elsewhere))

    def _stop(self) -> None:
        if (victim := self._victim()) is not None:
            self._count("stop")
            victim.stop()
            self._later(self._length(), lambda: self._start(victim.node_id))

    def _cut_off(self) -> None:
        if (victim := self._victim()) is not None:
            self._count("black hole")
            network = self._world.network
            network.black_hole(victim.name)
            chance = self._random.random
            self._later(self._length(), lambda: network.heal(victim.name, lambda: chance() < 0.5))

    def _reset(self) -> None:
        if (victim := self._victim()) is not None:
            self._count("reset")
            self._world.network.reset(victim.name)

    def _set_clock(self) -> None:
        self._count("database clock")
        self._world.database.step_ms += round(self._random.choice((-1, 1)) * 10 ** self._random.uniform(2, 5))

    def _start_elsewhere(self) -> None:
        if (victim := self._victim()) is not None and len(self._world.alive) < 6:
            self._count("twin")
            self._start(victim.node_id, elsewhere=True)

    def _lie(self) -> None:
        """Refuse in the name of one that lives to one or several others."""
        if (victim := self._victim()) is not None:
            self._count("false evidence")
            for process in self._world.alive:
                if process is not victim and self._random.random() < 0.7:
                    self._world.sockets.reject(process.keeper, victim.keeper)
            self._later(self._length(), self._world.sockets.heal)

    def _reset_wires(self) -> None:
        if (victim := self._victim()) is not None:
            self._count("reset wires")
            self._world.sockets.reset(victim.keeper)

    def _silence_wires(self) -> None:
        if (victim := self._victim()) is not None:
            self._count("silent wires")
            self._world.sockets.silence(victim.keeper)
            self._later(self._length(), self._world.sockets.heal)

    def _forge_hint(self) -> None:
        """Tell somebody of a signal that has not been raised, or long ago."""
        if (victim := self._victim()) is not None:
            self._count("forged hint")
            seq = self._random.choice((0, 10, 1000, 10**9))
            self._world.sockets.forge(victim.keeper, encode_numbers(Kind.LOOK, seq))

    def _undeploy(self) -> None:
        """Take a task away from all nodes or from some, and give it back."""
        self._count("undeployment")
        name = self._random.choice(sorted(self._work))
        victims = [process for process in self._world.alive if self._random.random() < 0.7]
        for process in victims:
            process.undeploy(name)
        self._later(self._length(), lambda: self._give_back(victims, name))

    def _give_back(self, victims: Sequence[Process], name: str) -> None:
        for process in victims:
            if process.is_alive:
                process.deploy(self._work[name])

    def _operate(self) -> None:
        """Pause a task and activate it again, have it run by hand, or move it."""
        if (victim := self._victim()) is None:
            return
        name, node_id = self._random.choice(sorted(self._work)), self._random.choice(self._nodes)
        match self._random.choice(("pause", "run by hand", "move")):
            case "pause":
                self._count("pause")
                victim.order(lambda control: control.pause(name, "operator"))
                self._later(self._length(), partial(self._activate, name))
            case "run by hand":
                self._count("run by hand")
                victim.order(lambda control: control.trigger(name, "operator"))
            case _:
                self._count("move")
                victim.order(lambda control: control.move(name, node_id, "operator"))

    def _activate(self, name: str) -> None:
        if (process := self._victim()) is not None:
            process.order(lambda control: control.activate(name, "operator"))

    def _redefine(self) -> None:
        """Deploy another definition, on all nodes or on some."""
        self._count("redefinition")
        name = self._random.choice(sorted(self._work))
        former = self._work[name]
        work = replace(former, version=str(self._random.random()))
        self._work[name] = work
        for process in self._world.alive:
            if self._random.random() < 0.7:
                process.deploy(work)


def storm(seed: int, seconds: float = 30.0) -> World:
    """Let a storm happen; returns the world it left behind. Raises Violation, naming the seed."""
    chance = Random(seed)
    rate, target = chance.choice((0.0, 0.01, 0.05, 0.2)), chance.choice(TARGETS)
    has_wire, hint_rate = chance.random() < 0.5, chance.choice((0.0, 0.2, 1.0))
    moody: list[Moody] = []

    def adversary(random: Random) -> Moody:
        moody.append(Moody(random, rate, target, WINDOW, hint_rate))
        return moody[0]

    with world_of(seed, adversary, WINDOW) as world:
        world.has_wire = has_wire
        if world.random.random() < 0.5:
            world.loop.message_delay = lambda: world.random.choice((0.0, 0.0, 0.01, 0.3))

        async def story() -> None:
            weather = Storm(world, seconds)
            await weather.rage()
            moody[0].rest()
            await weather.calm_down()
            await weather.end()

        try:
            run(world, story())
        except Violation as violation:
            raise Violation(f"seed {seed}: {violation}") from violation
    return world

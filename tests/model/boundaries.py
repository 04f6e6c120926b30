"""One fault at every statement of a short story: nodes start, fire, one leaves and comes back.

The story is told once without a fault to count the statements of its hero; then once per statement and fault.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from model.adversaries import Kind
from model.lanes import NodeClock
from model.network import Fate
from model.process import Process, Work
from model.witness import Violation
from model.world import World, run, world_of

WINDOW = 3.0
TASKS = (Work("a", interval=2, longest=0.4), Work("b", interval=1, longest=0.3))
SENT_AGAIN = 1
"""Seconds that a claim may take to be sent again: a key of a shorter interval is overtaken by then."""
HERO = "node-1"
LONG = 2.2 * WINDOW
"""Seconds after which a lease is over and others have taken what it held."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at one statement of the hero: to the statement, and to the hero who waits for its answer."""

    fate: Fate
    kills: bool = False
    freezes: float = 0.0
    is_gentle: bool = False
    """Whether a lease outlives it, so that no occurrence may be lost (rule L); a hand-over may be late by it."""


FAULTS = (
    Fault(Fate("lost request", is_executed=False, is_answered=False, reset=0.01), is_gentle=True),
    Fault(Fate("silent request", is_executed=False, is_answered=False), is_gentle=True),
    Fault(Fate("lost answer", is_answered=False, reset=0.01), is_gentle=True),
    Fault(Fate("silent answer", is_answered=False), is_gentle=True),
    Fault(Fate("executed a little late", request=0.3, is_answered=False, reset=0.1), is_gentle=True),
    Fault(Fate("executed late", request=0.7 * WINDOW, is_answered=False), is_gentle=True),
    Fault(Fate("executed very late", request=LONG, is_answered=False)),
    Fault(Fate("executed twice", again=LONG)),
    Fault(Fate("kill before", is_executed=False), kills=True),
    Fault(Fate("kill after"), kills=True),
    Fault(Fate("kill, executed very late", request=LONG), kills=True),
    Fault(Fate("freeze before the answer", answer=0.01), freezes=LONG),
    Fault(Fate("freeze, executed very late", request=LONG, answer=0.01), freezes=1.2 * LONG),
)


class AtStatement(Kind):
    """Does one fault at statement `number` of the hero, counted from 0; kind otherwise."""

    def __init__(self, random: Random, number: int, fault: Fault | None) -> None:
        super().__init__(random)
        self.sent: list[str] = []
        """The statements of the hero."""
        self.hurt: Callable[[Fault], None] = lambda fault: None
        self._number, self._fault = number, fault

    def statement(self, process: str, text: str, parameters: Sequence[Any]) -> Fate:
        """See Adversary."""
        usual = super().statement(process, text, parameters)
        if not process.startswith(HERO):
            return usual
        self.sent.append(" ".join(text.split()))
        if self._fault is None or len(self.sent) - 1 != self._number:
            return usual
        self.hurt(self._fault)
        return self._fault.fate


class Story:
    """Two nodes at work; the hero is stopped half-way and started again."""

    def __init__(self, world: World, adversary: AtStatement) -> None:
        self._world = world
        self._is_leaving, self._is_gentle = False, True
        self._work = {work.name: work for work in TASKS}
        adversary.hurt = self._hurt

    async def tell(self) -> None:
        """The whole story. Raises Violation."""
        hero = self._start(HERO, NodeClock(0.9))
        await asyncio.sleep(0.3)
        self._start("node-2", NodeClock(1.1, 1000.0))
        await asyncio.sleep(4.0)
        self._is_leaving = True
        hero.stop()
        await asyncio.sleep(2.0)
        self._is_leaving = False
        self._start(HERO, NodeClock(0.95, 500.0))
        await asyncio.sleep(2.5 * WINDOW)
        self._world.network.adversary = Kind(self._world.random)
        self._check_liveness(since=self._world.loop.now - 3.5)
        for process in self._world.alive:
            process.stop()
        await asyncio.sleep(4.0)
        self._world.check_accounts()
        if self._is_gentle:
            self._world.check_nothing_lost(work.name for work in TASKS if work.interval > SENT_AGAIN)

    def _start(self, node_id: str, clock: NodeClock) -> Process:
        return self._world.start(node_id, self._work, clock=clock)

    def _hurt(self, fault: Fault) -> None:
        self._is_gentle = fault.is_gentle and not self._is_leaving
        hero = next(process for process in self._world.alive if process.node_id == HERO)
        if fault.kills:
            hero.kill()
            self._world.network.after(1.0, self._start, HERO, NodeClock())
        elif fault.freezes:
            hero.freeze()
            self._world.network.after(fault.freezes, hero.go_on, self._world.loop)

    def _check_liveness(self, since: float) -> None:
        for task in self._work:
            last = self._world.witness.last_start(task)
            if last is None or last.at < since:
                raise Violation(f"P4: [{task}] does not run; last {last}")


def told(number: int, fault: Fault | None) -> tuple[World, AtStatement]:
    """Tell the story with a fault at one statement. Raises Violation, saying which."""
    made: list[AtStatement] = []

    def adversary(random: Random) -> AtStatement:
        made.append(AtStatement(random, number, fault))
        return made[0]

    with world_of(1, adversary, WINDOW) as world:
        try:
            run(world, Story(world, made[0]).tell())
        except Violation as violation:
            kind = fault.fate.kind if fault else "no fault"
            text = made[0].sent[number] if fault else ""
            raise Violation(f"{kind} at statement {number}: {violation} [{text}]") from violation
    return world, made[0]


def every_boundary(faults: Sequence[Fault], text: str = "") -> list[tuple[int, Fault]]:
    """Every statement of the hero in which `text` occurs, with every fault."""
    sent = told(-1, None)[1].sent
    return [(number, fault) for number in range(len(sent)) if text in sent[number] for fault in faults]

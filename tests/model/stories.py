"""Short stories with one danger each, told at many moments: `moment` shifts when it strikes.

They bring the model to the places where a lease ends, a task changes hands, or a row disappears, more often than
storms do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from model.adversaries import Kind
from model.lanes import Lane, NodeClock
from model.network import Fate, Post
from model.process import Process, Work
from model.witness import Violation
from model.world import World, run, world_of

WINDOW = 3.0
LONG_WINDOW = 12.0
"""Where statements may be slow for seconds: their limit is a quarter of it."""
MOMENTS = tuple(number * 0.11 for number in range(20))
"""Seconds by which the danger is shifted, less than a second apart and in step with no timer."""

CLAIM = "LAST_FIRE_KEY < v.K"
"""What only the text of a claim contains."""

Rule = Callable[[str, str, Sequence[Any]], Fate | None]
"""The fate of a statement (process, text, parameters), or None for the usual one."""


class Scripted(Kind):
    """Follows `rule` and `hint_rule`, which the story sets."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.rule: Rule = lambda process, text, parameters: None
        self.hint_rule: Callable[[Random], Post] = super().hint

    def statement(self, process: str, text: str, parameters: Sequence[Any]) -> Fate:
        """See Adversary."""
        return self.rule(process, text, parameters) or super().statement(process, text, parameters)

    def hint(self, chance: Random) -> Post:
        """See Adversary."""
        return self.hint_rule(chance)


@dataclass(slots=True)
class Stage:
    """What a story plays with."""

    world: World
    adversary: Scripted
    work: Mapping[str, Work]

    def start(self, node_id: str, rate: float = 1.0) -> Process:
        """Start a node whose clock runs at `rate`."""
        return self.world.start(node_id, self.work, clock=NodeClock(rate, 1000.0 * rate))

    async def leader_and_owner(
        self, work: Work, rates: tuple[float, float] = (1.0, 1.0)
    ) -> tuple[Process, Process]:
        """Start two nodes: the first leads, the second owns the task; both have it."""
        leader = self.start("node-1", rates[0])
        await asyncio.sleep(1.0)
        self.work = {work.name: work}
        owner = self.start("node-2", rates[1])
        await asyncio.sleep(2.5 * self.world.window)
        leader.deploy(work)
        await asyncio.sleep(self.world.window)
        return leader, owner

    def owner(self, task: str) -> Process:
        """The process that has begun the newest body of `task`."""
        last = self.world.witness.last_start(task)
        assert last is not None, f"[{task}] has not run yet"
        return next(process for process in self.world.processes if process.name == last.process)

    def freeze(self, process: Process, seconds: float) -> None:
        """Stop a process for a while."""
        process.freeze()
        self.later(seconds, process.go_on, self.world.loop)

    def cut_off(self, process: Process, seconds: float) -> None:
        """Let nothing of a process reach the database for a while."""
        self.world.network.black_hole(process.name)
        self.later(seconds, self.world.network.heal, process.name, lambda: False)

    def lie_about(self, victim: Process, seconds: float) -> None:
        """Let the network refuse to all others in the name of `victim`, which lives, for a while."""
        for process in self.world.alive:
            if process is not victim:
                self.world.sockets.reject(process.keeper, victim.keeper)
        self.later(seconds, self.world.sockets.heal)

    def check_runs(self, within: float) -> None:
        """Raise Violation for a task that has begun no body within the last `within` seconds."""
        for task in self.work:
            last = self.world.witness.last_start(task)
            if last is None or self.world.loop.now - last.at > within:
                raise Violation(f"P4: [{task}] does not run; last {last}")

    def later(self, seconds: float, action: Callable[..., object], *arguments: object) -> None:
        """Do something `seconds` from now."""
        self.world.network.after(seconds, action, *arguments)


Story = Callable[[Stage, float], Awaitable[None]]


def tell(story: Story, moment: float) -> World:
    """Tell a story with its danger at `moment`. Raises Violation."""
    made: list[Scripted] = []

    def adversary(random: Random) -> Scripted:
        made.append(Scripted(random))
        return made[0]

    with world_of(1, adversary, WINDOW) as world:
        world.witness.shortest_orphanage = 0.8 * WINDOW

        async def told() -> None:
            await story(Stage(world, made[0], {}), moment)

        try:
            run(world, told())
        except Violation as violation:
            raise Violation(f"{story.__name__} at {moment:.2f}: {violation}") from violation
    return world


async def an_owner_freezes_in_a_stubborn_body(stage: Stage, moment: float) -> None:
    """The owner wakes up under a new boot id, and its old body has not noticed."""
    stage.work = {"a": Work("a", interval=2, shortest=2.0, longest=3.0, stubborn=9.0)}
    stage.start("node-1")
    stage.start("node-2")
    await asyncio.sleep(3.0 + moment)
    stage.freeze(stage.owner("a"), 3.5 * WINDOW)
    await asyncio.sleep(6 * WINDOW)


async def a_leaver_has_a_stubborn_body(stage: Stage, moment: float) -> None:
    """A node is stopped while a body ignores its cancellation."""
    stage.work = {"a": Work("a", longest=0.2, stubborn=20.0), "b": Work("b", longest=20.0, stubborn=20.0)}
    stage.world.drain_timeout = 0.5
    stage.start("node-1")
    stage.start("node-2")
    await asyncio.sleep(4.0 + moment)
    stage.owner("b").stop()
    await asyncio.sleep(3 * WINDOW)


async def a_slow_clock_is_cut_off_from_a_fast_judge(stage: Stage, moment: float) -> None:
    """The owner believes as long as it may, the judge waits as short as it may."""
    stage.world.window = LONG_WINDOW
    _, slow = await stage.leader_and_owner(Work("a"), (1.1, 0.9))
    await asyncio.sleep(moment)
    stage.cut_off(slow, 3 * LONG_WINDOW)
    await asyncio.sleep(2 * LONG_WINDOW)


async def an_eviction_meets_a_renewal(stage: Stage, moment: float) -> None:
    """The owner is back just when it is given up; the eviction takes a while to arrive."""
    _, owner = await stage.leader_and_owner(Work("a"))

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if "SET STATUS = 'EVICTED'" not in text:
            return None
        stage.later(moment / 10, owner.go_on, stage.world.loop)
        return Fate("slow eviction", request=0.4)

    stage.adversary.rule = rule
    await asyncio.sleep(moment)
    owner.freeze()
    await asyncio.sleep(4 * WINDOW)


async def a_claim_outlives_its_owner(stage: Stage, moment: float) -> None:
    """A claim arrives when its owner is given up, and the heir has not claimed yet."""
    _, owner = await stage.leader_and_owner(Work("a"))
    late: list[tuple[str, Sequence[Any]]] = []

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if process == owner.name and CLAIM in text and not late:
            late.append((text, parameters))
            stage.freeze(owner, 2 * WINDOW)
            return Fate("late claim", is_executed=False, is_answered=False)
        if late and "OWNER_BOOT_ID = v.B" in text:
            stage.later(0.02 + moment / 100, stage.world.database.execute, *late[0])
        return None

    await asyncio.sleep(moment)
    stage.adversary.rule = rule
    await asyncio.sleep(4 * WINDOW)


async def a_claim_is_late_by_a_little(stage: Stage, moment: float) -> None:
    """A claim is executed just after its owner has given up waiting; no lease is in danger, no key may be lost."""
    _, owner = await stage.leader_and_owner(Work("a", interval=2))
    late: list[str] = []

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if process != owner.name or CLAIM not in text or late:
            return None
        late.append(text)
        return Fate("late claim", request=WINDOW / 4 + moment / 20, is_answered=False)

    stage.adversary.rule = rule
    await asyncio.sleep(3 * WINDOW)
    stage.world.check_nothing_lost(["a"])


async def an_owner_freezes_between_two_steps(stage: Stage, moment: float) -> None:
    """A claim is answered, and the process stands still before this or that step that follows."""
    _, owner = await stage.leader_and_owner(Work("a", interval=2))
    loop, left = stage.world.loop, [-1]

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if process == owner.name and CLAIM in text and left[0] < 0:
            left[0] = MOMENTS.index(moment)
            loop.after_step = stop_at_last
        return None

    def stop_at_last(lane: Lane) -> None:
        if lane is owner.main:
            if left[0] == 0:
                stage.freeze(owner, 2 * WINDOW)
            left[0] -= 1

    stage.adversary.rule = rule
    await asyncio.sleep(4 * WINDOW)
    loop.after_step = lambda lane: None


async def an_heir_joins_during_a_sweep(stage: Stage, moment: float) -> None:
    """A node joins and inherits a task while the leader sweeps with a look at the group that is seconds old."""
    stage.work = {name: Work(name) for name in "abcd"}
    stage.world.resolver, stage.world.window = "round_robin", LONG_WINDOW
    leader = stage.start("node-1")
    await asyncio.sleep(1.0)
    owner = stage.start("node-2")
    await asyncio.sleep(2.3 * LONG_WINDOW)
    late = 2.5

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if process != leader.name:
            return None
        if "FROM MI_CLUSTER_SIGNAL" in text:
            return Fate("late look", answer=late)
        return Fate("slow sweep", request=0.5) if reads_all_rows(text) else None

    stage.adversary.rule = rule
    leader.deploy(Work("e"))  # makes it sweep after its next look
    await asyncio.sleep(late + moment)
    stage.start("node-3")
    await asyncio.sleep(0.3)
    owner.stop()
    await asyncio.sleep(0.3)
    for name in "cd":  # now it has none, and would be the first to get one
        leader.undeploy(name)
    await asyncio.sleep(LONG_WINDOW)


def reads_all_rows(text: str) -> bool:
    return "FROM MI_TASK_FENCE" in text and "OWNER_BOOT_ID" not in text.partition("WHERE")[2]


async def a_release_is_late(stage: Stage, moment: float) -> None:
    """A task is taken away and comes back while its release is still on the way."""
    work = Work("a", interval=20, longest=0.1)
    stage.world.resolver = "round_robin"  # the task would go to the first of two idle nodes
    leader, owner = await stage.leader_and_owner(work)
    released = [0]

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        is_release = "LAST_FIRE_STATE = " in text and "OWNER_BOOT_ID = v.B" in text and process == owner.name
        released[0] += is_release
        if not is_release or released[0] > 1:
            return None
        stage.later(delay + 0.05, leader.deploy, Work("b"))  # makes it plan
        return Fate("late release", request=delay, is_answered=False)

    delay = WINDOW / 4 + 0.2 + moment
    stage.adversary.rule = rule
    owner.undeploy("a")
    await asyncio.sleep(WINDOW / 8)
    owner.deploy(work)
    await asyncio.sleep(3 * WINDOW)


async def a_deletion_is_slow(stage: Stage, moment: float) -> None:
    """A task is deployed and taken away again while the deletion of its row is on the way."""
    work = Work("a", longest=0.1)
    stage.work = {"a": work, "b": Work("b")}
    nodes = [stage.start("node-1"), stage.start("node-2")]
    await asyncio.sleep(5.0)

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if "DELETE FROM MI_TASK_FENCE" not in text:
            return None
        stage.adversary.rule = lambda process, text, parameters: None
        for node in nodes:
            stage.later(0.05, node.deploy, work)
            stage.later(0.1 + moment / 10, node.undeploy, "a")
        return Fate("slow deletion", request=0.3 + moment / 5)

    stage.adversary.rule = rule
    for node in nodes:
        node.undeploy("a")
    await asyncio.sleep(5 * WINDOW)


async def a_newcomer_is_evicted_before_it_has_joined(stage: Stage, moment: float) -> None:
    """It has its row and its first renewal, and then no database until its lease is over."""
    stage.work = {"a": Work("a")}
    stage.start("node-1")
    await asyncio.sleep(1.0)

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if process != newcomer.name or "RENEW_SEQ = " not in text:
            return None
        stage.adversary.rule = lambda process, text, parameters: None
        stage.cut_off(newcomer, 2 * WINDOW + moment)
        return Fate("lost answer", is_answered=False)

    newcomer = stage.start("node-2")
    stage.adversary.rule = rule
    await asyncio.sleep(7 * WINDOW)
    if not newcomer.member.is_joined:
        raise Violation("P4: node-2 cannot join")


async def a_backup_is_restored(stage: Stage, moment: float) -> None:
    """The database forgets some seconds; what processes remember is not given again."""
    stage.work = {"a": Work("a"), "b": Work("b", interval=2)}
    for node_id in ("node-1", "node-2"):
        stage.start(node_id)
    await asyncio.sleep(2.0 + moment)
    stage.world.database.back_up()
    await asyncio.sleep(1.0 + 2 * moment)
    stage.world.database.restore()
    await asyncio.sleep(2 * WINDOW)
    for process in stage.world.alive:
        process.accept_rollback()
    await asyncio.sleep(4 * WINDOW)
    stage.check_runs(within=WINDOW)


STORIES: tuple[Story, ...] = (
    an_owner_freezes_in_a_stubborn_body,
    a_leaver_has_a_stubborn_body,
    a_slow_clock_is_cut_off_from_a_fast_judge,
    an_eviction_meets_a_renewal,
    a_claim_outlives_its_owner,
    a_claim_is_late_by_a_little,
    an_owner_freezes_between_two_steps,
    an_heir_joins_during_a_sweep,
    a_release_is_late,
    a_deletion_is_slow,
    a_newcomer_is_evicted_before_it_has_joined,
    a_backup_is_restored,
)

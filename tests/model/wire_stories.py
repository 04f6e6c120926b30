"""Short stories of nodes with a wire: true evidence and false, hints too early, too late and twice.

Told at a few moments each, like those of `stories`.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from model.network import Fate, Post
from model.process import Process, Work
from model.stories import CLAIM, WINDOW, Stage, Story

from micro_integrator.cluster.wire.frames import Kind, encode_numbers

QUICK = 2.5
"""Seconds without a body after which a task of one second has not been taken over by means of the wire."""


async def _leader_and_owner(stage: Stage, work: Work) -> tuple[Process, Process]:
    stage.world.has_wire = True
    return await stage.leader_and_owner(work)


async def _three_nodes(stage: Stage, *tasks: Work) -> list[Process]:
    """The first leads and owns all tasks."""
    stage.world.has_wire = True
    stage.work = {work.name: work for work in tasks}
    nodes = []
    for number in range(1, 4):
        nodes.append(stage.start(f"node-{number}"))
        await asyncio.sleep(1.0)
    await asyncio.sleep(WINDOW)
    return nodes


async def an_owner_dies(stage: Stage, moment: float) -> None:
    """Its connections end and its port refuses: nobody waits for its lease."""
    _, owner = await _leader_and_owner(stage, Work("a"))
    await asyncio.sleep(moment)
    owner.kill()
    await asyncio.sleep(QUICK)
    stage.check_runs(within=QUICK)


async def a_leader_dies(stage: Stage, moment: float) -> None:
    """Another one is elected, and takes over what the leader has owned."""
    leader, *_ = await _three_nodes(stage, Work("a"), Work("b"))
    await asyncio.sleep(moment)
    leader.kill()
    await asyncio.sleep(QUICK)
    stage.check_runs(within=QUICK)


async def evidence_comes_when_its_node_is_back(stage: Stage, moment: float) -> None:
    """A process dies, and the next one of its node joins before anybody acts on the evidence."""
    _, owner = await _leader_and_owner(stage, Work("a"))
    stage.world.loop.message_delay = lambda: moment / 10
    owner.kill()
    stage.start("node-2")
    await asyncio.sleep(QUICK)
    stage.check_runs(within=QUICK)


async def false_evidence_during_a_claim(stage: Stage, moment: float) -> None:
    """The owner is evicted while its claim, or the answer, is on the way."""
    _, owner = await _leader_and_owner(stage, Work("a"))
    claims: list[str] = []

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if process != owner.name or CLAIM not in text or claims:
            return None
        claims.append(text)
        stage.lie_about(owner, WINDOW)
        return Fate("slow claim", request=moment / 5, answer=moment / 10)

    stage.adversary.rule = rule
    await asyncio.sleep(3 * WINDOW)
    stage.check_runs(within=WINDOW)
    stage.world.check_accounts()


async def false_evidence_of_who_is_cut_off(stage: Stage, moment: float) -> None:
    """An owner that cannot be told acts beside its heir until its deadline, and not for longer."""
    _, owner = await _leader_and_owner(stage, Work("a", fire_mode="lease", longest=1.5))
    await asyncio.sleep(moment)
    stage.cut_off(owner, 2 * WINDOW)
    stage.lie_about(owner, WINDOW)
    await asyncio.sleep(4 * WINDOW)
    stage.check_runs(within=WINDOW)


async def false_evidence_of_who_is_frozen(stage: Stage, moment: float) -> None:
    """An owner wakes up beside its heir, before its deadline or behind it."""
    _, owner = await _leader_and_owner(stage, Work("a", fire_mode="claim_retry", stubborn=1.0))
    stage.freeze(owner, 0.3 + 2 * moment)
    stage.lie_about(owner, WINDOW)
    await asyncio.sleep(4 * WINDOW)
    stage.check_runs(within=WINDOW)


async def false_evidence_twice(stage: Stage, moment: float) -> None:
    """Whoever was evicted falsely and knows it cannot be looked for again."""
    _, owner = await _leader_and_owner(stage, Work("a"))
    for _ in range(2):
        stage.lie_about(owner, 0.5)
        await asyncio.sleep(2 * WINDOW + moment)
    stage.check_runs(within=WINDOW)


async def the_leader_is_falsely_evicted(stage: Stage, moment: float) -> None:
    """Two believe that they lead, and plan for everybody."""
    leader, *_ = await _three_nodes(stage, Work("a"), Work("b", interval=2))
    await asyncio.sleep(moment)
    stage.lie_about(leader, 1.0)
    leader.deploy(Work("c"))
    await asyncio.sleep(3 * WINDOW)
    stage.check_runs(within=WINDOW)


async def everybody_has_evidence_of_everybody(stage: Stage, moment: float) -> None:
    """The network refuses all to all."""
    nodes = await _three_nodes(stage, Work("a"), Work("b", fire_mode="lease"))
    await asyncio.sleep(moment)
    for node in nodes:
        stage.lie_about(node, 0.2 + moment)
    await asyncio.sleep(4 * WINDOW)
    stage.check_runs(within=WINDOW)


async def false_evidence_of_who_comes_and_goes(stage: Stage, moment: float) -> None:
    """One leaves and one joins, and both are taken for dead meanwhile."""
    _, second, _ = await _three_nodes(stage, Work("a"), Work("b"))
    second.stop()
    newcomer = stage.start("node-4")
    stage.later(moment / 10, stage.lie_about, second, 0.5)
    stage.later(0.05 + moment / 10, stage.lie_about, newcomer, 0.5)
    await asyncio.sleep(4 * WINDOW)
    stage.check_runs(within=WINDOW)


async def hints_are_late_and_come_twice(stage: Stage, moment: float) -> None:
    """A hand-over whose hints come late, again and out of order."""
    _, owner = await _leader_and_owner(stage, Work("a", interval=2))
    stage.adversary.hint_rule = lambda chance: Post("hint twice", (moment, chance.uniform(0.0, WINDOW)))
    await asyncio.sleep(moment)
    owner.stop()
    await asyncio.sleep(2 * WINDOW)
    stage.check_runs(within=WINDOW)
    stage.world.check_nothing_lost(["a"])


async def a_hint_comes_before_what_it_tells_of(stage: Stage, moment: float) -> None:
    """A hint names a signal that nobody has raised yet; the look that follows shows an older one."""
    leader, owner = await _leader_and_owner(stage, Work("a"))
    hint = encode_numbers(Kind.LOOK, 1000)
    await asyncio.sleep(moment)
    for node in (leader, owner):
        stage.world.sockets.forge(node.keeper, hint)
    await asyncio.sleep(2 * WINDOW)
    stage.check_runs(within=WINDOW)


WIRE_STORIES: tuple[Story, ...] = (
    an_owner_dies,
    a_leader_dies,
    evidence_comes_when_its_node_is_back,
    false_evidence_during_a_claim,
    false_evidence_of_who_is_cut_off,
    false_evidence_of_who_is_frozen,
    false_evidence_twice,
    the_leader_is_falsely_evicted,
    everybody_has_evidence_of_everybody,
    false_evidence_of_who_comes_and_goes,
    hints_are_late_and_come_twice,
    a_hint_comes_before_what_it_tells_of,
)

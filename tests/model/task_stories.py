"""Stories of what a task is and when it runs: definitions that change, runs that come again, a clock that is set.

Told like those of `stories`.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from model.network import Fate
from model.process import Process, Work
from model.stories import CLAIM, MOMENTS, WINDOW, Rule, Stage, Story, reads_all_rows
from model.witness import Violation


async def a_definition_changes_under_a_claim(stage: Stage, moment: float) -> None:
    """Another node deploys anew while a claim is on its way."""
    leader, _ = await stage.leader_and_owner(Work("a"))
    stage.adversary.rule = lambda process, text, parameters: (
        Fate("slow claim", request=0.3) if CLAIM in text else None
    )
    await asyncio.sleep(moment)
    leader.deploy(Work("a", version="2"))
    await asyncio.sleep(2.0)


async def a_definition_changes_during_a_plan(stage: Stage, moment: float) -> None:
    """A node deploys anew, and makes that the definition in force, while the leader reads the rows slowly."""
    leader, owner = await stage.leader_and_owner(Work("a"))
    stage.adversary.rule = _harming(leader, reads_all_rows, Fate("slow sweep", request=0.5))
    owner.deploy(Work("b"))  # makes the leader plan
    await asyncio.sleep(moment / 4)
    leader.deploy(Work("a", version="2"))
    await asyncio.sleep(2 * WINDOW)
    assert stage.owner("a") is leader, "nobody runs the definition in force"


async def a_definition_changes_after_the_leaders_look(stage: Stage, moment: float) -> None:
    """Another node deploys anew while the leader plans with a look at the group that is a second old."""
    leader, owner = await stage.leader_and_owner(Work("a"))
    look = Fate("late look", answer=1.0)
    stage.adversary.rule = _harming(leader, lambda text: "FROM MI_CLUSTER_SIGNAL" in text, look)
    leader.deploy(Work("b"))  # makes it plan after its next look
    await asyncio.sleep(moment)
    owner.deploy(Work("a", version="2"))
    await asyncio.sleep(2 * WINDOW)
    assert stage.owner("a") is owner, "nobody runs the definition in force"


async def a_definition_changes_while_another_is_published(stage: Stage, moment: float) -> None:
    """A node deploys anew, and once more before the group has been told of the first time."""
    leader, owner = await stage.leader_and_owner(Work("a"))
    publication = Fate("slow publication", request=0.5)
    stage.adversary.rule = _harming(owner, lambda text: "UPDATE MI_NODE_DEPLOYMENT" in text, publication)
    for version in ("2", "3"):
        owner.deploy(Work("a", version=version))
        await asyncio.sleep(moment / 4)
    leader.deploy(Work("b"))  # makes it plan
    await asyncio.sleep(2 * WINDOW)
    assert stage.owner("a") is owner, "nobody runs the definition in force"


async def an_heir_is_cut_off_before_it_repeats_a_run(stage: Stage, moment: float) -> None:
    """The owner dies in a body that has to be run again, and its heir loses touch with the database for a while."""
    heir, owner = await stage.leader_and_owner(
        Work("a", interval=2, fire_mode="claim_retry", shortest=1.0, longest=1.0)
    )
    starts = stage.world.witness.starts
    earlier = len(starts)
    while len(starts) == earlier:
        await asyncio.sleep(0.1)

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if process == owner.name or CLAIM not in text:
            return None
        stage.adversary.rule = lambda process, text, parameters: None
        stage.cut_off(heir, 1.2 * WINDOW)
        return Fate("lost claim", is_executed=MOMENTS.index(moment) % 2 == 0, is_answered=False)

    stage.adversary.rule = rule
    owner.kill()
    await asyncio.sleep(moment + 5 * WINDOW)
    if not any(start.is_redelivered for start in starts):
        raise Violation("L: the run that was cut short has not come again")


async def a_clock_is_set_back_when_a_task_has_just_begun(stage: Stage, moment: float) -> None:
    """The new owner waits for an occurrence that suddenly is a minute and a half ahead."""
    _, owner = await stage.leader_and_owner(Work("a", interval=5, longest=0.1))
    owner.stop()
    await asyncio.sleep(moment / 2)
    stage.world.database.step_ms -= 90_000
    await asyncio.sleep(5 * WINDOW)
    stage.check_runs(within=2 * WINDOW)


async def an_owner_dies_with_a_claim_that_passes_over_keys(stage: Stage, moment: float) -> None:
    """It has just told which ones it skips, in a line that is on its way to its log."""
    _, owner = await stage.leader_and_owner(Work("a", longest=0.1))

    def rule(process: str, text: str, parameters: Sequence[Any]) -> Fate | None:
        if process == owner.name and CLAIM in text:
            stage.later(0.001, owner.kill)
        return None

    await asyncio.sleep(moment)
    stage.freeze(owner, 2.2)  # it misses occurrences and does not lose its lease
    stage.adversary.rule = rule
    await asyncio.sleep(5 * WINDOW)
    assert owner.was_killed
    stage.world.check_accounts()


def _harming(victim: Process, is_meant: Callable[[str], bool], fate: Fate) -> Rule:
    return lambda process, text, parameters: fate if process == victim.name and is_meant(text) else None


TASK_STORIES: tuple[Story, ...] = (
    a_definition_changes_under_a_claim,
    a_definition_changes_during_a_plan,
    a_definition_changes_after_the_leaders_look,
    a_definition_changes_while_another_is_published,
    an_heir_is_cut_off_before_it_repeats_a_run,
    a_clock_is_set_back_when_a_task_has_just_begun,
    an_owner_dies_with_a_claim_that_passes_over_keys,
)

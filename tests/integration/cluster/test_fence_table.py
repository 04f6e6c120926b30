"""Who may take an occurrence: one suite for every database and for the file of a node that is alone."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from integration.cluster.members import Source, active_member, decided, identity, owner

from micro_integrator.cluster import (
    Assignment,
    Claim,
    FenceRow,
    FenceTable,
    Finish,
    Identity,
    Insertion,
    Node,
    Release,
)
from micro_integrator.cluster.ownership import DatabaseFences
from micro_integrator.database import DataSource

DEFINITION = "d1"
RIVALS, KEYS = 8, 20


async def owned(fences: FenceTable, me: Node, task: str = "t") -> FenceRow:
    await fences.insert([Insertion(task, DEFINITION, "RUN", me)])
    row = await fences.read_one(task)
    assert row is not None
    assert row.owner_holds
    return row


def claim(row: FenceRow, key: int, *, limit: int = -1, former: str | None = None) -> Claim:
    return Claim(row.task, row.fence, row.definition, key, limit, 1000 + key, former)


async def read(fences: FenceTable, task: str = "t") -> FenceRow:
    row = await fences.read_one(task)
    assert row is not None
    return row


async def test_an_occurrence_is_taken_once(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    assert await fences.claim([claim(row, 0)], "c1") == {"t"}
    assert await fences.claim([claim(row, 0)], "c2") == set()
    found = await read(fences)
    assert (found.last_key, found.last_state, found.claim_id, found.fired_count) == (0, "CLAIMED", "c1", 1)
    assert (found.anchor_at, found.anchor_key) == (1000, 0)
    assert row.last_fire_at is None
    assert found.last_fire_at is not None


async def test_a_claim_sent_again_is_met_and_counts_once(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    for _ in range(3):
        assert await fences.claim([claim(row, 4)], "c1") == {"t"}
    assert (await read(fences)).fired_count == 1


async def test_a_late_copy_of_an_old_claim_changes_nothing(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    await fences.claim([claim(row, 0)], "c1")
    await fences.claim([claim(row, 1)], "c2")
    assert await fences.claim([claim(row, 0)], "c1") == set()
    assert (await read(fences)).last_key == 1


async def test_a_stale_fence_claims_nothing(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    assert await fences.claim([claim(replace(row, fence=row.fence - 1), 0)], "c1") == set()


async def test_another_definition_claims_nothing(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    assert await fences.claim([claim(replace(row, definition="d2"), 0)], "c1") == set()


async def test_a_paused_task_is_not_claimed(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    assert await fences.set_intent(row, "PAUSE")
    assert await fences.claim([claim(row, 0)], "c1") == set()


async def test_a_count_that_is_used_up_allows_no_further_claim(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    assert await fences.claim([claim(row, 0, limit=2)], "c1") == {"t"}
    assert await fences.claim([claim(row, 5, limit=2)], "c2") == {"t"}
    assert await fences.claim([claim(row, 6, limit=2)], "c3") == set()


async def test_an_occurrence_of_a_dead_owner_is_claimed_again_by_naming_its_claim(
    fences: FenceTable, me: Node
) -> None:
    row = await owned(fences, me)
    await fences.claim([claim(row, 0)], "dead:1")
    assert await fences.claim([claim(row, 0, former="wrong")], "c2") == set()
    assert await fences.claim([claim(row, 0, former="dead:1")], "c2") == {"t"}
    assert (await read(fences)).fired_count == 1


async def test_a_batch_meets_exactly_the_rows_that_may_be_met(fences: FenceTable, me: Node) -> None:
    names = [f"t{number:03}" for number in range(120)]
    await fences.insert([Insertion(name, DEFINITION, "RUN", me) for name in names])
    rows = {row.task: row for row in await fences.read()}
    stale = set(names[::7])
    claims = [
        claim(replace(rows[name], fence=rows[name].fence - (1 if name in stale else 0)), 0) for name in names
    ]
    assert await fences.claim(claims, "c1") == set(names) - stale


async def test_of_many_rivals_for_one_key_exactly_one_wins(source: Source) -> None:
    who = identity()
    async with active_member(source(), who) as member, AsyncExitStack() as opened:
        row = await owned(member.fences, owner(member))
        rivals = [await rival(opened, source(), who, member.boot_id) for _ in range(RIVALS)]
        for key in range(KEYS):
            met = await asyncio.gather(
                *(decided(each, [claim(row, key)], f"{key}-{number}") for number, each in enumerate(rivals))
            )
            assert sum(len(names) for names in met) == 1, f"key {key}"
        assert (await read(member.fences)).fired_count == KEYS


async def rival(opened: AsyncExitStack, source: DataSource, who: Identity, boot_id: str) -> DatabaseFences:
    """Return rows that are claimed through a connection of their own, under the same boot id."""
    await source.open()
    opened.push_async_callback(source.close)
    fences = DatabaseFences(who, source, statement_limit=1.0)
    opened.push_async_callback(fences.close)
    fences.adopt_boot(boot_id)
    return fences


async def test_the_end_is_noted_for_the_claim_it_belongs_to_only(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    await fences.claim([claim(row, 0)], "c1")
    await fences.finish([Finish("t", row.fence, 0, "other", "DONE")])
    assert (await read(fences)).last_state == "CLAIMED"
    await fences.finish([Finish("t", row.fence, 0, "c1", "DONE")])
    assert (await read(fences)).last_state == "DONE"


async def test_inserting_again_keeps_intent_key_and_count(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    await fences.claim([claim(row, 9)], "c1")
    await fences.set_intent(row, "PAUSE")
    before = await read(fences)
    await fences.insert([Insertion("t", "d2", "RUN", me), Insertion("new", DEFINITION, "RUN", me)])
    assert await read(fences) == before
    assert (await read(fences, "new")).last_key == -1


async def test_a_released_task_can_be_taken_once_with_a_new_fence(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    await fences.claim([claim(row, 0)], "c0")
    assert await fences.release([Release("t", row.fence, 0, "DONE")]) == {"t"}
    free = await read(fences)
    assert (free.is_orphaned, free.fence, free.last_state) == (True, row.fence + 1, "DONE")
    assert await fences.claim([claim(row, 0)], "c1") == set()
    assert await fences.assign([Assignment(free, me)]) == {"t"}
    assert await fences.assign([Assignment(free, me)]) == set()
    mine = await read(fences)
    assert (mine.owner_holds, mine.fence) == (True, row.fence + 2)


async def test_what_is_known_of_an_older_key_says_nothing_about_a_claim_whose_answer_was_lost(
    fences: FenceTable, me: Node
) -> None:
    row = await owned(fences, me)
    await fences.claim([claim(row, 0)], "c0")
    await fences.claim([claim(row, 1)], "c1")
    await fences.release([Release("t", row.fence, 0, "DONE")])
    found = await read(fences)
    assert (found.last_key, found.last_state) == (1, "CLAIMED")


async def test_a_completed_task_is_never_taken_and_revived_by_activation(
    fences: FenceTable, me: Node
) -> None:
    row = await owned(fences, me)
    await fences.claim([claim(row, 0, limit=1)], "c1")
    assert await fences.complete([(Release("t", row.fence, 0, "DONE"), DEFINITION)]) == {"t"}
    done = await read(fences)
    assert (done.state, done.owner_node, done.is_orphaned) == ("COMPLETED", None, False)
    assert await fences.assign([Assignment(done, me)]) == set()
    assert await fences.set_intent(done, "RUN")
    revived = await read(fences)
    assert (revived.state, revived.fired_count, revived.anchor_at, revived.last_key) == ("NONE", 0, None, 0)


async def test_a_new_definition_resets_grid_and_count_and_never_the_last_key(
    fences: FenceTable, me: Node
) -> None:
    row = await owned(fences, me)
    await fences.claim([claim(row, 5)], "c1")
    assert await fences.adopt([("t", "wrong", "d2")]) == set()
    assert await fences.adopt([("t", former, "d2") for former in ("d0", DEFINITION, "d1")]) == {"t"}
    found = await read(fences)
    assert (found.definition, found.anchor_at, found.fired_count, found.last_key) == ("d2", None, 0, 5)


async def test_a_start_cannot_overwrite_a_pause_that_came_first(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    await fences.set_intent(row, "PAUSE")
    assert await fences.start([(row, "RUNNING")]) == set()
    seen = await read(fences)
    assert await fences.start([(seen, "PAUSED")]) == {"t"}
    found = await read(fences)
    assert (found.state, found.intent_done) == ("PAUSED", found.intent_seq)


async def test_a_run_by_hand_is_taken_once_and_may_be_asked_again(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    assert await fences.request_trigger(row)
    asked = await read(fences)
    assert await fences.claim_trigger(asked, 1, "c1")
    assert await fences.claim_trigger(asked, 1, "c1")
    assert not await fences.claim_trigger(asked, 1, "c2")
    await fences.end_trigger(asked, "c1")
    assert (await read(fences)).trigger_claim is None


async def test_a_reset_needs_a_paused_task(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    assert not await fences.reset(row)
    await fences.set_intent(row, "PAUSE")
    assert await fences.reset(await read(fences))
    assert (await read(fences)).last_key > 1_600_000_000_000


async def test_an_undeployed_task_is_purged_and_its_fence_never_comes_back(
    fences: FenceTable, me: Node
) -> None:
    row = await owned(fences, me)
    await fences.release([Release("t", row.fence)])
    await fences.undeploy(["t"])
    marked = await read(fences)
    assert marked.orphan_since is not None
    await fences.purge([marked], marked.orphan_since - 1)
    assert await fences.read_one("t") is not None
    await fences.purge([marked], marked.orphan_since)
    assert await fences.read_one("t") is None
    assert (await owned(fences, me)).fence > marked.fence


async def test_taking_a_task_again_withdraws_its_undeployment(fences: FenceTable, me: Node) -> None:
    row = await owned(fences, me)
    await fences.release([Release("t", row.fence)])
    await fences.undeploy(["t"])
    marked = await read(fences)
    assert marked.orphan_since is not None
    await fences.assign([Assignment(marked, me)])
    await fences.purge([marked], marked.orphan_since)
    assert await fences.read_one("t") is not None


@pytest.mark.parametrize("size", [1, 500, 1200])
async def test_batches_of_any_size_are_inserted_taken_and_released(
    fences: FenceTable, me: Node, size: int
) -> None:
    names = [f"task-{number:04}" for number in range(size)]
    await fences.insert([Insertion(name, DEFINITION, "RUN", me) for name in names])
    rows = await fences.read()
    assert {row.task for row in rows} == set(names)
    released = await fences.release([Release(row.task, row.fence) for row in rows])
    assert released == set(names)
    assert await fences.assign([Assignment(row, me) for row in await fences.read()]) == set(names)

"""Fire mode `lease`: one node at a time looks again and again, and nothing is written for it."""

import asyncio
from pathlib import Path

from integration.tasks.bench import Recorder, node, task


async def test_fires_have_a_fence_and_no_number_and_leave_the_row_alone(tmp_path: Path) -> None:
    body = Recorder()
    async with node(tmp_path / "tasks.json", task(body, fire_mode="lease")) as life:
        await body.until_fired(3)
        row = await life.row()
        assert life.fences.claim_ids == []
    assert (row.last_key, row.last_state, row.fired_count, row.claim_id) == (-1, None, 0, None)
    assert {(fire.key, fire.trigger_seq, fire.fence) for fire in body.fires} == {(None, None, row.fence)}


async def test_a_slow_body_is_never_run_beside_itself_and_what_it_missed_is_not_counted(
    tmp_path: Path,
) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(tmp_path / "tasks.json", task(body, fire_mode="lease")) as life:
        await body.until_fired(1)
        await asyncio.sleep(2.2)
        body.gate.set()
        await body.until_fired(3)
        [line] = await life.tasks.control.list()
    assert body.most_running == 1
    assert line.skipped == 0


async def test_a_pause_is_followed(tmp_path: Path) -> None:
    body = Recorder()
    async with node(tmp_path / "tasks.json", task(body, fire_mode="lease")) as life:
        await body.until_fired(1)
        assert (await life.tasks.control.pause("t", "ada")).effective
        fired = len(body.fires)
        assert (await life.tasks.control.trigger("t", "ada")).effective
        assert [fire.trigger_seq for fire in body.fires[fired:]] == [1]
        assert (await life.tasks.control.activate("t", "ada")).effective
        await body.until_fired(fired + 3)

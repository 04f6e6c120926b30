"""From due to done: what a task does over its life, its restarts, and a table that loses messages."""

import asyncio
from pathlib import Path

import pytest
from integration.tasks.bench import Recorder, node, task

from micro_integrator.cluster import CoordinationError
from micro_integrator.kit import wall_ms
from micro_integrator.observability import recorded_lines
from micro_integrator.tasks import Limits


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "local" / "tasks.json"


async def test_an_interval_task_fires_at_once_and_then_with_consecutive_keys(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body)):
        await body.until_fired(3)
    assert body.keys == [0, 1, 2]


async def test_a_counted_task_runs_so_often_and_never_again_after_a_restart(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body, count=2)) as life:
        await life.until_state("COMPLETED")
    async with node(path, task(body, count=2)) as life:
        await asyncio.sleep(0.5)
        assert (await life.row()).state == "COMPLETED"
    assert len(body.fires) == len(set(body.keys)) == 2


async def test_a_restart_in_the_middle_of_a_count_runs_exactly_the_rest(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body, count=3)) as life:
        await body.until_fired(1)
        await life.tasks.leave(5)
    async with node(path, task(body, count=3)) as life:
        await life.until_state("COMPLETED")
    assert len(body.fires) == 3
    assert len(set(body.keys)) == 3


async def test_a_count_of_zero_never_runs(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body, count=0)):
        await asyncio.sleep(0.5)
    assert body.fires == []


async def test_a_slow_sequential_body_is_never_run_beside_itself_and_its_gaps_are_counted(path: Path) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(path, task(body, sequential=True)) as life:
        await body.until_fired(1)
        await asyncio.sleep(2.6)
        assert len(body.fires) == 1
        body.gate.set()
        await body.until_fired(2)
        [line] = await life.tasks.control.list()
    assert body.most_running == 1
    assert body.keys == [0, 2]
    assert line.skipped == 1


async def test_bodies_that_are_handed_off_may_overlap_and_that_is_said(path: Path) -> None:
    body = Recorder()
    body.gate.clear()
    with recorded_lines() as lines:
        async with node(path, task(body)):
            await body.until_fired(2)
            assert body.most_running == 2
            body.gate.set()
    assert any("begins while 1 earlier" in text for text in lines.texts())
    assert "Occurrence 0 of task [t] goes on while the next one is claimed" in lines.texts()


async def test_a_slow_task_does_not_silence_the_others(path: Path) -> None:
    slow, quick = Recorder(), Recorder()
    slow.gate.clear()
    async with node(path, task(slow, name="slow", sequential=True), task(quick, name="quick")):
        await quick.until_fired(3)
        slow.gate.set()
    assert len(slow.fires) == 1


async def test_a_failing_body_is_noted_and_the_schedule_goes_on(path: Path) -> None:
    body = Recorder()
    body.error = RuntimeError("no luck")
    with recorded_lines() as lines:
        async with node(path, task(body)) as life:
            await body.until_fired(2)
            async with asyncio.timeout(5):
                while (await life.row()).last_state != "FAILED":
                    await asyncio.sleep(0.02)
            [line] = await life.tasks.control.list()
    assert line.runs >= 2
    assert line.failed >= 1
    assert line.last_fire_ms is not None
    assert 0 <= wall_ms() - line.last_fire_ms < 60_000
    assert any("no luck" in text for text in lines.texts())


async def test_a_lost_answer_is_asked_for_again_with_the_same_claim(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body, seconds=60)) as life:
        life.fences.lost_answers = 2
        await body.until_fired(1)
        row = await life.row()
    assert len(body.fires) == 1
    assert row.fired_count == 1
    assert len(life.fences.claim_ids) == 3
    assert len(set(life.fences.claim_ids)) == 1


async def test_a_lost_request_only_delays(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body, seconds=60)) as life:
        life.fences.lost_requests = 2
        await body.until_fired(1)
    assert body.keys == [0]


async def test_a_claim_that_stays_undecided_is_given_up_when_the_next_key_is_due(path: Path) -> None:
    body = Recorder()
    with recorded_lines() as lines:
        async with node(path, task(body)) as life:
            await body.until_fired(1)
            life.fences.lost_answers = 1000
            await asyncio.sleep(2.2)
            life.fences.lost_answers = 0
            await body.until_fired(2)
    assert body.fires[1].key is not None
    assert body.fires[1].key > 1
    assert len(set(body.keys)) == len(body.keys)
    assert any(text.startswith("Skipped ") and "of task [t]" in text for text in lines.texts())


async def test_an_occurrence_of_a_dead_process_is_named_and_not_run_again(path: Path) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(path, task(body, seconds=60)):
        await body.until_fired(1)
    heir = Recorder()
    with recorded_lines() as lines:
        async with node(path, task(heir, seconds=60)):
            await asyncio.sleep(0.3)
    assert heir.fires == []
    assert any(
        text.startswith("Occurrence 0 of task [t] was claimed by [") and "not known to have finished" in text
        for text in lines.texts()
    )


async def test_an_occurrence_of_a_dead_process_is_named_also_when_the_task_was_paused_meanwhile(
    path: Path,
) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(path, task(body, seconds=60)) as life:
        await body.until_fired(1)
        await life.tasks.control.pause("t", "me")
    with recorded_lines() as lines:
        async with node(path, task(Recorder(), seconds=60)) as life:
            await life.until_state("PAUSED")
    assert any(text.startswith("Occurrence 0 of task [t] was claimed by [") for text in lines.texts())


async def test_claim_retry_runs_the_occurrence_of_a_dead_process_again_and_says_so(path: Path) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(path, task(body, seconds=60, fire_mode="claim_retry", sequential=True)):
        await body.until_fired(1)
    heir = Recorder()
    async with node(path, task(heir, seconds=60, fire_mode="claim_retry", sequential=True)) as life:
        await heir.until_fired(1)
        row = await life.row()
    assert [(fire.key, fire.redelivered) for fire in heir.fires] == [(0, True)]
    assert row.fired_count == 1


async def test_leaving_waits_for_the_body_and_gives_the_task_back(path: Path) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(path, task(body, seconds=60)) as life:
        await body.until_fired(1)
        leaving = asyncio.ensure_future(life.tasks.leave(10))
        await asyncio.sleep(0.2)
        assert not leaving.done()
        body.gate.set()
        assert await leaving == []
        row = await life.row()
    assert body.ended == [0]
    assert (row.owner_node, row.last_state) == (None, "DONE")


async def test_a_body_beyond_the_drain_limit_is_cancelled_and_counts_as_failed(path: Path) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(path, task(body, seconds=60)) as life:
        await body.until_fired(1)
        assert await life.tasks.leave(0.2) == ["t"]
        row = await life.row()
    assert (row.owner_node, row.last_state) == (None, "FAILED")


async def test_claim_retry_runs_again_what_leaving_has_cut_short(path: Path) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(path, task(body, seconds=60, fire_mode="claim_retry", sequential=True)) as life:
        await body.until_fired(1)
        assert await life.tasks.leave(0.2) == ["t"]
    heir = Recorder()
    async with node(path, task(heir, seconds=60, fire_mode="claim_retry", sequential=True)):
        await heir.until_fired(1)
    assert [(fire.key, fire.redelivered) for fire in heir.fires] == [(0, True)]


async def test_a_paused_task_does_not_fire_until_it_is_activated_also_after_a_restart(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body)) as life:
        await body.until_fired(1)
        assert (await life.tasks.control.pause("t", "me")).effective
        fired = len(body.fires)
        await asyncio.sleep(1.3)
        assert len(body.fires) == fired
        await life.tasks.leave(5)
    async with node(path, task(body)) as life:
        await life.until_state("PAUSED")
        await asyncio.sleep(0.3)
        assert len(body.fires) == fired
        assert (await life.tasks.control.activate("t", "me")).effective
        await body.until_fired(fired + 1)


async def test_a_run_by_hand_works_on_a_paused_task_and_does_not_count(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body, seconds=60, count=5)) as life:
        await body.until_fired(1)
        await life.tasks.control.pause("t", "me")
        assert (await life.tasks.control.trigger("t", "me")).effective
        await body.until_fired(2)
        row = await life.row()
    assert (body.fires[1].key, body.fires[1].trigger_seq, body.fires[1].key_text) == (None, 1, "t1")
    assert row.fired_count == 1


async def test_a_completed_task_refuses_a_run_by_hand_and_says_what_to_do(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body, count=1)) as life:
        await life.until_state("COMPLETED")
        with pytest.raises(CoordinationError, match="activate it first"):
            await life.tasks.control.trigger("t", "me")
        await life.tasks.control.activate("t", "me")
        await body.until_fired(2)


async def test_an_unknown_task_is_refused_with_the_nearest_name(path: Path) -> None:
    async with node(path, task(Recorder(), name="orders")) as life:
        await life.until_state("RUNNING", "orders")
        with pytest.raises(CoordinationError, match="did you mean 'orders'"):
            await life.tasks.control.pause("ordres", "me")


async def test_a_reset_is_for_paused_tasks(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body)) as life:
        await body.until_fired(1)
        with pytest.raises(CoordinationError, match="must be paused"):
            await life.tasks.control.reset("t", "me")
        await life.tasks.control.pause("t", "me")
        fired = len(body.fires)
        await life.tasks.control.reset("t", "me")
        await life.tasks.control.activate("t", "me")
        await body.until_fired(fired + 1)


async def test_a_new_definition_starts_its_count_anew_and_never_its_keys(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body, count=2)) as life:
        await life.until_state("COMPLETED")
        life.tasks.add(task(body, count=1))
        await body.until_fired(3)
        row = await life.until_state("COMPLETED")
    assert body.keys == [0, 1, 2]
    assert row.fired_count == 1


async def test_a_changed_body_takes_over_without_a_gap(path: Path) -> None:
    old, new = Recorder(), Recorder()
    async with node(path, task(old)) as life:
        await old.until_fired(1)
        life.tasks.add(task(new, body_hash="other"))
        await new.until_fired(1)
    assert new.keys[0] == old.keys[-1] + 1 if old.keys[-1] is not None else False


async def test_undeploying_ends_the_schedule_and_redeploying_goes_on_where_it_was(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body)) as life:
        await body.until_fired(2)
        life.tasks.remove("t")
        async with asyncio.timeout(5):
            while (await life.row()).orphan_since is None:
                await asyncio.sleep(0.02)
        fired = len(body.fires)
        await asyncio.sleep(1.2)
        assert len(body.fires) == fired
        life.tasks.add(task(body))
        await body.until_fired(fired + 1)
        assert (await life.row()).orphan_since is None
    keys = [key for key in body.keys if key is not None]
    assert keys == sorted(set(keys))


async def test_two_hundred_tasks_are_undeployed_without_holding_up_the_caller(path: Path) -> None:
    bodies = [Recorder() for _ in range(200)]
    tasks = [task(body, name=f"t{number:03}") for number, body in enumerate(bodies)]
    async with node(path, *tasks) as life:
        await asyncio.gather(*(body.until_fired(1) for body in bodies))
        loop = asyncio.get_running_loop()
        began = loop.time()
        for one in tasks:
            life.tasks.remove(one.name)
        assert loop.time() - began < 2.0
        async with asyncio.timeout(10):
            while any(row.orphan_since is None for row in await life.fences.read()):
                await asyncio.sleep(0.05)


async def test_bodies_that_never_end_do_not_pile_up_without_limit(path: Path) -> None:
    body = Recorder()
    body.gate.clear()
    with recorded_lines() as lines:
        async with node(path, task(body), limits=Limits(beside=2)):
            await body.until_fired(2)
            await asyncio.sleep(2.2)
            assert len(body.fires) == 2
            body.gate.set()
            await body.until_fired(3)
    assert any(text.startswith("2 bodies have not ended") for text in lines.texts())
    assert any(text.startswith("Skipped ") for text in lines.texts())


async def test_a_state_file_that_cannot_be_written_stops_the_fires_and_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = Recorder()
    with recorded_lines() as lines:
        async with node(path, task(body)) as life:
            await body.until_fired(1)

            def full(content: bytes) -> None:
                raise OSError(28, "No space left on device")

            monkeypatch.setattr(life.fences, "_write", full)
            await asyncio.sleep(1.5)
            fired = len(body.fires)
            await asyncio.sleep(1.5)
            assert len(body.fires) == fired
            monkeypatch.undo()
            await body.until_fired(fired + 1)
    told = [text for text in lines.texts() if "No space left on device" in text]
    assert len(told) == 1


async def test_a_slow_task_that_holds_all_places_leaves_the_first_body_of_others(path: Path) -> None:
    slow, quick = Recorder(), Recorder()
    slow.gate.clear()
    tasks = (task(slow, name="slow"), task(quick, name="quick"))
    async with node(path, *tasks, limits=Limits(beside=2)):
        await slow.until_fired(2)
        fired = len(quick.fires)
        await quick.until_fired(fired + 2, limit=4)
        assert len(slow.fires) <= 3
        slow.gate.set()


async def test_undeploying_a_task_lets_its_running_body_end_and_then_gives_the_row_up(path: Path) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(path, task(body, seconds=60)) as life:
        await body.until_fired(1)
        life.tasks.remove("t")
        await asyncio.sleep(0.5)
        assert body.running == 1
        body.gate.set()
        async with asyncio.timeout(5):
            while (await life.row()).orphan_since is None:
                await asyncio.sleep(0.02)
        row = await life.row()
    assert body.ended == [0]
    assert (row.owner_node, row.last_state) == (None, "DONE")


async def test_a_new_interval_is_in_force_at_once_while_the_task_goes_on(path: Path) -> None:
    body = Recorder()
    async with node(path, task(body, seconds=60)) as life:
        await body.until_fired(1)
        life.tasks.add(task(body, seconds=1))
        await body.until_fired(4)
        assert (await life.row()).definition == "1/None"
    assert body.keys == [0, 1, 2, 3]


async def test_a_new_definition_waits_for_the_body_of_the_old_one(path: Path) -> None:
    old, new = Recorder(), Recorder()
    old.gate.clear()
    async with node(path, task(old, seconds=60)) as life:
        await old.until_fired(1)
        life.tasks.add(task(new, seconds=1))
        await asyncio.sleep(0.6)
        assert (old.running, new.fires) == (1, [])
        old.gate.set()
        await new.until_fired(2)
    assert old.ended == [0]

"""What a task does on its node before the first run: when it is called, and what comes of a failure."""

import asyncio
from pathlib import Path

import pytest
from integration.tasks.bench import Node, Recorder, node, task

from micro_integrator.cluster import CoordinationError, Standalone
from micro_integrator.observability import recorded_lines
from micro_integrator.tasks import Limits, Planning, Tasks, make_resolver, starts


class Start:
    """Counts its calls; the first `failures` of them fail."""

    def __init__(self, body: Recorder, failures: int = 0) -> None:
        self.calls = 0
        self.fires_before: list[int] = []
        self._body, self._failures = body, failures

    async def __call__(self) -> None:
        self.calls += 1
        self.fires_before.append(len(self._body.fires))
        if self.calls <= self._failures:
            raise RuntimeError("no link yet")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failed starts are repeated after milliseconds."""
    monkeypatch.setattr(starts, "PAUSES", (0.01, 0.05, 0.15))


async def test_a_task_is_started_once_before_its_first_run_and_again_when_the_node_gets_it_again(
    tmp_path: Path,
) -> None:
    body = Recorder()
    begin = Start(body)
    for lives in (1, 2):
        before = len(body.fires)
        async with node(tmp_path / "tasks.json", task(body, prepare=begin)):
            await body.until_fired(before + 2)
        assert begin.calls == lives
        assert begin.fires_before[-1] == before


async def test_a_start_that_fails_three_times_is_tried_a_fourth_time(tmp_path: Path) -> None:
    body = Recorder()
    begin = Start(body, failures=3)
    with recorded_lines() as lines:
        async with node(tmp_path / "tasks.json", task(body, prepare=begin)):
            await body.until_fired(1)
    assert begin.calls == 4
    assert [text for text in lines.texts() if "failed" in text] == [
        f"Start of task [t] failed, trying again in {pause} s: no link yet"
        for pause in ("0.01", "0.05", "0.15")
    ]


async def test_a_start_that_keeps_failing_is_refused_until_the_task_is_deployed_again(tmp_path: Path) -> None:
    body = Recorder()
    begin = Start(body, failures=4)
    with recorded_lines() as lines:
        async with node(tmp_path / "tasks.json", task(body, prepare=begin)) as life:
            await refused(life)
            assert body.fires == []
            assert begin.calls == 4
            life.tasks.add(task(body, prepare=begin))
            await body.until_fired(1)
    assert "Task [t] could not be started here; refused until redeployed: no link yet" in lines.texts()


async def refused(life: Node) -> None:
    async with asyncio.timeout(10):
        while (row := await life.fences.read_one("t")) is None or row.owner_holds:
            await asyncio.sleep(0.02)


async def test_a_task_deployed_anew_with_the_same_schedule_is_started_before_it_runs_on(
    tmp_path: Path,
) -> None:
    old, new = Recorder(), Recorder()
    begin = Start(new)
    async with node(tmp_path / "tasks.json", task(old, prepare=Start(old))) as life:
        await old.until_fired(1)
        life.tasks.add(task(new, body_hash="b2", prepare=begin))
        await new.until_fired(1)
    assert begin.fires_before == [0]
    keys = [*old.keys, *new.keys]
    assert keys == list(range(len(keys)))


async def test_a_body_under_way_ends_before_its_successor_is_started(tmp_path: Path) -> None:
    old, new = Recorder(), Recorder()
    old.gate.clear()
    async with node(tmp_path / "tasks.json", task(old, prepare=Start(old), sequential=True)) as life:
        await old.until_fired(1)
        begin = Start(new)
        life.tasks.add(task(new, body_hash="b2", prepare=begin, sequential=True))
        await life.cluster.raise_signal()
        await asyncio.sleep(0.3)
        assert begin.calls == 0
        old.gate.set()
        await new.until_fired(1)
    assert old.keys == old.ended == [0]


async def test_a_node_that_is_alone_runs_its_tasks_whatever_the_resolver_of_a_group_would_say(
    tmp_path: Path,
) -> None:
    body = Recorder()
    elsewhere = Planning(make_resolver("task_node", {"task_nodes": "node-7"}), rebalances=False, period=2.0)
    alone = Standalone("node-1", tmp_path / "tasks.json")
    tasks = Tasks(alone, tmp_path / "pinned.json", Limits(), elsewhere)
    async with alone, tasks:
        tasks.add(task(body))
        await tasks.deployed()
        await body.until_fired(1)


async def test_a_node_that_is_alone_has_no_members_no_rollback_and_nowhere_to_move_to(tmp_path: Path) -> None:
    body = Recorder()
    async with node(tmp_path / "tasks.json", task(body)) as life:
        await body.until_fired(1)
        with pytest.raises(CoordinationError, match="This node is alone: it has no coordination"):
            await life.cluster.members()
        with pytest.raises(CoordinationError, match="did not go backwards; there is nothing to accept"):
            await life.tasks.accept_rollback()
        with pytest.raises(
            CoordinationError, match=r"Task \[t\] is not coordinated: it cannot leave this node"
        ):
            await life.tasks.control.move("t", "node-2", "ada")

"""What became of an occurrence is in the log before the table forgets it: a process may be killed between the two."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from integration.tasks.bench import MoodyFences, Recorder, node, task

from micro_integrator.cluster import Finish, Release
from micro_integrator.observability.journal import journal
from micro_integrator.observability.layouts import Record


class Diary:
    """An output that is slow to write, and remembers what the tables were told meanwhile."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def put(self, record: Record) -> None:
        """Take a line, which is not written yet."""
        self.events.append(record.message)

    def when_written(self, told: Callable[[], object]) -> None:
        """Be written a moment later."""
        asyncio.get_running_loop().call_later(0.01, self._write, told)

    def close(self) -> None:
        """Nothing is open."""

    def _write(self, told: Callable[[], object]) -> None:
        self.events.append("written")
        told()

    def before(self, event: str) -> list[str]:
        """Return what came before `event`, as far as it is about occurrences or the log."""
        earlier = self.events[: self.events.index(event)]
        return [one for one in earlier if "key " in one or "Occurrence" in one or one == "written"]


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Diary]:
    """What is told, and when the table heard of it."""
    told, former, apart = Diary(), journal.outputs, journal.apart
    finish, release = MoodyFences.finish, MoodyFences.release

    async def finishing(fences: MoodyFences, finishes: Sequence[Finish]) -> None:
        told.events.append("finish")
        await finish(fences, finishes)

    async def releasing(fences: MoodyFences, releases: Sequence[Release]) -> set[str]:
        told.events.append("release")
        return await release(fences, releases)

    monkeypatch.setattr(MoodyFences, "finish", finishing)
    monkeypatch.setattr(MoodyFences, "release", releasing)
    journal.use_outputs((told,))
    yield told
    journal.use_outputs(former, apart)


async def test_a_failure_that_is_final_is_told_before_it_is_noted(tmp_path: Path, diary: Diary) -> None:
    body = Recorder()
    body.error = ValueError("refused")
    async with node(tmp_path / "tasks.json", task(body, fire_mode="claim_retry", sequential=True)):
        await body.until_fired(2)
    assert diary.before("finish") == [
        "Error in executing task: [ESB_TASK][t] key 0: refused",
        "written",
    ]


async def test_a_body_that_is_cut_short_is_told_before_its_task_is_given_up(
    tmp_path: Path, diary: Diary
) -> None:
    body = Recorder()
    body.gate.clear()
    async with node(tmp_path / "tasks.json", task(body, seconds=60)) as life:
        await body.until_fired(1)
        await life.tasks.leave(0.1)
    assert diary.before("release") == ["Occurrence 0 of task [t] began and was cut short", "written"]

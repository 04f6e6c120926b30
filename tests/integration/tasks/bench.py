"""A node's tasks on the table of a node that is alone, with a table that can be made to fail."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from micro_integrator.cluster import Claim, FenceRow, Standalone
from micro_integrator.cluster.fence_file import FenceFile
from micro_integrator.database import OutcomeUnknown, Unreachable
from micro_integrator.tasks import Fire, Interval, Limits, Planning, Task, Tasks, make_resolver

USUAL = Limits()
PLANNING = Planning(make_resolver(None, None), rebalances=False, period=2.0)


class MoodyFences(FenceFile):
    """Loses answers or requests of claims, as a network does."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.lost_answers = 0
        self.lost_requests = 0
        self.claim_ids: list[str] = []

    async def claim(self, claims: Sequence[Claim], claim_id: str) -> set[str]:
        """See FenceTable."""
        self.claim_ids.append(claim_id)
        if self.lost_requests:
            self.lost_requests -= 1
            raise Unreachable("the request was lost")
        met = await super().claim(claims, claim_id)
        if self.lost_answers:
            self.lost_answers -= 1
            raise OutcomeUnknown("the answer was lost")
        return met


class Recorder:
    """A body that remembers its fires and can be told to wait or to fail."""

    def __init__(self) -> None:
        self.fires: list[Fire] = []
        self.ended: list[int | None] = []
        self.running = 0
        self.most_running = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None
        self._news = asyncio.Condition()

    async def __call__(self, fire: Fire) -> None:
        """Run once."""
        self.fires.append(fire)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await self._tell()
        try:
            await self.gate.wait()
            if self.error is not None:
                raise self.error
            self.ended.append(fire.key)
        finally:
            self.running -= 1
        await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def until_fired(self, times: int, limit: float = 10.0) -> None:
        """Wait until the body was started so often."""
        async with asyncio.timeout(limit), self._news:
            await self._news.wait_for(lambda: len(self.fires) >= times)

    @property
    def keys(self) -> list[int | None]:
        """The keys fired, in order."""
        return [fire.key for fire in self.fires]


class Node:
    """One life of a process: its tasks and the table they are in."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.cluster = Standalone("node-1", path)
        self.fences = MoodyFences(path)
        self.cluster.fences = self.fences
        self.tasks = Tasks(self.cluster, path.with_suffix(".pinned"), limits, PLANNING)

    async def row(self, name: str = "t") -> FenceRow:
        """Return the row of a task."""
        row = await self.fences.read_one(name)
        assert row is not None
        return row

    async def until_state(self, state: str, name: str = "t") -> FenceRow:
        """Wait until the row shows a state."""
        async with asyncio.timeout(10):
            while (row := await self.fences.read_one(name)) is None or row.state != state:
                await asyncio.sleep(0.02)
        return row


@asynccontextmanager
async def node(path: Path, *tasks: Task, limits: Limits = USUAL) -> AsyncIterator[Node]:
    """A process with these tasks deployed; leaving the block is a crash, unless `tasks.leave` was called."""
    life = Node(path, limits)
    async with life.cluster, life.tasks:
        for task in tasks:
            life.tasks.add(task)
        await life.tasks.deployed()
        yield life


def task(body: Recorder, *, name: str = "t", seconds: int = 1, count: int | None = None, **more: Any) -> Task:
    """A task on an interval."""
    settings: dict[str, Any] = {"definition_hash": f"{seconds}/{count}", "body_hash": "b", **more}
    return Task(name, Interval(seconds, count), count, body, **settings)

"""Passes come when they are asked for, and otherwise after their period, which may change while they run."""

import asyncio
from pathlib import Path

from micro_integrator.cluster import Standalone
from micro_integrator.tasks.passes import Passes


class Counted(Passes):
    """Counts its passes."""

    count = 0

    async def make_pass(self) -> None:
        """See Passes."""
        self.count += 1


async def test_a_new_period_counts_from_the_next_pass_on(tmp_path: Path) -> None:
    async with Counted("passes", Standalone("node-1", tmp_path / "tasks.json"), period=3600) as passes:
        passes.wake()
        await until(passes, 1)
        passes.period = 0.01
        passes.wake()
        await until(passes, 5)


async def until(passes: Counted, count: int) -> None:
    async with asyncio.timeout(10):
        while passes.count < count:
            await asyncio.sleep(0.01)

"""Real processes, with the real numbers: the killed one is known to be dead at once, the frozen one never."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from integration.wire.groups import KEY, Group, Node

from micro_integrator.cluster.wire import Limits, Neighbour
from micro_integrator.kit import boottime

SCRIPT = Path(__file__).with_name("lone_member.py")


@dataclass
class Watched:
    """A process, and a wire in this one that is connected to it."""

    process: asyncio.subprocess.Process
    watcher: Node


@pytest.fixture
async def watched(group: Group) -> AsyncIterator[Watched]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), KEY, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        endpoint = (await process.stdout.readline()).decode().strip()
        watcher = await group.add("node-1", limits=Limits())
        watcher.wire.set_members([Neighbour("node-2", "boot of node-2", endpoint, 1)], 1)
        await watcher.heard.until("completeness", True)
        await asyncio.sleep(Limits().settled + 0.1)
        yield Watched(process, watcher)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_process_that_gets_sigkill_is_dead_within_a_moment(watched: Watched) -> None:
    killed_at = boottime()
    watched.process.send_signal(signal.SIGKILL)
    await watched.watcher.heard.until("evidence", "node-2", "boot of node-2", "REFUSED")
    assert boottime() - killed_at < 2.5  # 0.1 s where nothing else runs


async def test_a_process_that_gets_sigstop_is_silent_and_no_suspect(watched: Watched) -> None:
    watched.process.send_signal(signal.SIGSTOP)
    await watched.watcher.heard.until("completeness", False)  # silent for 3.5 s, missing for 2 s
    assert watched.watcher.heard.of("suspected", "evidence") == []
    watched.watcher.heard.forget()
    watched.process.send_signal(signal.SIGCONT)
    await watched.watcher.heard.until("completeness", True)
    assert watched.watcher.heard.of("suspected", "evidence") == []

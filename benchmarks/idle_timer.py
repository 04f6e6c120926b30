"""How late an idle event loop calls a timer on this machine: what the operating system costs, without any product.

Run as a process of its own beside a measurement; it prints the latenesses in ms as a JSON list when it ends.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvloop

PERIOD = 0.01
"""Seconds between two timers."""


class IdleTimer:
    """A running timer; `latenesses` is filled when the block has ended."""

    def __init__(self) -> None:
        self.latenesses: list[float] = []


@contextmanager
def idle_timer() -> Iterator[IdleTimer]:
    """Measure in another process for as long as the block lasts."""
    timer = IdleTimer()
    command = [sys.executable, "-m", "benchmarks.idle_timer"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield timer
            timer.latenesses = json.loads(process.communicate("stop\n", timeout=10)[0])
        finally:
            process.terminate()


async def _measure() -> list[float]:
    loop = asyncio.get_running_loop()
    stop = loop.run_in_executor(None, sys.stdin.readline)
    latenesses = []
    while not stop.done():
        due = loop.time() + PERIOD
        await asyncio.sleep(PERIOD)
        latenesses.append(round((loop.time() - due) * 1000, 3))
    return latenesses


if __name__ == "__main__":
    print(json.dumps(uvloop.run(_measure())))

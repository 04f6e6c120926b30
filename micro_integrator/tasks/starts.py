"""Starts that may fail: what a node must do before the first run of a task it was given (coordination 8.5).

A start that fails is tried again after 1, 5 and 15 seconds; then this node refuses the task until it is deployed
again, and says so in its publication, so that another node gets it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from micro_integrator.cluster import FenceRow
from micro_integrator.kit import Component, SystemClock, boottime
from micro_integrator.observability import get_logger
from micro_integrator.tasks.task import Task

log = get_logger("TaskFence")

PAUSES = (1.0, 5.0, 15.0)
"""Seconds before each repetition of a failed start."""


class Starts:
    """The starts under way on this node. `wake` is called when one has ended."""

    def __init__(self, home: Component, wake: Callable[[], None]) -> None:
        self._home, self._wake = home, wake
        self._clock = SystemClock()
        self._under_way: dict[str, tuple[int, asyncio.Task[None]]] = {}
        self._done: dict[str, int] = {}
        """Task → the fence under which it was started."""
        self._refused: dict[str, float] = {}

    def ready(self, rows: Iterable[FenceRow], deployed: Mapping[str, Task]) -> list[FenceRow]:
        """Return the rows whose tasks may run now; the starts of the others are begun, or go on."""
        return [row for row in rows if self._is_ready(row, deployed[row.task])]

    def refuses(self, task: str) -> bool:
        """Whether this node could not start `task`."""
        return task in self._refused

    def refused_before(self, moment: float) -> list[str]:
        """Return the tasks refused before `moment` (boot-time seconds)."""
        return [task for task, at in self._refused.items() if at < moment]

    def forgive(self, task: str) -> None:
        """Forget a refusal: deployed again, or nobody else can start it either."""
        self._refused.pop(task, None)
        self._done.pop(task, None)
        if (attempt := self._under_way.pop(task, None)) is not None:
            attempt[1].cancel()

    def _is_ready(self, row: FenceRow, task: Task) -> bool:
        if task.prepare is None or self._done.get(row.task) == row.fence:
            return True
        fence, attempt = self._under_way.get(row.task, (-1, None))
        if fence != row.fence:
            if attempt is not None:
                attempt.cancel()
            work = self._home.spawn(self._start(task, row.fence), f"start of {task.name}")
            self._under_way[task.name] = row.fence, work
        return False

    async def _start(self, task: Task, fence: int) -> None:
        assert task.prepare is not None  # noqa: S101 - the caller has looked
        for pause in (*PAUSES, None):
            try:
                await task.prepare()
            except Exception as error:  # a start may fail in any way
                if pause is None:
                    self._refuse(task, error)
                    break
                log.warning(
                    "Start of task [{task}] failed, trying again in {pause:g} s: {error}",
                    task=task.name,
                    pause=pause,
                    error=str(error) or repr(error),
                )
                await self._clock.sleep(pause)
            else:
                self._done[task.name] = fence
                break
        del self._under_way[task.name]
        self._wake()

    def _refuse(self, task: Task, error: Exception) -> None:
        self._refused[task.name] = boottime()
        log.warning(
            "Task [{task}] could not be started here; refused until redeployed: {error}",
            task=task.name,
            error=str(error) or repr(error),
        )
